"""Queries that take longer than any test waits, over tables that every database has."""

_TABLES = "FROM tap_schema.columns AS a, tap_schema.columns AS b, tap_schema.columns AS c"

MANY = f"SELECT a.description, b.description, c.column_name {_TABLES}"
"""Rows at once, and ever more of them."""

ENDLESS = (
    f"SELECT COUNT(*) {_TABLES}, tap_schema.tables AS d"
    " WHERE a.description || b.description || c.description || d.description = 'x'"
)
"""Hours without a row: no join decides anything before the last."""
