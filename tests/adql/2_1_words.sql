-- ADQL 2.1 §2.1: words, names, literals, comments

-- ---- Keywords and regular names are read in any case (§2.1.2).

-- ADQL
select OBS_ID from IVOA.obscore
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SeLeCt o.Obs_Id FrOm ivoa.ObsCore aS O
-- SQL
SELECT ("O"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "O"

-- ADQL
SELECT obs_id FROM ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT ObsCore.obs_id FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT ivoa.ObsCore.obs_id FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore"

-- ---- Names in double quotes are compared letter by letter (§2.1.3), and may be any word.

-- ADQL
SELECT "obs_id" FROM "ivoa"."ObsCore"
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT "OBS_ID" FROM ivoa.ObsCore
-- ERROR
line 1, column 8: There is no column OBS_ID in the tables of FROM.
SELECT "OBS_ID" FROM ivoa.ObsCore
       ^
Did you mean obs_id in ivoa.ObsCore or obs_title in ivoa.ObsCore? If it is a text, it takes single quotes: 'OBS_ID'

-- ADQL
SELECT obs_id FROM "ivoa"."obscore"
-- ERROR
line 1, column 20: There is no table ivoa.obscore.
SELECT obs_id FROM "ivoa"."obscore"
                   ^
Did you mean ivoa.ObsCore or ivoa.obsplan? (A name in double quotes is compared letter by letter.)

-- ADQL
SELECT obs_id AS "Observation" FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "Observation" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT obs_id AS "say ""hello""" FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "say ""hello""" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT obs_id AS "SELECT" FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "SELECT" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT "t t".obs_id FROM ivoa.ObsCore AS "t t"
-- SQL
SELECT ("t t"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "t t"

-- ADQL
SELECT "T".obs_id FROM ivoa.ObsCore AS t
-- ERROR
line 1, column 8: No table in FROM is called T.
SELECT "T".obs_id FROM ivoa.ObsCore AS t
       ^
Did you mean t?

-- ADQL
SELECT planeID, "planeID" FROM caom2.Plane
-- SQL
SELECT ("plane"."planeid")::text AS "planeID", ("plane"."planeid")::text AS "planeID_2" FROM "caom2"."plane" AS
"plane"

-- ADQL
SELECT "planeid" FROM caom2.Plane
-- ERROR
line 1, column 8: There is no column planeid in the tables of FROM.
SELECT "planeid" FROM caom2.Plane
       ^
Did you mean planeID in caom2.Plane or planeURI in caom2.Plane? If it is a text, it takes single quotes: 'planeid'

-- ADQL
SELECT "size" FROM TAP_SCHEMA.columns
-- SQL
SELECT ("columns"."size")::int4 AS "size" FROM "tap_schema"."columns" AS "columns"

-- ---- Reserved words are no names.

-- ADQL
SELECT obs_id AS size FROM ivoa.ObsCore
-- ERROR
line 1, column 18: size is a reserved word of ADQL, with no use here.
SELECT obs_id AS size FROM ivoa.ObsCore
                 ^
As a name it is written in double quotes: "size".

-- ADQL
SELECT size FROM TAP_SCHEMA.columns
-- ERROR
line 1, column 8: size is a reserved word of ADQL, with no use here.
SELECT size FROM TAP_SCHEMA.columns
       ^
As a name it is written in double quotes: "size".

-- ADQL
SELECT obs_id year FROM ivoa.ObsCore
-- ERROR
line 1, column 15: year is a reserved word of ADQL, with no use here.
SELECT obs_id year FROM ivoa.ObsCore
              ^
As a name it is written in double quotes: "year".

-- ADQL
SELECT user FROM ivoa.ObsCore
-- ERROR
line 1, column 8: user is a reserved word of ADQL, with no use here.
SELECT user FROM ivoa.ObsCore
       ^
As a name it is written in double quotes: "user".

-- ADQL
SELECT obs_id FROM ivoa.ObsCore AS section
-- ERROR
line 1, column 36: section is a reserved word of ADQL, with no use here.
SELECT obs_id FROM ivoa.ObsCore AS section
                                   ^
As a name it is written in double quotes: "section".

-- ADQL
SELECT obs_id FROM ivoa.ObsCore AS distance
-- ERROR
line 1, column 36: distance was not expected here, but a name.
SELECT obs_id FROM ivoa.ObsCore AS distance
                                   ^
distance is a reserved word; as a name it is written in double quotes: "distance".

-- ADQL
SELECT point FROM ivoa.ObsCore
-- ERROR
line 1, column 14: FROM was not expected here, but (.
SELECT point FROM ivoa.ObsCore
             ^
point is a function's name; for a column or alias write "point".

-- ADQL
SELECT obs_id AS count FROM ivoa.ObsCore
-- ERROR
line 1, column 18: count was not expected here, but a name.
SELECT obs_id AS count FROM ivoa.ObsCore
                 ^
count is a reserved word; as a name it is written in double quotes: "count".

-- ADQL
SELECT obs_id AS "count" FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "count" FROM "ivoa"."obscore" AS "obscore"

-- ---- Names begin with a letter.

-- ADQL
SELECT _x FROM ivoa.ObsCore
-- ERROR
line 1, column 8: The character _ has no meaning here.
SELECT _x FROM ivoa.ObsCore
       ^
A name begins with a letter from A to Z, and has letters, digits and _; others take double quotes: "2mass"

-- ADQL
SELECT obs_id AS 2mass FROM ivoa.ObsCore
-- ERROR
line 1, column 18: 2 was not expected here, but a name.
SELECT obs_id AS 2mass FROM ivoa.ObsCore
                 ^
A name begins with a letter from A to Z, and has letters, digits and _; others take double quotes: "2mass"

-- ADQL
SELECT obs_id AS größe FROM ivoa.ObsCore
-- ERROR
line 1, column 20: The character ö has no meaning here.
SELECT obs_id AS größe FROM ivoa.ObsCore
                   ^
A name begins with a letter from A to Z, and has letters, digits and _; others take double quotes: "2mass"

-- ADQL
SELECT obs_id AS "größe" FROM ivoa.ObsCore
-- SQL
SELECT ("obscore"."obs_id")::text AS "größe" FROM "ivoa"."obscore" AS "obscore"

-- ---- Numbers have no sign of their own; a keyword may follow without a blank.

-- ADQL
SELECT 12, 12., 12.3, .5, 12.3E4, 12E-4, 1e+3 FROM ivoa.ObsCore
-- SQL
SELECT (12)::int4 AS "column_1", (12.0::float8)::float8 AS "column_2", (12.3::float8)::float8 AS "column_3",
(0.5::float8)::float8 AS "column_4", (123000.0::float8)::float8 AS "column_5", (0.0012::float8)::float8 AS "column_6",
(1000.0::float8)::float8 AS "column_7" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT -5, +5, -.5 FROM ivoa.ObsCore
-- SQL
SELECT ((-5))::int4 AS "column_1", ((+5))::int4 AS "column_2", ((-0.5::float8))::float8 AS "column_3" FROM
"ivoa"."obscore" AS "obscore"

-- ADQL
SELECT 2147483647, 2147483648, 9223372036854775807 FROM ivoa.ObsCore
-- SQL
SELECT (2147483647)::int4 AS "column_1", (2147483648::int8)::int8 AS "column_2", (9223372036854775807::int8)::int8 AS
"column_3" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT 9223372036854775808 FROM ivoa.ObsCore
-- SQL
SELECT (9.223372036854776e+18::float8)::float8 AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT 1e400 FROM ivoa.ObsCore
-- ERROR
line 1, column 8: The number 1e400 is too large.
SELECT 1e400 FROM ivoa.ObsCore
       ^
Numbers reach to about 1.8E308.

-- ADQL
SELECT s_ra FROM ivoa.ObsCore ORDER BY 1desc
-- SQL
SELECT ("obscore"."s_ra")::float8 AS "s_ra" FROM "ivoa"."obscore" AS "obscore" ORDER BY 1 DESC

-- ADQL
SELECT 89x FROM ivoa.ObsCore
-- SQL
SELECT (89)::int4 AS "x" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT 0x1F FROM ivoa.ObsCore
-- SQL
SELECT (0)::int4 AS "x1F" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT 1_000 FROM ivoa.ObsCore
-- ERROR
line 1, column 9: The character _ has no meaning here.
SELECT 1_000 FROM ivoa.ObsCore
        ^
A name begins with a letter from A to Z, and has letters, digits and _; others take double quotes: "2mass"

-- ---- Texts; '' is one quote, and a backslash is a backslash.

-- ADQL
SELECT 'it''s' FROM ivoa.ObsCore
-- SQL
SELECT ('it''s'::text)::text AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT 'a\b' FROM ivoa.ObsCore
-- SQL
SELECT ('a\b'::text)::text AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT '' FROM ivoa.ObsCore
-- SQL
SELECT (''::text)::text AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT 'one' 'two' FROM ivoa.ObsCore
-- SQL
SELECT ('onetwo'::text)::text AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT 'Ångström' FROM ivoa.ObsCore
-- SQL
SELECT ('Ångström'::text)::text AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT 'a--b' FROM ivoa.ObsCore
-- SQL
SELECT ('a--b'::text)::text AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT 'open FROM ivoa.ObsCore
-- ERROR
line 1, column 8: The character ' has no meaning here.
SELECT 'open FROM ivoa.ObsCore
       ^
A text that begins here never ends: a ' is missing. Within a text write '' for one quote.

-- ADQL
SELECT "open FROM ivoa.ObsCore
-- ERROR
line 1, column 8: The character " has no meaning here.
SELECT "open FROM ivoa.ObsCore
       ^
A name that begins here never ends: a " is missing.

-- ADQL
SELECT NULL FROM ivoa.ObsCore
-- SQL
SELECT (NULL)::text AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ---- Comments run to the end of the line.

-- ADQL
SELECT -- the identifier
 obs_id -- and no more
FROM ivoa.ObsCore --end
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT /* no */ obs_id FROM ivoa.ObsCore
-- ERROR
line 1, column 8: / was not expected here, but a value (a column, a number, a text, a function).
SELECT /* no */ obs_id FROM ivoa.ObsCore
       ^
A comment begins with -- and ends with the line.

-- ADQL
SELECT obs_id # no
FROM ivoa.ObsCore
-- ERROR
line 1, column 15: The character # has no meaning here.
SELECT obs_id # no
              ^
A comment begins with --

-- ---- One semicolon at the end is forgiven.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore;
-- SQL
SELECT ("obscore"."obs_id")::text AS "obs_id" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT obs_id FROM ivoa.ObsCore; SELECT 1 FROM ivoa.ObsCore
-- ERROR
line 1, column 34: SELECT was not expected here, but the end of the query.
SELECT obs_id FROM ivoa.ObsCore; SELECT 1 FROM ivoa.ObsCore
                                 ^
One query at a time: nothing may follow the semicolon.

-- ADQL
SELECT obs_id FROM ivoa.ObsCore;;
-- ERROR
line 1, column 33: ; was not expected here, but the end of the query.
SELECT obs_id FROM ivoa.ObsCore;;
                                ^
One query at a time: nothing may follow the semicolon.

