"""Association files and pools: which products are made of which exposures, as the pipeline plans it."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from voserver.catalogue.cutouts.structure import Source
from voserver.model import jwst
from voserver.model.errors import UsageError

_MOST = 64 << 20
_COLUMNS = frozenset({"FILENAME", "PROGRAM", "ASN_CANDIDATE"})


@dataclass(slots=True)
class ProductList:
    """What a list says, in URIs of CAOM."""

    kind: str
    """`ASN` or `POOL`."""
    planes: dict[str, None] = field(default_factory=dict)
    """The planes of the products that it is for, the first the most."""
    members: dict[tuple[str, str], None] = field(default_factory=dict)
    """Pairs of a product's observation, and an exposure's that it is made of."""
    inputs: dict[tuple[str, str], None] = field(default_factory=dict)
    """Pairs of a product's plane, and one that it is made from."""
    remarks: list[str] = field(default_factory=list)


def association(source: Source) -> ProductList | None:
    """What an association file says; None where the JSON is something else.

    Raises:
        UsageError: it is no whole JSON, or an association that lacks its products.
    """
    try:
        document = json.loads(_text(source))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the file is no whole JSON: {str(error)[:200]}") from error
    if not isinstance(document, dict) or not {"asn_type", "asn_rule", "asn_pool"} & document.keys():
        return None
    products = document.get("products")
    if not isinstance(products, list) or not all(isinstance(product, dict) for product in products):
        raise UsageError("the association has no list of products")
    found = ProductList("ASN")
    unknown = 0
    for product in products:
        name = _parsed(product.get("name"))
        if name is None:
            unknown += 1
            continue
        level = "3" if name.kind == "level3" else "2b"
        plane = jwst.plane_uri(name.observation_id, level)
        found.planes[plane] = None
        for member in _members(product):
            if name.kind == "level3":
                pair = (
                    jwst.observation_uri(name.observation_id),
                    jwst.observation_uri(member.observation_id),
                )
                found.members[pair] = None
            found.inputs[plane, jwst.plane_uri(member.observation_id, member.level)] = None
    if unknown:
        found.remarks.append(f"{unknown} of its {len(products)} products have no names of JWST's: not linked")
    return found


def _members(product: dict[str, object]) -> Iterator[jwst.ProductName]:
    members = product.get("members")
    for member in members if isinstance(members, list) else []:
        name = _parsed(member.get("expname")) if isinstance(member, dict) else None
        if name:
            yield name


def pool(source: Source) -> ProductList | None:
    """What a pool says: the exposures that associations are made of; None where the CSV is something else.

    Raises:
        UsageError: it is a pool, but damaged.
    """
    head = source.read(0, min(source.size, 100_000)).decode("utf-8-sig", "replace")
    header = next((line for line in head.splitlines() if line.strip() and not line.startswith("#")), "")
    names = [name.strip() for name in header.split("|")]
    if not set(names) >= _COLUMNS:
        return None
    found = ProductList("POOL")
    try:
        lines = (line for line in io.StringIO(_text(source)) if not line.startswith("#"))
        rows = list(csv.DictReader(lines, delimiter="|"))
    except csv.Error as error:
        raise UsageError(f"the pool is no whole CSV: {error}") from error
    files = [row.get("FILENAME") or "" for row in rows]
    exposures = [name for name in map(_parsed, files) if name]
    found.members = {("", jwst.observation_uri(name.observation_id)): None for name in exposures}
    if len(exposures) < len(files):
        found.remarks.append(
            f"{len(files) - len(exposures)} of its {len(files)} exposures have no names of JWST's: not linked"
        )
    return found


def _text(source: Source) -> str:
    if source.size > _MOST:
        raise UsageError(f"a list of {source.size:,} bytes is longer than any")
    return source.read(0, source.size).decode("utf-8-sig", "replace")


def _parsed(name: object) -> jwst.ProductName | None:
    """A product's name, with or without its suffix and ending."""
    if not isinstance(name, str):
        return None
    for form in (name, name.removesuffix(".fits"), f"{name}.fits"):
        try:
            return jwst.parse(form)
        except UsageError:
            continue
    return None
