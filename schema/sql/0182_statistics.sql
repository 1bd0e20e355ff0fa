-- Nobody compares a footprint's numbers, and statistics of them were a quarter of the time of ANALYZE, which runs again and
-- again while a catalogue is filled.
ALTER TABLE archive.plane ALTER COLUMN position_bounds__shape SET STATISTICS 0,
    ALTER COLUMN position_bounds_samples__shape SET STATISTICS 0;
ALTER TABLE archive.artifact ALTER COLUMN s_region__shape SET STATISTICS 0;
