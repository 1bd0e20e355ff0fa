-- What the loader keeps for itself.

-- Which file's row gave an observation's (a plane's) facts. Where rows disagree, the file that sorts first decides,
-- so that a load does not depend on the order of rows and the same file twice changes nothing.
ALTER TABLE archive.observation ADD COLUMN IF NOT EXISTS principal_file text;
ALTER TABLE archive.plane ADD COLUMN IF NOT EXISTS principal_file text;

-- Loads, and how far they are: a load that was killed goes on after rows_done.
CREATE TABLE IF NOT EXISTS archive.ingest_run (
    runid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    source text NOT NULL,
    fingerprint text NOT NULL,
    rows_done bigint NOT NULL DEFAULT 0,
    rows_total bigint,
    added bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    same bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    noted bigint NOT NULL DEFAULT 0,
    started timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    finished timestamp
);
CREATE INDEX IF NOT EXISTS ingest_run_file ON archive.ingest_run (kind, fingerprint);

-- Rows that were set aside (refused) or loaded with something left out (noted).
CREATE TABLE IF NOT EXISTS archive.ingest_finding (
    runid bigint NOT NULL REFERENCES archive.ingest_run ON DELETE CASCADE,
    row_number bigint NOT NULL,
    severity text NOT NULL CHECK (severity IN ('refused', 'noted')),
    name text,
    reason text NOT NULL
);
CREATE INDEX IF NOT EXISTS ingest_finding_run ON archive.ingest_finding (runid);

-- A footprint of hundreds of slits is a long array of doubles, which hardly compress: kept as they are, they load
-- and are read faster.
ALTER TABLE archive.plane ALTER COLUMN position_bounds__shape SET STORAGE EXTERNAL;
ALTER TABLE archive.artifact ALTER COLUMN s_region__shape SET STORAGE EXTERNAL;
