-- What becomes of a file in the transaction that brings it is not seen by anybody: it is part of its being new.
DROP TRIGGER update_is_recorded ON archive.artifact;
CREATE TRIGGER update_is_recorded AFTER UPDATE ON archive.artifact FOR EACH ROW
    WHEN ((OLD.contentchecksum IS DISTINCT FROM NEW.contentchecksum
            OR OLD.pipeline_version IS DISTINCT FROM NEW.pipeline_version
            OR OLD.contentlength IS DISTINCT FROM NEW.contentlength
            OR OLD.datarelease IS DISTINCT FROM NEW.datarelease
            OR OLD.metarelease IS DISTINCT FROM NEW.metarelease
            OR OLD.metareadgroups IS DISTINCT FROM NEW.metareadgroups)
        AND OLD.created IS DISTINCT FROM archive.change_time())
    EXECUTE FUNCTION archive.record_update();
DROP TRIGGER deletion_is_recorded ON archive.artifact;
CREATE TRIGGER deletion_is_recorded BEFORE DELETE ON archive.artifact FOR EACH ROW
    WHEN (OLD.created IS DISTINCT FROM archive.change_time())
    EXECUTE FUNCTION archive.record_deletion();
