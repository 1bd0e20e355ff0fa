-- Most rows come with a date that nobody has said anything else about: those are left as they are, and not made anew.
-- (`stated_release` is looked at only where `release_set`.)
CREATE OR REPLACE FUNCTION archive.settle_plane() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number integer := archive.number_of(NEW.proposal_id);
    project text;
BEGIN
    IF NEW.datarelease IS NOT NULL AND NOT NEW.release_assumed
        AND NOT EXISTS (SELECT FROM archive.program WHERE program = number)
        AND NOT EXISTS (SELECT FROM archive.product_release WHERE product = NEW.publisherid)
    THEN
        RETURN NEW;
    END IF;
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

CREATE OR REPLACE FUNCTION archive.settle_artifact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.datarelease IS NOT NULL AND NOT NEW.release_assumed
        AND NOT EXISTS (SELECT FROM archive.program WHERE program = NEW.program)
        AND NOT EXISTS (SELECT FROM archive.product_release WHERE product IN (NEW.uri, NEW.publisherid))
    THEN
        RETURN NEW;
    END IF;
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
