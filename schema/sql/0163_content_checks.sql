-- When the content of a copy was last read and found to be what the catalogue says: `voserver verify --checksums` may go
-- on where it was broken off, or read a part of the archive each night.
CREATE TABLE archive.content_check (
    artifactid uuid NOT NULL REFERENCES archive.artifact ON DELETE CASCADE,
    store text NOT NULL,
    checked timestamp NOT NULL,
    checksum text NOT NULL,
    PRIMARY KEY (artifactid, store)
);
