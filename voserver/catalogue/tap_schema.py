"""What TAP_SCHEMA says, as the tables that queries are checked against. The running server's only source of names."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast, get_args

import psycopg
from psycopg.rows import DictRow, dict_row

from voserver.model.columns import Column, Datatype
from voserver.model.errors import Unavailable
from voserver.model.tables import ForeignKey, Schema, Table, TableColumn, Tables

_DATATYPES = frozenset(get_args(Datatype))


def load_tables(connection: psycopg.Connection[Any]) -> Tables:
    """Every published schema, table, column and key, in the order to show them."""
    with connection.cursor(row_factory=dict_row) as cursor:
        columns = _by(
            cursor, "table_name", "SELECT * FROM tap_schema.columns ORDER BY column_index, column_name"
        )
        pairs = _by(cursor, "key_id", "SELECT * FROM tap_schema.key_columns ORDER BY from_column")
        keys = _by(cursor, "from_table", "SELECT * FROM tap_schema.keys ORDER BY key_id")
        tables = _by(
            cursor, "schema_name", "SELECT * FROM tap_schema.tables ORDER BY table_index, table_name"
        )
        cursor.execute(
            "SELECT n.nspname || '.' || c.relname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.attname = 'readable__'"
        )
        ruled = frozenset(row["name"] for row in cursor.fetchall())
        cursor.execute("SELECT * FROM tap_schema.schemas ORDER BY schema_index, schema_name")
        schemas = cursor.fetchall()
    return Tables(
        tuple(
            Schema(
                name=schema["schema_name"],
                tables=tuple(
                    replace(
                        _table(row, columns[row["table_name"]], keys[row["table_name"]], pairs),
                        is_ruled=row["table_name"].lower() in ruled,
                    )
                    for row in tables[schema["schema_name"]]
                ),
                description=schema["description"],
                utype=schema["utype"],
                index=schema["schema_index"] or 0,
            )
            for schema in schemas
        )
    )


def _by(cursor: psycopg.Cursor[DictRow], key: str, query: str) -> Mapping[str, list[DictRow]]:
    """The rows of a query, grouped by one of their columns."""
    groups: defaultdict[str, list[DictRow]] = defaultdict(list)
    for row in cursor.execute(query.encode()):
        groups[row[key]].append(row)
    return groups


def _table(
    row: DictRow, columns: Sequence[DictRow], keys: Sequence[DictRow], pairs: Mapping[str, Sequence[DictRow]]
) -> Table:
    return Table(
        schema=row["schema_name"],
        name=row["table_name"].removeprefix(f"{row['schema_name']}."),
        columns=tuple(_column(column) for column in columns),
        kind=row["table_type"],
        utype=row["utype"],
        description=row["description"],
        index=row["table_index"] or 0,
        foreign_keys=tuple(
            ForeignKey(
                key_id=key["key_id"],
                from_table=key["from_table"],
                target_table=key["target_table"],
                columns=tuple((pair["from_column"], pair["target_column"]) for pair in pairs[key["key_id"]]),
                description=key["description"],
                utype=key["utype"],
            )
            for key in keys
        ),
    )


def _column(row: DictRow) -> TableColumn:
    if row["datatype"] not in _DATATYPES:
        raise Unavailable(
            f"TAP_SCHEMA says that {row['table_name']}.{row['column_name']} is of type {row['datatype']}, "
            "which this service does not know.",
            hint="`voserver db upgrade` writes TAP_SCHEMA anew.",
        )
    return TableColumn(
        column=Column(
            # TAP_SCHEMA has the one name that is a reserved word as queries write it: "size" (TAP 1.1 §4.3).
            name=row["column_name"].strip('"'),
            datatype=cast("Datatype", row["datatype"]),
            arraysize=row["arraysize"],
            xtype=row["xtype"],
            unit=row["unit"],
            ucd=row["ucd"],
            utype=row["utype"],
            description=row["description"],
        ),
        indexed=bool(row["indexed"]),
        principal=bool(row["principal"]),
        std=bool(row["std"]),
        index=row["column_index"] or 0,
    )
