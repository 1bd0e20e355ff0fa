"""HEALPix cells and coverage maps, against astropy-healpix: another implementation, by other people."""

from collections.abc import Iterable, Iterator

import astropy.units as u
import numpy as np
import psycopg
import pytest
from astropy_healpix import HEALPix, healpix_to_lonlat, lonlat_to_healpix


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


def one(connection: psycopg.Connection, sql: str, *values: object) -> object:
    row = connection.execute(sql.encode(), values).fetchone()
    assert row is not None
    return row[0]


def positions() -> tuple[np.ndarray, np.ndarray]:
    """Positions all over the sky, many of them next to the poles, and some where cells meet."""
    random = np.random.default_rng(5)
    lon = random.uniform(-360, 720, 5000)
    lat = np.degrees(np.arcsin(random.uniform(-1, 1, 5000)))
    lat[:1000] = 90 - 10 ** random.uniform(-9, 0, 1000)
    lat[1000:2000] = 10 ** random.uniform(-9, 0, 1000) - 90
    lon[2000:2500] = np.round(lon[2000:2500] / 45) * 45 + random.uniform(-1e-6, 1e-6, 500)
    return lon, lat


@pytest.mark.parametrize("order", [0, 1, 2, 5, 8, 12, 17, 23, 28, 29])
def test_positions_are_in_the_pixels_of_astropy(connection: psycopg.Connection, order: int) -> None:
    lon, lat = positions()
    sql = (
        b"SELECT sky.healpix_index(%s::int, lon, lat) FROM unnest(%s::float8[], %s::float8[]) AS p (lon, lat)"
    )
    found = [row[0] for row in connection.execute(sql, [order, lon.tolist(), lat.tolist()])]
    wanted = lonlat_to_healpix(lon * u.deg, lat * u.deg, 2**order, order="nested")
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("order", [0, 1, 2, 5, 8, 12, 17, 23, 28, 29])
def test_pixels_have_the_middles_of_astropy(connection: psycopg.Connection, order: int) -> None:
    pixels = np.random.default_rng(order).integers(0, 12 * 4**order, 2000)
    sql = (
        b"SELECT sky.longitude(middle), sky.latitude(middle), sky.healpix_index(%s::int, sky.longitude(middle),"
        b" sky.latitude(middle)) FROM unnest(%s::int8[]) AS pixel, sky.healpix_center(%s::int, pixel) AS middle"
    )
    found: np.ndarray = np.array(connection.execute(sql, [order, pixels.tolist(), order]).fetchall())
    lon, lat = healpix_to_lonlat(pixels, 2**order, order="nested")
    apart = (found[:, 0].astype(float) - lon.deg + 180) % 360 - 180
    assert np.abs(apart * np.cos(lat)).max() < 1e-12
    assert np.abs(found[:, 1].astype(float) - lat.deg).max() < 1e-12
    assert [row[2] for row in connection.execute(sql, [order, pixels.tolist(), order])] == pixels.tolist()


def test_no_position_is_in_a_pixel_that_is_none(connection: psycopg.Connection) -> None:
    for lon, lat in (("NaN", 0), ("Infinity", 0), (0, 91), (0, "NaN"), (None, 0)):
        assert one(connection, "SELECT sky.healpix_index(5, %s::float8, %s::float8)", lon, lat) is None


CIRCLES = [
    (10, 20, 1, 8),
    (0, 89.5, 1, 7),
    (0, -90, 0.2, 9),
    (120, -41, 20, 5),
    (200, 0, 100, 4),
    (300, 41.8, 0.01, 15),
    (0, 0, 0.1, 11),
    (359.9, 5, 30, 3),
    (45, 0, 178, 2),
]


def cells(connection: psycopg.Connection, order: int, sql: str, *values: object) -> set[int]:
    """The pixels of an order in a map."""
    ranges = connection.execute(
        f"SELECT lower(r) >> %s, upper(r) >> %s FROM unnest(({sql})::int8multirange) AS r".encode(),
        [2 * (29 - order), 2 * (29 - order), *values],
    )
    return {pixel for low, high in ranges for pixel in range(low, high)}


@pytest.mark.parametrize(("lon", "lat", "radius", "order"), CIRCLES)
def test_a_circle_is_covered_by_the_cells_that_it_touches(
    connection: psycopg.Connection, lon: float, lat: float, radius: float, order: int
) -> None:
    found = cells(connection, order, "sky.coverage(%s::int, sky.circle(%s, %s, %s))", order, lon, lat, radius)
    pixels = HEALPix(2**order, order="nested")
    wanted = set(pixels.cone_search_lonlat(lon * u.deg, lat * u.deg, radius * u.deg).tolist())
    # Where a circle only just touches a cell, astropy's search (which is generous) may see more.
    assert found <= wanted
    for pixel in wanted - found:
        edges = pixels.boundaries_lonlat(np.array([pixel]), 32)
        away = separation(lon, lat, edges[0].deg.ravel(), edges[1].deg.ravel()).min()
        assert away > radius * (1 - 1e-6)


def separation(lon: float, lat: float, lons: np.ndarray, lats: np.ndarray) -> np.ndarray:
    """Degrees between a position and others."""
    a, b = np.radians(lat), np.radians(lats)
    turn = np.radians(lons - lon)
    squared = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
    degrees: np.ndarray = np.degrees(2 * np.arcsin(np.sqrt(np.clip(squared, 0, 1))))
    return degrees


@pytest.mark.parametrize("order", [2, 6, 10])
def test_a_region_meets_and_lies_in_a_map_as_its_own_cells_do(
    connection: psycopg.Connection, order: int
) -> None:
    """At the order of the map both tests can be told from the cells that the region touches."""
    random = np.random.default_rng(order)
    size = 60 / 2**order
    counts = {False: 0, True: 0}
    for _ in range(60):
        lon, lat = random.uniform(0, 360), random.uniform(-70, 70)
        corners = [lon, lat, lon + size, lat + size / 3, lon + size / 2, lat + size]
        near = [(lon + random.uniform(-2, 2) * size, lat + random.uniform(-1, 1) * size) for _ in range(30)]
        pixels = lonlat_to_healpix(*(np.array(near).T * u.deg), 2**order, order="nested").tolist()
        text = f"{order}/" + " ".join(map(str, pixels))
        region = cells(connection, order, "sky.coverage(%s::int, sky.polygon(%s::float8[]))", order, corners)
        meets = one(
            connection,
            "SELECT sky.intersects(sky.coverage(%s::text), sky.polygon(%s::float8[]))",
            text,
            corners,
        )
        lies = one(
            connection,
            "SELECT sky.contains(sky.polygon(%s::float8[]), sky.coverage(%s::text))",
            corners,
            text,
        )
        assert meets == bool(region & set(pixels))
        assert lies == (region <= set(pixels))
        counts[bool(lies)] += 1
    assert min(counts.values()) > 0


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("", ""),
        ("0/0-11", "0/0-11"),
        ("5/8-10 42 6/7", "5/8-10 42 6/7"),
        ("1/0-3", "0/0"),
        ("6/7 5/8 6/7 6", "5/8 6/6-7"),
        ("29/0 1 2 3 4", "28/0 29/4"),
        ("5/8,10\n6/ 7\t8/", "5/8 10 6/7"),
        ("29/3458764513820540927", "29/3458764513820540927"),
    ],
)
def test_a_map_is_read_and_written_in_its_normal_form(
    connection: psycopg.Connection, text: str, normal: str
) -> None:
    assert one(connection, "SELECT sky.text(sky.coverage(%s::text))", text) == normal


@pytest.mark.parametrize(
    "text", ["7", "5/12288", "30/1", "5/9-8", "x", "5/1;", "5/-1", "0/99999999999999999999", "{[1,2)}"]
)
def test_what_is_no_map_is_refused(connection: psycopg.Connection, text: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="A coverage map cannot have"):
        one(connection, "SELECT sky.coverage(%s::text)", text)


def test_areas_of_maps_add_up_to_the_sky(connection: psycopg.Connection) -> None:
    def area(text: str) -> object:
        return one(connection, "SELECT sky.area(sky.coverage(%s::text))", text)

    assert area("0/0-11") == pytest.approx(129600 / np.pi)
    assert area("29/5") == pytest.approx(129600 / np.pi / 12 / 4**29)
    assert area("") == 0


def test_a_map_too_fine_for_its_region_is_refused_at_once(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="too many cells"):
        one(connection, "SELECT sky.coverage(29, sky.circle(10, 20, 30))")


def test_the_box_of_a_map_holds_what_the_map_holds(connection: psycopg.Connection) -> None:
    texts: Iterable[str] = ["5/8-10 6/7", "11/4456445 9000000", "0/3", "29/12345678901234567"]
    for text in texts:
        outside = (
            "SELECT count(*) FROM generate_series(0, 10000) AS n,"
            " sky.cells(sky.coverage(%s::text)) AS cell (hpx_order, pixel),"
            " sky.healpix_center(29, (pixel << (2 * (29 - hpx_order)))"
            " + floor(random() * (1::bigint << (2 * (29 - hpx_order))))::bigint) AS middle"
            " WHERE NOT sky.point(sky.longitude(middle), sky.latitude(middle)) <@ sky.bounds(sky.coverage(%s::text))"
        )
        assert one(connection, outside, text, text) == 0
