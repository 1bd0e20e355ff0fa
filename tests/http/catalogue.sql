-- A small catalogue: 60 NIRCam and NIRSpec exposures of three programs, on a grid near SMACS 0723 and around the sky.
INSERT INTO archive.observation
    (observationuri, obsid, collection, observationid, algorithm_name, intent, metarelease, proposal_id,
     proposal_pi, proposal_title, target_name, telescope_name, instrument_name, typecode, lastmodified)
SELECT 'caom:JWST/jw' || n, md5('o' || n)::uuid, 'JWST', 'jw0' || program || lpad(n::text, 3, '0'), 'exposure',
    'science', '2022-07-12', program::text, 'Pontoppidan, Klaus M.', 'Early Release Observations <& more>',
    CASE WHEN n % 2 = 0 THEN 'SMACS J0723.3-7327' ELSE 'Étoile ☄' END, 'JWST',
    CASE WHEN n % 3 = 0 THEN 'NIRSPEC/MSA' ELSE 'NIRCAM/IMAGE' END, 'S', '2024-05-06 07:08:09.123'
FROM (SELECT n, 2736 + n % 3 AS program FROM generate_series(1, 60) AS n);

INSERT INTO archive.plane
    (publisherid, obsid, planeid, planeuri, productid, metarelease, datarelease, dataproducttype,
     calibrationlevel, collection, observationid, intent, telescope_name, instrument_name, target_name,
     proposal_id, position_center_ra, position_center_dec, position_bounds, position_bounds__shape,
     position_bounds_size, time_bounds_lower, time_bounds_upper, time_exposure, energy_bounds_lower,
     energy_bounds_upper, access_url, access_format, access_estsize, obs_title)
SELECT 'ivo://voserver.example/jwst?' || o.observationid, o.obsid, md5('p' || o.observationid)::uuid,
    o.observationuri || '/cal', 'cal', o.metarelease,
    CASE WHEN n % 10 = 0 THEN timestamp '2100-01-01' ELSE timestamp '2023-01-01' END,
    CASE WHEN n % 3 = 0 THEN 'spectrum' ELSE 'image' END, 1 + n % 3, 'JWST', o.observationid, 'science', 'JWST',
    o.instrument_name, o.target_name, o.proposal_id, ra, dec, footprint, sky.region(footprint), 0.05,
    59700 + n, 59700.1 + n, 100.5 * n, CASE WHEN n = 7 THEN NULL ELSE 1e-6 END, 5e-6,
    'http://archive.example/' || o.observationid || '.fits', 'image/fits', 1000 * n, o.proposal_title
FROM (SELECT n, 110.6 + 0.02 * (n % 20) AS ra, -73.5 + 0.02 * (n / 20) AS dec FROM generate_series(1, 60) AS n) AS grid
JOIN archive.observation AS o ON o.observationuri = 'caom:JWST/jw' || n
CROSS JOIN LATERAL (SELECT format('Polygon ICRS %s %s %s %s %s %s %s %s', ra - 0.05, dec - 0.02, ra + 0.05,
    dec - 0.02, ra + 0.05, dec + 0.02, ra - 0.05, dec + 0.02) AS footprint) AS shape;

INSERT INTO archive.artifact
    (uri, planeid, artifactid, producttype, contenttype, contentlength, contentchecksum, metarelease, datarelease,
     lastmodified, filename, publisherid, obs_id, program, observation, instrument, mode, instrument_name, filter,
     suffix, product_type, calib_level, t_exptime, access_url, s_ra, s_dec)
SELECT 'mast:JWST/' || p.observationid || '_' || kind, p.planeid, md5(p.observationid || kind)::uuid,
    CASE kind WHEN 'thumb' THEN 'preview' ELSE 'science' END, 'image/fits', p.access_estsize, 'md5:0123',
    p.metarelease, p.datarelease, '2024-05-06', p.observationid || '_' || kind || '.fits', p.publisherid,
    p.observationid, p.proposal_id::int, 1, split_part(p.instrument_name, '/', 1),
    split_part(p.instrument_name, '/', 2), p.instrument_name, 'F200W', kind, 'science', p.calibrationlevel,
    p.time_exposure, p.access_url, p.position_center_ra, p.position_center_dec
FROM archive.plane AS p CROSS JOIN (VALUES ('rate'), ('x1d'), ('thumb')) AS kinds (kind);

UPDATE archive.artifact AS a
SET dataproduct_type = 'spectrum', contenttype = 'application/fits', target_name = p.target_name,
    t_min = p.time_bounds_lower, t_max = p.time_bounds_upper, em_min = p.energy_bounds_lower + p.time_exposure * 1e-10,
    em_max = p.energy_bounds_upper, em_res_power = p.time_exposure, provenance_producer = 'STScI',
    s_region = p.position_bounds, s_region__shape = p.position_bounds__shape, s_fov = p.position_bounds_size
FROM archive.plane AS p WHERE p.planeid = a.planeid AND a.suffix = 'x1d' AND p.dataproducttype = 'spectrum';

INSERT INTO archive.provenance_input (outputid, inputid, metarelease)
SELECT planeid, planeuri || '/raw', metarelease FROM archive.plane;
