"""Documents into the catalogue: an observation a transaction, and what a document does not have any more goes.

A document says all of its observation, so planes, artifacts, parts and chunks that it lacks are deleted. What CAOM does
not know of a file (its detector, say) stays where another loader has found it out.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

from voserver.catalogue import engine
from voserver.catalogue.caom_documents import trials
from voserver.catalogue.caom_documents.deleting import Confirm, Guard, TooManyError, UnconfirmedError
from voserver.catalogue.caom_documents.identities import adopt, keep_to_one_plane, known
from voserver.catalogue.caom_documents.reading import LARGEST, Document, Row, read
from voserver.catalogue.caom_documents.rows import Tables, rows_of
from voserver.catalogue.ingest import bulk
from voserver.model.errors import NotFound, ServiceError, UsageError

Source = tuple[str, Callable[[], bytes]]
"""Where a document is from, and what reads it."""


@dataclass(slots=True)
class Loaded:
    """What became of the observations, and of which documents none could be made, with the reason."""

    added: int = 0
    changed: int = 0
    same: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    noted: list[tuple[str, str]] = field(default_factory=list)
    """Remarks on documents that were loaded: what was left out, and checksums that do not fit."""
    differences: list[str] = field(default_factory=list)
    """What the last document would have changed, in a trial."""


def documents_at(path: Path) -> Iterator[Source]:
    """A file, or all files of a directory that end in .xml or .json.

    Raises:
        NotFound: there is nothing at the path.
    """
    if path.is_dir():
        for file in sorted(one for one in path.rglob("*") if one.suffix in {".xml", ".json"}):
            yield str(file), lambda file=file: _content(file)  # type: ignore[misc]
    elif path.is_file():
        yield str(path), lambda: _content(path)
    else:
        raise NotFound(f"There is nothing at {path}.")


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of an observation."""

    outcome: str
    """`added`, `changed` or `same`."""
    elsewhere: Sequence[str] = ()
    """Files that other planes have already."""
    deleted: int = 0
    """Planes and files that the document has not got any more."""


def load(
    url: str,
    authority: str,
    sources: Iterable[Source],
    *,
    is_trial: bool = False,
    confirm: Confirm = lambda _: True,
) -> Iterator[Loaded]:
    """Load documents, and say after each what became of all so far. One that is wrong is set aside.

    Args:
        url: of the database.
        authority: that of the identifiers that planes get.
        sources: the documents.
        is_trial: nothing stays; what would have changed is told.
        confirm: asked before more than one in a hundred of a collection's planes and files are deleted.

    Raises:
        UsageError: they would be, and nobody agrees. Documents before that are loaded.
        ServiceError: the database is away.
    """
    loaded = Loaded()
    with engine.connect(url) as connection:
        one = _Load(connection, authority, is_trial, Guard(confirm, agreed=is_trial), loaded)
        for name, content in sources:
            loaded.differences = []
            try:
                document = read(content())
                try:
                    one.take(name, document)
                except TooManyError as question:
                    one.guard.ask(question)
                    one.take(name, document)
            except UnconfirmedError:  # which ends the load, not only this document
                raise
            except (UsageError, OSError) as error:
                loaded.refused.append(
                    (name, error.message if isinstance(error, ServiceError) else str(error))
                )
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                loaded.refused.append((name, str(error).partition("\n")[0]))
            except psycopg.Error as error:
                raise engine.translate(error) from error
            yield loaded


@dataclass(frozen=True, slots=True)
class _Load:
    connection: psycopg.Connection
    authority: str
    is_trial: bool
    guard: Guard
    loaded: Loaded

    def take(self, name: str, document: Document) -> None:
        """Load a document, or see what that would change."""
        with self.connection.transaction(force_rollback=self.is_trial):
            before = trials.rows(self.connection, document.name) if self.is_trial else {}
            stored = store(self.connection, document, self.authority)
            self.guard.check(self.connection, document.observation.row["collection"], stored.deleted)
            if self.is_trial:
                after = trials.rows(self.connection, document.name)
                self.loaded.differences = trials.differences(before, after)
        if document.misfits:
            self.loaded.noted.append((name, f"{document.misfits} of its checksums are not of what it says"))
        self.loaded.noted += [(name, f"{uri} is a file of another plane already") for uri in stored.elsewhere]
        setattr(self.loaded, stored.outcome, getattr(self.loaded, stored.outcome) + 1)


def store(connection: psycopg.Connection, document: Document, authority: str) -> Stored:
    """Bring an observation into the tables."""
    tree = document.observation
    bulk.wait_for_turn(connection)  # another load could bring what is not here yet
    here = known(connection, tree)
    is_new = not any(one.level == "observation" and one.uri == document.name for one in here)
    adopt(tree, here)
    versions = {one.id: one.more for one in here if one.level == "artifact"}
    elsewhere = keep_to_one_plane(tree, here)
    rows = rows_of(tree, authority)
    for row in rows["artifact", "artifactid"]:
        row[_VERSION_WAS] = versions.get(row["artifactid"])
    members = [(tree.row, document.members)]
    inputs = [(plane.row, tuple((plane.row["provenance_inputs"] or "").split())) for plane in tree.children]
    with connection.pipeline():  # one way there and back for all, not one each
        done = [_merge(connection, table, key, some) for (table, key), some in rows.items() if some]
        gone = {} if is_new else _forget(connection, rows, tree.row["obsid"])
        done += _link(connection, "observation_member", "parentid", "memberid", members, is_new=is_new)
        done += _link(connection, "provenance_input", "outputid", "inputid", inputs, is_new=is_new)
    if is_new:
        return Stored("added", elsewhere)
    if not any(cursor.rowcount for cursor in (*done, *gone.values())):
        return Stored("same", elsewhere)
    connection.execute(_NOTED, [tree.row["obsid"]])
    return Stored("changed", elsewhere, gone["plane"].rowcount + gone["artifact"].rowcount)


_NOTED = "UPDATE archive.observation_change SET changed = archive.change_millisecond() WHERE obsid = %s"


_OWN = {
    "observation": frozenset[str](),
    "plane": frozenset(("publisherid",)),
    "artifact": frozenset(
        ("program", "observation", "visit", "visit_group", "sequence", "activity", "exposure", "segment", "suffix",
         "product_subgroup", "instrument", "mode", "instrument_name", "dataproduct_type", "access_url", "em_min",
         "em_max", "t_exptime", "s_ra", "s_dec", "s_fov", "s_region", "s_region__shape", "obs_id", "filename",
         "telescope_name")
    ),
    "part": frozenset[str](),
    "chunk": frozenset[str](),
}  # fmt: skip
"""Columns that CAOM has not: they are filled where they are empty, and left as another loader has filled them."""

_GIVEN = {"position_bounds_given", "position_bounds_status"}
"""How a footprint was given at first stays as long as it is the same one."""

_ENDS = {
    name: ends
    for ends in (
        *((f"{axis}_bounds_lower", f"{axis}_bounds_upper") for axis in ("energy", "time", "custom")),
        ("t_min", "t_max"),
    )
    for name in ends
}
"""Columns of which CAOM has both or none: where one alone is known here, a document that has none leaves it."""

_VERSION_WAS = "version_was"
"""The version that a file's plane had before: if the file had the same one, it goes with the plane's."""

_SUMS = {"metachecksum", "accmetachecksum"}
"""They make no difference by themselves: exports have their own."""

_STAMPS = ("lastmodified", "maxlastmodified")


def _merge(connection: psycopg.Connection, table: str, key: str, rows: list[Row]) -> psycopg.Cursor:
    """Add or change rows, which all have the same columns."""
    columns = tuple(name for name in rows[0] if name not in {key, _VERSION_WAS, *_STAMPS})
    cursor = connection.cursor()
    cursor.executemany(_statement(table, key, columns), rows)
    return cursor


@cache
def _statement(table: str, key: str, columns: tuple[str, ...]) -> bytes:
    new = [_new_value(table, one) for one in columns]
    names = list(map(sql.Identifier, [key, *columns]))
    marks = [sql.SQL("%({})s::float8[]" if one.endswith("__shape") else "%({})s").format(sql.SQL(one))
             for one in [key, *columns]]  # fmt: skip
    changes = [
        sql.SQL("{} = {}").format(sql.Identifier(one), value) for one, value in zip(columns, new, strict=True)
    ]
    stamps = [sql.SQL("coalesce(%({})s::timestamp, {})").format(sql.SQL(one), bulk.NOW) for one in _STAMPS]
    return (
        sql.SQL(
            "INSERT INTO archive.{table} AS old ({names}, lastmodified, maxlastmodified) VALUES ({marks}, {stamps})"
            " ON CONFLICT ({key}) DO UPDATE SET {changes}, lastmodified = excluded.lastmodified,"
            " maxlastmodified = excluded.maxlastmodified WHERE ({before}) IS DISTINCT FROM ({after})"
        )
        .format(
            table=sql.Identifier(table),
            names=sql.SQL(", ").join(names),
            marks=sql.SQL(", ").join(marks),
            stamps=sql.SQL(", ").join(stamps),
            key=sql.Identifier(key),
            changes=sql.SQL(", ").join(changes),
            before=sql.SQL(", ").join(sql.Identifier("old", one) for one in columns if one not in _SUMS),
            after=sql.SQL(", ").join(
                value for one, value in zip(columns, new, strict=True) if one not in _SUMS
            ),
        )
        .as_bytes()
    )


def _new_value(table: str, name: str) -> sql.Composed:
    """What becomes of a column of a row that is here already."""
    given, old = sql.Identifier("excluded", name), sql.Identifier("old", name)
    keeps: sql.Composable | None = None
    if name in _GIVEN:
        keeps = sql.SQL("old.position_bounds IS NOT DISTINCT FROM excluded.position_bounds")
    elif name in _ENDS:
        keeps = sql.SQL(
            "num_nulls(excluded.{0}, excluded.{1}) = 2 AND num_nulls(old.{0}, old.{1}) = 1"
        ).format(*map(sql.Identifier, _ENDS[name]))
    elif name == "pipeline_version":
        keeps = sql.SQL("old.pipeline_version IS DISTINCT FROM %({})s").format(sql.SQL(_VERSION_WAS))
    elif name in _OWN[table]:
        keeps = sql.SQL("{} IS NOT NULL").format(old)
    if keeps is None:
        return sql.Composed([given])
    return sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(keeps, old, given)


_ABOVE = {
    "plane": "",
    "artifact": " JOIN archive.plane USING (planeid)",
    "part": " JOIN archive.artifact USING (artifactid) JOIN archive.plane USING (planeid)",
    "chunk": " JOIN archive.part USING (partid) JOIN archive.artifact USING (artifactid)"
    " JOIN archive.plane USING (planeid)",
}
"""What leads from a table to the observation."""


def _forget(
    connection: psycopg.Connection, rows: Tables, observation: uuid.UUID
) -> dict[str, psycopg.Cursor]:
    """Delete what the document has not got any more, from below, so that each table's count is of all that goes."""
    done = {}
    for (table, key), kept in reversed(rows.items()):
        if table in _ABOVE:
            statement = sql.SQL(
                "DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table}{above} WHERE obsid = %s)"
                " AND {key} <> ALL (%s)"
            ).format(
                table=sql.Identifier("archive", table), key=sql.Identifier(key), above=sql.SQL(_ABOVE[table])
            )
            done[table] = connection.execute(statement, [observation, [row[key] for row in kept]])
    return done


_GONE = "DELETE FROM archive.{table} WHERE {parent} = %(parent)s AND {child} <> ALL (%(children)s)"

_LINKED = """
INSERT INTO archive.{table} AS old ({parent}, {child}, metarelease, metareadgroups)
SELECT %(parent)s, unnest(%(children)s::text[]), %(release)s::timestamp, %(groups)s::text[]
ON CONFLICT ({parent}, {child})
    DO UPDATE SET metarelease = excluded.metarelease, metareadgroups = excluded.metareadgroups
WHERE (old.metarelease, old.metareadgroups) IS DISTINCT FROM (excluded.metarelease, excluded.metareadgroups)
"""


def _link(
    connection: psycopg.Connection,
    table: str,
    parent: str,
    child: str,
    links: Iterable[tuple[Row, Sequence[str]]],
    *,
    is_new: bool,
) -> list[psycopg.Cursor]:
    """Replace the members of an observation, or the inputs of planes."""
    done = []
    key = "obsid" if table == "observation_member" else "planeid"
    names = {"table": sql.Identifier(table), "parent": sql.Identifier(parent), "child": sql.Identifier(child)}
    for row, children in links:
        values = {
            "parent": row[key],
            "children": list(dict.fromkeys(children)),
            "release": row["metarelease"],
            "groups": row["metareadgroups"],
        }
        statements = () if is_new and not children else (_GONE, _LINKED)
        done += [connection.execute(sql.SQL(one).format(**names), values) for one in statements]
    return done
