"""`voserver db …`: the catalogue's schema, made and upgraded."""

from voserver.catalogue import migrations
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import database, url
from voserver.cli.steps import console
from voserver.model.errors import ServiceError, UsageError


def init() -> None:
    """Make the schema in a database that has none."""
    with database(read_settings(), make=True) as settings:
        if migrations.status(url(settings)).applied:
            raise UsageError(
                "The database has the schema already.", hint="To upgrade it: voserver db upgrade"
            )
        _report(migrations.upgrade(url(settings), settings))


def upgrade() -> None:
    """Apply what is missing."""
    with database(read_settings(), make=True) as settings:
        _report(migrations.upgrade(url(settings), settings))


def status() -> None:
    """Say what is applied and what waits; an error where the two differ."""
    with database(read_settings()) as settings:
        found = migrations.status(url(settings))
    for word, names in (
        ("applied", found.applied),
        ("waits", found.pending),
        ("differs from what was applied", found.changed),
        ("made by a newer voserver", found.unknown),
    ):
        for name in names:
            console.print(f"{name}: {word}")
    if not found.is_current:
        raise ServiceError(
            "The schema is not that of this version.", hint="To upgrade it: voserver db upgrade"
        )


def _report(applied: list[str]) -> None:
    for name in applied:
        console.print(f"applied {name}")
    console.print("The schema is up to date.")
