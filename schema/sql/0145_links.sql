-- Links are asked for by publisher ids, which are compared without regard to case, as IVOIDs are.
CREATE INDEX ON archive.plane (lower(publisherid));
