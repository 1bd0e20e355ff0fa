"""The PostgreSQL that a command works on: the configured one, or the embedded one while the command runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from voserver.catalogue import engine, migrations
from voserver.catalogue.embedded import EmbeddedPostgres
from voserver.catalogue.tap_schema import load_tables
from voserver.model.errors import Unavailable
from voserver.model.tables import Tables
from voserver.settings import Settings

_NONE = "VOSERVER_DATABASE_URL is not set, and there is no embedded database in {directory}."
_MAKE_ONE = "To make one there: voserver demo (with a sample), or voserver db upgrade (empty)"


@contextmanager
def database(settings: Settings, *, make: bool = False) -> Iterator[Settings]:
    """The settings with `database_url` filled in. A PostgreSQL that was started here stops at the end.

    Only with `make` is one made where there is none: who merely looks leaves nothing behind.
    """
    if settings.database_url:
        yield settings
        return
    postgres = EmbeddedPostgres(settings.data_dir)
    if not (make or postgres.exists):
        raise Unavailable(_NONE.format(directory=settings.data_dir), hint=_MAKE_ONE)
    with postgres:
        yield settings.model_copy(update={"database_url": postgres.url})


@contextmanager
def catalogue(settings: Settings) -> Iterator[Settings]:
    """The same, of a catalogue of just this version: to bring something in, or to write out what is there."""
    with database(settings) as ready:
        check_schema(ready)
        migrations.check(url(ready))
        yield ready


def url(settings: Settings) -> str:
    """The URL that `database` filled in."""
    assert settings.database_url is not None
    return settings.database_url


def check_schema(settings: Settings) -> None:
    """Refuse a database whose schema is older than this version."""
    if migrations.status(url(settings)).pending:
        raise Unavailable("The database's schema is not up to date.", hint="Run: voserver db upgrade")


def published(settings: Settings) -> Tables:
    """What queries can name."""
    check_schema(settings)
    with engine.connect(url(settings)) as connection:
        return load_tables(connection)
