-- One visit of program 2731 with all that can belong to data: stages, previews, guide stars, lists, a mosaic.
-- What is named exclusive is for a team alone; what is named hidden is not to be known of.
INSERT INTO archive.observation
    (observationuri, obsid, collection, observationid, metarelease, metareadgroups, typecode)
SELECT 'caom:JWST/' || name, md5(name)::uuid, 'JWST', name,
    CASE WHEN name LIKE 'hidden%' THEN timestamp '2100-01-01' ELSE timestamp '2023-01-01' END,
    CASE WHEN name LIKE 'hidden%' THEN ARRAY['ivo://voserver.example/gms?team'] END, 'S'
FROM unnest(ARRAY['exposure', 'mosaic', 'guide', 'lists', 'exclusive', 'hidden', 'spectrum']) AS name;

INSERT INTO archive.plane
    (publisherid, obsid, planeid, planeuri, productid, metarelease, metareadgroups, datarelease, datareadgroups,
     dataproducttype, calibrationlevel, collection, observationid, position_bounds, position_bounds__shape,
     energy_bounds_lower, energy_bounds_upper, time_bounds_lower, time_bounds_upper, access_url, access_format)
SELECT 'ivo://voserver.example/jwst?' || name || '/' || level, o.obsid, md5(name || level)::uuid,
    o.observationuri || '/' || level, level, o.metarelease, o.metareadgroups,
    CASE WHEN name IN ('exclusive', 'hidden') THEN timestamp '2100-01-01' ELSE timestamp '2023-06-01' END,
    CASE WHEN name IN ('exclusive', 'hidden') THEN ARRAY['ivo://voserver.example/gms?team'] END,
    CASE WHEN name = 'spectrum' THEN 'spectrum' ELSE 'image' END, left(level, 1)::int, 'JWST', name,
    footprint, sky.region(footprint), 1e-6, 2e-6, 59800, 59800.5,
    'https://elsewhere.example/' || name || level, 'image/fits'
FROM (VALUES ('exposure', '1b'), ('exposure', '2a'), ('exposure', '2b'), ('mosaic', '3'), ('guide', '1b'),
        ('lists', '3'), ('exclusive', '2b'), ('hidden', '2b'), ('spectrum', '3')) AS planes (name, level)
JOIN archive.observation AS o ON o.observationid = name
CROSS JOIN (VALUES ('Polygon ICRS 10 10 10.1 10 10.1 10.1 10 10.1 Polygon ICRS 10.2 10 10.3 10 10.3 10.1 10.2 10.1'))
    AS outline (two)
CROSS JOIN LATERAL (SELECT CASE WHEN name = 'mosaic' THEN two ELSE split_part(two, ' Polygon', 1) END) AS f (footprint);

INSERT INTO archive.artifact
    (uri, planeid, artifactid, producttype, contenttype, contentlength, metarelease, metareadgroups, datarelease,
     datareadgroups, filename, publisherid, obs_id, program, observation, visit, association, suffix,
     product_subgroup, dataproduct_type, calib_level, minimum_recommended, s_region, s_region__shape, em_min, em_max,
     t_min, t_max, access_url, preview_url, cloud_uri)
SELECT 'mast:JWST/product/' || file, p.planeid, md5(file)::uuid, kind, type, 5760, p.metarelease, p.metareadgroups,
    p.datarelease, p.datareadgroups, file, p.publisherid, p.observationid, 2731, 1, visit, association,
    suffix, upper(suffix), p.dataproducttype, p.calibrationlevel, (suffix = 'i2d')::int, p.position_bounds,
    p.position_bounds__shape, 1e-6, 2e-6, 59800, 59800.5,
    CASE WHEN kind = 'science' AND suffix <> 'cat' THEN p.access_url END, preview,
    CASE WHEN kind = 'science' THEN 's3://stpubdata/jwst/public/' || file END
FROM (VALUES
    ('exposure/1b', 'a_uncal.fits', 'science', 'application/fits', 'uncal', 1, NULL, NULL),
    ('exposure/2a', 'a_rate.fits', 'science', 'image/fits', 'rate', 1, NULL, NULL),
    ('exposure/2b', 'a_cal.fits', 'science', 'image/fits', 'cal', 1,
        'jw02731-o001_20230101t120000_image2_00001_asn.json', '/previews/a.png'),
    ('exposure/2b', 'a_cal.jpg', 'preview', 'image/jpeg', 'cal', 1, NULL, NULL),
    ('exposure/2b', 'a_cal_thumb.jpg', 'thumbnail', 'image/jpeg', 'cal', 1, NULL, NULL),
    ('exposure/2b', 'a b&c.fits', 'noise', 'application/fits', 'err', 1, NULL, 'https://elsewhere.example/b.jpg?x=1'),
    ('mosaic/3', 'm_i2d.fits', 'science', 'image/fits', 'i2d', NULL, NULL, NULL),
    ('mosaic/3', 'm_cat.ecsv', 'science', 'text/csv', 'cat', NULL, NULL, NULL),
    ('guide/1b', 'g_gs-fg_stream.fits', 'auxiliary', 'application/fits', 'stream', 1, NULL, NULL),
    ('lists/3', 'jw02731-o001_20230101t120000_image2_00001_asn.json', 'info', 'application/json', 'asn', NULL,
        NULL, NULL),
    ('lists/3', 'jw02731_20230101t120000_pool.csv', 'info', 'text/csv', 'pool', NULL, NULL, NULL),
    ('exclusive/2b', 'e_cal.fits', 'science', 'image/fits', 'cal', NULL, NULL, '/previews/e.png'),
    ('hidden/2b', 'h_cal.fits', 'science', 'image/fits', 'cal', NULL, NULL, NULL),
    ('spectrum/3', 's_x1d.fits', 'science', 'application/fits', 'x1d', NULL, NULL, NULL)
) AS files (plane, file, kind, type, suffix, visit, association, preview)
JOIN archive.plane AS p ON p.publisherid = 'ivo://voserver.example/jwst?' || plane;

INSERT INTO archive.provenance_input (outputid, inputid, metarelease)
SELECT md5(made)::uuid, 'caom:JWST/' || source, timestamp '2023-01-01'
FROM (VALUES ('exposure2a', 'exposure/1b'), ('exposure2b', 'exposure/2a'), ('mosaic3', 'exposure/2b'),
    ('mosaic3', 'hidden/2b'), ('hidden2b', 'exposure/2a'), ('mosaic3', 'nowhere/2b')) AS made (made, source);
