-- A file comes into the public cloud some time after its release. NULL: at its release.
ALTER TABLE archive.artifact ADD COLUMN cloud_release timestamp;
