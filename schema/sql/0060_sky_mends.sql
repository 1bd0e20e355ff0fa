-- Answers that brute force (tests/sky) found wrong.
--
-- 1. The box about a circle of less than some milliarcseconds was too small, so that an index lost what lies near its
--    edge: half its side was the root of 1 - cosine^2.
-- 2. A circle of 180 degrees, which is the whole sky, did not contain regions that hold the position opposite its centre.
-- 3. A polygon beyond a hemisphere with a vertex opposite the first one took its outside for its inside, or neither for
--    it, as rounding had it. Such are the corners of a hemisphere on the equator.

-- Positive where c lies to the left of the great circle from a to b.
CREATE FUNCTION sky.turn(a float8[], b float8[], c float8[]) RETURNS float8
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN a[1] * ((b[2] - a[2]) * (c[3] - a[3]) - (b[3] - a[3]) * (c[2] - a[2]))
         + a[2] * ((b[3] - a[3]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[3] - a[3]))
         + a[3] * ((b[1] - a[1]) * (c[2] - a[2]) - (b[2] - a[2]) * (c[1] - a[1]));

-- Whether the arc from a to b crosses that from c to d.
CREATE FUNCTION sky.arcs_cross(a float8[], b float8[], c float8[], d float8[]) RETURNS boolean
    IMMUTABLE PARALLEL SAFE STRICT COST 100
    RETURN (sky.turn(a, b, c) > 0) = (sky.turn(c, d, b) > 0)
       AND (sky.turn(a, b, d) > 0) = (sky.turn(c, d, a) > 0)
       AND (sky.turn(a, b, c) > 0) <> (sky.turn(a, b, d) > 0);

-- Whether a polygon that does not fit into a hemisphere about its centre (n vertices, its record after offset o) holds a
-- unit vector that lies on no edge. In fan triangles (see sky.polygon_holds) it has no meaning if a vertex lies opposite
-- the first one. So edges are counted on a way to the left of the longest one, by a station far from it: an even number
-- means that the position is to the left of the outline. Which side is the inside: see sky.large_parity.
CREATE FUNCTION sky.large_polygon_holds(r float8[], o integer, n integer, x float8, y float8, z float8) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 1000
AS $$
DECLARE
    here CONSTANT float8[] := ARRAY[x, y, z];
    before float8[] := r[o + 4 + 3 * n : o + 6 + 3 * n];
    after float8[];
    p float8[];
    q float8[];
    goal float8[];
    station float8[];
    length float8;
    longest float8 := 0;
    is_left boolean := true;
BEGIN
    FOR k IN o + 7 .. o + 4 + 3 * n BY 3 LOOP
        after := r[k : k + 2];
        length := (after[1] - before[1]) ^ 2 + (after[2] - before[2]) ^ 2 + (after[3] - before[3]) ^ 2;
        IF length > longest THEN
            longest := length;
            p := before;
            q := after;
        END IF;
        before := after;
    END LOOP;
    -- Fractions that no shape is likely to share, so that the way meets no vertex.
    goal := ARRAY[0.613 * p[1] + 0.387 * q[1], 0.613 * p[2] + 0.387 * q[2], 0.613 * p[3] + 0.387 * q[3]];
    length := sqrt(goal[1] ^ 2 + goal[2] ^ 2 + goal[3] ^ 2);
    goal := ARRAY[goal[1] / length, goal[2] / length, goal[3] / length];
    station := ARRAY[p[2] * q[3] - p[3] * q[2], p[3] * q[1] - p[1] * q[3], p[1] * q[2] - p[2] * q[1]];
    length := sqrt(station[1] ^ 2 + station[2] ^ 2 + station[3] ^ 2);
    station := ARRAY[station[1] / length + 0.3 * goal[1], station[2] / length + 0.3 * goal[2], station[3] / length + 0.3 * goal[3]];
    length := sqrt(station[1] ^ 2 + station[2] ^ 2 + station[3] ^ 2);
    station := ARRAY[station[1] / length, station[2] / length, station[3] / length];
    before := r[o + 4 + 3 * n : o + 6 + 3 * n];
    FOR k IN o + 7 .. o + 4 + 3 * n BY 3 LOOP
        after := r[k : k + 2];
        IF sky.arcs_cross(here, station, before, after) THEN
            is_left := NOT is_left;
        END IF;
        IF before <> p AND sky.arcs_cross(station, goal, before, after) THEN
            is_left := NOT is_left;
        END IF;
        before := after;
    END LOOP;
    RETURN is_left = (sky.left_area(r, o, n) < 2 * pi() - 1e-9);
END
$$;

CREATE OR REPLACE FUNCTION sky.polygon_holds(r float8[], o integer, n integer, x float8, y float8, z float8) RETURNS boolean
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
    RETURN CASE WHEN r[o + 5] >= 2 THEN sky.large_polygon_holds(r, o, n, x, y, z) ELSE inside END;
END
$$;

CREATE OR REPLACE FUNCTION sky.large_parity(r float8[], n integer) RETURNS integer
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
    -- [6] is no longer read of such polygons, and still what the loader writes: it counts fan triangles.
    r[5] := 0;
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

CREATE OR REPLACE FUNCTION sky.shape_covers(b float8[], j integer, a float8[], i integer) RETURNS boolean
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
    IF nb = 2 AND b[j + 6] = 180 THEN
        RETURN true;
    ELSIF na < 3 THEN
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

CREATE OR REPLACE FUNCTION sky.bounds(region sky.region) RETURNS public.cube
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
            -- The extremes of a cap on an axis: its centre there, turned by the cap's radius; the axis itself if the cap holds
            -- it. Sines come from chords and from the other coordinates: 1 - cosine^2 has no digits left for small angles.
            c := 1 - least(region[o + 5] * region[o + 5], 4) / 2;
            s := region[o + 5] * sqrt(greatest(1 - region[o + 5] * region[o + 5] / 4, 0));
            x := region[o + 2];
            y := region[o + 3];
            z := region[o + 4];
            lx := least(lx, CASE WHEN -x >= c THEN -1 ELSE x * c - s * sqrt(y * y + z * z) - 1e-12 END);
            ly := least(ly, CASE WHEN -y >= c THEN -1 ELSE y * c - s * sqrt(x * x + z * z) - 1e-12 END);
            lz := least(lz, CASE WHEN -z >= c THEN -1 ELSE z * c - s * sqrt(x * x + y * y) - 1e-12 END);
            hx := greatest(hx, CASE WHEN x >= c THEN 1 ELSE x * c + s * sqrt(y * y + z * z) + 1e-12 END);
            hy := greatest(hy, CASE WHEN y >= c THEN 1 ELSE y * c + s * sqrt(x * x + z * z) + 1e-12 END);
            hz := greatest(hz, CASE WHEN z >= c THEN 1 ELSE z * c + s * sqrt(x * x + y * y) + 1e-12 END);
            o := o + CASE WHEN n < 3 THEN 8 ELSE 6 + 5 * n END;
        END IF;
    END LOOP;
    RETURN public.cube(ARRAY[lx, ly, lz], ARRAY[hx, hy, hz]);
END
$$;

-- Indexes hold the boxes of the function as it was.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT format('%I.%I', schemaname, indexname) FROM pg_indexes WHERE indexdef LIKE '%sky.bounds(%' LOOP
        EXECUTE 'REINDEX INDEX ' || name;
    END LOOP;
END
$$;
