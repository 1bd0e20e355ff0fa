-- What the small catalogue lacks to tell one meaning from another: NULLs, letters' cases, blanks, negative numbers, texts
-- that are numbers, times and shapes. `n` is the number of an observation, 1 to 60.
CREATE SCHEMA hand;

CREATE FUNCTION hand.n(observationid text) RETURNS int LANGUAGE sql IMMUTABLE RETURN right(observationid, 2)::int;

UPDATE archive.plane SET
    energy_resolvingpower = CASE WHEN hand.n(observationid) % 4 > 0 THEN 100 * (hand.n(observationid) % 7) END,
    target_type = (ARRAY['Galaxy', 'galaxy', 'STAR', 'star_1', '100% dust', 'a\b', NULL, 'Galaxy '])
        [1 + hand.n(observationid) % 8],
    provenance_lastexecuted = CASE WHEN hand.n(observationid) % 5 > 0
        THEN '2022-07-12'::timestamp + hand.n(observationid) * interval '7 hours 0.25 seconds' END,
    position_dimension_naxis1 = hand.n(observationid) % 6 - 3,
    energy_dimension = nullif(hand.n(observationid) % 3, 0),
    provenance_producer = (hand.n(observationid) - 30) || CASE WHEN hand.n(observationid) % 2 = 1 THEN '.25' ELSE '' END,
    creatorid = '2022-07-' || lpad((1 + hand.n(observationid) % 28)::text, 2, '0') || 'T06:30:00.5Z',
    dataproduct_subtype = position_center_ra || ' ' || position_center_dec,
    observable_ucd = position_center_ra || ' ' || position_center_dec || ' ' || 0.001 * hand.n(observationid),
    polarization_states = format('%s %s %s %s %s %s', position_center_ra, position_center_dec,
        position_center_ra + 0.05, position_center_dec, position_center_ra + 0.05, position_center_dec + 0.02);

-- Products lie at the positions of their observations; of spectra there are smaller footprints, a little aside.
UPDATE archive.artifact AS a SET s_ra = p.position_center_ra, s_dec = p.position_center_dec
FROM archive.plane AS p WHERE p.planeid = a.planeid;

UPDATE archive.artifact SET s_region = text, s_region__shape = sky.region(text)
FROM (SELECT uri AS of, format('Polygon ICRS %s %s %s %s %s %s %s %s', s_ra - 0.013, s_dec + 0.003, s_ra + 0.047,
    s_dec + 0.003, s_ra + 0.047, s_dec + 0.023, s_ra - 0.013, s_dec + 0.023) AS text FROM archive.artifact) AS shapes
WHERE uri = of AND suffix = 'x1d';

-- Degrees between two positions (haversine).
CREATE FUNCTION hand.separation(ra1 float8, dec1 float8, ra2 float8, dec2 float8) RETURNS float8
LANGUAGE sql IMMUTABLE
RETURN 2 * asind(sqrt(least(1, sind((dec2 - dec1) / 2) ^ 2 + cosd(dec1) * cosd(dec2) * sind((ra2 - ra1) / 2) ^ 2)));

-- Footprints are 0.1 degree of right ascension by 0.04 of declination. Their upper and lower sides are arcs of great
-- circles, which so near to each other leave the parallels by 6e-6 degree; no answer here depends on that.
CREATE FUNCTION hand.holds(p archive.plane, ra float8, "dec" float8) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN abs(ra - p.position_center_ra) < 0.05 AND abs("dec" - p.position_center_dec) < 0.02;

-- Degrees from a position outside a footprint to its nearest side, and from one inside it to its nearest side.
CREATE FUNCTION hand.gap(p archive.plane, ra float8, "dec" float8) RETURNS float8
LANGUAGE sql IMMUTABLE
RETURN hand.separation(ra, "dec",
    greatest(least(ra, p.position_center_ra + 0.05), p.position_center_ra - 0.05),
    greatest(least("dec", p.position_center_dec + 0.02), p.position_center_dec - 0.02));

CREATE FUNCTION hand.depth(p archive.plane, ra float8, "dec" float8) RETURNS float8
LANGUAGE sql IMMUTABLE
RETURN least(0.02 - abs("dec" - p.position_center_dec),
    asind(cosd("dec") * sind(0.05 - abs(ra - p.position_center_ra))));

-- The farthest corner of a footprint.
CREATE FUNCTION hand.reach(p archive.plane, ra float8, "dec" float8) RETURNS float8
LANGUAGE sql IMMUTABLE
RETURN (SELECT max(hand.separation(ra, "dec", p.position_center_ra + x, p.position_center_dec + y))
    FROM (VALUES (-0.05), (0.05)) AS sides (x) CROSS JOIN (VALUES (-0.02), (0.02)) AS ends (y));

-- The HEALPix cells (nested, order 10) of the positions, as astropy-healpix has them.
CREATE TABLE hand.cells (number int PRIMARY KEY, cell bigint);
INSERT INTO hand.cells SELECT unnest(numbers), cell FROM (VALUES
    (9573156, ARRAY[7]),
    (9573157, ARRAY[8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 31, 32, 33, 34, 35, 36, 37, 38, 56, 57]),
    (9573158, ARRAY[1, 2, 3, 4, 5, 6, 20, 21, 22, 23, 24, 25, 26, 43, 44, 45]),
    (9573159, ARRAY[27, 28, 29, 30, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55]),
    (9573164, ARRAY[40, 41, 42, 60]),
    (9573168, ARRAY[39, 58, 59])
) AS known (cell, numbers);
