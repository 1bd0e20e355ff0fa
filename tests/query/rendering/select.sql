-- ADQL:
SELECT TOP 5 obs_id, s_region FROM ivoa.ObsCore
-- SQL:
SELECT ("obscore"."obs_id")::text AS "obs_id", ("obscore"."s_region")::text AS "s_region" FROM
"ivoa"."obscore" AS "obscore" LIMIT 5

-- ADQL:
SELECT DISTINCT calib_level AS c FROM ivoa.ObsCore ORDER BY c DESC, 1 OFFSET 3
-- SQL:
SELECT DISTINCT ("obscore"."calib_level")::int4 AS "c" FROM "ivoa"."obscore" AS "obscore" ORDER BY 1 DESC, 1
OFFSET 3

-- ADQL:
SELECT planeID, energy_bounds, is_public FROM caom2.Plane
-- SQL:
SELECT ("plane"."planeid")::text AS "planeID", ("plane"."energy_bounds")::float8[] AS "energy_bounds",
("plane"."is_public")::boolean AS "is_public" FROM "caom2"."plane" AS "plane"

-- ADQL:
SELECT s_ra + 1, -s_dec / 2, obs_id || 'x', 'it''s', .5, 1e3, NULL FROM ivoa.ObsCore
-- SQL:
SELECT (("obscore"."s_ra" + 1))::float8 AS "column_1", (((-"obscore"."s_dec") / 2))::float8 AS "column_2",
(("obscore"."obs_id" || 'x'::text))::text AS "column_3", ('it''s'::text)::text AS "column_4",
(0.5::float8)::float8 AS "column_5", (1000.0::float8)::float8 AS "column_6", (NULL)::text AS "column_7" FROM
"ivoa"."obscore" AS "obscore"

-- ADQL:
SELECT calib_level, COUNT(*), AVG(t_exptime) FROM ivoa.ObsCore WHERE s_ra < 10 GROUP BY calib_level HAVING COUNT(*) > 3 ORDER BY MAX(s_ra), 2
-- SQL:
SELECT ("obscore"."calib_level")::int4 AS "calib_level", (count(*))::int8 AS "count_2",
(avg(("obscore"."t_exptime")::float8))::float8 AS "avg_t_exptime" FROM "ivoa"."obscore" AS "obscore" WHERE
"obscore"."s_ra" < 10 GROUP BY "obscore"."calib_level" HAVING count(*) > 3 ORDER BY max("obscore"."s_ra"), 2

-- ADQL:
SELECT ROUND(s_ra, 2), MOD(calib_level, 2), LOG(t_exptime), RAND(3), LOWER(obs_id), CAST(s_ra AS VARCHAR(5)) FROM ivoa.ObsCore
-- SQL:
SELECT (round(("obscore"."s_ra")::numeric, (2.0::float8)::int4)::float8)::float8 AS "round_1",
(mod((("obscore"."calib_level")::float8)::numeric, (2.0::float8)::numeric)::float8)::float8 AS "mod_2",
(ln(("obscore"."t_exptime")::float8))::float8 AS "log_t_exptime", ((length((SELECT
setseed(sin(3.0::float8)))::text) + random()))::float8 AS "rand_4", (lower("obscore"."obs_id"))::text AS
"lower_obs_id", (left(("obscore"."s_ra")::text, 5))::text AS "column_6" FROM "ivoa"."obscore" AS "obscore"
