"""The demonstration's exclusive product, and the user who may read it."""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from voserver.catalogue import engine
from voserver.catalogue.accounts.administration import administer
from voserver.catalogue.accounts.hashes import is_password
from voserver.catalogue.programs import periods
from voserver.model import jwst
from voserver.settings import Settings

NAME = "demo"
_PRODUCT = "jw05145019001_02101_00001_nrcalong_cal.fits"
_KEYWORDS = "simulated pixels; exclusive access made up for demonstration"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Who may read what nobody else may."""

    password: str
    program: int
    uri: str


def hold_back_product(url: str, settings: Settings) -> None:
    """Say before the sample is loaded what is exclusive: so nobody reads that it was withdrawn again."""
    with engine.connect(url) as connection:
        connection.execute(
            "INSERT INTO archive.product_release (product, release) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [_publisher_id(settings), _release()],
        )


def ensure_demonstration_user(url: str, settings: Settings) -> Demonstration:
    """Make one simulated product exclusive for the next years, and a user of its program; both once.

    The password is made at the first time, and kept in the data directory where only its owner can read it.
    """
    password = _password(settings.data_dir / "demonstration-password")
    name = jwst.parse(_PRODUCT)
    publisher_id = _publisher_id(settings)
    with periods(url) as held:
        held.set_product(publisher_id, release=_release())
    with engine.connect(url) as connection:
        connection.execute(
            "UPDATE archive.plane SET provenance_keywords = %s WHERE publisherid = %s",
            [_KEYWORDS, publisher_id],
        )
        found = connection.execute(
            "SELECT password_hash FROM archive.account WHERE name = %s", [NAME]
        ).fetchone()
    with administer(url, settings.authority) as accounts:
        if found is None:
            accounts.add_user(NAME, password)
        elif not is_password(password, found[0]):
            accounts.set_password(NAME, password)
        accounts.join(str(name.program), [NAME])
    return Demonstration(password, name.program, f"voserver:sample/simulated_{_PRODUCT}")


def _publisher_id(settings: Settings) -> str:
    return jwst.publisher_id(settings.authority, jwst.parse(_PRODUCT).observation_id, "simulated")


def _release() -> datetime:
    return datetime(datetime.now(UTC).year + 2, 1, 1)  # noqa: DTZ001 -- the catalogue's times are UTC without zone


def _password(file: Path) -> str:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(descriptor, "w") as opened:
        password = secrets.token_urlsafe(12)
        opened.write(f"{password}\n")
    return password
