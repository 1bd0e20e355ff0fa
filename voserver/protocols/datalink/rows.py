"""The rows of links: one for each thing that there is of a plane or file, and its meaning (DataLink 1.1 §3.3).

What each is to the data is said in the terms of the IVOA's vocabulary http://www.ivoa.net/rdf/datalink/core.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

import pyarrow as pa

from voserver.catalogue.links import LinkedFile, LinkedPlane, Related
from voserver.model.addresses import file_path
from voserver.model.columns import Column
from voserver.model.media_types import OTHER, media_type_of
from voserver.protocols.datalink import cutouts
from voserver.protocols.datalink.descriptors import MEDIA_TYPE, itself, links_url
from voserver.serializers import ServiceDescriptor


class Link(NamedTuple):
    """A row. Exactly one of `access_url`, `service_def` and `error_message` is given."""

    ID: str
    access_url: str | None = None
    service_def: str | None = None
    error_message: str | None = None
    description: str | None = None
    semantics: str = "#this"
    content_type: str | None = None
    content_length: int | None = None
    content_qualifier: str | None = None
    local_semantics: str | None = None
    link_auth: str | None = None
    link_authorized: bool | None = None


COLUMNS = (
    Column("ID", "char", "*", ucd="meta.id;meta.main", description="the identifier that was asked for"),
    Column("access_url", "char", "*", ucd="meta.ref.url", description="where it can be had"),
    Column(
        "service_def",
        "char",
        "*",
        ucd="meta.ref",
        description="which service descriptor of this document makes it",
    ),
    Column("error_message", "char", "*", ucd="meta.code.error", description="why it cannot be had"),
    Column("description", "char", "*", ucd="meta.note", description="what it is"),
    Column(
        "semantics",
        "char",
        "*",
        ucd="meta.code",
        description="what it is to the data: a term of datalink/core",
    ),
    Column("content_type", "char", "*", ucd="meta.code.mime", description="its media type"),
    Column("content_length", "long", unit="byte", ucd="phys.size;meta.file", description="its size"),
    Column("content_qualifier", "char", "*", description="what kind of data it is: a term of product-type"),
    Column(
        "local_semantics",
        "char",
        "*",
        ucd="meta.id.assoc",
        description="this archive's own word for it: a file's suffix, or guide-star, association, pool, cloud …",
    ),
    Column(
        "link_auth",
        "char",
        "*",
        ucd="meta.code",
        description="whether one has to sign in for it: false, optional or true",
    ),
    Column("link_authorized", "boolean", ucd="meta.code", description="whether you may have it"),
)

_SCHEMA = pa.schema([pa.field(column.name, column.arrow_type) for column in COLUMNS])

_MEANINGS = {
    "calibration": "#calibration",
    "bias": "#bias",
    "dark": "#dark",
    "flat": "#flat",
    "noise": "#noise",
    "weight": "#weight",
    "auxiliary": "#auxiliary",
    "catalog": "#derivation",
    "preview": "#preview",
    "preview-image": "#preview-image",
    "preview-plot": "#preview-plot",
    "thumbnail": "#thumbnail",
    "info": "#documentation",
}
"""What a file is to its plane, in CAOM's word for it and in the vocabulary's."""

_PICTURES = frozenset({"preview", "preview-image", "preview-plot", "thumbnail"})
_ORDER = {meaning: place for place, meaning in enumerate(("#this", "#preview", "#thumbnail"))}
_CLOUD = "cloud"
_FITS = frozenset({"image/fits", "application/fits"})
_QUALIFIERS = frozenset(
    {"image", "cube", "spectrum", "timeseries", "measurements", "event", "visibility", "sed"}
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S{1,2000}")
_LISTS = {"asn": "association", "pool": "pool", "msa": "msa"}
_OTHER_WORDS = {
    "guide-star": "of the guide star during the same visit",
    "association": "the list of what was combined",
    "pool": "the pool of exposures that the association was taken from",
    "msa": "which shutters of the micro-shutter array were open",
}


def batch_of(links: Sequence[Link]) -> pa.RecordBatch:
    """Rows as a record batch of `COLUMNS`."""
    values = zip(*links, strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(values, _SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


class Describer:
    """Makes rows of what is known of identifiers, and the service descriptors that they refer to.

    `public_url` says where anybody fetches a copy in the cloud, by its URL there (`s3://…`).
    """

    def __init__(self, base_url: str, public_url: Callable[[str], str | None]) -> None:
        self.services: list[ServiceDescriptor] = [itself(base_url)]
        """This service itself, and those that the rows so far refer to."""
        self._base_url = base_url
        self._public_url = public_url
        self._subjects = 0

    def rows(self, identifier: str, related: Related | None) -> list[Link]:
        """All rows of an identifier: at least one."""
        if related is None:
            return [Link(identifier, error_message=_complaint(identifier))]
        return [
            *sorted(self._of_files(identifier, related), key=_place),
            *self._of_services(identifier, related),
            *(self._of_other(identifier, file) for file in related.others),
            *(self._of_plane(identifier, plane) for plane in related.planes),
        ]

    def _of_files(self, identifier: str, related: Related) -> Iterator[Link]:
        wanted = related.subject.uri
        science = {file.uri for file in related.files if file.product_type == "science"}
        listed = {file_path(file.uri) for file in related.files}
        for file in related.files:
            if wanted is None:
                # A plane without data proper is what else it has: guide stars, lists.
                is_this = file.uri in science if science else file.product_type not in _PICTURES
            else:
                is_this = file.uri == wanted
            meaning = "#this" if is_this else _MEANINGS.get(file.product_type or "", "#coderived")
            yield self._of_file(identifier, file, meaning, file.suffix)
            if file.preview_url and file.preview_url not in listed:
                yield self._of_preview(identifier, file, file.preview_url)
            if is_this and file.cloud_uri:
                yield from self._in_cloud(identifier, file, file.cloud_uri)

    def _in_cloud(self, identifier: str, file: LinkedFile, uri: str) -> Iterator[Link]:
        """The copy in the public cloud, by a URL that every client knows how to fetch."""
        url = self._public_url(uri)
        if url is not None:
            yield Link(
                identifier,
                url,
                description=f"{file.filename}: its copy in the public cloud, {uri}",
                content_type=file.content_type,
                content_length=file.content_length,
                content_qualifier=_qualifier(file),
                local_semantics=_CLOUD,
                link_auth="false",
                link_authorized=True,
            )

    def _of_file(
        self, identifier: str, file: LinkedFile, meaning: str, local: str | None, words: str | None = None
    ) -> Link:
        return Link(
            identifier,
            self._base_url + file_path(file.uri),
            description=f"{file.filename}: {words or _words(file)}",
            semantics=meaning,
            content_type=file.content_type,
            content_length=file.content_length,
            content_qualifier=_qualifier(file),
            local_semantics=local,
            link_auth="optional" if file.is_public else "true",
            link_authorized=file.is_readable,
        )

    def _of_preview(self, identifier: str, file: LinkedFile, url: str) -> Link:
        """A picture that the file's own row knows. Elsewhere it is others who say who may have it."""
        is_ours = url.startswith("/")
        media_type = media_type_of(url)
        return Link(
            identifier,
            f"{self._base_url}{url}" if is_ours else url,
            description=f"A preview of {file.filename}",
            semantics="#preview",
            content_type=None if media_type == OTHER else media_type,
            local_semantics="preview",
            link_auth=("optional" if file.is_public else "true") if is_ours else None,
            link_authorized=file.is_readable if is_ours else None,
        )

    def _of_services(self, identifier: str, related: Related) -> Iterator[Link]:
        """Cut-outs of what can be cut, and all files of a plane together."""
        files = [file for file in related.files if related.subject.uri in {None, file.uri}]
        link_auth = "optional" if any(file.is_public for file in files) else "true"
        authorized = any(file.is_readable for file in files)
        if any(_is_cuttable(file) for file in files):
            self._subjects += 1
            made = cutouts.descriptors(related.subject, identifier, self._base_url, self._subjects)
            self.services += made
            for service, how in zip(made, ("at once", "as a job"), strict=True):
                yield Link(
                    identifier,
                    service_def=service.identifier,
                    description=f"Cut out a part of the sky, the spectrum or time, {how}",
                    semantics="#cutout",
                    content_type=next(file.content_type for file in files if _is_cuttable(file)),
                    local_semantics="cutout" if how == "at once" else "cutout-job",
                    link_auth=link_auth,
                    link_authorized=authorized,
                )
        if related.subject.uri is None and related.files:
            yield from self._packages(identifier, related.files, link_auth, authorized)

    def _packages(
        self, identifier: str, files: list[LinkedFile], link_auth: str, authorized: bool
    ) -> Iterator[Link]:
        packages = [("package", "", "All files of these data, in one archive")]
        if 0 < sum(file.is_minimum_recommended for file in files) < len(files):
            words = "The minimum recommended files of these data, in one archive"
            packages.append(("package-mrp", "&mrp=true", words))
        for local, further, words in packages:
            yield Link(
                identifier,
                f"{self._base_url}/package?{urlencode({'ID': identifier})}{further}",
                description=words,
                semantics="#package",
                content_type="application/zip",
                local_semantics=local,
                link_auth=link_auth,
                link_authorized=authorized,
            )

    def _of_other(self, identifier: str, file: LinkedFile) -> Link:
        local = _LISTS.get(file.suffix or "", "guide-star")
        return self._of_file(identifier, file, "#auxiliary", local, _OTHER_WORDS[local])

    def _of_plane(self, identifier: str, plane: LinkedPlane) -> Link:
        name = plane.publisher_id.partition("?")[2] or plane.publisher_id
        return Link(
            identifier,
            f"{links_url(self._base_url)}?{urlencode({'ID': plane.publisher_id})}",
            description=f"{name}, {'made from these data' if plane.is_derived else 'which these data were made from'}",
            semantics="#derivation" if plane.is_derived else "#progenitor",
            content_type=MEDIA_TYPE,
            local_semantics="plane",
            link_auth="optional",
            link_authorized=True,
        )


def _complaint(identifier: str) -> str:
    """Why there is nothing. Of data whose very existence is not told, it is said that there are none."""
    if not _URI.fullmatch(identifier):
        return (
            "UsageFault: this is neither a publisher id as ivoa.ObsCore has them (ivo://…?…), "
            "nor the URI of a file (mast:JWST/product/…)"
        )
    return "NotFoundFault: there are no such data here"


def _place(link: Link) -> int:
    """Where a file's row stands: first what it is all about, which clients take; last copies elsewhere."""
    if link.local_semantics == _CLOUD:
        return len(_ORDER) + 1
    return _ORDER.get(link.semantics, len(_ORDER))


def _is_cuttable(file: LinkedFile) -> bool:
    """Raw ramps have no world coordinates that a part could be cut by."""
    return file.product_type == "science" and file.content_type in _FITS and file.suffix != "uncal"


def _qualifier(file: LinkedFile) -> str | None:
    known = file.product_type == "science" and file.dataproduct_type in _QUALIFIERS
    return f"#{file.dataproduct_type}" if known else None


def _words(file: LinkedFile) -> str:
    kind = {"science": "data", "info": "documentation"}.get(
        file.product_type or "", file.product_type or "a file"
    )
    return f"{kind} ({file.subgroup.lower()})" if file.subgroup else kind
