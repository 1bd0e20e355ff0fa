-- The texts of footprints of hundreds of slits are kept as they are, like their arrays (0050): compressing digits
-- took a tenth of the database's time of a load, and reading them back takes time too.
ALTER TABLE archive.plane ALTER COLUMN position_bounds SET STORAGE EXTERNAL;
ALTER TABLE archive.plane ALTER COLUMN position_bounds_given SET STORAGE EXTERNAL;
ALTER TABLE archive.artifact ALTER COLUMN s_region SET STORAGE EXTERNAL;
