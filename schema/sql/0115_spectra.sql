-- What SSA says of a spectrum and only its plane knew is copied down, so that jwst.spectrum is read without a join.
ALTER TABLE archive.artifact ADD COLUMN em_res_power float8, ADD COLUMN provenance_producer text;
UPDATE archive.artifact AS a SET em_res_power = p.energy_resolvingpower, provenance_producer = p.provenance_producer
FROM archive.plane AS p WHERE p.planeid = a.planeid;

-- Spectra are few among the files: those that are looked for without a position have indexes of their own.
CREATE INDEX artifact_spectrum_band ON archive.artifact (em_min, em_max) WHERE (dataproduct_type = 'spectrum'::text);
CREATE INDEX artifact_spectrum_target ON archive.artifact (lower(target_name)) WHERE (dataproduct_type = 'spectrum'::text);
CREATE INDEX artifact_spectrum_publisherid ON archive.artifact (lower(publisherid))
    WHERE (dataproduct_type = 'spectrum'::text);
