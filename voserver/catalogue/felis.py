"""From Felis files (the one source of published columns) to TAP_SCHEMA and to comments in the database.

Importing this module costs seconds (the felis package): only what changes the schema does.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import yaml
from felis.datamodel import Column as FelisColumn
from felis.datamodel import ForeignKeyConstraint
from felis.datamodel import Schema as FelisSchema
from felis.datamodel import Table as FelisTable
from psycopg import sql
from typing_extensions import override

from voserver.model.errors import UsageError
from voserver.model.reserved import delimited

_DATATYPES = {
    "boolean": "boolean",
    "short": "short",
    "int": "int",
    "long": "long",
    "float": "float",
    "double": "double",
    "char": "char",
    "string": "char",
    "unicode": "char",
    "text": "char",
    "timestamp": "char",
}
"""Felis types by the VOTable datatype that carries them (`model.columns.Datatype`)."""

_LARGEST = 4 << 20
"""Bytes of a Felis file: those of whole observatories have one or two million."""

_ORDER = ("ivoa", "jwst", "caom2", "tap_schema")
"""The schemas in the order that a reader wants them; others follow."""


class _Loader(yaml.SafeLoader):
    """YAML without anchors and aliases: no Felis file needs them, and a few lines of them stand for gigabytes."""

    @override
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None:  # an alias's, too
            where = f"line {event.start_mark.line + 1:,}" if event.start_mark else "somewhere"
            raise yaml.YAMLError(f"it has an anchor or alias (& or *) in {where}: write out what is meant")
        return super().compose_node(parent, index)


def read(file: Path) -> FelisSchema[Any]:
    """A Felis file, checked. `UsageError` says what is wrong in it."""
    if not file.is_file():
        raise UsageError(f"There is no file {file}.")
    if file.stat().st_size > _LARGEST:
        raise UsageError(f"{file} is no valid Felis file: it has more than {_LARGEST >> 20} MiB.")
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 -- a SafeLoader
        return FelisSchema.model_validate(content, context={"id_generation": True, "check_description": True})
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        # What felis runs into where the file's outline is not that of a schema.
        raise UsageError(
            f"{file} is no valid Felis file: {error}",
            hint="It is a mapping with name, description and tables; a table has name, description and columns.",
        ) from error
    except (
        ValueError,
        yaml.YAMLError,
        OSError,
    ) as error:  # also pydantic's, and numbers and dates that are none
        raise UsageError(f"{file} is no valid Felis file: {error}") from error


def publish(connection: psycopg.Connection, files: Iterable[Path]) -> None:
    """Fill TAP_SCHEMA from these files, replacing what it says of their schemas, and comment what they describe."""
    schemas = sorted((read(file) for file in files), key=_schema_order)
    if not schemas:
        return
    names = [schema.name for schema in schemas]
    connection.execute("DELETE FROM tap_schema.schemas WHERE schema_name = ANY(%s)", [names])
    with connection.cursor() as cursor:
        for index, schema in enumerate(schemas):
            _publish_schema(cursor, schema, index)
        # Keys last: they point across tables.
        for schema in schemas:
            for table in schema.tables:
                _publish_keys(cursor, schema, table)


def publish_table(connection: psycopg.Connection, schema: FelisSchema[Any], table: FelisTable) -> None:
    """Describe one table in TAP_SCHEMA, in place of what was said of it, beside the other tables of its schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tap_schema.schemas (schema_name, utype, description, schema_index)"
            " VALUES (%s, %s, %s, 100) ON CONFLICT (schema_name) DO UPDATE"
            " SET utype = excluded.utype, description = excluded.description",
            [schema.name, schema.votable_utype, schema.description],
        )
        cursor.execute("DELETE FROM tap_schema.tables WHERE table_name = %s", [full_name(schema, table)])
        _publish_table(cursor, schema, table)
        _publish_keys(cursor, schema, table)


def _schema_order(schema: FelisSchema[Any]) -> tuple[int, str]:
    return (_ORDER.index(schema.name) if schema.name in _ORDER else len(_ORDER), schema.name)


def full_name(schema: FelisSchema[Any], table: FelisTable) -> str:
    """`schema.table`, as users write it."""
    return f"{schema.name}.{table.name}"


def datatype(column: FelisColumn) -> str:
    """The VOTable datatype of a column; `UsageError` for the few of Felis that this service does not carry."""
    wanted = _DATATYPES.get(str(column.datatype))
    if wanted is None:
        raise UsageError(
            f"Column {column.id} is of type {column.datatype}, which this service does not publish.",
            hint=f"Use one of: {', '.join(_DATATYPES)}.",
        )
    return wanted


def arraysize(column: FelisColumn) -> str | None:
    """The VOTable shape; null for scalars, never "1"."""
    given = column.votable_arraysize
    if given is None:
        return "*" if datatype(column) == "char" else None
    return None if str(given) == "1" else str(given)


def indexed_columns(table: FelisTable) -> set[str]:
    """The columns that an index leads with, by their Felis ids."""
    return {index.columns[0] for index in table.indexes if index.columns}


def _size(shape: str | None) -> int | None:
    """TAP 1.1 §4.3: the whole number in a one-dimensional arraysize."""
    digits = (shape or "").removesuffix("*")
    return int(digits) if digits.isdigit() else None


def _publish_schema(cursor: psycopg.Cursor[Any], schema: FelisSchema[Any], index: int) -> None:
    cursor.execute(
        "INSERT INTO tap_schema.schemas (schema_name, utype, description, schema_index) VALUES (%s, %s, %s, %s)",
        [schema.name, schema.votable_utype, schema.description, index],
    )
    _comment(cursor, "SCHEMA", [schema.name], schema.description)
    for table in schema.tables:
        _publish_table(cursor, schema, table)


def _publish_table(cursor: psycopg.Cursor[Any], schema: FelisSchema[Any], table: FelisTable) -> None:
    name = full_name(schema, table)
    kind = _kind(cursor, schema.name, table.name)
    cursor.execute(
        "INSERT INTO tap_schema.tables (schema_name, table_name, table_type, utype, description, table_index)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [schema.name, name, kind, table.votable_utype, table.description, table.tap_table_index],
    )
    _comment(cursor, kind.upper(), [schema.name, table.name], table.description)
    indexed = indexed_columns(table)
    for position, column in enumerate(table.columns, start=1):
        _publish_column(cursor, name, column, position, is_indexed=column.id in indexed)
        _comment(cursor, "COLUMN", [schema.name, table.name, column.name], column.description)


def _publish_column(
    cursor: psycopg.Cursor[Any], table: str, column: FelisColumn, position: int, *, is_indexed: bool
) -> None:
    shape = arraysize(column)
    cursor.execute(
        "INSERT INTO tap_schema.columns (table_name, column_name, datatype, arraysize, xtype, size, description,"
        " utype, unit, ucd, indexed, principal, std, column_index)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            table, delimited(column.name), datatype(column), shape, column.votable_xtype, _size(shape),
            column.description, column.votable_utype,
            column.ivoa_unit or column.fits_tunit, column.ivoa_ucd, int(is_indexed),
            column.tap_principal or 0, column.tap_std or 0,
            position if column.tap_column_index is None else column.tap_column_index,
        ],
    )  # fmt: skip


def _publish_keys(cursor: psycopg.Cursor[Any], schema: FelisSchema[Any], table: FelisTable) -> None:
    for key in table.constraints:
        if not isinstance(key, ForeignKeyConstraint):
            continue
        pairs = [
            (_column_name(a), _column_name(b))
            for a, b in zip(key.columns, key.referenced_columns, strict=True)
        ]
        target = f"{schema.name}.{_table_name(key.referenced_columns)}"
        cursor.execute(
            "INSERT INTO tap_schema.keys (key_id, from_table, target_table, description, utype)"
            " VALUES (%s, %s, %s, %s, %s)",
            [key.name, full_name(schema, table), target, key.description, key.votable_utype],
        )
        cursor.executemany(
            "INSERT INTO tap_schema.key_columns (key_id, from_column, target_column) VALUES (%s, %s, %s)",
            [(key.name, *pair) for pair in pairs],
        )


def _column_name(reference: str) -> str:
    """`#Table.column` → `column`, as queries write it."""
    return delimited(reference.rsplit(".", 1)[-1].removeprefix("#"))


def _table_name(references: Sequence[str]) -> str:
    """`#Table.column` → `Table`."""
    return references[0].removeprefix("#").split(".", 1)[0]


def _kind(cursor: psycopg.Cursor[Any], schema: str, table: str) -> str:
    """`table` or `view`, as the database has it."""
    cursor.execute(
        "SELECT table_type FROM information_schema.tables WHERE table_schema = %s AND table_name = %s",
        [schema.lower(), table.lower()],
    )
    found = cursor.fetchone()
    if found is None:
        raise UsageError(f"The table {schema}.{table} is described, but the database does not have it.")
    return "view" if found[0] == "VIEW" else "table"


def _comment(cursor: psycopg.Cursor[Any], kind: str, name: Sequence[str], text: str | None) -> None:
    """COMMENT ON it, in PostgreSQL's spelling of the name."""
    target = sql.SQL(".").join(sql.Identifier(part.strip('"').lower()) for part in name)
    cursor.execute(sql.SQL("COMMENT ON {} {} IS {}").format(sql.SQL(kind), target, sql.Literal(text)))
