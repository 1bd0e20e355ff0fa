-- That a file came stays an event when it is hidden and shown again: what its row says of it (see views.sql) is written
-- down before the row says something else. `created` is then
--   NULL       of a file that is hidden: that it came is written down, and it will be new when it is shown again;
--   'infinity' of one that is shown, as of whose coming all is written down.
COMMENT ON COLUMN archive.artifact.created IS
    'since when the file is here, or shown again; NULL or infinity where that it came is written down as an event';

-- When a file was new to those who see it, as far as its row tells; NULL where it does not.
CREATE FUNCTION archive.new_since(file archive.artifact, moment timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE
RETURN CASE WHEN file.metarelease <= moment AND (file.metarelease > file.created) IS NOT FALSE THEN file.metarelease
    ELSE nullif(file.created, 'infinity') END;

CREATE OR REPLACE FUNCTION archive.watch_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamp := archive.change_time();
    was_shown boolean := (OLD.metarelease <= moment) IS TRUE;
    is_shown boolean := (NEW.metarelease <= moment) IS TRUE;
    came timestamp := archive.new_since(OLD, moment);
BEGIN
    IF OLD.datarelease IS DISTINCT FROM NEW.datarelease THEN
        IF OLD.datarelease > OLD.release_watched AND OLD.datarelease <= moment THEN
            PERFORM archive.record_event(OLD.datarelease, 'released', OLD, OLD);
        END IF;
        NEW.release_watched := moment;
    END IF;
    -- What becomes of a file in the transaction that brings it is not seen by anybody.
    IF was_shown AND OLD.created IS DISTINCT FROM moment
            AND (NOT is_shown OR archive.new_since(NEW, moment) IS DISTINCT FROM came) THEN
        IF came IS NOT NULL THEN
            PERFORM archive.record_event(came, 'new', NULL, OLD);
        END IF;
        NEW.created := CASE WHEN is_shown THEN 'infinity'::timestamp END;
    ELSIF is_shown AND NOT was_shown THEN
        NEW.created := moment;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION archive.record_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamp := archive.change_time();
    came timestamp := archive.new_since(OLD, moment);
BEGIN
    IF came IS NOT NULL THEN
        PERFORM archive.record_event(came, 'new', NULL, OLD);
    END IF;
    IF OLD.datarelease > OLD.release_watched AND OLD.datarelease <= moment THEN
        PERFORM archive.record_event(OLD.datarelease, 'released', OLD, OLD);
    END IF;
    PERFORM archive.record_event(moment, 'withdrawn', OLD, NULL);
    RETURN OLD;
END $$;

-- Of files that are hidden already, the row still says when they came to those who saw them.
DO $$
DECLARE
    file archive.artifact;
    shown timestamp;
BEGIN
    FOR file IN SELECT * FROM archive.artifact WHERE (metarelease <= now() AT TIME ZONE 'utc') IS NOT TRUE LOOP
        SELECT min(greatest(metarelease, file.created)) INTO shown FROM archive.event
        WHERE artifactid = file.artifactid AND keeps_rule AND time >= file.created;
        IF shown IS NOT NULL THEN
            PERFORM archive.record_event(shown, 'new', NULL, file);
            UPDATE archive.artifact SET created = NULL WHERE artifactid = file.artifactid;
        END IF;
    END LOOP;
END $$;
