-- Values of the rows of ivoa.ObsCore, and what they mean by hand for the rows of archive.plane AS p.

-- ---- Arithmetic: whole numbers stay whole, and are divided towards 0 (as in SQL-92, where ADQL is silent).

-- ADQL
s_xel1 / 2
-- SQL
trunc(p.position_dimension_naxis1 / 2.0)::bigint

-- ADQL
s_xel1 / 2.
-- SQL
p.position_dimension_naxis1 * 0.5

-- ADQL
calib_level / 2 * 2
-- SQL
CASE p.calibrationlevel WHEN 1 THEN 0 ELSE 2 END

-- ADQL
7 / calib_level
-- SQL
(ARRAY[7, 3, 2])[p.calibrationlevel]

-- ADQL
7 / -calib_level
-- SQL
(ARRAY[-7, -3, -2])[p.calibrationlevel]

-- ADQL
1 - calib_level - 1
-- SQL
-p.calibrationlevel

-- ADQL
1 - (calib_level - 1)
-- SQL
2 - p.calibrationlevel

-- ADQL
2 + 3 * calib_level
-- SQL
(ARRAY[5, 8, 11])[p.calibrationlevel]

-- ADQL
(2 + 3) * calib_level
-- SQL
(ARRAY[5, 10, 15])[p.calibrationlevel]

-- ADQL
-(-s_xel1)
-- SQL
p.position_dimension_naxis1

-- ADQL
calib_level * 1.5
-- SQL
p.calibrationlevel + p.calibrationlevel / 2.0

-- ADQL
em_res_power + 1
-- SQL
CASE WHEN p.energy_resolvingpower IS NOT NULL THEN p.energy_resolvingpower + 1 END

-- ADQL
s_ra + s_dec
-- SQL
p.position_center_ra + p.position_center_dec

-- ---- Mathematical functions (ADQL 2.1 §2.3) give doubles.

-- ADQL
ABS(s_xel1)
-- SQL
greatest(p.position_dimension_naxis1, -p.position_dimension_naxis1)::float8

-- ADQL
CEILING(t_exptime / 1000)
-- SQL
-floor(-n(p.observationid) * 0.1005)

-- ADQL
FLOOR(s_xel1 / 2.)
-- SQL
(ARRAY[-2, -1, -1, 0, 0, 1])[p.position_dimension_naxis1 + 4]::float8

-- ADQL
MOD(s_xel1, 2)
-- SQL
(ARRAY[-1, 0, -1, 0, 1, 0])[p.position_dimension_naxis1 + 4]::float8

-- ADQL
ROUND(s_xel1 / 2.)
-- SQL
(ARRAY[-2, -1, -1, 0, 1, 1])[p.position_dimension_naxis1 + 4]::float8

-- ADQL
ROUND(t_exptime, -2)
-- SQL
100.0 * floor((100.5 * n(p.observationid) + 50) / 100)

-- ADQL
TRUNCATE(s_xel1 / 2.)
-- SQL
(ARRAY[-1, -1, 0, 0, 0, 1])[p.position_dimension_naxis1 + 4]::float8

-- ADQL
TRUNCATE(s_dec, 1)
-- SQL
-floor(-p.position_center_dec * 10 + 1e-9) / 10

-- ADQL
POWER(calib_level, 2)
-- SQL
(p.calibrationlevel * p.calibrationlevel)::float8

-- ADQL
SQRT(t_exptime)
-- SQL
(100.5 * n(p.observationid)) ^ 0.5

-- ADQL
EXP(s_xel1)
-- SQL
2.718281828459045 ^ p.position_dimension_naxis1

-- ADQL
LOG(calib_level)
-- SQL
(ARRAY[0, 0.6931471805599453, 1.0986122886681098])[p.calibrationlevel]::float8

-- ADQL
LOG10(calib_level)
-- SQL
(ARRAY[0, 0.3010299956639812, 0.47712125471966244])[p.calibrationlevel]::float8

-- ADQL
DEGREES(calib_level)
-- SQL
p.calibrationlevel * 180 / 3.141592653589793

-- ADQL
RADIANS(s_ra)
-- SQL
p.position_center_ra * 3.141592653589793 / 180

-- ADQL
PI() * calib_level
-- SQL
p.calibrationlevel * 3.141592653589793

-- ADQL
SIN(RADIANS(s_ra)) * COS(RADIANS(s_dec))
-- SQL
sind(p.position_center_ra) * cosd(p.position_center_dec)

-- ADQL
TAN(RADIANS(s_ra)) + COT(RADIANS(s_dec))
-- SQL
tand(p.position_center_ra) + 1 / tand(p.position_center_dec)

-- ADQL
DEGREES(ASIN(s_xel1 / 4.))
-- SQL
90 - acosd(p.position_dimension_naxis1 / 4.0)

-- ADQL
DEGREES(ACOS(s_xel1 / 4.))
-- SQL
90 - asind(p.position_dimension_naxis1 / 4.0)

-- ADQL
DEGREES(ATAN(s_xel1))
-- SQL
atan2d(p.position_dimension_naxis1, 1)

-- ADQL
DEGREES(ATAN2(s_xel1, -1))
-- SQL
(ARRAY[-108.43494882292201, -116.56505117707799, -135, 180, 135, 116.56505117707799])[p.position_dimension_naxis1 +
4]::float8

-- ---- Texts.

-- ADQL
target_class || '/' || obs_id
-- SQL
p.target_type || '/' || p.observationid

-- ADQL
LOWER(target_name)
-- SQL
replace(CASE WHEN n(p.observationid) % 2 = 0 THEN 'smacs j0723.3-7327' ELSE 'étoile ☄' END, 'É', 'é')

-- ADQL
UPPER(target_class)
-- SQL
(ARRAY['GALAXY', 'GALAXY', 'STAR', 'STAR_1', '100% DUST', 'A\B', NULL, 'GALAXY '])[1 + n(p.observationid) % 8]

-- ---- CAST (§4.6): numbers as others, the nearest whole number.

-- ADQL
CAST(s_ra * 10 AS SMALLINT)
-- SQL
floor(p.position_center_ra * 10 + 0.5)::int

-- ADQL
CAST(s_dec * 10 AS INTEGER)
-- SQL
-floor(-p.position_center_dec * 10 + 0.5)::int

-- ADQL
CAST(s_ra * 1E10 AS BIGINT)
-- SQL
(p.position_center_ra * 100)::bigint * 100000000

-- ADQL
CAST(calib_level AS SMALLINT) / 2
-- SQL
CASE p.calibrationlevel WHEN 1 THEN 0 ELSE 1 END

-- ADQL
CAST(access_estsize AS INTEGER) / 7
-- SQL
n(p.observationid) * 1000 / 7

-- ADQL
CAST(calib_level AS REAL) / 2
-- SQL
p.calibrationlevel / 2.0

-- ADQL
CAST(calib_level AS DOUBLE PRECISION) / 2
-- SQL
p.calibrationlevel / 2.0

-- ADQL
CAST(s_ra AS REAL)
-- SQL
p.position_center_ra::real::float8

-- ADQL
CAST(CAST(t_exptime AS REAL) AS DOUBLE PRECISION)
-- SQL
n(p.observationid) * 100.5

-- ADQL
CAST(em_res_power AS INTEGER)
-- SQL
CASE WHEN n(p.observationid) % 4 > 0 THEN n(p.observationid) % 7 * 100 END

-- ---- Numbers as texts, and back.

-- ADQL
CAST(calib_level AS VARCHAR)
-- SQL
(ARRAY['1', '2', '3'])[p.calibrationlevel]

-- ADQL
CAST(access_estsize AS CHAR)
-- SQL
to_char(n(p.observationid), 'FM99') || '000'

-- ADQL
CAST(t_exptime AS VARCHAR)
-- SQL
to_char(floor(n(p.observationid) * 100.5), 'FM9999') || CASE WHEN n(p.observationid) % 2 = 1 THEN '.5' ELSE '' END

-- ADQL
CAST(s_ra AS VARCHAR(5))
-- SQL
to_char(floor(p.position_center_ra * 10 + 0.01) / 10, 'FM999.9')

-- ADQL
CAST(calib_level AS CHAR(3))
-- SQL
(ARRAY['1  ', '2  ', '3  '])[p.calibrationlevel]

-- ADQL
CAST(obs_creator_name AS DOUBLE PRECISION)
-- SQL
n(p.observationid) - 30 + CASE WHEN n(p.observationid) % 2 = 0 THEN 0 WHEN n(p.observationid) < 30 AND
n(p.observationid) % 2 = 1 THEN -0.25 ELSE 0.25 END

-- ADQL
CAST(obs_creator_name AS REAL)
-- SQL
n(p.observationid) - 30 + CASE WHEN n(p.observationid) % 2 = 0 THEN 0 WHEN n(p.observationid) < 30 AND
n(p.observationid) % 2 = 1 THEN -0.25 ELSE 0.25 END

-- ADQL
CAST(proposal_id AS SMALLINT) + 1
-- SQL
2737 + n(p.observationid) % 3

-- ADQL
CAST(proposal_id AS INTEGER) + 1
-- SQL
2737 + n(p.observationid) % 3

-- ADQL
CAST(proposal_id || '000000' AS BIGINT)
-- SQL
2736000000 + n(p.observationid) % 3 * 1000000

-- ADQL
CAST(target_class AS VARCHAR(3))
-- SQL
(ARRAY['Gal', 'gal', 'STA', 'sta', '100', 'a\b', NULL, 'Gal'])[1 + n(p.observationid) % 8]

-- ADQL
CAST(target_class AS CHAR(8))
-- SQL
(ARRAY['Galaxy  ', 'galaxy  ', 'STAR    ', 'star_1  ', '100% dus', 'a\b     ', NULL, 'Galaxy  '])[1 +
n(p.observationid) % 8]

-- ADQL
CAST(target_class AS VARCHAR)
-- SQL
p.target_type

-- ---- Times.

-- ADQL
CAST(obs_creator_did AS TIMESTAMP)
-- SQL
make_timestamp(2022, 7, 1 + n(p.observationid) % 28, 6, 30, 0.5)

-- ADQL
CAST(obs_release_date AS TIMESTAMP)
-- SQL
CASE WHEN n(p.observationid) % 10 = 0 THEN make_date(2100, 1, 1) ELSE make_date(2023, 1, 1) END::timestamp

-- ADQL
CAST(obs_creation_date AS VARCHAR)
-- SQL
replace(rtrim(p.provenance_lastexecuted::text), ' ', 'T')

-- ADQL
CAST(obs_creation_date AS CHAR(10))
-- SQL
p.provenance_lastexecuted::date::text

-- ---- Shapes.

-- ADQL
CAST(dataproduct_subtype AS POINT)
-- SQL
ARRAY[p.position_center_ra, p.position_center_dec]

-- ADQL
CAST(o_ucd AS CIRCLE)
-- SQL
ARRAY[p.position_center_ra, p.position_center_dec, 0.001 * n(p.observationid)]

-- ADQL
CAST(POINT(s_ra, s_dec) AS VARCHAR)
-- SQL
p.position_center_ra::text || ' ' || p.position_center_dec::text

-- ADQL
POINT(s_ra, s_dec)
-- SQL
ARRAY[p.position_center_ra, p.position_center_dec]

-- ADQL
CIRCLE(s_ra, s_dec, s_fov)
-- SQL
ARRAY[p.position_center_ra, p.position_center_dec, 0.05]

-- ADQL
s_region
-- SQL
p.position_bounds

-- ADQL
COORD1(POINT(s_ra, s_dec)) - 100
-- SQL
p.position_center_ra - 100

-- ADQL
COORD2(CENTROID(CIRCLE(s_ra, s_dec, 1)))
-- SQL
p.position_center_dec

-- ADQL
ROUND(COORD1(CENTROID(s_region)), 6)
-- SQL
round(p.position_center_ra::numeric, 6)

-- A part of the zone between two parallels, on the sphere, in square degrees.
-- ADQL
ROUND(AREA(s_region), 6)
-- SQL
round((degrees(sind(p.position_center_dec + 0.02) - sind(p.position_center_dec - 0.02)) * 0.1)::numeric, 6)

-- ADQL
AREA(CIRCLE(s_ra, s_dec, calib_level))
-- SQL
degrees(degrees(2 * pi() * (1 - cosd(p.calibrationlevel))))

-- ADQL
DISTANCE(POINT(s_ra, s_dec), POINT(110.807, -73.473))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473)

-- ADQL
DISTANCE(s_ra, s_dec, 290.8, -s_dec)
-- SQL
separation(p.position_center_ra, p.position_center_dec, 290.8, -p.position_center_dec)

-- ADQL
COORDSYS(POINT(s_ra, s_dec)) || obs_id
-- SQL
'ICRS' || p.observationid

-- ---- The first that is there (§4.8), and SQL's relatives of it, which are this service's extensions.

-- ADQL
COALESCE(em_res_power, -1)
-- SQL
CASE WHEN n(p.observationid) % 4 = 0 THEN -1.0 ELSE p.energy_resolvingpower END

-- ADQL
COALESCE(target_class, obs_creator_name, 'x')
-- SQL
CASE WHEN n(p.observationid) % 8 = 6 THEN p.provenance_producer ELSE p.target_type END

-- ADQL
COALESCE(em_xel, s_xel1)
-- SQL
CASE n(p.observationid) % 3 WHEN 0 THEN p.position_dimension_naxis1 WHEN 1 THEN 1 ELSE 2 END

-- ADQL
NULLIF(calib_level, 2)
-- SQL
(ARRAY[1, NULL, 3])[p.calibrationlevel]

-- ADQL
NULLIF(em_res_power, 300)
-- SQL
CASE WHEN p.energy_resolvingpower <> 300 THEN p.energy_resolvingpower END

-- ADQL
CASE WHEN calib_level = 1 THEN 'a' WHEN s_xel1 > 0 THEN 'b' END
-- SQL
CASE WHEN p.calibrationlevel = 1 THEN 'a' ELSE CASE WHEN p.position_dimension_naxis1 > 0 THEN 'b' END END

-- ADQL
CASE WHEN em_res_power > 300 THEN 1 ELSE 0 END
-- SQL
coalesce((p.energy_resolvingpower > 300)::int, 0)

-- ADQL
CASE WHEN calib_level = 1 THEN 1 ELSE 2.5 END
-- SQL
(ARRAY[1.0, 2.5, 2.5])[p.calibrationlevel]

-- ---- Units (§4.7).

-- ADQL
IN_UNIT(s_dec, 'arcmin')
-- SQL
p.position_center_dec * 60

-- ADQL
IN_UNIT(t_exptime, 'h')
-- SQL
n(p.observationid) * 100.5 / 3600

-- ADQL
IN_UNIT(em_max - em_min, 'um')
-- SQL
CASE WHEN n(p.observationid) <> 7 THEN 4.0 END

-- ADQL
IN_UNIT(access_estsize, 'Mbyte')
-- SQL
n(p.observationid)::float8

-- ADQL
IN_UNIT(t_max, 'h') - IN_UNIT(t_min, 'h') / 2
-- SQL
24 * (59700.1 + n(p.observationid) - (59700 + n(p.observationid)) / 2.0)
