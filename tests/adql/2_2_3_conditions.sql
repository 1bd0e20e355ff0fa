-- ADQL 2.1 §2.2.3: conditions

-- ---- Comparisons.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra = 1 AND s_ra <> 2 AND s_ra != 3 AND s_ra < 4 AND s_ra <= 5 AND s_ra > 6 AND s_ra >= 7
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE ("obscore"."s_ra" = 1 AND
"obscore"."s_ra" <> 2 AND "obscore"."s_ra" <> 3 AND "obscore"."s_ra" < 4 AND "obscore"."s_ra" <= 5 AND
"obscore"."s_ra" > 6 AND "obscore"."s_ra" >= 7)

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 5 < s_ra
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE 5 < "obscore"."s_ra"

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE calib_level = 2.5
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."calib_level" =
2.5::float8

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = target_name
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."obs_id" =
"obscore"."target_name"

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_id < 'k'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."obs_id" < 'k'::text

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra == 1
-- ERROR
line 1, column 45: = was not expected here, but a value (a column, a number, a text, a function).
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra == 1
                                            ^
Equality is a single = in ADQL.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra = = 1
-- ERROR
line 1, column 46: = was not expected here, but a value (a column, a number, a text, a function).
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra = = 1
                                             ^
Equality is a single = in ADQL.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra
-- ERROR
line 1, column 43: The query ends where a comparison or LIKE or IN should follow.
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra
                                          ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra =
-- ERROR
line 1, column 45: The query ends where a value (a column, a number, a text, a function) should follow.
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra =
                                            ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE
-- ERROR
line 1, column 38: The query ends where a value (a column, a number, a text, a function) should follow.
SELECT obs_id FROM ivoa.ObsCore WHERE
                                     ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra ! 1
-- ERROR
line 1, column 44: The character ! has no meaning here.
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra ! 1
                                           ^
Not equal is <> (or !=), and a condition is negated by NOT.

-- ---- AND, OR, NOT and parentheses.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra > 1 OR s_ra < 2 AND s_dec > 3
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE ("obscore"."s_ra" > 1 OR
("obscore"."s_ra" < 2 AND "obscore"."s_dec" > 3))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE (s_ra > 1 OR s_ra < 2) AND NOT s_dec > 3
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (("obscore"."s_ra" > 1 OR
"obscore"."s_ra" < 2) AND NOT ("obscore"."s_dec" > 3))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE NOT (s_ra > 1 AND NOT (s_ra > 2))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE NOT (("obscore"."s_ra" > 1 AND
NOT ("obscore"."s_ra" > 2)))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE ((((s_ra > 1))))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."s_ra" > 1

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE (s_ra + 1) * 2 > (s_dec)
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE CASE WHEN "obscore".readable__
IS NOT FALSE THEN (("obscore"."s_ra" + 1) * 2) END > "obscore"."s_dec"

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra > 1 && s_dec < 2
-- ERROR
line 1, column 48: The character & has no meaning here.
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra > 1 && s_dec < 2
                                               ^
Conditions are joined by AND.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra > 1 AND AND s_dec < 2
-- ERROR
line 1, column 52: AND was not expected here, but a value (a column, a number, a text, a function).
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra > 1 AND AND s_dec < 2
                                                   ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE (s_ra > 1
-- ERROR
line 1, column 48: The query ends where ) should follow.
SELECT obs_id FROM ivoa.ObsCore WHERE (s_ra > 1
                                               ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra > 1)
-- ERROR
line 1, column 47: ) was not expected here, but the end of the query.
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra > 1)
                                              ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE TRUE
-- ERROR
line 1, column 39: TRUE is a reserved word of ADQL, with no use here.
SELECT obs_id FROM ivoa.ObsCore WHERE TRUE
                                      ^
ADQL has no truth values; a condition that holds is 1 = 1.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1
-- ERROR
line 1, column 40: The query ends where a comparison or LIKE or IN should follow.
SELECT obs_id FROM ivoa.ObsCore WHERE 1
                                       ^

-- ---- BETWEEN, IN, IS NULL.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra BETWEEN 10 AND 20
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."s_ra" BETWEEN 10 AND
20

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra NOT BETWEEN 10 AND 20 AND s_dec > 0
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (NOT ("obscore"."s_ra" BETWEEN
10 AND 20) AND "obscore"."s_dec" > 0)

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date BETWEEN '2022-07-12' AND '2022-07-14T12:00:00'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."obs_release_date"
BETWEEN '2022-07-12'::timestamp AND '2022-07-14T12:00:00'::timestamp

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra BETWEEN 10, 20
-- ERROR
line 1, column 54: , was not expected here, but AND.
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra BETWEEN 10, 20
                                                     ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE calib_level IN (2, 3)
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."calib_level" IN (2,
3)

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE calib_level IN (2)
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."calib_level" IN (2)

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE target_name NOT IN ('M 31', 'M 33')
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."target_name" NOT IN
('M 31'::text, 'M 33'::text)

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE calib_level IN 2, 3
-- ERROR
line 1, column 54: 2 was not expected here, but (.
SELECT obs_id FROM ivoa.ObsCore WHERE calib_level IN 2, 3
                                                     ^
A list stands in parentheses: IN (1, 2)

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE calib_level IN ()
-- ERROR
line 1, column 55: ) was not expected here, but a value (a column, a number, a text, a function).
SELECT obs_id FROM ivoa.ObsCore WHERE calib_level IN ()
                                                      ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE calib_level IN (2, 'three')
-- ERROR
line 1, column 58: calib_level (a number) cannot be compared with a text.
SELECT obs_id FROM ivoa.ObsCore WHERE calib_level IN (2, 'three')
                                                         ^
Write the number without quotes.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_region IS NULL
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."s_region" IS NULL

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_region IS NOT NULL
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."s_region" IS NOT
NULL

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra + s_dec IS NULL
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE CASE WHEN "obscore".readable__
IS NOT FALSE THEN ("obscore"."s_ra" + "obscore"."s_dec") END IS NULL

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra = NULL
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."s_ra" = NULL

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra IS 3
-- ERROR
line 1, column 47: 3 was not expected here, but NULL.
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra IS 3
                                              ^
IS is followed by NULL or NOT NULL; values are compared by =.

-- ---- LIKE: % and _ stand for anything, and there is no escape.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE target_name LIKE 'M%'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."target_name" LIKE
'M%'::text

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE target_name NOT LIKE 'NGC____'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."target_name" NOT
LIKE 'NGC____'::text

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE target_name LIKE obs_id || '%'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."target_name" LIKE
("obscore"."obs_id" || '%'::text) ESCAPE ''

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE target_name LIKE 'a\%'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."target_name" LIKE
'a\%'::text ESCAPE ''

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE target_name LIKE 'a!%' ESCAPE '!'
-- ERROR
line 1, column 62: ESCAPE is a reserved word of ADQL, with no use here.
SELECT obs_id FROM ivoa.ObsCore WHERE target_name LIKE 'a!%' ESCAPE '!'
                                                             ^
As a name it is written in double quotes: "ESCAPE".

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE target_name LIKE 5
-- ERROR
line 1, column 56: LIKE compares texts, and here is a number.
SELECT obs_id FROM ivoa.ObsCore WHERE target_name LIKE 5
                                                       ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra LIKE '1%'
-- ERROR
line 1, column 39: LIKE compares texts, and here is a number.
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra LIKE '1%'
                                      ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE target_name ILIKE 'm%'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."target_name" ILIKE
'm%'::text

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE target_name NOT ILIKE 'm%'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."target_name" NOT
ILIKE 'm%'::text

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE target_name SIMILAR TO 'm%'
-- ERROR
line 1, column 51: SIMILAR was not expected here, but a comparison or LIKE or IN.
SELECT obs_id FROM ivoa.ObsCore WHERE target_name SIMILAR TO 'm%'
                                                  ^
ADQL has LIKE (and ILIKE), with % and _.

-- ---- Queries within conditions.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_publisher_did IN (SELECT publisherID FROM caom2.Plane WHERE calibrationLevel = 3)
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."obs_publisher_did"
IN (SELECT "plane"."publisherid" AS "publisherID" FROM "caom2"."plane" AS "plane" WHERE "plane"."calibrationlevel" =
3)

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_publisher_did NOT IN (SELECT publisherID FROM caom2.Plane)
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."obs_publisher_did"
NOT IN (SELECT "plane"."publisherid" AS "publisherID" FROM "caom2"."plane" AS "plane")

-- ADQL
SELECT obsID FROM caom2.Observation AS o WHERE EXISTS (SELECT planeID FROM caom2.Plane AS p WHERE p.obsID = o.obsID)
-- SQL
SELECT ("o"."obsid")::text AS "obsID" FROM "caom2"."observation" AS "o" WHERE EXISTS (SELECT "p"."planeid" AS
"planeID" FROM "caom2"."plane" AS "p" WHERE "p"."obsid" = "o"."obsid")

-- ADQL
SELECT obsID FROM caom2.Observation AS o WHERE NOT EXISTS (SELECT * FROM caom2.Plane AS p WHERE p.obsID = o.obsID)
-- SQL
SELECT ("o"."obsid")::text AS "obsID" FROM "caom2"."observation" AS "o" WHERE NOT (EXISTS (SELECT "p"."publisherid" AS
"publisherID", "p"."obsid" AS "obsID", "p"."planeid" AS "planeID", "p"."planeuri" AS "planeURI", "p"."creatorid" AS
"creatorID", "p"."productid" AS "productID", "p"."metarelease" AS "metaRelease", "p"."metareadgroups" AS
"metaReadGroups", "p"."datarelease" AS "dataRelease", "p"."datareadgroups" AS "dataReadGroups", "p"."dataproducttype"
AS "dataProductType", "p"."calibrationlevel" AS "calibrationLevel", "p"."provenance_name" AS "provenance_name",
"p"."provenance_version" AS "provenance_version", "p"."provenance_reference" AS "provenance_reference",
"p"."provenance_producer" AS "provenance_producer", "p"."provenance_project" AS "provenance_project",
"p"."provenance_runid" AS "provenance_runID", "p"."provenance_lastexecuted" AS "provenance_lastExecuted",
"p"."provenance_keywords" AS "provenance_keywords", "p"."provenance_inputs" AS "provenance_inputs",
"p"."metrics_sourcenumberdensity" AS "metrics_sourceNumberDensity", "p"."metrics_background" AS "metrics_background",
"p"."metrics_backgroundstddev" AS "metrics_backgroundStddev", "p"."metrics_fluxdensitylimit" AS
"metrics_fluxDensityLimit", "p"."metrics_maglimit" AS "metrics_magLimit", "p"."observable_ucd" AS "observable_ucd",
"p"."quality_flag" AS "quality_flag", "p"."position_bounds" AS "position_bounds", "p"."position_bounds__shape" AS
"position_bounds__shape", "p"."position_bounds_samples" AS "position_bounds_samples",
"p"."position_bounds_samples__shape" AS "position_bounds_samples__shape", "p"."position_bounds_size" AS
"position_bounds_size", "p"."position_resolution" AS "position_resolution", "p"."position_resolutionbounds" AS
"position_resolutionBounds", "p"."position_samplesize" AS "position_sampleSize", "p"."position_dimension_naxis1" AS
"position_dimension_naxis1", "p"."position_dimension_naxis2" AS "position_dimension_naxis2",
"p"."position_timedependent" AS "position_timeDependent", "p"."energy_bounds" AS "energy_bounds",
"p"."energy_bounds_samples" AS "energy_bounds_samples", "p"."energy_bounds_lower" AS "energy_bounds_lower",
"p"."energy_bounds_upper" AS "energy_bounds_upper", "p"."energy_bounds_width" AS "energy_bounds_width",
"p"."energy_dimension" AS "energy_dimension", "p"."energy_resolvingpower" AS "energy_resolvingPower",
"p"."energy_resolvingpowerbounds" AS "energy_resolvingPowerBounds", "p"."energy_samplesize" AS "energy_sampleSize",
"p"."energy_emband" AS "energy_emBand", "p"."energy_energybands" AS "energy_energyBands", "p"."energy_bandpassname" AS
"energy_bandpassName", "p"."energy_transition_species" AS "energy_transition_species",
"p"."energy_transition_transition" AS "energy_transition_transition", "p"."energy_freqwidth" AS "energy_freqWidth",
"p"."energy_freqsamplesize" AS "energy_freqSampleSize", "p"."energy_restwav" AS "energy_restwav", "p"."time_bounds" AS
"time_bounds", "p"."time_bounds_samples" AS "time_bounds_samples", "p"."time_bounds_lower" AS "time_bounds_lower",
"p"."time_bounds_upper" AS "time_bounds_upper", "p"."time_bounds_width" AS "time_bounds_width", "p"."time_dimension"
AS "time_dimension", "p"."time_resolution" AS "time_resolution", "p"."time_resolutionbounds" AS
"time_resolutionBounds", "p"."time_samplesize" AS "time_sampleSize", "p"."time_exposure" AS "time_exposure",
"p"."polarization_states" AS "polarization_states", "p"."polarization_dimension" AS "polarization_dimension",
"p"."custom_ctype" AS "custom_ctype", "p"."custom_bounds" AS "custom_bounds", "p"."custom_bounds_samples" AS
"custom_bounds_samples", "p"."custom_bounds_lower" AS "custom_bounds_lower", "p"."custom_bounds_upper" AS
"custom_bounds_upper", "p"."custom_bounds_width" AS "custom_bounds_width", "p"."custom_dimension" AS
"custom_dimension", "p"."metaproducer" AS "metaProducer", "p"."lastmodified" AS "lastModified", "p"."maxlastmodified"
AS "maxLastModified", "p"."metachecksum" AS "metaChecksum", "p"."accmetachecksum" AS "accMetaChecksum",
"p"."observable_calibration" AS "observable_calibration", "p"."position_maxrecoverablescale" AS
"position_maxRecoverableScale", "p"."position_calibration" AS "position_calibration", "p"."energy_resolution" AS
"energy_resolution", "p"."energy_resolutionbounds" AS "energy_resolutionBounds", "p"."energy_calibration" AS
"energy_calibration", "p"."time_exposurebounds" AS "time_exposureBounds", "p"."time_calibration" AS "time_calibration"
FROM "caom2"."plane" AS "p" WHERE "p"."obsid" = "o"."obsid"))

-- ADQL
SELECT obsID FROM caom2.Observation WHERE obsID IN (SELECT obsID, planeID FROM caom2.Plane)
-- ERROR
line 1, column 60: The query after IN must have one column, not 2.
SELECT obsID FROM caom2.Observation WHERE obsID IN (SELECT obsID, planeID FROM caom2.Plane)
                                                           ^

-- ADQL
SELECT obsID FROM caom2.Observation WHERE obsID IN (SELECT productID FROM caom2.Plane)
-- SQL
SELECT ("observation"."obsid")::text AS "obsID" FROM "caom2"."observation" AS "observation" WHERE
("observation"."obsid")::text IN (SELECT "plane"."productid" AS "productID" FROM "caom2"."plane" AS "plane")

-- ADQL
SELECT obsID FROM caom2.Observation WHERE sequenceNumber IN (SELECT productID FROM caom2.Plane)
-- ERROR
line 1, column 69: sequenceNumber (a number) cannot be compared with productID (a text).
SELECT obsID FROM caom2.Observation WHERE sequenceNumber IN (SELECT productID FROM caom2.Plane)
                                                                    ^
See CAST.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra > (SELECT AVG(s_ra) FROM ivoa.ObsCore)
-- ERROR
line 1, column 47: SELECT was not expected here, but a value (a column, a number, a text, a function).
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra > (SELECT AVG(s_ra) FROM ivoa.ObsCore)
                                              ^
Queries stand in FROM, and after IN and EXISTS: FROM table, (SELECT MAX(x) AS top FROM …) AS other

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE EXISTS (obs_id)
-- ERROR
line 1, column 47: obs_id was not expected here, but SELECT or (.
SELECT obs_id FROM ivoa.ObsCore WHERE EXISTS (obs_id)
                                              ^

-- ---- Times and identifiers compare with texts that can be read as such (TAP 1.1 §2.7).

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date > '2024-01-01'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."obs_release_date" >
'2024-01-01'::timestamp

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date > '2024-01-01T12:30:00.5Z'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE "obscore"."obs_release_date" >
'2024-01-01T12:30:00.5'::timestamp

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE '2024-01-01 12:30:00' <= obs_release_date
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
'2024-01-01T12:30:00'::timestamp <= "obscore"."obs_release_date"

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date > 'last week'
-- ERROR
line 1, column 58: 'last week' is not a time.
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date > 'last week'
                                                         ^
A time is like '2024-07-01' or '2024-07-01T12:30:00'.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date > '2023-02-29'
-- ERROR
line 1, column 58: '2023-02-29' is not a time.
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date > '2023-02-29'
                                                         ^
A time is like '2024-07-01' or '2024-07-01T12:30:00'.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date > 2024
-- ERROR
line 1, column 58: obs_release_date (a time) cannot be compared with a number.
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date > 2024
                                                         ^
Write a time as '2024-07-01T12:00:00', or see CAST(… AS TIMESTAMP).

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date = target_name
-- ERROR
line 1, column 58: obs_release_date (a time) cannot be compared with target_name (a text).
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date = target_name
                                                         ^
Write a time as '2024-07-01T12:00:00', or see CAST(… AS TIMESTAMP).

-- ADQL
SELECT planeURI FROM caom2.Plane WHERE planeID = '00000000-0000-0000-0000-00000000002a'
-- SQL
SELECT ("plane"."planeuri")::text AS "planeURI" FROM "caom2"."plane" AS "plane" WHERE "plane"."planeid" =
'00000000-0000-0000-0000-00000000002a'::uuid

-- ADQL
SELECT planeURI FROM caom2.Plane WHERE planeID = '2A'
-- ERROR
line 1, column 50: '2A' is not a UUID.
SELECT planeURI FROM caom2.Plane WHERE planeID = '2A'
                                                 ^
A UUID is like '00000000-0000-0000-0000-0000000000ff'.

-- ADQL
SELECT planeURI FROM caom2.Plane WHERE planeID IN ('00000000-0000-0000-0000-00000000002a', '00000000-0000-0000-0000-00000000002b')
-- SQL
SELECT ("plane"."planeuri")::text AS "planeURI" FROM "caom2"."plane" AS "plane" WHERE "plane"."planeid" IN
('00000000-0000-0000-0000-00000000002a'::uuid, '00000000-0000-0000-0000-00000000002b'::uuid)

-- ---- An instrument's name means each of its modes.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE instrument_name = 'MIRI'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE ("obscore"."instrument_name" =
'MIRI' OR "obscore"."instrument_name" LIKE 'MIRI/%')

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE instrument_name = 'MIRI/IMAGE'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE ("obscore"."instrument_name" =
'MIRI/IMAGE')

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE instrument_name <> 'MIRI'
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE NOT
("obscore"."instrument_name" = 'MIRI' OR "obscore"."instrument_name" LIKE 'MIRI/%')

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE instrument_name IN ('MIRI', 'NIRCAM/IMAGE')
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (("obscore"."instrument_name" =
'MIRI' OR "obscore"."instrument_name" LIKE 'MIRI/%') OR ("obscore"."instrument_name" = 'NIRCAM/IMAGE'))

-- ADQL
SELECT filename FROM jwst.product WHERE instrument = 'MIRI/IMAGE'
-- SQL
SELECT ("product"."filename")::text AS "filename" FROM "jwst"."product" AS "product" WHERE
("product"."instrument_name" = 'MIRI/IMAGE')

-- ---- What each side is.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra = '12'
-- ERROR
line 1, column 46: s_ra (a number) cannot be compared with a text.
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra = '12'
                                             ^
Write the number without quotes.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = 12
-- ERROR
line 1, column 48: obs_id (a text) cannot be compared with a number.
SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = 12
                                               ^
Write the value in single quotes.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = jw01
-- ERROR
line 1, column 48: There is no column jw01 in the tables of FROM.
SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = jw01
                                               ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = "jw01"
-- ERROR
line 1, column 48: There is no column jw01 in the tables of FROM.
SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = "jw01"
                                               ^
If it is a text, it takes single quotes: 'jw01'

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra = s_region
-- ERROR
line 1, column 46: s_ra (a number) cannot be compared with s_region (a text).
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra = s_region
                                             ^
See CAST.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE POINT(s_ra, s_dec) = POINT(1, 2)
-- ERROR
line 1, column 39: A comparison cannot have a point on one side.
SELECT obs_id FROM ivoa.ObsCore WHERE POINT(s_ra, s_dec) = POINT(1, 2)
                                      ^

-- ADQL
SELECT s_ra + 1 AS east FROM ivoa.ObsCore WHERE east > 2
-- ERROR
line 1, column 49: There is no column east in the tables of FROM.
SELECT s_ra + 1 AS east FROM ivoa.ObsCore WHERE east > 2
                                                ^
east is an alias of the select list, which conditions cannot use: repeat its expression.

-- ADQL
SELECT planeURI FROM caom2.Plane WHERE energy_bounds > 1
-- ERROR
line 1, column 40: A comparison cannot have an array on one side.
SELECT planeURI FROM caom2.Plane WHERE energy_bounds > 1
                                       ^

-- ADQL
SELECT -NULL, NULL + NULL, 1 / NULL FROM ivoa.ObsCore
-- SQL
SELECT ((-NULL::int2))::int2 AS "column_1", ((NULL::int2 + NULL::int2))::int2 AS "column_2", ((1 / NULL::int2))::int4
AS "column_3" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra IN (SELECT NULL FROM caom2.Plane) AND s_ra = COALESCE(NULL, NULL)
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE ("obscore"."s_ra" IN (SELECT
NULL::float8 FROM (SELECT NULL AS "column_1" FROM "caom2"."plane" AS "plane") AS nothing) AND "obscore"."s_ra" = NULL)

