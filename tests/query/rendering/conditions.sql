-- ADQL:
SELECT obs_id FROM ivoa.ObsCore WHERE s_ra BETWEEN 1 AND 2 AND NOT (s_dec > 3 OR obs_id IN ('a', 'b')) AND s_region IS NOT NULL
-- SQL:
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE ("obscore"."s_ra"
BETWEEN 1 AND 2 AND NOT (("obscore"."s_dec" > 3 OR "obscore"."obs_id" IN ('a'::text, 'b'::text))) AND
"obscore"."s_region" IS NOT NULL)

-- ADQL:
SELECT obs_id FROM ivoa.ObsCore WHERE obs_id LIKE 'a\_%' AND obs_id NOT ILIKE 'b%'
-- SQL:
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE ("obscore"."obs_id"
LIKE 'a\_%'::text ESCAPE '' AND "obscore"."obs_id" NOT ILIKE 'b%'::text)

-- ADQL:
SELECT obs_id FROM ivoa.ObsCore WHERE obs_release_date > '2024-07-01 12:00:00Z'
-- SQL:
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
"obscore"."obs_release_date" > '2024-07-01T12:00:00'::timestamp

-- ADQL:
SELECT obsID FROM caom2.Plane WHERE planeID = '00000000-0000-0000-0000-0000000000FF' AND is_public = 1
-- SQL:
SELECT ("plane"."obsid")::text AS "obsID" FROM "caom2"."plane" AS "plane" WHERE ("plane"."planeid" =
'00000000-0000-0000-0000-0000000000ff'::uuid AND ("plane"."is_public")::int4 = 1)

-- ADQL:
SELECT obs_id FROM ivoa.ObsCore WHERE instrument_name = 'MIRI'
-- SQL:
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
("obscore"."instrument_name" = 'MIRI' OR "obscore"."instrument_name" LIKE 'MIRI/%')

-- ADQL:
SELECT obs_id FROM ivoa.ObsCore WHERE instrument_name NOT IN ('MI_RI', 'NIRCAM/IMAGE')
-- SQL:
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE NOT
(("obscore"."instrument_name" = 'MI_RI' OR "obscore"."instrument_name" LIKE 'MI\_RI/%') OR
("obscore"."instrument_name" = 'NIRCAM/IMAGE'))

-- ADQL:
SELECT filename FROM jwst.product WHERE instrument = 'MIRI/IMAGE' AND instrument <> 'NIRCAM'
-- SQL:
SELECT ("product"."filename")::text AS "filename" FROM "jwst"."product" AS "product" WHERE
(("product"."instrument_name" = 'MIRI/IMAGE') AND NOT ("product"."instrument" = 'NIRCAM' OR
"product"."instrument" LIKE 'NIRCAM/%'))

-- ADQL:
SELECT o.obs_id FROM ivoa.ObsCore AS o WHERE EXISTS (SELECT * FROM jwst.product AS p WHERE p.filename = o.obs_id)
-- SQL:
SELECT ("o"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "o" WHERE EXISTS (SELECT "p"."filename" AS
"filename", "p"."instrument" AS "instrument", "p"."instrument_name" AS "instrument_name", "p"."ra" AS "ra",
"p"."dec" AS "dec" FROM "jwst"."product" AS "p" WHERE "p"."filename" = "o"."obs_id")
