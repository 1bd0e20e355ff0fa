-- ADQL 2.1 §2.2.1: SELECT

-- ---- What is selected, and what it is called.

-- ADQL
SELECT obs_id, s_ra AS ra, s_dec dec_deg FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id", ("obscore"."s_ra")::float8 AS "ra", ("obscore"."s_dec")::float8 AS
"dec_deg" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT parentID, memberID FROM caom2.ObservationMember
-- SQL
SELECT ("observationmember"."parentid")::text AS "parentID", ("observationmember"."memberid")::text AS "memberID" FROM
"caom2"."observationmember" AS "observationmember"

-- ADQL
SELECT * FROM caom2.ProvenanceInput
-- SQL
SELECT ("provenanceinput"."outputid")::text AS "outputID", ("provenanceinput"."inputid")::text AS "inputID" FROM
"caom2"."provenanceinput" AS "provenanceinput"

-- ADQL
SELECT m.* FROM caom2.ObservationMember AS m
-- SQL
SELECT ("m"."parentid")::text AS "parentID", ("m"."memberid")::text AS "memberID" FROM "caom2"."observationmember" AS
"m"

-- ADQL
SELECT m.*, p.inputID FROM caom2.ObservationMember AS m, caom2.ProvenanceInput AS p
-- SQL
SELECT ("m"."parentid")::text AS "parentID", ("m"."memberid")::text AS "memberID", ("p"."inputid")::text AS "inputID"
FROM "caom2"."observationmember" AS "m", "caom2"."provenanceinput" AS "p"

-- ADQL
SELECT caom2.ObservationMember.* FROM caom2.ObservationMember
-- SQL
SELECT ("observationmember"."parentid")::text AS "parentID", ("observationmember"."memberid")::text AS "memberID" FROM
"caom2"."observationmember" AS "observationmember"

-- ADQL
SELECT *, parentID FROM caom2.ObservationMember
-- SQL
SELECT ("observationmember"."parentid")::text AS "parentID", ("observationmember"."memberid")::text AS "memberID",
("observationmember"."parentid")::text AS "parentID_2" FROM "caom2"."observationmember" AS "observationmember"

-- ADQL
SELECT obs_id, obs_id, obs_id AS OBS_ID FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id", ("obscore"."obs_id")::text AS "obs_id_2", ("obscore"."obs_id")::text AS
"OBS_ID_3" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT s_ra + 1, s_ra + 2, ABS(s_dec), MOD(calib_level, 2) FROM ivoa.ObsCore
-- SQL
SELECT (("obscore"."s_ra" + 1))::float8 AS "column_1", (("obscore"."s_ra" + 2))::float8 AS "column_2",
(abs("obscore"."s_dec"))::float8 AS "abs_s_dec", (mod((("obscore"."calib_level")::float8)::numeric,
(2.0::float8)::numeric)::float8)::float8 AS "mod_4" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT COUNT(*), MAX(s_ra), MAX(s_ra + 1) FROM ivoa.ObsCore
-- SQL
SELECT (count(*))::int8 AS "count_1", (max("obscore"."s_ra"))::float8 AS "max_s_ra", (max(("obscore"."s_ra" +
1)))::float8 AS "max_3" FROM "ivoa"."obscore" AS "obscore"

-- ---- DISTINCT and TOP, in this order.

-- ADQL
SELECT ALL obs_id FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT DISTINCT instrument_name FROM ivoa.ObsCore
-- SQL
SELECT DISTINCT ("obscore"."instrument_name")::text AS "instrument_name" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT TOP 10 obs_id FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" LIMIT 10

-- ADQL
SELECT DISTINCT TOP 10 instrument_name FROM ivoa.ObsCore
-- SQL
SELECT DISTINCT ("obscore"."instrument_name")::text AS "instrument_name" FROM "ivoa"."obscore" AS "obscore" LIMIT 10

-- ADQL
SELECT TOP 10 DISTINCT instrument_name FROM ivoa.ObsCore
-- ERROR
line 1, column 15: DISTINCT was not expected here, but a value (a column, a number, a text, a function).
SELECT TOP 10 DISTINCT instrument_name FROM ivoa.ObsCore
              ^
DISTINCT is a reserved word; as a name it is written in double quotes: "DISTINCT".

-- ADQL
SELECT TOP 0 obs_id FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" LIMIT 0

-- ADQL
SELECT TOP -1 obs_id FROM ivoa.ObsCore
-- ERROR
line 1, column 12: - was not expected here, but a whole number.
SELECT TOP -1 obs_id FROM ivoa.ObsCore
           ^

-- ADQL
SELECT TOP 1.5 obs_id FROM ivoa.ObsCore
-- ERROR
line 1, column 12: 1.5 was not expected here, but a whole number.
SELECT TOP 1.5 obs_id FROM ivoa.ObsCore
           ^

-- ADQL
SELECT TOP obs_id FROM ivoa.ObsCore
-- ERROR
line 1, column 12: obs_id was not expected here, but a whole number.
SELECT TOP obs_id FROM ivoa.ObsCore
           ^

-- ADQL
SELECT TOP 99999999999999999999 obs_id FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore" LIMIT 1000000000000000000

-- ADQL
SELECT DISTINCT(obs_id), s_ra FROM ivoa.ObsCore
-- SQL
SELECT DISTINCT ("obscore"."obs_id")::text AS "obs_id", ("obscore"."s_ra")::float8 AS "s_ra" FROM "ivoa"."obscore" AS
"obscore"

-- ---- What is no SELECT.

-- ADQL
SELECT obs_id
-- ERROR
line 1, column 14: The query ends where a comma or FROM or a name or AS or a dot should follow.
SELECT obs_id
             ^

-- ADQL
SELECT FROM ivoa.ObsCore
-- ERROR
line 1, column 8: FROM was not expected here, but a value (a column, a number, a text, a function).
SELECT FROM ivoa.ObsCore
       ^

-- ADQL
SELECT obs_id, FROM ivoa.ObsCore
-- ERROR
line 1, column 16: FROM was not expected here, but a value (a column, a number, a text, a function).
SELECT obs_id, FROM ivoa.ObsCore
               ^
Is there a comma too many?

-- ADQL
SELECT obs_id s_ra s_dec FROM ivoa.ObsCore
-- ERROR
line 1, column 20: s_dec was not expected here, but a comma or FROM.
SELECT obs_id s_ra s_dec FROM ivoa.ObsCore
                   ^
Is a comma missing before it?

-- ADQL
SELECT obs_id FROM
-- ERROR
line 1, column 19: The query ends where a name or ( should follow.
SELECT obs_id FROM
                  ^

-- ADQL
SELECT * obs_id FROM ivoa.ObsCore
-- ERROR
line 1, column 10: obs_id was not expected here, but a comma or FROM.
SELECT * obs_id FROM ivoa.ObsCore
         ^
Is a comma missing before it?

-- ADQL
SELECT *.obs_id FROM ivoa.ObsCore
-- ERROR
line 1, column 9: . was not expected here, but a comma or FROM.
SELECT *.obs_id FROM ivoa.ObsCore
        ^

-- ADQL
SELECT obs_id FROM ivoa.ObsCore LIMIT 5
-- ERROR
line 1, column 39: 5 was not expected here, but a comma or JOIN or WHERE or GROUP BY or ORDER BY.
SELECT obs_id FROM ivoa.ObsCore LIMIT 5
                                      ^
ADQL has no LIMIT: write SELECT TOP n … at the beginning.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore FETCH FIRST 5 ROWS ONLY
-- ERROR
line 1, column 33: FETCH is a reserved word of ADQL, with no use here.
SELECT obs_id FROM ivoa.ObsCore FETCH FIRST 5 ROWS ONLY
                                ^
ADQL has no FETCH FIRST: write SELECT TOP n …

-- ADQL
SELECT x.* FROM ivoa.ObsCore
-- ERROR
line 1, column 8: No table in FROM is called x.
SELECT x.* FROM ivoa.ObsCore
       ^
Known here: ObsCore

-- ADQL
DELETE FROM ivoa.ObsCore
-- ERROR
line 1, column 1: DELETE is a reserved word of ADQL, with no use here.
DELETE FROM ivoa.ObsCore
^
Only queries are answered: SELECT … FROM …

-- ADQL
INSERT INTO ivoa.ObsCore VALUES (1)
-- ERROR
line 1, column 1: INSERT is a reserved word of ADQL, with no use here.
INSERT INTO ivoa.ObsCore VALUES (1)
^
Only queries are answered: SELECT … FROM …

-- ADQL
EXPLAIN SELECT obs_id FROM ivoa.ObsCore
-- ERROR
line 1, column 1: EXPLAIN was not expected here, but SELECT or (.
EXPLAIN SELECT obs_id FROM ivoa.ObsCore
^
Only queries are answered: SELECT … FROM …

-- ADQL
SELECT obs_id INTO mine FROM ivoa.ObsCore
-- ERROR
line 1, column 15: INTO is a reserved word of ADQL, with no use here.
SELECT obs_id INTO mine FROM ivoa.ObsCore
              ^
Only queries are answered: SELECT … FROM …

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = 'x'; DROP TABLE caom2.Plane
-- ERROR
line 1, column 53: DROP is a reserved word of ADQL, with no use here.
SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = 'x'; DROP TABLE caom2.Plane
                                                    ^
One query at a time: nothing may follow the semicolon.

-- ADQL
SELECT TOP 5 obs_id FORM ivoa.ObsCore
-- ERROR
line 1, column 26: ivoa was not expected here, but a comma or FROM.
SELECT TOP 5 obs_id FORM ivoa.ObsCore
                         ^
Did you mean FROM instead of FORM?

-- ADQL
SELCT TOP 5 obs_id FROM ivoa.ObsCore
-- ERROR
line 1, column 1: SELCT was not expected here, but SELECT or (.
SELCT TOP 5 obs_id FROM ivoa.ObsCore
^
Did you mean SELECT instead of SELCT?

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHER s_ra > 1
-- ERROR
line 1, column 38: s_ra was not expected here, but a comma or JOIN or WHERE or GROUP BY or ORDER BY.
SELECT obs_id FROM ivoa.ObsCore WHER s_ra > 1
                                     ^
Did you mean WHERE instead of WHER?

-- ADQL
SELECT obs_id INTO b FROM ivoa.ObsCore
-- ERROR
line 1, column 15: INTO is a reserved word of ADQL, with no use here.
SELECT obs_id INTO b FROM ivoa.ObsCore
              ^
Only queries are answered: SELECT … FROM …

-- ADQL
SELECT obs_id FROM ivoa.ObsCore WHERE t_min > '2024-01-01'
-- ERROR
line 1, column 47: t_min (a number) cannot be compared with a text.
SELECT obs_id FROM ivoa.ObsCore WHERE t_min > '2024-01-01'
                                              ^
It is a day's number (MJD): ivo_to_mjd('2024-01-01')

-- ADQL
SELECT CASE calib_level WHEN 1 THEN 'a' ELSE 'b' END, CASE calib_level + 1 WHEN 2 THEN 1 WHEN 3 THEN 4 END FROM ivoa.ObsCore
-- SQL
SELECT (CASE WHEN "obscore"."calib_level" = 1 THEN 'a'::text ELSE 'b'::text END)::text AS "column_1", (CASE
("obscore"."calib_level" + 1) WHEN 2 THEN 1 WHEN 3 THEN 4 END)::int4 AS "column_2" FROM "ivoa"."obscore" AS "obscore"

