-- The front page shows the newest pictures.
CREATE INDEX artifact_thumbnail ON archive.artifact (lastmodified DESC) WHERE producttype = 'thumbnail';
