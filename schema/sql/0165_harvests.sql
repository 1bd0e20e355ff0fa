-- Harvests of MAST: what was asked for and up to when, and how far one is that was broken off.
CREATE TABLE archive.harvest (
    harvestid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    server text NOT NULL,
    scope text NOT NULL,
    authority text NOT NULL,
    -- The archive as it was then; what changed later is for the next harvest.
    started timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    listed timestamp,
    finished timestamp
);
CREATE INDEX harvest_scope ON archive.harvest (server, scope, started);

-- Only while it is under way: the observations that were found, and whether their products were loaded.
CREATE TABLE archive.harvest_observation (
    harvestid bigint NOT NULL REFERENCES archive.harvest ON DELETE CASCADE,
    obs_id text NOT NULL,
    obsid text,
    calib_level integer NOT NULL,
    said jsonb NOT NULL,
    is_done boolean NOT NULL DEFAULT false,
    PRIMARY KEY (harvestid, obs_id)
);

-- The files that were listed: what is here and not among them was withdrawn.
CREATE TABLE archive.harvest_file (
    harvestid bigint NOT NULL REFERENCES archive.harvest ON DELETE CASCADE,
    uri text NOT NULL,
    PRIMARY KEY (harvestid, uri)
);
