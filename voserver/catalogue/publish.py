"""An operator's own table: a Felis file says what it is, another holds its rows.

Importing this module costs seconds (the felis package): only the command that publishes does.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import psycopg
from felis.datamodel import Column as FelisColumn
from felis.datamodel import Schema as FelisSchema
from felis.datamodel import Table as FelisTable
from psycopg import sql

from voserver.catalogue import engine, felis, roles, rows, sky
from voserver.catalogue.drafts import PRODUCT_COLUMN, position_names
from voserver.model.columns import Column, Datatype
from voserver.model.errors import UsageError
from voserver.model.regions import parse_region
from voserver.model.reserved import RESERVED
from voserver.model.tables import TableColumn

_OURS = {*roles.PUBLISHED_SCHEMAS, "archive", "sky", "public", "information_schema", "tap_upload"}
_SHAPE = re.compile(r"(?:[1-9]\d{0,8}x)*(?:[1-9]\d{0,8}\*?|\*)", re.ASCII)
_FAULTS = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.RaiseException,
    psycopg.errors.DuplicateColumn,  # also of a name that PostgreSQL's own columns have, like xmin
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.TooManyColumns,
)
_POSITION = {"pos.eq.ra", "pos.eq.dec"}
_POSTGRESQL_TYPES: dict[Datatype, str] = {
    "boolean": "boolean",
    "short": "smallint",
    "int": "integer",
    "long": "bigint",
    "float": "real",
    "double": "double precision",
    "char": "text",
}


@dataclass(frozen=True)
class Published:
    """What was made."""

    table: str
    rows: int
    left_out: tuple[str, ...]
    """Columns of the data that the Felis file does not name."""
    searchable: bool
    """Whether positions or footprints were found and indexed."""
    no_positions: tuple[str, ...] = ()
    """Why columns that look like the position are none, where no others are: "ra is text"."""


@dataclass(frozen=True)
class _Plan:
    """A table to make: its description, and its columns in this service's words."""

    schema: FelisSchema[Any]
    table: FelisTable
    columns: tuple[TableColumn, ...]
    indexed: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return felis.full_name(self.schema, self.table)

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema.name.lower(), self.table.name.lower())

    def position(self) -> tuple[str, str] | None:
        """The columns of the main position, by UCD: those that say so, or the only ones."""
        found = [self._by_ucd(ucd) for ucd in ("pos.eq.ra", "pos.eq.dec")]
        return (found[0], found[1]) if found[0] and found[1] else None

    def no_positions(self) -> tuple[str, ...]:
        """What is wrong with columns that by UCD or customary name should be the position, where none is."""
        if self.position():
            return ()
        named = {name.lower() for name in position_names([one.name for one in self.columns])}
        looking = (one for one in self.columns if one.sql_name in named or _words(one) & _POSITION)
        return tuple(_no_position(one.column) for one in looking if not one.column.can_be_degrees)

    def _by_ucd(self, ucd: str) -> str | None:
        words = {c.sql_name: _words(c) for c in self.columns if c.column.can_be_degrees}
        named = [name for name, parts in words.items() if ucd in parts]
        main = [name for name in named if "meta.main" in words[name]]
        return main[0] if main else named[0] if len(named) == 1 else None


def _words(column: TableColumn) -> set[str]:
    """The words of a column's UCD."""
    return set((column.column.ucd or "").lower().split(";"))


def _no_position(column: Column) -> str:
    """Why nothing can be searched by this column."""
    if column.datatype == "char":
        return f"{column.name} is text"
    if column.is_array:
        return f"{column.name} is an array"
    return (
        f"{column.name} is boolean" if column.datatype == "boolean" else f"{column.name} is in {column.unit}"
    )


def publish(
    url: str,
    description: Path,
    data: Path,
    *,
    replace: bool,
    product: str | None = None,
    report: Callable[[int], None] = lambda _rows: None,
) -> Published:
    """Make the table, fill it, index it, describe it in TAP_SCHEMA: all of it or nothing.

    Of a `product` of the archive's, its URI, every row has that in the column `product_uri` where one is described.
    `report` is told, now and then, how many rows are in.
    """
    plan = _plan(description)
    read = [one.column for one in plan.columns if product is None or one.sql_name != PRODUCT_COLUMN]
    with rows.open_rows(data, read) as source:
        with engine.connect(url) as connection:
            with _blaming(description):
                _make_room(connection, plan, replace=replace)
                _create(connection, plan, product)
            with _blaming(data):
                count = rows.copy(connection, plan.identifier, source, report)
                _check_position(connection, plan, data)
                _check_regions(connection, plan, data)
                _index(connection, plan)
            with _blaming(description):
                _describe(connection, plan)
        return Published(plan.name, count, source.left_out, bool(plan.indexed), plan.no_positions())


@contextmanager
def _blaming(file: Path) -> Iterator[None]:
    """Tell the user which file holds what PostgreSQL does not take."""
    try:
        yield
    except _FAULTS as error:
        message = error.diag.message_primary or str(error)
        raise UsageError(
            f"{file}: {message}", hint=error.diag.message_detail or error.diag.context
        ) from error
    except psycopg.Error as error:
        raise engine.translate(error) from error


def _plan(description: Path) -> _Plan:
    schema = felis.read(description)
    if len(schema.tables) != 1:
        raise UsageError(
            f"{description} describes {len(schema.tables)} tables.", hint="One table a file is published."
        )
    table = schema.tables[0]
    if schema.name.lower() in _OURS or schema.name.lower().startswith("pg_"):
        raise UsageError(f"The schema {schema.name} is the service's own.", hint="Name a schema of your own.")
    if not table.columns:
        raise UsageError(f"{description} describes no columns.")
    for name in (schema.name, table.name, *(column.name for column in table.columns)):
        if not rows.NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} is no name for a query: letters, digits and _, a letter first, at most 51."
            )
    for name in (schema.name, table.name):
        if name.upper() in RESERVED:
            raise UsageError(f"{name} is a word of ADQL's own, not a name for a table or schema.")
    columns = tuple(TableColumn(_column(column)) for column in table.columns)
    if len({column.sql_name for column in columns}) < len(columns):
        raise UsageError(f"{description} has two columns whose names differ only in upper and lower case.")
    return _Plan(schema, table, columns)


def _column(column: FelisColumn) -> Column:
    is_time = str(column.datatype) == "timestamp"
    shape = felis.arraysize(column)
    if shape is not None and not _SHAPE.fullmatch(shape):
        raise UsageError(
            f"Column {column.id} has the arraysize “{shape[:40]}”.", hint="It is like 3, * or 2x*."
        )
    return Column(
        name=column.name,
        datatype=cast("Datatype", felis.datatype(column)),
        arraysize=shape,
        xtype=column.votable_xtype or ("timestamp" if is_time else None),
        unit=str(unit) if (unit := column.ivoa_unit or column.fits_tunit) else None,
        ucd=column.ivoa_ucd,
    )


def _make_room(connection: psycopg.Connection, plan: _Plan, *, replace: bool) -> None:
    """Make the schema; remove the table of that name where that was asked for and we made it."""
    schema = sql.Identifier(plan.schema.name.lower())
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
    where = [plan.schema.name.lower(), plan.table.name.lower()]
    there = connection.execute(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = %s", where
    ).fetchone()
    if there is None:
        return
    ours = connection.execute(
        "SELECT 1 FROM tap_schema.tables WHERE lower(table_name) = %s AND table_type = 'table'",
        [".".join(where)],
    ).fetchone()
    if ours is None:
        raise UsageError(
            f"The database has a table {plan.name} that was not published.", hint="Choose another name."
        )
    if not replace:
        raise UsageError(f"The table {plan.name} is published already.", hint="To replace it: --replace")
    connection.execute(sql.SQL("DROP TABLE {}").format(plan.identifier))


def _create(connection: psycopg.Connection, plan: _Plan, product: str | None) -> None:
    required = {column.name for column in plan.table.columns if not column.nullable}
    parts: list[sql.Composable] = []
    for column in plan.columns:
        name = sql.Identifier(column.sql_name)
        constraint: sql.Composable = sql.SQL(" NOT NULL" if column.name in required else "")
        if product is not None and column.sql_name == PRODUCT_COLUMN:
            constraint += sql.SQL(" DEFAULT ") + sql.Literal(product)
        parts.append(sql.SQL("{} {}{}").format(name, sql.SQL(_type(column.column)), constraint))
        if column.is_region or column.geometry:
            made = sky.companion(name.as_string(), column.geometry)
            shape = sql.Identifier(column.shape_name)
            parts.append(
                sql.SQL("{} sky.region GENERATED ALWAYS AS ({}) STORED").format(shape, sql.SQL(made))
            )
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(plan.identifier, sql.SQL(", ").join(parts)))


def _check_position(connection: psycopg.Connection, plan: _Plan, data: Path) -> None:
    """Refuse positions that are none, of the first such row; a NaN is a position that is not known."""
    if not (position := plan.position()):
        return
    longitude, latitude = map(sql.Identifier, position)
    found = connection.execute(
        sql.SQL(
            "WITH bad AS (SELECT min(ctid) AS first FROM {table}"
            " WHERE {ra}::float8 <> 'NaN' AND {ra} NOT BETWEEN 0 AND 360"
            " OR {dec}::float8 <> 'NaN' AND {dec} NOT BETWEEN -90 AND 90)"
            " SELECT {ra}, {dec}, (SELECT count(*) FROM {table} WHERE ctid <= first)"
            " FROM {table}, bad WHERE ctid = first"
        ).format(ra=longitude, dec=latitude, table=plan.identifier)
    ).fetchone()
    if found is not None:
        ra, dec = ("nothing" if value is None else value for value in found[:2])
        raise UsageError(
            f"{data}: row {found[2]:,} has {position[0]} {ra} and {position[1]} {dec}: no position.",
            hint="In degrees right ascension is from 0 to 360, declination from -90 to 90; or they are empty.",
        )


def _check_regions(connection: psycopg.Connection, plan: _Plan, data: Path) -> None:
    """Refuse footprints that are none: the database takes them for null, and no search would find them."""
    for column in plan.columns:
        if not (column.is_region or column.geometry):
            continue
        name, shape = sql.Identifier(column.sql_name), sql.Identifier(column.shape_name)
        found = connection.execute(
            sql.SQL("SELECT {name} FROM {table} WHERE {shape} IS NULL AND {name} IS NOT NULL LIMIT 1").format(
                name=name, table=plan.identifier, shape=shape
            )
        ).fetchone()
        if found is not None:
            given = found[0] if isinstance(found[0], str) else " ".join(map(str, found[0]))
            status = parse_region(given).status.split(": ", 1)
            reason = status[1] if len(status) > 1 else "it has numbers beyond what such a shape has"
            raise UsageError(
                f"{data}: {column.sql_name} '{given[:100]}' is not a region: {reason}.",
                hint="It is like 'Circle ICRS 10.5 -20.1 0.5', or empty.",
            )


def _type(column: Column) -> str:
    if column.is_timestamp:
        return "timestamp"
    return _POSTGRESQL_TYPES[column.datatype] + ("[]" if column.is_array else "")


def _index(connection: psycopg.Connection, plan: _Plan) -> None:
    """Index the position, the footprints and what the Felis file asks for; count for the planner."""
    if position := plan.position():
        longitude, latitude = (sql.SQL("{}::float8").format(sql.Identifier(name)) for name in position)
        _add(
            connection, plan, sql.SQL("USING gist (sky.point({}, {}))").format(longitude, latitude), position
        )
    for column in plan.columns:
        if column.is_region or column.geometry:
            shape = sql.SQL("USING gist (sky.bounds({}))").format(sql.Identifier(column.shape_name))
            _add(connection, plan, shape, [column.sql_name])
    wanted = [index.columns for index in plan.table.indexes if index.columns]
    for references in wanted:
        names = [reference.rsplit(".", 1)[-1].removeprefix("#").lower() for reference in references]
        unknown = [name for name in names if name not in {column.sql_name for column in plan.columns}]
        if unknown:
            raise UsageError(f"An index of {plan.name} has the column {unknown[0]}, which the table lacks.")
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        _add(connection, plan, sql.SQL("({})").format(columns), names[:1])
    connection.execute(sql.SQL("ANALYZE {}").format(plan.identifier))


def _add(connection: psycopg.Connection, plan: _Plan, how: sql.Composable, names: Sequence[str]) -> None:
    connection.execute(sql.SQL("CREATE INDEX ON {} {}").format(plan.identifier, how))
    plan.indexed.update(names)


def _describe(connection: psycopg.Connection, plan: _Plan) -> None:
    felis.publish_table(connection, plan.schema, plan.table)
    connection.execute(
        "UPDATE tap_schema.columns SET indexed = 1"
        " WHERE table_name = %s AND lower(trim('\"' FROM column_name)) = ANY(%s)",
        [plan.name, sorted(plan.indexed)],
    )
    connection.execute(
        "UPDATE tap_schema.columns SET xtype = 'timestamp'"
        " WHERE table_name = %s AND trim('\"' FROM column_name) = ANY(%s) AND xtype IS NULL",
        [plan.name, [column.name for column in plan.columns if column.column.is_timestamp]],
    )
    role = sql.Identifier(roles.QUERY_ROLE)
    schema = sql.Identifier(plan.schema.name.lower())
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
    connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(plan.identifier, role))
