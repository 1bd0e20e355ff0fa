-- What changes in the archive is on record: new, reprocessed, released and withdrawn files (published as jwst.event).
--
-- What a file's row says itself is not written a second time: since when the file is here (`created`), and when its
-- content is released, which so comes to pass when the date does, without anybody doing anything. Triggers write down
-- what a change of a row would else make forgotten; so no loader can omit it, and a first load of millions costs nothing
-- more than two dates a row.

-- Transactions that change files may overlap. Each has one moment for all that it changes, and while it runs it holds a
-- shared lock whose key is that moment, or one just before: by these, who reads in the order of time knows up to when
-- he has everything (`archive.change_horizon`). The lock keeps nobody waiting.
-- Its key: 0x7ca in the upper 12 bits, then microseconds since 1970.
CREATE FUNCTION archive.begin_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('voserver.change_time', true), '') = '' THEN
        PERFORM pg_advisory_xact_lock_shared((x'7ca0000000000000'::bigint)
            + (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);
        PERFORM set_config('voserver.change_time', (clock_timestamp() AT TIME ZONE 'utc')::text, true);
    END IF;
    RETURN NULL;
END $$;

-- When the change was made that the transaction is about.
CREATE FUNCTION archive.change_time() RETURNS timestamp LANGUAGE sql VOLATILE
RETURN coalesce(nullif(current_setting('voserver.change_time', true), '')::timestamp,
    clock_timestamp() AT TIME ZONE 'utc');

-- No transaction that is still under way, or begins later, records anything from before this moment. What is read after
-- this was asked, in a statement of its own, is complete up to it.
CREATE FUNCTION archive.change_horizon() RETURNS timestamp LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    asked bigint := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;  -- before the locks are looked at
    oldest bigint;
BEGIN
    SELECT min(((classid::bigint << 32) | objid::bigint) & x'000fffffffffffff'::bigint) INTO oldest
    FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND mode = 'ShareLock' AND classid::bigint >> 20 = x'7ca'::bigint
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
    RETURN timestamp '1970-01-01' + least(asked, oldest) * interval '1 microsecond';
END $$;

ALTER TABLE archive.artifact ADD COLUMN created timestamp, ADD COLUMN release_watched timestamp;
-- In one go, which leaves no dead rows: a file that is here already has been since its row was last touched.
ALTER TABLE archive.artifact
    ALTER COLUMN created TYPE timestamp USING coalesce(lastmodified, now() AT TIME ZONE 'utc'),
    ALTER COLUMN release_watched TYPE timestamp USING coalesce(lastmodified, now() AT TIME ZONE 'utc');
ALTER TABLE archive.artifact
    ALTER COLUMN created SET DEFAULT archive.change_time(),
    ALTER COLUMN release_watched SET DEFAULT archive.change_time();
COMMENT ON COLUMN archive.artifact.created IS 'since when the file is here, or, had it been hidden, shown again';
COMMENT ON COLUMN archive.artifact.release_watched IS 'a release date after this is an event of its own accord';

CREATE INDEX artifact_created ON archive.artifact (created);
-- (The conditions are those of the view, word for word. A row without a date has no place in the order of time.)
CREATE INDEX artifact_shown ON archive.artifact (metarelease) WHERE (metarelease > created) IS NOT FALSE;
CREATE INDEX artifact_released ON archive.artifact (datarelease) WHERE (datarelease > release_watched) IS NOT FALSE;

-- What the rows of files do not say any more. Of a file that was replaced, this is the history: what it was before.
CREATE TABLE archive.event (
    eventid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    time timestamp NOT NULL,
    kind text NOT NULL CHECK (kind IN ('new', 'reprocessed', 'released', 'withdrawn')),
    artifactid uuid NOT NULL,
    uri text NOT NULL,
    publisherid text,
    obs_id text,
    filename text NOT NULL,
    program integer,
    instrument text,
    instrument_name text,
    product_subgroup text,
    dataproduct_type text,
    calib_level integer,
    old_checksum text,
    new_checksum text,
    old_version text,
    new_version text,
    old_length bigint,
    new_length bigint,
    -- Where the file as it was lay: URLs, and keys in stores as store:key.
    old_locations text[],
    datarelease timestamp,
    s_ra float8,
    s_dec float8,
    -- The release rule of the file's metadata, which the file's row and its events share.
    metarelease timestamp,
    metareadgroups text[],
    -- Those who saw what is hidden now are told that much: the event keeps the rule that the file had until then.
    keeps_rule boolean NOT NULL DEFAULT false
);
CREATE INDEX event_time ON archive.event (time);
CREATE INDEX event_artifact ON archive.event (artifactid);
CREATE INDEX event_program ON archive.event (program);
CREATE INDEX event_position ON archive.event USING gist (sky.point(s_ra, s_dec)) WHERE s_ra IS NOT NULL;

-- Whether the content of a file is another: checksums are compared where both are of one kind.
CREATE FUNCTION archive.is_reprocessed(was archive.artifact, became archive.artifact) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN coalesce(was.contentchecksum <> became.contentchecksum
        AND split_part(was.contentchecksum, ':', 1) = split_part(became.contentchecksum, ':', 1), false)
    OR coalesce(was.pipeline_version <> became.pipeline_version, false)
    OR coalesce(was.contentlength <> became.contentlength, false);

CREATE FUNCTION archive.locations_of(file archive.artifact) RETURNS text[] LANGUAGE sql STABLE
RETURN array_remove(ARRAY[file.access_url, file.cloud_uri], NULL)
    || ARRAY(SELECT store || ':' || key FROM archive.location WHERE artifactid = file.artifactid ORDER BY store);

CREATE FUNCTION archive.record_updates() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamp := archive.change_time();
BEGIN
    IF NOT EXISTS (SELECT FROM was JOIN became USING (artifactid)
        WHERE (was.contentchecksum, was.pipeline_version, was.contentlength, was.datarelease, was.metarelease,
                was.metareadgroups)
            IS DISTINCT FROM (became.contentchecksum, became.pipeline_version, became.contentlength,
                became.datarelease, became.metarelease, became.metareadgroups)) THEN
        RETURN NULL;
    END IF;

    -- What the files were before has the rule that they have now; what is recorded below has it, too.
    UPDATE archive.event AS event SET metarelease = became.metarelease, metareadgroups = became.metareadgroups
    FROM was JOIN became USING (artifactid)
    WHERE event.artifactid = became.artifactid AND NOT event.keeps_rule
        AND (was.metarelease, was.metareadgroups) IS DISTINCT FROM (became.metarelease, became.metareadgroups);

    INSERT INTO archive.event (time, kind, artifactid, uri, publisherid, obs_id, filename, program, instrument,
        instrument_name, product_subgroup, dataproduct_type, calib_level, old_checksum, new_checksum, old_version,
        new_version, old_length, new_length, old_locations, datarelease, s_ra, s_dec, metarelease, metareadgroups)
    SELECT happened.time, happened.kind, n.artifactid, n.uri, n.publisherid, n.obs_id, n.filename, n.program,
        n.instrument, n.instrument_name, n.product_subgroup, n.dataproduct_type, n.calib_level,
        o.contentchecksum, n.contentchecksum, o.pipeline_version, n.pipeline_version, o.contentlength, n.contentlength,
        CASE WHEN happened.kind = 'reprocessed' THEN archive.locations_of(o) END,
        happened.release, n.s_ra, n.s_dec, n.metarelease, n.metareadgroups
    FROM was AS o JOIN became AS n USING (artifactid)
    CROSS JOIN LATERAL (VALUES
        -- A release that came to pass by its date stays, whatever becomes of the date.
        ('released', o.datarelease, o.datarelease, o.datarelease > o.release_watched AND o.datarelease <= moment
            AND n.datarelease IS DISTINCT FROM o.datarelease),
        ('reprocessed', moment, n.datarelease, archive.is_reprocessed(o, n)),
        ('released', moment, n.datarelease, (o.datarelease <= moment) IS NOT TRUE AND n.datarelease <= moment),
        ('withdrawn', moment, n.datarelease, o.datarelease <= moment AND (n.datarelease <= moment) IS NOT TRUE)
    ) AS happened (kind, time, release, is_so)
    WHERE happened.is_so;

    -- Who could see a file that is hidden now is told that it is no more to be seen, and nothing else of it.
    INSERT INTO archive.event (time, kind, artifactid, uri, publisherid, obs_id, filename, metarelease, metareadgroups,
        keeps_rule)
    SELECT moment, 'withdrawn', o.artifactid, o.uri, o.publisherid, o.obs_id, o.filename, o.metarelease,
        o.metareadgroups, true
    FROM was AS o JOIN became AS n USING (artifactid)
    WHERE o.metarelease <= moment AND (n.metarelease <= moment) IS NOT TRUE;

    -- One that is shown again is new to those who see it; releases that are recorded do not come from the date, too.
    -- (Without this condition, the update would call this trigger without end.)
    IF EXISTS (SELECT FROM was AS o JOIN became AS n USING (artifactid)
        WHERE (o.metarelease, o.datarelease) IS DISTINCT FROM (n.metarelease, n.datarelease)) THEN
        UPDATE archive.artifact AS a
        SET created = CASE WHEN n.metarelease <= moment AND (o.metarelease <= moment) IS NOT TRUE
                THEN moment ELSE n.created END,
            release_watched = moment
        FROM was AS o JOIN became AS n USING (artifactid)
        WHERE a.artifactid = n.artifactid AND (
            n.metarelease <= moment AND (o.metarelease <= moment) IS NOT TRUE
            OR n.datarelease IS DISTINCT FROM o.datarelease
                AND (o.datarelease BETWEEN o.release_watched AND moment
                    OR n.datarelease BETWEEN n.release_watched AND moment));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION archive.record_deletions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamp := archive.change_time();
BEGIN
    -- What the row said itself is written down with its end: that the file came, and that it was released.
    INSERT INTO archive.event (time, kind, artifactid, uri, publisherid, obs_id, filename, program, instrument,
        instrument_name, product_subgroup, dataproduct_type, calib_level, old_checksum, new_checksum, old_version,
        new_version, old_length, new_length, old_locations, datarelease, s_ra, s_dec, metarelease, metareadgroups)
    SELECT happened.time, happened.kind, o.artifactid, o.uri, o.publisherid, o.obs_id, o.filename, o.program,
        o.instrument, o.instrument_name, o.product_subgroup, o.dataproduct_type, o.calib_level,
        CASE WHEN has_old THEN o.contentchecksum END, CASE WHEN has_new THEN o.contentchecksum END,
        CASE WHEN has_old THEN o.pipeline_version END, CASE WHEN has_new THEN o.pipeline_version END,
        CASE WHEN has_old THEN o.contentlength END, CASE WHEN has_new THEN o.contentlength END,
        CASE WHEN happened.kind = 'withdrawn' THEN archive.locations_of(o) END,
        o.datarelease, o.s_ra, o.s_dec, o.metarelease, o.metareadgroups
    FROM gone AS o
    CROSS JOIN LATERAL (VALUES
        ('new', CASE WHEN o.metarelease > o.created AND o.metarelease <= moment THEN o.metarelease ELSE o.created END,
            false, true, o.created IS NOT NULL),
        ('released', o.datarelease, true, true, o.datarelease > o.release_watched AND o.datarelease <= moment),
        ('withdrawn', moment, true, false, true)
    ) AS happened (kind, time, has_old, has_new, is_so)
    WHERE happened.is_so;
    RETURN NULL;
END $$;

-- TRUNCATE deletes rows, too.
CREATE FUNCTION archive.record_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM archive.artifact;
    RETURN NULL;
END $$;

CREATE TRIGGER change_begins BEFORE INSERT OR UPDATE OR DELETE ON archive.artifact
    FOR EACH STATEMENT EXECUTE FUNCTION archive.begin_change();
CREATE TRIGGER updates_are_recorded AFTER UPDATE ON archive.artifact
    REFERENCING OLD TABLE AS was NEW TABLE AS became
    FOR EACH STATEMENT EXECUTE FUNCTION archive.record_updates();
CREATE TRIGGER deletions_are_recorded AFTER DELETE ON archive.artifact
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION archive.record_deletions();
CREATE TRIGGER truncation_is_recorded BEFORE TRUNCATE ON archive.artifact
    FOR EACH STATEMENT EXECUTE FUNCTION archive.record_truncation();
