"""The few pages for people: small, self-contained XHTML made from the templates beside this module."""

from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

_TOGETHER = 500  # a template's own pieces that are sent as one


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("voserver.protocols"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: object) -> bytes:
    """A page from a template; every value is escaped."""
    return _environment().get_template(template).render(values).encode("utf-8", errors="replace")


def stream(template: str, **values: object) -> Iterator[bytes]:
    """The same, while what it is made of comes."""
    made = _environment().get_template(template).stream(values)
    made.enable_buffering(_TOGETHER)
    for piece in made:
        yield piece.encode("utf-8", errors="replace")
