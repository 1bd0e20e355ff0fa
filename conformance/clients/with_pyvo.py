"""pyvo: what a script of an astronomer does with each service."""

import io
import json
import warnings
from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from typing import Any

import pyvo
import requests
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from astropy.utils.data import import_file_to_cache
from pyvo.dal.adhoc import DatalinkResults

from conformance import ledger
from conformance.asking import (
    NEBULA_IMAGE,
    PLANETARY_NEBULA,
    SPECTRUM,
    SPECTRUM_POSITION,
    count,
    file_url,
    get,
    rows,
    within,
)
from conformance.ledger import Part, Seen, World, equal, must

NAME = "pyvo"
_RA, _DEC = PLANETARY_NEBULA
_POSITION = SkyCoord(_RA, _DEC, unit="deg")
_IMAGES = "SELECT obs_id, obs_publisher_did, access_url, access_format FROM ivoa.ObsCore"
_QUERY = f"SELECT obs_id, s_ra, t_exptime FROM ivoa.ObsCore WHERE {within(_RA, _DEC, 0.1)} ORDER BY obs_publisher_did"

ledger.client(NAME, lambda: version("pyvo"))


def _check(capability: str, part: Part = "fast") -> Callable[[Callable[[World], Seen | str]], None]:
    """A check during which pyvo's and astropy's warnings about names and units are not shown."""

    def enter(run: Callable[[World], Seen | str]) -> None:
        @wraps(run)
        def quiet(world: World) -> Seen | str:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return run(world)

        ledger.check(NAME, capability, part)(quiet)

    return enter


def _tap(world: World) -> Any:  # noqa: ANN401 -- pyvo has no types
    return pyvo.dal.TAPService(f"{world.url}/tap")


@_check("TAP: capabilities, tables, examples")
def _(world: World) -> str:
    tap = _tap(world)
    must(tap.available, "the service says that it is not available")
    tables = {table.name.lower(): len(table.columns) for table in tap.tables}
    must({"ivoa.obscore", "jwst.product"} <= set(tables), f"tables: {sorted(tables)}")
    examples = tap.examples
    must(len(examples) >= 5, f"{len(examples)} examples")
    must(len(examples[0].execute()) > 0, "the first example finds nothing")
    methods = [method.ivo_id.rpartition("#")[2] for method in tap.upload_methods]
    said = (
        f"{len(tables)} tables, ivoa.ObsCore with {tables['ivoa.obscore']} columns; {len(examples)} examples"
    )
    return f"{said}; uploads by {', '.join(methods)}; at most {tap.hardlimit:,} rows"


@_check("TAP: synchronous and asynchronous, the same rows")
def _(world: World) -> str:
    tap = _tap(world)
    wanted = [row["obs_id"] for row in rows(world.url, _QUERY)]
    must(wanted, "the sample has nothing here")
    for run in (tap.run_sync, tap.run_async):
        equal(list(run(_QUERY).to_table()["obs_id"]), wanted, f"obs_id by {run.__name__}")
    return f"{len(wanted)} rows each, as curl has them"


@_check("TAP: a job by hand, and its abortion")
def _(world: World) -> str:
    tap = _tap(world)
    job = tap.submit_job(_QUERY, maxrec=3)
    job.run()
    job.wait(phases=["COMPLETED", "ERROR"], timeout=60)
    equal((job.phase, len(job.fetch_result())), ("COMPLETED", 3), "phase and rows")
    job.delete()
    other = tap.submit_job(_QUERY)
    other.abort()
    equal(other.phase, "ABORTED", "phase")
    other.delete()
    return "3 rows of MAXREC=3, COMPLETED; another job ABORTED; both deleted"


@_check("TAP: an upload")
def _(world: World) -> str:
    table = Table({"name": ["nebula", "nowhere"], "ra": [_RA, 10.0], "dec": [_DEC, 80.0]})
    adql = (
        "SELECT u.name, o.obs_id FROM TAP_UPLOAD.mine AS u JOIN ivoa.ObsCore AS o ON 1 = "
        "CONTAINS(POINT('ICRS', o.s_ra, o.s_dec), CIRCLE('ICRS', u.ra, u.dec, 0.1))"
    )
    wanted = count(world.url, "ivoa.ObsCore", within(_RA, _DEC, 0.1))
    for run in (_tap(world).run_sync, _tap(world).run_async):
        seen = run(adql, uploads={"mine": table})
        equal((len(seen), set(seen["name"])), (wanted, {"nebula"}), f"pairs by {run.__name__}")
    return f"{wanted} pairs, synchronously and as a job"


@_check("TAP: an error, in words")
def _(world: World) -> str:
    for run in (_tap(world).run_sync, _tap(world).run_async):
        try:
            run("SELECT s_raa FROM ivoa.ObsCore")
        except pyvo.dal.DALQueryError as error:
            reason = str(error)
            must("s_raa" in reason and "s_ra" in reason.replace("s_raa", ""), f"it says only: {reason}")
        else:
            must(False, "no error was raised")
    return f"pyvo raises: {reason}"


@_check("SIA 2: every parameter, and the image")
def _(world: World) -> str:
    _know_terms(world)
    service = pyvo.dal.SIA2Service(f"{world.url}/sia")
    found = service.search(pos=(_POSITION, 0.1 * units.deg))
    must(len(found) > 0, "nothing found")
    narrow = service.search(
        pos=(_POSITION, 0.1 * units.deg),
        band=(4e-6 * units.m, 5e-6 * units.m),
        time=("2022-05-01", "2023-06-01"),
        calib_level=[2, 3],
        facility="JWST",
        instrument="NIRCAM/IMAGE",
        data_type="image",
        res_format="image/fits",
        maxrec=50,
    )
    must(0 < len(narrow) < len(found), f"{len(narrow)} of {len(found)} with every constraint")
    simulated = next(row for row in found if row.obs_publisher_did.endswith("nircam_f405n-f444w/simulated"))
    content = simulated.getdataset().read()
    equal(content, get(file_url(world.url, NEBULA_IMAGE)), "the file's content")
    with fits.open(io.BytesIO(content)) as opened:
        shape = next(unit.data.shape for unit in opened if unit.data is not None and unit.data.ndim == 2)
    return f"{len(found)} images, {len(narrow)} with constraints on all; one fetched, {shape[1]} x {shape[0]} pixels"


@_check("SIA 1")
def _(world: World) -> str:
    service = pyvo.dal.SIAService(f"{world.url}/sia1")
    found = service.search(_POSITION, size=0.1 * units.deg, format="image/fits")
    must(len(found) > 0, "nothing found")
    described = service.search(_POSITION, size=0, format="metadata")
    equal(len(described), 0, "rows of the service's description")
    return f"{len(found)} images, the first {found[0].title!r} at {found[0].pos.to_string(precision=3)}"


@_check("SSA, and a spectrum's points")
def _(world: World) -> str:
    service = pyvo.dal.SSAService(f"{world.url}/ssa")
    position = SkyCoord(*SPECTRUM_POSITION, unit="deg")
    found = service.search(pos=position, diameter=0.2 * units.deg, band=(11e-6, 13e-6))
    must(len(found) > 0, "nothing found")
    must(any(SPECTRUM in row.getdataurl() for row in found), "the sample's spectrum is not among them")
    spectrum = Table.read(io.BytesIO(get(file_url(world.url, SPECTRUM))), hdu=1)
    return f"{len(found)} spectra; one has {len(spectrum)} points of {', '.join(spectrum.colnames[:3])}"


@_check("Cone search")
def _(world: World) -> str:
    service = pyvo.dal.SCSService(f"{world.url}/scs/jwst.product?")
    found = service.search(pos=_POSITION, radius=0.05 * units.deg)
    equal(len(found), count(world.url, "jwst.product", within(_RA, _DEC, 0.05)), "rows")
    return f"{len(found)} files, as ADQL counts them"


def _know_terms(world: World) -> None:
    """Put the terms of datalink/core into astropy's cache: pyvo else asks the IVOA's web server for them."""
    terms = ("this", "preview", "cutout", "auxiliary", "proc", "package", "calibration", "progenitor")
    file = world.file("datalink-core.json")
    entries = {term: {"label": term, "description": "", "narrower": [], "wider": []} for term in terms}
    file.write_text(json.dumps({"uri": "http://www.ivoa.net/rdf/datalink/core", "terms": entries}))
    import_file_to_cache("http://www.ivoa.net/rdf/datalink/core", str(file))


def _simulated(world: World) -> Any:  # noqa: ANN401 -- pyvo has no types
    return _tap(world).search(f"{_IMAGES} WHERE obs_publisher_did LIKE '%nircam_f405n-f444w/simulated'")


@_check("DataLink: from rows to links, many at once")
def _(world: World) -> str:
    _know_terms(world)
    found = _tap(world).search(
        f"SELECT TOP 20 * FROM ivoa.ObsCore WHERE {within(_RA, _DEC, 0.1)} ORDER BY obs_publisher_did"
    )
    links = list(found.iter_datalinks(preserve_order=True))
    equal(len(links), len(found), "answers")
    must(all("#this" in set(answer["semantics"]) for answer in links), "data without #this")
    this = next(_simulated(world).iter_datalinks())
    urls = [link.access_url for link in this.bysemantics("#this")]
    equal(urls, [file_url(world.url, NEBULA_IMAGE)], "#this")
    wrong = DatalinkResults.from_result_url(f"{world.url}/datalink/links?ID=ivo%3A%2F%2Fnobody%2Fnothing")
    must("NotFound" in wrong[0].error_message, f"an unknown ID: {wrong[0].error_message!r}")
    semantics = sorted({str(term) for answer in links for term in answer["semantics"]})
    return f"Links of {len(links)} rows: {', '.join(semantics)}; an unknown ID: {wrong[0].error_message}"


@_check("SODA: a cut-out with the right part of the sky")
def _(world: World) -> str:
    service = next(_simulated(world).iter_datalinks()).get_first_proc()
    radius = 0.005
    content = service.process(circle=(_RA, _DEC, radius) * units.deg).read()
    with (
        fits.open(io.BytesIO(content)) as cut,
        fits.open(io.BytesIO(get(file_url(world.url, NEBULA_IMAGE)))) as whole,
    ):
        small, large = (
            next(unit for unit in opened if unit.data is not None and unit.data.ndim == 2)
            for opened in (cut, whole)
        )
        must(small.data.size < large.data.size / 4, f"{small.data.shape} of {large.data.shape}")
        x, y = _pixel(small.header)
        xx, yy = _pixel(large.header)
        middle = small.data[round(y), round(x)]
        must(middle == large.data[round(yy), round(xx)], "another value at the same place of the sky")
        return f"{small.data.shape} of {large.data.shape} pixels; at the circle's centre {middle:.4g} in both"


def _pixel(header: fits.Header) -> tuple[float, float]:
    from astropy.wcs import WCS  # noqa: PLC0415 -- half a second, for this check only

    x, y = WCS(header).celestial.world_to_pixel(_POSITION)
    return float(x), float(y)


@_check("signed in with a token: an exclusive file, a job of one's own", "headless")
def _(world: World) -> str:
    account = world.account
    url = file_url(world.url, account.uri)
    session = requests.Session()
    equal(session.get(url, timeout=60).status_code, 401, "status of the exclusive file for everybody")
    session.headers["Authorization"] = f"Bearer {account.token}"
    content = session.get(url, timeout=60).content
    must(content.startswith(b"SIMPLE  ="), "the exclusive file is no FITS file")
    tap = pyvo.dal.TAPService(f"{world.url}/tap", session=session)
    job = tap.submit_job(_QUERY)
    equal(job.owner, account.name, "the job's owner")
    own = {one.jobid for one in tap.get_job_list()}
    must(job.job_id in own, "the job is not in the list of one's own")
    equal(list(_tap(world).get_job_list()), [], "the list of everybody's jobs")
    owner = job.owner
    job.delete()
    image = tap.search(f"{_IMAGES} WHERE access_url LIKE '%{account.uri.split('/')[-1]}'")
    links = next(image.iter_datalinks())
    authorized = {str(link["link_authorized"]) for link in links}
    equal(authorized, {"True"}, "link_authorized")
    return (
        f"{account.uri}: 401 for everybody, {len(content):,} bytes with the token; a job belongs to {owner}"
    )
