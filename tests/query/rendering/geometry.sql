-- ADQL:
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', 10, -20.5, 0.1))
-- SQL:
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.point("obscore"."s_ra", "obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)),
sky.chord(0.1::float8), 3) AND cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"),
sky.point(10.0::float8, (-20.5::float8))) <= sky.chord(0.1::float8))

-- ADQL:
SELECT obs_id FROM ivoa.ObsCore WHERE CONTAINS(POINT(10, -20.5), CIRCLE(s_ra, s_dec, t_exptime)) = 0
-- SQL:
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE NOT
(sky.point("obscore"."s_ra", "obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)),
sky.chord(("obscore"."t_exptime")::float8), 3) AND cube_distance(sky.point("obscore"."s_ra",
"obscore"."s_dec"), sky.point(10.0::float8, (-20.5::float8))) <= sky.chord(("obscore"."t_exptime")::float8))

-- ADQL:
SELECT o.obs_id FROM ivoa.ObsCore AS o JOIN jwst.product AS p ON DISTANCE(POINT(o.s_ra, o.s_dec), POINT(p.ra, p.dec)) < 1 / 3600.
-- SQL:
SELECT ("o"."obs_id")::text AS "obs_id" FROM ("ivoa"."obscore" AS "o" JOIN "jwst"."product" AS "p" ON
(sky.point("o"."s_ra", "o"."s_dec") <@ cube_enlarge(sky.point("p"."ra", "p"."dec"), sky.chord((1 /
3600.0::float8)), 3) AND sky.point("p"."ra", "p"."dec") <@ cube_enlarge(sky.point("o"."s_ra", "o"."s_dec"),
sky.chord((1 / 3600.0::float8)), 3) AND cube_distance(sky.point("o"."s_ra", "o"."s_dec"), sky.point("p"."ra",
"p"."dec")) < sky.chord((1 / 3600.0::float8))))

-- ADQL:
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(10, 20), s_region) AND 0 <> INTERSECTS(CIRCLE(10, 20, 1), s_region)
-- SQL:
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
((sky.bounds("obscore"."s_region__shape") @> sky.point(10.0::float8, 20.0::float8) AND
sky.contains_point(10.0::float8, 20.0::float8, "obscore"."s_region__shape")) AND
(sky.bounds(sky.circle(10.0::float8, 20.0::float8, 1.0::float8)) && sky.bounds("obscore"."s_region__shape")
AND sky.intersects(sky.circle(10.0::float8, 20.0::float8, 1.0::float8), "obscore"."s_region__shape")))

-- ADQL:
SELECT AREA(s_region), CENTROID(s_region), COORD1(POINT(s_ra, s_dec)), CONTAINS(POINT(1, 2), s_region) FROM ivoa.ObsCore
-- SQL:
SELECT (sky.area("obscore"."s_region__shape"))::float8 AS "area_s_region",
string_to_array(sky.dali(sky.centroid("obscore"."s_region__shape")), ' ')::float8[] AS "centroid_s_region",
("obscore"."s_ra")::float8 AS "coord1_3", (((sky.bounds("obscore"."s_region__shape") @> sky.point(1.0::float8,
2.0::float8) AND sky.contains_point(1.0::float8, 2.0::float8, "obscore"."s_region__shape")))::int4)::int4 AS
"contains_4" FROM "ivoa"."obscore" AS "obscore"

-- ADQL:
SELECT POLYGON(1, 2, 3, 2, 3, 4), BOX(1, 2, 3, 4), REGION('Circle ICRS 1 2 3'), DISTANCE(s_ra, s_dec, 1, 2) FROM ivoa.ObsCore
-- SQL:
SELECT string_to_array(sky.dali(sky.polygon(ARRAY[1.0::float8, 2.0::float8, 3.0::float8, 2.0::float8,
3.0::float8, 4.0::float8]::float8[])), ' ')::float8[] AS "polygon_1",
string_to_array(sky.dali(sky.box(1.0::float8, 2.0::float8, 3.0::float8, 4.0::float8)), ' ')::float8[] AS
"box_2", sky.text(sky.region('Circle ICRS 1 2 3'::text)) AS "region_3", (sky.distance("obscore"."s_ra",
"obscore"."s_dec", 1.0::float8, 2.0::float8))::float8 AS "distance_4" FROM "ivoa"."obscore" AS "obscore"
