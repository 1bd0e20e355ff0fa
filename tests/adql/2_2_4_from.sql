-- ADQL 2.1 §2.2.4: FROM and joins

-- ---- Tables, aliases and comma.

-- ADQL
SELECT o.obsID FROM caom2.Observation o
-- SQL
SELECT ("o"."obsid")::text AS "obsID" FROM "caom2"."observation" AS "o"

-- ADQL
SELECT o.obsID, p.planeID FROM caom2.Observation AS o, caom2.Plane AS p WHERE o.obsID = p.obsID
-- SQL
SELECT ("o"."obsid")::text AS "obsID", ("p"."planeid")::text AS "planeID" FROM "caom2"."observation" AS "o",
"caom2"."plane" AS "p" WHERE "o"."obsid" = "p"."obsid"

-- ADQL
SELECT obsID FROM caom2.Observation, caom2.Plane
-- ERROR
line 1, column 8: The column obsID is in more than one table.
SELECT obsID FROM caom2.Observation, caom2.Plane
       ^
Say which: Observation.obsID or Plane.obsID

-- ADQL
SELECT Plane.obsID FROM caom2.Observation, caom2.Plane
-- SQL
SELECT ("plane"."obsid")::text AS "obsID" FROM "caom2"."observation" AS "observation", "caom2"."plane" AS "plane"

-- ADQL
SELECT a.obsID FROM caom2.Plane AS a, caom2.Plane AS b WHERE a.planeID = b.planeID
-- SQL
SELECT ("a"."obsid")::text AS "obsID" FROM "caom2"."plane" AS "a", "caom2"."plane" AS "b" WHERE "a"."planeid" =
"b"."planeid"

-- ADQL
SELECT a.obsID FROM caom2.Plane AS a, caom2.Observation AS a
-- ERROR
line 1, column 39: Two tables in FROM are called a.
SELECT a.obsID FROM caom2.Plane AS a, caom2.Observation AS a
                                      ^
Give one an alias: … AS name

-- ADQL
SELECT caom2.Plane.obsID FROM caom2.Plane AS p
-- ERROR
line 1, column 8: No table in FROM is called caom2.Plane.
SELECT caom2.Plane.obsID FROM caom2.Plane AS p
       ^
Known here: p

-- ---- Joins.

-- ADQL
SELECT o.obsID FROM caom2.Observation AS o JOIN caom2.Plane AS p ON o.obsID = p.obsID
-- SQL
SELECT ("o"."obsid")::text AS "obsID" FROM ("caom2"."observation" AS "o" JOIN "caom2"."plane" AS "p" ON "o"."obsid" =
"p"."obsid")

-- ADQL
SELECT o.obsID FROM caom2.Observation AS o INNER JOIN caom2.Plane AS p ON o.obsID = p.obsID AND p.calibrationLevel > 1
-- SQL
SELECT ("o"."obsid")::text AS "obsID" FROM ("caom2"."observation" AS "o" JOIN "caom2"."plane" AS "p" ON ("o"."obsid" =
"p"."obsid" AND "p"."calibrationlevel" > 1))

-- ADQL
SELECT o.obsID FROM caom2.Observation AS o LEFT JOIN caom2.Plane AS p ON o.obsID = p.obsID
-- SQL
SELECT ("o"."obsid")::text AS "obsID" FROM ("caom2"."observation" AS "o" LEFT JOIN "caom2"."plane" AS "p" ON
"o"."obsid" = "p"."obsid")

-- ADQL
SELECT o.obsID FROM caom2.Observation AS o LEFT OUTER JOIN caom2.Plane AS p USING (obsID)
-- SQL
SELECT ("o"."obsid")::text AS "obsID" FROM ("caom2"."observation" AS "o" LEFT JOIN "caom2"."plane" AS "p" ON
"o"."obsid" = "p"."obsid")

-- ADQL
SELECT obsID, planeID FROM caom2.Observation RIGHT JOIN caom2.Plane USING (obsID)
-- SQL
SELECT ("plane"."obsid")::text AS "obsID", ("plane"."planeid")::text AS "planeID" FROM ("caom2"."observation" AS
"observation" RIGHT JOIN "caom2"."plane" AS "plane" ON "observation"."obsid" = "plane"."obsid")

-- ADQL
SELECT obsID FROM caom2.Observation FULL OUTER JOIN caom2.Plane USING (obsID)
-- SQL
SELECT (COALESCE("observation"."obsid", "plane"."obsid"))::text AS "obsID" FROM ("caom2"."observation" AS
"observation" FULL JOIN "caom2"."plane" AS "plane" ON "observation"."obsid" = "plane"."obsid")

-- ADQL
SELECT planeID, inputID FROM caom2.Plane JOIN caom2.ProvenanceInput ON planeID = outputID
-- SQL
SELECT ("plane"."planeid")::text AS "planeID", ("provenanceinput"."inputid")::text AS "inputID" FROM ("caom2"."plane"
AS "plane" JOIN "caom2"."provenanceinput" AS "provenanceinput" ON "plane"."planeid" = "provenanceinput"."outputid")

-- ADQL
SELECT parentID FROM caom2.ObservationMember NATURAL JOIN caom2.ObservationMember AS other
-- SQL
SELECT ("observationmember"."parentid")::text AS "parentID" FROM ("caom2"."observationmember" AS "observationmember"
JOIN "caom2"."observationmember" AS "other" ON "observationmember"."parentid" = "other"."parentid" AND
"observationmember"."memberid" = "other"."memberid")

-- ADQL
SELECT uri FROM caom2.Observation JOIN caom2.Plane USING (obsID) JOIN caom2.Artifact USING (planeID)
-- SQL
SELECT ("artifact"."uri")::text AS "uri" FROM (("caom2"."observation" AS "observation" JOIN "caom2"."plane" AS "plane"
ON "observation"."obsid" = "plane"."obsid") JOIN "caom2"."artifact" AS "artifact" ON "plane"."planeid" =
"artifact"."planeid")

-- ADQL
SELECT uri FROM caom2.Observation JOIN (caom2.Plane JOIN caom2.Artifact USING (planeID)) USING (obsID)
-- SQL
SELECT ("artifact"."uri")::text AS "uri" FROM ("caom2"."observation" AS "observation" JOIN ("caom2"."plane" AS "plane"
JOIN "caom2"."artifact" AS "artifact" ON "plane"."planeid" = "artifact"."planeid") ON "observation"."obsid" =
"plane"."obsid")

-- ADQL
SELECT o.obsID FROM caom2.Observation AS o JOIN caom2.Plane AS p
-- ERROR
line 1, column 44: This JOIN has no condition.
SELECT o.obsID FROM caom2.Observation AS o JOIN caom2.Plane AS p
                                           ^
Add ON a.column = b.column, or USING (column).

-- ADQL
SELECT o.obsID FROM caom2.Observation AS o JOIN caom2.Plane AS p USING (planeID)
-- ERROR
line 1, column 73: The column planeID is not in both tables of the JOIN.
SELECT o.obsID FROM caom2.Observation AS o JOIN caom2.Plane AS p USING (planeID)
                                                                        ^

-- ADQL
SELECT o.obsID FROM caom2.Observation AS o JOIN caom2.Plane AS p ON COUNT(*) > 1
-- ERROR
line 1, column 69: ON cannot hold an aggregate.
SELECT o.obsID FROM caom2.Observation AS o JOIN caom2.Plane AS p ON COUNT(*) > 1
                                                                    ^

-- ADQL
SELECT o.obsID FROM caom2.Observation AS o JOIN caom2.Plane AS p ON o.obsID
-- ERROR
line 1, column 76: The query ends where a comparison or LIKE or IN should follow.
SELECT o.obsID FROM caom2.Observation AS o JOIN caom2.Plane AS p ON o.obsID
                                                                           ^

-- ADQL
SELECT o.obsID FROM caom2.Observation AS o OUTER JOIN caom2.Plane AS p USING (obsID)
-- ERROR
line 1, column 44: OUTER was not expected here, but a comma or JOIN or WHERE or GROUP BY or ORDER BY.
SELECT o.obsID FROM caom2.Observation AS o OUTER JOIN caom2.Plane AS p USING (obsID)
                                           ^
Say which: LEFT, RIGHT or FULL OUTER JOIN.

-- ADQL
SELECT a.obsID FROM caom2.Plane AS a NATURAL JOIN caom2.Observation AS b ON a.obsID = b.obsID
-- ERROR
line 1, column 46: A NATURAL JOIN has no ON and no USING.
SELECT a.obsID FROM caom2.Plane AS a NATURAL JOIN caom2.Observation AS b ON a.obsID = b.obsID
                                             ^

-- ---- Queries in FROM have a name.

-- ADQL
SELECT big.n FROM (SELECT instrument_name, COUNT(*) AS n FROM ivoa.ObsCore GROUP BY instrument_name) AS big WHERE big.n > 5
-- SQL
SELECT ("big"."n")::int8 AS "n" FROM (SELECT "obscore"."instrument_name" AS "instrument_name", count(*) AS "n" FROM
"ivoa"."obscore" AS "obscore" GROUP BY "obscore"."instrument_name") AS "big" WHERE "big"."n" > 5

-- ADQL
SELECT near.obs_id FROM (SELECT TOP 10 obs_id, s_ra FROM ivoa.ObsCore ORDER BY s_ra) near JOIN ivoa.ObsCore AS o ON o.obs_id = near.obs_id
-- SQL
SELECT ("near"."obs_id")::text AS "obs_id" FROM ((SELECT "obscore"."obs_id" AS "obs_id", "obscore"."s_ra" AS "s_ra"
FROM "ivoa"."obscore" AS "obscore" ORDER BY 2 LIMIT 10) AS "near" JOIN "ivoa"."obscore" AS "o" ON "o"."obs_id" =
"near"."obs_id")

-- ADQL
SELECT obs_id FROM (SELECT obs_id, s_region FROM ivoa.ObsCore) AS o WHERE 1 = CONTAINS(POINT(10, 20), o.s_region)
-- SQL
SELECT ("o"."obs_id")::text AS "obs_id" FROM (SELECT "obscore"."obs_id" AS "obs_id", "obscore"."s_region" AS
"s_region", "obscore"."s_region__shape" AS "s_region__shape" FROM "ivoa"."obscore" AS "obscore") AS "o" WHERE
(sky.bounds("o"."s_region__shape") @> sky.point(10.0::float8, 20.0::float8) AND sky.contains_point(10.0::float8,
20.0::float8, "o"."s_region__shape"))

-- ADQL
SELECT obs_id FROM (SELECT obs_id FROM ivoa.ObsCore)
-- ERROR
line 1, column 53: The query ends where a name or AS should follow.
SELECT obs_id FROM (SELECT obs_id FROM ivoa.ObsCore)
                                                    ^
A query in FROM needs a name: (SELECT …) AS name

-- ADQL
SELECT s_dec FROM (SELECT s_ra FROM ivoa.ObsCore) AS o
-- ERROR
line 1, column 8: There is no column s_dec in the tables of FROM.
SELECT s_dec FROM (SELECT s_ra FROM ivoa.ObsCore) AS o
       ^

-- ---- Names that are not there.

-- ADQL
SELECT obs_id FROM ivoa.ObsCor
-- ERROR
line 1, column 20: There is no table ivoa.ObsCor.
SELECT obs_id FROM ivoa.ObsCor
                   ^
Did you mean ivoa.ObsCore or ivoa.obsplan?

-- ADQL
SELECT obs_id FROM obscore.ivoa
-- ERROR
line 1, column 20: There is no table obscore.ivoa.
SELECT obs_id FROM obscore.ivoa
                   ^
The tables are: ivoa.ObsCore, ivoa.obsplan, jwst.product, jwst.spectrum, jwst.event, caom2.Observation, caom2.Plane, caom2.Artifact, caom2.Part, caom2.Chunk, caom2.ObservationMember, caom2.ProvenanceInput, caom2.SIAv1, tap_schema.schemas, tap_schema.tables, tap_schema.columns, tap_schema.keys, tap_schema.key_columns

-- ADQL
SELECT obs_id FROM caom.Plane
-- ERROR
line 1, column 20: There is no table caom.Plane.
SELECT obs_id FROM caom.Plane
                   ^
Did you mean caom2.Plane or caom2.Part?

-- ADQL
SELECT obs_idd FROM ivoa.ObsCore
-- ERROR
line 1, column 8: There is no column obs_idd in the tables of FROM.
SELECT obs_idd FROM ivoa.ObsCore
       ^
Did you mean obs_id in ivoa.ObsCore or obs_title in ivoa.ObsCore?

-- ADQL
SELECT ra, dec FROM ivoa.ObsCore
-- ERROR
line 1, column 8: There is no column ra in the tables of FROM.
SELECT ra, dec FROM ivoa.ObsCore
       ^
Did you mean s_ra in ivoa.ObsCore?

-- ADQL
SELECT q.obs_id FROM ivoa.ObsCore AS o
-- ERROR
line 1, column 8: No table in FROM is called q.
SELECT q.obs_id FROM ivoa.ObsCore AS o
       ^
Known here: o

-- ADQL
SELECT obsid FROM archive.observation
-- ERROR
line 1, column 19: There is no table archive.observation.
SELECT obsid FROM archive.observation
                  ^
Did you mean caom2.Observation or caom2.ObservationMember?

-- ADQL
SELECT * FROM pg_catalog.pg_authid
-- ERROR
line 1, column 15: There is no table pg_catalog.pg_authid.
SELECT * FROM pg_catalog.pg_authid
              ^
The tables are: ivoa.ObsCore, ivoa.obsplan, jwst.product, jwst.spectrum, jwst.event, caom2.Observation, caom2.Plane, caom2.Artifact, caom2.Part, caom2.Chunk, caom2.ObservationMember, caom2.ProvenanceInput, caom2.SIAv1, tap_schema.schemas, tap_schema.tables, tap_schema.columns, tap_schema.keys, tap_schema.key_columns

-- ADQL
SELECT * FROM tables
-- SQL
SELECT ("tables"."schema_name")::text AS "schema_name", ("tables"."table_name")::text AS "table_name",
("tables"."table_type")::text AS "table_type", ("tables"."utype")::text AS "utype", ("tables"."description")::text AS
"description", ("tables"."table_index")::int4 AS "table_index" FROM "tap_schema"."tables" AS "tables"

-- ADQL
SELECT table_name FROM TAP_SCHEMA.tables
-- SQL
SELECT ("tables"."table_name")::text AS "table_name" FROM "tap_schema"."tables" AS "tables"

-- ADQL
SELECT table_name FROM tap_schema.TABLES
-- SQL
SELECT ("tables"."table_name")::text AS "table_name" FROM "tap_schema"."tables" AS "tables"

