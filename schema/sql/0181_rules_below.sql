-- Links, parts and chunks hold the release rule of what they belong to. Whoever changes that rule changes theirs: a file
-- that is hidden again would else leave its parts, and what it was made from, to be seen by everybody.
CREATE FUNCTION archive.hand_down_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_TABLE_NAME
        WHEN 'observation' THEN
            UPDATE archive.observation_member SET metarelease = NEW.metarelease, metareadgroups = NEW.metareadgroups
            WHERE parentid = NEW.obsid;
        WHEN 'plane' THEN
            UPDATE archive.provenance_input SET metarelease = NEW.metarelease, metareadgroups = NEW.metareadgroups
            WHERE outputid = NEW.planeid;
        WHEN 'artifact' THEN
            UPDATE archive.part SET metarelease = NEW.metarelease, metareadgroups = NEW.metareadgroups
            WHERE artifactid = NEW.artifactid;
        WHEN 'part' THEN
            UPDATE archive.chunk SET metarelease = NEW.metarelease, metareadgroups = NEW.metareadgroups
            WHERE partid = NEW.partid;
    END CASE;
    RETURN NULL;
END $$;

CREATE TRIGGER rule_is_handed_down AFTER UPDATE ON archive.observation FOR EACH ROW
    WHEN ((OLD.metarelease, OLD.metareadgroups) IS DISTINCT FROM (NEW.metarelease, NEW.metareadgroups))
    EXECUTE FUNCTION archive.hand_down_rule();
CREATE TRIGGER rule_is_handed_down AFTER UPDATE ON archive.plane FOR EACH ROW
    WHEN ((OLD.metarelease, OLD.metareadgroups) IS DISTINCT FROM (NEW.metarelease, NEW.metareadgroups))
    EXECUTE FUNCTION archive.hand_down_rule();
CREATE TRIGGER rule_is_handed_down AFTER UPDATE ON archive.artifact FOR EACH ROW
    WHEN ((OLD.metarelease, OLD.metareadgroups) IS DISTINCT FROM (NEW.metarelease, NEW.metareadgroups))
    EXECUTE FUNCTION archive.hand_down_rule();
CREATE TRIGGER rule_is_handed_down AFTER UPDATE ON archive.part FOR EACH ROW
    WHEN ((OLD.metarelease, OLD.metareadgroups) IS DISTINCT FROM (NEW.metarelease, NEW.metareadgroups))
    EXECUTE FUNCTION archive.hand_down_rule();

UPDATE archive.observation_member AS below SET metarelease = above.metarelease, metareadgroups = above.metareadgroups
FROM archive.observation AS above WHERE above.obsid = below.parentid
    AND (above.metarelease, above.metareadgroups) IS DISTINCT FROM (below.metarelease, below.metareadgroups);
UPDATE archive.provenance_input AS below SET metarelease = above.metarelease, metareadgroups = above.metareadgroups
FROM archive.plane AS above WHERE above.planeid = below.outputid
    AND (above.metarelease, above.metareadgroups) IS DISTINCT FROM (below.metarelease, below.metareadgroups);
UPDATE archive.part AS below SET metarelease = above.metarelease, metareadgroups = above.metareadgroups
FROM archive.artifact AS above WHERE above.artifactid = below.artifactid
    AND (above.metarelease, above.metareadgroups) IS DISTINCT FROM (below.metarelease, below.metareadgroups);
UPDATE archive.chunk AS below SET metarelease = above.metarelease, metareadgroups = above.metareadgroups
FROM archive.part AS above WHERE above.partid = below.partid
    AND (above.metarelease, above.metareadgroups) IS DISTINCT FROM (below.metarelease, below.metareadgroups);
