-- A plane that was made with another version, of whose files none says so itself: those that were of its old version are
-- of the new one, which is an event of each (see 0161). At the transaction's end, when loaders have told of files, too.
CREATE FUNCTION archive.follow_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE archive.artifact SET pipeline_version = NEW.provenance_version
    WHERE planeid = NEW.planeid AND pipeline_version = OLD.provenance_version
        AND NOT EXISTS (SELECT FROM archive.artifact AS other
            WHERE other.planeid = NEW.planeid AND other.pipeline_version = NEW.provenance_version);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER version_is_followed AFTER UPDATE OF provenance_version ON archive.plane
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.provenance_version <> NEW.provenance_version)
    EXECUTE FUNCTION archive.follow_version();
