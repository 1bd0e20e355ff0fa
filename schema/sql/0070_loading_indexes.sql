-- The sky index of planes' samples holds only planes that have samples: none does that was loaded from the keyword
-- service, and a GiST index takes its time over every null. Functions and operators of a search on the samples are
-- strict, so a search never needs the nulls.
DROP INDEX archive.plane_samples;
CREATE INDEX plane_samples ON archive.plane USING gist (sky.bounds(position_bounds_samples__shape))
    WHERE position_bounds_samples__shape IS NOT NULL;
