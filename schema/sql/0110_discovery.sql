-- SIA finds a data product by its identifier in any case, as IVOIDs are compared.
CREATE INDEX plane_publisherid_lower_idx ON archive.plane (lower(publisherid));
