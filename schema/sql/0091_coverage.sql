-- Coverage maps (MOC 2.0): sets of HEALPix cells of the sky. A sky.moc is a set of ranges of the pixels of order 29, so that
-- PostgreSQL's own multiranges are its union (+), its intersection (*), and the tests of overlap and membership.

CREATE DOMAIN sky.moc AS int8multirange;

COMMENT ON DOMAIN sky.moc IS 'Coverage map: ranges of HEALPix pixels of order 29, nested';

-- The pixels of order 29 in a cell.
CREATE FUNCTION sky.cell_range(hpx_order integer, pixel bigint) RETURNS int8range
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN int8range(pixel << (2 * (29 - hpx_order)), (pixel + 1) << (2 * (29 - hpx_order)));

-- Degrees from the middle of a cell to the farthest corner that any cell of the order has.
CREATE FUNCTION sky.cell_radius(hpx_order integer) RETURNS float8
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    side CONSTANT float8 := 1::bigint << hpx_order;
    corner CONSTANT float8 := 1 - (1 - 1 / side) ^ 2 / 3;
BEGIN
    RETURN 1e-9 + sky.distance(45 / side, degrees(asin(2.0 / 3)), 0, degrees(asin(corner)));
END
$$;

-- A cell's outline as a polygon. Its edges are no great circles: those of large cells get many vertices, so that what is
-- between is less than a thousandth of the cell or a few arcseconds.
CREATE FUNCTION sky.cell_polygon(hpx_order integer, pixel bigint) RETURNS sky.region
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 1000
AS $$
DECLARE
    side CONSTANT float8 := 1::bigint << hpx_order;
    face CONSTANT integer := pixel >> (2 * hpx_order);
    x CONSTANT float8 := sky.gather_bits(pixel) & (1::bigint << hpx_order) - 1;
    y CONSTANT float8 := sky.gather_bits(pixel >> 1) & (1::bigint << hpx_order) - 1;
    steps CONSTANT integer := greatest(64 >> hpx_order, 4);
    part float8;
    place record;
    places float8[] := '{}';
BEGIN
    FOR edge IN 0 .. 3 LOOP
        FOR step IN 0 .. steps - 1 LOOP
            part := step::float8 / steps;
            place := sky.healpix_place(face,
                (x + CASE edge WHEN 0 THEN part WHEN 1 THEN 1 WHEN 2 THEN 1 - part ELSE 0 END) / side,
                (y + CASE edge WHEN 0 THEN 0 WHEN 1 THEN part WHEN 2 THEN 1 ELSE 1 - part END) / side);
            places := places || ARRAY[place.lon, place.lat];
        END LOOP;
    END LOOP;
    RETURN sky.polygon(places);
END
$$;

-- The largest cells that a map consists of.
CREATE FUNCTION sky.cells(map sky.moc, OUT hpx_order integer, OUT pixel bigint) RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT ROWS 100
AS $$
DECLARE
    part int8range;
    low bigint;
BEGIN
    FOR part IN SELECT unnest(map::int8multirange) LOOP
        low := lower(part);
        WHILE low < upper(part) LOOP
            hpx_order := 0;
            WHILE low & ((1::bigint << (2 * (29 - hpx_order))) - 1) <> 0 OR low + (1::bigint << (2 * (29 - hpx_order))) > upper(part) LOOP
                hpx_order := hpx_order + 1;
            END LOOP;
            pixel := low >> (2 * (29 - hpx_order));
            RETURN NEXT;
            low := low + (1::bigint << (2 * (29 - hpx_order)));
        END LOOP;
    END LOOP;
END
$$;

CREATE FUNCTION sky.coverage(ascii text) RETURNS sky.moc
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 1000
AS $$
DECLARE
    word text;
    parts text[];
    hpx_order integer;
    low bigint;
    high bigint;
    ranges int8range[] := '{}';
BEGIN
    FOREACH word IN ARRAY regexp_split_to_array(btrim(ascii, E' \t\r\n'), '[\s,]+') LOOP
        parts := regexp_match(word, '^(?:([0-9]{1,2})/)?(?:([0-9]{1,19})(?:-([0-9]{1,19}))?)?$');
        CONTINUE WHEN word = '';
        hpx_order := coalesce(parts[1]::integer, hpx_order);
        low := parts[2]::bigint;
        high := coalesce(parts[3]::bigint, low);
        IF parts IS NULL OR hpx_order IS NULL OR hpx_order > 29 OR high >= 12::bigint << (2 * hpx_order) OR low > high THEN
            RAISE EXCEPTION 'A coverage map cannot have "%".', word
                USING ERRCODE = '22023', HINT = 'It is like 5/8-10 42 6/7: an order, cells and ranges of cells.';
        END IF;
        CONTINUE WHEN low IS NULL;
        ranges := ranges || int8range(low << (2 * (29 - hpx_order)), (high + 1) << (2 * (29 - hpx_order)));
    END LOOP;
    RETURN coalesce((SELECT range_agg(one) FROM unnest(ranges) AS one), '{}');
END
$$;

COMMENT ON FUNCTION sky.coverage(text) IS 'Coverage map from its ASCII form (MOC 2.0 section 4.3.2)';

CREATE FUNCTION sky.text(map sky.moc) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$
    SELECT coalesce(string_agg(hpx_order || '/' || cells, ' ' ORDER BY hpx_order), '')
    FROM (
        SELECT hpx_order, string_agg(CASE WHEN low = high THEN low::text ELSE low || '-' || high END, ' ' ORDER BY low) AS cells
        FROM (
            SELECT hpx_order, min(pixel) AS low, max(pixel) AS high
            FROM (SELECT hpx_order, pixel, pixel - row_number() OVER (PARTITION BY hpx_order ORDER BY pixel) AS run
                  FROM sky.cells(map)) AS numbered
            GROUP BY hpx_order, run
        ) AS runs
        GROUP BY hpx_order
    ) AS orders
$$;

-- All cells of an order that a region touches, as MOC 2.0 would have it: the map covers the region.
CREATE FUNCTION sky.coverage(hpx_order integer, region sky.region) RETURNS sky.moc
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 100000
AS $$
DECLARE
    most CONSTANT integer := 50000;
    now bigint[] := ARRAY[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    next bigint[];
    pixel bigint;
    center sky.region;
    cap sky.region;
    found int8range[] := '{}';
BEGIN
    PERFORM sky.check_order(hpx_order);
    IF array_length(region, 1) = 8 AND region[1] = 1 THEN
        RETURN int8multirange(sky.cell_range(hpx_order, sky.healpix_index(hpx_order, region[7], region[8])));
    END IF;
    FOR level IN 0 .. hpx_order LOOP
        next := '{}';
        FOREACH pixel IN ARRAY now LOOP
            center := sky.healpix_center(level, pixel);
            cap := sky.circle(center[7], center[8], sky.cell_radius(level));
            IF NOT sky.intersects(region, cap) THEN
                CONTINUE;
            ELSIF sky.contains(cap, region) OR level = hpx_order AND sky.intersects(region, sky.cell_polygon(level, pixel)) THEN
                found := found || sky.cell_range(level, pixel);
            ELSIF level < hpx_order THEN
                next := next || ARRAY[4 * pixel, 4 * pixel + 1, 4 * pixel + 2, 4 * pixel + 3];
            END IF;
        END LOOP;
        IF array_length(next, 1) > most THEN
            RAISE EXCEPTION 'A map of order % has too many cells at the edge of this region.', hpx_order
                USING ERRCODE = '22023', HINT = format('Take a lower order, such as %s.', greatest(level - 2, 0));
        END IF;
        EXIT WHEN next = '{}';
        now := next;
    END LOOP;
    RETURN coalesce((SELECT range_agg(one) FROM unnest(found) AS one), '{}');
END
$$;

COMMENT ON FUNCTION sky.coverage(integer, sky.region) IS 'Coverage map of a region: the cells of an order that it touches';

CREATE FUNCTION sky.contains_point(lon float8, lat float8, map sky.moc) RETURNS boolean
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN map::int8multirange @> sky.healpix_index(29, lon, lat);

-- Both tests go down from the base cells and leave what is decided: cells that the region or the map does not meet, and
-- those of the map alone. What is left at the end is decided by the cells' outlines.
CREATE FUNCTION sky.intersects(map sky.moc, region sky.region) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 10000
AS $$
DECLARE
    now bigint[] := ARRAY[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    next bigint[];
    pixel bigint;
    center sky.region;
BEGIN
    FOR level IN 0 .. 29 LOOP
        next := '{}';
        FOREACH pixel IN ARRAY now LOOP
            center := sky.healpix_center(level, pixel);
            IF NOT sky.cell_range(level, pixel) && map::int8multirange
                OR NOT sky.intersects(region, sky.circle(center[7], center[8], sky.cell_radius(level))) THEN
                CONTINUE;
            ELSIF sky.cell_range(level, pixel) <@ map::int8multirange THEN
                IF sky.intersects(region, sky.cell_polygon(level, pixel)) THEN
                    RETURN true;
                END IF;
            ELSE
                next := next || ARRAY[4 * pixel, 4 * pixel + 1, 4 * pixel + 2, 4 * pixel + 3];
            END IF;
        END LOOP;
        EXIT WHEN next = '{}';
        now := next;
    END LOOP;
    RETURN false;
END
$$;

CREATE FUNCTION sky.contains("inner" sky.region, map sky.moc) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 10000
AS $$
DECLARE
    now bigint[] := ARRAY[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    next bigint[];
    pixel bigint;
    center sky.region;
BEGIN
    FOR level IN 0 .. 29 LOOP
        next := '{}';
        FOREACH pixel IN ARRAY now LOOP
            center := sky.healpix_center(level, pixel);
            IF sky.cell_range(level, pixel) <@ map::int8multirange
                OR NOT sky.intersects("inner", sky.circle(center[7], center[8], sky.cell_radius(level))) THEN
                CONTINUE;
            ELSIF sky.cell_range(level, pixel) && map::int8multirange THEN
                next := next || ARRAY[4 * pixel, 4 * pixel + 1, 4 * pixel + 2, 4 * pixel + 3];
            ELSIF sky.intersects("inner", sky.cell_polygon(level, pixel)) THEN
                RETURN false;
            END IF;
        END LOOP;
        EXIT WHEN next = '{}';
        now := next;
    END LOOP;
    RETURN true;
END
$$;

CREATE FUNCTION sky.contains(map sky.moc, "outer" sky.region) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT COST 10000
AS $$
    SELECT coalesce(bool_and(sky.contains(sky.cell_polygon(hpx_order, pixel), "outer")), true) FROM sky.cells(map)
$$;

CREATE FUNCTION sky.area(map sky.moc) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$
    SELECT coalesce(sum(upper(part) - lower(part))::float8, 0) / (12 * 4.0::float8 ^ 29) * degrees(degrees(4 * pi()))
    FROM unnest(map::int8multirange) AS part
$$;

-- The box is that about cells of order 8 at the finest, so that maps of many small cells take no longer.
CREATE FUNCTION sky.bounds(map sky.moc) RETURNS public.cube
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 10000
AS $$
DECLARE
    cell record;
    center sky.region;
    box public.cube;
BEGIN
    FOR cell IN SELECT DISTINCT least(hpx_order, 8) AS hpx_order, pixel >> (2 * greatest(hpx_order - 8, 0)) AS pixel
                FROM sky.cells(map) LOOP
        center := sky.healpix_center(cell.hpx_order, cell.pixel);
        center := sky.circle(center[7], center[8], sky.cell_radius(cell.hpx_order));
        box := CASE WHEN box IS NULL THEN sky.bounds(center) ELSE public.cube_union(box, sky.bounds(center)) END;
    END LOOP;
    RETURN coalesce(box, public.cube(ARRAY[9, 9, 9]));
END
$$;

COMMENT ON FUNCTION sky.bounds(sky.moc) IS 'Box about the unit vectors of a coverage map, for indexes; of an empty map one where nothing is';

CREATE FUNCTION sky.coverage_union(one sky.moc, other sky.moc) RETURNS sky.moc
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN one::int8multirange + other::int8multirange;

CREATE FUNCTION sky.coverage_intersection(one sky.moc, other sky.moc) RETURNS sky.moc
    IMMUTABLE PARALLEL SAFE STRICT
    RETURN one::int8multirange * other::int8multirange;
