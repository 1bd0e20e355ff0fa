"""`voserver demo`: everything from nothing to a running service, and what to try with it."""

from contextlib import ExitStack

from rich.text import Text

from voserver.catalogue import migrations
from voserver.catalogue.accounts.demonstration import (
    NAME,
    ensure_demonstration_user,
    hold_back_product,
)
from voserver.catalogue.embedded import EmbeddedPostgres
from voserver.cli import loading
from voserver.cli.configuration import read_settings
from voserver.cli.serving import address, listen, serve
from voserver.cli.steps import console, step

_INVITATION = '''
voserver is up. Ctrl-C stops it.

  TOPCAT (VO, Table Access Protocol): paste the TAP URL

    {url}/tap

  Aladin (Location): paste the URL of an image or of a search, as this one

    {url}/sia/query?POS=CIRCLE+151.757+-40.437+0.01

  In a shell

    curl -s '{url}/tap/sync?LANG=ADQL&QUERY=SELECT+TOP+5+*+FROM+ivoa.ObsCore&FORMAT=csv'

  In Python, after pip install pyvo

    import pyvo
    tap = pyvo.dal.TAPService("{url}/tap")
    query = """
        SELECT TOP 5 target_name, s_ra, s_dec, instrument_name
        FROM ivoa.ObsCore WHERE dataproduct_type = 'cube' ORDER BY t_min
    """
    print(tap.search(query).to_table())

  An image of program {program} that only its members may have (which is made up, as its pixels are): you are user {user}

    curl -u {user}:{password} -O '{url}/files/{uri}'

  In a browser: {url}/
'''


def run(**options: object) -> None:
    """Start the embedded PostgreSQL, fill it where it is empty, and serve until Ctrl-C or SIGTERM."""
    settings = read_settings(**options)
    with listen(settings.host, settings.port) as listener, ExitStack() as stack:
        postgres = EmbeddedPostgres(settings.data_dir)
        stack.callback(postgres.stop)  # even where its end cannot be shown, as on a terminal that was closed
        try:
            with step("Starting PostgreSQL", f"PostgreSQL runs in {postgres.cluster}"):
                url = postgres.start()
            ready = settings.model_copy(
                update={"database_url": url, "workers": 1, "workers_embedded": True, "explain": True}
            )
            with step("Bringing the schema up to date", "The schema is up to date"):
                migrations.upgrade(url, ready)
            hold_back_product(url, ready)
            loading.sample(ready)
            member = ensure_demonstration_user(url, ready)
            invitation = _INVITATION.format(
                url=address(listener),
                user=NAME,
                program=member.program,
                password=member.password,
                uri=member.uri,
            )
            up = Text(invitation)
            serve(ready, listener, lambda: console.print(up, soft_wrap=True))
        except KeyboardInterrupt:
            console.print("Stopped before it was up. The next start goes on from here.")
        finally:
            with step("Stopping PostgreSQL", lambda: _end_of(postgres)):
                postgres.stop()


def _end_of(postgres: EmbeddedPostgres) -> str:
    return "PostgreSQL goes on: another voserver uses it" if postgres.runs else "PostgreSQL has stopped"
