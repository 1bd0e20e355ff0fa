-- The programs of what a load has merged: one that was broken off links their products when it goes on.
ALTER TABLE archive.ingest_run ADD COLUMN programs integer[] NOT NULL DEFAULT '{}';
