-- When observations changed here, for those who harvest them as CAOM documents. `maxlastmodified` does not tell it: of
-- one that came from another archive it is that archive's time. Triggers write it down, so no loader can omit it. A row
-- stays when its observation goes.
CREATE TABLE archive.observation_change (
    obsid uuid PRIMARY KEY,
    collection text NOT NULL,
    observationid text NOT NULL,
    changed timestamp NOT NULL,
    -- A release after the change, which so comes to pass by its date: from then on it is another one to see.
    released timestamp,
    is_deleted boolean NOT NULL DEFAULT false,
    -- The release rule that it had when it was deleted.
    metarelease timestamp,
    metareadgroups text[]
);

-- CAOM's times have milliseconds.
CREATE FUNCTION archive.change_millisecond() RETURNS timestamp LANGUAGE sql VOLATILE
RETURN date_trunc('milliseconds', archive.change_time());

INSERT INTO archive.observation_change (obsid, collection, observationid, changed, released)
SELECT obsid, collection, observationid, moment, CASE WHEN metarelease > moment THEN metarelease END
FROM archive.observation, LATERAL (SELECT least(coalesce(date_trunc('milliseconds', maxlastmodified), 'infinity'),
    archive.change_millisecond()) AS moment) AS before;

CREATE INDEX observation_changed ON archive.observation_change (collection, changed, observationid)
    WHERE NOT is_deleted;
CREATE INDEX observation_released ON archive.observation_change (collection, released, observationid)
    WHERE NOT is_deleted AND released IS NOT NULL;
CREATE INDEX observation_deleted ON archive.observation_change (collection, changed, observationid) WHERE is_deleted;

-- A transaction that changes any of these has one moment for all of it (see 0160).
CREATE TRIGGER change_begins BEFORE INSERT OR UPDATE OR DELETE ON archive.observation
    FOR EACH STATEMENT EXECUTE FUNCTION archive.begin_change();
CREATE TRIGGER change_begins BEFORE INSERT OR UPDATE OR DELETE ON archive.plane
    FOR EACH STATEMENT EXECUTE FUNCTION archive.begin_change();
CREATE TRIGGER change_begins BEFORE INSERT OR UPDATE OR DELETE ON archive.part
    FOR EACH STATEMENT EXECUTE FUNCTION archive.begin_change();
CREATE TRIGGER change_begins BEFORE INSERT OR UPDATE OR DELETE ON archive.chunk
    FOR EACH STATEMENT EXECUTE FUNCTION archive.begin_change();

CREATE FUNCTION archive.note_observation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamp := archive.change_millisecond();
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE archive.observation_change SET changed = moment, released = NULL, is_deleted = true,
            metarelease = OLD.metarelease, metareadgroups = OLD.metareadgroups
        WHERE obsid = OLD.obsid;
        RETURN NULL;
    END IF;
    INSERT INTO archive.observation_change AS noted (obsid, collection, observationid, changed, released)
    VALUES (NEW.obsid, NEW.collection, NEW.observationid, moment,
        CASE WHEN NEW.metarelease > moment THEN NEW.metarelease END)
    ON CONFLICT (obsid) DO UPDATE SET collection = excluded.collection, observationid = excluded.observationid,
        changed = excluded.changed, released = excluded.released, is_deleted = false, metarelease = NULL,
        metareadgroups = NULL
    WHERE (noted.changed, noted.released, noted.is_deleted, noted.collection, noted.observationid)
        IS DISTINCT FROM (excluded.changed, excluded.released, false, excluded.collection, excluded.observationid);
    RETURN NULL;
END $$;

-- What changes below an observation changes its document.
CREATE FUNCTION archive.note_change_below() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamp := archive.change_millisecond();
    here uuid;
BEGIN
    IF TG_TABLE_NAME = 'plane' THEN
        here := CASE WHEN TG_OP = 'DELETE' THEN OLD.obsid ELSE NEW.obsid END;
    ELSIF TG_TABLE_NAME = 'artifact' THEN
        SELECT obsid INTO here FROM archive.plane
        WHERE planeid = CASE WHEN TG_OP = 'DELETE' THEN OLD.planeid ELSE NEW.planeid END;
    END IF;
    UPDATE archive.observation_change SET changed = moment
    WHERE obsid = here AND changed <> moment AND NOT is_deleted;
    RETURN NULL;
END $$;

CREATE TRIGGER observation_is_noted AFTER INSERT OR DELETE ON archive.observation
    FOR EACH ROW EXECUTE FUNCTION archive.note_observation();
CREATE TRIGGER observation_change_is_noted AFTER UPDATE ON archive.observation
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION archive.note_observation();
CREATE TRIGGER plane_is_noted AFTER INSERT OR DELETE ON archive.plane
    FOR EACH ROW EXECUTE FUNCTION archive.note_change_below();
CREATE TRIGGER plane_change_is_noted AFTER UPDATE ON archive.plane
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION archive.note_change_below();
CREATE TRIGGER artifact_is_noted AFTER INSERT OR DELETE ON archive.artifact
    FOR EACH ROW EXECUTE FUNCTION archive.note_change_below();
CREATE TRIGGER artifact_change_is_noted AFTER UPDATE ON archive.artifact
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION archive.note_change_below();
