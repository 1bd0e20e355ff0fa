-- ADQL:
SELECT a.s_ra, b.* FROM ivoa.ObsCore AS a, jwst.product AS b WHERE a.obs_id = b.filename
-- SQL:
SELECT ("a"."s_ra")::float8 AS "s_ra", ("b"."filename")::text AS "filename", ("b"."instrument")::text AS
"instrument", ("b"."instrument_name")::text AS "instrument_name", ("b"."ra")::float8 AS "ra",
("b"."dec")::float8 AS "dec" FROM "ivoa"."obscore" AS "a", "jwst"."product" AS "b" WHERE "a"."obs_id" =
"b"."filename"

-- ADQL:
SELECT * FROM caom2.Plane NATURAL JOIN caom2.Observation
-- SQL:
SELECT ("plane"."obsid")::text AS "obsID", ("plane"."planeid")::text AS "planeID",
("plane"."energy_bounds")::float8[] AS "energy_bounds", ("plane"."is_public")::boolean AS "is_public",
("observation"."observationid")::text AS "observationID" FROM ("caom2"."plane" AS "plane" JOIN
"caom2"."observation" AS "observation" ON "plane"."obsid" = "observation"."obsid")

-- ADQL:
SELECT obsID FROM caom2.Plane FULL JOIN caom2.Observation USING (obsID)
-- SQL:
SELECT (COALESCE("plane"."obsid", "observation"."obsid"))::text AS "obsID" FROM ("caom2"."plane" AS "plane"
FULL JOIN "caom2"."observation" AS "observation" ON "plane"."obsid" = "observation"."obsid")

-- ADQL:
SELECT q.s_region FROM (SELECT TOP 3 s_region FROM ivoa.ObsCore ORDER BY s_ra) AS q WHERE 1 = CONTAINS(POINT(1, 2), q.s_region)
-- SQL:
SELECT ("q"."s_region")::text AS "s_region" FROM (SELECT "obscore"."s_region" AS "s_region",
"obscore"."s_region__shape" AS "s_region__shape" FROM "ivoa"."obscore" AS "obscore" ORDER BY "obscore"."s_ra"
LIMIT 3) AS "q" WHERE (sky.bounds("q"."s_region__shape") @> sky.point(1.0::float8, 2.0::float8) AND
sky.contains_point(1.0::float8, 2.0::float8, "q"."s_region__shape"))

-- ADQL:
SELECT obs_id FROM ivoa.ObsCore UNION ALL SELECT planeID FROM caom2.Plane ORDER BY obs_id
-- SQL:
SELECT ("obs_id")::text AS "obs_id" FROM (SELECT "obscore"."obs_id" AS "obs_id" FROM "ivoa"."obscore" AS
"obscore") AS "side" UNION ALL SELECT (("planeID")::text)::text AS "obs_id" FROM (SELECT "plane"."planeid" AS
"planeID" FROM "caom2"."plane" AS "plane") AS "side_2" ORDER BY 1

-- ADQL:
WITH a AS (SELECT POINT(s_ra, s_dec) AS p FROM ivoa.ObsCore) SELECT p FROM a WHERE 1 = CONTAINS(p, CIRCLE(1, 2, 3))
-- SQL:
WITH "a" AS (SELECT sky.point_region("obscore"."s_ra", "obscore"."s_dec") AS "p" FROM "ivoa"."obscore" AS
"obscore") SELECT string_to_array(sky.dali("a_2"."p"), ' ')::float8[] AS "p" FROM "a" AS "a_2" WHERE
(sky.point(sky.longitude("a_2"."p"), sky.latitude("a_2"."p")) <@ cube_enlarge(sky.point(1.0::float8,
2.0::float8), sky.chord(3.0::float8), 3) AND cube_distance(sky.point(sky.longitude("a_2"."p"),
sky.latitude("a_2"."p")), sky.point(1.0::float8, 2.0::float8)) <= sky.chord(3.0::float8))

-- ADQL:
SELECT "a b".s_ra AS "say ""hi""" FROM ivoa.ObsCore AS "a b"
-- SQL:
SELECT ("a b"."s_ra")::float8 AS "say ""hi""" FROM "ivoa"."obscore" AS "a b"
