-- Queries, and what gives the same rows by hand from the tables behind, and how many there are.

-- ---- SELECT (ADQL 2.1 §2.2.1).

-- ADQL
SELECT obs_id, calib_level AS stage, s_ra ra, 1, 'x' FROM ivoa.ObsCore WHERE calib_level = 1
-- SQL, 20 rows
SELECT observationid, 1, position_center_ra, 1, 'x' FROM plane WHERE calibrationlevel = 1

-- ADQL
SELECT p.* FROM caom2.ProvenanceInput AS p, ivoa.ObsCore AS o WHERE p.inputID LIKE '%/jw4%' AND o.obs_id LIKE '%44'
-- SQL, 11 rows
SELECT planeid, planeuri || '/raw' FROM plane WHERE n(observationid) = 4 OR n(observationid) BETWEEN 40 AND 49

-- ADQL
SELECT DISTINCT calib_level, dataproduct_type FROM ivoa.ObsCore
-- SQL, 3 rows
SELECT * FROM (VALUES (1, 'spectrum'), (2, 'image'), (3, 'image')) AS v

-- ADQL
SELECT DISTINCT em_res_power FROM ivoa.ObsCore WHERE em_res_power < 250 OR em_res_power IS NULL
-- SQL, 4 rows
VALUES (0.0), (100.0), (200.0), (NULL)

-- ADQL
SELECT ALL calib_level FROM ivoa.ObsCore WHERE s_dec < -73.49
-- SQL, 19 rows
SELECT 1 + n % 3 FROM generate_series(1, 19) AS n

-- ---- Groups and aggregates (§2.2.2): NULLs are left out, and are one group.

-- ADQL
SELECT COUNT(*), COUNT(em_res_power), COUNT(DISTINCT em_res_power), COUNT(ALL em_res_power) FROM ivoa.ObsCore
-- SQL, 1 rows
SELECT 60::bigint, 45::bigint, 7::bigint, 45::bigint

-- ADQL
SELECT calib_level, COUNT(*), SUM(s_xel1), MIN(s_xel1), MAX(em_res_power), AVG(s_ra) FROM ivoa.ObsCore GROUP BY
calib_level
-- SQL, 3 rows
SELECT DISTINCT calibrationlevel, 20::bigint, (SELECT sum(c.position_dimension_naxis1)::bigint FROM plane AS c WHERE
c.calibrationlevel = p.calibrationlevel), (ARRAY[-3, -2, -1])[calibrationlevel], 600.0, (SELECT
sum(c.position_center_ra) / 20 FROM plane AS c WHERE c.calibrationlevel = p.calibrationlevel) FROM plane AS p

-- ADQL
SELECT AVG(calib_level), SUM(DISTINCT calib_level), AVG(DISTINCT s_xel1) FROM ivoa.ObsCore
-- SQL, 1 rows
SELECT 2.0, 6::bigint, -0.5

-- ADQL
SELECT em_xel, COUNT(*) AS n FROM ivoa.ObsCore GROUP BY em_xel
-- SQL, 3 rows
VALUES (1, 20), (2, 20), (NULL, 20)

-- ADQL
SELECT em_res_power, COUNT(*) FROM ivoa.ObsCore GROUP BY em_res_power HAVING COUNT(*) BETWEEN 7 AND 14
-- SQL, 3 rows
SELECT energy_resolvingpower, count FROM (SELECT energy_resolvingpower, count(*) FROM plane GROUP BY
energy_resolvingpower) AS g WHERE count IN (7, 8, 9, 10, 11, 12, 13, 14)

-- ADQL
SELECT FLOOR(t_exptime / 1000) AS bin, MAX(obs_id) FROM ivoa.ObsCore WHERE calib_level = 2 GROUP BY bin
-- SQL, 6 rows
SELECT DISTINCT ON (b) b, observationid FROM (SELECT *, floor(0.1005 * n(observationid)) AS b FROM plane WHERE
calibrationlevel = 2) AS p ORDER BY b, observationid DESC

-- ADQL
SELECT SUM(em_res_power), COUNT(*), MAX(obs_id) FROM ivoa.ObsCore WHERE calib_level > 3
-- SQL, 1 rows
SELECT NULL, 0::bigint, NULL

-- ADQL
SELECT calib_level, SUM(t_exptime) / COUNT(*) FROM ivoa.ObsCore GROUP BY calib_level HAVING MIN(obs_id) > 'jw02737'
-- SQL, 2 rows
SELECT calibrationlevel, avg(time_exposure) FROM plane WHERE calibrationlevel IN (2, 3) GROUP BY calibrationlevel

-- ADQL
SELECT MIN(obs_creation_date), MAX(obs_creation_date) FROM ivoa.ObsCore
-- SQL, 1 rows
SELECT '2022-07-12'::timestamp + interval '7:00:00.25', '2022-07-12'::timestamp + 59 * interval '7:00:00.25'

-- ---- Tables beside each other (§2.2.4).

-- ADQL
SELECT p.obs_id, f.filename FROM ivoa.ObsCore AS p INNER JOIN jwst.product AS f ON p.obs_id = f.obs_id WHERE
f.content_length <= 5000
-- SQL, 15 rows
SELECT p.observationid, p.observationid || s || '.fits' FROM plane AS p, unnest(ARRAY['_rate', '_x1d', '_thumb']) AS s
WHERE n(p.observationid) <= 5

-- ADQL
SELECT p.obs_id, f.filename FROM ivoa.ObsCore AS p, jwst.product AS f WHERE p.obs_id = f.obs_id AND s_xel1 = 2 AND
suffix = 'rate'
-- SQL, 10 rows
SELECT observationid, observationid || '_rate.fits' FROM plane WHERE n(observationid) % 6 = 5

-- ADQL
SELECT p.obs_id, f.filename FROM ivoa.ObsCore AS p LEFT JOIN jwst.product AS f ON p.obs_id = f.obs_id AND f.suffix =
'x1d' AND f.calib_level = 3 WHERE p.s_dec < -73.49
-- SQL, 19 rows
SELECT observationid, CASE WHEN calibrationlevel = 3 THEN observationid || '_x1d.fits' END FROM plane WHERE
n(observationid) < 20

-- ADQL
SELECT a.obs_id, b.obs_id FROM (SELECT obs_id FROM ivoa.ObsCore WHERE calib_level = 1) AS a RIGHT OUTER JOIN (SELECT
obs_id FROM ivoa.ObsCore WHERE s_dec < -73.49) AS b ON a.obs_id = b.obs_id
-- SQL, 19 rows
SELECT CASE WHEN calibrationlevel = 1 THEN observationid END, observationid FROM plane WHERE n(observationid) < 20

-- ADQL
SELECT a.obs_id, b.obs_id FROM (SELECT obs_id FROM ivoa.ObsCore WHERE calib_level = 1) AS a FULL OUTER JOIN (SELECT
obs_id FROM ivoa.ObsCore WHERE s_dec < -73.49) AS b ON a.obs_id = b.obs_id
-- SQL, 33 rows
SELECT CASE WHEN calibrationlevel = 1 THEN observationid END, CASE WHEN n(observationid) < 20 THEN observationid END
FROM plane WHERE n(observationid) < 20 OR calibrationlevel = 1

-- ADQL
SELECT COUNT(a.obs_id), COUNT(*) FROM ivoa.ObsCore AS b LEFT OUTER JOIN ivoa.ObsCore AS a ON a.s_xel1 = b.s_xel1 - 3
AND a.s_dec < -73.49
-- SQL, 1 rows
SELECT 3 * 10 + 3 * 10 + 4 * 10::bigint, 130::bigint

-- ADQL
SELECT * FROM (SELECT obs_id, calib_level FROM ivoa.ObsCore WHERE s_xel1 > 0) AS a NATURAL JOIN (SELECT obs_id,
suffix, content_length FROM jwst.product WHERE suffix <> 'thumb') AS b
-- SQL, 40 rows
SELECT p.observationid, p.calibrationlevel, a.suffix, a.contentlength FROM plane AS p, artifact AS a WHERE a.obs_id =
p.observationid AND p.position_dimension_naxis1 IN (1, 2) AND a.suffix IN ('rate', 'x1d')

-- ADQL
SELECT obs_id, f.suffix FROM ivoa.ObsCore JOIN jwst.product AS f USING (obs_id, calib_level) WHERE suffix = 'x1d' AND
ObsCore.s_fov = 0.05 AND ObsCore.s_dec > -73.45
-- SQL, 1 rows
SELECT observationid, 'x1d' FROM plane WHERE n(observationid) = 60

-- ADQL
SELECT obs_id, a.n, b.n FROM (SELECT obs_id, 1 AS n FROM ivoa.ObsCore WHERE calib_level = 1) AS a FULL JOIN (SELECT
obs_id, 2 AS n FROM ivoa.ObsCore WHERE s_dec < -73.49) AS b USING (obs_id)
-- SQL, 33 rows
SELECT observationid, CASE WHEN calibrationlevel = 1 THEN 1 END, CASE WHEN n(observationid) < 20 THEN 2 END FROM plane
WHERE n(observationid) < 20 OR calibrationlevel = 1

-- ADQL
SELECT a.obs_id, b.calib_level FROM ivoa.ObsCore AS a CROSS JOIN (SELECT DISTINCT calib_level FROM ivoa.ObsCore) AS b
WHERE a.calib_level < b.calib_level
-- SQL, 60 rows
SELECT observationid, stage FROM plane, generate_series(2, 3) AS stage WHERE stage > calibrationlevel

-- ADQL
SELECT a.obs_id, c.suffix FROM (ivoa.ObsCore AS a JOIN caom2.Observation AS b ON a.obs_id = b.observationID) JOIN
jwst.product AS c ON c.obs_id = b.observationID AND b.target_name LIKE 'SMACS%' AND c.suffix = 'rate'
-- SQL, 30 rows
SELECT observationid, 'rate' FROM plane WHERE n(observationid) % 2 = 0

-- ---- Positions and footprints beside each other (§4.2).

-- ADQL
SELECT p.obs_id, f.filename FROM ivoa.ObsCore AS p JOIN jwst.product AS f ON DISTANCE(POINT(p.s_ra, p.s_dec),
POINT(f.s_ra, f.s_dec + 0.003)) < 0.01 AND f.suffix = 'x1d'
-- SQL, 172 rows
SELECT p.observationid, f.filename FROM plane AS p, artifact AS f WHERE f.suffix = 'x1d' AND
separation(p.position_center_ra, p.position_center_dec, f.s_ra, f.s_dec + 0.003) < 0.01

-- ADQL
SELECT p.obs_id, f.filename FROM ivoa.ObsCore AS p JOIN jwst.product AS f ON 1 = CONTAINS(POINT(f.s_ra, f.s_dec +
0.003), CIRCLE(p.s_ra, p.s_dec, 0.01)) WHERE f.suffix = 'x1d'
-- SQL, 172 rows
SELECT p.observationid, f.filename FROM plane AS p, artifact AS f WHERE f.suffix = 'x1d' AND
separation(p.position_center_ra, p.position_center_dec, f.s_ra, f.s_dec + 0.003) < 0.01

-- ADQL
SELECT p.obs_id, f.filename FROM ivoa.ObsCore AS p, jwst.product AS f WHERE f.suffix = 'x1d' AND f.calib_level = 1 AND
0 = CONTAINS(POINT(f.s_ra, f.s_dec + 0.003), CIRCLE(p.s_ra, p.s_dec, 0.06))
-- SQL, 331 rows
SELECT p.observationid, f.filename FROM plane AS p, artifact AS f WHERE f.suffix = 'x1d' AND f.calib_level = 1 AND
separation(p.position_center_ra, p.position_center_dec, f.s_ra, f.s_dec + 0.003) > 0.06

-- ADQL
SELECT p.obs_id, f.filename FROM ivoa.ObsCore AS p LEFT JOIN jwst.product AS f ON f.suffix = 'x1d' AND 1 =
CONTAINS(POINT(f.s_ra, f.s_dec + 0.005), p.s_region) AND f.calib_level = 1 AND p.s_dec > -73.45
-- SQL, 61 rows
SELECT p.observationid, f.filename FROM plane AS p LEFT JOIN artifact AS f ON f.suffix = 'x1d' AND f.calib_level = 1
AND holds(p, f.s_ra, f.s_dec + 0.005) AND p.position_center_dec > -73.45

-- ADQL
SELECT p.obs_id, f.filename FROM ivoa.ObsCore AS p, jwst.product AS f WHERE 1 = INTERSECTS(p.s_region, f.s_region) AND
f.calib_level = 1
-- SQL, 280 rows
SELECT p.observationid, f.filename FROM plane AS p, artifact AS f WHERE f.suffix = 'x1d' AND f.calib_level = 1 AND
abs(f.s_ra + 0.017 - p.position_center_ra) < 0.08 AND abs(f.s_dec + 0.013 - p.position_center_dec) < 0.03

-- ADQL
SELECT p.obs_id, f.filename FROM ivoa.ObsCore AS p JOIN jwst.product AS f ON 1 = CONTAINS(f.s_region, p.s_region)
-- SQL, 77 rows
SELECT p.observationid, f.filename FROM plane AS p, artifact AS f WHERE f.suffix = 'x1d' AND abs(f.s_ra + 0.017 -
p.position_center_ra) < 0.02 AND abs(f.s_dec + 0.013 - p.position_center_dec) < 0.01

-- ADQL
SELECT p.obs_id, COUNT(*) FROM ivoa.ObsCore AS p JOIN jwst.product AS f ON 0 = INTERSECTS(f.s_region, p.s_region)
WHERE p.calib_level = 2 GROUP BY p.obs_id
-- SQL, 20 rows
SELECT p.observationid, count(*) FROM plane AS p, artifact AS f WHERE f.suffix = 'x1d' AND p.calibrationlevel = 2 AND
NOT (abs(f.s_ra + 0.017 - p.position_center_ra) < 0.08 AND abs(f.s_dec + 0.013 - p.position_center_dec) < 0.03) GROUP
BY 1

-- ADQL
SELECT p.obs_id, SUM(CONTAINS(POINT(f.s_ra, f.s_dec + 0.005), p.s_region)) FROM ivoa.ObsCore AS p, jwst.product AS f
WHERE f.suffix = 'x1d' AND p.calib_level = 3 GROUP BY p.obs_id
-- SQL, 20 rows
SELECT p.observationid, count(*) FROM plane AS p, artifact AS f WHERE f.suffix = 'x1d' AND p.calibrationlevel = 3 AND
holds(p, f.s_ra, f.s_dec + 0.005) GROUP BY 1

-- ---- Sub-queries in FROM.

-- ADQL
SELECT stage, COUNT(*) AS n FROM (SELECT calib_level AS stage, s_xel1 FROM ivoa.ObsCore WHERE s_dec < -73.49) AS q
WHERE s_xel1 >= 0 GROUP BY stage
-- SQL, 3 rows
SELECT 1 + n % 3, count(*) FROM generate_series(1, 19) AS n WHERE n % 6 >= 3 GROUP BY 1

-- ---- WITH (§4.4).

-- ADQL
WITH low (name, stage) AS (SELECT obs_id, calib_level FROM ivoa.ObsCore WHERE s_dec < -73.49), best AS (SELECT name
FROM low WHERE stage = 3) SELECT l.name, b.name FROM low AS l LEFT JOIN best AS b ON l.name = b.name
-- SQL, 19 rows
SELECT observationid, CASE WHEN calibrationlevel = 3 THEN observationid END FROM plane WHERE n(observationid) < 20

-- ADQL
WITH ObsCore AS (SELECT obs_id FROM ivoa.ObsCore WHERE calib_level = 1) SELECT COUNT(*) FROM ObsCore
-- SQL, 1 rows
SELECT 20::bigint

-- ---- Sets (§4.5): INTERSECT first; without ALL no row comes twice.

-- ADQL
SELECT calib_level FROM ivoa.ObsCore UNION SELECT s_xel1 FROM ivoa.ObsCore
-- SQL, 7 rows
SELECT generate_series(-3, 3)

-- ADQL
SELECT calib_level FROM ivoa.ObsCore WHERE calib_level < 3 UNION ALL SELECT s_xel1 FROM ivoa.ObsCore WHERE s_xel1 > 1
-- SQL, 50 rows
SELECT 1 FROM generate_series(1, 20) UNION ALL SELECT 2 FROM generate_series(1, 30)

-- ADQL
SELECT s_xel1 FROM ivoa.ObsCore EXCEPT SELECT calib_level FROM ivoa.ObsCore
-- SQL, 4 rows
SELECT generate_series(-3, 0)

-- ADQL
SELECT calib_level FROM ivoa.ObsCore EXCEPT ALL SELECT s_xel1 FROM ivoa.ObsCore
-- SQL, 40 rows
SELECT 1 FROM generate_series(1, 10) UNION ALL SELECT 2 FROM generate_series(1, 10) UNION ALL SELECT 3 FROM
generate_series(1, 20)

-- ADQL
SELECT calib_level FROM ivoa.ObsCore INTERSECT SELECT s_xel1 FROM ivoa.ObsCore
-- SQL, 2 rows
SELECT generate_series(1, 2)

-- ADQL
SELECT calib_level FROM ivoa.ObsCore INTERSECT ALL SELECT s_xel1 FROM ivoa.ObsCore
-- SQL, 20 rows
SELECT n % 2 + 1 FROM generate_series(1, 20) AS n

-- ADQL
SELECT em_res_power FROM ivoa.ObsCore EXCEPT SELECT em_res_power FROM ivoa.ObsCore WHERE em_res_power > 100
-- SQL, 3 rows
VALUES (NULL), (0.0), (100.0)

-- ADQL
SELECT 3 AS x FROM ivoa.ObsCore UNION SELECT calib_level FROM ivoa.ObsCore INTERSECT SELECT s_xel1 FROM ivoa.ObsCore
-- SQL, 3 rows
SELECT generate_series(1, 3)

-- ADQL
(SELECT 3 AS x FROM ivoa.ObsCore UNION SELECT calib_level FROM ivoa.ObsCore) INTERSECT SELECT s_xel1 FROM ivoa.ObsCore
-- SQL, 2 rows
SELECT generate_series(1, 2)

-- ADQL
SELECT s_xel1 FROM ivoa.ObsCore EXCEPT SELECT calib_level FROM ivoa.ObsCore UNION SELECT 2 FROM ivoa.ObsCore
-- SQL, 5 rows
SELECT unnest(ARRAY[-3, -2, -1, 0, 2])

-- ADQL
SELECT s_xel1 FROM ivoa.ObsCore EXCEPT (SELECT calib_level FROM ivoa.ObsCore UNION SELECT 0 FROM ivoa.ObsCore)
-- SQL, 3 rows
SELECT unnest(ARRAY[-3, -2, -1])

-- ADQL
SELECT calib_level FROM ivoa.ObsCore UNION SELECT s_xel1 / 2. FROM ivoa.ObsCore
-- SQL, 8 rows
SELECT generate_series(-3, 3) / 2.0 EXCEPT SELECT 1.5 UNION SELECT unnest(ARRAY[2.0, 3.0])
