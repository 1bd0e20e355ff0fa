-- Of which files a harvest has merged all that is to be known: one that was broken off does not merge them again.
ALTER TABLE archive.harvest_file ADD COLUMN is_whole boolean NOT NULL DEFAULT false;
