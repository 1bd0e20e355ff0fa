"""What clients are told of services for data that an answer names: DataLink for its rows, SODA for parts of its data.

An answer that has a column of publisher ids, straight from a table, says of both (DataLink 1.1 §4, SODA 1.0 §4.1).
"""

from collections.abc import Iterable

from voserver.model.columns import Column
from voserver.serializers import ServiceDescriptor, ServiceInput

STANDARD = "ivo://ivoa.net/std/DataLink#links-1.1"
MEDIA_TYPE = "application/x-votable+xml;content=datalink"
"""The spelling that clients compare with (DataLink 1.1 §1.2.2)."""

_SYNC = "ivo://ivoa.net/std/SODA#sync-1.0"
_ASYNC = "ivo://ivoa.net/std/SODA#async-1.0"
_UCD = "meta.ref.ivoid"
_UTYPE = "ssa:Curation.PublisherDID"
"""By these a column of publisher ids is known; SSA has another UCD for it."""

SODA_ID = "meta.ref.url;meta.curation"
SODA_INPUTS = (
    ServiceInput("CIRCLE", "double", "3", xtype="circle", unit="deg", ucd="pos.outline;obs"),
    ServiceInput("POLYGON", "double", "*", xtype="polygon", unit="deg", ucd="pos.outline;obs"),
    ServiceInput("POS", ucd="pos.outline;obs"),
    ServiceInput("BAND", "double", "2", xtype="interval", unit="m", ucd="em.wl;stat.interval"),
    ServiceInput("TIME", "double", "2", xtype="interval", unit="d", ucd="time.interval;obs.exposure"),
    ServiceInput("POL", ucd="meta.code;phys.polarization"),
)
"""What SODA takes besides ID (SODA 1.0 §3.3)."""


def links_url(base_url: str) -> str:
    """Where links are asked for."""
    return f"{base_url}/datalink/links"


def of_columns(columns: Iterable[Column], base_url: str) -> tuple[ServiceDescriptor, ...]:
    """The services for the data that the first column of publisher ids names; none where there is no such column."""
    for column in columns:
        if column.is_text and (column.ucd == _UCD or column.utype == _UTYPE):
            words = "Parts of these data: of the sky, of the spectrum, of time."
            of = ServiceInput("ID", ucd=SODA_ID, reference=column.name)
            return _links(column.name, base_url), cutouts(
                of, base_url, SODA_INPUTS, "cutout", description=words
            )
    return ()


def _links(reference: str, base_url: str) -> ServiceDescriptor:
    return ServiceDescriptor(
        "links",
        links_url(base_url),
        (ServiceInput("ID", ucd="meta.id;meta.main", reference=reference),),
        STANDARD,
        "Files of these data, previews, what they were made from, and services for them.",
        MEDIA_TYPE,
    )


def itself(base_url: str) -> ServiceDescriptor:
    """What DataLink takes, told in each of its own answers (DataLink 1.1 §3.5)."""
    inputs = (
        ServiceInput(
            "ID",
            ucd="meta.id;meta.main",
            description="a publisher id as in ivoa.ObsCore, or a file's URI; may be repeated",
        ),
        ServiceInput("MAXREC", "int", None, description="the most rows that are wanted"),
        ServiceInput("RESPONSEFORMAT", description="what the answer is written as"),
    )
    url = links_url(base_url)
    words = "What there is of data: files, previews, services"
    return ServiceDescriptor("this", url, inputs, STANDARD, words, MEDIA_TYPE, is_this=True)


def cutouts(
    of: ServiceInput,
    base_url: str,
    inputs: tuple[ServiceInput, ...],
    name: str,
    identifier: str | None = None,
    *,
    description: str | None = None,
    is_job: bool = False,
) -> ServiceDescriptor:
    """SODA for the data that one parameter names, at once or as a job; `inputs` are the others."""
    return ServiceDescriptor(
        name,
        f"{base_url}/soda/{'async' if is_job else 'sync'}",
        (of, *inputs),
        _ASYNC if is_job else _SYNC,
        description,
        identifier=identifier,
    )
