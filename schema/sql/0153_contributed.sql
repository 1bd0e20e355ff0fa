-- Products that teams contribute (calibration level 4) are opened by who states their release, never by a category's period:
-- that is of the data which they were made from. A row whose release was assumed is held back instead.
-- (PostgreSQL fires triggers in the order of their names: this one after settle_release.)

CREATE FUNCTION archive.hold_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.datarelease := NULL;
    NEW.release_assumed := false;
    NEW.datareadgroups := nullif(array_remove(NEW.datareadgroups, NULL), '{}');
    RETURN NEW;
END $$;

CREATE TRIGGER settle_release_of_contributed BEFORE INSERT ON archive.plane FOR EACH ROW
    WHEN (NEW.calibrationlevel = 4 AND NEW.release_assumed) EXECUTE FUNCTION archive.hold_back();
CREATE TRIGGER settle_release_of_contributed BEFORE INSERT ON archive.artifact FOR EACH ROW
    WHEN (NEW.calib_level = 4 AND NEW.release_assumed) EXECUTE FUNCTION archive.hold_back();
