"""Which index PostgreSQL takes for what astronomers ask: compiled ADQL over the sample, planned as the service runs it.

A plan that changes fails here, with the plan. Values are taken from the rows, such that a dozen or so have them.
"""

import re
import threading
from collections.abc import Iterator

import psycopg
import pytest

from voserver.catalogue import engine, roles
from voserver.catalogue.ingest import keywords
from voserver.catalogue.tap_schema import load_tables
from voserver.model.tables import Tables
from voserver.query.adql import compile as compile_adql
from voserver.sample import KEYWORDS
from voserver.settings import Settings

ROWS = Settings.model_fields["default_maxrec"].default + 1
FULL_SCAN = re.compile(
    r"Seq Scan on (plane|artifact|observation|observation_member|provenance_input|event)\b"
)

CONE = "1 = CONTAINS(POINT(s_ra, s_dec), CIRCLE({ra}, {dec}, 0.02))"
ON_SKY = {
    "cone in ObsCore": (f"SELECT * FROM ivoa.ObsCore WHERE {CONE}", "plane_center"),
    "cone in products": (f"SELECT * FROM jwst.product WHERE {CONE}", "artifact_position"),
    "cone of ADQL 2.0": (
        "SELECT * FROM ivoa.ObsCore WHERE CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', {ra}, {dec}, 0.02)) = 1",
        "plane_center",
    ),
    "cone by distance": (
        "SELECT * FROM ivoa.ObsCore WHERE DISTANCE(POINT(s_ra, s_dec), POINT({ra}, {dec})) < 0.02",
        "plane_center",
    ),
    "cone by distance of numbers": (
        "SELECT * FROM jwst.product WHERE DISTANCE(s_ra, s_dec, {ra}, {dec}) <= 0.02",
        "artifact_position",
    ),
    "nearest first": (
        (f"SELECT TOP 5 *, DISTANCE(POINT(s_ra, s_dec), POINT({{ra}}, {{dec}})) AS d FROM ivoa.ObsCore WHERE {CONE}"
        " ORDER BY d"),
        "plane_center",
    ),
    "counted": (f"SELECT COUNT(*) AS n FROM ivoa.ObsCore WHERE {CONE}", "plane_center"),
    "positions in a polygon": (
        ("SELECT * FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(s_ra, s_dec),"
        " POLYGON({ra}, {dec}, {ra} + 0.02, {dec}, {ra}, {dec} + 0.02))"),
        "plane_center",
    ),
    "positions in a box": (
        "SELECT * FROM jwst.product WHERE 1 = CONTAINS(POINT(s_ra, s_dec), BOX({ra}, {dec}, 0.02, 0.02))",
        "artifact_position",
    ),
    "positions in a coverage map": (
        "SELECT * FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(s_ra, s_dec), MOC(12, CIRCLE({ra}, {dec}, 0.02)))",
        "plane_center",
    ),
    "footprints that meet a coverage map": (
        "SELECT * FROM ivoa.ObsCore WHERE 1 = INTERSECTS(s_region, MOC(12, CIRCLE({ra}, {dec}, 0.02)))",
        "plane_footprint",
    ),
    "footprint contains a point": (
        "SELECT * FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT({ra}, {dec}), s_region)",
        "plane_footprint",
    ),
    "footprint of a product contains a point": (
        "SELECT * FROM jwst.product WHERE 1 = CONTAINS(POINT({ra}, {dec}), s_region)",
        "artifact_footprint",
    ),
    "footprint meets a point": (
        "SELECT * FROM ivoa.ObsCore WHERE 1 = INTERSECTS(POINT({ra}, {dec}), s_region)",
        "plane_footprint",
    ),
    "footprint meets a circle": (
        "SELECT * FROM ivoa.ObsCore WHERE INTERSECTS(s_region, CIRCLE({ra}, {dec}, 0.01)) = 1",
        "plane_footprint",
    ),
    "footprint of a product meets a polygon": (
        ("SELECT * FROM jwst.product WHERE 1 = INTERSECTS(POLYGON({ra}, {dec}, {ra} + 0.02, {dec}, {ra}, {dec} + 0.02),"
        " s_region)"),
        "artifact_footprint",
    ),
    "footprint meets a region in words": (
        "SELECT * FROM ivoa.ObsCore WHERE 1 = INTERSECTS(s_region, REGION('CIRCLE ICRS {ra} {dec} 0.01'))",
        "plane_footprint",
    ),
    "footprint in a circle": (
        "SELECT * FROM ivoa.ObsCore WHERE 1 = CONTAINS(s_region, CIRCLE({ra}, {dec}, 0.1))",
        "plane_footprint",
    ),
    "bounds of a plane meet a circle": (
        "SELECT * FROM caom2.Plane WHERE 1 = INTERSECTS(position_bounds, CIRCLE({ra}, {dec}, 0.01))",
        "plane_footprint",
    ),
    "one or another place": (
        f"SELECT * FROM ivoa.ObsCore WHERE {CONE} OR 1 = CONTAINS(POINT(s_ra, s_dec), CIRCLE(10, 10, 0.1))",
        "plane_center",
    ),
    "cone and more": (
        f"SELECT * FROM jwst.product WHERE {CONE} AND calib_level >= 2 AND t_exptime > 10 AND instrument <> 'FGS'",
        "artifact_position",
    ),
}  # fmt: skip
JOINS = {
    "products about a program's positions": (
        ("SELECT o.obs_id, p.filename FROM ivoa.ObsCore AS o JOIN jwst.product AS p"
        " ON 1 = CONTAINS(POINT(p.s_ra, p.s_dec), CIRCLE(o.s_ra, o.s_dec, 0.01)) WHERE o.proposal_id = '{proposal}'"),
        "plane_proposal_id_idx artifact_position",
    ),
    "the same by distance": (
        ("SELECT o.obs_id, p.filename FROM ivoa.ObsCore AS o JOIN jwst.product AS p"
        " ON DISTANCE(POINT(p.s_ra, p.s_dec), POINT(o.s_ra, o.s_dec)) < 0.01 WHERE o.proposal_id = '{proposal}'"),
        "plane_proposal_id_idx artifact_position",
    ),
    "the same, written the other way round": (
        ("SELECT o.obs_id, p.filename FROM jwst.product AS p JOIN ivoa.ObsCore AS o"
        " ON DISTANCE(POINT(o.s_ra, o.s_dec), POINT(p.s_ra, p.s_dec)) < 0.01 WHERE p.program = {artifact.program}"),
        "artifact_program_observation_visit_idx plane_center",
    ),
    "positions in a program's footprints": (
        ("SELECT o.obs_id, p.filename FROM ivoa.ObsCore AS o JOIN jwst.product AS p"
        " ON 1 = CONTAINS(POINT(p.s_ra, p.s_dec), o.s_region) WHERE o.proposal_id = '{proposal}'"),
        "plane_proposal_id_idx artifact_position",
    ),
    "footprints about a program's positions": (
        ("SELECT o.obs_id, p.filename FROM ivoa.ObsCore AS o JOIN jwst.product AS p"
        " ON 1 = CONTAINS(POINT(o.s_ra, o.s_dec), p.s_region) WHERE o.proposal_id = '{proposal}'"),
        "plane_proposal_id_idx artifact_footprint",
    ),
    "footprints that meet a program's": (
        ("SELECT o.obs_id, p.filename FROM ivoa.ObsCore AS o JOIN jwst.product AS p"
        " ON 1 = INTERSECTS(o.s_region, p.s_region) WHERE o.proposal_id = '{proposal}'"),
        "plane_proposal_id_idx artifact_footprint",
    ),
    "footprints that meet one observation's": (
        ("SELECT a.obs_id, b.obs_id FROM ivoa.ObsCore AS a, ivoa.ObsCore AS b"
        " WHERE 1 = INTERSECTS(a.s_region, b.s_region) AND a.obs_id = '{plane.observationid}'"),
        "plane_observationid_idx plane_footprint",
    ),
    "footprints in a program's": (
        ("SELECT o.obs_id, p.filename FROM ivoa.ObsCore AS o JOIN jwst.product AS p"
        " ON 1 = CONTAINS(p.s_region, o.s_region) WHERE o.proposal_id = '{proposal}'"),
        "plane_proposal_id_idx artifact_footprint",
    ),
    "another filter at the same place": (
        ("SELECT p.filename FROM jwst.product AS p WHERE p.program = {artifact.program} AND EXISTS (SELECT * FROM"
        " jwst.product AS q WHERE 1 = INTERSECTS(p.s_region, q.s_region) AND q.filter <> p.filter)"),
        "artifact_program_observation_visit_idx artifact_footprint",
    ),
    "files of observations in a cone": (
        ("SELECT p.filename FROM ivoa.ObsCore AS o JOIN jwst.product AS p ON p.obs_publisher_did = o.obs_publisher_did"
        " WHERE 1 = CONTAINS(POINT(o.s_ra, o.s_dec), CIRCLE({ra}, {dec}, 0.02))"),
        "plane_center artifact_publisherid_idx",
    ),
    "CAOM from proposal to file": (
        ("SELECT a.uri FROM caom2.Observation AS o JOIN caom2.Plane AS p ON p.obsID = o.obsID JOIN caom2.Artifact AS a"
        " ON a.planeID = p.planeID WHERE o.proposal_id = '{observation.proposal_id}'"),
        "observation_proposal_id_idx plane_obsid_idx artifact_planeid_idx",
    ),
    "CAOM from file to proposal": (
        ("SELECT o.proposal_pi FROM caom2.Observation AS o JOIN caom2.Plane AS p ON p.obsID = o.obsID"
        " JOIN caom2.Artifact AS a ON a.planeID = p.planeID WHERE a.uri = '{artifact.uri}'"),
        "artifact_uri_key plane_pkey observation_pkey",
    ),
    "members of an observation": (
        ("SELECT o.observationID FROM caom2.ObservationMember AS m JOIN caom2.Observation AS o"
        " ON o.observationURI = m.memberID JOIN caom2.Observation AS d ON d.obsID = m.parentID"
        " WHERE d.observationURI = '{observation.observationuri}'"),
        "observation_observationuri_key observation_member_pkey",
    ),
    "inputs of a plane": (
        ("SELECT i.inputID FROM caom2.ProvenanceInput AS i JOIN caom2.Plane AS p ON p.planeID = i.outputID"
        " WHERE p.publisherID = '{plane.publisherid}'"),
        "plane_publisherid_key provenance_input_pkey",
    ),
}  # fmt: skip
FILTERS = {
    "ivoa.ObsCore": {
        "obs_id = '{plane.observationid}'": "plane_observationid_idx",
        "obs_publisher_did = '{plane.publisherid}'": "plane_publisherid_key",
        "proposal_id = '{proposal}'": "plane_proposal_id_idx",
        "proposal_id IN ('{proposal}', '1', '2')": "plane_proposal_id_idx",
        "target_name = '{plane.target_name}'": "plane_target_name_idx",
        "instrument_name = '{plane.instrument_name}'": "plane_instrument_name_idx",
        "dataproduct_type = 'spectrum' AND calib_level = 3": "plane_dataproducttype_calibrationlevel_idx",
        "t_min > {late}": "plane_time_bounds_lower_time_bounds_upper_idx",
        "t_min BETWEEN {late} - 5 AND {late}": "plane_time_bounds_lower_time_bounds_upper_idx",
        "t_min <= {early} AND t_max >= {early} - 1": "plane_time_bounds_lower_time_bounds_upper_idx",
        "t_max < {early}": "plane_time_bounds_upper_idx",
        "t_exptime > 6000": "plane_time_exposure_idx",
        "em_min > 1.6e-5": "plane_energy_bounds_lower_energy_bounds_upper_idx",
        "em_max < 1e-6": "plane_energy_bounds_upper_idx",
        "obs_release_date > '{recent}'": "plane_datarelease_idx",
    },
    "jwst.product": {
        "filename = '{artifact.filename}'": "artifact_filename_idx",
        "uri = '{artifact.uri}'": "artifact_uri_key",
        "obs_id = '{artifact.obs_id}'": "artifact_obs_id_idx",
        "obs_publisher_did = '{artifact.publisherid}'": "artifact_publisherid_idx",
        "program = {artifact.program}": "artifact_program_observation_visit_idx",
        "program = {artifact.program} AND observation = 1": "artifact_program_observation_visit_idx",
        "association = '{artifact.association}'": "artifact_association_idx",
        "instrument = 'NIRSPEC' AND mode = '{artifact.mode}'": "artifact_instrument_mode_idx",
        "instrument_name = '{artifact.instrument_name}'": "artifact_instrument_name_idx",
        "exp_type = '{artifact.exp_type}'": "artifact_exp_type_idx",
        "detector = '{artifact.detector}'": "artifact_detector_idx",
        "filter = '{artifact.filter}'": "artifact_filter_idx",
        "filter IN ('{artifact.filter}', 'F480M')": "artifact_filter_idx",
        "grating = '{artifact.grating}'": "artifact_grating_idx",
        "suffix = '{artifact.suffix}'": "artifact_suffix_idx",
        "product_subgroup = '{artifact.product_subgroup}'": "artifact_product_subgroup_idx",
        "target_name = '{artifact.target_name}'": "artifact_target_name_idx",
        "t_min > {late}": "artifact_t_min_idx",
        "t_exptime > 6000": "artifact_t_exptime_idx",
        "release_date > '{recent}'": "artifact_datarelease_idx",
    },
    "jwst.event": {
        "filename = '{artifact.filename}'": "artifact_filename_idx event_filename",
        "uri = '{artifact.uri}'": "artifact_uri_key event_uri",
        "obs_publisher_did = '{artifact.publisherid}'": "artifact_publisherid_idx event_publisherid",
        "program = {artifact.program}": "artifact_program_observation_visit_idx event_program",
        CONE: "artifact_position event_position",
        f"{CONE} AND event_time > '2022-07-12'": "artifact_position event_position",
    },
    "caom2.Observation": {
        "observationID = '{observation.observationid}' AND collection = 'JWST'":
            "observation_collection_observationid_idx",
        "observationURI = '{observation.observationuri}'": "observation_observationuri_key",
        "proposal_id = '{observation.proposal_id}'": "observation_proposal_id_idx",
        "instrument_name = '{observation.instrument_name}'": "observation_instrument_name_idx",
        "target_name = '{observation.target_name}'": "observation_target_name_idx",
    },
}  # fmt: skip
WHOLE = {
    "count of ObsCore": ("SELECT COUNT(*) FROM ivoa.ObsCore", "plane_release"),
    "count of products": ("SELECT COUNT(*) FROM jwst.product", "artifact_release"),
    "the first in time": ("SELECT TOP 10 * FROM ivoa.ObsCore ORDER BY t_min",
        "plane_time_bounds_lower_time_bounds_upper_idx"),
    "the last in time": ("SELECT TOP 10 * FROM ivoa.ObsCore WHERE t_min > 0 ORDER BY t_min DESC",
        "plane_time_bounds_lower_time_bounds_upper_idx"),
    "the last changed": ("SELECT TOP 10 * FROM jwst.product ORDER BY last_modified DESC",
        "artifact_lastmodified_idx"),
}  # fmt: skip
CASES = {
    **WHOLE,
    **ON_SKY,
    **JOINS,
    **{
        f"{table} where {condition}": (f"SELECT * FROM {table} WHERE {condition}", index)
        for table, conditions in FILTERS.items()
        for condition, index in conditions.items()
    },
}


_REPROCESSED = """
    INSERT INTO archive.event
        (time, kind, artifactid, uri, publisherid, obs_id, filename, program, s_ra, s_dec, metarelease)
    SELECT lastmodified, 'reprocessed', artifactid, uri, publisherid, obs_id, filename, program, s_ra, s_dec, metarelease
    FROM archive.artifact"""


def prepare(connection: psycopg.Connection) -> None:
    """Count for the planner, and mark all rows as seen by everybody: not before the last older snapshot has gone."""
    patience = threading.Event()
    left = "SELECT count(*) FROM pg_class WHERE relnamespace = 'archive'::regnamespace AND relkind = 'r'"
    for _ in range(100):
        connection.execute("VACUUM ANALYZE")
        if connection.execute(f"{left} AND relallvisible < relpages".encode()).fetchone() == (0,):
            return
        patience.wait(0.1)
    pytest.fail("VACUUM did not come to an end.")


@pytest.fixture(scope="module")
def session(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[psycopg.Connection]:
    """A session of the query role, with its limits, over the sample."""
    settings = Settings(database_url=module_database_url, data_dir=tmp_path_factory.mktemp("data"))
    keywords.ingest_keywords(module_database_url, KEYWORDS, settings)
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        connection.execute(_REPROCESSED)
        prepare(connection)
        for name, value in roles.limits(settings).items():
            connection.execute("SELECT set_config(%s, %s, false)", [name, value])
        connection.execute("SET ROLE voserver_query")
        yield connection


@pytest.fixture(scope="module")
def published(module_database_url: str) -> Tables:
    with engine.connect(module_database_url) as connection:
        return load_tables(connection)


class Values(dict[str, object]):
    """`{plane.obsid}` in a query is a value that about a dozen rows have, or the commonest that fewer have."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self["proposal"] = self["plane.proposal_id"]
        (self["ra"], self["dec"]), (self["early"], self["late"]), (self["recent"],) = map(
            self._row,
            (
                (
                    "SELECT position_center_ra, position_center_dec FROM archive.plane"
                    " WHERE position_bounds__shape IS NOT NULL ORDER BY publisherid LIMIT 1"
                ),
                (
                    "SELECT percentile_disc(0.02) WITHIN GROUP (ORDER BY time_bounds_lower),"
                    " percentile_disc(0.98) WITHIN GROUP (ORDER BY time_bounds_lower) FROM archive.plane"
                ),
                "SELECT percentile_disc(0.98) WITHIN GROUP (ORDER BY datarelease) FROM archive.plane",
            ),
        )

    def fill(self, template: str) -> str:
        return re.sub(r"\{([\w.]+)\}", lambda found: str(self[found[1]]), template)

    def __missing__(self, name: str) -> object:
        table, column = name.split(".")
        (value,) = self._row(
            f"SELECT {column} FROM archive.{table} WHERE {column} IS NOT NULL GROUP BY 1"
            " HAVING count(*) <= 20 ORDER BY count(*) DESC, 1 LIMIT 1"
        )
        self[name] = value
        return value

    def _row(self, query: str) -> tuple[object, ...]:
        with psycopg.connect(self._url) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row


@pytest.fixture(scope="module")
def values(session: psycopg.Connection, module_database_url: str) -> Values:
    assert session.info.dbname in module_database_url  # the rows are there
    return Values(module_database_url)


@pytest.mark.parametrize("name", CASES)
def test_an_index_serves_the_search(
    session: psycopg.Connection, published: Tables, values: Values, name: str
) -> None:
    template, indexes = CASES[name]
    statement = compile_adql(values.fill(template), published)
    lines = session.execute(f"EXPLAIN {statement.limited(ROWS)}".encode()).fetchall()
    plan = "\n".join(line for (line,) in lines)
    taken = set(re.findall(r"(?:Index (?:Only )?Scan (?:Backward )?using|Bitmap Index Scan on) (\w+)", plan))
    assert set(indexes.split()) <= taken, plan
    assert not FULL_SCAN.search(plan), plan
