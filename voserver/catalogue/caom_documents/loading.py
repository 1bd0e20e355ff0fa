"""Documents into the catalogue: an observation a transaction, and what a document does not have any more goes.

A document says all of its observation, so planes, artifacts, parts and chunks that it lacks are deleted. What CAOM does
not know of a file (its detector, say) stays where another loader has found it out.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from voserver.catalogue import engine
from voserver.catalogue.caom_documents.reading import LARGEST, Document, Node, Row, read
from voserver.model import jwst
from voserver.model.addresses import file_path
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
    """What was left out of documents that were loaded."""


def documents_at(path: Path) -> Iterator[Source]:
    """A file, or all files of a directory that end in .xml.

    Raises:
        NotFound: there is nothing at the path.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*.xml")):
            yield str(file), lambda file=file: _content(file)  # type: ignore[misc]
    elif path.is_file():
        yield str(path), lambda: _content(path)
    else:
        raise NotFound(f"There is nothing at {path}.")


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def load(url: str, authority: str, sources: Iterable[Source]) -> Iterator[Loaded]:
    """Load documents, and say after each what became of all so far. One that is wrong is set aside.

    Raises:
        ServiceError: the database is away.
    """
    loaded = Loaded()
    with engine.connect(url) as connection:
        for name, content in sources:
            try:
                document = read(content())
                with connection.transaction():
                    outcome, elsewhere = store(connection, document, authority)
                loaded.noted += [(name, f"{uri} is a file of another plane already") for uri in elsewhere]
                setattr(loaded, outcome, getattr(loaded, outcome) + 1)
            except (UsageError, OSError) as error:
                loaded.refused.append(
                    (name, error.message if isinstance(error, ServiceError) else str(error))
                )
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                loaded.refused.append((name, str(error).partition("\n")[0]))
            except psycopg.Error as error:
                raise engine.translate(error) from error
            yield loaded


def store(connection: psycopg.Connection, document: Document, authority: str) -> tuple[str, list[str]]:
    """Bring an observation into the tables: `added`, `changed` or `same`; and the files that others have already."""
    tree = document.observation
    known = _adopt(connection, tree)
    elsewhere = _keep_to_one_plane(connection, tree)
    rows = _rows(tree, authority)
    changes = sum(_merge(connection, table, key, some) for (table, key), some in rows.items() if some)
    changes += _forget(connection, rows, tree.row["obsid"])
    changes += _link(connection, "observation_member", "parentid", "memberid", [(tree.row, document.members)])
    inputs = [(plane.row, (plane.row["provenance_inputs"] or "").split()) for plane in tree.children]
    changes += _link(connection, "provenance_input", "outputid", "inputid", inputs)
    if not known:
        return "added", elsewhere
    return ("changed" if changes else "same"), elsewhere


_LEVELS = (
    ("observation", "obsid", "observationuri"),
    ("plane", "planeid", "planeuri"),
    ("artifact", "artifactid", "uri"),
)


def _adopt(connection: psycopg.Connection, tree: Node) -> bool:
    """Give entities that are here already, by their URIs, the ids that they have here; whether the observation is."""
    nodes = [tree]
    known = False
    for table, key, uri in _LEVELS:
        statement = sql.SQL("SELECT {uri}, {key} FROM archive.{table} WHERE {uri} = ANY (%s)").format(
            uri=sql.Identifier(uri), key=sql.Identifier(key), table=sql.Identifier(table)
        )
        found: dict[str, uuid.UUID] = dict(
            connection.execute(statement, [[node.row[uri] for node in nodes]]).fetchall()
        )
        for node in nodes:
            node.row[key] = found.get(node.row[uri], node.row[key])
        known = known or (table == "observation" and bool(found))
        nodes = [child for node in nodes for child in node.children]
    return known


def _keep_to_one_plane(connection: psycopg.Connection, tree: Node) -> list[str]:
    """Here a file is in one plane: that which had it first. Leave it out of others, and say which these were."""
    uris = [artifact.row["uri"] for plane in tree.children for artifact in plane.children]
    found = connection.execute(
        "SELECT uri FROM archive.artifact JOIN archive.plane USING (planeid) WHERE uri = ANY (%s) AND obsid <> %s",
        [uris, tree.row["obsid"]],
    ).fetchall()
    taken = {uri for (uri,) in found}
    elsewhere = []
    for plane in tree.children:
        for artifact in list(plane.children):
            if artifact.row["uri"] in taken:
                plane.children.remove(artifact)
                elsewhere.append(artifact.row["uri"])
            taken.add(artifact.row["uri"])
    return elsewhere


Tables = dict[tuple[str, str], list[Row]]
"""The rows of each table, by its name and its key."""

_TABLES = (
    ("observation", "obsid"),
    ("plane", "planeid"),
    ("artifact", "artifactid"),
    ("part", "partid"),
    ("chunk", "chunkid"),
)


def _rows(tree: Node, authority: str) -> Tables:
    """The rows of each table, with what is copied down so that views need no join."""
    observation = tree.row
    found: Tables = {one: [] for one in _TABLES}
    found["observation", "obsid"].append(observation)
    for plane in tree.children:
        found["plane", "planeid"].append(_plane(plane.row, observation, authority))
        for artifact in plane.children:
            found["artifact", "artifactid"].append(_artifact(artifact.row, plane.row, observation))
            for part in artifact.children:
                found["part", "partid"].append({**part.row, **_above(artifact.row, "artifactid")})
                chunks = (
                    {**chunk.row, **_above({**artifact.row, **part.row}, "partid")} for chunk in part.children
                )
                found["chunk", "chunkid"] += chunks
    return found


def _above(row: Row, key: str) -> Row:
    return {name: row[name] for name in (key, "metarelease", "metareadgroups")}


def _plane(row: Row, observation: Row, authority: str) -> Row:
    collection, name = observation["collection"], observation["observationid"]
    copied = ("obsid", "collection", "observationid", "intent", "telescope_name", "instrument_name", "target_name",
              "target_type", "target_moving", "proposal_id", "proposal_pi", "proposal_title")  # fmt: skip
    row |= {one: observation[one] for one in copied}
    row["publisherid"] = (
        jwst.publisher_id(authority, name, row["productid"])
        if collection == jwst.COLLECTION
        else f"ivo://{authority}/{collection.lower()}?{name}/{row['productid']}"
    )
    if row.get("position_center_ra") is None:
        row["position_center_ra"] = observation["targetposition_coordinates_cval1"]
        row["position_center_dec"] = observation["targetposition_coordinates_cval2"]
    return row


def _artifact(row: Row, plane: Row, observation: Row) -> Row:
    """A file of whose name JWST's conventions say more, where it follows them."""
    uri = row["uri"]
    row |= {
        "planeid": plane["planeid"],
        "metarelease": plane["metarelease"],
        "metareadgroups": plane["metareadgroups"],
        "datarelease": row["contentrelease"] or plane["datarelease"],
        "datareadgroups": row["contentreadgroups"] or plane["datareadgroups"],
        "filename": uri.rpartition("/")[2] or uri,
        "publisherid": plane["publisherid"],
        "obs_id": observation["observationid"],
        "calib_level": plane["calibrationlevel"],
        "intent": observation["intent"],
        "pipeline_version": plane["provenance_version"],
        "target_name": observation["target_name"],
        "proposal_pi": observation["proposal_pi"],
        "proposal_title": observation["proposal_title"],
        "telescope_name": observation["telescope_name"],
        "instrument_name": observation["instrument_name"],
        "instrument": (observation["instrument_name"] or "").partition("/")[0] or None,
        "mode": (observation["instrument_name"] or "").partition("/")[2] or None,
        "dataproduct_type": plane["dataproducttype"] if row["producttype"] == "science" else None,
        "s_ra": plane.get("position_center_ra"),
        "s_dec": plane.get("position_center_dec"),
        "s_fov": plane.get("position_bounds_size"),
        "s_region": plane.get("position_bounds"),
        "s_region__shape": plane.get("position_bounds__shape"),
        "t_min": plane.get("time_bounds_lower"),
        "t_max": plane.get("time_bounds_upper"),
        "t_exptime": plane.get("time_exposure"),
        "em_min": plane.get("energy_bounds_lower"),
        "em_max": plane.get("energy_bounds_upper"),
        "access_url": file_path(uri),
    }
    with suppress(UsageError):  # another archive's file, or none of JWST's
        name = jwst.parse(row["filename"])
        row |= {
            "program": name.program, "observation": name.observation, "visit": name.visit, "visit_group": name.group,
            "sequence": name.sequence, "activity": name.activity, "exposure": name.exposure, "segment": name.segment,
            "suffix": name.suffix or None, "product_subgroup": name.subgroup,
        }  # fmt: skip
    return row


_OWN = {
    "observation": frozenset[str](),
    "plane": frozenset(("publisherid",)),
    "artifact": frozenset(
        ("program", "observation", "visit", "visit_group", "sequence", "activity", "exposure", "segment", "suffix",
         "product_subgroup", "instrument", "mode", "instrument_name", "dataproduct_type", "access_url", "em_min",
         "em_max", "t_exptime", "s_ra", "s_dec", "s_fov", "s_region", "s_region__shape", "pipeline_version",
         "obs_id", "filename", "telescope_name")
    ),
    "part": frozenset[str](),
    "chunk": frozenset[str](),
}  # fmt: skip
"""Columns that CAOM has not: they are filled where they are empty, and left as another loader has filled them."""

_GIVEN = {"position_bounds_given", "position_bounds_status"}
"""How a footprint was given at first stays as long as it is the same one."""

_STAMPS = ("lastmodified", "maxlastmodified")
_NOW = sql.SQL("date_trunc('milliseconds', transaction_timestamp() AT TIME ZONE 'utc')")


def _merge(connection: psycopg.Connection, table: str, key: str, rows: list[Row]) -> int:
    """How many rows were added or changed."""
    count = 0
    for row in rows:
        columns = [name for name in row if name not in {key, *_STAMPS}]
        cursor = connection.execute(_statement(table, key, columns), row)
        count += cursor.rowcount
    return count


def _statement(table: str, key: str, columns: list[str]) -> sql.Composed:
    def new(name: str) -> sql.Composed:
        given = sql.Identifier("excluded", name)
        old = sql.Identifier("old", name)
        if name in _GIVEN:
            return sql.SQL(
                "CASE WHEN old.position_bounds IS NOT DISTINCT FROM excluded.position_bounds THEN {} ELSE {} END"
            ).format(old, given)
        return (
            sql.SQL("coalesce({}, {})").format(old, given) if name in _OWN[table] else sql.Composed([given])
        )

    names = list(map(sql.Identifier, [key, *columns]))
    marks = [sql.SQL("%({})s::float8[]" if one.endswith("__shape") else "%({})s").format(sql.SQL(one))
             for one in [key, *columns]]  # fmt: skip
    changes = [sql.SQL("{} = {}").format(sql.Identifier(one), new(one)) for one in columns]
    stamps = [sql.SQL("coalesce(%({})s::timestamp, {})").format(sql.SQL(one), _NOW) for one in _STAMPS]
    return sql.SQL(
        "INSERT INTO archive.{table} AS old ({names}, lastmodified, maxlastmodified) VALUES ({marks}, {stamps})"
        " ON CONFLICT ({key}) DO UPDATE SET {changes}, lastmodified = excluded.lastmodified,"
        " maxlastmodified = excluded.maxlastmodified WHERE ({before}) IS DISTINCT FROM ({after})"
    ).format(
        table=sql.Identifier(table),
        names=sql.SQL(", ").join(names),
        marks=sql.SQL(", ").join(marks),
        stamps=sql.SQL(", ").join(stamps),
        key=sql.Identifier(key),
        changes=sql.SQL(", ").join(changes),
        before=sql.SQL(", ").join(sql.Identifier("old", one) for one in columns),
        after=sql.SQL(", ").join(map(new, columns)),
    )


_ABOVE = {
    "plane": "",
    "artifact": " JOIN archive.plane USING (planeid)",
    "part": " JOIN archive.artifact USING (artifactid) JOIN archive.plane USING (planeid)",
    "chunk": " JOIN archive.part USING (partid) JOIN archive.artifact USING (artifactid)"
    " JOIN archive.plane USING (planeid)",
}
"""What leads from a table to the observation."""


def _forget(connection: psycopg.Connection, rows: Tables, observation: uuid.UUID) -> int:
    """Delete what the document has not got any more."""
    count = 0
    for (table, key), kept in rows.items():
        if table in _ABOVE:
            statement = sql.SQL(
                "DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table}{above} WHERE obsid = %s)"
                " AND {key} <> ALL (%s)"
            ).format(
                table=sql.Identifier("archive", table), key=sql.Identifier(key), above=sql.SQL(_ABOVE[table])
            )
            count += connection.execute(statement, [observation, [row[key] for row in kept]]).rowcount
    return count


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
    links: Iterable[tuple[Row, Iterable[str]]],
) -> int:
    """Replace the members of an observation, or the inputs of planes."""
    count = 0
    key = "obsid" if table == "observation_member" else "planeid"
    names = {"table": sql.Identifier(table), "parent": sql.Identifier(parent), "child": sql.Identifier(child)}
    for row, children in links:
        values = {
            "parent": row[key],
            "children": list(dict.fromkeys(children)),
            "release": row["metarelease"],
            "groups": row["metareadgroups"],
        }
        for statement in (_GONE, _LINKED):
            count += connection.execute(sql.SQL(statement).format(**names), values).rowcount
    return count
