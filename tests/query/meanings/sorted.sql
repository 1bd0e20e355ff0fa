-- Queries with an order, and what gives the same rows in the same order by hand.

-- ---- ORDER BY a column, an expression, a number, an alias (§2.2.2.3); NULL is larger than any value.

-- ADQL
SELECT obs_id, s_dec FROM ivoa.ObsCore WHERE calib_level = 1 ORDER BY s_dec DESC, s_ra
-- SQL, 20 rows
SELECT observationid, position_center_dec FROM plane WHERE calibrationlevel = 1 ORDER BY -position_center_dec,
position_center_ra

-- ADQL
SELECT obs_id, em_res_power FROM ivoa.ObsCore WHERE calib_level = 1 ORDER BY em_res_power, obs_id
-- SQL, 20 rows
SELECT observationid, energy_resolvingpower FROM plane WHERE calibrationlevel = 1 ORDER BY energy_resolvingpower IS
NULL, energy_resolvingpower, observationid

-- ADQL
SELECT obs_id, em_res_power FROM ivoa.ObsCore WHERE calib_level = 1 ORDER BY 2 DESC, 1
-- SQL, 20 rows
SELECT observationid, energy_resolvingpower FROM plane WHERE calibrationlevel = 1 ORDER BY energy_resolvingpower IS
NOT NULL, -energy_resolvingpower, observationid

-- ADQL
SELECT obs_id, -s_ra AS s_dec FROM ivoa.ObsCore WHERE calib_level = 2 ORDER BY s_dec, obs_id
-- SQL, 20 rows
SELECT observationid, -position_center_ra AS x FROM plane WHERE calibrationlevel = 2 ORDER BY position_center_ra DESC,
observationid

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE calib_level = 3 ORDER BY ABS(s_ra - 110.793)
-- SQL, 20 rows
SELECT observationid FROM plane WHERE calibrationlevel = 3 ORDER BY abs(position_center_ra - 110.793)

-- ADQL
SELECT em_xel, COUNT(*) AS n FROM ivoa.ObsCore GROUP BY em_xel ORDER BY MAX(t_exptime) DESC
-- SQL, 3 rows
VALUES (NULL, 20), (2, 20), (1, 20)

-- ---- TOP, and OFFSET before it (§4.10).

-- ADQL
SELECT TOP 5 obs_id FROM ivoa.ObsCore ORDER BY t_exptime
-- SQL, 5 rows
SELECT observationid FROM plane WHERE n(observationid) <= 5 ORDER BY n(observationid)

-- ADQL
SELECT TOP 5 obs_id FROM ivoa.ObsCore ORDER BY t_exptime OFFSET 10
-- SQL, 5 rows
SELECT observationid FROM plane WHERE n(observationid) BETWEEN 11 AND 15 ORDER BY n(observationid)

-- ADQL
SELECT obs_id FROM ivoa.ObsCore ORDER BY t_exptime DESC OFFSET 55
-- SQL, 5 rows
SELECT observationid FROM plane WHERE n(observationid) <= 5 ORDER BY n(observationid) DESC

-- ADQL
SELECT DISTINCT TOP 2 calib_level FROM ivoa.ObsCore ORDER BY calib_level DESC
-- SQL, 2 rows
VALUES (3), (2)

-- ADQL
SELECT TOP 2 em_xel, COUNT(*) FROM ivoa.ObsCore GROUP BY em_xel ORDER BY em_xel OFFSET 1
-- SQL, 2 rows
VALUES (2, 20), (NULL, 20)

-- ADQL
SELECT s_xel1 AS x FROM ivoa.ObsCore EXCEPT SELECT calib_level FROM ivoa.ObsCore ORDER BY x DESC OFFSET 1
-- SQL, 3 rows
VALUES (-1), (-2), (-3)

-- ADQL
(SELECT TOP 2 obs_id, t_exptime AS t FROM ivoa.ObsCore ORDER BY t_exptime DESC) UNION ALL (SELECT TOP 2 obs_id,
t_exptime FROM ivoa.ObsCore ORDER BY t_exptime OFFSET 1) ORDER BY t
-- SQL, 4 rows
SELECT observationid, time_exposure FROM plane WHERE n(observationid) IN (2, 3, 59, 60) ORDER BY n(observationid)

-- ADQL
SELECT q.obs_id FROM (SELECT TOP 3 obs_id, t_exptime FROM ivoa.ObsCore ORDER BY t_exptime DESC) AS q ORDER BY
q.t_exptime
-- SQL, 3 rows
SELECT observationid FROM plane WHERE n(observationid) > 57 ORDER BY n(observationid)
