-- What a query can name: every view, made anew at every upgrade.
--
-- Each holds the release rule as an ordinary condition (so that indexes are used through it): a row is seen when its
-- metadata is public, or when one of the user's groups may read it. Metadata without a release date is not public.
-- PostgreSQL may try a user's condition before that rule; one that can fail, as 1 / x can, would tell of a hidden row by
-- its error. So a query asks `readable__`, the rule once more, before such a condition.
-- None joins: what a view needs of a parent was copied down by the loader in the same transaction.
-- A file that this service serves itself is kept as a path; the query's session says under which URL.
-- Lists of groups are shown as text, space-separated; `x__shape` is the geometry of the footprint `x`.

-- The rule: released, or open to one of one's groups. PostgreSQL puts the functions' bodies in their places.
CREATE OR REPLACE FUNCTION archive.readable(release timestamp, groups text[], mine text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN release <= now() AT TIME ZONE 'utc' OR groups && mine;

-- The same for who runs a query: the session has his groups.
CREATE OR REPLACE FUNCTION archive.readable(release timestamp, groups text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN archive.readable(release, groups, string_to_array(current_setting('voserver.groups', true), ','));

DROP VIEW IF EXISTS caom2.observation, caom2.plane, caom2.artifact, caom2.part, caom2.chunk,
    caom2.observationmember, caom2.provenanceinput, caom2.siav1, ivoa.obscore, ivoa.obsplan,
    jwst.product, jwst.spectrum, jwst.event;

-- CAOM 2.4 by the names of its TAP tables.
CREATE VIEW caom2.observation AS
SELECT
    observationuri, obsid, collection, observationid, algorithm_name, type, intent, sequencenumber,
    metarelease, array_to_string(metareadgroups, ' ') AS metareadgroups, proposal_id, proposal_pi,
    proposal_project, proposal_title, proposal_keywords, target_name, target_targetid, target_type,
    target_standard, target_redshift, target_moving, target_keywords, targetposition_coordsys,
    targetposition_equinox, targetposition_coordinates_cval1, targetposition_coordinates_cval2,
    telescope_name, telescope_geolocationx, telescope_geolocationy, telescope_geolocationz,
    telescope_keywords, requirements_flag, instrument_name, instrument_keywords, environment_seeing,
    environment_humidity, environment_elevation, environment_tau, environment_wavelengthtau,
    environment_ambienttemp, environment_photometric, members, typecode, metaproducer, lastmodified,
    maxlastmodified, metachecksum, accmetachecksum, proposal_reference, telescope_trackingmode,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.observation
WHERE archive.readable(metarelease, metareadgroups);

CREATE VIEW caom2.plane AS
SELECT
    publisherid, obsid, planeid, planeuri, creatorid, productid, metarelease,
    array_to_string(metareadgroups, ' ') AS metareadgroups, datarelease,
    array_to_string(datareadgroups, ' ') AS datareadgroups, dataproducttype, calibrationlevel,
    provenance_name, provenance_version, provenance_reference, provenance_producer, provenance_project,
    provenance_runid, provenance_lastexecuted, provenance_keywords, provenance_inputs,
    metrics_sourcenumberdensity, metrics_background, metrics_backgroundstddev, metrics_fluxdensitylimit,
    metrics_maglimit, observable_ucd, quality_flag, position_bounds, position_bounds_samples,
    position_bounds_size, position_resolution, position_resolutionbounds, position_samplesize,
    position_dimension_naxis1, position_dimension_naxis2, position_timedependent, energy_bounds,
    energy_bounds_samples, energy_bounds_lower, energy_bounds_upper, energy_bounds_width, energy_dimension,
    energy_resolvingpower, energy_resolvingpowerbounds, energy_samplesize, energy_emband,
    energy_energybands, energy_bandpassname, energy_transition_species, energy_transition_transition,
    energy_freqwidth, energy_freqsamplesize, energy_restwav, time_bounds, time_bounds_samples,
    time_bounds_lower, time_bounds_upper, time_bounds_width, time_dimension, time_resolution,
    time_resolutionbounds, time_samplesize, time_exposure, polarization_states, polarization_dimension,
    custom_ctype, custom_bounds, custom_bounds_samples, custom_bounds_lower, custom_bounds_upper,
    custom_bounds_width, custom_dimension, metaproducer, lastmodified, maxlastmodified, metachecksum,
    accmetachecksum, observable_calibration, position_maxrecoverablescale, position_calibration,
    energy_resolution, energy_resolutionbounds, energy_calibration, time_exposurebounds, time_calibration,
    position_bounds__shape, position_bounds_samples__shape,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.plane
WHERE archive.readable(metarelease, metareadgroups);

CREATE VIEW caom2.artifact AS
SELECT
    uri, planeid, artifactid, producttype, releasetype, contenttype, contentlength, contentchecksum,
    contentrelease, array_to_string(contentreadgroups, ' ') AS contentreadgroups, metaproducer,
    lastmodified, maxlastmodified, metachecksum, accmetachecksum,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.artifact
WHERE archive.readable(metarelease, metareadgroups);

CREATE VIEW caom2.part AS
SELECT
    artifactid, partid, name, producttype, metaproducer, lastmodified, maxlastmodified, metachecksum,
    accmetachecksum,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.part
WHERE archive.readable(metarelease, metareadgroups);

CREATE VIEW caom2.chunk AS
SELECT
    position_equinox, time_axis_axis_cunit, partid, chunkid, naxis, positionaxis1, positionaxis2,
    energyaxis, timeaxis, polarizationaxis, customaxis, observableaxis, position_coordsys,
    position_resolution, position_axis_axis1_ctype, position_axis_axis1_cunit, position_axis_error1_syser,
    position_axis_error1_rnder, position_axis_axis2_ctype, position_axis_axis2_cunit,
    position_axis_error2_syser, position_axis_error2_rnder, position_axis_range_start_coord1_pix,
    position_axis_range_start_coord1_val, position_axis_range_start_coord2_pix,
    position_axis_range_start_coord2_val, position_axis_range_end_coord1_pix,
    position_axis_range_end_coord1_val, position_axis_range_end_coord2_pix,
    position_axis_range_end_coord2_val, position_axis_bounds, position_axis_function_dimension_naxis1,
    position_axis_function_dimension_naxis2, position_axis_function_refcoord_coord1_pix,
    position_axis_function_refcoord_coord1_val, position_axis_function_refcoord_coord2_pix,
    position_axis_function_refcoord_coord2_val, position_axis_function_cd11, position_axis_function_cd12,
    position_axis_function_cd21, position_axis_function_cd22, energy_axis_axis_ctype,
    energy_axis_axis_cunit, energy_axis_error_syser, energy_axis_error_rnder, energy_axis_range_start_pix,
    energy_axis_range_start_val, energy_axis_range_end_pix, energy_axis_range_end_val, energy_axis_bounds,
    energy_axis_function_naxis, energy_axis_function_refcoord_pix, energy_axis_function_refcoord_val,
    energy_axis_function_delta, energy_specsys, energy_ssysobs, energy_ssyssrc, energy_restfrq,
    energy_restwav, energy_velosys, energy_zsource, energy_velang, energy_bandpassname,
    energy_resolvingpower, energy_transition_species, energy_transition_transition, time_axis_axis_ctype,
    time_axis_error_syser, time_axis_error_rnder, time_axis_range_start_pix, time_axis_range_start_val,
    time_axis_range_end_pix, time_axis_range_end_val, time_axis_bounds, time_axis_function_naxis,
    time_axis_function_refcoord_pix, time_axis_function_refcoord_val, time_axis_function_delta,
    time_timesys, time_trefpos, time_mjdref, time_exposure, time_resolution, polarization_axis_axis_ctype,
    polarization_axis_axis_cunit, polarization_axis_error_syser, polarization_axis_error_rnder,
    polarization_axis_range_start_pix, polarization_axis_range_start_val, polarization_axis_range_end_pix,
    polarization_axis_range_end_val, polarization_axis_bounds, polarization_axis_function_naxis,
    polarization_axis_function_refcoord_pix, polarization_axis_function_refcoord_val,
    polarization_axis_function_delta, custom_axis_axis_ctype, custom_axis_axis_cunit,
    custom_axis_error_syser, custom_axis_error_rnder, custom_axis_range_start_pix,
    custom_axis_range_start_val, custom_axis_range_end_pix, custom_axis_range_end_val, custom_axis_bounds,
    custom_axis_function_naxis, custom_axis_function_refcoord_pix, custom_axis_function_refcoord_val,
    custom_axis_function_delta, observable_independent_axis_ctype, observable_independent_axis_cunit,
    observable_independent_bin, observable_dependent_axis_ctype, observable_dependent_axis_cunit,
    observable_dependent_bin, metaproducer, lastmodified, maxlastmodified, metachecksum, accmetachecksum,
    producttype,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.chunk
WHERE archive.readable(metarelease, metareadgroups);

CREATE VIEW caom2.observationmember AS
SELECT
    parentid, memberid,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.observation_member
WHERE archive.readable(metarelease, metareadgroups);

CREATE VIEW caom2.provenanceinput AS
SELECT
    outputid, inputid,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.provenance_input
WHERE archive.readable(metarelease, metareadgroups);

-- What SIA 1.0 says of images. Its pixels are in degrees, where CAOM's are in arcseconds.
CREATE VIEW caom2.siav1 AS
SELECT
    collection, publisherid AS publisherdid, instrument_name,
    position_bounds, position_bounds__shape, position_center_ra, position_center_dec,
    2 AS position_naxes,
    CASE WHEN position_dimension_naxis1 IS NOT NULL AND position_dimension_naxis2 IS NOT NULL
        THEN ARRAY[position_dimension_naxis1, position_dimension_naxis2]::integer[] END AS position_naxis,
    CASE WHEN position_samplesize IS NOT NULL
        THEN ARRAY[position_samplesize / 3600, position_samplesize / 3600] END AS position_scale,
    (energy_bounds_lower + energy_bounds_upper) / 2 AS energy_bounds_center,
    energy_bounds_lower AS energy_bounds_cval1, energy_bounds_upper AS energy_bounds_cval2,
    'm'::text AS energy_units, energy_bandpassname,
    (time_bounds_lower + time_bounds_upper) / 2 AS time_bounds_center,
    time_bounds_lower AS time_bounds_cval1, time_bounds_upper AS time_bounds_cval2, time_exposure,
    access_format AS imageformat,
    CASE WHEN access_url LIKE '/%' THEN current_setting('voserver.base_url', true) || access_url
        ELSE access_url END AS accessurl,
    metarelease, datarelease,
    coalesce(obs_title,
        concat_ws(' ', target_name, instrument_name, energy_bandpassname, '(' || observationid || ')')) AS title,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.plane
WHERE dataproducttype = 'image' AND calibrationlevel >= 0 AND archive.readable(metarelease, metareadgroups);

-- ObsCore 1.1: data that exist, calibration programs' too: their targets are stars and nebulae. (A planned
-- observation has calibration level -1 and is left out.)
-- CAOM keeps a time resolution in days and a file's size in bytes; ObsCore wants seconds and kilobytes.
CREATE VIEW ivoa.obscore AS
SELECT
    dataproducttype AS dataproduct_type, dataproduct_subtype, calibrationlevel AS calib_level,
    collection AS obs_collection, observationid AS obs_id, obs_title, publisherid AS obs_publisher_did,
    creatorid AS obs_creator_did, provenance_producer AS obs_creator_name,
    provenance_lastexecuted AS obs_creation_date, datarelease AS obs_release_date,
    CASE WHEN datarelease <= now() AT TIME ZONE 'utc' THEN 'public' ELSE 'proprietary' END AS data_rights,
    CASE WHEN access_url LIKE '/%' THEN current_setting('voserver.base_url', true) || access_url
        ELSE access_url END AS access_url,
    access_format, access_estsize,
    target_name, target_type AS target_class,
    position_center_ra AS s_ra, position_center_dec AS s_dec, position_bounds_size AS s_fov,
    position_bounds AS s_region, position_bounds__shape AS s_region__shape,
    position_resolution AS s_resolution, position_samplesize AS s_pixel_scale,
    position_dimension_naxis1 AS s_xel1, position_dimension_naxis2 AS s_xel2,
    time_bounds_lower AS t_min, time_bounds_upper AS t_max, time_exposure AS t_exptime,
    time_resolution * 86400 AS t_resolution, time_dimension AS t_xel,
    energy_bounds_lower AS em_min, energy_bounds_upper AS em_max,
    energy_resolvingpower AS em_res_power, energy_resolvingpowerbounds[1] AS em_res_power_min,
    energy_resolvingpowerbounds[2] AS em_res_power_max, energy_dimension AS em_xel,
    'em.wl'::text AS em_ucd, 'm'::text AS em_unit,
    observable_ucd AS o_ucd, polarization_states AS pol_states,
    polarization_dimension::bigint AS pol_xel,
    telescope_name AS facility_name, instrument_name, proposal_id,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.plane
WHERE calibrationlevel >= 0 AND archive.readable(metarelease, metareadgroups);

-- ObsLocTAP 1.0: visits past and to come. A visit whose time is over counts as performed, unless a list says otherwise.
-- Its duration stands for its exposure time: a schedule knows no other.
CREATE VIEW ivoa.obsplan AS
SELECT
    40587 + extract(epoch FROM lastmodified)::float8 / 86400 AS t_planning,
    target_name, obs_id, 'JWST'::text AS obs_collection, s_ra, s_dec, s_fov, s_region, s_region__shape,
    NULL::float8 AS s_resolution, t_min, t_max,
    CASE WHEN coalesce(listed_start, scheduled_start) IS NOT NULL THEN (t_max - t_min) * 86400 END AS t_exptime,
    NULL::float8 AS t_resolution, em_min, em_max, em_res_power,
    'phot.flux.density'::text AS o_ucd, NULL::text AS pol_states, NULL::integer AS pol_xel,
    'JWST'::text AS facility_name, instrument_name,
    coalesce(planned_time, extract(epoch FROM scheduled_end - scheduled_start)::float8) AS t_plan_exptime,
    CASE WHEN part > 0 OR parent_visit IS NOT NULL THEN 'Coordinated'
        WHEN coalesce(listed_start, scheduled_start) IS NOT NULL THEN 'Fixed'
        WHEN window_start IS NOT NULL THEN 'Window' ELSE 'Other' END AS category,
    CASE WHEN is_time_critical THEN 2 WHEN part > 0 OR parent_visit IS NOT NULL THEN 0 ELSE 1 END AS priority,
    CASE WHEN list_status IN ('Performed', 'Aborted', 'Unscheduled') THEN list_status
        WHEN coalesce(listed_start, scheduled_start) IS NULL THEN 'Planned'
        WHEN coalesce(listed_end, scheduled_end) <= now() AT TIME ZONE 'utc' THEN 'Performed'
        ELSE 'Scheduled' END AS execution_status,
    CASE WHEN is_moving THEN 'Solar-system-object-tracking' ELSE 'Sidereal' END AS tracking_type,
    program::text AS proposal_id,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.visit
WHERE archive.readable(metarelease, metareadgroups);

-- One row per file, with what astronomers filter on.
CREATE VIEW jwst.product AS
SELECT
    filename, uri, obs_id, publisherid AS obs_publisher_did,
    program, observation, visit, visit_group, sequence, activity, exposure, segment, association,
    category, proposal_pi, proposal_title,
    instrument, mode, instrument_name, exp_type, detector, nircam_module, channel, band,
    filter, pupil, grating, subarray, readout_pattern,
    suffix, product_type, product_subgroup, dataproduct_type, calib_level, minimum_recommended, intent,
    contenttype AS content_type, contentlength AS content_length, contentchecksum AS content_checksum,
    CASE WHEN datarelease <= now() AT TIME ZONE 'utc' THEN 'public' ELSE 'proprietary' END AS data_rights,
    datarelease AS release_date,
    pipeline_version, crds_context, sdp_version,
    target_name, target_type, s_ra, s_dec, s_fov, s_region, s_region__shape,
    t_min, t_max, t_exptime, em_min, em_max,
    CASE WHEN access_url LIKE '/%' THEN current_setting('voserver.base_url', true) || access_url
        ELSE access_url END AS access_url,
    CASE WHEN preview_url LIKE '/%' THEN current_setting('voserver.base_url', true) || preview_url
        ELSE preview_url END AS preview_url,
    -- The public bucket has a file from its release on, or later.
    CASE WHEN greatest(datarelease, cloud_release) <= now() AT TIME ZONE 'utc' AND datarelease IS NOT NULL
        THEN cloud_uri END AS s3_uri,
    -- The same in the form of NASA's archives, which programs in the cloud read. The region is known of STScI's bucket.
    CASE WHEN greatest(datarelease, cloud_release) <= now() AT TIME ZONE 'utc' AND datarelease IS NOT NULL
            AND cloud_uri LIKE 's3://%/%'
        THEN json_strip_nulls(json_build_object('aws', json_build_object(
            'bucket_name', split_part(cloud_uri, '/', 3),
            'key', substr(cloud_uri, length(split_part(cloud_uri, '/', 3)) + 7),
            'region', CASE split_part(cloud_uri, '/', 3) WHEN 'stpubdata' THEN 'us-east-1' END)))::text
        END AS cloud_access,
    lastmodified AS last_modified,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.artifact
WHERE archive.readable(metarelease, metareadgroups);

-- SSA 1.1: one row per file with a spectrum, as the pipeline extracts (x1d, c1d) and rectifies (s2d) them or teams give
-- them. Detectors' images that hold spectra are in ObsCore alone. What the pipeline's files have in common is said of
-- those that were not read themselves.
CREATE VIEW jwst.spectrum AS
SELECT
    CASE WHEN access_url LIKE '/%' THEN current_setting('voserver.base_url', true) || access_url
        ELSE access_url END AS access_url,
    contenttype AS access_format, ceil(contentlength / 1000.0)::bigint AS access_estsize,
    coalesce('JWST ' || suffix, 'contributed') AS dataset_model, 'Spectrum'::text AS dataset_type,
    em_xel AS dataset_length,
    concat_ws(' ', target_name, instrument_name, filter, grating, band, '(' || filename || ')') AS title,
    provenance_producer AS creator, 'JWST'::text AS obs_collection, uri AS creator_did, obs_id,
    pipeline_version AS version, instrument_name,
    nullif(concat_ws(';', filter, grating, CASE WHEN instrument = 'MIRI' THEN channel END, band), '') AS bandpass,
    'pointed'::text AS data_source, 'archival'::text AS creation_type,
    split_part(publisherid, '/', 3) AS publisher, publisherid AS obs_publisher_did,
    CASE WHEN datarelease <= now() AT TIME ZONE 'utc' THEN 'public' ELSE 'proprietary' END AS data_rights,
    datarelease AS release_date, calib_level, target_name,
    'ICRS'::text AS space_frame, 'UTC'::text AS time_frame,
    CASE WHEN s_ra IS NOT NULL AND s_dec IS NOT NULL THEN ARRAY[s_ra, s_dec] END AS location,
    CASE WHEN s_ra IS NOT NULL AND s_dec IS NOT NULL THEN ARRAY[s_ra, s_dec] END AS target_pos, s_ra, s_dec,
    s_fov, s_region, s_region__shape,
    -- The diffraction limit, 1.03 wavelengths over the 6.5 m of the mirror: no file says more.
    degrees(1.03 * (em_min + em_max) / 2 / 6.5) AS s_resolution,
    CASE WHEN em_unit IS NOT NULL THEN CASE WHEN em_unit = 'Hz' THEN 'em.freq' ELSE 'em.wl' END
        WHEN calib_level < 4 THEN 'em.wl' END AS em_ucd,
    coalesce(em_unit, CASE WHEN calib_level < 4 THEN 'um' END) AS em_unit,
    (em_min + em_max) / 2 AS em_mid, em_max - em_min AS em_width, em_min, em_max, em_res_power,
    (t_min + t_max) / 2 AS t_mid, (t_max - t_min) * 86400 AS t_extent, t_min, t_max, t_exptime,
    coalesce(flux_ucd, CASE WHEN calib_level < 4 AND suffix <> 's2d' THEN 'phot.flux.density;em.freq' END) AS flux_ucd,
    coalesce(flux_unit, CASE WHEN calib_level < 4 AND suffix <> 's2d' THEN 'Jy' END) AS flux_unit,
    CASE WHEN calib_level < 4 THEN 'absolute' END AS flux_calibration,
    lastmodified AS last_modified,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM archive.artifact
WHERE dataproduct_type = 'spectrum' AND (suffix IN ('x1d', 'c1d', 's2d') OR calib_level = 4) AND producttype = 'science'
    AND archive.readable(metarelease, metareadgroups);

-- What came, went and changed (see sql/0160_events.sql). The first three parts are what the rows of files say themselves:
-- since when they are here, or shown to everybody, and that their release date has come: where that is after `after`.
-- The conditions stand outside the union: PostgreSQL reads its parts in the order of their indexes on time only then.
CREATE OR REPLACE FUNCTION archive.event_name(moment timestamp, kind text, artifactid uuid, eventid bigint) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(moment, 'YYYYMMDD"T"HH24MISSUS') || '/' || kind || '/' || artifactid
    -- What a row told itself keeps its name when it is written down, as nobody is to be told of it twice.
    || CASE WHEN eventid IS NULL OR kind IN ('new', 'released') THEN '' ELSE '/' || eventid END;

CREATE VIEW jwst.event AS
SELECT
    event_time, kind, archive.event_name(event_time, kind, artifactid, eventid) AS event_id,
    uri, publisherid AS obs_publisher_did, obs_id, filename, program, instrument, instrument_name, product_subgroup,
    dataproduct_type, calib_level, old_checksum, new_checksum, old_version, new_version, old_length, new_length,
    datarelease AS release_date, s_ra, s_dec,
    archive.readable(metarelease, metareadgroups) IS TRUE AS readable__
FROM (
    SELECT created AS event_time, 'new'::text AS kind,
        CASE WHEN metarelease > created AND metarelease <= now() AT TIME ZONE 'utc' THEN 'infinity'::timestamp END AS after,
        artifactid, NULL::bigint AS eventid, uri, publisherid, obs_id, filename, program, instrument, instrument_name,
        product_subgroup, dataproduct_type, calib_level, NULL::text AS old_checksum, contentchecksum AS new_checksum,
        NULL::text AS old_version, pipeline_version AS new_version, NULL::bigint AS old_length,
        contentlength AS new_length, datarelease, s_ra, s_dec, metarelease, metareadgroups
    FROM archive.artifact
    UNION ALL
    SELECT metarelease, 'new'::text, created,
        artifactid, NULL::bigint, uri, publisherid, obs_id, filename, program, instrument, instrument_name,
        product_subgroup, dataproduct_type, calib_level, NULL::text, contentchecksum,
        NULL::text, pipeline_version, NULL::bigint,
        contentlength, datarelease, s_ra, s_dec, metarelease, metareadgroups
    FROM archive.artifact
    UNION ALL
    SELECT datarelease, 'released'::text, release_watched,
        artifactid, NULL::bigint, uri, publisherid, obs_id, filename, program, instrument, instrument_name,
        product_subgroup, dataproduct_type, calib_level, contentchecksum, contentchecksum,
        pipeline_version, pipeline_version, contentlength,
        contentlength, datarelease, s_ra, s_dec, metarelease, metareadgroups
    FROM archive.artifact
    UNION ALL
    SELECT time, kind, NULL::timestamp,
        artifactid, eventid, uri, publisherid, obs_id, filename, program, instrument, instrument_name,
        product_subgroup, dataproduct_type, calib_level, old_checksum, new_checksum,
        old_version, new_version, old_length,
        new_length, datarelease, s_ra, s_dec, metarelease, metareadgroups
    FROM archive.event
) AS happened
WHERE event_time <= now() AT TIME ZONE 'utc' AND (event_time > after) IS NOT FALSE
    AND archive.readable(metarelease, metareadgroups);
