"""The few pages for people: small, self-contained XHTML made from the templates beside this module."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


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
