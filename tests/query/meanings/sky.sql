-- CONTAINS and INTERSECTS of columns of ivoa.ObsCore, and when they are 1, by hand on archive.plane AS p.

-- ---- Where the position is.

-- ADQL
CONTAINS(POINT(s_ra, s_dec), CIRCLE(110.807, -73.473, 0.03))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.03

-- ADQL
CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', POINT('ICRS', 110.807, -73.473), 0.03))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.03

-- The same position in galactic coordinates.
-- ADQL
CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('GALACTIC', 285.0104942650717, -23.712032354429866, 0.03))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.03

-- ADQL
CONTAINS(POINT(s_ra - 110.8, s_dec), CIRCLE(359.99, -73.473, 0.03))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.79, -73.473) < 0.03

-- ADQL
CONTAINS(POINT(s_ra, s_dec), POLYGON(110.69, -73.51, 110.89, -73.51, 110.89, -73.45, 110.69, -73.45))
-- SQL
abs(p.position_center_ra - 110.79) < 0.1 AND p.position_center_dec < -73.45

-- ADQL
CONTAINS(POINT(s_ra, s_dec), POLYGON(POINT(110.69, -73.51), POINT(110.69, -73.45), POINT(110.89, -73.48)))
-- SQL
p.position_center_ra > 110.69 AND abs(p.position_center_dec + 73.48) < 0.03 * (110.89 - p.position_center_ra) / 0.2

-- ADQL
CONTAINS(POINT(s_ra, s_dec), BOX(110.79, -73.48, 0.03, 0.03))
-- SQL
abs(p.position_center_dec + 73.48) < 0.015 AND abs(p.position_center_ra - 110.79) * cosd(73.48) < 0.015

-- ADQL
CONTAINS(POINT(s_ra, s_dec), REGION('Polygon ICRS 110.69 -73.51 110.89 -73.51 110.89 -73.45 110.69 -73.45'))
-- SQL
abs(p.position_center_ra - 110.79) < 0.1 AND p.position_center_dec < -73.45

-- ADQL
CONTAINS(POINT(s_ra, s_dec), REGION('Union ICRS (Circle 110.807 -73.473 0.02 Circle 110.633 -73.49 0.02)'))
-- SQL
(separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.02 OR separation(p.position_center_ra,
p.position_center_dec, 110.633, -73.49) < 0.02)

-- ADQL
CONTAINS(POINT(s_ra, s_dec), MOC('10/9573157 9573159'))
-- SQL
n(p.observationid) IN (SELECT number FROM cells WHERE cell IN (9573157, 9573159))

-- ADQL
INTERSECTS(POINT(s_ra, s_dec), CIRCLE(110.807, -73.473, 0.03))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.03

-- ADQL
INTERSECTS(CIRCLE(110.807, -73.473, 0.03), POINT(s_ra, s_dec))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.03

-- ADQL
CONTAINS(POINT(s_ra, s_dec), POINT(110.82, -73.48))
-- SQL
n(p.observationid) = 31

-- ADQL
CONTAINS(CENTROID(s_region), CIRCLE(110.807, -73.473, 0.03))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.03

-- ---- Circles about the positions.

-- ADQL
CONTAINS(POINT(110.807, -73.473), CIRCLE(s_ra, s_dec, 0.001 * t_exptime / 100.5))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.001 * n(p.observationid)

-- ADQL
CONTAINS(POINT(110.807, -73.473), CAST(o_ucd AS CIRCLE))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.001 * n(p.observationid)

-- ADQL
CONTAINS(CIRCLE(s_ra, s_dec, 0.011), CIRCLE(110.807, -73.473, 0.03))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.019

-- ADQL
CONTAINS(CIRCLE(110.807, -73.473, 0.011), CIRCLE(s_ra, s_dec, 0.03))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.019

-- ADQL
INTERSECTS(CIRCLE(s_ra, s_dec, 0.011), CIRCLE(110.807, -73.473, 0.03))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.041

-- ADQL
CONTAINS(CIRCLE(s_ra, s_dec, 0.011), BOX(110.79, -73.48, 0.07, 0.07))
-- SQL
abs(p.position_center_dec + 73.48) < 0.024 AND abs(p.position_center_ra - 110.79) * cosd(73.48) < 0.024

-- ADQL
INTERSECTS(CIRCLE(s_ra, s_dec, 0.011), REGION('Circle ICRS 110.807 -73.473 0.03'))
-- SQL
separation(p.position_center_ra, p.position_center_dec, 110.807, -73.473) < 0.041

-- ---- Polygons from texts that DALI has for them: right triangles about each position.

-- ADQL
CONTAINS(POINT(110.807, -73.477), CAST(pol_states AS POLYGON))
-- SQL
110.807 BETWEEN p.position_center_ra AND p.position_center_ra + 0.05 AND -73.477 - p.position_center_dec BETWEEN 0 AND
0.4 * (110.807 - p.position_center_ra)

-- ---- Footprints.

-- ADQL
CONTAINS(POINT(110.807, -73.473), s_region)
-- SQL
holds(p, 110.807, -73.473)

-- ADQL
INTERSECTS(POINT(110.807, -73.473), s_region)
-- SQL
holds(p, 110.807, -73.473)

-- ADQL
INTERSECTS(s_region, POINT(110.807, -73.473))
-- SQL
holds(p, 110.807, -73.473)

-- ADQL
CONTAINS(CIRCLE(110.807, -73.473, 0.005), s_region)
-- SQL
holds(p, 110.807, -73.473) AND depth(p, 110.807, -73.473) > 0.005

-- ADQL
CONTAINS(s_region, CIRCLE(110.807, -73.473, 0.05))
-- SQL
reach(p, 110.807, -73.473) < 0.05

-- ADQL
INTERSECTS(s_region, CIRCLE(110.807, -73.473, 0.015))
-- SQL
gap(p, 110.807, -73.473) < 0.015

-- ADQL
INTERSECTS(CIRCLE(110.807, -73.473, 0.015), s_region)
-- SQL
gap(p, 110.807, -73.473) < 0.015

-- ADQL
CONTAINS(s_region, POLYGON(110.695, -73.53, 110.925, -73.53, 110.925, -73.47, 110.695, -73.47))
-- SQL
abs(p.position_center_ra - 110.81) < 0.065 AND abs(p.position_center_dec + 73.5) < 0.01

-- ADQL
CONTAINS(POLYGON(110.797, -73.477, 110.817, -73.477, 110.817, -73.467), s_region)
-- SQL
abs(p.position_center_ra - 110.807) < 0.04 AND p.position_center_dec + 73.477 < 0.02 AND -73.467 -
p.position_center_dec < 0.02

-- ADQL
INTERSECTS(POLYGON(110.793, -73.477, 110.813, -73.477, 110.813, -73.467, 110.793, -73.467), s_region)
-- SQL
abs(p.position_center_ra - 110.803) < 0.06 AND p.position_center_dec + 73.467 < 0.02 AND -73.477 -
p.position_center_dec < 0.02 AND -73.467 - p.position_center_dec > -0.02

-- ADQL
INTERSECTS(s_region, BOX(110.807, -73.473, 0.01, 0.01))
-- SQL
(abs(p.position_center_ra - 110.807) - 0.05) * cosd(73.473) < 0.005 AND abs(p.position_center_dec + 73.473) < 0.025

-- ADQL
INTERSECTS(s_region, REGION('Circle ICRS 110.807 -73.473 0.015'))
-- SQL
gap(p, 110.807, -73.473) < 0.015

-- ADQL
CONTAINS(REGION('Circle ICRS 110.807 -73.473 0.005'), s_region)
-- SQL
holds(p, 110.807, -73.473) AND depth(p, 110.807, -73.473) > 0.005

-- ADQL
INTERSECTS(MOC(18, POINT(110.807, -73.473)), s_region)
-- SQL
holds(p, 110.807, -73.473)
