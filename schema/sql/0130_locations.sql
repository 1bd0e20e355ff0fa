-- Where copies of files lie: in which of the operator's stores, under which key, and from when on each may be had.
-- A file may lie in a store without a row here, where the store's own layout says under which key.
CREATE TABLE archive.location (
    artifactid uuid NOT NULL REFERENCES archive.artifact ON DELETE CASCADE,
    store text NOT NULL,
    key text NOT NULL,
    -- From when on this copy is handed out. NULL: as soon as the file itself may be read, which always counts, too.
    release timestamp,
    PRIMARY KEY (artifactid, store)
);
CREATE INDEX ON archive.artifact (lower(publisherid));
