-- What a file's own header tells, beyond the rows of the keyword service.

-- Whether a release date follows from the program's category alone: a date that somebody has stated replaces it.
ALTER TABLE archive.plane ADD COLUMN release_assumed boolean NOT NULL DEFAULT false;
ALTER TABLE archive.artifact ADD COLUMN release_assumed boolean NOT NULL DEFAULT false,
    -- A spectrum's axes as they stand in the file (em_unit: there is a value only where em_min and em_max were read from
    -- the file, too), and its number of points.
    ADD COLUMN em_unit text, ADD COLUMN em_xel bigint, ADD COLUMN flux_ucd text, ADD COLUMN flux_unit text;
