"""A catalogue with exclusive and hidden products, and users of every kind, for tests of who may read what.

Of program 2737 one product is exclusive, its metadata public; of another not even the metadata are. Every text of the
hidden one has a word of its own, and so have the bytes of both files: nobody else may ever be shown those.
"""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
from astropy.io import fits

from voserver.catalogue.accounts.administration import administer
from voserver.settings import Settings, StoreSetting

AUTHORITY = "voserver.example"
PROGRAM = 2737
GROUP = f"ivo://{AUTHORITY}/gms?jwst-02737"
PASSWORD = "correct-horse-battery-staple"
HIDDEN_WORD = "Unveiled"
BYTES_WORD = b"photons of nobody else"
EXCLUSIVE = "jw02737010"
HIDDEN = "jw02737040"
_HIDDEN = f"('{HIDDEN}', 'jw02737030')"  # the other one is a spectrum
EXCLUSIVE_URI = f"mast:JWST/{EXCLUSIVE}_rate"
HIDDEN_URI = f"mast:JWST/{HIDDEN}_rate"
PUBLIC_URI = "mast:JWST/jw02737001_rate"
EXCLUSIVE_DID = f"ivo://{AUTHORITY}/jwst?{EXCLUSIVE}"
HIDDEN_DID = f"ivo://{AUTHORITY}/jwst?{HIDDEN}"

_LATER = "2100-01-01"

_ROWS = f"""
UPDATE archive.plane SET datarelease = '{_LATER}', datareadgroups = ARRAY['{GROUP}'], proposal_id = '{PROGRAM}'
    WHERE observationid IN ('{EXCLUSIVE}', '{HIDDEN}', 'jw02737030');
UPDATE archive.artifact SET datarelease = '{_LATER}', datareadgroups = ARRAY['{GROUP}'], program = {PROGRAM}
    WHERE obs_id IN ('{EXCLUSIVE}', '{HIDDEN}', 'jw02737030');
"""


@dataclass(frozen=True, slots=True)
class Users:
    """What the users sign in with: tokens, and one token each that has expired, was revoked, or is only for reading."""

    member: str
    stranger: str
    disabled: str
    expired: str
    revoked: str
    reader: str


def basic(name: str, password: str = PASSWORD) -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


def fill(url: str) -> Users:
    """Put the catalogue and the users into an empty database."""
    with psycopg.connect(url) as connection:
        catalogue = (Path(__file__).parent / "catalogue.sql").read_text()
        # Every program's turn comes at its third exposure: these are given to the one that is looked at here.
        renamed = "'jw0' || CASE WHEN n IN (10, 30, 40) THEN 2737 ELSE program END || lpad(n::text, 3, '0')"
        connection.execute(catalogue.replace("'jw0' || program || lpad(n::text, 3, '0')", renamed).encode())
        connection.execute(_ROWS.encode())
        _hide(connection)
    with administer(url, AUTHORITY) as accounts:
        for name in ("ada", "ben", "cid"):
            accounts.add_user(name, PASSWORD)
        accounts.join(str(PROGRAM), ["ada", "cid"])
        accounts.set_disabled("cid", disabled=True)
        made = {
            "member": accounts.create_token("ada", "member", ["jobs"], 1),
            "stranger": accounts.create_token("ben", "stranger", ["jobs"], 1),
            "disabled": accounts.create_token("cid", "disabled", ["jobs"], 1),
            "expired": accounts.create_token("ada", "expired", ["jobs"], 1),
            "revoked": accounts.create_token("ada", "revoked", ["jobs"], 1),
            "reader": accounts.create_token("ada", "reader", ["read"], 1),
        }
        accounts.revoke_token(made["revoked"][1])
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE archive.token SET expires = now() - interval '1 hour' WHERE token_id = %s",
            [made["expired"][1]],
        )
    return Users(**{name: token for name, (token, _) in made.items()})


def _hide(connection: psycopg.Connection) -> None:
    """Hide one observation with all below it, and put the word into every text that may take it."""
    ids = f"SELECT planeid FROM archive.plane WHERE observationid IN {_HIDDEN}"
    rows = {
        "observation": f"observationid IN {_HIDDEN}",
        "plane": f"observationid IN {_HIDDEN}",
        "artifact": f"planeid IN ({ids})",
        "provenance_input": f"outputid IN ({ids})",
    }
    keys = {"observationid", "obs_id", "publisherid", "uri", "intent", "typecode", "suffix", "dataproduct_type",
            "dataproducttype", "producttype", "collection", "proposal_id", "instrument", "filename"}  # fmt: skip
    connection.execute(
        f"""
        INSERT INTO archive.part (artifactid, partid, name)
            SELECT artifactid, md5(uri || 'part')::uuid, '0' FROM archive.artifact WHERE planeid IN ({ids});
        INSERT INTO archive.chunk (partid, chunkid)
            SELECT partid, md5(partid::text)::uuid FROM archive.part;
        INSERT INTO archive.observation_member (parentid, memberid)
            SELECT obsid, 'caom:JWST/{HIDDEN_WORD}' FROM archive.observation WHERE observationid = '{HIDDEN}';
        INSERT INTO archive.visit (program, observation, visit, part, obs_id, scheduled_target, s_ra, s_dec,
                scheduled_start, scheduled_end)
            VALUES ({PROGRAM}, 40, 1, 0, '{HIDDEN_WORD}', '{HIDDEN_WORD}', 110.7, -73.4, '2023-01-01', '2023-01-02')
        """.encode()
    )
    rows |= {"part": "true", "chunk": "true", "observation_member": "true", "visit": "true"}
    for table, condition in rows.items():
        texts = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'archive' AND table_name = %s"
            " AND data_type = 'text' AND is_generated = 'NEVER' AND column_name NOT LIKE '%%uri'"
            " AND NOT EXISTS (SELECT FROM information_schema.constraint_column_usage AS u"
            "  WHERE u.table_schema = 'archive' AND u.table_name = columns.table_name"
            "  AND u.column_name = columns.column_name)",
            [table],
        ).fetchall()
        words = [
            f"{name} = '{HIDDEN_WORD}'"
            for (name,) in texts
            if name not in keys
            and not name.endswith(("_bounds", "s_region", "_samples", "_given", "_status"))
        ]
        changes = [*words, f"metarelease = '{_LATER}'", f"metareadgroups = ARRAY['{GROUP}']"]
        connection.execute(f"UPDATE archive.{table} SET {', '.join(changes)} WHERE {condition}".encode())


def _image(words: str) -> bytes:
    """A small image on the sky whose header has the words."""
    cards = {
        "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRPIX1": 8.5, "CRPIX2": 8.5, "CRVAL1": 110.8, "CRVAL2": -73.5,
        "CDELT1": -0.001, "CDELT2": 0.001, "CUNIT1": "deg", "CUNIT2": "deg", "OBSERVER": words,
    }  # fmt: skip
    image = fits.PrimaryHDU(np.arange(256, dtype="f4").reshape(16, 16), fits.Header(cards))
    written = io.BytesIO()
    image.writeto(written)
    return written.getvalue()


def settings(url: str, directory: Path, **changed: object) -> Settings:
    """Settings of a server for that catalogue; its store, in the directory, has the files of all products."""
    store = directory / "store"
    store.mkdir(parents=True, exist_ok=True)
    for uri in (EXCLUSIVE_URI, HIDDEN_URI, PUBLIC_URI):
        words = "light for all" if uri == PUBLIC_URI else BYTES_WORD.decode()
        (store / f"{uri.rpartition('/')[2]}.fits").write_bytes(_image(words))
    return Settings(
        database_url=url,
        data_dir=directory,
        authority=AUTHORITY,
        stores=[StoreSetting(name="local", url=store.as_uri())],
        query_connections=2,
        log_level="error",
    ).model_copy(update=changed)
