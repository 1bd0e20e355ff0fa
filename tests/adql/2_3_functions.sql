-- ADQL 2.1 §2.3: operators, mathematics, trigonometry

-- ---- Arithmetic keeps whole numbers whole.

-- ADQL
SELECT calib_level + 1, calib_level / 2, calib_level / 2., s_ra * 2 - 1 FROM ivoa.ObsCore
-- SQL
SELECT (("obscore"."calib_level" + 1))::int4 AS "column_1", (("obscore"."calib_level" / 2))::int4 AS "column_2",
(("obscore"."calib_level" / 2.0::float8))::float8 AS "column_3", ((("obscore"."s_ra" * 2) - 1))::float8 AS "column_4"
FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT 1 + 2 * 3 - 4 / 5 FROM ivoa.ObsCore
-- SQL
SELECT ((1 + (2 * 3) - (4 / 5)))::int4 AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT (1 + 2) * 3 FROM ivoa.ObsCore
-- SQL
SELECT (((1 + 2) * 3))::int4 AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT -s_ra, - -s_ra, +s_ra FROM ivoa.ObsCore
-- ERROR
line 1, column 17: - was not expected here, but a value (a column, a number, a text, a function).
SELECT -s_ra, - -s_ra, +s_ra FROM ivoa.ObsCore
                ^

-- ADQL
SELECT -(s_ra + 1) FROM ivoa.ObsCore
-- SQL
SELECT ((-("obscore"."s_ra" + 1)))::float8 AS "column_1" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT s_ra % 2 FROM ivoa.ObsCore
-- ERROR
line 1, column 13: The character % has no meaning here.
SELECT s_ra % 2 FROM ivoa.ObsCore
            ^
ADQL has no % operator; use MOD(x, y).

-- ADQL
SELECT s_ra ^ 2 FROM ivoa.ObsCore
-- ERROR
line 1, column 13: The character ^ has no meaning here.
SELECT s_ra ^ 2 FROM ivoa.ObsCore
            ^
Use POWER(x, y).

-- ADQL
SELECT s_ra + obs_id FROM ivoa.ObsCore
-- ERROR
line 1, column 15: The operator + takes numbers, and obs_id is a text.
SELECT s_ra + obs_id FROM ivoa.ObsCore
              ^
Texts are joined by ||.

-- ADQL
SELECT obs_id + 'x' FROM ivoa.ObsCore
-- ERROR
line 1, column 8: The operator + takes numbers, and obs_id is a text.
SELECT obs_id + 'x' FROM ivoa.ObsCore
       ^
Texts are joined by ||.

-- ADQL
SELECT obs_release_date + 1 FROM ivoa.ObsCore
-- ERROR
line 1, column 8: The operator + takes numbers, and obs_release_date is a time.
SELECT obs_release_date + 1 FROM ivoa.ObsCore
       ^

-- ---- Texts are joined by ||.

-- ADQL
SELECT obs_id || '/' || target_name FROM ivoa.ObsCore
-- SQL
SELECT (("obscore"."obs_id" || '/'::text || "obscore"."target_name"))::text AS "column_1" FROM "ivoa"."obscore" AS
"obscore"

-- ADQL
SELECT obs_id || calib_level FROM ivoa.ObsCore
-- ERROR
line 1, column 18: || joins texts, and here is a number.
SELECT obs_id || calib_level FROM ivoa.ObsCore
                 ^
Convert it with CAST(… AS VARCHAR).

-- ADQL
SELECT obs_id || CAST(calib_level AS VARCHAR) FROM ivoa.ObsCore
-- SQL
SELECT (("obscore"."obs_id" || ("obscore"."calib_level")::text))::text AS "column_1" FROM "ivoa"."obscore" AS
"obscore"

-- ---- Mathematics.

-- ADQL
SELECT ABS(s_dec), CEILING(s_dec), FLOOR(s_dec), DEGREES(s_ra), RADIANS(s_ra), PI() FROM ivoa.ObsCore
-- SQL
SELECT (abs("obscore"."s_dec"))::float8 AS "abs_s_dec", (ceil("obscore"."s_dec"))::float8 AS "ceiling_s_dec",
(floor("obscore"."s_dec"))::float8 AS "floor_s_dec", (degrees("obscore"."s_ra"))::float8 AS "degrees_s_ra",
(radians("obscore"."s_ra"))::float8 AS "radians_s_ra", (pi())::float8 AS "pi_6" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT EXP(t_exptime), LOG(t_exptime), LOG10(t_exptime), SQRT(t_exptime), POWER(t_exptime, 2) FROM ivoa.ObsCore
-- SQL
SELECT (exp("obscore"."t_exptime"))::float8 AS "exp_t_exptime", (ln("obscore"."t_exptime"))::float8 AS
"log_t_exptime", (log("obscore"."t_exptime"))::float8 AS "log10_t_exptime", (sqrt("obscore"."t_exptime"))::float8 AS
"sqrt_t_exptime", (power("obscore"."t_exptime", 2.0::float8))::float8 AS "power_5" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT MOD(calib_level, 2), ROUND(s_ra), ROUND(s_ra, 2), ROUND(s_ra, -1), TRUNCATE(s_ra), TRUNCATE(s_ra, 1) FROM ivoa.ObsCore
-- SQL
SELECT (mod((("obscore"."calib_level")::float8)::numeric, (2.0::float8)::numeric)::float8)::float8 AS "mod_1",
(round(("obscore"."s_ra")::numeric)::float8)::float8 AS "round_s_ra", (round(("obscore"."s_ra")::numeric,
(2.0::float8)::int4)::float8)::float8 AS "round_3", (round(("obscore"."s_ra")::numeric,
((-1.0::float8))::int4)::float8)::float8 AS "round_4", (trunc("obscore"."s_ra"))::float8 AS "truncate_s_ra",
(trunc(("obscore"."s_ra")::numeric, (1.0::float8)::int4)::float8)::float8 AS "truncate_6" FROM "ivoa"."obscore" AS
"obscore"

-- ADQL
SELECT RAND(), RAND(5) FROM ivoa.ObsCore
-- SQL
SELECT (random())::float8 AS "rand_1", ((length((SELECT setseed(sin(5.0::float8)))::text) + random()))::float8 AS
"rand_2" FROM "ivoa"."obscore" AS "obscore"

-- ADQL
SELECT SQRT() FROM ivoa.ObsCore
-- ERROR
line 1, column 8: SQRT is not called with 0 arguments.
SELECT SQRT() FROM ivoa.ObsCore
       ^
It is SQRT(x)

-- ADQL
SELECT SQRT(1, 2) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: SQRT is not called with 2 arguments.
SELECT SQRT(1, 2) FROM ivoa.ObsCore
       ^
It is SQRT(x)

-- ADQL
SELECT SQRT(obs_id) FROM ivoa.ObsCore
-- ERROR
line 1, column 13: SQRT takes a number here, not a text.
SELECT SQRT(obs_id) FROM ivoa.ObsCore
            ^
It is SQRT(x)

-- ADQL
SELECT LN(t_exptime) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: There is no function LN here.
SELECT LN(t_exptime) FROM ivoa.ObsCore
       ^
Use LOG(x), the natural logarithm.

-- ADQL
SELECT POW(t_exptime, 2) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: There is no function POW here.
SELECT POW(t_exptime, 2) FROM ivoa.ObsCore
       ^
Use POWER(x, y).

-- ADQL
SELECT CEIL(t_exptime) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: There is no function CEIL here.
SELECT CEIL(t_exptime) FROM ivoa.ObsCore
       ^
Use CEILING(x).

-- ADQL
SELECT SQR(t_exptime) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: There is no function SQR here.
SELECT SQR(t_exptime) FROM ivoa.ObsCore
       ^
Did you mean SQRT?

-- ADQL
SELECT SUBSTRING(obs_id, 1, 2) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: SUBSTRING is a reserved word of ADQL, with no use here.
SELECT SUBSTRING(obs_id, 1, 2) FROM ivoa.ObsCore
       ^
As a name it is written in double quotes: "SUBSTRING".

-- ADQL
SELECT NOW() FROM ivoa.ObsCore
-- ERROR
line 1, column 8: There is no function NOW here.
SELECT NOW() FROM ivoa.ObsCore
       ^
ADQL has no clock; write the time: '2024-07-01T12:00:00'

-- ADQL
SELECT frobnicate(obs_id) FROM ivoa.ObsCore
-- ERROR
line 1, column 8: There is no function FROBNICATE here.
SELECT frobnicate(obs_id) FROM ivoa.ObsCore
       ^
Did you mean TRUNCATE?

-- ---- Trigonometry, in radians.

-- ADQL
SELECT SIN(s_ra), COS(s_ra), TAN(s_ra), COT(s_ra), ASIN(s_ra), ACOS(s_ra), ATAN(s_ra), ATAN2(s_dec, s_ra) FROM ivoa.ObsCore
-- SQL
SELECT (sin("obscore"."s_ra"))::float8 AS "sin_s_ra", (cos("obscore"."s_ra"))::float8 AS "cos_s_ra",
(tan("obscore"."s_ra"))::float8 AS "tan_s_ra", (cot("obscore"."s_ra"))::float8 AS "cot_s_ra",
(asin("obscore"."s_ra"))::float8 AS "asin_s_ra", (acos("obscore"."s_ra"))::float8 AS "acos_s_ra",
(atan("obscore"."s_ra"))::float8 AS "atan_s_ra", (atan2("obscore"."s_dec", "obscore"."s_ra"))::float8 AS "atan2_8"
FROM "ivoa"."obscore" AS "obscore"

