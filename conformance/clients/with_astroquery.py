"""astroquery: its general TAP client, and the module for CADC's archive pointed here (the same CAOM tables)."""

import warnings
from typing import Any

from conformance.asking import PLANETARY_NEBULA, count, rows, within
from conformance.ledger import AbsentError, Seen, Waiver, World, check, client, equal, must

try:
    import astroquery
except ImportError:
    astroquery = None

NAME = "astroquery"
_RA, _DEC = PLANETARY_NEBULA
_QUERY = f"SELECT obs_id, s_ra FROM ivoa.ObsCore WHERE {within(_RA, _DEC, 0.1)} ORDER BY obs_publisher_did"


def _version() -> str:
    if astroquery is None:
        raise AbsentError("astroquery is missing: uv run --with-requirements conformance/requirements.txt …")
    return str(astroquery.__version__)


client(NAME, _version)


def _tap_plus(world: World) -> Any:  # noqa: ANN401 -- astroquery has no types
    from astroquery.utils.tap.core import TapPlus  # noqa: PLC0415 -- is not in the project's own environment

    warnings.simplefilter("ignore")
    return TapPlus(url=f"{world.url}/tap", verbose=False)


@check(NAME, "utils.tap: synchronous, as VOTable and CSV, and asynchronous")
def _(world: World) -> str:
    tap = _tap_plus(world)
    wanted = [row["obs_id"] for row in rows(world.url, _QUERY)]
    must(wanted, "the sample has nothing here")
    for wanted_format in ("votable", "csv"):
        table = tap.launch_job(_QUERY, output_format=wanted_format).get_results()
        equal([str(name) for name in table["obs_id"]], wanted, f"obs_id as {wanted_format}")
    job = tap.launch_job_async(_QUERY)
    equal([str(name) for name in job.get_results()["obs_id"]], wanted, "obs_id of the job")
    again = tap.load_async_job(jobid=job.jobid).get_results()
    equal(len(again), len(wanted), "rows of the job, loaded by its number")
    return f"{len(wanted)} rows each; again from the job's number"


@check(NAME, "utils.tap: an upload, and an error in words")
def _(world: World) -> str:
    tap = _tap_plus(world)
    table = world.file("astroquery.vot")
    from astropy.table import Table  # noqa: PLC0415 -- beside its use

    Table({"ra": [_RA], "dec": [_DEC]}).write(str(table), format="votable", overwrite=True)
    adql = (
        "SELECT o.obs_id FROM tap_upload.mine AS u JOIN ivoa.ObsCore AS o ON 1 = "
        "CONTAINS(POINT('ICRS', o.s_ra, o.s_dec), CIRCLE('ICRS', u.ra, u.dec, 0.1))"
    )
    job = tap.launch_job(adql, upload_resource=str(table), upload_table_name="mine")
    wanted = count(world.url, "ivoa.ObsCore", within(_RA, _DEC, 0.1))
    equal(len(job.get_results()), wanted, "pairs")
    try:
        tap.launch_job("SELECT s_raa FROM ivoa.ObsCore").get_results()
    except Exception as error:  # noqa: BLE001 -- requests' or its own, whichever: its words count
        must("s_raa" in str(error), f"it says only: {error}")
        return f"{wanted} pairs; a wrong query: {str(error).strip().splitlines()[0][:160]}"
    raise AssertionError("no error was raised")


@check(NAME, "utils.tap: the list of tables")
def _(world: World) -> Seen:
    try:
        tables = _tap_plus(world).load_tables()
    except KeyError as error:
        must("esatapplus" in str(error), f"KeyError: {error}")
        return Seen(f"load_tables fails for want of {error}", waivers=(_ESA,))
    names = {table.get_qualified_name() for table in tables}
    must(any("obscore" in name.lower() for name in names), f"tables: {sorted(names)[:5]}")
    return Seen(f"{len(names)} tables with their columns")


_ESA = Waiver(
    "TapPlus.load_tables wants attributes that only ESA's servers write",
    "The table set is valid VODataService, and pyvo, TOPCAT and taplint read it; its makers will not mend it.",
    "https://github.com/astropy/astroquery/issues/1597",
)


@check(NAME, "cadc, pointed here: a region, its files, its columns")
def _(world: World) -> str:
    from astropy import units  # noqa: PLC0415 -- beside its use
    from astropy.coordinates import SkyCoord  # noqa: PLC0415
    from astroquery.cadc import CadcClass  # noqa: PLC0415
    from astroquery.cadc.core import get_access_url  # noqa: PLC0415

    warnings.simplefilter("ignore")
    # What CADC's registry says of its DataLink service.
    get_access_url.caps = {"ivo://cadc.nrc.ca/caom2ops": f"{world.url}/datalink/capabilities"}
    cadc = CadcClass(url=f"{world.url}/tap")
    found = cadc.query_region(SkyCoord(_RA, _DEC, unit="deg"), radius=0.05 * units.deg, collection="JWST")
    must(len(found) > 0, "nothing found")
    urls = cadc.get_data_urls(found)
    must(
        all(url.startswith("http") for url in urls) and len(urls) >= len(found),
        f"{len(urls)} URLs: {urls[:2]}",
    )
    described = cadc.get_table("caom2.Plane")
    must(
        "position_bounds" in {column.name for column in described.columns},
        "caom2.Plane has no position_bounds",
    )
    return f"{len(found)} planes, {len(urls)} files by DataLink, the first {urls[0]}"
