"""What of a document is here already: the same by its URI, and not another's by its id."""

import uuid
from collections.abc import Iterator
from typing import NamedTuple

import psycopg

from voserver.catalogue.caom_documents.reading import Node
from voserver.model.errors import UsageError


class Here(NamedTuple):
    """An entity that is here already, by its URI (parts and chunks have none) or its id, and its observation's id.

    `more` is of a file the version of its plane, of an observation its collection.
    """

    level: str
    uri: str
    id: uuid.UUID
    observation: uuid.UUID
    more: str | None


_LEVELS = (
    ("observation", "obsid", "observationuri"),
    ("plane", "planeid", "planeuri"),
    ("artifact", "artifactid", "uri"),
    ("part", "partid", ""),
    ("chunk", "chunkid", ""),
)

_KNOWN = """
SELECT 'observation', observationuri, obsid, obsid, collection FROM archive.observation
WHERE observationuri = ANY (%(observation_uris)s) OR obsid = ANY (%(observation)s)
UNION ALL SELECT 'plane', planeuri, planeid, obsid, NULL FROM archive.plane
WHERE planeuri = ANY (%(plane_uris)s) OR planeid = ANY (%(plane)s)
UNION ALL SELECT 'artifact', uri, artifactid, obsid, provenance_version
FROM archive.artifact JOIN archive.plane USING (planeid)
WHERE uri = ANY (%(artifact_uris)s) OR artifactid = ANY (%(artifact)s)
UNION ALL SELECT 'part', '', partid, obsid, NULL
FROM archive.part JOIN archive.artifact USING (artifactid) JOIN archive.plane USING (planeid)
WHERE partid = ANY (%(part)s)
UNION ALL SELECT 'chunk', '', chunkid, obsid, NULL
FROM archive.chunk JOIN archive.part USING (partid) JOIN archive.artifact USING (artifactid)
    JOIN archive.plane USING (planeid)
WHERE chunkid = ANY (%(chunk)s)
"""


def _levels(tree: Node) -> Iterator[tuple[str, str, str, list[Node]]]:
    """Each level with its key, its column of URIs, and the entities of the document."""
    nodes = [tree]
    for level, key, uri in _LEVELS:
        yield level, key, uri, nodes
        nodes = [child for node in nodes for child in node.children]


def known(connection: psycopg.Connection, tree: Node) -> list[Here]:
    """What of the document is here already, by its URIs or its ids."""
    asked: dict[str, list[object]] = {}
    for level, key, uri, nodes in _levels(tree):
        asked[level] = [node.row[key] for node in nodes]
        asked[f"{level}_uris"] = [node.row[uri] for node in nodes] if uri else []
    return [Here(*row) for row in connection.execute(_KNOWN, asked)]


def adopt(tree: Node, here: list[Here]) -> None:
    """Give entities that are here already, by their URIs, the ids that they have here.

    Raises:
        UsageError: the id of one is another's.
    """
    by_uri = {(one.level, one.uri): one.id for one in here if one.uri}
    by_id = {(one.level, one.id): one for one in here}
    for level, key, uri, nodes in _levels(tree):
        seen = set()
        for node in nodes:
            row = node.row
            if uri and (level, row[uri]) in by_uri:
                row[key] = by_uri[level, row[uri]]
            elif (level, row[key]) in by_id and (
                uri or by_id[level, row[key]].observation != tree.row["obsid"]
            ):
                raise UsageError(f"The {level} of the id {row[key]} is another one here.")
            _see_that_it_is_of(tree, level, row.get(uri), here)
            if row[key] in seen and level != "artifact":  # one file may be in several planes
                raise UsageError(f"Two of the document's {level}s have the id {row[key]}.")
            seen.add(row[key])


def _see_that_it_is_of(tree: Node, level: str, uri: str | None, here: list[Here]) -> None:
    """See that what has a URI here is this observation's: in CAOM 2.5, a URI can say anything.

    Raises:
        UsageError: the plane is another observation's, or the observation another collection's.
    """
    for one in here:
        if one.level != level or one.uri != uri:
            continue
        if level == "plane" and one.observation != tree.row["obsid"]:
            raise UsageError(f"The plane {str(uri)[:200]} is of another observation here.")
        if level == "observation" and one.more != tree.row["collection"]:
            raise UsageError(f"The observation {str(uri)[:200]} is of the collection {one.more} here.")


def keep_to_one_plane(tree: Node, here: list[Here]) -> list[str]:
    """Here a file is in one plane: that which had it first. Leave it out of others, and say which these were."""
    taken = {one.uri for one in here if one.level == "artifact" and one.observation != tree.row["obsid"]}
    elsewhere = []
    for plane in tree.children:
        for artifact in list(plane.children):
            if artifact.row["uri"] in taken:
                plane.children.remove(artifact)
                elsewhere.append(artifact.row["uri"])
            taken.add(artifact.row["uri"])
    return elsewhere
