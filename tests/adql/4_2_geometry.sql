-- ADQL 2.1 §4.2: geometry

-- ---- A cone: an index serves it, whichever way it is written (§4.2.12).

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', 10, -20.5, 0.1))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (sky.point("obscore"."s_ra",
"obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)), sky.chord(0.1::float8), 3) AND
cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(10.0::float8, (-20.5::float8))) <=
sky.chord(0.1::float8))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE CONTAINS(POINT(s_ra, s_dec), CIRCLE(10, -20.5, 0.1)) = 1
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (sky.point("obscore"."s_ra",
"obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)), sky.chord(0.1::float8), 3) AND
cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(10.0::float8, (-20.5::float8))) <=
sky.chord(0.1::float8))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE CONTAINS(POINT(s_ra, s_dec), CIRCLE(POINT(10, -20.5), 0.1)) <> 0
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (sky.point("obscore"."s_ra",
"obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)), sky.chord(0.1::float8), 3) AND
cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(10.0::float8, (-20.5::float8))) <=
sky.chord(0.1::float8))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = INTERSECTS(CIRCLE(10, -20.5, 0.1), POINT(s_ra, s_dec))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (sky.point("obscore"."s_ra",
"obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)), sky.chord(0.1::float8), 3) AND
cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(10.0::float8, (-20.5::float8))) <=
sky.chord(0.1::float8))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE DISTANCE(POINT(s_ra, s_dec), POINT(10, -20.5)) < 0.1
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (sky.point("obscore"."s_ra",
"obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)), sky.chord(0.1::float8), 3) AND
sky.distance("obscore"."s_ra", "obscore"."s_dec", 10.0::float8, (-20.5::float8)) < 0.1::float8)

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE DISTANCE(s_ra, s_dec, 10, -20.5) <= 0.1
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (sky.point("obscore"."s_ra",
"obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)), sky.chord(0.1::float8), 3) AND
cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(10.0::float8, (-20.5::float8))) <=
sky.chord(0.1::float8))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 0.1 > DISTANCE(s_ra, s_dec, 10, -20.5)
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (sky.point("obscore"."s_ra",
"obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)), sky.chord(0.1::float8), 3) AND
sky.distance("obscore"."s_ra", "obscore"."s_dec", 10.0::float8, (-20.5::float8)) < 0.1::float8)

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE DISTANCE(s_ra, s_dec, 10, -20.5) > 0.1
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE sky.distance("obscore"."s_ra",
"obscore"."s_dec", 10.0::float8, (-20.5::float8)) > 0.1::float8

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 0 = CONTAINS(POINT(s_ra, s_dec), CIRCLE(10, -20.5, 0.1))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE NOT
(sky.point("obscore"."s_ra", "obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)),
sky.chord(0.1::float8), 3) AND cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(10.0::float8,
(-20.5::float8))) <= sky.chord(0.1::float8))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE NOT 1 = CONTAINS(POINT(s_ra, s_dec), CIRCLE(10, -20.5, 0.1)) OR s_ra > 1
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (NOT
((sky.point("obscore"."s_ra", "obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)),
sky.chord(0.1::float8), 3) AND cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(10.0::float8,
(-20.5::float8))) <= sky.chord(0.1::float8))) OR "obscore"."s_ra" > 1)

-- ADQL
SELECT DISTANCE(POINT(s_ra, s_dec), POINT(10, -20.5)) AS separation FROM ivoa.ObsCore ORDER BY separation
-- SQL
SELECT (sky.distance("obscore"."s_ra", "obscore"."s_dec", 10.0::float8, (-20.5::float8)))::float8 AS "separation" FROM
"ivoa"."obscore" AS "obscore" ORDER BY 1

-- ADQL
SELECT CONTAINS(POINT(s_ra, s_dec), CIRCLE(10, -20.5, 0.1)) AS inside FROM ivoa.ObsCore
-- SQL
SELECT (((sky.point("obscore"."s_ra", "obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, (-20.5::float8)),
sky.chord(0.1::float8), 3) AND cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(10.0::float8,
(-20.5::float8))) <= sky.chord(0.1::float8)))::int4)::int4 AS "inside" FROM "ivoa"."obscore" AS "obscore"

-- ---- Positions of one table beside those of another.

-- ADQL
SELECT a.obs_id, b.obs_id FROM ivoa.ObsCore AS a JOIN ivoa.ObsCore AS b ON DISTANCE(a.s_ra, a.s_dec, b.s_ra, b.s_dec) < 1 / 3600.
-- SQL
SELECT ("a"."obs_id")::text AS "obs_id", ("b"."obs_id")::text AS "obs_id_2" FROM ("ivoa"."obscore" AS "a" JOIN
"ivoa"."obscore" AS "b" ON (sky.point("a"."s_ra", "a"."s_dec") <@ cube_enlarge(sky.point("b"."s_ra", "b"."s_dec"),
sky.chord((1 / 3600.0::float8)), 3) AND sky.point("b"."s_ra", "b"."s_dec") <@ cube_enlarge(sky.point("a"."s_ra",
"a"."s_dec"), sky.chord((1 / 3600.0::float8)), 3) AND sky.distance("a"."s_ra", "a"."s_dec", "b"."s_ra", "b"."s_dec") <
(1 / 3600.0::float8)))

-- ADQL
SELECT a.obs_id FROM ivoa.ObsCore AS a, jwst.product AS b WHERE 1 = CONTAINS(POINT(a.s_ra, a.s_dec), CIRCLE(b.s_ra, b.s_dec, 0.001))
-- SQL
SELECT ("a"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "a", "jwst"."product" AS "b" WHERE
(sky.point("a"."s_ra", "a"."s_dec") <@ cube_enlarge(sky.point("b"."s_ra", "b"."s_dec"), sky.chord(0.001::float8), 3)
AND sky.point("b"."s_ra", "b"."s_dec") <@ cube_enlarge(sky.point("a"."s_ra", "a"."s_dec"), sky.chord(0.001::float8),
3) AND cube_distance(sky.point("a"."s_ra", "a"."s_dec"), sky.point("b"."s_ra", "b"."s_dec")) <=
sky.chord(0.001::float8))

-- ADQL
SELECT a.obs_id FROM ivoa.ObsCore AS a, jwst.product AS b WHERE 1 = INTERSECTS(a.s_region, b.s_region)
-- SQL
SELECT ("a"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "a", "jwst"."product" AS "b" WHERE
(sky.bounds("a"."s_region__shape") && sky.bounds("b"."s_region__shape") AND sky.intersects("a"."s_region__shape",
"b"."s_region__shape"))

-- ADQL
SELECT a.obs_id FROM ivoa.ObsCore AS a JOIN jwst.product AS b ON 1 = CONTAINS(POINT(b.s_ra, b.s_dec), a.s_region)
-- SQL
SELECT ("a"."obs_id")::text AS "obs_id" FROM ("ivoa"."obscore" AS "a" JOIN "jwst"."product" AS "b" ON
(sky.bounds("a"."s_region__shape") @> sky.point("b"."s_ra", "b"."s_dec") AND sky.contains_point("b"."s_ra",
"b"."s_dec", "a"."s_region__shape")))

-- ---- Shapes and footprints.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(10, 20), s_region)
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.bounds("obscore"."s_region__shape") @> sky.point(10.0::float8, 20.0::float8) AND sky.contains_point(10.0::float8,
20.0::float8, "obscore"."s_region__shape"))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = INTERSECTS(s_region, CIRCLE(10, 20, 1))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.bounds("obscore"."s_region__shape") && sky.bounds(sky.circle(10.0::float8, 20.0::float8, 1.0::float8)) AND
sky.intersects("obscore"."s_region__shape", sky.circle(10.0::float8, 20.0::float8, 1.0::float8)))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = INTERSECTS(s_region, POLYGON(10, 20, 11, 20, 11, 21, 10, 21))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.bounds("obscore"."s_region__shape") && sky.bounds(sky.polygon(ARRAY[10.0::float8, 20.0::float8, 11.0::float8,
20.0::float8, 11.0::float8, 21.0::float8, 10.0::float8, 21.0::float8]::float8[])) AND
sky.intersects("obscore"."s_region__shape", sky.polygon(ARRAY[10.0::float8, 20.0::float8, 11.0::float8, 20.0::float8,
11.0::float8, 21.0::float8, 10.0::float8, 21.0::float8]::float8[])))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = INTERSECTS(s_region, BOX(10, 20, 1, 1))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.bounds("obscore"."s_region__shape") && sky.bounds(sky.box(10.0::float8, 20.0::float8, 1.0::float8, 1.0::float8))
AND sky.intersects("obscore"."s_region__shape", sky.box(10.0::float8, 20.0::float8, 1.0::float8, 1.0::float8)))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(s_region, CIRCLE(10, 20, 1))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.bounds("obscore"."s_region__shape") && sky.bounds(sky.circle(10.0::float8, 20.0::float8, 1.0::float8)) AND
sky.contains("obscore"."s_region__shape", sky.circle(10.0::float8, 20.0::float8, 1.0::float8)))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(CIRCLE(10, 20, 0.001), s_region)
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.bounds(sky.circle(10.0::float8, 20.0::float8, 0.001::float8)) && sky.bounds("obscore"."s_region__shape") AND
sky.contains(sky.circle(10.0::float8, 20.0::float8, 0.001::float8), "obscore"."s_region__shape"))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = INTERSECTS(s_region, REGION('Polygon ICRS 10 20 11 20 11 21'))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.bounds("obscore"."s_region__shape") && sky.bounds(sky.region('Polygon ICRS 10 20 11 21 11 20'::text)) AND
sky.intersects("obscore"."s_region__shape", sky.region('Polygon ICRS 10 20 11 21 11 20'::text)))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(s_ra, s_dec), POLYGON(POINT(1, 2), POINT(3, 2), POINT(3, 4)))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.bounds(sky.polygon(ARRAY[1.0::float8, 2.0::float8, 3.0::float8, 2.0::float8, 3.0::float8,
4.0::float8]::float8[])) @> sky.point("obscore"."s_ra", "obscore"."s_dec") AND sky.contains_point("obscore"."s_ra",
"obscore"."s_dec", sky.polygon(ARRAY[1.0::float8, 2.0::float8, 3.0::float8, 2.0::float8, 3.0::float8,
4.0::float8]::float8[])))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(s_ra, s_dec), BOX('ICRS', 10, 20, 3, 2))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.bounds(sky.box(10.0::float8, 20.0::float8, 3.0::float8, 2.0::float8)) @> sky.point("obscore"."s_ra",
"obscore"."s_dec") AND sky.contains_point("obscore"."s_ra", "obscore"."s_dec", sky.box(10.0::float8, 20.0::float8,
3.0::float8, 2.0::float8)))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(s_ra, s_dec), POINT(1, 2))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (sky.point("obscore"."s_ra",
"obscore"."s_dec") <@ cube_enlarge(sky.point(1.0::float8, 2.0::float8), sky.chord(0::float8), 3) AND
cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(1.0::float8, 2.0::float8)) <=
sky.chord(0::float8))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = INTERSECTS(s_region, 'Circle ICRS 10 20 0.5')
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE
(sky.bounds("obscore"."s_region__shape") && sky.bounds(sky.region('Circle ICRS 10 20 0.5'::text)) AND
sky.intersects("obscore"."s_region__shape", sky.region('Circle ICRS 10 20 0.5'::text)))

-- ---- Measures.

-- ADQL
SELECT AREA(s_region), AREA(CIRCLE(1, 2, 3)) FROM ivoa.ObsCore
-- SQL
SELECT (sky.area("obscore"."s_region__shape"))::float8 AS "area_s_region", (sky.area(sky.circle(1.0::float8,
2.0::float8, 3.0::float8)))::float8 AS "area_2" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT CENTROID(s_region), COORD1(CENTROID(s_region)), COORD2(CENTROID(s_region)) FROM ivoa.ObsCore
-- SQL
SELECT sky.coordinates(sky.centroid("obscore"."s_region__shape")) AS "centroid_s_region",
(sky.longitude(sky.centroid("obscore"."s_region__shape")))::float8 AS "coord1_2",
(sky.latitude(sky.centroid("obscore"."s_region__shape")))::float8 AS "coord2_3" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT COORDSYS(POINT(1, 2)) FROM ivoa.ObsCore
-- SQL
SELECT ('ICRS'::text)::text AS "coordsys_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT POINT(s_ra, s_dec), CIRCLE(s_ra, s_dec, 1), POLYGON(1, 2, 3, 2, 3, 4), BOX(1, 2, 3, 4), REGION('Circle ICRS 1 2 3') FROM ivoa.ObsCore
-- SQL
SELECT sky.coordinates(sky.point_region("obscore"."s_ra", "obscore"."s_dec")) AS "point_1",
sky.coordinates(sky.circle("obscore"."s_ra", "obscore"."s_dec", 1.0::float8)) AS "circle_2",
sky.coordinates(sky.polygon(ARRAY[1.0::float8, 2.0::float8, 3.0::float8, 2.0::float8, 3.0::float8,
4.0::float8]::float8[])) AS "polygon_3", sky.coordinates(sky.box(1.0::float8, 2.0::float8, 3.0::float8, 4.0::float8))
AS "box_4", sky.text(sky.region('Circle ICRS 1 2 3'::text)) AS "region_5" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT COORD1(s_region) FROM ivoa.ObsCore
-- ERROR
line 1, column 15: COORD1 takes a point, not a text.
SELECT COORD1(s_region) FROM ivoa.ObsCore
              ^
See CENTROID.

-- ADQL
SELECT AREA(s_ra) FROM ivoa.ObsCore
-- ERROR
line 1, column 13: AREA takes a geometry here, not a number.
SELECT AREA(s_ra) FROM ivoa.ObsCore
            ^
POINT(lon, lat), CIRCLE(lon, lat, radius), POLYGON(…), or a region column such as s_region.

-- ---- Other coordinate systems are turned to ICRS (deprecated, §4.2.4).

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT('', s_ra, s_dec), CIRCLE('ICRS GEOCENTER', 10, 20, 1))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (sky.point("obscore"."s_ra",
"obscore"."s_dec") <@ cube_enlarge(sky.point(10.0::float8, 20.0::float8), sky.chord(1.0::float8), 3) AND
cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(10.0::float8, 20.0::float8)) <=
sky.chord(1.0::float8))

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(s_ra, s_dec), CIRCLE('GALACTIC', 120, -23, 1))
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" WHERE (sky.point("obscore"."s_ra",
"obscore"."s_dec") <@ cube_enlarge(sky.point(sky.longitude(sky.transform('GALACTIC'::text, 'ICRS'::text,
sky.circle(120.0::float8, (-23.0::float8), 1.0::float8))), sky.latitude(sky.transform('GALACTIC'::text, 'ICRS'::text,
sky.circle(120.0::float8, (-23.0::float8), 1.0::float8)))), sky.chord(1.0::float8), 3) AND
cube_distance(sky.point("obscore"."s_ra", "obscore"."s_dec"), sky.point(sky.longitude(sky.transform('GALACTIC'::text,
'ICRS'::text, sky.circle(120.0::float8, (-23.0::float8), 1.0::float8))), sky.latitude(sky.transform('GALACTIC'::text,
'ICRS'::text, sky.circle(120.0::float8, (-23.0::float8), 1.0::float8))))) <= sky.chord(1.0::float8))

-- ADQL
SELECT POINT('galactic', 120, -23), POLYGON('FK4', 1, 2, 3, 2, 3, 4) FROM ivoa.ObsCore
-- SQL
SELECT sky.coordinates(sky.transform('GALACTIC'::text, 'ICRS'::text, sky.point_region(120.0::float8,
(-23.0::float8)))) AS "point_1", sky.coordinates(sky.transform('FK4'::text, 'ICRS'::text,
sky.polygon(ARRAY[1.0::float8, 2.0::float8, 3.0::float8, 2.0::float8, 3.0::float8, 4.0::float8]::float8[]))) AS
"polygon_2" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT POINT('MARS', 1, 2) FROM ivoa.ObsCore
-- ERROR
line 1, column 14: The coordinate system 'MARS' is not known here.
SELECT POINT('MARS', 1, 2) FROM ivoa.ObsCore
             ^
Known are ICRS, UNKNOWN, UNKNOWNFRAME, FK5, J2000, GALACTIC, GALACTIC_II, FK4, B1950, ECLIPTIC

-- ADQL
SELECT POINT(obs_id, 1, 2) FROM ivoa.ObsCore
-- ERROR
line 1, column 14: A coordinate system is a text in single quotes.
SELECT POINT(obs_id, 1, 2) FROM ivoa.ObsCore
             ^
Leave it out, or write 'ICRS'.

-- ---- What is no shape.

-- ADQL
SELECT POINT(1) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: POINT is not called like this.
SELECT POINT(1) FROM ivoa.ObsCore
       ^
It is called as POINT(lon, lat), in degrees.

-- ADQL
SELECT POINT(1, 91) FROM ivoa.ObsCore
-- ERROR
line 1, column 17: A latitude is from -90 to 90 degrees, not 91.
SELECT POINT(1, 91) FROM ivoa.ObsCore
                ^

-- ADQL
SELECT POINT(400, 1) FROM ivoa.ObsCore
-- ERROR
line 1, column 14: A longitude is from -360 to 360 degrees, not 400.
SELECT POINT(400, 1) FROM ivoa.ObsCore
             ^

-- ADQL
SELECT CIRCLE(1, 2) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: CIRCLE is not called like this.
SELECT CIRCLE(1, 2) FROM ivoa.ObsCore
       ^
It is called as CIRCLE(lon, lat, radius), in degrees.

-- ADQL
SELECT CIRCLE(1, 2, -3) FROM ivoa.ObsCore
-- ERROR
line 1, column 21: A radius is from 0 to 180 degrees, not -3.
SELECT CIRCLE(1, 2, -3) FROM ivoa.ObsCore
                    ^

-- ADQL
SELECT CIRCLE(1, 2, 'x') FROM ivoa.ObsCore
-- ERROR
line 1, column 21: CIRCLE takes a number here, not a text.
SELECT CIRCLE(1, 2, 'x') FROM ivoa.ObsCore
                    ^
CIRCLE(lon, lat, radius)

-- ADQL
SELECT POLYGON(1, 2, 3, 4) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: A polygon is three or more pairs of longitude and latitude, not 4 numbers.
SELECT POLYGON(1, 2, 3, 4) FROM ivoa.ObsCore
       ^
POLYGON(lon1, lat1, lon2, lat2, lon3, lat3, …)

-- ADQL
SELECT POLYGON(1, 2, 3, 4, 5, 6, 7) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: A polygon is three or more pairs of longitude and latitude, not 7 numbers.
SELECT POLYGON(1, 2, 3, 4, 5, 6, 7) FROM ivoa.ObsCore
       ^
POLYGON(lon1, lat1, lon2, lat2, lon3, lat3, …)

-- ADQL
SELECT REGION('Circel ICRS 1 2 3') FROM ivoa.ObsCore
-- ERROR
line 1, column 15: This is not a region: the text has 'Circel' where a shape should be.
SELECT REGION('Circel ICRS 1 2 3') FROM ivoa.ObsCore
              ^
It is like 'Circle ICRS 10.5 -20.1 0.5'.

-- ADQL
SELECT REGION('Circle ICRS 1 95 3') FROM ivoa.ObsCore
-- ERROR
line 1, column 15: This is not a region: the circle has a latitude of 95.0, beyond -90..90.
SELECT REGION('Circle ICRS 1 95 3') FROM ivoa.ObsCore
              ^
It is like 'Circle ICRS 10.5 -20.1 0.5'.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE CONTAINS(POINT(1, 2), s_region)
-- ERROR
line 1, column 70: The query ends where a comparison or LIKE or IN should follow.
SELECT obs_id FROM ivoa.ObsCore WHERE CONTAINS(POINT(1, 2), s_region)
                                                                     ^
Compare it with 1: 1 = CONTAINS(…), or with 0.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(s_ra, s_dec)
-- ERROR
line 1, column 52: CONTAINS takes a geometry here, not a number.
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(s_ra, s_dec)
                                                   ^
POINT(lon, lat), CIRCLE(lon, lat, radius), POLYGON(…), or a region column such as s_region.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(1, 2))
-- ERROR
line 1, column 43: CONTAINS is not called like this.
SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(1, 2))
                                          ^
It is called as CONTAINS(inner, outer), in degrees.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE DISTANCE(POINT(1, 2), CIRCLE(1, 2, 3)) < 1
-- ERROR
line 1, column 39: DISTANCE is not called like this.
SELECT obs_id FROM ivoa.ObsCore WHERE DISTANCE(POINT(1, 2), CIRCLE(1, 2, 3)) < 1
                                      ^
It is called as DISTANCE(point, point), in degrees.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE DISTANCE(s_ra, s_dec, 10, 95) < 1
-- ERROR
line 1, column 65: A latitude is from -90 to 90 degrees, not 95.
SELECT obs_id FROM ivoa.ObsCore WHERE DISTANCE(s_ra, s_dec, 10, 95) < 1
                                                                ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE DISTANCE(s_ra, s_dec, 10, 20) < '1'
-- ERROR
line 1, column 71: A distance is compared with degrees, not a text.
SELECT obs_id FROM ivoa.ObsCore WHERE DISTANCE(s_ra, s_dec, 10, 20) < '1'
                                                                      ^

