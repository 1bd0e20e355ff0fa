-- ADQL 2.1 §4.3 to §4.10: the optional features, and this service's extensions

-- ---- WITH (§4.4).

-- ADQL
WITH near AS (SELECT obs_id, s_ra FROM ivoa.ObsCore WHERE s_ra < 10) SELECT obs_id FROM near
-- SQL
WITH "near" AS (SELECT "obscore"."obs_id" AS "obs_id", "obscore"."s_ra" AS "s_ra" FROM "ivoa"."obscore" AS "obscore"
WHERE "obscore"."s_ra" < 10) SELECT ("near_2"."obs_id")::text AS "obs_id" FROM "near" AS "near_2"

-- ADQL
WITH near (name, ra) AS (SELECT obs_id, s_ra FROM ivoa.ObsCore) SELECT name FROM near WHERE ra < 3
-- SQL
WITH "near" ("name", "ra") AS (SELECT "obscore"."obs_id" AS "obs_id", "obscore"."s_ra" AS "s_ra" FROM "ivoa"."obscore"
AS "obscore") SELECT ("near_2"."name")::text AS "name" FROM "near" AS "near_2" WHERE "near_2"."ra" < 3

-- ADQL
WITH a AS (SELECT s_ra FROM ivoa.ObsCore), b AS (SELECT s_ra FROM a WHERE s_ra > 1) SELECT a.s_ra FROM a, b
-- SQL
WITH "a" AS (SELECT "obscore"."s_ra" AS "s_ra" FROM "ivoa"."obscore" AS "obscore"), "b" AS (SELECT "a_2"."s_ra" AS
"s_ra" FROM "a" AS "a_2" WHERE "a_2"."s_ra" > 1) SELECT ("a_3"."s_ra")::float8 AS "s_ra" FROM "a" AS "a_3", "b" AS
"b_2"

-- ADQL
WITH near (name) AS (SELECT obs_id, s_ra FROM ivoa.ObsCore) SELECT name FROM near
-- ERROR
line 1, column 6: near names 1 columns, and its query has 2.
WITH near (name) AS (SELECT obs_id, s_ra FROM ivoa.ObsCore) SELECT name FROM near
     ^

-- ADQL
WITH a AS (SELECT s_ra FROM ivoa.ObsCore), A AS (SELECT s_ra FROM ivoa.ObsCore) SELECT s_ra FROM a
-- ERROR
line 1, column 44: Two queries of WITH are called A.
WITH a AS (SELECT s_ra FROM ivoa.ObsCore), A AS (SELECT s_ra FROM ivoa.ObsCore) SELECT s_ra FROM a
                                           ^

-- ADQL
WITH RECURSIVE a AS (SELECT s_ra FROM ivoa.ObsCore) SELECT s_ra FROM a
-- ERROR
line 1, column 16: a was not expected here, but ( or AS.
WITH RECURSIVE a AS (SELECT s_ra FROM ivoa.ObsCore) SELECT s_ra FROM a
               ^

-- ADQL
SELECT s_ra FROM (WITH a AS (SELECT s_ra FROM ivoa.ObsCore) SELECT s_ra FROM a) AS b
-- ERROR
line 1, column 19: WITH was not expected here, but SELECT or a name or (.
SELECT s_ra FROM (WITH a AS (SELECT s_ra FROM ivoa.ObsCore) SELECT s_ra FROM a) AS b
                  ^
WITH is a reserved word; as a name it is written in double quotes: "WITH".

-- ---- Sets (§4.5): INTERSECT binds more than UNION and EXCEPT.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore UNION SELECT productID FROM caom2.Plane
-- SQL
SELECT ("obs_id")::text AS "obs_id" FROM (SELECT "obscore"."obs_id" AS "obs_id" FROM "ivoa"."obscore" AS "obscore") AS
"side" UNION SELECT ("productID")::text AS "obs_id" FROM (SELECT "plane"."productid" AS "productID" FROM
"caom2"."plane" AS "plane") AS "side_2"

-- ADQL
SELECT obs_id FROM ivoa.ObsCore UNION ALL SELECT productID FROM caom2.Plane ORDER BY 1 OFFSET 3
-- SQL
SELECT ("obs_id")::text AS "obs_id" FROM (SELECT "obscore"."obs_id" AS "obs_id" FROM "ivoa"."obscore" AS "obscore") AS
"side" UNION ALL SELECT ("productID")::text AS "obs_id" FROM (SELECT "plane"."productid" AS "productID" FROM
"caom2"."plane" AS "plane") AS "side_2" ORDER BY 1 OFFSET 3

-- ADQL
SELECT obs_id FROM ivoa.ObsCore EXCEPT SELECT productID FROM caom2.Plane INTERSECT SELECT obs_id FROM ivoa.ObsCore
-- SQL
SELECT ("obs_id")::text AS "obs_id" FROM (SELECT "obscore"."obs_id" AS "obs_id" FROM "ivoa"."obscore" AS "obscore") AS
"side_3" EXCEPT SELECT ("productID")::text AS "obs_id" FROM (SELECT "productID" AS "productID" FROM (SELECT
"plane"."productid" AS "productID" FROM "caom2"."plane" AS "plane") AS "side" INTERSECT SELECT "obs_id" AS "productID"
FROM (SELECT "obscore_2"."obs_id" AS "obs_id" FROM "ivoa"."obscore" AS "obscore_2") AS "side_2") AS "side_4"

-- ADQL
(SELECT obs_id FROM ivoa.ObsCore EXCEPT ALL SELECT productID FROM caom2.Plane) INTERSECT ALL SELECT obs_id FROM ivoa.ObsCore
-- SQL
SELECT ("obs_id")::text AS "obs_id" FROM (SELECT "obs_id" AS "obs_id" FROM (SELECT "obscore"."obs_id" AS "obs_id" FROM
"ivoa"."obscore" AS "obscore") AS "side" EXCEPT ALL SELECT "productID" AS "obs_id" FROM (SELECT "plane"."productid" AS
"productID" FROM "caom2"."plane" AS "plane") AS "side_2") AS "side_3" INTERSECT ALL SELECT ("obs_id")::text AS
"obs_id" FROM (SELECT "obscore_2"."obs_id" AS "obs_id" FROM "ivoa"."obscore" AS "obscore_2") AS "side_4"

-- ADQL
SELECT calib_level FROM ivoa.ObsCore UNION SELECT s_ra FROM ivoa.ObsCore
-- SQL
SELECT (("calib_level")::float8)::float8 AS "calib_level" FROM (SELECT "obscore"."calib_level" AS "calib_level" FROM
"ivoa"."obscore" AS "obscore") AS "side" UNION SELECT ("s_ra")::float8 AS "calib_level" FROM (SELECT
"obscore_2"."s_ra" AS "s_ra" FROM "ivoa"."obscore" AS "obscore_2") AS "side_2"

-- ADQL
SELECT obs_id, s_ra FROM ivoa.ObsCore UNION SELECT obs_id FROM ivoa.ObsCore
-- ERROR
line 1, column 39: The two sides of UNION have 2 and 1 columns.
SELECT obs_id, s_ra FROM ivoa.ObsCore UNION SELECT obs_id FROM ivoa.ObsCore
                                      ^
They need as many.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore UNION SELECT s_ra FROM ivoa.ObsCore
-- ERROR
line 1, column 33: The values must be of one type, but here is a number beside a text.
SELECT obs_id FROM ivoa.ObsCore UNION SELECT s_ra FROM ivoa.ObsCore
                                ^

-- ADQL
(SELECT TOP 3 obs_id FROM ivoa.ObsCore ORDER BY s_ra) UNION (SELECT TOP 3 obs_id FROM ivoa.ObsCore ORDER BY s_dec)
-- SQL
SELECT ("obs_id")::text AS "obs_id" FROM (SELECT "obscore"."obs_id" AS "obs_id" FROM "ivoa"."obscore" AS "obscore"
ORDER BY "obscore"."s_ra" LIMIT 3) AS "side" UNION SELECT ("obs_id")::text AS "obs_id" FROM (SELECT
"obscore_2"."obs_id" AS "obs_id" FROM "ivoa"."obscore" AS "obscore_2" ORDER BY "obscore_2"."s_dec" LIMIT 3) AS
"side_2"

-- ADQL
SELECT obs_id FROM ivoa.ObsCore UNION SELECT obs_id FROM ivoa.ObsCore ORDER BY s_ra
-- ERROR
line 1, column 80: UNION, EXCEPT and INTERSECT are ordered by a column's name or number.
SELECT obs_id FROM ivoa.ObsCore UNION SELECT obs_id FROM ivoa.ObsCore ORDER BY s_ra
                                                                               ^

-- ---- OFFSET (§4.10) comes before TOP.

-- ADQL
SELECT TOP 5 obs_id FROM ivoa.ObsCore ORDER BY s_ra OFFSET 10
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" ORDER BY "obscore"."s_ra" LIMIT 5
OFFSET 10

-- ADQL
SELECT obs_id FROM ivoa.ObsCore OFFSET 0
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT obs_id FROM ivoa.ObsCore OFFSET -1
-- ERROR
line 1, column 40: - was not expected here, but a whole number.
SELECT obs_id FROM ivoa.ObsCore OFFSET -1
                                       ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore OFFSET 10 ORDER BY s_ra
-- ERROR
line 1, column 43: ORDER was not expected here, but the end of the query.
SELECT obs_id FROM ivoa.ObsCore OFFSET 10 ORDER BY s_ra
                                          ^

-- ---- LOWER and UPPER (§4.3).

-- ADQL
SELECT LOWER(target_name), UPPER(target_name) FROM ivoa.ObsCore
-- SQL
SELECT (lower("obscore"."target_name"))::text AS "lower_target_name", (upper("obscore"."target_name"))::text AS
"upper_target_name" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE LOWER(target_name) = 'm 31'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE lower("obscore"."target_name")
= 'm 31'::text

-- ADQL
SELECT LOWER(s_ra) FROM ivoa.ObsCore
-- ERROR
line 1, column 14: LOWER takes a text here, not a number.
SELECT LOWER(s_ra) FROM ivoa.ObsCore
             ^
It is LOWER(text)

-- ---- CAST (§4.6).

-- ADQL
SELECT CAST(s_ra AS INTEGER), CAST(s_ra AS SMALLINT), CAST(s_ra AS BIGINT), CAST(calib_level AS REAL), CAST(calib_level AS DOUBLE PRECISION) FROM ivoa.ObsCore
-- SQL
SELECT (("obscore"."s_ra")::int4)::int4 AS "column_1", (("obscore"."s_ra")::int2)::int2 AS "column_2",
(("obscore"."s_ra")::int8)::int8 AS "column_3", (("obscore"."calib_level")::float4)::float4 AS "column_4",
(("obscore"."calib_level")::float8)::float8 AS "column_5" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT CAST(s_ra AS CHAR), CAST(s_ra AS CHAR(5)), CAST(s_ra AS VARCHAR), CAST(s_ra AS VARCHAR(5)) FROM ivoa.ObsCore
-- SQL
SELECT (("obscore"."s_ra")::text)::text AS "column_1", (rpad(left(("obscore"."s_ra")::text, 5), 5))::text AS
"column_2", (("obscore"."s_ra")::text)::text AS "column_3", (left(("obscore"."s_ra")::text, 5))::text AS "column_4"
FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT CAST('2024-01-01' AS TIMESTAMP), CAST(obs_release_date AS VARCHAR), CAST(obs_release_date AS TIMESTAMP) FROM ivoa.ObsCore
-- SQL
SELECT ('2024-01-01'::timestamp)::timestamp AS "column_1", (rtrim(rtrim(to_char("obscore"."obs_release_date",
'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.'))::text AS "column_2", (("obscore"."obs_release_date")::timestamp)::timestamp
AS "column_3" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT CAST(target_name AS TIMESTAMP), CAST(target_name AS DOUBLE PRECISION) FROM ivoa.ObsCore
-- SQL
SELECT (("obscore"."target_name")::timestamp)::timestamp AS "column_1", (NULLIF(("obscore"."target_name")::float8,
'NaN'))::float8 AS "column_2" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT CAST('12.3 45.6' AS POINT), CAST('12.3 45.6 1' AS CIRCLE), CAST('1 2 3 2 3 4' AS POLYGON) FROM ivoa.ObsCore
-- SQL
SELECT sky.coordinates(sky.point_region(12.3::float8, 45.6::float8)) AS "column_1",
sky.coordinates(sky.circle(12.3::float8, 45.6::float8, 1.0::float8)) AS "column_2",
sky.coordinates(sky.polygon(ARRAY[1.0::float8, 2.0::float8, 3.0::float8, 2.0::float8, 3.0::float8,
4.0::float8]::float8[])) AS "column_3" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT CAST(target_name AS POINT) FROM ivoa.ObsCore
-- SQL
SELECT sky.coordinates(sky.point_region((regexp_split_to_array(btrim("obscore"."target_name"), '\s+')::float8[])[1],
(regexp_split_to_array(btrim("obscore"."target_name"), '\s+')::float8[])[2])) AS "column_1" FROM "ivoa"."obscore" AS
"obscore"

-- ADQL
SELECT CAST(POINT(1, 2) AS VARCHAR) FROM ivoa.ObsCore
-- SQL
SELECT (sky.dali(sky.point_region(1.0::float8, 2.0::float8)))::text AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT CAST('12.3' AS POINT) FROM ivoa.ObsCore
-- ERROR
line 1, column 13: '12.3' is not a point.
SELECT CAST('12.3' AS POINT) FROM ivoa.ObsCore
            ^
In DALI's form it is like '10.5 -20.1'.

-- ADQL
SELECT CAST('2024-13-01' AS TIMESTAMP) FROM ivoa.ObsCore
-- ERROR
line 1, column 13: '2024-13-01' is not a time.
SELECT CAST('2024-13-01' AS TIMESTAMP) FROM ivoa.ObsCore
            ^
A time is like '2024-07-01' or '2024-07-01T12:30:00'.

-- ADQL
SELECT CAST(s_ra AS TIMESTAMP) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: A number cannot be cast to TIMESTAMP.
SELECT CAST(s_ra AS TIMESTAMP) FROM ivoa.ObsCore
       ^

-- ADQL
SELECT CAST(obs_release_date AS INTEGER) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: A time cannot be cast to INTEGER.
SELECT CAST(obs_release_date AS INTEGER) FROM ivoa.ObsCore
       ^

-- ADQL
SELECT CAST(s_ra AS FLOAT) FROM ivoa.ObsCore
-- ERROR
line 1, column 21: FLOAT is a reserved word of ADQL, with no use here.
SELECT CAST(s_ra AS FLOAT) FROM ivoa.ObsCore
                    ^
The types are REAL and DOUBLE PRECISION.

-- ADQL
SELECT CAST(s_ra AS BLOB) FROM ivoa.ObsCore
-- ERROR
line 1, column 21: BLOB was not expected here, but a type (INTEGER, SMALLINT, BIGINT, REAL, DOUBLE PRECISION, CHAR, VARCHAR, TIMESTAMP, POINT, CIRCLE, POLYGON).
SELECT CAST(s_ra AS BLOB) FROM ivoa.ObsCore
                    ^

-- ADQL
SELECT CAST(s_ra, INTEGER) FROM ivoa.ObsCore
-- ERROR
line 1, column 17: , was not expected here, but AS.
SELECT CAST(s_ra, INTEGER) FROM ivoa.ObsCore
                ^

-- ADQL
SELECT s_ra::integer FROM ivoa.ObsCore
-- ERROR
line 1, column 12: The character : has no meaning here.
SELECT s_ra::integer FROM ivoa.ObsCore
           ^
A type is changed by CAST(x AS INTEGER).

-- ADQL
SELECT CAST(NULL AS INTEGER) FROM ivoa.ObsCore
-- SQL
SELECT ((NULL)::int4)::int4 AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ---- IN_UNIT (§4.7): units come from TAP_SCHEMA, and from what is known of sums and products.

-- ADQL
SELECT IN_UNIT(s_ra, 'arcsec') FROM ivoa.ObsCore
-- SQL
SELECT (("obscore"."s_ra" * 3600.0::float8))::float8 AS "in_unit_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT IN_UNIT(em_max - em_min, 'um') FROM ivoa.ObsCore
-- SQL
SELECT ((("obscore"."em_max" - "obscore"."em_min") * 1000000.0::float8))::float8 AS "in_unit_1" FROM "ivoa"."obscore"
AS "obscore"

-- ADQL
SELECT IN_UNIT(s_fov / t_exptime, 'arcsec/h') FROM ivoa.ObsCore
-- SQL
SELECT ((("obscore"."s_fov" / "obscore"."t_exptime") * 12960000.0::float8))::float8 AS "in_unit_1" FROM
"ivoa"."obscore" AS "obscore"

-- ADQL
SELECT IN_UNIT(DISTANCE(s_ra, s_dec, 1, 2), 'arcsec') FROM ivoa.ObsCore
-- SQL
SELECT ((sky.distance("obscore"."s_ra", "obscore"."s_dec", 1.0::float8, 2.0::float8) * 3600.0::float8))::float8 AS
"in_unit_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT IN_UNIT(s_ra, 'm') FROM ivoa.ObsCore
-- ERROR
line 1, column 22: deg (angle) cannot be converted to m (length).
SELECT IN_UNIT(s_ra, 'm') FROM ivoa.ObsCore
                     ^

-- ADQL
SELECT IN_UNIT(s_ra, 'furlong') FROM ivoa.ObsCore
-- ERROR
line 1, column 22: 'furlong' is not a unit of VOUnits.
SELECT IN_UNIT(s_ra, 'furlong') FROM ivoa.ObsCore
                     ^

-- ADQL
SELECT IN_UNIT(calib_level, 'm') FROM ivoa.ObsCore
-- ERROR
line 1, column 16: The unit of this value is not known.
SELECT IN_UNIT(calib_level, 'm') FROM ivoa.ObsCore
               ^
Columns have the units that TAP_SCHEMA.columns says; a number by itself has none.

-- ADQL
SELECT IN_UNIT(3, 'm') FROM ivoa.ObsCore
-- ERROR
line 1, column 16: The unit of this value is not known.
SELECT IN_UNIT(3, 'm') FROM ivoa.ObsCore
               ^
Columns have the units that TAP_SCHEMA.columns says; a number by itself has none.

-- ADQL
SELECT IN_UNIT(obs_id, 'm') FROM ivoa.ObsCore
-- ERROR
line 1, column 16: IN_UNIT takes numbers, and obs_id is a text.
SELECT IN_UNIT(obs_id, 'm') FROM ivoa.ObsCore
               ^

-- ADQL
SELECT IN_UNIT(s_ra, obs_id) FROM ivoa.ObsCore
-- ERROR
line 1, column 22: The unit is a text in single quotes.
SELECT IN_UNIT(s_ra, obs_id) FROM ivoa.ObsCore
                     ^
IN_UNIT(value, 'arcsec')

-- ADQL
SELECT IN_UNIT(s_ra) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: IN_UNIT takes a number and a unit in single quotes.
SELECT IN_UNIT(s_ra) FROM ivoa.ObsCore
       ^
IN_UNIT(value, 'arcsec')

-- ---- COALESCE (§4.8).

-- ADQL
SELECT COALESCE(target_name, obs_id, 'none') FROM ivoa.ObsCore
-- SQL
SELECT (COALESCE("obscore"."target_name", "obscore"."obs_id", 'none'::text))::text AS "coalesce_1" FROM
"ivoa"."obscore" AS "obscore"

-- ADQL
SELECT COALESCE(calib_level, 2.5) FROM ivoa.ObsCore
-- SQL
SELECT (COALESCE(("obscore"."calib_level")::float8, 2.5::float8))::float8 AS "coalesce_1" FROM "ivoa"."obscore" AS
"obscore"

-- ADQL
SELECT COALESCE(s_ra, obs_id) FROM ivoa.ObsCore
-- ERROR
line 1, column 23: The values must be of one type, but here is a text beside a number.
SELECT COALESCE(s_ra, obs_id) FROM ivoa.ObsCore
                      ^

-- ADQL
SELECT COALESCE() FROM ivoa.ObsCore
-- ERROR
line 1, column 8: COALESCE takes one or more values.
SELECT COALESCE() FROM ivoa.ObsCore
       ^

-- ---- User defined functions (§4.9): the IVOA's catalogue, and two of GAVO's.

-- ADQL
SELECT ivo_healpix_index(10, s_ra, s_dec), IVO_HEALPIX_INDEX(10, POINT(s_ra, s_dec)) FROM ivoa.ObsCore
-- SQL
SELECT (sky.healpix_index((10)::int4, "obscore"."s_ra", "obscore"."s_dec"))::int8 AS "ivo_healpix_index",
(sky.healpix_index((10)::int4, "obscore"."s_ra", "obscore"."s_dec"))::int8 AS "ivo_healpix_index_2" FROM
"ivoa"."obscore" AS "obscore"

-- ADQL
SELECT ivo_healpix_center(0, 6) FROM ivoa.ObsCore
-- SQL
SELECT sky.coordinates(sky.healpix_center((0)::int4, (6)::int8)) AS "ivo_healpix_center" FROM "ivoa"."obscore" AS
"obscore"

-- ADQL
SELECT ivo_to_jd(obs_release_date), ivo_to_mjd('2000-01-02T12:00:00') FROM ivoa.ObsCore
-- SQL
SELECT (sky.julian_date("obscore"."obs_release_date"))::float8 AS "ivo_to_jd_obs_release_date",
(sky.modified_julian_date('2000-01-02T12:00:00'::timestamp))::float8 AS "ivo_to_mjd" FROM "ivoa"."obscore" AS
"obscore"

-- ADQL
SELECT ivo_geom_transform('ICRS', 'GALACTIC', POINT(s_ra, s_dec)) FROM ivoa.ObsCore
-- SQL
SELECT sky.coordinates(sky.transform('ICRS'::text, 'GALACTIC'::text, sky.point_region("obscore"."s_ra",
"obscore"."s_dec"))) AS "ivo_geom_transform" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT gavo_transform('ICRS', 'GALACTIC', s_region) FROM ivoa.ObsCore
-- SQL
SELECT sky.text(sky.transform('ICRS'::text, 'GALACTIC'::text, "obscore"."s_region__shape")) AS "gavo_transform" FROM
"ivoa"."obscore" AS "obscore"

-- ADQL
SELECT ivo_geom_transform('icrs', 'GALACTIC', POINT(s_ra, s_dec)) FROM ivoa.ObsCore
-- ERROR
line 1, column 27: The frame icrs is not known here.
SELECT ivo_geom_transform('icrs', 'GALACTIC', POINT(s_ra, s_dec)) FROM ivoa.ObsCore
                          ^
Known are ICRS, GALACTIC, FK5, FK4, ECLIPTIC

-- ADQL
SELECT gavo_specconv(em_min, 'eV'), gavo_specconv(em_min, 'um'), gavo_specconv(2, 'um', 'THz') FROM ivoa.ObsCore
-- SQL
SELECT ((1.2398419843320026e-06::float8 / "obscore"."em_min"))::float8 AS "gavo_specconv", (("obscore"."em_min" *
1000000.0::float8))::float8 AS "gavo_specconv_2", ((299.792458::float8 / 2.0::float8))::float8 AS "gavo_specconv_3"
FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT gavo_specconv(s_ra, 'eV') FROM ivoa.ObsCore
-- ERROR
line 1, column 28: deg (angle) is no unit of wavelength, frequency or energy.
SELECT gavo_specconv(s_ra, 'eV') FROM ivoa.ObsCore
                           ^

-- ADQL
SELECT gavo_specconv(3, 'eV') FROM ivoa.ObsCore
-- ERROR
line 1, column 22: The unit of this value is not known.
SELECT gavo_specconv(3, 'eV') FROM ivoa.ObsCore
                     ^
Give it as the second argument.

-- ADQL
SELECT ivo_string_agg(obs_id, ', ') FROM ivoa.ObsCore
-- SQL
SELECT (string_agg("obscore"."obs_id", ', '::text))::text AS "ivo_string_agg" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT calib_level, ivo_histogram(s_ra, 0, 360, 10) FROM ivoa.ObsCore GROUP BY calib_level
-- SQL
SELECT ("obscore"."calib_level")::int4 AS "calib_level", (sky.histogram("obscore"."s_ra", 0.0::float8, 360.0::float8,
(10)::int4))::int4[] AS "ivo_histogram" FROM "ivoa"."obscore" AS "obscore" GROUP BY "obscore"."calib_level"

-- ADQL
SELECT calib_level, ivo_string_agg(obs_id, ', ') FROM ivoa.ObsCore
-- ERROR
line 1, column 8: The column calib_level is neither grouped by nor in an aggregate.
SELECT calib_level, ivo_string_agg(obs_id, ', ') FROM ivoa.ObsCore
       ^
Add calib_level to GROUP BY, or use an aggregate such as MAX(calib_level).

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = ivo_hasword(obs_title, 'nebula')
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE 1 = CASE WHEN
"obscore".readable__ IS NOT FALSE THEN sky.has_word("obscore"."obs_title", 'nebula'::text) END

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = ivo_nocasematch(target_name, 'm%')
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE 1 = CASE WHEN
"obscore".readable__ IS NOT FALSE THEN sky.matches_ignoring_case("obscore"."target_name", 'm%'::text) END

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = ivo_hashlist_has(target_name, 'x')
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE 1 = CASE WHEN
"obscore".readable__ IS NOT FALSE THEN sky.hashlist_has("obscore"."target_name", 'x'::text) END

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = ivo_interval_overlaps(t_min, t_max, 59800, 59900)
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE 1 = CASE WHEN
"obscore".readable__ IS NOT FALSE THEN sky.interval_overlaps("obscore"."t_min", "obscore"."t_max", 59800.0::float8,
59900.0::float8) END

-- ADQL
SELECT ivo_hms_to_degrees('3:34:45.4'), ivo_dms_to_degrees('42:9:6.768') FROM ivoa.ObsCore
-- SQL
SELECT (sky.degrees_of_hms('3:34:45.4'::text))::float8 AS "ivo_hms_to_degrees",
(sky.degrees_of_dms('42:9:6.768'::text))::float8 AS "ivo_dms_to_degrees" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT ivo_epoch_prop_pos(s_ra, s_dec, NULL, 3, 4, NULL, 2016, 2022.5) FROM ivoa.ObsCore
-- SQL
SELECT sky.coordinates(sky.epoch_position("obscore"."s_ra", "obscore"."s_dec", (NULL)::float8, 3.0::float8,
4.0::float8, (NULL)::float8, 2016.0::float8, 2022.5::float8)) AS "ivo_epoch_prop_pos" FROM "ivoa"."obscore" AS
"obscore"

-- ADQL
SELECT ivo_normal_random(0, 1) FROM ivoa.ObsCore
-- SQL
SELECT (sky.normal_random(0.0::float8, 1.0::float8))::float8 AS "ivo_normal_random" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT ivo_simbadpoint('M 31') FROM ivoa.ObsCore
-- ERROR
line 1, column 8: This service looks up no names of objects.
SELECT ivo_simbadpoint('M 31') FROM ivoa.ObsCore
       ^
Give the position: POINT(ra, dec)

-- ADQL
SELECT ivo_to_jd(s_ra) FROM ivoa.ObsCore
-- ERROR
line 1, column 18: ivo_to_jd takes a time here, not a number.
SELECT ivo_to_jd(s_ra) FROM ivoa.ObsCore
                 ^
It is ivo_to_jd(d TIMESTAMP) -> DOUBLE PRECISION

-- ADQL
SELECT ivo_healpix_index(10) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: ivo_healpix_index is not called with 1 argument.
SELECT ivo_healpix_index(10) FROM ivoa.ObsCore
       ^
It is ivo_healpix_index(hpxOrder INTEGER, long DOUBLE PRECISION, lat DOUBLE PRECISION) -> BIGINT or ivo_healpix_index(hpxOrder INTEGER, p POINT) -> BIGINT

-- ADQL
SELECT ivo_healpix_index(1.5, s_ra, s_dec) FROM ivoa.ObsCore
-- ERROR
line 1, column 26: ivo_healpix_index takes a whole number here, not a number.
SELECT ivo_healpix_index(1.5, s_ra, s_dec) FROM ivoa.ObsCore
                         ^
It is ivo_healpix_index(hpxOrder INTEGER, long DOUBLE PRECISION, lat DOUBLE PRECISION) -> BIGINT or ivo_healpix_index(hpxOrder INTEGER, p POINT) -> BIGINT

-- ADQL
SELECT ivo_healpix(10, s_ra, s_dec) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: There is no function IVO_HEALPIX here.
SELECT ivo_healpix(10, s_ra, s_dec) FROM ivoa.ObsCore
       ^
Did you mean ivo_healpix_index or ivo_healpix_center?

-- ---- Extensions: CASE, CROSS JOIN, NULLIF.

-- ADQL
SELECT CASE WHEN s_dec > 0 THEN 'north' WHEN s_dec < 0 THEN 'south' ELSE 'equator' END AS side FROM ivoa.ObsCore
-- SQL
SELECT (CASE WHEN "obscore"."s_dec" > 0 THEN 'north'::text WHEN "obscore"."s_dec" < 0 THEN 'south'::text ELSE
'equator'::text END)::text AS "side" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT CASE calib_level WHEN 2 THEN 'exposure' WHEN 3 THEN 'mosaic' END FROM ivoa.ObsCore
-- SQL
SELECT (CASE WHEN "obscore"."calib_level" = 2 THEN 'exposure'::text WHEN "obscore"."calib_level" = 3 THEN
'mosaic'::text END)::text AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT SUM(CASE WHEN s_dec > 0 THEN 1 ELSE 0 END) AS northern FROM ivoa.ObsCore
-- SQL
SELECT (sum(CASE WHEN "obscore"."s_dec" > 0 THEN 1 ELSE 0 END)::int8)::int8 AS "northern" FROM "ivoa"."obscore" AS
"obscore"

-- ADQL
SELECT CASE WHEN s_dec > 0 THEN 1 ELSE 'south' END FROM ivoa.ObsCore
-- ERROR
line 1, column 40: The values must be of one type, but here is a text beside a number.
SELECT CASE WHEN s_dec > 0 THEN 1 ELSE 'south' END FROM ivoa.ObsCore
                                       ^

-- ADQL
SELECT CASE s_dec > 0 THEN 1 END FROM ivoa.ObsCore
-- ERROR
line 1, column 19: > was not expected here, but WHEN.
SELECT CASE s_dec > 0 THEN 1 END FROM ivoa.ObsCore
                  ^

-- ADQL
SELECT o.obs_id FROM ivoa.ObsCore AS o CROSS JOIN caom2.Plane AS p
-- SQL
SELECT ("o"."obs_id")::text AS "obs_id" FROM ("ivoa"."obscore" AS "o" CROSS JOIN "caom2"."plane" AS "p")

-- ADQL
SELECT NULLIF(t_exptime, 0), NULLIF(target_name, '') FROM ivoa.ObsCore
-- SQL
SELECT (NULLIF("obscore"."t_exptime", 0))::float8 AS "nullif_1", (NULLIF("obscore"."target_name", ''::text))::text AS
"nullif_2" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT NULLIF(t_exptime, 'x') FROM ivoa.ObsCore
-- ERROR
line 1, column 26: t_exptime (a number) cannot be compared with a text.
SELECT NULLIF(t_exptime, 'x') FROM ivoa.ObsCore
                         ^
Write the number without quotes.

-- ADQL
SELECT MOC(6, s_region), AREA(MOC('5/8-10 6/7')) FROM ivoa.ObsCore
-- SQL
SELECT sky.text(sky.coverage((6)::int4, "obscore"."s_region__shape")) AS "moc", (sky.area(sky.coverage('5/8-10
6/7'::text)))::float8 AS "area_2" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(s_ra, s_dec), MOC('5/8-10 6/7'))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.bounds(sky.coverage('5/8-10 6/7'::text)) @> sky.point("obscore"."s_ra", "obscore"."s_dec") AND
sky.contains_point("obscore"."s_ra", "obscore"."s_dec", sky.coverage('5/8-10 6/7'::text)))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = INTERSECTS(s_region, MOC('5/8-10 6/7')) OR 0 = CONTAINS(s_region, MOC('5/8'))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
((sky.bounds(sky.coverage('5/8-10 6/7'::text)) && sky.bounds("obscore"."s_region__shape") AND
sky.intersects(sky.coverage('5/8-10 6/7'::text), "obscore"."s_region__shape")) OR NOT
(sky.bounds("obscore"."s_region__shape") && sky.bounds(sky.coverage('5/8'::text)) AND
sky.contains("obscore"."s_region__shape", sky.coverage('5/8'::text))))

-- ADQL
SELECT gavo_mocunion(MOC('5/8-10'), MOC('6/7')) FROM ivoa.ObsCore WHERE 1 = INTERSECTS(gavo_mocintersect(MOC('5/8'), MOC('6/7')), MOC('1/0'))
-- SQL
SELECT sky.text(sky.coverage_union(sky.coverage('5/8-10'::text), sky.coverage('6/7'::text))) AS "gavo_mocunion" FROM
"ivoa"."obscore" AS "obscore" WHERE (sky.coverage_intersection(sky.coverage('5/8'::text),
sky.coverage('6/7'::text))::int8multirange && sky.coverage('1/0'::text)::int8multirange)

-- ADQL
SELECT m.map FROM (SELECT MOC(5, s_region) AS map FROM ivoa.ObsCore) AS m WHERE 1 = CONTAINS(POINT(1, 2), m.map)
-- SQL
SELECT sky.text("m"."map") AS "map" FROM (SELECT sky.coverage((5)::int4, "obscore"."s_region__shape") AS "map" FROM
"ivoa"."obscore" AS "obscore" OFFSET 0) AS "m" WHERE (sky.bounds("m"."map") @> sky.point(1.0::float8, 2.0::float8) AND
sky.contains_point(1.0::float8, 2.0::float8, "m"."map"))

-- ADQL
SELECT MOC('5/999999') FROM ivoa.ObsCore
-- ERROR
line 1, column 12: Cells of order 5 are numbered from 0 to 12287; here is 5/999999.
SELECT MOC('5/999999') FROM ivoa.ObsCore
           ^

-- ADQL
SELECT MOC('7') FROM ivoa.ObsCore
-- ERROR
line 1, column 12: A coverage map cannot have '7'.
SELECT MOC('7') FROM ivoa.ObsCore
           ^
It is like '5/8-10 42 6/7': an order, cells and ranges of cells.

-- ADQL
SELECT MOC(30, s_region) FROM ivoa.ObsCore
-- ERROR
line 1, column 12: The order of a MOC is from 0 to 29, not 30.
SELECT MOC(30, s_region) FROM ivoa.ObsCore
           ^

-- ADQL
SELECT MOC(5, s_ra) FROM ivoa.ObsCore
-- ERROR
line 1, column 15: MOC takes a geometry here, not a number.
SELECT MOC(5, s_ra) FROM ivoa.ObsCore
              ^
It is MOC(hpxOrder INTEGER, geo GEOMETRY) -> MOC or MOC(ascii VARCHAR) -> MOC

-- ADQL
SELECT CENTROID(MOC('1/7')) FROM ivoa.ObsCore
-- ERROR
line 1, column 17: CENTROID takes a geometry here, not a coverage map.
SELECT CENTROID(MOC('1/7')) FROM ivoa.ObsCore
                ^
POINT(lon, lat), CIRCLE(lon, lat, radius), POLYGON(…), or a region column such as s_region.

-- ADQL
SELECT gavo_mocunion(s_region, MOC('1/2')) FROM ivoa.ObsCore
-- ERROR
line 1, column 22: gavo_mocunion takes a coverage map, not a text.
SELECT gavo_mocunion(s_region, MOC('1/2')) FROM ivoa.ObsCore
                     ^
MOC(order, geometry) makes one.

