-- Files that came with a job: they are there before its first attempt, and until the job is deleted.
ALTER TABLE archive.job_file ADD COLUMN IF NOT EXISTS is_input boolean NOT NULL DEFAULT false;
