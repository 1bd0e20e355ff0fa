-- Visits: what the telescope has done, does, or is to do, as ivoa.obsplan shows it. The schedule tells when; lists of
-- programs tell what became of a visit, where it points and when it may be done. A visit is one row, whichever told first.
CREATE TABLE archive.visit (
    program integer NOT NULL,
    observation integer NOT NULL,
    visit integer NOT NULL,
    -- 0 for the visit itself, from 1 on for the instruments that observe beside its own.
    part integer NOT NULL,
    obs_id text NOT NULL,
    -- From the schedule.
    report date,
    visit_type text,
    template text,
    scheduled_instrument text,
    scheduled_target text,
    target_category text,
    target_keywords text,
    parent_visit text,
    is_moving boolean,
    scheduled_start timestamp,
    scheduled_end timestamp,
    -- From a list of programs.
    list_status text CHECK (list_status IN ('Planned', 'Scheduled', 'Performed', 'Aborted', 'Unscheduled')),
    listed_instrument text,
    listed_target text,
    listed_start timestamp,
    listed_end timestamp,
    window_start timestamp,
    window_end timestamp,
    planned_time float8,
    is_time_critical boolean,
    program_category text,
    exclusive_months integer,
    s_ra float8,
    s_dec float8,
    s_fov float8,
    s_region text,
    em_min float8,
    em_max float8,
    em_res_power float8,
    -- What follows from these. A list knows an instrument's mode better.
    instrument_name text GENERATED ALWAYS AS (coalesce(listed_instrument, scheduled_instrument)) STORED,
    target_name text GENERATED ALWAYS AS (coalesce(listed_target, scheduled_target)) STORED,
    t_min float8 GENERATED ALWAYS AS
        (40587 + extract(epoch FROM coalesce(listed_start, scheduled_start, window_start))::float8 / 86400) STORED,
    t_max float8 GENERATED ALWAYS AS
        (40587 + extract(epoch FROM coalesce(listed_end, scheduled_end, window_end))::float8 / 86400) STORED,
    s_region__shape sky.region GENERATED ALWAYS AS (sky.region(s_region)) STORED,
    -- Schedules are public as soon as they are known, unless somebody sets another time.
    metarelease timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    metareadgroups text[],
    lastmodified timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    PRIMARY KEY (program, observation, visit, part)
);
CREATE INDEX visit_obs_id ON archive.visit (obs_id);
CREATE INDEX visit_target_name ON archive.visit (target_name);
CREATE INDEX visit_instrument_name ON archive.visit (instrument_name);
CREATE INDEX visit_t_min ON archive.visit (t_min);
CREATE INDEX visit_t_max ON archive.visit (t_max);
CREATE INDEX visit_position ON archive.visit USING gist (sky.point(s_ra, s_dec));
CREATE INDEX visit_footprint ON archive.visit USING gist (sky.bounds(s_region__shape));
