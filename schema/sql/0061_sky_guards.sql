-- One bad row of a table must neither end a query nor be found everywhere: what is no position and no shape is null, and
-- so no condition on it is true. No position has a coordinate that is NaN or infinite, or a latitude beyond 90 degrees.
-- No shape has a negative radius, fewer than three different vertices, an edge between opposite points, or a text that
-- cannot be read. (To contrib "cube" NaN is equal to everything.)
--
-- What a query spells out, and what is loaded, is checked before it comes here, and refused with the reason.

-- Positions ----------------------------------------------------------------------------------------------------------

-- Of positions the values are those of before, so that indexes remain as they are. Not STRICT, since PostgreSQL puts the
-- body of a strict function in place of its call only where nothing in that, such as CASE, can make a value of null.
CREATE OR REPLACE FUNCTION sky.point(lon float8, lat float8) RETURNS public.cube
    IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN abs(lon) < 1e300 AND abs(lat) <= 90 THEN public.cube(public.cube(public.cube(
        cos(radians(lat)) * cos(radians(lon))), cos(radians(lat)) * sin(radians(lon))), sin(radians(lat))) END;

CREATE OR REPLACE FUNCTION sky.distance(lon1 float8, lat1 float8, lon2 float8, lat2 float8) RETURNS float8
    IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN abs(lon1) < 1e300 AND abs(lat1) <= 90 AND abs(lon2) < 1e300 AND abs(lat2) <= 90 THEN degrees(atan2(
        sqrt((cos(radians(lat2)) * sin(radians(lon2 - lon1))) ^ 2
             + (cos(radians(lat1)) * sin(radians(lat2))
                - sin(radians(lat1)) * cos(radians(lat2)) * cos(radians(lon2 - lon1))) ^ 2),
        sin(radians(lat1)) * sin(radians(lat2)) + cos(radians(lat1)) * cos(radians(lat2)) * cos(radians(lon2 - lon1)))) END;

CREATE OR REPLACE FUNCTION sky.contains_point(lon float8, lat float8, "outer" sky.region) RETURNS boolean
    IMMUTABLE PARALLEL SAFE COST 200
    RETURN CASE WHEN abs(lon) < 1e300 AND abs(lat) <= 90 THEN sky.holds(
        "outer", cos(radians(lat)) * cos(radians(lon)), cos(radians(lat)) * sin(radians(lon)), sin(radians(lat))) END;

-- Any distance is less than one of more than 180 degrees.
CREATE OR REPLACE FUNCTION sky.chord(radius float8) RETURNS float8
    IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN radius >= 0 AND radius < 'Infinity' THEN 2 * sin(radians(least(radius, 180) / 2)) + 1e-12 END;


-- Making regions -----------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION sky.point_region(lon float8, lat float8) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
    IF NOT (abs(lon) < 1e300 AND abs(lat) <= 90) THEN
        RETURN NULL;
    END IF;
    RETURN ARRAY[1, cos(radians(lat)) * cos(radians(lon)), cos(radians(lat)) * sin(radians(lon)), sin(radians(lat)), 0, 0, lon, lat];
END
$$;

CREATE OR REPLACE FUNCTION sky.circle(lon float8, lat float8, radius float8) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
    IF NOT (abs(lon) < 1e300 AND abs(lat) <= 90 AND radius BETWEEN 0 AND 180) THEN
        RETURN NULL;
    END IF;
    RETURN ARRAY[2, cos(radians(lat)) * cos(radians(lon)), cos(radians(lat)) * sin(radians(lon)), sin(radians(lat)),
                 sky.chord(radius), radius, lon, lat];
END
$$;

CREATE OR REPLACE FUNCTION sky.polygon(lonlat float8[]) RETURNS sky.region
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
        RETURN NULL;
    END IF;
    FOR i IN 1 .. count BY 2 LOOP
        IF (abs(lonlat[i]) < 1e300 AND abs(lonlat[i + 1]) <= 90) IS NOT TRUE THEN
            RETURN NULL;
        END IF;
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
        RETURN NULL;
    END IF;
    FOR i IN 1 .. n LOOP
        k := 3 * i - 2;
        x := vectors[k];
        y := vectors[k + 1];
        z := vectors[k + 2];
        IF (x + px) * (x + px) + (y + py) * (y + py) + (z + pz) * (z + pz) < 1e-20 THEN
            -- An edge between opposite points: its course is undefined.
            RETURN NULL;
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

CREATE OR REPLACE FUNCTION sky.box(lon float8, lat float8, width float8, height float8) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    u float8;
    v float8;
    x float8;
    y float8;
    corners float8[] := '{}';
BEGIN
    IF NOT (abs(lon) < 1e300 AND abs(lat) <= 90 AND width > 0 AND width < 180 AND height > 0 AND height < 180) THEN
        RETURN NULL;
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


-- Text ---------------------------------------------------------------------------------------------------------------

-- One shape by its label and numbers; null for an unknown label.
CREATE OR REPLACE FUNCTION sky.shape(label text, numbers float8[]) RETURNS float8[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    given CONSTANT integer := coalesce(array_length(numbers, 1), 0);
    needed CONSTANT integer := CASE label WHEN 'POINT' THEN 2 WHEN 'POSITION' THEN 2 WHEN 'CIRCLE' THEN 3 WHEN 'BOX' THEN 4 END;
BEGIN
    IF given <> needed THEN
        RETURN NULL;
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
-- case, several shapes one after another. Anything but ICRS coordinates in degrees is null.
CREATE OR REPLACE FUNCTION sky.region(text) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 1000
AS $$
DECLARE
    words CONSTANT text[] := regexp_split_to_array(btrim(upper($1), E' ,()\t\r\n'), '[\s,()]+');
    size CONSTANT integer := array_length(words, 1);
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
                RETURN NULL;
            END IF;
        END IF;
        numbers := '{}';
        WHILE words[w] ~ '^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)(E[-+]?[0-9]{1,3})?$' LOOP
            IF NOT pg_input_is_valid(words[w], 'float8') THEN
                RETURN NULL;
            END IF;
            numbers := numbers || words[w]::float8;
            w := w + 1;
        END LOOP;
        IF w <= size AND words[w] !~ '^[A-Z]' OR words[w] ~ '^(NAN|INF|INFINITY)$' THEN
            RETURN NULL;
        END IF;
        shape := sky.shape(coalesce(label, CASE coalesce(array_length(numbers, 1), 0) WHEN 2 THEN 'POINT' WHEN 3 THEN 'CIRCLE' ELSE 'POLYGON' END), numbers);
        IF shape IS NULL THEN
            RETURN NULL;
        END IF;
        shapes := shapes || shape;
        EXIT WHEN w > size;
    END LOOP;
    RETURN shapes;
END
$$;

DROP FUNCTION sky.check_position(float8, float8);


-- Measures -----------------------------------------------------------------------------------------------------------

-- The sine of an edge of almost 180 degrees was taken from its chord, and rounded to 0 there, by which it divides.
CREATE OR REPLACE FUNCTION sky.outline_chord2(r float8[], o integer, n integer, x float8, y float8, z float8) RETURNS float8
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
                           / (e2 * ((ux + vx + 2 * x) ^ 2 + (uy + vy + 2 * y) ^ 2 + (uz + vz + 2 * z) ^ 2) / 4));
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
