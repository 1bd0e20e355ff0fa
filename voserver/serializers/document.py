"""What is said of an answer beside its rows. Knows no format."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Info:
    """A fact about the answer, as VOTable's INFO has it; `text` is for people."""

    name: str
    value: str
    text: str | None = None
    ucd: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceInput:
    """A parameter of a service, in VOTable's words; `reference` names the column of the answer that has its values.

    `value` is what it has where a client does not send it. `minimum` and `maximum` tell within which limits the service
    has something to give; of a region, `maximum` is one that holds all (SODA 1.0 §4.2).
    """

    name: str
    datatype: str = "char"
    arraysize: str | None = "*"
    xtype: str | None = None
    unit: str | None = None
    ucd: str | None = None
    utype: str | None = None
    description: str | None = None
    reference: str | None = None
    options: tuple[str, ...] = ()
    value: str = ""
    minimum: str | None = None
    maximum: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceDescriptor:
    """A service that can be called next: this one again, or one for what the answer's rows name (DataLink 1.1 §4).

    `identifier` is by what rows name it, unlike any column's name; `is_this` says that it is the service that
    answers (DataLink 1.1 §4.6).
    """

    name: str
    url: str
    inputs: tuple[ServiceInput, ...]
    standard: str | None = None
    description: str | None = None
    content_type: str | None = None
    identifier: str | None = None
    is_this: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """Facts about an answer, whatever its format.

    `standard` is the IVOID of the protocol's standard (`ivo://ivoa.net/std/TAP`, DALI 1.1 §4.4.3), `release`
    the name and version of the software, `infos` anything further that a protocol wants said (citations,
    parameters), `services` what a client can call next (they are looked at after the rows, which may add some),
    `parameters` what is told of this service's own, where a protocol has them in PARAMs.
    """

    title: str = "Query result"
    service: str | None = None
    standard: str | None = None
    query: str | None = None
    release: str | None = None
    created: datetime | None = None
    infos: tuple[Info, ...] = ()
    services: Sequence[ServiceDescriptor] = ()
    parameters: tuple[ServiceInput, ...] = ()

    @property
    def facts(self) -> tuple[Info, ...]:
        """Everything known, as INFOs."""
        known = (
            ("standardID", self.standard),
            ("service", self.service),
            ("server", self.release),
            ("request_date", self.created and self.created.isoformat(timespec="seconds")),
            ("query", self.query),
        )
        return (*(Info(name, value) for name, value in known if value), *self.infos)
