-- Jobs as UWS has them. The service that reads and writes them is the archive's owner; no query can name them.

CREATE TABLE IF NOT EXISTS archive.job (
    job_id text PRIMARY KEY,
    kind text NOT NULL,
    owner text,
    party text NOT NULL,
    run_id text,
    phase text NOT NULL DEFAULT 'PENDING' CHECK (phase IN (
        'PENDING', 'QUEUED', 'EXECUTING', 'COMPLETED', 'ERROR', 'ABORTED', 'HELD', 'SUSPENDED', 'ARCHIVED', 'UNKNOWN')),
    priority integer NOT NULL DEFAULT 0,
    parameters jsonb NOT NULL DEFAULT '[]',
    base_url text NOT NULL,
    creation_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    queued_time timestamptz,
    start_time timestamptz,
    end_time timestamptz,
    quote timestamptz,
    execution_duration integer NOT NULL CHECK (execution_duration >= 0),
    destruction timestamptz NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    losses integer NOT NULL DEFAULT 0,
    worker text,
    lease timestamptz,
    row_count bigint,
    error_type text CHECK (error_type IN ('fatal', 'transient')),
    error_message text,
    CHECK (phase <> 'EXECUTING' OR (worker IS NOT NULL AND lease IS NOT NULL)),
    CHECK (phase <> 'ERROR' OR error_message IS NOT NULL)
);
COMMENT ON COLUMN archive.job.party IS 'Who shares the workers fairly: a user, or an address where nobody has signed in';
COMMENT ON COLUMN archive.job.parameters IS 'Names and values in the order in which they came: [["QUERY", "SELECT …"], …]';
COMMENT ON COLUMN archive.job.attempt IS 'Counts the times that a worker took the job: an older attempt can no longer end it';
COMMENT ON COLUMN archive.job.losses IS 'The attempts that ended without a fault of the job: a worker that died, say';
COMMENT ON COLUMN archive.job.lease IS 'Until when the job is its worker''s; renewed while the worker lives';

CREATE INDEX ON archive.job (owner, creation_time) WHERE (owner IS NOT NULL);
CREATE INDEX ON archive.job (phase, priority, queued_time);
CREATE INDEX ON archive.job (party, start_time);
CREATE INDEX ON archive.job (destruction);

-- A file in the result store is noted here before it is written. One that no job's latest attempt writes or has
-- written is waste, to be removed.
CREATE TABLE IF NOT EXISTS archive.job_file (
    file_key text PRIMARY KEY,
    job_id text NOT NULL,
    attempt integer NOT NULL,
    position integer NOT NULL,
    result_id text NOT NULL,
    media_type text NOT NULL,
    file_name text NOT NULL,
    size bigint,
    e_tag text,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON archive.job_file (job_id);

-- Whoever waits for a job, or works on it, hears of every change of its phase.
CREATE OR REPLACE FUNCTION archive.tell_of_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM pg_notify('voserver_job', OLD.job_id || ' GONE');
    ELSIF NEW.phase IS DISTINCT FROM OLD.phase THEN
        PERFORM pg_notify('voserver_job', NEW.job_id || ' ' || NEW.phase);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER job_changed AFTER UPDATE OF phase OR DELETE ON archive.job
    FOR EACH ROW EXECUTE FUNCTION archive.tell_of_job();
