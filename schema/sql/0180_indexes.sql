-- Events are asked for by file, product and place, too. (Of an index of those with a place the planner did not see that a
-- region can meet no others: it read all events of the time, 150 ms of 200,000, where 7 ms do.)
DROP INDEX archive.event_position;
CREATE INDEX event_position ON archive.event USING gist (sky.point(s_ra, s_dec));
CREATE INDEX event_uri ON archive.event (uri);
CREATE INDEX event_filename ON archive.event (filename);
CREATE INDEX event_publisherid ON archive.event (publisherid);

-- Of the same columns there is another index each: plane_publisherid_lower_idx, artifact_lower_idx.
DROP INDEX archive.plane_lower_idx;
DROP INDEX archive.artifact_spectrum_publisherid;
