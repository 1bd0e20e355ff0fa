-- Queries of other archives' pages and tools that name CAOM or ObsCore tables

-- ---- The CADC's examples.

-- ADQL
SELECT COUNT(*) FROM caom2.Observation WHERE collection = 'JWST'
-- SQL
SELECT (count(*))::int8 AS "count_1" FROM "caom2"."observation" AS "observation" WHERE "observation"."collection" =
'JWST'::text

-- ADQL
SELECT o.observationID, p.productID, a.uri FROM caom2.Observation AS o JOIN caom2.Plane AS p ON o.obsID = p.obsID JOIN caom2.Artifact AS a ON p.planeID = a.planeID WHERE o.collection = 'JWST' AND p.calibrationLevel = 2
-- SQL
SELECT ("o"."observationid")::text AS "observationID", ("p"."productid")::text AS "productID", ("a"."uri")::text AS
"uri" FROM (("caom2"."observation" AS "o" JOIN "caom2"."plane" AS "p" ON "o"."obsid" = "p"."obsid") JOIN
"caom2"."artifact" AS "a" ON "p"."planeid" = "a"."planeid") WHERE ("o"."collection" = 'JWST'::text AND
"p"."calibrationlevel" = 2)

-- ADQL
SELECT * FROM caom2.Plane AS p JOIN caom2.Observation AS o ON p.obsID = o.obsID WHERE INTERSECTS(CIRCLE('ICRS', 53.1, -27.8, 0.1), p.position_bounds) = 1 AND (p.quality_flag IS NULL OR p.quality_flag != 'junk') AND o.collection = 'JWST'
-- SQL
SELECT ("p"."publisherid")::text AS "publisherID", ("p"."obsid")::text AS "obsID", ("p"."planeid")::text AS "planeID",
("p"."planeuri")::text AS "planeURI", ("p"."creatorid")::text AS "creatorID", ("p"."productid")::text AS "productID",
("p"."metarelease")::timestamp AS "metaRelease", ("p"."metareadgroups")::text AS "metaReadGroups",
("p"."datarelease")::timestamp AS "dataRelease", ("p"."datareadgroups")::text AS "dataReadGroups",
("p"."dataproducttype")::text AS "dataProductType", ("p"."calibrationlevel")::int4 AS "calibrationLevel",
("p"."provenance_name")::text AS "provenance_name", ("p"."provenance_version")::text AS "provenance_version",
("p"."provenance_reference")::text AS "provenance_reference", ("p"."provenance_producer")::text AS
"provenance_producer", ("p"."provenance_project")::text AS "provenance_project", ("p"."provenance_runid")::text AS
"provenance_runID", ("p"."provenance_lastexecuted")::timestamp AS "provenance_lastExecuted",
("p"."provenance_keywords")::text AS "provenance_keywords", ("p"."provenance_inputs")::text AS "provenance_inputs",
("p"."metrics_sourcenumberdensity")::float8 AS "metrics_sourceNumberDensity", ("p"."metrics_background")::float8 AS
"metrics_background", ("p"."metrics_backgroundstddev")::float8 AS "metrics_backgroundStddev",
("p"."metrics_fluxdensitylimit")::float8 AS "metrics_fluxDensityLimit", ("p"."metrics_maglimit")::float8 AS
"metrics_magLimit", ("p"."observable_ucd")::text AS "observable_ucd", ("p"."quality_flag")::text AS "quality_flag",
("p"."position_bounds")::text AS "position_bounds", ("p"."position_bounds_samples")::text AS
"position_bounds_samples", ("p"."position_bounds_size")::float8 AS "position_bounds_size",
("p"."position_resolution")::float8 AS "position_resolution", ("p"."position_resolutionbounds")::float8[] AS
"position_resolutionBounds", ("p"."position_samplesize")::float8 AS "position_sampleSize",
("p"."position_dimension_naxis1")::int8 AS "position_dimension_naxis1", ("p"."position_dimension_naxis2")::int8 AS
"position_dimension_naxis2", ("p"."position_timedependent")::int4 AS "position_timeDependent",
("p"."energy_bounds")::float8[] AS "energy_bounds", ("p"."energy_bounds_samples")::float8[] AS
"energy_bounds_samples", ("p"."energy_bounds_lower")::float8 AS "energy_bounds_lower",
("p"."energy_bounds_upper")::float8 AS "energy_bounds_upper", ("p"."energy_bounds_width")::float8 AS
"energy_bounds_width", ("p"."energy_dimension")::int8 AS "energy_dimension", ("p"."energy_resolvingpower")::float8 AS
"energy_resolvingPower", ("p"."energy_resolvingpowerbounds")::float8[] AS "energy_resolvingPowerBounds",
("p"."energy_samplesize")::float8 AS "energy_sampleSize", ("p"."energy_emband")::text AS "energy_emBand",
("p"."energy_energybands")::text AS "energy_energyBands", ("p"."energy_bandpassname")::text AS "energy_bandpassName",
("p"."energy_transition_species")::text AS "energy_transition_species", ("p"."energy_transition_transition")::text AS
"energy_transition_transition", ("p"."energy_freqwidth")::float8 AS "energy_freqWidth",
("p"."energy_freqsamplesize")::float8 AS "energy_freqSampleSize", ("p"."energy_restwav")::float8 AS "energy_restwav",
("p"."time_bounds")::float8[] AS "time_bounds", ("p"."time_bounds_samples")::float8[] AS "time_bounds_samples",
("p"."time_bounds_lower")::float8 AS "time_bounds_lower", ("p"."time_bounds_upper")::float8 AS "time_bounds_upper",
("p"."time_bounds_width")::float8 AS "time_bounds_width", ("p"."time_dimension")::int8 AS "time_dimension",
("p"."time_resolution")::float8 AS "time_resolution", ("p"."time_resolutionbounds")::float8[] AS
"time_resolutionBounds", ("p"."time_samplesize")::float8 AS "time_sampleSize", ("p"."time_exposure")::float8 AS
"time_exposure", ("p"."polarization_states")::text AS "polarization_states", ("p"."polarization_dimension")::int4 AS
"polarization_dimension", ("p"."custom_ctype")::text AS "custom_ctype", ("p"."custom_bounds")::float8[] AS
"custom_bounds", ("p"."custom_bounds_samples")::float8[] AS "custom_bounds_samples",
("p"."custom_bounds_lower")::float8 AS "custom_bounds_lower", ("p"."custom_bounds_upper")::float8 AS
"custom_bounds_upper", ("p"."custom_bounds_width")::float8 AS "custom_bounds_width", ("p"."custom_dimension")::int8 AS
"custom_dimension", ("p"."metaproducer")::text AS "metaProducer", ("p"."lastmodified")::timestamp AS "lastModified",
("p"."maxlastmodified")::timestamp AS "maxLastModified", ("p"."metachecksum")::text AS "metaChecksum",
("p"."accmetachecksum")::text AS "accMetaChecksum", ("p"."observable_calibration")::text AS "observable_calibration",
("p"."position_maxrecoverablescale")::float8[] AS "position_maxRecoverableScale", ("p"."position_calibration")::text
AS "position_calibration", ("p"."energy_resolution")::float8 AS "energy_resolution",
("p"."energy_resolutionbounds")::float8[] AS "energy_resolutionBounds", ("p"."energy_calibration")::text AS
"energy_calibration", ("p"."time_exposurebounds")::float8[] AS "time_exposureBounds", ("p"."time_calibration")::text
AS "time_calibration", ("o"."observationuri")::text AS "observationURI", ("o"."obsid")::text AS "obsID_2",
("o"."collection")::text AS "collection", ("o"."observationid")::text AS "observationID", ("o"."algorithm_name")::text
AS "algorithm_name", ("o"."type")::text AS "type", ("o"."intent")::text AS "intent", ("o"."sequencenumber")::int4 AS
"sequenceNumber", ("o"."metarelease")::timestamp AS "metaRelease_2", ("o"."metareadgroups")::text AS
"metaReadGroups_2", ("o"."proposal_id")::text AS "proposal_id", ("o"."proposal_pi")::text AS "proposal_pi",
("o"."proposal_project")::text AS "proposal_project", ("o"."proposal_title")::text AS "proposal_title",
("o"."proposal_keywords")::text AS "proposal_keywords", ("o"."target_name")::text AS "target_name",
("o"."target_targetid")::text AS "target_targetID", ("o"."target_type")::text AS "target_type",
("o"."target_standard")::int4 AS "target_standard", ("o"."target_redshift")::float8 AS "target_redshift",
("o"."target_moving")::int4 AS "target_moving", ("o"."target_keywords")::text AS "target_keywords",
("o"."targetposition_coordsys")::text AS "targetPosition_coordsys", ("o"."targetposition_equinox")::float8 AS
"targetPosition_equinox", ("o"."targetposition_coordinates_cval1")::float8 AS "targetPosition_coordinates_cval1",
("o"."targetposition_coordinates_cval2")::float8 AS "targetPosition_coordinates_cval2", ("o"."telescope_name")::text
AS "telescope_name", ("o"."telescope_geolocationx")::float8 AS "telescope_geoLocationX",
("o"."telescope_geolocationy")::float8 AS "telescope_geoLocationY", ("o"."telescope_geolocationz")::float8 AS
"telescope_geoLocationZ", ("o"."telescope_keywords")::text AS "telescope_keywords", ("o"."requirements_flag")::text AS
"requirements_flag", ("o"."instrument_name")::text AS "instrument_name", ("o"."instrument_keywords")::text AS
"instrument_keywords", ("o"."environment_seeing")::float8 AS "environment_seeing",
("o"."environment_humidity")::float8 AS "environment_humidity", ("o"."environment_elevation")::float8 AS
"environment_elevation", ("o"."environment_tau")::float8 AS "environment_tau",
("o"."environment_wavelengthtau")::float8 AS "environment_wavelengthTau", ("o"."environment_ambienttemp")::float8 AS
"environment_ambientTemp", ("o"."environment_photometric")::int4 AS "environment_photometric", ("o"."members")::text
AS "members", ("o"."typecode")::text AS "typeCode", ("o"."metaproducer")::text AS "metaProducer_2",
("o"."lastmodified")::timestamp AS "lastModified_2", ("o"."maxlastmodified")::timestamp AS "maxLastModified_2",
("o"."metachecksum")::text AS "metaChecksum_2", ("o"."accmetachecksum")::text AS "accMetaChecksum_2",
("o"."proposal_reference")::text AS "proposal_reference", ("o"."telescope_trackingmode")::text AS
"telescope_trackingMode" FROM ("caom2"."plane" AS "p" JOIN "caom2"."observation" AS "o" ON "p"."obsid" = "o"."obsid")
WHERE ((sky.bounds(sky.circle(53.1::float8, (-27.8::float8), 0.1::float8)) && sky.bounds("p"."position_bounds__shape")
AND sky.intersects(sky.circle(53.1::float8, (-27.8::float8), 0.1::float8), "p"."position_bounds__shape")) AND
("p"."quality_flag" IS NULL OR "p"."quality_flag" <> 'junk'::text) AND "o"."collection" = 'JWST'::text)

-- ADQL
SELECT publisherID FROM caom2.Plane JOIN caom2.Observation ON caom2.Plane.obsID = caom2.Observation.obsID WHERE instrument_name = 'NIRCAM' AND energy_bandpassName = 'F200W'
-- SQL
SELECT ("plane"."publisherid")::text AS "publisherID" FROM ("caom2"."plane" AS "plane" JOIN "caom2"."observation" AS
"observation" ON "plane"."obsid" = "observation"."obsid") WHERE (("observation"."instrument_name" = 'NIRCAM' OR
"observation"."instrument_name" LIKE 'NIRCAM/%') AND "plane"."energy_bandpassname" = 'F200W'::text)

-- ADQL
SELECT isDownloadable(publisherID) FROM caom2.Plane
-- ERROR
line 1, column 8: There is no function ISDOWNLOADABLE here.
SELECT isDownloadable(publisherID) FROM caom2.Plane
       ^
The functions are: ivo_healpix_index, ivo_healpix_center, ivo_epoch_prop_pos, ivo_geom_transform, gavo_transform, ivo_to_jd, ivo_to_mjd, ivo_string_agg, ivo_nocasematch, ivo_hasword, ivo_hashlist_has, ivo_histogram, ivo_normal_random, ivo_interval_overlaps, ivo_simbadpoint, ivo_hms_to_degrees, ivo_dms_to_degrees, gavo_specconv, MOC, gavo_mocunion

-- ADQL
SELECT DISTINCT collection, instrument_name FROM caom2.Observation ORDER BY collection
-- SQL
SELECT DISTINCT ("observation"."collection")::text AS "collection", ("observation"."instrument_name")::text AS
"instrument_name" FROM "caom2"."observation" AS "observation" ORDER BY 1

-- ADQL
SELECT time_bounds_lower, time_bounds_upper FROM caom2.Plane WHERE time_bounds_lower > 59700 AND dataRelease < '2023-01-01'
-- SQL
SELECT ("plane"."time_bounds_lower")::float8 AS "time_bounds_lower", ("plane"."time_bounds_upper")::float8 AS
"time_bounds_upper" FROM "caom2"."plane" AS "plane" WHERE ("plane"."time_bounds_lower" > 59700 AND
"plane"."datarelease" < '2023-01-01'::timestamp)

-- ---- ObsCore's use cases (ObsCore 1.1 appendix A), and queries of pyvo, TOPCAT and ESO's pages.

-- ADQL
SELECT * FROM ivoa.ObsCore WHERE dataproduct_type = 'image' AND CONTAINS(POINT('ICRS', 16.0, 40.0), s_region) = 1
-- SQL
SELECT ("obscore"."dataproduct_type")::text AS "dataproduct_type", ("obscore"."dataproduct_subtype")::text AS
"dataproduct_subtype", ("obscore"."calib_level")::int4 AS "calib_level", ("obscore"."obs_collection")::text AS
"obs_collection", ("obscore"."obs_id")::text AS "obs_id", ("obscore"."obs_title")::text AS "obs_title",
("obscore"."obs_publisher_did")::text AS "obs_publisher_did", ("obscore"."obs_creator_did")::text AS
"obs_creator_did", ("obscore"."obs_creator_name")::text AS "obs_creator_name",
("obscore"."obs_creation_date")::timestamp AS "obs_creation_date", ("obscore"."obs_release_date")::timestamp AS
"obs_release_date", ("obscore"."data_rights")::text AS "data_rights", ("obscore"."access_url")::text AS "access_url",
("obscore"."access_format")::text AS "access_format", ("obscore"."access_estsize")::int8 AS "access_estsize",
("obscore"."target_name")::text AS "target_name", ("obscore"."target_class")::text AS "target_class",
("obscore"."s_ra")::float8 AS "s_ra", ("obscore"."s_dec")::float8 AS "s_dec", ("obscore"."s_fov")::float8 AS "s_fov",
("obscore"."s_region")::text AS "s_region", ("obscore"."s_resolution")::float8 AS "s_resolution",
("obscore"."s_pixel_scale")::float8 AS "s_pixel_scale", ("obscore"."s_xel1")::int8 AS "s_xel1",
("obscore"."s_xel2")::int8 AS "s_xel2", ("obscore"."t_min")::float8 AS "t_min", ("obscore"."t_max")::float8 AS
"t_max", ("obscore"."t_exptime")::float8 AS "t_exptime", ("obscore"."t_resolution")::float8 AS "t_resolution",
("obscore"."t_xel")::int8 AS "t_xel", ("obscore"."em_min")::float8 AS "em_min", ("obscore"."em_max")::float8 AS
"em_max", ("obscore"."em_res_power")::float8 AS "em_res_power", ("obscore"."em_res_power_min")::float8 AS
"em_res_power_min", ("obscore"."em_res_power_max")::float8 AS "em_res_power_max", ("obscore"."em_xel")::int8 AS
"em_xel", ("obscore"."em_ucd")::text AS "em_ucd", ("obscore"."em_unit")::text AS "em_unit", ("obscore"."o_ucd")::text
AS "o_ucd", ("obscore"."pol_states")::text AS "pol_states", ("obscore"."pol_xel")::int8 AS "pol_xel",
("obscore"."facility_name")::text AS "facility_name", ("obscore"."instrument_name")::text AS "instrument_name",
("obscore"."proposal_id")::text AS "proposal_id" FROM "ivoa"."obscore" AS "obscore" WHERE
("obscore"."dataproduct_type" = 'image'::text AND (sky.bounds("obscore"."s_region__shape") @> sky.point(16.0::float8,
40.0::float8) AND sky.contains_point(16.0::float8, 40.0::float8, "obscore"."s_region__shape")))

-- ADQL
SELECT * FROM ivoa.ObsCore WHERE dataproduct_type = 'image' AND s_resolution < 0.3 AND CONTAINS(POINT('ICRS', 16.0, 40.0), s_region) = 1
-- SQL
SELECT ("obscore"."dataproduct_type")::text AS "dataproduct_type", ("obscore"."dataproduct_subtype")::text AS
"dataproduct_subtype", ("obscore"."calib_level")::int4 AS "calib_level", ("obscore"."obs_collection")::text AS
"obs_collection", ("obscore"."obs_id")::text AS "obs_id", ("obscore"."obs_title")::text AS "obs_title",
("obscore"."obs_publisher_did")::text AS "obs_publisher_did", ("obscore"."obs_creator_did")::text AS
"obs_creator_did", ("obscore"."obs_creator_name")::text AS "obs_creator_name",
("obscore"."obs_creation_date")::timestamp AS "obs_creation_date", ("obscore"."obs_release_date")::timestamp AS
"obs_release_date", ("obscore"."data_rights")::text AS "data_rights", ("obscore"."access_url")::text AS "access_url",
("obscore"."access_format")::text AS "access_format", ("obscore"."access_estsize")::int8 AS "access_estsize",
("obscore"."target_name")::text AS "target_name", ("obscore"."target_class")::text AS "target_class",
("obscore"."s_ra")::float8 AS "s_ra", ("obscore"."s_dec")::float8 AS "s_dec", ("obscore"."s_fov")::float8 AS "s_fov",
("obscore"."s_region")::text AS "s_region", ("obscore"."s_resolution")::float8 AS "s_resolution",
("obscore"."s_pixel_scale")::float8 AS "s_pixel_scale", ("obscore"."s_xel1")::int8 AS "s_xel1",
("obscore"."s_xel2")::int8 AS "s_xel2", ("obscore"."t_min")::float8 AS "t_min", ("obscore"."t_max")::float8 AS
"t_max", ("obscore"."t_exptime")::float8 AS "t_exptime", ("obscore"."t_resolution")::float8 AS "t_resolution",
("obscore"."t_xel")::int8 AS "t_xel", ("obscore"."em_min")::float8 AS "em_min", ("obscore"."em_max")::float8 AS
"em_max", ("obscore"."em_res_power")::float8 AS "em_res_power", ("obscore"."em_res_power_min")::float8 AS
"em_res_power_min", ("obscore"."em_res_power_max")::float8 AS "em_res_power_max", ("obscore"."em_xel")::int8 AS
"em_xel", ("obscore"."em_ucd")::text AS "em_ucd", ("obscore"."em_unit")::text AS "em_unit", ("obscore"."o_ucd")::text
AS "o_ucd", ("obscore"."pol_states")::text AS "pol_states", ("obscore"."pol_xel")::int8 AS "pol_xel",
("obscore"."facility_name")::text AS "facility_name", ("obscore"."instrument_name")::text AS "instrument_name",
("obscore"."proposal_id")::text AS "proposal_id" FROM "ivoa"."obscore" AS "obscore" WHERE
("obscore"."dataproduct_type" = 'image'::text AND "obscore"."s_resolution" < 0.3::float8 AND
(sky.bounds("obscore"."s_region__shape") @> sky.point(16.0::float8, 40.0::float8) AND sky.contains_point(16.0::float8,
40.0::float8, "obscore"."s_region__shape")))

-- ADQL
SELECT * FROM ivoa.ObsCore WHERE em_min < 2.1e-06 AND em_max > 2.4e-06 AND dataproduct_type = 'image'
-- SQL
SELECT ("obscore"."dataproduct_type")::text AS "dataproduct_type", ("obscore"."dataproduct_subtype")::text AS
"dataproduct_subtype", ("obscore"."calib_level")::int4 AS "calib_level", ("obscore"."obs_collection")::text AS
"obs_collection", ("obscore"."obs_id")::text AS "obs_id", ("obscore"."obs_title")::text AS "obs_title",
("obscore"."obs_publisher_did")::text AS "obs_publisher_did", ("obscore"."obs_creator_did")::text AS
"obs_creator_did", ("obscore"."obs_creator_name")::text AS "obs_creator_name",
("obscore"."obs_creation_date")::timestamp AS "obs_creation_date", ("obscore"."obs_release_date")::timestamp AS
"obs_release_date", ("obscore"."data_rights")::text AS "data_rights", ("obscore"."access_url")::text AS "access_url",
("obscore"."access_format")::text AS "access_format", ("obscore"."access_estsize")::int8 AS "access_estsize",
("obscore"."target_name")::text AS "target_name", ("obscore"."target_class")::text AS "target_class",
("obscore"."s_ra")::float8 AS "s_ra", ("obscore"."s_dec")::float8 AS "s_dec", ("obscore"."s_fov")::float8 AS "s_fov",
("obscore"."s_region")::text AS "s_region", ("obscore"."s_resolution")::float8 AS "s_resolution",
("obscore"."s_pixel_scale")::float8 AS "s_pixel_scale", ("obscore"."s_xel1")::int8 AS "s_xel1",
("obscore"."s_xel2")::int8 AS "s_xel2", ("obscore"."t_min")::float8 AS "t_min", ("obscore"."t_max")::float8 AS
"t_max", ("obscore"."t_exptime")::float8 AS "t_exptime", ("obscore"."t_resolution")::float8 AS "t_resolution",
("obscore"."t_xel")::int8 AS "t_xel", ("obscore"."em_min")::float8 AS "em_min", ("obscore"."em_max")::float8 AS
"em_max", ("obscore"."em_res_power")::float8 AS "em_res_power", ("obscore"."em_res_power_min")::float8 AS
"em_res_power_min", ("obscore"."em_res_power_max")::float8 AS "em_res_power_max", ("obscore"."em_xel")::int8 AS
"em_xel", ("obscore"."em_ucd")::text AS "em_ucd", ("obscore"."em_unit")::text AS "em_unit", ("obscore"."o_ucd")::text
AS "o_ucd", ("obscore"."pol_states")::text AS "pol_states", ("obscore"."pol_xel")::int8 AS "pol_xel",
("obscore"."facility_name")::text AS "facility_name", ("obscore"."instrument_name")::text AS "instrument_name",
("obscore"."proposal_id")::text AS "proposal_id" FROM "ivoa"."obscore" AS "obscore" WHERE ("obscore"."em_min" <
2.1e-06::float8 AND "obscore"."em_max" > 2.4e-06::float8 AND "obscore"."dataproduct_type" = 'image'::text)

-- ADQL
SELECT * FROM ivoa.ObsCore WHERE CONTAINS(POINT('ICRS', 16.0, 40.0), s_region) = 1 AND em_res_power >= 2000
-- SQL
SELECT ("obscore"."dataproduct_type")::text AS "dataproduct_type", ("obscore"."dataproduct_subtype")::text AS
"dataproduct_subtype", ("obscore"."calib_level")::int4 AS "calib_level", ("obscore"."obs_collection")::text AS
"obs_collection", ("obscore"."obs_id")::text AS "obs_id", ("obscore"."obs_title")::text AS "obs_title",
("obscore"."obs_publisher_did")::text AS "obs_publisher_did", ("obscore"."obs_creator_did")::text AS
"obs_creator_did", ("obscore"."obs_creator_name")::text AS "obs_creator_name",
("obscore"."obs_creation_date")::timestamp AS "obs_creation_date", ("obscore"."obs_release_date")::timestamp AS
"obs_release_date", ("obscore"."data_rights")::text AS "data_rights", ("obscore"."access_url")::text AS "access_url",
("obscore"."access_format")::text AS "access_format", ("obscore"."access_estsize")::int8 AS "access_estsize",
("obscore"."target_name")::text AS "target_name", ("obscore"."target_class")::text AS "target_class",
("obscore"."s_ra")::float8 AS "s_ra", ("obscore"."s_dec")::float8 AS "s_dec", ("obscore"."s_fov")::float8 AS "s_fov",
("obscore"."s_region")::text AS "s_region", ("obscore"."s_resolution")::float8 AS "s_resolution",
("obscore"."s_pixel_scale")::float8 AS "s_pixel_scale", ("obscore"."s_xel1")::int8 AS "s_xel1",
("obscore"."s_xel2")::int8 AS "s_xel2", ("obscore"."t_min")::float8 AS "t_min", ("obscore"."t_max")::float8 AS
"t_max", ("obscore"."t_exptime")::float8 AS "t_exptime", ("obscore"."t_resolution")::float8 AS "t_resolution",
("obscore"."t_xel")::int8 AS "t_xel", ("obscore"."em_min")::float8 AS "em_min", ("obscore"."em_max")::float8 AS
"em_max", ("obscore"."em_res_power")::float8 AS "em_res_power", ("obscore"."em_res_power_min")::float8 AS
"em_res_power_min", ("obscore"."em_res_power_max")::float8 AS "em_res_power_max", ("obscore"."em_xel")::int8 AS
"em_xel", ("obscore"."em_ucd")::text AS "em_ucd", ("obscore"."em_unit")::text AS "em_unit", ("obscore"."o_ucd")::text
AS "o_ucd", ("obscore"."pol_states")::text AS "pol_states", ("obscore"."pol_xel")::int8 AS "pol_xel",
("obscore"."facility_name")::text AS "facility_name", ("obscore"."instrument_name")::text AS "instrument_name",
("obscore"."proposal_id")::text AS "proposal_id" FROM "ivoa"."obscore" AS "obscore" WHERE
((sky.bounds("obscore"."s_region__shape") @> sky.point(16.0::float8, 40.0::float8) AND
sky.contains_point(16.0::float8, 40.0::float8, "obscore"."s_region__shape")) AND "obscore"."em_res_power" >= 2000)

-- ADQL
SELECT * FROM ivoa.ObsCore WHERE dataproduct_type = 'cube' AND (em_max - em_min) / em_min > 0.1 AND t_exptime > 3600
-- SQL
SELECT ("obscore"."dataproduct_type")::text AS "dataproduct_type", ("obscore"."dataproduct_subtype")::text AS
"dataproduct_subtype", ("obscore"."calib_level")::int4 AS "calib_level", ("obscore"."obs_collection")::text AS
"obs_collection", ("obscore"."obs_id")::text AS "obs_id", ("obscore"."obs_title")::text AS "obs_title",
("obscore"."obs_publisher_did")::text AS "obs_publisher_did", ("obscore"."obs_creator_did")::text AS
"obs_creator_did", ("obscore"."obs_creator_name")::text AS "obs_creator_name",
("obscore"."obs_creation_date")::timestamp AS "obs_creation_date", ("obscore"."obs_release_date")::timestamp AS
"obs_release_date", ("obscore"."data_rights")::text AS "data_rights", ("obscore"."access_url")::text AS "access_url",
("obscore"."access_format")::text AS "access_format", ("obscore"."access_estsize")::int8 AS "access_estsize",
("obscore"."target_name")::text AS "target_name", ("obscore"."target_class")::text AS "target_class",
("obscore"."s_ra")::float8 AS "s_ra", ("obscore"."s_dec")::float8 AS "s_dec", ("obscore"."s_fov")::float8 AS "s_fov",
("obscore"."s_region")::text AS "s_region", ("obscore"."s_resolution")::float8 AS "s_resolution",
("obscore"."s_pixel_scale")::float8 AS "s_pixel_scale", ("obscore"."s_xel1")::int8 AS "s_xel1",
("obscore"."s_xel2")::int8 AS "s_xel2", ("obscore"."t_min")::float8 AS "t_min", ("obscore"."t_max")::float8 AS
"t_max", ("obscore"."t_exptime")::float8 AS "t_exptime", ("obscore"."t_resolution")::float8 AS "t_resolution",
("obscore"."t_xel")::int8 AS "t_xel", ("obscore"."em_min")::float8 AS "em_min", ("obscore"."em_max")::float8 AS
"em_max", ("obscore"."em_res_power")::float8 AS "em_res_power", ("obscore"."em_res_power_min")::float8 AS
"em_res_power_min", ("obscore"."em_res_power_max")::float8 AS "em_res_power_max", ("obscore"."em_xel")::int8 AS
"em_xel", ("obscore"."em_ucd")::text AS "em_ucd", ("obscore"."em_unit")::text AS "em_unit", ("obscore"."o_ucd")::text
AS "o_ucd", ("obscore"."pol_states")::text AS "pol_states", ("obscore"."pol_xel")::int8 AS "pol_xel",
("obscore"."facility_name")::text AS "facility_name", ("obscore"."instrument_name")::text AS "instrument_name",
("obscore"."proposal_id")::text AS "proposal_id" FROM "ivoa"."obscore" AS "obscore" WHERE
("obscore"."dataproduct_type" = 'cube'::text AND CASE WHEN "obscore".readable__ IS NOT FALSE THEN (("obscore"."em_max"
- "obscore"."em_min") / "obscore"."em_min") END > 0.1::float8 AND "obscore"."t_exptime" > 3600)

-- ADQL
SELECT TOP 1 * FROM ivoa.ObsCore WHERE 1 = 0
-- SQL
SELECT ("obscore"."dataproduct_type")::text AS "dataproduct_type", ("obscore"."dataproduct_subtype")::text AS
"dataproduct_subtype", ("obscore"."calib_level")::int4 AS "calib_level", ("obscore"."obs_collection")::text AS
"obs_collection", ("obscore"."obs_id")::text AS "obs_id", ("obscore"."obs_title")::text AS "obs_title",
("obscore"."obs_publisher_did")::text AS "obs_publisher_did", ("obscore"."obs_creator_did")::text AS
"obs_creator_did", ("obscore"."obs_creator_name")::text AS "obs_creator_name",
("obscore"."obs_creation_date")::timestamp AS "obs_creation_date", ("obscore"."obs_release_date")::timestamp AS
"obs_release_date", ("obscore"."data_rights")::text AS "data_rights", ("obscore"."access_url")::text AS "access_url",
("obscore"."access_format")::text AS "access_format", ("obscore"."access_estsize")::int8 AS "access_estsize",
("obscore"."target_name")::text AS "target_name", ("obscore"."target_class")::text AS "target_class",
("obscore"."s_ra")::float8 AS "s_ra", ("obscore"."s_dec")::float8 AS "s_dec", ("obscore"."s_fov")::float8 AS "s_fov",
("obscore"."s_region")::text AS "s_region", ("obscore"."s_resolution")::float8 AS "s_resolution",
("obscore"."s_pixel_scale")::float8 AS "s_pixel_scale", ("obscore"."s_xel1")::int8 AS "s_xel1",
("obscore"."s_xel2")::int8 AS "s_xel2", ("obscore"."t_min")::float8 AS "t_min", ("obscore"."t_max")::float8 AS
"t_max", ("obscore"."t_exptime")::float8 AS "t_exptime", ("obscore"."t_resolution")::float8 AS "t_resolution",
("obscore"."t_xel")::int8 AS "t_xel", ("obscore"."em_min")::float8 AS "em_min", ("obscore"."em_max")::float8 AS
"em_max", ("obscore"."em_res_power")::float8 AS "em_res_power", ("obscore"."em_res_power_min")::float8 AS
"em_res_power_min", ("obscore"."em_res_power_max")::float8 AS "em_res_power_max", ("obscore"."em_xel")::int8 AS
"em_xel", ("obscore"."em_ucd")::text AS "em_ucd", ("obscore"."em_unit")::text AS "em_unit", ("obscore"."o_ucd")::text
AS "o_ucd", ("obscore"."pol_states")::text AS "pol_states", ("obscore"."pol_xel")::int8 AS "pol_xel",
("obscore"."facility_name")::text AS "facility_name", ("obscore"."instrument_name")::text AS "instrument_name",
("obscore"."proposal_id")::text AS "proposal_id" FROM "ivoa"."obscore" AS "obscore" WHERE 1 = 0 LIMIT 1

-- ADQL
SELECT TOP 100 target_name, s_ra, s_dec, t_exptime, obs_id, access_url FROM ivoa.ObsCore WHERE obs_collection = 'JWST' AND (dataproduct_type = 'spectrum' OR dataproduct_type = 'cube')
-- SQL
SELECT ("obscore"."target_name")::text AS "target_name", ("obscore"."s_ra")::float8 AS "s_ra",
("obscore"."s_dec")::float8 AS "s_dec", ("obscore"."t_exptime")::float8 AS "t_exptime", ("obscore"."obs_id")::text AS
"obs_id", ("obscore"."access_url")::text AS "access_url" FROM "ivoa"."obscore" AS "obscore" WHERE
("obscore"."obs_collection" = 'JWST'::text AND ("obscore"."dataproduct_type" = 'spectrum'::text OR
"obscore"."dataproduct_type" = 'cube'::text)) LIMIT 100

-- ADQL
SELECT t.table_name, c.column_name, c.unit FROM TAP_SCHEMA.tables AS t JOIN TAP_SCHEMA.columns AS c ON t.table_name = c.table_name ORDER BY t.table_name
-- SQL
SELECT ("t"."table_name")::text AS "table_name", ("c"."column_name")::text AS "column_name", ("c"."unit")::text AS
"unit" FROM ("tap_schema"."tables" AS "t" JOIN "tap_schema"."columns" AS "c" ON "t"."table_name" = "c"."table_name")
ORDER BY 1

-- ADQL
SELECT COUNT(*) FROM TAP_SCHEMA.keys JOIN TAP_SCHEMA.key_columns USING (key_id)
-- SQL
SELECT (count(*))::int8 AS "count_1" FROM ("tap_schema"."keys" AS "keys" JOIN "tap_schema"."key_columns" AS
"key_columns" ON "keys"."key_id" = "key_columns"."key_id")

-- ADQL
SELECT obs_collection, COUNT(*) AS n, SUM(access_estsize) / 1e9 AS terabytes FROM ivoa.ObsCore GROUP BY obs_collection
-- SQL
SELECT ("obscore"."obs_collection")::text AS "obs_collection", (count(*))::int8 AS "n",
((sum("obscore"."access_estsize")::int8 / 1000000000.0::float8))::float8 AS "terabytes" FROM "ivoa"."obscore" AS
"obscore" GROUP BY "obscore"."obs_collection"

-- ADQL
SELECT TOP 5 obs_id, DISTANCE(POINT('ICRS', s_ra, s_dec), POINT('ICRS', 83.8, -5.4)) AS dist FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', 83.8, -5.4, 0.5)) ORDER BY dist ASC
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id", (sky.distance("obscore"."s_ra", "obscore"."s_dec", 83.8::float8,
(-5.4::float8)))::float8 AS "dist" FROM "ivoa"."obscore" AS "obscore" WHERE (sky.point("obscore"."s_ra",
"obscore"."s_dec") <@ cube_enlarge(sky.point(83.8::float8, (-5.4::float8)), sky.chord(0.5::float8), 3) AND
cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(83.8::float8, (-5.4::float8))) <=
sky.chord(0.5::float8)) ORDER BY 2 LIMIT 5

