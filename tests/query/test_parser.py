import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voserver.model.errors import QuerySyntaxError, ServiceError
from voserver.model.reserved import RESERVED
from voserver.model.tables import Tables
from voserver.query.adql import compile as compile_adql
from voserver.query.adql import tree
from voserver.query.adql.parser import MAXIMUM_LENGTH, parse


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", None, ["empty", "SELECT TOP 5"]),
        ("  -- only a comment", 20, ["SELECT"]),
        ("SELECT * FROM a LIMIT 5", 23, ["no LIMIT", "TOP"]),
        ("SELECT a FROM x WHERE a == 3", 26, ["Equality is a single ="]),
        ("SELECT a b c FROM x", 12, ["comma missing"]),
        ("SELECT a, FROM x", 11, ["comma too many"]),
        ("SELECT a FROM x, WHERE a = 1", 18, ["comma too many"]),
        ("SELECT year FROM x", 8, ["reserved word", '"year"']),
        ("SELECT distance FROM x", 17, ["function's name", '"distance"']),
        ("SELECT a AS top FROM x", 13, ["reserved word", '"top"']),
        ("SELECT a FROM", 14, ["ends where a name"]),
        ("SELECT a FROM x WHERE", 22, ["ends where a value"]),
        ("SELECT a FROM x WHERE a = 'dd", 27, ["never ends"]),
        ('SELECT "a FROM x', 8, ["never ends"]),
        ("SELECT a FROM x; DROP TABLE y", 18, ["One query at a time"]),
        ("DELETE FROM x", 1, ["Only queries"]),
        ("SELECT a[1] FROM x", 9, ["no subscripts"]),
        ("SELECT a % 2 FROM x", 10, ["MOD"]),
        ("SELECT `a` FROM x", 8, ["double quotes"]),
        ("SELECT a FROM x WHERE b = \u2018c\u2019", 27, ["plain quote"]),
        ("SELECT TOP x a FROM y", 12, ["a whole number"]),
        ("SELECT TOP -5 a FROM y", 12, ["a whole number"]),
        ("SELECT CASE WHEN a THEN b END FROM y", 20, ["a comparison"]),
        ("SELECT a FROM x WHERE b 'c'", 25, ["a comparison"]),
        ("SELECT a FROM x WHERE NOT NOT a = 1", 27, ["a value"]),
        ("SELECT COUNT(a FROM x", 16, [")"]),
        ("SELECT a FROM (SELECT b FROM c)", 32, ["a name"]),
        ("SELECT 1", 9, ["FROM"]),
        ("SELECT a\nFROM x\nWHERE b = = 2", 11, ["line 3"]),
        ("SELECT '\0' FROM x", 9, ["U+0000"]),
        ("SELECT '\ud800' FROM x", 9, ["U+D800"]),
    ],
)
def test_a_syntax_error_says_where_and_what(text: str, column: int | None, words: list[str]) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    said = str(caught.value)
    for word in words:
        assert word in said
    if column is None:
        assert caught.value.position is None
    else:
        assert caught.value.position is not None
        assert caught.value.position.column == column


def test_the_caret_stands_under_the_place_in_a_long_line() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(f"SELECT {'a, ' * 200} ? FROM x")
    excerpt, caret = str(caught.value.position).split("\n")
    assert excerpt[caret.index("^")] == "?"
    assert len(excerpt) <= 100


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        f"SELECT {'(' * 100_000}",
        f"SELECT a FROM x WHERE {'(' * 60}a = 1{')' * 60}",
        "SELECT a FROM x WHERE " + "NOT (" * 1000,
        "SELECT a FROM " + "(SELECT a FROM " * 1000,
        "SELECT " + "ABS(" * 1000,
        "x" * (MAXIMUM_LENGTH + 1),
        "SELECT a FROM x " + "UNION SELECT a FROM x " * 3000,
        "SELECT a FROM x " + "JOIN y USING (a) " * 3000,
        "SELECT a FROM x WHERE a IN (" + "1," * 100_000,
        "SELECT " + "1+" * 3000 + "1 FROM x",
        "SELECT a FROM x WHERE " + "'" * 99_999,
        "SELECT a FROM x WHERE " + '"' * 99_999,
        "--" * 100_000,
    ],
)
def test_a_query_that_only_wants_to_hurt_is_refused(text: str) -> None:
    with pytest.raises(ServiceError):
        parse(text)


OBSCORE = " FROM ivoa.ObsCore"
NESTED = [
    f"SELECT obs_id{OBSCORE} WHERE " + "(" * 48 + "calib_level = 1" + ")" * 48,
    f"SELECT obs_id{OBSCORE} WHERE " + "NOT (" * 48 + "calib_level = 1" + ")" * 48,
    "SELECT " + "-(" * 48 + "1" + ")" * 48 + OBSCORE,
    "SELECT " + "ABS(" * 48 + "1" + ")" * 48 + OBSCORE,
    "SELECT " + "AREA(CIRCLE(1, 2, " * 24 + "1" + "))" * 24 + OBSCORE,
    "SELECT * FROM " + "(SELECT * FROM " * 45 + "ivoa.ObsCore" + ") AS q" * 45,
    f"SELECT obs_id{OBSCORE} WHERE "
    + f"obs_id IN (SELECT obs_id{OBSCORE} WHERE " * 45
    + "calib_level = 1"
    + ")" * 45,
    f"SELECT obs_id{OBSCORE} WHERE "
    + f"(1 = 1 AND NOT EXISTS (SELECT obs_id{OBSCORE} WHERE " * 24
    + "calib_level = 1"
    + "))" * 24,
    f"SELECT obs_id{OBSCORE}" + f" UNION SELECT obs_id{OBSCORE}" * 58,
    "SELECT a0.obs_id FROM ivoa.ObsCore AS a0"
    + "".join(f" JOIN ivoa.ObsCore AS a{n} ON a0.s_ra = a{n}.s_ra" for n in range(1, 59)),
]


@pytest.mark.parametrize("text", NESTED)
def test_the_deepest_query_that_is_read_is_compiled_within_half_of_pythons_stack(
    small_tables: Tables, text: str
) -> None:
    frame, used = sys._getframe(), 0
    while frame is not None and frame.f_back is not None:
        frame, used = frame.f_back, used + 1
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(used + 700)
    try:
        assert compile_adql(text, small_tables).columns
    finally:
        sys.setrecursionlimit(limit)


def test_what_may_follow_and_surround_a_query() -> None:
    plain = parse("SELECT a FROM x")
    same = ("SELECT a FROM x;", "select a from x ; ", "SELECT a -- it\nFROM x --", "SELECT a\r\nFROM\tx")
    for text in same:
        assert re.sub(r"at=\d+", "", str(parse(text))) == re.sub(r"at=\d+", "", str(plain))
    assert len(RESERVED) == 267


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM x ORDER BY 2desc",
        "SELECT 12., .5, 12.3E4, 12e-4 FROM x",
        'SELECT "a""b", "select" FROM "x"."y"',
        "SELECT t.*, x.y.*, * FROM t, x.y",
        "SELECT 'a' 'b' FROM x",
        "SELECT ALL a FROM x",
        "SELECT a FROM ((x JOIN y ON x.a = y.a) NATURAL LEFT OUTER JOIN z)",
        "((SELECT a FROM x) UNION (SELECT b FROM y)) INTERSECT ALL SELECT c FROM z ORDER BY 1 OFFSET 3",
        "SELECT a FROM x WHERE a IN (1) AND b NOT IN ((SELECT c FROM d)) OR EXISTS (SELECT e FROM f)",
        "SELECT a FROM x WHERE (a + 1) * 2 > (b) AND (NOT (a = 1 OR (b < 2)))",
        "SELECT my_function(a, 1) FROM x GROUP BY a HAVING COUNT(DISTINCT b) > 1",
    ],
)
def test_the_grammar_has_all_of_adql(text: str) -> None:
    assert isinstance(parse(text), tree.Query)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT CASE a WHEN 1 THEN 2 END FROM x",
        "SELECT CASE WHEN a = 1 THEN 2 ELSE 3 END FROM x",
        "SELECT a FROM x CROSS JOIN y",
        "SELECT NULLIF(a, b) FROM x",
    ],
)
def test_extensions_can_be_turned_off(text: str) -> None:
    assert isinstance(parse(text), tree.Query)
    with pytest.raises(QuerySyntaxError, match="is a reserved word of ADQL, with no use here"):
        parse(text, extended=False)


def test_words_of_adql_21_are_names_in_adql_20() -> None:
    text = "SELECT offset, bigint AS ilike FROM in_unit"
    assert isinstance(parse(text, language="adql-2.0"), tree.Query)
    with pytest.raises(QuerySyntaxError):
        parse(text)


def test_intersect_binds_more_than_union() -> None:
    body = parse("SELECT a FROM x UNION SELECT a FROM y INTERSECT SELECT a FROM z").body
    assert isinstance(body, tree.SetOperation)
    assert body.operator == "UNION"
    assert isinstance(body.right, tree.SetOperation)
    assert body.right.operator == "INTERSECT"


@given(st.text(max_size=60))
def test_any_text_as_a_literal_comes_back(text: str) -> None:
    quoted = text.replace("'", "''")
    try:
        body = parse(f"SELECT '{quoted}' FROM x").body
    except QuerySyntaxError:
        assert any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)
        return
    assert isinstance(body, tree.Select)
    item = body.items[0]
    assert isinstance(item, tree.SelectItem)
    assert isinstance(item.value, tree.Text)
    assert item.value.text == text


def complaint(text: str, tables: Tables) -> str:
    """What is said of a query, `nothing` where it compiles; anything but a refusal in words is raised."""
    try:
        compile_adql(text, tables)
    except ServiceError as error:
        return str(error)
    return "nothing"


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_in_words(small_tables: Tables, text: str) -> None:
    for whole in (text, f"SELECT {text}{OBSCORE}", f"SELECT s_ra{OBSCORE} WHERE {text}"):
        assert complaint(whole, small_tables)


VOCABULARY = """
SELECT FROM WHERE s_ra obs_id t.s_dec * , ( ) = < + - || / 1 2.5 'x' "q" AND OR NOT IN LIKE IS NULL
BETWEEN COUNT ABS POINT JOIN ON USING UNION ORDER BY GROUP HAVING TOP AS . ; OFFSET WITH CAST
INTEGER EXISTS LIMIT == -- year
"""


@given(st.lists(st.sampled_from(VOCABULARY.split()), max_size=25))
def test_any_row_of_words_is_compiled_or_refused_in_words(small_tables: Tables, words: list[str]) -> None:
    assert complaint(f"SELECT calib_level{OBSCORE} AS t WHERE {' '.join(words)}", small_tables)
