-- From when on everybody may have a product's content: what an operator says of it or of its program, else what the
-- source said, else the default period of the program's category, counted from the end of the observation.
-- The answer is kept in `datarelease`, so a period ends by its date: no job has to run.

CREATE TABLE archive.program (
    program integer PRIMARY KEY CHECK (program BETWEEN 1 AND 99999),
    -- Where the catalogue does not know it, or has it wrong.
    category text CHECK (category IN ('CAL', 'COM', 'DD', 'ENG', 'ERO', 'ERS', 'GO', 'GTO', 'SURVEY')),
    -- In place of what sources and the category say.
    exclusive_months integer CHECK (exclusive_months BETWEEN 0 AND 120),
    changed timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What holds for one product, by its publisher identifier, or for one file, by its URI.
CREATE TABLE archive.product_release (
    product text PRIMARY KEY,
    release timestamp,
    exclusive_months integer CHECK (exclusive_months BETWEEN 0 AND 120),
    changed timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (num_nonnulls(release, exclusive_months) = 1)
);

-- The period of a category in months: Treasury and large programs (GO) choose none, which sources tell. Of an unknown one
-- nothing follows: without a date a product is held back.
CREATE FUNCTION archive.default_months(category text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN category IN ('CAL', 'COM', 'DD', 'ENG', 'ERO', 'ERS', 'SURVEY') THEN 0
    WHEN category IN ('GO', 'GTO') THEN 12 END;

-- Whether an operator set `datarelease`; then `stated_release` is what the source said, for when he takes his word back.
ALTER TABLE archive.plane ADD COLUMN release_set boolean NOT NULL DEFAULT false, ADD COLUMN stated_release timestamp;
ALTER TABLE archive.artifact ADD COLUMN release_set boolean NOT NULL DEFAULT false, ADD COLUMN stated_release timestamp;

-- `stated` is NULL where no source said it, or only a rule did (`guessed`, then).
CREATE FUNCTION archive.release_of(
    program_number integer, category text, publisherid text, uri text, ended timestamp, stated timestamp,
    guessed timestamp, OUT release timestamp, OUT is_set boolean, OUT is_assumed boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    known archive.program;
    months integer;
BEGIN
    SELECT p.release, p.exclusive_months INTO release, months FROM archive.product_release AS p
        WHERE p.product IN (uri, publisherid) ORDER BY p.product = uri DESC LIMIT 1;
    SELECT * INTO known FROM archive.program AS p WHERE p.program = program_number;
    release := coalesce(release, ended + make_interval(months => coalesce(months, known.exclusive_months)));
    is_set := release IS NOT NULL;
    is_assumed := NOT is_set AND stated IS NULL;
    IF NOT is_set THEN
        release := coalesce(stated, CASE WHEN known.category IS NULL THEN guessed END,
            ended + make_interval(months => archive.default_months(coalesce(known.category, category))));
    END IF;
    is_assumed := is_assumed AND release IS NOT NULL;
END $$;

-- The group of a program, which its exclusive products are open to: by the authority of the product's identifier.
CREATE FUNCTION archive.program_group(publisherid text, program_number integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'ivo://' || split_part(publisherid, '/', 3) || '/gms?jwst-' || lpad(program_number::text, 5, '0');

CREATE FUNCTION archive.number_of(proposal text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN proposal ~ '^[0-9]{1,5}$' THEN proposal::integer END;

CREATE FUNCTION archive.moment(mjd float8) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN timestamp '1858-11-17' + mjd * interval '1 day';

-- A row that comes in has its release settled before it is compared with the row that is there.
CREATE FUNCTION archive.settle_plane() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number integer := archive.number_of(NEW.proposal_id);
    project text;
BEGIN
    IF NEW.datarelease IS NULL OR NEW.release_assumed THEN
        SELECT proposal_project INTO project FROM archive.observation WHERE obsid = NEW.obsid;
    ELSE
        NEW.stated_release := NEW.datarelease;
    END IF;
    SELECT release, is_set, is_assumed INTO NEW.datarelease, NEW.release_set, NEW.release_assumed
    FROM archive.release_of(number, project, NEW.publisherid, NULL,
        coalesce(archive.moment(NEW.time_bounds_upper), NEW.metarelease), NEW.stated_release, NEW.datarelease);
    IF NEW.release_set OR NEW.release_assumed THEN
        NEW.datareadgroups := coalesce(NEW.datareadgroups, ARRAY[archive.program_group(NEW.publisherid, number)]);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settle_release BEFORE INSERT ON archive.plane FOR EACH ROW EXECUTE FUNCTION archive.settle_plane();

CREATE FUNCTION archive.settle_artifact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.datarelease IS NOT NULL AND NOT NEW.release_assumed THEN
        NEW.stated_release := NEW.datarelease;
    END IF;
    SELECT release, is_set, is_assumed INTO NEW.datarelease, NEW.release_set, NEW.release_assumed
    FROM archive.release_of(NEW.program, NEW.category, NEW.publisherid, NEW.uri,
        coalesce(archive.moment(NEW.t_max), NEW.metarelease), NEW.stated_release, NEW.datarelease);
    IF NEW.release_set OR NEW.release_assumed THEN
        NEW.datareadgroups := coalesce(NEW.datareadgroups,
            ARRAY[archive.program_group(NEW.publisherid, NEW.program)]);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settle_release BEFORE INSERT ON archive.artifact FOR EACH ROW EXECUTE FUNCTION archive.settle_artifact();

-- Settles the rows of a program, or of one product, anew: after an operator has said something else.
CREATE FUNCTION archive.settle_again(program_number integer, only_publisherid text, only_uri text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    planes bigint;
    artifacts bigint;
BEGIN
    UPDATE archive.plane AS p SET datarelease = n.release, release_set = n.is_set, release_assumed = n.is_assumed,
        stated_release = n.stated, datareadgroups = CASE WHEN n.is_set OR n.is_assumed THEN
            coalesce(p.datareadgroups, ARRAY[archive.program_group(p.publisherid, program_number)])
            ELSE p.datareadgroups END
    FROM (SELECT q.planeid, s.stated, r.* FROM archive.plane AS q JOIN archive.observation AS o ON o.obsid = q.obsid
        CROSS JOIN LATERAL (SELECT CASE WHEN q.release_set THEN q.stated_release
            WHEN NOT q.release_assumed THEN q.datarelease END AS stated) AS s
        CROSS JOIN LATERAL archive.release_of(archive.number_of(q.proposal_id), o.proposal_project, q.publisherid, NULL,
            coalesce(archive.moment(q.time_bounds_upper), q.metarelease), s.stated, NULL) AS r
        WHERE q.proposal_id = program_number::text AND (only_publisherid IS NULL OR q.publisherid = only_publisherid)
            AND only_uri IS NULL) AS n
    WHERE p.planeid = n.planeid AND (p.datarelease, p.release_set) IS DISTINCT FROM (n.release, n.is_set);
    GET DIAGNOSTICS planes = ROW_COUNT;
    UPDATE archive.artifact AS a SET datarelease = n.release, release_set = n.is_set, release_assumed = n.is_assumed,
        stated_release = n.stated, datareadgroups = CASE WHEN n.is_set OR n.is_assumed THEN
            coalesce(a.datareadgroups, ARRAY[archive.program_group(a.publisherid, program_number)])
            ELSE a.datareadgroups END
    FROM (SELECT b.artifactid, s.stated, r.* FROM archive.artifact AS b
        CROSS JOIN LATERAL (SELECT CASE WHEN b.release_set THEN b.stated_release
            WHEN NOT b.release_assumed THEN b.datarelease END AS stated) AS s
        CROSS JOIN LATERAL archive.release_of(b.program, b.category, b.publisherid, b.uri,
            coalesce(archive.moment(b.t_max), b.metarelease), s.stated, NULL) AS r
        WHERE b.program = program_number AND (only_publisherid IS NULL OR b.publisherid = only_publisherid)
            AND (only_uri IS NULL OR b.uri = only_uri)) AS n
    WHERE a.artifactid = n.artifactid AND (a.datarelease, a.release_set) IS DISTINCT FROM (n.release, n.is_set);
    GET DIAGNOSTICS artifacts = ROW_COUNT;
    RETURN planes + artifacts;
END $$;
