-- Events are recorded row by row: conditions that are part of the triggers leave all rows alone whose change is none.
-- Set by set, as in 0160, the planner joined what rows were with what they became by nested loops: a change of 26,580
-- rows took three minutes.
DROP TRIGGER updates_are_recorded ON archive.artifact;
DROP TRIGGER deletions_are_recorded ON archive.artifact;
DROP FUNCTION archive.record_updates, archive.record_deletions;

-- Writes down an event of a file. `was` is NULL of a file that is new, `became` of one that is gone.
CREATE FUNCTION archive.record_event(moment timestamp, kind text, was archive.artifact, became archive.artifact)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    file archive.artifact := CASE WHEN became.artifactid IS NULL THEN was ELSE became END;
BEGIN
    INSERT INTO archive.event (time, kind, artifactid, uri, publisherid, obs_id, filename, program, instrument,
        instrument_name, product_subgroup, dataproduct_type, calib_level, old_checksum, new_checksum, old_version,
        new_version, old_length, new_length, old_locations, datarelease, s_ra, s_dec, metarelease, metareadgroups)
    VALUES (moment, kind, file.artifactid, file.uri, file.publisherid, file.obs_id, file.filename, file.program,
        file.instrument, file.instrument_name, file.product_subgroup, file.dataproduct_type, file.calib_level,
        was.contentchecksum, became.contentchecksum, was.pipeline_version, became.pipeline_version,
        was.contentlength, became.contentlength,
        CASE WHEN kind IN ('reprocessed', 'withdrawn') THEN archive.locations_of(was) END,
        file.datarelease, file.s_ra, file.s_dec, file.metarelease, file.metareadgroups);
END $$;

-- A release that came to pass by its date stays, whatever becomes of the date: it is written down, and from now on
-- the date is watched anew. A file that is shown again is new to those who see it.
CREATE FUNCTION archive.watch_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamp := archive.change_time();
BEGIN
    IF OLD.datarelease IS DISTINCT FROM NEW.datarelease THEN
        IF OLD.datarelease > OLD.release_watched AND OLD.datarelease <= moment THEN
            PERFORM archive.record_event(OLD.datarelease, 'released', OLD, OLD);
        END IF;
        NEW.release_watched := moment;
    END IF;
    IF NEW.metarelease <= moment AND (OLD.metarelease <= moment) IS NOT TRUE THEN
        NEW.created := moment;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION archive.record_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamp := archive.change_time();
BEGIN
    IF (OLD.metarelease, OLD.metareadgroups) IS DISTINCT FROM (NEW.metarelease, NEW.metareadgroups) THEN
        -- What the file was before has the rule that it has now.
        UPDATE archive.event SET metarelease = NEW.metarelease, metareadgroups = NEW.metareadgroups
        WHERE artifactid = NEW.artifactid AND NOT keeps_rule;
        IF OLD.metarelease <= moment AND (NEW.metarelease <= moment) IS NOT TRUE THEN
            -- Who could see it is told that it is no more to be seen, and nothing else of it.
            INSERT INTO archive.event (time, kind, artifactid, uri, publisherid, obs_id, filename, metarelease,
                metareadgroups, keeps_rule)
            VALUES (moment, 'withdrawn', OLD.artifactid, OLD.uri, OLD.publisherid, OLD.obs_id, OLD.filename,
                OLD.metarelease, OLD.metareadgroups, true);
        END IF;
    END IF;
    IF archive.is_reprocessed(OLD, NEW) THEN
        PERFORM archive.record_event(moment, 'reprocessed', OLD, NEW);
    END IF;
    IF (OLD.datarelease <= moment) IS NOT TRUE AND NEW.datarelease <= moment THEN
        PERFORM archive.record_event(moment, 'released', OLD, NEW);
    ELSIF OLD.datarelease <= moment AND (NEW.datarelease <= moment) IS NOT TRUE THEN
        PERFORM archive.record_event(moment, 'withdrawn', OLD, NEW);
    END IF;
    RETURN NULL;
END $$;

-- What the row said itself is written down with its end: that the file came, and that it was released. This is done
-- before the row goes, while it is known where the file lies.
CREATE FUNCTION archive.record_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamp := archive.change_time();
BEGIN
    PERFORM archive.record_event(
        CASE WHEN OLD.metarelease > OLD.created AND OLD.metarelease <= moment THEN OLD.metarelease
            ELSE coalesce(OLD.created, moment) END, 'new', NULL, OLD);
    IF OLD.datarelease > OLD.release_watched AND OLD.datarelease <= moment THEN
        PERFORM archive.record_event(OLD.datarelease, 'released', OLD, OLD);
    END IF;
    PERFORM archive.record_event(moment, 'withdrawn', OLD, NULL);
    RETURN OLD;
END $$;

CREATE TRIGGER release_is_watched BEFORE UPDATE ON archive.artifact FOR EACH ROW
    WHEN (OLD.datarelease IS DISTINCT FROM NEW.datarelease OR OLD.metarelease IS DISTINCT FROM NEW.metarelease)
    EXECUTE FUNCTION archive.watch_release();
CREATE TRIGGER update_is_recorded AFTER UPDATE ON archive.artifact FOR EACH ROW
    WHEN (OLD.contentchecksum IS DISTINCT FROM NEW.contentchecksum
        OR OLD.pipeline_version IS DISTINCT FROM NEW.pipeline_version
        OR OLD.contentlength IS DISTINCT FROM NEW.contentlength
        OR OLD.datarelease IS DISTINCT FROM NEW.datarelease
        OR OLD.metarelease IS DISTINCT FROM NEW.metarelease
        OR OLD.metareadgroups IS DISTINCT FROM NEW.metareadgroups)
    EXECUTE FUNCTION archive.record_update();
CREATE TRIGGER deletion_is_recorded BEFORE DELETE ON archive.artifact FOR EACH ROW
    EXECUTE FUNCTION archive.record_deletion();
