"""Which tables an operator has published, and taking one back."""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from voserver.catalogue import engine, roles
from voserver.model.errors import NotFound, UsageError


@dataclass(frozen=True, slots=True)
class Publication:
    """A table that an operator has published; `rows` as the planner counts them, `size` in bytes with its indexes."""

    table: str
    description: str | None
    rows: int
    size: int


_LIST = """
SELECT t.table_name, t.description, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid)
FROM tap_schema.tables AS t JOIN pg_namespace AS n ON n.nspname = lower(t.schema_name)
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = lower(split_part(t.table_name, '.', 2))
WHERE t.table_type = 'table' AND n.nspname <> ALL (%s) ORDER BY t.table_name
"""

_NOTHING_LEFT = """
SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(s)))
    AND NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = to_regnamespace(quote_ident(s)))
FROM (VALUES (%s::text)) AS v (s)
"""


def published(url: str) -> list[Publication]:
    """The operator's own tables, by name."""
    with engine.connect(url) as connection:
        return [Publication(*row) for row in connection.execute(_LIST, [list(roles.PUBLISHED_SCHEMAS)])]


def unpublish(url: str, name: str) -> Publication:
    """Drop a table that an operator has published, what TAP_SCHEMA says of it, and its schema where that is empty then.

    Raises:
        NotFound: none of that name was published.
        UsageError: something else in the database needs it.
    """
    known = published(url)
    found = next((one for one in known if one.table.lower() == name.lower()), None)
    if found is None:
        names = ", ".join(one.table for one in known) or "none"
        raise NotFound(f"No table {name[:100]} was published here.", hint=f"Published are: {names}.")
    schema, table = found.table.lower().split(".")
    try:
        with engine.connect(url) as connection:
            connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(schema, table)))
            connection.execute("DELETE FROM tap_schema.tables WHERE table_name = %s", [found.table])
            if connection.execute(_NOTHING_LEFT, [schema]).fetchone() == (True,):
                connection.execute("DELETE FROM tap_schema.schemas WHERE lower(schema_name) = %s", [schema])
                connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(schema)))
    except psycopg.errors.DependentObjectsStillExist as error:
        detail = (error.diag.message_detail or "").splitlines()
        raise UsageError(
            f"{found.table} is needed by something else in the database.", hint=detail[0]
        ) from error
    except psycopg.Error as error:
        raise engine.translate(error) from error
    return found
