-- ADQL 2.1 §2.2.2: GROUP BY, HAVING, ORDER BY, aggregates

-- ---- Groups, by columns, expressions and aliases.

-- ADQL
SELECT instrument_name, COUNT(*) AS n FROM ivoa.ObsCore GROUP BY instrument_name
-- SQL
SELECT ("obscore"."instrument_name")::text AS "instrument_name", (count(*))::int8 AS "n" FROM "ivoa"."obscore" AS
"obscore" GROUP BY "obscore"."instrument_name"

-- ADQL
SELECT instrument_name, calib_level, COUNT(*) FROM ivoa.ObsCore GROUP BY instrument_name, calib_level
-- SQL
SELECT ("obscore"."instrument_name")::text AS "instrument_name", ("obscore"."calib_level")::int4 AS "calib_level",
(count(*))::int8 AS "count_3" FROM "ivoa"."obscore" AS "obscore" GROUP BY "obscore"."instrument_name",
"obscore"."calib_level"

-- ADQL
SELECT FLOOR(s_ra / 15), COUNT(*) FROM ivoa.ObsCore GROUP BY FLOOR(s_ra / 15)
-- SQL
SELECT (floor(("obscore"."s_ra" / 15)))::float8 AS "floor_1", (count(*))::int8 AS "count_2" FROM "ivoa"."obscore" AS
"obscore" GROUP BY floor(("obscore"."s_ra" / 15))

-- ADQL
SELECT FLOOR(s_ra) AS bin, COUNT(*) FROM ivoa.ObsCore GROUP BY bin
-- SQL
SELECT (floor("obscore"."s_ra"))::float8 AS "bin", (count(*))::int8 AS "count_2" FROM "ivoa"."obscore" AS "obscore"
GROUP BY floor("obscore"."s_ra")

-- ADQL
SELECT COUNT(*) FROM ivoa.ObsCore GROUP BY calib_level
-- SQL
SELECT (count(*))::int8 AS "count_1" FROM "ivoa"."obscore" AS "obscore" GROUP BY "obscore"."calib_level"

-- ADQL
SELECT calib_level + 1, COUNT(*) FROM ivoa.ObsCore GROUP BY calib_level
-- SQL
SELECT (("obscore"."calib_level" + 1))::int4 AS "column_1", (count(*))::int8 AS "count_2" FROM "ivoa"."obscore" AS
"obscore" GROUP BY "obscore"."calib_level"

-- ADQL
SELECT instrument_name FROM ivoa.ObsCore GROUP BY instrument_name HAVING COUNT(*) > 10
-- SQL
SELECT ("obscore"."instrument_name")::text AS "instrument_name" FROM "ivoa"."obscore" AS "obscore" GROUP BY
"obscore"."instrument_name" HAVING count(*) > 10

-- ADQL
SELECT instrument_name FROM ivoa.ObsCore GROUP BY instrument_name HAVING MAX(t_exptime) > 100 AND instrument_name <> 'x'
-- SQL
SELECT ("obscore"."instrument_name")::text AS "instrument_name" FROM "ivoa"."obscore" AS "obscore" GROUP BY
"obscore"."instrument_name" HAVING (max("obscore"."t_exptime") > 100 AND NOT ("obscore"."instrument_name" = 'x' OR
"obscore"."instrument_name" LIKE 'x/%'))

-- ADQL
SELECT COUNT(*) FROM ivoa.ObsCore HAVING COUNT(*) > 3
-- SQL
SELECT (count(*))::int8 AS "count_1" FROM "ivoa"."obscore" AS "obscore" HAVING count(*) > 3

-- ---- Aggregates.

-- ADQL
SELECT COUNT(*), COUNT(obs_id), COUNT(DISTINCT obs_id), COUNT(ALL obs_id) FROM ivoa.ObsCore
-- SQL
SELECT (count(*))::int8 AS "count_1", (count("obscore"."obs_id"))::int8 AS "count_obs_id", (count(DISTINCT
"obscore"."obs_id"))::int8 AS "count_obs_id_2", (count("obscore"."obs_id"))::int8 AS "count_obs_id_3" FROM
"ivoa"."obscore" AS "obscore"

-- ADQL
SELECT AVG(s_ra), AVG(calib_level), MIN(obs_id), MAX(obs_release_date), SUM(t_exptime), SUM(calib_level) FROM ivoa.ObsCore
-- SQL
SELECT (avg("obscore"."s_ra"))::float8 AS "avg_s_ra", (avg(("obscore"."calib_level")::float8))::float8 AS
"avg_calib_level", (min("obscore"."obs_id"))::text AS "min_obs_id", (max("obscore"."obs_release_date"))::timestamp AS
"max_obs_release_date", (sum("obscore"."t_exptime"))::float8 AS "sum_t_exptime",
(sum("obscore"."calib_level")::int8)::int8 AS "sum_calib_level" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT SUM(DISTINCT calib_level), AVG(ALL t_exptime) FROM ivoa.ObsCore
-- SQL
SELECT (sum(DISTINCT "obscore"."calib_level")::int8)::int8 AS "sum_calib_level", (avg("obscore"."t_exptime"))::float8
AS "avg_t_exptime" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT MAX(s_ra) - MIN(s_ra) AS span FROM ivoa.ObsCore
-- SQL
SELECT ((max("obscore"."s_ra") - min("obscore"."s_ra")))::float8 AS "span" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT COUNT(s_region) FROM ivoa.ObsCore
-- SQL
SELECT (count("obscore"."s_region"))::int8 AS "count_s_region" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT MIN(planeID) FROM caom2.Plane
-- SQL
SELECT (min(("plane"."planeid")::text))::text AS "min_planeid" FROM "caom2"."plane" AS "plane"

-- ---- What cannot be grouped.

-- ADQL
SELECT instrument_name, COUNT(*) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: The column instrument_name is neither grouped by nor in an aggregate.
SELECT instrument_name, COUNT(*) FROM ivoa.ObsCore
       ^
Add instrument_name to GROUP BY, or use an aggregate such as MAX(instrument_name).

-- ADQL
SELECT * FROM ivoa.ObsCore GROUP BY obs_id
-- ERROR
line 1, column 8: The column dataproduct_type is neither grouped by nor in an aggregate.
SELECT * FROM ivoa.ObsCore GROUP BY obs_id
       ^
Add dataproduct_type to GROUP BY, or use an aggregate such as MAX(dataproduct_type).

-- ADQL
SELECT s_ra FROM ivoa.ObsCore GROUP BY s_dec
-- ERROR
line 1, column 8: The column s_ra is neither grouped by nor in an aggregate.
SELECT s_ra FROM ivoa.ObsCore GROUP BY s_dec
       ^
Add s_ra to GROUP BY, or use an aggregate such as MAX(s_ra).

-- ADQL
SELECT instrument_name FROM ivoa.ObsCore GROUP BY instrument_name HAVING s_ra > 1
-- ERROR
line 1, column 74: The column s_ra is neither grouped by nor in an aggregate.
SELECT instrument_name FROM ivoa.ObsCore GROUP BY instrument_name HAVING s_ra > 1
                                                                         ^
Add s_ra to GROUP BY, or use an aggregate such as MAX(s_ra).

-- ADQL
SELECT instrument_name FROM ivoa.ObsCore GROUP BY instrument_name ORDER BY s_ra
-- ERROR
line 1, column 76: The column s_ra is neither grouped by nor in an aggregate.
SELECT instrument_name FROM ivoa.ObsCore GROUP BY instrument_name ORDER BY s_ra
                                                                           ^
Add s_ra to GROUP BY, or use an aggregate such as MAX(s_ra).

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE COUNT(*) > 1
-- ERROR
line 1, column 39: WHERE cannot hold an aggregate.
SELECT obs_id FROM ivoa.ObsCore WHERE COUNT(*) > 1
                                      ^
Conditions on aggregates go into HAVING.

-- ADQL
SELECT COUNT(*) FROM ivoa.ObsCore GROUP BY COUNT(*)
-- ERROR
line 1, column 44: GROUP BY cannot hold an aggregate.
SELECT COUNT(*) FROM ivoa.ObsCore GROUP BY COUNT(*)
                                           ^

-- ADQL
SELECT COUNT(*) FROM ivoa.ObsCore GROUP BY 1
-- ERROR
line 1, column 44: GROUP BY takes columns or expressions, not numbers.
SELECT COUNT(*) FROM ivoa.ObsCore GROUP BY 1
                                           ^

-- ADQL
SELECT MAX(COUNT(*)) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: MAX cannot hold another aggregate.
SELECT MAX(COUNT(*)) FROM ivoa.ObsCore
       ^
Use a sub-query in FROM.

-- ADQL
SELECT SUM(obs_id) FROM ivoa.ObsCore
-- ERROR
line 1, column 12: SUM takes numbers, and obs_id is a text.
SELECT SUM(obs_id) FROM ivoa.ObsCore
           ^

-- ADQL
SELECT AVG(obs_release_date) FROM ivoa.ObsCore
-- ERROR
line 1, column 12: AVG takes numbers, and obs_release_date is a time.
SELECT AVG(obs_release_date) FROM ivoa.ObsCore
           ^

-- ADQL
SELECT MAX(POINT(s_ra, s_dec)) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: MAX needs numbers, texts or times, not a point.
SELECT MAX(POINT(s_ra, s_dec)) FROM ivoa.ObsCore
       ^

-- ADQL
SELECT COUNT(obs_id, s_ra) FROM ivoa.ObsCore
-- ERROR
line 1, column 20: , was not expected here, but ).
SELECT COUNT(obs_id, s_ra) FROM ivoa.ObsCore
                   ^

-- ADQL
SELECT COUNT() FROM ivoa.ObsCore
-- ERROR
line 1, column 14: ) was not expected here, but a value (a column, a number, a text, a function).
SELECT COUNT() FROM ivoa.ObsCore
             ^

-- ADQL
SELECT SUM(*) FROM ivoa.ObsCore
-- ERROR
line 1, column 12: * was not expected here, but a value (a column, a number, a text, a function).
SELECT SUM(*) FROM ivoa.ObsCore
           ^

-- ---- ORDER BY takes a number, a name, an alias, an expression.

-- ADQL
SELECT obs_id, s_ra FROM ivoa.ObsCore ORDER BY s_ra
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id", ("obscore"."s_ra")::float8 AS "s_ra" FROM "ivoa"."obscore" AS "obscore"
ORDER BY 2

-- ADQL
SELECT obs_id, s_ra FROM ivoa.ObsCore ORDER BY 2 DESC, 1 ASC
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id", ("obscore"."s_ra")::float8 AS "s_ra" FROM "ivoa"."obscore" AS "obscore"
ORDER BY 2 DESC, 1

-- ADQL
SELECT obs_id, s_ra AS ra FROM ivoa.ObsCore ORDER BY ra DESC
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id", ("obscore"."s_ra")::float8 AS "ra" FROM "ivoa"."obscore" AS "obscore"
ORDER BY 2 DESC

-- ADQL
SELECT obs_id FROM ivoa.ObsCore ORDER BY s_dec, s_ra DESC
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" ORDER BY "obscore"."s_dec",
"obscore"."s_ra" DESC

-- ADQL
SELECT obs_id FROM ivoa.ObsCore ORDER BY ABS(s_dec)
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" ORDER BY abs("obscore"."s_dec")

-- ADQL
SELECT instrument_name, COUNT(*) AS n FROM ivoa.ObsCore GROUP BY instrument_name ORDER BY n DESC
-- SQL
SELECT ("obscore"."instrument_name")::text AS "instrument_name", (count(*))::int8 AS "n" FROM "ivoa"."obscore" AS
"obscore" GROUP BY "obscore"."instrument_name" ORDER BY 2 DESC

-- ADQL
SELECT instrument_name FROM ivoa.ObsCore GROUP BY instrument_name ORDER BY COUNT(*) DESC
-- SQL
SELECT ("obscore"."instrument_name")::text AS "instrument_name" FROM "ivoa"."obscore" AS "obscore" GROUP BY
"obscore"."instrument_name" ORDER BY count(*) DESC

-- ADQL
SELECT DISTINCT instrument_name FROM ivoa.ObsCore ORDER BY instrument_name
-- SQL
SELECT DISTINCT ("obscore"."instrument_name")::text AS "instrument_name" FROM "ivoa"."obscore" AS "obscore" ORDER BY 1

-- ADQL
SELECT DISTINCT instrument_name FROM ivoa.ObsCore ORDER BY s_ra
-- ERROR
line 1, column 60: With DISTINCT, ORDER BY takes columns of the select list.
SELECT DISTINCT instrument_name FROM ivoa.ObsCore ORDER BY s_ra
                                                           ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore ORDER BY 2
-- ERROR
line 1, column 42: ORDER BY 2: the result has 1 columns.
SELECT obs_id FROM ivoa.ObsCore ORDER BY 2
                                         ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore ORDER BY
-- ERROR
line 1, column 41: The query ends where a value (a column, a number, a text, a function) should follow.
SELECT obs_id FROM ivoa.ObsCore ORDER BY
                                        ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore ORDER s_ra
-- ERROR
line 1, column 39: s_ra was not expected here, but BY.
SELECT obs_id FROM ivoa.ObsCore ORDER s_ra
                                      ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore ORDER BY s_ra NULLS LAST
-- ERROR
line 1, column 47: NULLS was not expected here, but a comma or the end of the query.
SELECT obs_id FROM ivoa.ObsCore ORDER BY s_ra NULLS LAST
                                              ^
The order of NULL cannot be chosen; it comes last, and with DESC first.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore ORDER BY s_ra WHERE s_ra > 1
-- ERROR
line 1, column 47: WHERE was not expected here, but a comma or the end of the query.
SELECT obs_id FROM ivoa.ObsCore ORDER BY s_ra WHERE s_ra > 1
                                              ^
WHERE stands before ORDER BY.

-- ADQL
SELECT COUNT(*) FROM ivoa.ObsCore GROUP BY NULL ORDER BY -1
-- SQL
SELECT (count(*))::int8 AS "count_1" FROM "ivoa"."obscore" AS "obscore" GROUP BY (NULL)::text ORDER BY ((-1))::int4

-- ADQL
SELECT AREA(s_region), COUNT(*) FROM ivoa.ObsCore GROUP BY s_region
-- SQL
SELECT (sky.area("obscore"."s_region__shape"))::float8 AS "area_s_region", (count(*))::int8 AS "count_2" FROM
"ivoa"."obscore" AS "obscore" GROUP BY "obscore"."s_region", "obscore"."s_region__shape"

-- ADQL
SELECT calib_level FROM ivoa.ObsCore AS o WHERE s_ra > (1) AND EXISTS (SELECT MAX(o.s_dec) FROM caom2.Plane)
-- ERROR
line 1, column 79: MAX is of this query's rows, and here is only a column of the query round it.
.ObsCore AS o WHERE s_ra > (1) AND EXISTS (SELECT MAX(o.s_dec) FROM caom2.Plane)
                                                  ^
Compute it there, or in a sub-query in FROM.

-- ADQL
SELECT calib_level, MAX(s_ra) FROM ivoa.ObsCore AS o GROUP BY calib_level HAVING EXISTS (SELECT planeID FROM caom2.Plane WHERE calibrationLevel = o.s_dec)
-- ERROR
line 1, column 147: The column s_dec is neither grouped by nor in an aggregate.
planeID FROM caom2.Plane WHERE calibrationLevel = o.s_dec)
                                                  ^
Add s_dec to GROUP BY, or use an aggregate such as MAX(s_dec).

-- ADQL
SELECT calib_level, MAX(s_ra) FROM ivoa.ObsCore AS o GROUP BY calib_level HAVING EXISTS (SELECT planeID FROM caom2.Plane WHERE calibrationLevel = o.calib_level)
-- SQL
SELECT ("o"."calib_level")::int4 AS "calib_level", (max("o"."s_ra"))::float8 AS "max_s_ra" FROM "ivoa"."obscore" AS
"o" GROUP BY "o"."calib_level" HAVING EXISTS (SELECT "plane"."planeid" AS "planeID" FROM "caom2"."plane" AS "plane"
WHERE "plane"."calibrationlevel" = "o"."calib_level")

