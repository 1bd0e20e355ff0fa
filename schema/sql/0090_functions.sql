-- The user defined functions of ADQL that stock PostgreSQL does not have: the IVOA's catalogue (EN 1.2).
-- A stored value that makes no sense gives null; an argument that is a query's own fault ends the query with words.

-- HEALPix (Gorski et al. 2005), nested scheme. A position is found by its base pixel ("face") and x, y within it, both
-- from 0 to 1, x to the north-east, y to the north-west.

CREATE FUNCTION sky.check_order(hpx_order integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
    IF hpx_order NOT BETWEEN 0 AND 29 THEN
        RAISE EXCEPTION 'A HEALPix order must lie between 0 and 29, not at %.', hpx_order USING ERRCODE = '22023';
    END IF;
END
$$;

-- A zero bit before each of the lower 29 bits of a number, so that those of two numbers can be woven.
CREATE FUNCTION sky.spread_bits(number bigint) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
    number := (number | (number << 16)) & 281470681808895;
    number := (number | (number << 8)) & 71777214294589695;
    number := (number | (number << 4)) & 1085102592571150095;
    number := (number | (number << 2)) & 3689348814741910323;
    RETURN (number | (number << 1)) & 6148914691236517205;
END
$$;

CREATE FUNCTION sky.gather_bits(number bigint) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
    number := number & 6148914691236517205;
    number := (number | (number >> 1)) & 3689348814741910323;
    number := (number | (number >> 2)) & 1085102592571150095;
    number := (number | (number >> 4)) & 71777214294589695;
    number := (number | (number >> 8)) & 281470681808895;
    RETURN (number | (number >> 16)) & 4294967295;
END
$$;

CREATE FUNCTION sky.healpix_index(hpx_order integer, lon float8, lat float8) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 50
AS $$
DECLARE
    side CONSTANT bigint := 1::bigint << hpx_order;
    z float8;
    turn float8;
    quarter integer;
    part float8;
    reach float8;
    rising bigint;
    falling bigint;
    face bigint;
    x bigint;
    y bigint;
BEGIN
    PERFORM sky.check_order(hpx_order);
    IF NOT (abs(lon) < 'Infinity' AND lat BETWEEN -90 AND 90) THEN
        RETURN NULL;
    END IF;
    z := sin(radians(lat));
    turn := lon / 90 - 4 * floor(lon / 360);
    IF abs(z) <= 2.0 / 3 THEN
        rising := floor(side * (0.5 + turn) - side * z * 0.75);
        falling := floor(side * (0.5 + turn) + side * z * 0.75);
        face := CASE WHEN rising >> hpx_order = falling >> hpx_order THEN ((rising >> hpx_order) & 3) | 4
                     WHEN rising >> hpx_order < falling >> hpx_order THEN (rising >> hpx_order) & 3
                     ELSE ((falling >> hpx_order) & 3) + 8 END;
        x := falling & (side - 1);
        y := side - (rising & (side - 1)) - 1;
    ELSE
        quarter := least(3, floor(turn));
        part := turn - quarter;
        -- Towards the poles the sine loses digits that the cosine keeps.
        reach := side * CASE WHEN abs(z) < 0.99 THEN sqrt(3 * (1 - abs(z)))
                             ELSE cos(radians(lat)) / sqrt((1 + abs(z)) / 3) END;
        rising := least(floor(part * reach)::bigint, side - 1);
        falling := least(floor((1 - part) * reach)::bigint, side - 1);
        IF z > 0 THEN
            face := quarter;
            x := side - falling - 1;
            y := side - rising - 1;
        ELSE
            face := quarter + 8;
            x := rising;
            y := falling;
        END IF;
    END IF;
    RETURN (face << (2 * hpx_order)) | sky.spread_bits(x) | (sky.spread_bits(y) << 1);
END
$$;

COMMENT ON FUNCTION sky.healpix_index(integer, float8, float8) IS 'HEALPix pixel (nested) of a position in degrees; null for a position that is none';

CREATE FUNCTION sky.healpix_place(face integer, x float8, y float8, OUT lon float8, OUT lat float8)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    ring CONSTANT float8 := (ARRAY[2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4])[face + 1] - x - y;
    part float8 := 1;
    turn float8;
    rest float8;
BEGIN
    IF ring < 1 OR ring > 3 THEN
        part := CASE WHEN ring < 1 THEN ring ELSE 4 - ring END;
        rest := part * part / 3;
        lat := degrees(atan2(1 - rest, sqrt(greatest(rest * (2 - rest), 0))));
        IF ring > 3 THEN
            lat := - lat;
        END IF;
    ELSE
        lat := degrees(asin((2 - ring) * 2 / 3));
    END IF;
    turn := (ARRAY[1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7])[face + 1] * part + x - y;
    turn := turn - 8 * floor(turn / 8);
    lon := CASE WHEN part < 1e-15 THEN 0 ELSE turn * 45 / part END;
END
$$;

CREATE FUNCTION sky.healpix_center(hpx_order integer, pixel bigint) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    side CONSTANT float8 := 1::bigint << hpx_order;
    place record;
BEGIN
    PERFORM sky.check_order(hpx_order);
    IF pixel NOT BETWEEN 0 AND (12::bigint << (2 * hpx_order)) - 1 THEN
        RETURN NULL;
    END IF;
    place := sky.healpix_place((pixel >> (2 * hpx_order))::integer,
        ((sky.gather_bits(pixel) & (1::bigint << hpx_order) - 1) + 0.5) / side,
        ((sky.gather_bits(pixel >> 1) & (1::bigint << hpx_order) - 1) + 0.5) / side);
    RETURN sky.point_region(place.lon, place.lat);
END
$$;

COMMENT ON FUNCTION sky.healpix_center(integer, bigint) IS 'The middle of a HEALPix pixel (nested); null for a number that no pixel has';


-- Frames and motions -----------------------------------------------------------------------------------------------

-- The matrix that turns ICRS to a frame, row by row. FK4 is that of B1950 without the terms of elliptic aberration, which are
-- no rotation; ECLIPTIC is the mean ecliptic of J2000.
CREATE FUNCTION sky.rotation(frame text) RETURNS float8[]
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN CASE frame
        WHEN 'ICRS' THEN ARRAY[1, 0, 0, 0, 1, 0, 0, 0, 1]::float8[]
        WHEN 'GALACTIC' THEN ARRAY[
            -0.05487565771259168, -0.8734370519556163, -0.4838350736167155,
            0.4941094371927275, -0.44482972122329517, 0.7469821839866676,
            -0.8676661375596587, -0.19807633727300067, 0.4559838136873016]::float8[]
        WHEN 'FK5' THEN ARRAY[
            0.9999999999999928, -1.1102233282139344e-07, -4.4118044877913306e-08,
            1.1102233723050045e-07, 0.9999999999999891, 9.647792236864428e-08,
            4.41180342697633e-08, -9.64779275195813e-08, 0.9999999999999943]::float8[]
        WHEN 'FK4' THEN ARRAY[
            0.9999256809514503, 0.011181371753884863, 0.0048589607407389735,
            -0.011181372203850029, 0.9999374861373453, -2.707332853597031e-05,
            -0.004858959705285428, -2.7258532094298532e-05, 0.9999881948140962]::float8[]
        WHEN 'ECLIPTIC' THEN ARRAY[
            0.9999999999999942, -7.078368958079222e-08, 8.056213983565801e-08,
            3.2897004077419646e-08, 0.9174821299149585, 0.3977769994440478,
            -1.0207044725484357e-07, -0.39777699944404304, 0.9174821299149556]::float8[]
    END;

CREATE FUNCTION sky.turned(matrix float8[], backwards boolean, lon float8, lat float8, OUT to_lon float8, OUT to_lat float8)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    x CONSTANT float8 := cos(radians(lat)) * cos(radians(lon));
    y CONSTANT float8 := cos(radians(lat)) * sin(radians(lon));
    z CONSTANT float8 := sin(radians(lat));
    along CONSTANT integer := CASE WHEN backwards THEN 3 ELSE 1 END;
    across CONSTANT integer := CASE WHEN backwards THEN 1 ELSE 3 END;
    a CONSTANT float8 := matrix[1] * x + matrix[1 + along] * y + matrix[1 + 2 * along] * z;
    b CONSTANT float8 := matrix[1 + across] * x + matrix[1 + across + along] * y + matrix[1 + across + 2 * along] * z;
    c CONSTANT float8 := matrix[1 + 2 * across] * x + matrix[1 + 2 * across + along] * y + matrix[1 + 2 * across + 2 * along] * z;
BEGIN
    to_lon := degrees(atan2(b, a));
    to_lon := CASE WHEN to_lon < 0 THEN to_lon + 360 ELSE to_lon END;
    to_lat := degrees(atan2(c, sqrt(a * a + b * b)));
END
$$;

CREATE FUNCTION sky.transform(source text, target text, region sky.region) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 200
AS $$
DECLARE
    from_source CONSTANT float8[] := sky.rotation(source);
    to_target CONSTANT float8[] := sky.rotation(target);
    place record;
    places float8[];
    turned float8[] := '{}';
    o integer := 0;
    n integer;
    first integer;
BEGIN
    IF from_source IS NULL OR to_target IS NULL THEN
        RAISE EXCEPTION 'The frame % is not known here.', CASE WHEN from_source IS NULL THEN source ELSE target END
            USING ERRCODE = '22023', HINT = 'Known are ICRS, GALACTIC, FK5, FK4, ECLIPTIC.';
    END IF;
    WHILE o < array_length(region, 1) LOOP
        n := region[o + 1];
        first := CASE WHEN n < 3 THEN o + 7 ELSE o + 7 + 3 * n END;
        places := '{}';
        FOR k IN first .. first + CASE WHEN n < 3 THEN 0 ELSE 2 * n - 2 END BY 2 LOOP
            place := sky.turned(from_source, true, region[k], region[k + 1]);
            place := sky.turned(to_target, false, place.to_lon, place.to_lat);
            places := places || ARRAY[place.to_lon, place.to_lat];
        END LOOP;
        turned := turned || CASE n WHEN 1 THEN sky.point_region(places[1], places[2])::float8[]
                                   WHEN 2 THEN sky.circle(places[1], places[2], region[o + 6])::float8[]
                                   ELSE sky.polygon(places)::float8[] END;
        o := o + CASE WHEN n < 3 THEN 8 ELSE 6 + 5 * n END;
    END LOOP;
    RETURN turned;
END
$$;

COMMENT ON FUNCTION sky.transform(text, text, sky.region) IS 'A region with its coordinates in another frame';

-- Straight motion in space, without relativity (as SOFA's and the Hipparcos catalogue's formulae have it). Without a
-- parallax a star is infinitely far, and its radial velocity does not matter.
CREATE FUNCTION sky.epoch_position(
    lon float8, lat float8, parallax float8, pmra float8, pmdec float8, radial_velocity float8,
    ref_epoch float8, out_epoch float8
) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    mas CONSTANT float8 := radians(1 / 3600000.0);
    years CONSTANT float8 := out_epoch - ref_epoch;
    kilometres_per_second CONSTANT float8 := 4.740470463533349;  -- of an astronomical unit in a Julian year
    away CONSTANT float8 := 1 + years * coalesce(radial_velocity * parallax, 0) * mas / kilometres_per_second;
    east CONSTANT float8 := years * coalesce(pmra, 0) * mas;
    north CONSTANT float8 := years * coalesce(pmdec, 0) * mas;
    a CONSTANT float8 := radians(lon);
    d CONSTANT float8 := radians(lat);
    x CONSTANT float8 := away * cos(d) * cos(a) - east * sin(a) - north * sin(d) * cos(a);
    y CONSTANT float8 := away * cos(d) * sin(a) + east * cos(a) - north * sin(d) * sin(a);
    z CONSTANT float8 := away * sin(d) + north * cos(d);
    to_lon float8;
BEGIN
    IF lon IS NULL OR lat IS NULL OR ref_epoch IS NULL OR out_epoch IS NULL THEN
        RAISE EXCEPTION 'ivo_epoch_prop_pos needs ra, dec, ref_epoch and out_epoch; one of them is NULL.'
            USING ERRCODE = '22004', HINT = 'Ask only for rows that have them: … IS NOT NULL';
    END IF;
    to_lon := degrees(atan2(y, x));
    RETURN sky.point_region(CASE WHEN to_lon < 0 THEN to_lon + 360 ELSE to_lon END, degrees(atan2(z, sqrt(x * x + y * y))));
END
$$;


-- Times --------------------------------------------------------------------------------------------------------------

CREATE FUNCTION sky.julian_date(instant timestamp) RETURNS float8
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN date_part('epoch', instant) / 86400 + 2440587.5;

CREATE FUNCTION sky.modified_julian_date(instant timestamp) RETURNS float8
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN date_part('epoch', instant) / 86400 + 40587;


-- Texts --------------------------------------------------------------------------------------------------------------

CREATE FUNCTION sky.matches_ignoring_case(value text, pattern text) RETURNS integer
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN (value ILIKE pattern ESCAPE '')::integer;

CREATE FUNCTION sky.has_word(haystack text, needle text) RETURNS integer
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN (to_tsvector('pg_catalog.simple'::regconfig, haystack)
            @@ plainto_tsquery('pg_catalog.simple'::regconfig, needle))::integer;

CREATE FUNCTION sky.hashlist_has(hashlist text, item text) RETURNS integer
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN (lower(item) = ANY (string_to_array(lower(hashlist), '#')))::integer;

-- A sign, then three numbers with these marks after them, or with colons between them, or run together.
CREATE FUNCTION sky.degrees_of_marked(value text, marks text) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    parts text[] := coalesce(
        regexp_match(value, '^\s*([-+]?)([0-9]{1,3}):([0-9]{1,2}):([0-9]{1,2}(?:\.[0-9]*)?)\s*$'),
        regexp_match(value, '^\s*([-+]?)([0-9]{2,3})([0-9]{2})([0-9]{2}(?:\.[0-9]*)?)\s*$'),
        regexp_match(value, format('^\s*([-+]?)([0-9]{1,3})[%s]\s*([0-9]{1,2})m\s*([0-9]{1,2}(?:\.[0-9]*)?)s\s*$', marks), 'i'));
BEGIN
    IF parts IS NULL OR parts[3]::integer >= 60 OR parts[4]::float8 >= 60 THEN
        RETURN NULL;
    END IF;
    RETURN CASE parts[1] WHEN '-' THEN -1 ELSE 1 END * (parts[2]::float8 + parts[3]::float8 / 60 + parts[4]::float8 / 3600);
END
$$;

CREATE FUNCTION sky.degrees_of_hms(value text) RETURNS float8
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN CASE WHEN abs(sky.degrees_of_marked(value, 'h')) < 24 THEN 15 * sky.degrees_of_marked(value, 'h') END;

CREATE FUNCTION sky.degrees_of_dms(value text) RETURNS float8
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN CASE WHEN abs(sky.degrees_of_marked(value, 'd')) <= 360 THEN sky.degrees_of_marked(value, 'd') END;


-- Numbers ------------------------------------------------------------------------------------------------------------

CREATE FUNCTION sky.interval_overlaps(low1 float8, high1 float8, low2 float8, high2 float8) RETURNS integer
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN (low1 <= high1 AND low2 <= high2 AND low1 <= high2 AND low2 <= high1)::integer;

CREATE FUNCTION sky.normal_random(mu float8, sigma float8) RETURNS float8
    VOLATILE STRICT
    RETURN mu + sigma * random_normal();

CREATE FUNCTION sky.counted(counts integer[], value float8, lower float8, upper float8, bins integer) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    bin integer;
BEGIN
    IF counts IS NULL THEN
        IF bins IS NULL OR bins NOT BETWEEN 1 AND 100000 THEN
            RAISE EXCEPTION 'A histogram has 1 to 100000 bins, not %.', coalesce(bins::text, 'NULL') USING ERRCODE = '22023';
        ELSIF lower IS NULL OR upper IS NULL OR NOT lower < upper OR upper - lower = 'Infinity' THEN
            RAISE EXCEPTION 'A histogram goes from a number to a larger one, not from % to %.',
                coalesce(lower::text, 'NULL'), coalesce(upper::text, 'NULL') USING ERRCODE = '22023';
        END IF;
        counts := array_fill(0, ARRAY[bins + 2]);
    END IF;
    bin := CASE WHEN value >= lower AND value < upper THEN width_bucket(value, lower, upper, bins)
                WHEN value >= upper AND value <> 'NaN' THEN bins + 1 ELSE 0 END;
    counts[bin + 1] := counts[bin + 1] + 1;
    RETURN counts;
END
$$;

CREATE AGGREGATE sky.histogram(value float8, lower float8, upper float8, bins integer) (
    SFUNC = sky.counted,
    STYPE = integer[],
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE sky.histogram(float8, float8, float8, integer) IS 'Counts of values below lower (nulls among them), in each bin, and from upper on';


-- Results ------------------------------------------------------------------------------------------------------------

CREATE FUNCTION sky.coordinates(region sky.region) RETURNS float8[]
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN CASE region[1]::integer WHEN 1 THEN region[7 : 8]::float8[]
                                   WHEN 2 THEN (region[7 : 8]::float8[] || region[6])::float8[]
                                   ELSE region[7 + 3 * region[1]::integer : 6 + 5 * region[1]::integer]::float8[] END;

COMMENT ON FUNCTION sky.coordinates(sky.region) IS 'The numbers of a point, circle or polygon as DALI writes them';
