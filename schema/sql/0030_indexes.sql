-- What people filter on. Keys and unique URIs have theirs from the tables.
CREATE INDEX ON archive.observation (collection, observationid);
CREATE INDEX ON archive.observation (proposal_id);
CREATE INDEX ON archive.observation (instrument_name);
CREATE INDEX ON archive.observation (target_name);
CREATE INDEX ON archive.observation (maxlastmodified);

CREATE INDEX ON archive.plane (obsid);
CREATE INDEX ON archive.plane (observationid);
CREATE INDEX ON archive.plane (proposal_id);
CREATE INDEX ON archive.plane (instrument_name);
CREATE INDEX ON archive.plane (target_name);
CREATE INDEX ON archive.plane (dataproducttype, calibrationlevel);
CREATE INDEX ON archive.plane (datarelease);
CREATE INDEX ON archive.plane (lastmodified);
CREATE INDEX ON archive.plane (energy_bounds_lower, energy_bounds_upper);
CREATE INDEX ON archive.plane (energy_bounds_upper);
CREATE INDEX ON archive.plane (time_bounds_lower, time_bounds_upper);
CREATE INDEX ON archive.plane (time_bounds_upper);
CREATE INDEX ON archive.plane (time_exposure);
CREATE INDEX plane_footprint ON archive.plane USING gist (sky.bounds(position_bounds__shape));
CREATE INDEX plane_samples ON archive.plane USING gist (sky.bounds(position_bounds_samples__shape));
CREATE INDEX plane_center ON archive.plane USING gist (sky.point(position_center_ra, position_center_dec));
-- Counts are answered from these alone: they carry all that the release rule and ObsCore's conditions look at.
CREATE INDEX plane_release ON archive.plane (metarelease) INCLUDE (metareadgroups, calibrationlevel, intent);
CREATE INDEX artifact_release ON archive.artifact (metarelease) INCLUDE (metareadgroups);
CREATE INDEX observation_release ON archive.observation (metarelease) INCLUDE (metareadgroups);

CREATE INDEX ON archive.artifact (planeid);
CREATE INDEX ON archive.artifact (filename);
CREATE INDEX ON archive.artifact (publisherid);
CREATE INDEX ON archive.artifact (obs_id);
CREATE INDEX ON archive.artifact (program, observation, visit);
CREATE INDEX ON archive.artifact (association);
CREATE INDEX ON archive.artifact (instrument, mode);
CREATE INDEX ON archive.artifact (instrument_name);
CREATE INDEX ON archive.artifact (exp_type);
CREATE INDEX ON archive.artifact (detector);
CREATE INDEX ON archive.artifact (filter);
CREATE INDEX ON archive.artifact (grating);
CREATE INDEX ON archive.artifact (suffix);
CREATE INDEX ON archive.artifact (product_subgroup);
CREATE INDEX ON archive.artifact (target_name);
CREATE INDEX ON archive.artifact (datarelease);
CREATE INDEX ON archive.artifact (lastmodified);
CREATE INDEX ON archive.artifact (t_min);
CREATE INDEX ON archive.artifact (t_exptime);
CREATE INDEX artifact_footprint ON archive.artifact USING gist (sky.bounds(s_region__shape));
CREATE INDEX artifact_position ON archive.artifact USING gist (sky.point(s_ra, s_dec));

CREATE INDEX ON archive.part (artifactid);
CREATE INDEX ON archive.chunk (partid);
CREATE INDEX ON archive.observation_member (memberid);
CREATE INDEX ON archive.provenance_input (inputid);
