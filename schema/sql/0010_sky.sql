-- Geometry on the sphere for ADQL, on stock PostgreSQL with contrib "cube".
--
-- Every position becomes a unit vector, so neither the poles nor the 0/360 seam are special. An index holds cubes that
-- enclose a shape in those three dimensions; the functions below decide exactly.
--
-- A sky.region is one flat array of float8: one record after the other, and a region of several records is their union.
--   [1]     n: 1 a point, 2 a circle, 3 and more a polygon of n vertices
--   [2..4]  unit vector of the centre of a cap that encloses the shape
--   [5]     chord of that cap's radius (0 for a point; sky.chord(180) where a polygon does not fit into a hemisphere)
--   [6]     circle: radius in degrees; polygon: parity of fan triangles around an inner point (see sky.polygon_holds)
--   polygon: n times x, y, z
--   then n (circle: 1) times longitude, latitude in degrees as they were given
-- A point and a circle so take 8 numbers, a polygon 6 + 5 n. The loader writes the same (voserver/model/regions.py).
--
-- Tolerance: 1e-12 of the sphere's radius (0.2 microarcseconds). That is a thousand times the rounding of a longitude
-- near 360 degrees and far less than any astrometry can tell; what is nearer to an edge than this lies on the edge, and
-- an edge belongs to its shape (ADQL 2.1 section 4.2.11).
--
-- Indexes are built with an empty search path since PostgreSQL 17: everything outside pg_catalog is named with its schema.

CREATE SCHEMA IF NOT EXISTS sky;

CREATE EXTENSION IF NOT EXISTS cube WITH SCHEMA public;

DO $$
BEGIN
    IF (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname = 'cube') <> 'public' THEN
        RAISE EXCEPTION 'The extension cube is installed in another schema than public.'
            USING HINT = 'ALTER EXTENSION cube SET SCHEMA public;';
    END IF;
END
$$;

CREATE DOMAIN sky.region AS float8[];

COMMENT ON DOMAIN sky.region IS 'Point, circle, polygon or a union of these on the sky; made and read by the functions of this schema only';


-- Positions --------------------------------------------------------------------------------------------------------

CREATE FUNCTION sky.point(lon float8, lat float8) RETURNS public.cube
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN public.cube(public.cube(public.cube(
        cos(radians(lat)) * cos(radians(lon))), cos(radians(lat)) * sin(radians(lon))), sin(radians(lat)));

COMMENT ON FUNCTION sky.point(float8, float8) IS 'Unit vector of a position in degrees, for indexes and cones';

CREATE FUNCTION sky.chord(radius float8) RETURNS float8
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN 2 * sin(radians(least(radius, 180) / 2)) + 1e-12;

COMMENT ON FUNCTION sky.chord(float8) IS 'Straight distance between two positions that are so many degrees apart; longer by the tolerance';

CREATE FUNCTION sky.distance(lon1 float8, lat1 float8, lon2 float8, lat2 float8) RETURNS float8
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN degrees(atan2(
        sqrt((cos(radians(lat2)) * sin(radians(lon2 - lon1))) ^ 2
             + (cos(radians(lat1)) * sin(radians(lat2))
                - sin(radians(lat1)) * cos(radians(lat2)) * cos(radians(lon2 - lon1))) ^ 2),
        sin(radians(lat1)) * sin(radians(lat2)) + cos(radians(lat1)) * cos(radians(lat2)) * cos(radians(lon2 - lon1))));

COMMENT ON FUNCTION sky.distance(float8, float8, float8, float8) IS 'Degrees between two positions (Vincenty''s formula, exact at any distance)';


-- Making regions ---------------------------------------------------------------------------------------------------

CREATE FUNCTION sky.check_position(lon float8, lat float8) RETURNS void
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF lon IS NULL OR lat IS NULL OR abs(lon) = 'Infinity' OR lon = 'NaN' THEN
        RAISE EXCEPTION 'A longitude must be a finite number of degrees, not %.', coalesce(lon::text, 'null') USING ERRCODE = '22023';
    ELSIF NOT lat BETWEEN -90 AND 90 THEN
        RAISE EXCEPTION 'A latitude must lie between -90 and 90 degrees, not at %.', lat USING ERRCODE = '22023';
    END IF;
END
$$;

CREATE FUNCTION sky.point_region(lon float8, lat float8) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
    PERFORM sky.check_position(lon, lat);
    RETURN ARRAY[1, cos(radians(lat)) * cos(radians(lon)), cos(radians(lat)) * sin(radians(lon)), sin(radians(lat)), 0, 0, lon, lat];
END
$$;

CREATE FUNCTION sky.circle(lon float8, lat float8, radius float8) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
    PERFORM sky.check_position(lon, lat);
    IF NOT radius BETWEEN 0 AND 180 THEN
        RAISE EXCEPTION 'The radius of a circle must lie between 0 and 180 degrees, not at %.', radius USING ERRCODE = '22023';
    END IF;
    RETURN ARRAY[2, cos(radians(lat)) * cos(radians(lon)), cos(radians(lat)) * sin(radians(lon)), sin(radians(lat)),
                 sky.chord(radius), radius, lon, lat];
END
$$;

-- Whether a polygon (n vertices, its record after offset o) holds a unit vector, its edges included.
-- The diagonals from the first vertex cut the polygon into signed triangles. Crossing an edge of the polygon changes the
-- number of triangles around a position by one and crossing a diagonal by none or two: so that number is odd
-- on one side of the outline and even on the other, and [6] says which is the inside. It holds for concave polygons and
-- either winding. A position exactly on a diagonal is safe because its sign is taken once for both of the triangles there.
-- Determinants are formed from differences with the position, so that they stay exact for shapes of milliarcseconds.
CREATE FUNCTION sky.polygon_holds(r float8[], o integer, n integer, x float8, y float8, z float8) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 200
AS $$
DECLARE
    k integer := o + 7;
    last CONSTANT integer := n - 1;
    fx CONSTANT float8 := r[o + 7] - x;
    fy CONSTANT float8 := r[o + 8] - y;
    fz CONSTANT float8 := r[o + 9] - z;
    ux float8 := fx;
    uy float8 := fy;
    uz float8 := fz;
    vx float8;
    vy float8;
    vz float8;
    edge float8;
    side float8;
    next float8;
    e2 float8;
    inside boolean := r[o + 6] = 0;
BEGIN
    FOR i IN 0 .. last LOOP
        IF i < last THEN
            k := k + 3;
            vx := r[k] - x;
            vy := r[k + 1] - y;
            vz := r[k + 2] - z;
        ELSE
            vx := fx;
            vy := fy;
            vz := fz;
        END IF;
        edge := x * (uy * vz - uz * vy) + y * (uz * vx - ux * vz) + z * (ux * vy - uy * vx);
        IF abs(edge) < 2e-12 THEN
            e2 := (vx - ux) * (vx - ux) + (vy - uy) * (vy - uy) + (vz - uz) * (vz - uz);
            IF ux * ux + uy * uy + uz * uz <= 1e-24
                OR edge * edge <= 1e-24 * e2 * (1 - e2 / 4) AND ux * vx + uy * vy + uz * vz <= 0 THEN
                RETURN true;
            END IF;
        END IF;
        IF i = 0 THEN
            side := edge;
        ELSIF i < last THEN
            next := x * (fy * vz - fz * vy) + y * (fz * vx - fx * vz) + z * (fx * vy - fy * vx);
            -- Three signs alike mean that the triangle holds the position or its opposite; the sum tells which.
            IF (side >= 0) <> (next >= 0) AND (side >= 0) = (edge >= 0)
                AND abs(edge) * (x * r[o + 7] + y * r[o + 8] + z * r[o + 9])
                    + abs(next) * (x * (x + ux) + y * (y + uy) + z * (z + uz))
                    + abs(side) * (x * (x + vx) + y * (y + vy) + z * (z + vz)) >= 0 THEN
                inside := NOT inside;
            END IF;
            side := next;
        END IF;
        ux := vx;
        uy := vy;
        uz := vz;
    END LOOP;
    RETURN inside;
END
$$;

-- The area in steradians to the left of a polygon's outline, by the angles through which it turns (Gauss and Bonnet):
-- right for outlines of any size, but too coarse for tiny ones.
CREATE FUNCTION sky.left_area(r float8[], o integer, n integer) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    total float8 := 2 * pi();
    k integer;
    a integer := o + 4 + 3 * n;
    b integer := o + 7;
    px float8;
    py float8;
    pz float8;
    qx float8;
    qy float8;
    qz float8;
BEGIN
    FOR i IN 1 .. n LOOP
        k := CASE WHEN i = n THEN o + 7 ELSE b + 3 END;
        px := r[a + 1] * r[b + 2] - r[a + 2] * r[b + 1];
        py := r[a + 2] * r[b] - r[a] * r[b + 2];
        pz := r[a] * r[b + 1] - r[a + 1] * r[b];
        qx := r[b + 1] * r[k + 2] - r[b + 2] * r[k + 1];
        qy := r[b + 2] * r[k] - r[b] * r[k + 2];
        qz := r[b] * r[k + 1] - r[b + 1] * r[k];
        total := total - atan2(r[b] * (py * qz - pz * qy) + r[b + 1] * (pz * qx - px * qz) + r[b + 2] * (px * qy - py * qx),
                               px * qx + py * qy + pz * qz);
        a := b;
        b := k;
    END LOOP;
    RETURN total;
END
$$;

-- Which parity of fan triangles is the inside of a polygon that does not fit into a hemisphere about its centre. The
-- inside is the smaller side; of two equal ones that which DALI 1.2 section 3.3.6 means: counter-clockwise seen from
-- within the sphere, so on the right of who walks along the outline outside on it.
CREATE FUNCTION sky.large_parity(r float8[], n integer) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    longest float8 := -1;
    length float8;
    a integer := 7;
    b integer;
    p integer;
    q integer;
    m float8[];
    size float8;
    left_is_odd boolean;
BEGIN
    FOR i IN 1 .. n LOOP
        b := CASE WHEN i = n THEN 7 ELSE a + 3 END;
        length := (r[a] - r[b]) ^ 2 + (r[a + 1] - r[b + 1]) ^ 2 + (r[a + 2] - r[b + 2]) ^ 2;
        IF length > longest THEN
            longest := length;
            p := a;
            q := b;
        END IF;
        a := b;
    END LOOP;
    m := ARRAY[r[p + 1] * r[q + 2] - r[p + 2] * r[q + 1], r[p + 2] * r[q] - r[p] * r[q + 2], r[p] * r[q + 1] - r[p + 1] * r[q]];
    size := 1e7 * sqrt(m[1] * m[1] + m[2] * m[2] + m[3] * m[3]);
    m := ARRAY[(r[p] + r[q]) / 2 + m[1] / size, (r[p + 1] + r[q + 1]) / 2 + m[2] / size, (r[p + 2] + r[q + 2]) / 2 + m[3] / size];
    size := sqrt(m[1] * m[1] + m[2] * m[2] + m[3] * m[3]);
    left_is_odd := sky.polygon_holds(r, 0, n, m[1] / size, m[2] / size, m[3] / size);
    RETURN CASE WHEN left_is_odd = (sky.left_area(r, 0, n) < 2 * pi() - 1e-9) THEN 1 ELSE 0 END;
END
$$;

CREATE FUNCTION sky.polygon(lonlat float8[]) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 500
AS $$
DECLARE
    count CONSTANT integer := coalesce(array_length(lonlat, 1), 0);
    vectors float8[] := '{}';
    places float8[] := '{}';
    n integer := 0;
    k integer;
    x float8;
    y float8;
    z float8;
    px float8 := 2;
    py float8 := 2;
    pz float8 := 2;
    sx float8 := 0;
    sy float8 := 0;
    sz float8 := 0;
    size float8;
    far float8 := 0;
    r float8[];
BEGIN
    IF count % 2 = 1 THEN
        RAISE EXCEPTION 'A polygon takes pairs of longitude and latitude, not % numbers.', count USING ERRCODE = '22023';
    END IF;
    FOR i IN 1 .. count BY 2 LOOP
        PERFORM sky.check_position(lonlat[i], lonlat[i + 1]);
        z := cos(radians(lonlat[i + 1]));
        x := z * cos(radians(lonlat[i]));
        y := z * sin(radians(lonlat[i]));
        z := sin(radians(lonlat[i + 1]));
        CONTINUE WHEN (x - px) * (x - px) + (y - py) * (y - py) + (z - pz) * (z - pz) <= 1e-24;
        vectors := vectors || ARRAY[x, y, z];
        places := places || ARRAY[lonlat[i], lonlat[i + 1]];
        n := n + 1;
        px := x;
        py := y;
        pz := z;
    END LOOP;
    -- A repeated first vertex at the end, as FITS and GIS habits have it, is no vertex of its own.
    WHILE n > 1 AND (px - vectors[1]) ^ 2 + (py - vectors[2]) ^ 2 + (pz - vectors[3]) ^ 2 <= 1e-24 LOOP
        n := n - 1;
        px := vectors[3 * n - 2];
        py := vectors[3 * n - 1];
        pz := vectors[3 * n];
    END LOOP;
    IF n < 3 THEN
        RAISE EXCEPTION 'A polygon needs three different vertices or more, not %.', n USING ERRCODE = '22023';
    END IF;
    FOR i IN 1 .. n LOOP
        k := 3 * i - 2;
        x := vectors[k];
        y := vectors[k + 1];
        z := vectors[k + 2];
        IF (x + px) * (x + px) + (y + py) * (y + py) + (z + pz) * (z + pz) < 1e-20 THEN
            RAISE EXCEPTION 'The polygon''s edge to vertex % joins opposite points of the sky: its course is undefined.', i
                USING ERRCODE = '22023', HINT = 'Put a vertex between the two.';
        END IF;
        sx := sx + x;
        sy := sy + y;
        sz := sz + z;
        px := x;
        py := y;
        pz := z;
    END LOOP;
    size := sqrt(sx * sx + sy * sy + sz * sz);
    IF size < 1e-9 THEN
        size := 1;
        sx := vectors[1];
        sy := vectors[2];
        sz := vectors[3];
    END IF;
    sx := sx / size;
    sy := sy / size;
    sz := sz / size;
    FOR k IN 1 .. 3 * n BY 3 LOOP
        x := vectors[k] - sx;
        y := vectors[k + 1] - sy;
        z := vectors[k + 2] - sz;
        far := greatest(far, x * x + y * y + z * z);
    END LOOP;
    r := ARRAY[n, sx, sy, sz, sqrt(far) + 1e-12, 1] || vectors[1 : 3 * n] || places[1 : 2 * n];
    IF far >= 1.99 THEN
        r[5] := sky.chord(180);
        r[6] := sky.large_parity(r, n);
    END IF;
    RETURN r;
END
$$;

COMMENT ON FUNCTION sky.polygon(float8[]) IS 'Polygon of great-circle edges shorter than 180 degrees; its inside is the smaller side, whatever the winding';

-- ADQL 2.1 section 4.2.10: the sides are great circles at right angles with the ends of a cross whose arms lie along
-- the coordinates at the centre; on the plane that touches the sphere there the box is a rectangle.
CREATE FUNCTION sky.box(lon float8, lat float8, width float8, height float8) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    u float8;
    v float8;
    x float8;
    y float8;
    corners float8[] := '{}';
BEGIN
    PERFORM sky.check_position(lon, lat);
    IF NOT (width > 0 AND width < 180 AND height > 0 AND height < 180) THEN
        RAISE EXCEPTION 'The sides of a box must be longer than 0 and shorter than 180 degrees, not % by %.', width, height
            USING ERRCODE = '22023';
    END IF;
    u := tan(radians(width / 2));
    v := tan(radians(height / 2));
    FOR i IN 1 .. 4 LOOP
        x := cos(radians(lat)) - sin(radians(lat)) * v;
        y := sqrt(x * x + u * u);
        corners := corners || ARRAY[
            lon + degrees(atan2(u, x)),
            degrees(atan2(sin(radians(lat)) + cos(radians(lat)) * v, y))];
        IF i % 2 = 1 THEN
            v := -v;
        ELSE
            u := -u;
        END IF;
    END LOOP;
    FOR i IN 1 .. 7 BY 2 LOOP
        corners[i] := corners[i] - 360 * floor(corners[i] / 360);
    END LOOP;
    RETURN sky.polygon(corners);
END
$$;


-- What a region holds ----------------------------------------------------------------------------------------------

CREATE FUNCTION sky.holds(r float8[], x float8, y float8, z float8) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 200
AS $$
DECLARE
    size CONSTANT integer := array_length(r, 1);
    o integer := 0;
    n integer;
BEGIN
    WHILE o < size LOOP
        n := r[o + 1];
        IF (x - r[o + 2]) * (x - r[o + 2]) + (y - r[o + 3]) * (y - r[o + 3]) + (z - r[o + 4]) * (z - r[o + 4])
            <= greatest(r[o + 5] * r[o + 5], 1e-24) THEN
            IF n < 3 OR sky.polygon_holds(r, o, n, x, y, z) THEN
                RETURN true;
            END IF;
        END IF;
        o := o + CASE WHEN n < 3 THEN 8 ELSE 6 + 5 * n END;
    END LOOP;
    RETURN false;
END
$$;

CREATE FUNCTION sky.contains_point(lon float8, lat float8, "outer" sky.region) RETURNS boolean
    IMMUTABLE PARALLEL SAFE STRICT COST 200
    RETURN sky.holds("outer", cos(radians(lat)) * cos(radians(lon)), cos(radians(lat)) * sin(radians(lon)), sin(radians(lat)));

-- Square of the chord from a unit vector to the nearest point of a polygon's outline.
CREATE FUNCTION sky.outline_chord2(r float8[], o integer, n integer, x float8, y float8, z float8) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 200
AS $$
DECLARE
    nearest float8 := 4;
    k integer := o + 4 + 3 * n;
    ux float8 := r[k] - x;
    uy float8 := r[k + 1] - y;
    uz float8 := r[k + 2] - z;
    u2 float8 := ux * ux + uy * uy + uz * uz;
    vx float8;
    vy float8;
    vz float8;
    v2 float8;
    e2 float8;
    ue float8;
    s2 float8;
BEGIN
    FOR i IN 1 .. n LOOP
        k := o + 4 + 3 * i;
        vx := r[k] - x;
        vy := r[k + 1] - y;
        vz := r[k + 2] - z;
        v2 := vx * vx + vy * vy + vz * vz;
        e2 := (vx - ux) * (vx - ux) + (vy - uy) * (vy - uy) + (vz - uz) * (vz - uz);
        ue := ux * (vx - ux) + uy * (vy - uy) + uz * (vz - uz);
        -- The foot of the perpendicular lies between the ends.
        IF ue + e2 * u2 / 4 <= 0 AND ue + e2 - e2 * v2 / 4 >= 0 THEN
            s2 := least(1, (x * (uy * vz - uz * vy) + y * (uz * vx - ux * vz) + z * (ux * vy - uy * vx)) ^ 2
                           / (e2 * (1 - e2 / 4)));
            nearest := least(nearest, 2 * s2 / (1 + sqrt(1 - s2)));
        ELSE
            nearest := least(nearest, u2, v2);
        END IF;
        ux := vx;
        uy := vy;
        uz := vz;
        u2 := v2;
    END LOOP;
    RETURN nearest;
END
$$;

-- How far a unit vector lies to the left of the great circle from u to v, as the sine of the angle: exact also where
-- the three are close together.
CREATE FUNCTION sky.side(ux float8, uy float8, uz float8, vx float8, vy float8, vz float8, x float8, y float8, z float8)
    RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    dx CONSTANT float8 := vx - ux;
    dy CONSTANT float8 := vy - uy;
    dz CONSTANT float8 := vz - uz;
    nx CONSTANT float8 := uy * dz - uz * dy;
    ny CONSTANT float8 := uz * dx - ux * dz;
    nz CONSTANT float8 := ux * dy - uy * dx;
BEGIN
    RETURN ((x - ux) * nx + (y - uy) * ny + (z - uz) * nz) / sqrt(nx * nx + ny * ny + nz * nz);
END
$$;

-- Whether an edge of one polygon crosses an edge of the other one. Edges that touch or lie on each other do not cross.
CREATE FUNCTION sky.outlines_cross(a float8[], i integer, b float8[], j integer) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 1000
AS $$
DECLARE
    na CONSTANT integer := a[i + 1];
    nb CONSTANT integer := b[j + 1];
    p integer := i + 4 + 3 * na;
    q integer;
    t integer;
    px float8;
    py float8;
    pz float8;
    dx float8;
    dy float8;
    dz float8;
    x float8;
    y float8;
    z float8;
    slack float8;
    before float8;
    after float8;
    first float8;
    second float8;
BEGIN
    FOR s IN i + 7 .. i + 4 + 3 * na BY 3 LOOP
        px := a[p];
        py := a[p + 1];
        pz := a[p + 2];
        dx := a[s] - px;
        dy := a[s + 1] - py;
        dz := a[s + 2] - pz;
        x := py * dz - pz * dy;
        y := pz * dx - px * dz;
        z := px * dy - py * dx;
        slack := 1e-12 * sqrt(x * x + y * y + z * z);
        q := j + 4 + 3 * nb;
        before := x * b[q] + y * b[q + 1] + z * b[q + 2];
        FOR k IN 1 .. nb LOOP
            t := j + 4 + 3 * k;
            after := x * b[t] + y * b[t + 1] + z * b[t + 2];
            IF before > slack AND after < - slack OR before < - slack AND after > slack THEN
                first := sky.side(b[q], b[q + 1], b[q + 2], b[t], b[t + 1], b[t + 2], px, py, pz);
                second := sky.side(b[q], b[q + 1], b[q + 2], b[t], b[t + 1], b[t + 2], a[s], a[s + 1], a[s + 2]);
                IF before > 0 AND first < -1e-12 AND second > 1e-12 OR before < 0 AND first > 1e-12 AND second < -1e-12 THEN
                    RETURN true;
                END IF;
            END IF;
            q := t;
            before := after;
        END LOOP;
        p := s;
    END LOOP;
    RETURN false;
END
$$;

-- Whether two shapes, given by region and offset, meet.
CREATE FUNCTION sky.shapes_meet(a float8[], i integer, b float8[], j integer) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 1000
AS $$
DECLARE
    na CONSTANT integer := a[i + 1];
    nb CONSTANT integer := b[j + 1];
    x CONSTANT float8 := a[i + 2];
    y CONSTANT float8 := a[i + 3];
    z CONSTANT float8 := a[i + 4];
    d2 CONSTANT float8 := (x - b[j + 2]) * (x - b[j + 2]) + (y - b[j + 3]) * (y - b[j + 3]) + (z - b[j + 4]) * (z - b[j + 4]);
    reach CONSTANT float8 := a[i + 5] + b[j + 5] + 1e-12;
    limit2 float8;
BEGIN
    IF d2 > reach * reach THEN
        RETURN false;
    ELSIF na > 2 AND nb < 3 THEN
        RETURN sky.shapes_meet(b, j, a, i);
    ELSIF na = 1 OR nb = 1 THEN
        RETURN nb < 3 OR sky.polygon_holds(b, j, nb, x, y, z);
    ELSIF na = 2 THEN
        IF nb = 2 THEN
            RETURN a[i + 6] + b[j + 6] + 1e-10 >= 2 * degrees(asin(least(1, sqrt(d2) / 2)));
        END IF;
        limit2 := a[i + 5] * a[i + 5];
        FOR k IN j + 7 .. j + 4 + 3 * nb BY 3 LOOP
            IF (x - b[k]) * (x - b[k]) + (y - b[k + 1]) * (y - b[k + 1]) + (z - b[k + 2]) * (z - b[k + 2]) <= limit2 THEN
                RETURN true;
            END IF;
        END LOOP;
        RETURN sky.polygon_holds(b, j, nb, x, y, z) OR sky.outline_chord2(b, j, nb, x, y, z) <= limit2;
    END IF;
    limit2 := a[i + 5] * a[i + 5];
    FOR k IN j + 7 .. j + 4 + 3 * nb BY 3 LOOP
        IF (x - b[k]) * (x - b[k]) + (y - b[k + 1]) * (y - b[k + 1]) + (z - b[k + 2]) * (z - b[k + 2]) <= limit2
            AND sky.polygon_holds(a, i, na, b[k], b[k + 1], b[k + 2]) THEN
            RETURN true;
        END IF;
    END LOOP;
    limit2 := b[j + 5] * b[j + 5];
    FOR k IN i + 7 .. i + 4 + 3 * na BY 3 LOOP
        IF (a[k] - b[j + 2]) * (a[k] - b[j + 2]) + (a[k + 1] - b[j + 3]) * (a[k + 1] - b[j + 3]) + (a[k + 2] - b[j + 4]) * (a[k + 2] - b[j + 4]) <= limit2
            AND sky.polygon_holds(b, j, nb, a[k], a[k + 1], a[k + 2]) THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN sky.outlines_cross(a, i, b, j);
END
$$;

CREATE FUNCTION sky.intersects(a sky.region, b sky.region) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 1000
AS $$
DECLARE
    i integer := 0;
    j integer;
BEGIN
    WHILE i < array_length(a, 1) LOOP
        j := 0;
        WHILE j < array_length(b, 1) LOOP
            IF sky.shapes_meet(a, i, b, j) THEN
                RETURN true;
            END IF;
            j := j + CASE WHEN b[j + 1] < 3 THEN 8 ELSE 6 + 5 * b[j + 1] END;
        END LOOP;
        i := i + CASE WHEN a[i + 1] < 3 THEN 8 ELSE 6 + 5 * a[i + 1] END;
    END LOOP;
    RETURN false;
END
$$;

-- Whether every stretch of a polygon's outline between its vertices lies inside another polygon whose outline it does not
-- cross. Where vertices of the other one lie on an edge, the stretches between them are looked at one by one.
CREATE FUNCTION sky.stretches_inside(a float8[], i integer, b float8[], j integer) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 1000
AS $$
DECLARE
    na CONSTANT integer := a[i + 1];
    nb CONSTANT integer := b[j + 1];
    p integer := i + 4 + 3 * na;
    stops float8[];
    x float8;
    y float8;
    z float8;
    size float8;
BEGIN
    FOR s IN i + 7 .. i + 4 + 3 * na BY 3 LOOP
        stops := ARRAY[a[p], a[p + 1], a[p + 2], a[s], a[s + 1], a[s + 2]];
        FOR k IN j + 7 .. j + 4 + 3 * nb BY 3 LOOP
            IF (a[s] - b[k]) * (a[p] - b[k]) + (a[s + 1] - b[k + 1]) * (a[p + 1] - b[k + 1]) + (a[s + 2] - b[k + 2]) * (a[p + 2] - b[k + 2]) < 0
                AND abs(sky.side(a[p], a[p + 1], a[p + 2], a[s], a[s + 1], a[s + 2], b[k], b[k + 1], b[k + 2])) <= 1e-12 THEN
                stops := stops || b[k : k + 2];
            END IF;
        END LOOP;
        FOR m IN 1 .. array_length(stops, 1) - 5 BY 3 LOOP
            FOR k IN m + 3 .. array_length(stops, 1) - 2 BY 3 LOOP
                x := stops[m] + stops[k];
                y := stops[m + 1] + stops[k + 1];
                z := stops[m + 2] + stops[k + 2];
                size := sqrt(x * x + y * y + z * z);
                IF NOT sky.polygon_holds(b, j, nb, x / size, y / size, z / size) THEN
                    RETURN false;
                END IF;
            END LOOP;
        END LOOP;
        p := s;
    END LOOP;
    RETURN true;
END
$$;

-- Whether one shape, given by region and offset, lies in another one.
CREATE FUNCTION sky.shape_covers(b float8[], j integer, a float8[], i integer) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 1000
AS $$
DECLARE
    na CONSTANT integer := a[i + 1];
    nb CONSTANT integer := b[j + 1];
    x CONSTANT float8 := b[j + 2];
    y CONSTANT float8 := b[j + 3];
    z CONSTANT float8 := b[j + 4];
    d2 CONSTANT float8 := (x - a[i + 2]) * (x - a[i + 2]) + (y - a[i + 3]) * (y - a[i + 3]) + (z - a[i + 4]) * (z - a[i + 4]);
    limit2 CONSTANT float8 := greatest(b[j + 5] * b[j + 5], 1e-24);
    spare float8;
BEGIN
    IF na < 3 THEN
        IF d2 > limit2 THEN
            RETURN false;
        ELSIF nb < 3 THEN
            RETURN na = 1 OR a[i + 6] + 2 * degrees(asin(least(1, sqrt(d2) / 2))) <= b[j + 6] + 1e-10;
        END IF;
        RETURN sky.polygon_holds(b, j, nb, a[i + 2], a[i + 3], a[i + 4])
            AND (na = 1 OR a[i + 6] <= 90
                 AND sqrt(sky.outline_chord2(b, j, nb, a[i + 2], a[i + 3], a[i + 4])) + 2e-12 >= a[i + 5]);
    END IF;
    FOR k IN i + 7 .. i + 4 + 3 * na BY 3 LOOP
        IF (x - a[k]) * (x - a[k]) + (y - a[k + 1]) * (y - a[k + 1]) + (z - a[k + 2]) * (z - a[k + 2]) > limit2
            OR nb > 2 AND NOT sky.polygon_holds(b, j, nb, a[k], a[k + 1], a[k + 2]) THEN
            RETURN false;
        END IF;
    END LOOP;
    IF nb = 2 AND b[j + 6] > 90 THEN
        -- The rest of the sky is a small circle about the opposite point; the polygon must stay out of that.
        spare := 2 * sin(radians((180 - b[j + 6]) / 2));
        RETURN NOT sky.polygon_holds(a, i, na, -x, -y, -z)
            AND sqrt(sky.outline_chord2(a, i, na, -x, -y, -z)) + 1e-12 >= spare;
    ELSIF nb = 2 THEN
        RETURN true;
    END IF;
    RETURN NOT sky.outlines_cross(a, i, b, j) AND sky.stretches_inside(a, i, b, j);
END
$$;

CREATE FUNCTION sky.contains("inner" sky.region, "outer" sky.region) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 1000
AS $$
DECLARE
    i integer := 0;
    j integer;
BEGIN
    WHILE i < array_length("inner", 1) LOOP
        j := 0;
        WHILE NOT sky.shape_covers("outer", j, "inner", i) LOOP
            j := j + CASE WHEN "outer"[j + 1] < 3 THEN 8 ELSE 6 + 5 * "outer"[j + 1] END;
            IF j >= array_length("outer", 1) THEN
                RETURN false;
            END IF;
        END LOOP;
        i := i + CASE WHEN "inner"[i + 1] < 3 THEN 8 ELSE 6 + 5 * "inner"[i + 1] END;
    END LOOP;
    RETURN true;
END
$$;

COMMENT ON FUNCTION sky.contains(sky.region, sky.region) IS
    'Whether the first region lies in the second one. Every shape of the first must lie in one single shape of the second: a shape that only several shapes cover together does not count';
COMMENT ON FUNCTION sky.intersects(sky.region, sky.region) IS 'Whether two regions have a point in common; touching is enough';
COMMENT ON FUNCTION sky.contains_point(float8, float8, sky.region) IS 'Whether a region holds a position; its edges belong to it';


-- Index --------------------------------------------------------------------------------------------------------------

-- A polygon in a cap of less than 90 degrees lies above the convex hull of its vertices, by no more than the cap's height,
-- which is half its chord squared. So the box about the vertices, wider by this on every side, holds the bulges of edges and inside.
CREATE FUNCTION sky.bounds(region sky.region) RETURNS public.cube
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 300
AS $$
DECLARE
    size CONSTANT integer := array_length(region, 1);
    o integer := 0;
    n integer;
    pad float8;
    lx float8 := 1;
    ly float8 := 1;
    lz float8 := 1;
    hx float8 := -1;
    hy float8 := -1;
    hz float8 := -1;
    x float8;
    y float8;
    z float8;
    c float8;
    s float8;
BEGIN
    WHILE o < size LOOP
        n := region[o + 1];
        IF n > 2 AND region[o + 5] < 2 THEN
            pad := region[o + 5] * region[o + 5] / 2 + 1e-12;
            FOR k IN o + 7 .. o + 4 + 3 * n BY 3 LOOP
                x := region[k];
                y := region[k + 1];
                z := region[k + 2];
                lx := least(lx, x - pad);
                ly := least(ly, y - pad);
                lz := least(lz, z - pad);
                hx := greatest(hx, x + pad);
                hy := greatest(hy, y + pad);
                hz := greatest(hz, z + pad);
            END LOOP;
            o := o + 6 + 5 * n;
        ELSE
            -- The extremes of a cap on an axis: its centre there, turned by the cap's radius; the axis itself if the cap holds it.
            c := 1 - least(region[o + 5] * region[o + 5], 4) / 2;
            s := sqrt(greatest(1 - c * c, 0));
            x := region[o + 2];
            y := region[o + 3];
            z := region[o + 4];
            lx := least(lx, CASE WHEN -x >= c THEN -1 ELSE x * c - s * sqrt(greatest(1 - x * x, 0)) - 1e-12 END);
            ly := least(ly, CASE WHEN -y >= c THEN -1 ELSE y * c - s * sqrt(greatest(1 - y * y, 0)) - 1e-12 END);
            lz := least(lz, CASE WHEN -z >= c THEN -1 ELSE z * c - s * sqrt(greatest(1 - z * z, 0)) - 1e-12 END);
            hx := greatest(hx, CASE WHEN x >= c THEN 1 ELSE x * c + s * sqrt(greatest(1 - x * x, 0)) + 1e-12 END);
            hy := greatest(hy, CASE WHEN y >= c THEN 1 ELSE y * c + s * sqrt(greatest(1 - y * y, 0)) + 1e-12 END);
            hz := greatest(hz, CASE WHEN z >= c THEN 1 ELSE z * c + s * sqrt(greatest(1 - z * z, 0)) + 1e-12 END);
            o := o + CASE WHEN n < 3 THEN 8 ELSE 6 + 5 * n END;
        END IF;
    END LOOP;
    RETURN public.cube(ARRAY[lx, ly, lz], ARRAY[hx, hy, hz]);
END
$$;

COMMENT ON FUNCTION sky.bounds(sky.region) IS 'Box about a region''s unit vectors, for indexes: two regions meet only where their boxes overlap';


-- Measures -----------------------------------------------------------------------------------------------------------

CREATE FUNCTION sky.longitude(region sky.region) RETURNS float8
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN CASE WHEN region[1] < 3 THEN region[7] END;

CREATE FUNCTION sky.latitude(region sky.region) RETURNS float8
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN CASE WHEN region[1] < 3 THEN region[8] END;

COMMENT ON FUNCTION sky.longitude(sky.region) IS 'Longitude in degrees of a point (or of a circle''s centre)';
COMMENT ON FUNCTION sky.latitude(sky.region) IS 'Latitude in degrees of a point (or of a circle''s centre)';

-- Area in steradians of a polygon: the sum of its fan triangles, signed by their winding (Eriksson's formula).
CREATE FUNCTION sky.polygon_area(r float8[], o integer, n integer) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    total float8 := 0;
    x CONSTANT float8 := r[o + 7];
    y CONSTANT float8 := r[o + 8];
    z CONSTANT float8 := r[o + 9];
    vx float8;
    vy float8;
    vz float8;
    cx float8;
    cy float8;
    cz float8;
BEGIN
    IF r[o + 5] >= 2 THEN
        total := sky.left_area(r, o, n);
        RETURN least(total, 4 * pi() - total);
    END IF;
    FOR k IN o + 10 .. o + 1 + 3 * n BY 3 LOOP
        vx := r[k] - x;
        vy := r[k + 1] - y;
        vz := r[k + 2] - z;
        cx := r[k + 3] - x;
        cy := r[k + 4] - y;
        cz := r[k + 5] - z;
        total := total + 2 * atan2(
            x * (vy * cz - vz * cy) + y * (vz * cx - vx * cz) + z * (vx * cy - vy * cx),
            1 + x * (r[k] + r[k + 3]) + y * (r[k + 1] + r[k + 4]) + z * (r[k + 2] + r[k + 5])
            + r[k] * r[k + 3] + r[k + 1] * r[k + 4] + r[k + 2] * r[k + 5]);
    END LOOP;
    RETURN abs(total);
END
$$;

CREATE FUNCTION sky.area(region sky.region) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    o integer := 0;
    n integer;
    total float8 := 0;
BEGIN
    WHILE o < array_length(region, 1) LOOP
        n := region[o + 1];
        total := total + CASE n WHEN 1 THEN 0 WHEN 2 THEN 4 * pi() * sin(radians(region[o + 6] / 2)) ^ 2
                                ELSE sky.polygon_area(region, o, n) END;
        o := o + CASE WHEN n < 3 THEN 8 ELSE 6 + 5 * n END;
    END LOOP;
    RETURN degrees(degrees(total));
END
$$;

COMMENT ON FUNCTION sky.area(sky.region) IS 'Area in square degrees; of a union the sum of its shapes, so that what overlaps counts twice';

-- The direction of the mean of a region's points. For a polygon this is a sum over its edges: normal times length / 2.
CREATE FUNCTION sky.centroid(region sky.region) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    o integer := 0;
    n integer;
    p integer;
    sx float8 := 0;
    sy float8 := 0;
    sz float8 := 0;
    x float8;
    y float8;
    z float8;
    tx float8;
    ty float8;
    tz float8;
    dx float8;
    dy float8;
    dz float8;
    size float8;
    weight float8;
    lon float8;
BEGIN
    WHILE o < array_length(region, 1) LOOP
        n := region[o + 1];
        IF n < 3 THEN
            IF o = 0 AND array_length(region, 1) = 8 THEN
                RETURN sky.point_region(region[7], region[8]);
            END IF;
            weight := CASE n WHEN 2 THEN pi() * sin(radians(region[o + 6])) ^ 2 ELSE 0 END;
            sx := sx + weight * region[o + 2];
            sy := sy + weight * region[o + 3];
            sz := sz + weight * region[o + 4];
            o := o + 8;
        ELSE
            tx := 0;
            ty := 0;
            tz := 0;
            p := o + 4 + 3 * n;
            FOR k IN o + 7 .. o + 4 + 3 * n BY 3 LOOP
                dx := region[k] - region[p];
                dy := region[k + 1] - region[p + 1];
                dz := region[k + 2] - region[p + 2];
                x := region[p + 1] * dz - region[p + 2] * dy;
                y := region[p + 2] * dx - region[p] * dz;
                z := region[p] * dy - region[p + 1] * dx;
                size := sqrt(x * x + y * y + z * z);
                weight := asin(least(1, sqrt(dx * dx + dy * dy + dz * dz) / 2)) / size;
                tx := tx + weight * x;
                ty := ty + weight * y;
                tz := tz + weight * z;
                p := k;
            END LOOP;
            IF (CASE WHEN region[o + 5] < 2 THEN tx * region[o + 2] + ty * region[o + 3] + tz * region[o + 4] < 0
                    ELSE sky.left_area(region, o, n) > 2 * pi() - 1e-9 END) THEN
                tx := -tx;
                ty := -ty;
                tz := -tz;
            END IF;
            sx := sx + tx;
            sy := sy + ty;
            sz := sz + tz;
            o := o + 6 + 5 * n;
        END IF;
    END LOOP;
    IF sx * sx + sy * sy + sz * sz < 1e-40 THEN
        -- Nothing but points and lines: the middle of their centres.
        o := 0;
        WHILE o < array_length(region, 1) LOOP
            sx := sx + region[o + 2];
            sy := sy + region[o + 3];
            sz := sz + region[o + 4];
            o := o + CASE WHEN region[o + 1] < 3 THEN 8 ELSE 6 + 5 * region[o + 1] END;
        END LOOP;
    END IF;
    lon := degrees(atan2(sy, sx));
    RETURN sky.point_region(CASE WHEN lon < 0 THEN lon + 360 ELSE lon END, degrees(atan2(sz, sqrt(sx * sx + sy * sy))));
END
$$;


-- Text ---------------------------------------------------------------------------------------------------------------

-- The shapes of a region one after the other: a label each, then the numbers.
CREATE FUNCTION sky.written(region float8[], labels text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    o integer := 0;
    n integer;
    shapes text[] := '{}';
BEGIN
    WHILE o < array_length(region, 1) LOOP
        n := region[o + 1];
        shapes := shapes || (labels[least(n, 3)] || array_to_string(
            CASE WHEN n < 3 THEN region[o + 7 : o + 8] ELSE region[o + 7 + 3 * n : o + 6 + 5 * n] END
            || CASE WHEN n = 2 THEN ARRAY[region[o + 6]]
                    WHEN n = 1 AND labels[1] = 'circle ' THEN ARRAY[0]::float8[] END, ' '));
        o := o + CASE WHEN n < 3 THEN 8 ELSE 6 + 5 * n END;
    END LOOP;
    RETURN array_to_string(shapes, ' ');
END
$$;

CREATE FUNCTION sky.text(region sky.region) RETURNS text
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN sky.written(region, ARRAY['Position ICRS ', 'Circle ICRS ', 'Polygon ICRS ']);

COMMENT ON FUNCTION sky.text(sky.region) IS 'STC-S text; the shapes of a union follow one another';

CREATE FUNCTION sky.dali(region sky.region) RETURNS text
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN CASE WHEN array_length(region, 1) = CASE WHEN region[1] < 3 THEN 8 ELSE 6 + 5 * region[1] END
                THEN sky.written(region, ARRAY['', '', ''])
                ELSE sky.written(region, ARRAY['circle ', 'circle ', 'polygon ']) END;

COMMENT ON FUNCTION sky.dali(sky.region) IS 'DALI literal: point, circle or polygon; of a union a multishape, where a point is a circle of radius 0';

-- One shape by its label and numbers; null for an unknown label.
CREATE FUNCTION sky.shape(label text, numbers float8[]) RETURNS float8[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    given CONSTANT integer := coalesce(array_length(numbers, 1), 0);
    needed CONSTANT integer := CASE label WHEN 'POINT' THEN 2 WHEN 'POSITION' THEN 2 WHEN 'CIRCLE' THEN 3 WHEN 'BOX' THEN 4 END;
BEGIN
    IF given <> needed THEN
        RAISE EXCEPTION 'A % takes % numbers, not %.', lower(label), needed, given USING ERRCODE = '22023';
    END IF;
    RETURN CASE label
        WHEN 'CIRCLE' THEN sky.circle(numbers[1], numbers[2], numbers[3])
        WHEN 'POLYGON' THEN sky.polygon(numbers)
        WHEN 'BOX' THEN sky.box(numbers[1], numbers[2], numbers[3], numbers[4])
        ELSE CASE WHEN needed = 2 THEN sky.point_region(numbers[1], numbers[2]) END
    END;
END
$$;

-- Reads STC-S (Position, Circle, Polygon, Box, Union; STC-S 1.33) and DALI shapes (bare numbers or lower-case labels), any
-- case, several shapes one after another. Anything but ICRS coordinates in degrees is refused.
CREATE FUNCTION sky.region(text) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 1000
AS $$
DECLARE
    words CONSTANT text[] := regexp_split_to_array(btrim(upper($1), E' ,()\t\r\n'), '[\s,()]+');
    size CONSTANT integer := array_length(words, 1);
    known CONSTANT text := 'Known are POINT, CIRCLE, POLYGON, BOX and UNION, each followed by numbers in degrees, such as: Circle ICRS 10.5 -3 0.2';
    w integer := 1;
    label text;
    numbers float8[];
    shape float8[];
    shapes float8[] := '{}';
BEGIN
    LOOP
        label := NULL;
        IF words[w] ~ '^[A-Z]' AND words[w] !~ '^(NAN|INF|INFINITY)$' THEN
            label := words[w];
            w := w + 1;
            WHILE words[w] ~ '^(ICRS|FK5|J2000|UNKNOWNFRAME|UNKNOWNREFPOS|BARYCENTER|GEOCENTER|HELIOCENTER|TOPOCENTER|SPHERICAL2)$' LOOP
                w := w + 1;
            END LOOP;
            CONTINUE WHEN label = 'UNION' AND w <= size;
            IF words[w] ~ '^[A-Z]' AND label IN ('POINT', 'POSITION', 'CIRCLE', 'POLYGON', 'BOX') THEN
                RAISE EXCEPTION 'The region has "%" where numbers or a reference frame should be.', words[w]
                    USING ERRCODE = '22023', HINT = 'Coordinates must be ICRS (J2000) in degrees.';
            END IF;
        END IF;
        numbers := '{}';
        WHILE words[w] ~ '^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)(E[-+]?[0-9]{1,3})?$' LOOP
            numbers := numbers || words[w]::float8;
            w := w + 1;
        END LOOP;
        IF w <= size AND words[w] !~ '^[A-Z]' OR words[w] ~ '^(NAN|INF|INFINITY)$' THEN
            RAISE EXCEPTION 'The region has "%" where a number should be.', words[w] USING ERRCODE = '22023', HINT = known;
        END IF;
        shape := sky.shape(coalesce(label, CASE coalesce(array_length(numbers, 1), 0) WHEN 2 THEN 'POINT' WHEN 3 THEN 'CIRCLE' ELSE 'POLYGON' END), numbers);
        IF shape IS NULL THEN
            RAISE EXCEPTION 'The region has "%", which is no shape.', label USING ERRCODE = '22023', HINT = known;
        END IF;
        shapes := shapes || shape;
        EXIT WHEN w > size;
    END LOOP;
    RETURN shapes;
END
$$;
