-- Conditions on ivoa.ObsCore, and what they mean by hand on archive.plane AS p.
-- `rows.sql` tells the columns' values and the functions.

-- ---- Comparisons (ADQL 2.1 §2.2.3).

-- ADQL
calib_level = 2
-- SQL
p.calibrationlevel = 2

-- ADQL
calib_level <> 2
-- SQL
p.calibrationlevel IN (1, 3)

-- ADQL
calib_level != 2
-- SQL
p.calibrationlevel IN (1, 3)

-- ADQL
2 < calib_level
-- SQL
p.calibrationlevel = 3

-- ADQL
calib_level <= 2
-- SQL
p.calibrationlevel IN (1, 2)

-- ADQL
calib_level > 1.5
-- SQL
p.calibrationlevel IN (2, 3)

-- ADQL
calib_level >= 3
-- SQL
p.calibrationlevel = 3

-- ADQL
t_exptime / 100.5 > calib_level * 10 + 1
-- SQL
n(p.observationid) > 10 * p.calibrationlevel + 1

-- ADQL
-s_dec < 73.47
-- SQL
p.position_center_dec > -73.47

-- ADQL
s_xel1 + calib_level = 0
-- SQL
p.position_dimension_naxis1 = -p.calibrationlevel

-- ADQL
obs_id > 'jw02737'
-- SQL
p.proposal_id IN ('2737', '2738')

-- ADQL
target_class = 'galaxy'
-- SQL
n(p.observationid) % 8 = 1

-- ADQL
target_class <> 'galaxy'
-- SQL
n(p.observationid) % 8 NOT IN (1, 6)

-- ---- A trailing blank is a character as any other; CHAR(n) has as many as it takes.

-- ADQL
target_class = 'Galaxy'
-- SQL
n(p.observationid) % 8 = 0

-- ADQL
target_class = 'Galaxy '
-- SQL
n(p.observationid) % 8 = 7

-- ADQL
CAST(target_class AS CHAR(7)) = 'Galaxy '
-- SQL
n(p.observationid) % 8 IN (0, 7)

-- ADQL
CAST(target_class AS CHAR(3)) || '|' = 'a\b|'
-- SQL
n(p.observationid) % 8 = 5

-- ADQL
CAST(target_class AS VARCHAR(4)) = 'STAR'
-- SQL
n(p.observationid) % 8 = 2

-- ---- What is compared with NULL is neither true nor false, and NOT does not make it true.

-- ADQL
em_res_power > 300
-- SQL
p.energy_resolvingpower > 300

-- ADQL
NOT em_res_power > 300
-- SQL
p.energy_resolvingpower <= 300

-- ADQL
em_res_power > 300 OR NOT em_res_power > 300
-- SQL
n(p.observationid) % 4 > 0

-- ADQL
em_res_power IS NULL
-- SQL
n(p.observationid) % 4 = 0

-- ADQL
em_res_power IS NOT NULL
-- SQL
n(p.observationid) % 4 > 0

-- ADQL
NOT em_res_power IS NULL
-- SQL
n(p.observationid) % 4 > 0

-- ADQL
em_res_power = NULL OR calib_level = 1
-- SQL
p.calibrationlevel = 1

-- ADQL
NOT (em_res_power > 300 AND calib_level = 1)
-- SQL
p.calibrationlevel > 1 OR p.energy_resolvingpower <= 300

-- ---- NOT before AND before OR.

-- ADQL
calib_level = 1 OR calib_level = 2 AND s_dec > -73.47
-- SQL
p.calibrationlevel = 1 OR (p.calibrationlevel = 2 AND p.position_center_dec > -73.47)

-- ADQL
(calib_level = 1 OR calib_level = 2) AND s_dec > -73.47
-- SQL
p.calibrationlevel < 3 AND p.position_center_dec > -73.47

-- ADQL
NOT calib_level = 1 AND s_dec > -73.47
-- SQL
p.calibrationlevel > 1 AND p.position_center_dec > -73.47

-- ADQL
NOT (calib_level = 1 AND s_dec > -73.47)
-- SQL
p.calibrationlevel > 1 OR p.position_center_dec <= -73.47

-- ---- BETWEEN has its ends, and the lower comes first.

-- ADQL
calib_level BETWEEN 2 AND 3
-- SQL
p.calibrationlevel IN (2, 3)

-- ADQL
calib_level NOT BETWEEN 2 AND 3
-- SQL
p.calibrationlevel = 1

-- ADQL
calib_level BETWEEN 3 AND 2 OR calib_level = 1
-- SQL
p.calibrationlevel = 1

-- ADQL
2 BETWEEN calib_level AND s_xel1 + 4
-- SQL
p.calibrationlevel <= 2 AND p.position_dimension_naxis1 >= -2

-- ADQL
target_class BETWEEN 'a' AND 'h'
-- SQL
p.target_type >= 'a' AND p.target_type <= 'h'

-- ADQL
em_res_power NOT BETWEEN 100 AND 400
-- SQL
p.energy_resolvingpower < 100 OR p.energy_resolvingpower > 400

-- ---- IN: a list, a sub-query, and what NULL among them does.

-- ADQL
calib_level IN (1, 3, 17)
-- SQL
p.calibrationlevel <> 2

-- ADQL
calib_level NOT IN (1, 17)
-- SQL
p.calibrationlevel <> 1

-- ADQL
calib_level IN (3)
-- SQL
p.calibrationlevel = 3

-- ADQL
target_class IN ('STAR', 'galaxy')
-- SQL
n(p.observationid) % 8 IN (1, 2)

-- ADQL
calib_level + 1 IN (s_xel1, 2)
-- SQL
p.calibrationlevel = 1 OR p.calibrationlevel = p.position_dimension_naxis1 - 1

-- ADQL
calib_level IN (1, NULL)
-- SQL
p.calibrationlevel = 1

-- ADQL
calib_level NOT IN (1, NULL) OR s_dec > -73.47
-- SQL
p.position_center_dec > -73.47

-- ADQL
obs_id IN (SELECT obs_id FROM jwst.product WHERE content_length > 50000)
-- SQL
n(p.observationid) > 50

-- ADQL
obs_id NOT IN (SELECT obs_id FROM jwst.product WHERE content_length > 50000)
-- SQL
n(p.observationid) <= 50

-- ADQL
em_res_power NOT IN (SELECT em_res_power FROM ivoa.ObsCore) OR calib_level = 1
-- SQL
p.calibrationlevel = 1

-- ADQL
em_res_power IN (SELECT em_res_power FROM ivoa.ObsCore)
-- SQL
n(p.observationid) % 4 > 0

-- ADQL
calib_level IN (SELECT MAX(calib_level) FROM ivoa.ObsCore)
-- SQL
p.calibrationlevel = 3

-- ---- LIKE knows letters' cases, two wildcards and no escape; ILIKE takes any case (§4.3).

-- ADQL
target_class LIKE 'Gal%'
-- SQL
left(p.target_type, 3) = 'Gal'

-- ADQL
target_class LIKE 'gal%'
-- SQL
left(p.target_type, 3) = 'gal'

-- ADQL
target_class ILIKE 'GAL%'
-- SQL
lower(left(p.target_type, 3)) = 'gal'

-- ADQL
target_class NOT LIKE '%a%'
-- SQL
strpos(p.target_type, 'a') = 0

-- ADQL
target_class NOT ILIKE '%A%'
-- SQL
strpos(lower(p.target_type), 'a') = 0

-- ADQL
target_class LIKE '______'
-- SQL
length(p.target_type) = 6

-- ADQL
target_class LIKE 'star_1'
-- SQL
p.target_type = 'star_1'

-- ADQL
target_class LIKE '%\%'
-- SQL
strpos(p.target_type, '\') > 0

-- ADQL
target_class LIKE '100\%%' OR calib_level = 1
-- SQL
p.calibrationlevel = 1

-- ADQL
target_class LIKE 'STAR'
-- SQL
p.target_type = 'STAR'

-- ADQL
target_name LIKE '%' || target_class || '%' OR target_class LIKE target_class || '%_' OR 'a STAR' LIKE '%' ||
target_class
-- SQL
p.target_type = 'STAR'

-- ADQL
target_name ILIKE 'étoile%'
-- SQL
n(p.observationid) % 2 = 1

-- ---- EXISTS, and sub-queries that look at the query round them.

-- ADQL
EXISTS (SELECT * FROM jwst.product AS f WHERE f.obs_id = ObsCore.obs_id AND f.content_length < 9500)
-- SQL
n(p.observationid) <= 9

-- ADQL
NOT EXISTS (SELECT f.uri FROM jwst.product AS f WHERE f.obs_id = ObsCore.obs_id AND f.calib_level > 1)
-- SQL
p.calibrationlevel = 1

-- ADQL
calib_level = 3 AND EXISTS (SELECT calib_level FROM ivoa.ObsCore AS o WHERE o.s_ra > ObsCore.s_ra AND o.s_dec =
ObsCore.s_dec AND o.calib_level = 1)
-- SQL
p.calibrationlevel = 3 AND p.position_center_ra < (SELECT max(o.position_center_ra) FROM plane AS o WHERE
o.position_center_dec = p.position_center_dec AND o.calibrationlevel = 1)

-- ADQL
ObsCore.em_res_power IN (SELECT o.s_xel1 * 100 FROM ivoa.ObsCore AS o WHERE o.calib_level = ObsCore.calib_level)
-- SQL
EXISTS (SELECT 1 FROM plane AS o WHERE o.calibrationlevel = p.calibrationlevel AND 100 * o.position_dimension_naxis1 =
p.energy_resolvingpower)

-- ---- Times are compared with ISO's texts (TAP 1.1 §2.7.1).

-- ADQL
obs_release_date > '2099-01-01'
-- SQL
extract(year FROM p.datarelease) = 2100

-- ADQL
obs_release_date < '2099-01-01T00:00:00Z'
-- SQL
extract(year FROM p.datarelease) = 2023

-- ADQL
obs_creation_date >= '2022-07-20T12:00:07'
-- SQL
p.provenance_lastexecuted >= make_timestamp(2022, 7, 20, 12, 0, 7)

-- ADQL
obs_creation_date = '2022-07-14T08:00:02.0'
-- SQL
n(p.observationid) = 8

-- ADQL
'2022-07-14T08:00:02Z' <> obs_creation_date
-- SQL
n(p.observationid) % 5 > 0 AND n(p.observationid) <> 8

-- ADQL
obs_creation_date BETWEEN '2022-07-13' AND '2022-07-20'
-- SQL
n(p.observationid) % 5 > 0 AND extract(day FROM p.provenance_lastexecuted) BETWEEN 13 AND 19

-- ADQL
obs_creation_date IN ('2022-07-14T08:00:02', '2022-07-12T07:00:00.25')
-- SQL
n(p.observationid) IN (1, 8)

-- ADQL
obs_creation_date < CAST('2022-07-20' AS TIMESTAMP)
-- SQL
extract(month FROM p.provenance_lastexecuted) = 7 AND extract(day FROM p.provenance_lastexecuted) < 20

-- ADQL
CAST(obs_creator_did AS TIMESTAMP) > obs_creation_date
-- SQL
p.provenance_lastexecuted < make_timestamp(2022, 7, 1 + n(p.observationid) % 28, 6, 30, 0.5)

-- ADQL
obs_creation_date IS NULL
-- SQL
n(p.observationid) % 5 = 0

-- ---- Functions and expressions in conditions.

-- ADQL
MOD(s_xel1, 2) = -1
-- SQL
p.position_dimension_naxis1 IN (-3, -1)

-- ADQL
ABS(s_xel1) > 1
-- SQL
p.position_dimension_naxis1 IN (-3, -2, 2)

-- ADQL
LOWER(target_class) = 'galaxy'
-- SQL
n(p.observationid) % 8 IN (0, 1)

-- ADQL
UPPER(target_class) = target_class
-- SQL
n(p.observationid) % 8 = 2

-- ADQL
COALESCE(em_res_power, 500) = 500
-- SQL
n(p.observationid) % 4 = 0 OR n(p.observationid) % 7 = 5

-- ADQL
NULLIF(calib_level, 2) IS NULL
-- SQL
p.calibrationlevel = 2

-- ADQL
CASE WHEN s_xel1 < 0 THEN calib_level ELSE 3 END = 3
-- SQL
p.position_dimension_naxis1 >= 0 OR p.calibrationlevel = 3

-- ADQL
IN_UNIT(t_exptime, 'h') > 1
-- SQL
n(p.observationid) * 100.5 > 3600

-- ADQL
CAST(obs_creator_name AS DOUBLE PRECISION) > 0
-- SQL
n(p.observationid) > 29 AND n(p.observationid) <> 30

-- ---- Distances (§4.2.16): near ones are found by an index, others are not.

-- ADQL
DISTANCE(POINT(s_ra, s_dec), POINT(110.807, -73.473)) < 0.03
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.03

-- ADQL
DISTANCE(s_ra, s_dec, 110.807, -73.473) <= 0.03
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.03

-- ADQL
0.03 > DISTANCE(POINT('ICRS', 110.807, -73.473), POINT('ICRS', s_ra, s_dec))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.03

-- ADQL
NOT DISTANCE(s_ra, s_dec, 110.807, -73.473) < 0.03
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) > 0.03

-- ADQL
DISTANCE(s_ra, s_dec, 110.807, -73.473) > 0.03
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) > 0.03

-- ADQL
DISTANCE(s_ra, s_dec, 110.807, -73.473) BETWEEN 0.02 AND 0.04
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) BETWEEN 0.02 AND 0.04

-- ADQL
DISTANCE(s_ra, s_dec, 110.807, -73.473) < 0.01 * calib_level
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.01 * p.calibrationlevel

-- ADQL
DISTANCE(s_ra, s_dec, 110.807, -73.473) < 0.01 OR calib_level = 1
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.01 OR p.calibrationlevel = 1

-- ADQL
DISTANCE(s_ra - 110.8, s_dec, 359.99, -73.473) < 0.03
-- SQL
separation(p.position_center_ra - 110.8, p.position_center_dec, -0.01, -73.473) < 0.03

-- ADQL
DISTANCE(s_ra, s_dec + 163.49, 290.7, 89.99) < 0.06 AND s_dec < -73.49
-- SQL
separation(p.position_center_ra, 89.99, 290.7, 89.99) < 0.06 AND p.position_center_dec = -73.5
