"""`voserver adql`: as a process, over real files and a real database."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("VOSERVER_")}
NOWHERE = {"VOSERVER_DATABASE_URL": "postgresql://h@127.0.0.1:1/x"}


def voserver(
    *arguments: str, entered: bytes | str = b"", **settings: str
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "voserver", *arguments]
    entered = entered.encode() if isinstance(entered, str) else entered
    return subprocess.run(
        command, env=ENVIRONMENT | settings, input=entered, capture_output=True, check=False
    )


def verdicts(finished: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    assert not finished.stderr
    found = [json.loads(line) for line in finished.stdout.splitlines()]
    assert finished.returncode == (0 if all(verdict["valid"] for verdict in found) else 1)
    return found


@pytest.mark.parametrize("command", ["adql check", "adql sql", "explain"])
def test_help_teaches(command: str) -> None:
    shown = voserver(*command.split(), "--help")
    assert shown.returncode == 0
    assert b"Example: " in shown.stdout


def test_each_file_is_judged_in_one_line(tmp_path: Path) -> None:
    right, wrong, absent = tmp_path / "right.adql", tmp_path / "wrong.adql", tmp_path / "absent.adql"
    right.write_text("-- any names will do\nSELECT a.x\nFROM unheard.table_of AS a", encoding="utf-8-sig")
    wrong.write_text("SELECT a\nFRM b")
    judged = verdicts(voserver("adql", "check", "--syntax", str(right), str(wrong), str(absent), **NOWHERE))
    assert judged[0] == {"file": str(right), "valid": True, "message": None, "line": None, "column": None}
    assert [judged[1][key] for key in ("file", "valid", "line")] == [str(wrong), False, 2]
    assert judged[1]["message"]
    assert "cannot be read: No such file" in judged[2]["message"]


def test_for_the_syntax_no_database_is_started(tmp_path: Path) -> None:
    data = tmp_path / "data"
    judged = voserver("adql", "check", "--syntax", entered="SELECT a FROM b", VOSERVER_DATA_DIR=str(data))
    assert verdicts(judged) == [
        {"file": "-", "valid": True, "message": None, "line": None, "column": None},
    ]
    assert not data.exists()


def test_json_lines_are_judged_by_their_query_and_numbered() -> None:
    lines = ['{"query": "SELECT a FROM b", "id": 7}', "", '{"query": "SELECT a, FROM b"}'] * 500
    judged = verdicts(voserver("adql", "check", "--syntax", "--jsonl", "-", entered="\n".join(lines)))
    assert len(judged) == 1000
    assert [verdict["line_number"] for verdict in judged[:4]] == [1, 3, 4, 6]
    assert [verdict["valid"] for verdict in judged] == [True, False] * 500
    assert (judged[1]["line"], judged[1]["column"]) == (1, 11)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\xff\xfe", "not UTF-8: byte 0xFF at offset 0"),
        (b"SELECT a FROM b", "not JSON: Expecting value at character 1"),
        (b'{"query": "SELECT a', "not JSON: Unterminated string"),
        (b"[1]", "not an object"),
        (b"null", "not an object"),
        (b'{"QUERY": "SELECT a FROM b"}', "no key `query`"),
        (b'{"query": ["SELECT a FROM b"]}', "not a text"),
        (b'{"query": ""}', "empty"),
        (b'{"query": "SELECT \\ud800 FROM b"}', "U+D800"),
        (b'{"query": "SELECT \\u0000 FROM b"}', "U+0000"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"query": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"query": "' + b"x" * 1_000_000 + b'"}', "1,000,000 characters long"),
        (b'{"query": "' + b"x" * 10_000_000 + b'"}', "longer than 8,388,608 bytes"),
        (b'{"query": "SELECT ' + b"(" * 5000 + b'"}', "nested more than"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else None,
)
def test_a_line_that_is_no_query_is_told_and_the_next_one_judged(line: bytes, reason: str) -> None:
    entered = line + b'\n{"query": "SELECT a FROM b"}'
    bad, good = verdicts(voserver("adql", "check", "--syntax", "--jsonl", entered=entered))
    assert not bad["valid"]
    assert reason in bad["message"]
    assert good == {
        "file": "-",
        "line_number": 2,
        "valid": True,
        "message": None,
        "line": None,
        "column": None,
    }


def test_a_file_that_is_no_text_or_too_long_is_told() -> None:
    for entered, reason in ((b"\xff", "not UTF-8"), (b"x" * 10_000_000, "longer"), (b"", "empty")):
        (judged,) = verdicts(voserver("adql", "check", "--syntax", entered=entered))
        assert reason in judged["message"]
        assert not judged["valid"]


def test_names_are_those_of_the_database(tmp_path: Path, database_url: str) -> None:
    queries = {
        "right": "SELECT obs_id FROM ivoa.ObsCore",
        "column": "SELECT obs_idd\nFROM ivoa.ObsCore",
        "table": "SELECT obs_id\nFROM ivoa.ObsCorr",
    }
    for name, text in queries.items():
        (tmp_path / name).write_text(text)
    files = [str(tmp_path / name) for name in queries]
    right, column, table = verdicts(
        voserver("adql", "check", *files, VOSERVER_DATABASE_URL=database_url),
    )
    assert right["valid"]
    assert (column["line"], column["column"]) == (1, 8)
    assert "obs_id" in column["message"]
    assert (table["line"], table["column"]) == (2, 6)


def test_the_sql_of_a_query_is_printed(database_url: str) -> None:
    query = "SELECT TOP 3 obs_id FROM ivoa.ObsCore"
    printed = voserver("adql", "sql", entered=query, VOSERVER_DATABASE_URL=database_url)
    assert (printed.returncode, printed.stderr) == (0, b"")
    assert b'FROM "ivoa"."obscore"' in printed.stdout
    assert printed.stdout.endswith(b"LIMIT 3\n")
    for refused, reason in (
        ("SELECT TOP 3 x FROM ivoa.ObsCore", b"line 1, column 14"),
        (b"\xff", b"not UTF-8"),
    ):
        failed = voserver("adql", "sql", "-", entered=refused, VOSERVER_DATABASE_URL=database_url)
        assert (failed.returncode, failed.stdout) == (1, b"")
        assert reason in failed.stderr
        assert b"Traceback" not in failed.stderr


def test_a_language_is_one_that_is_known() -> None:
    unknown = voserver("adql", "check", "--syntax", "--language", "PQL", entered="SELECT a FROM b")
    assert unknown.returncode == 2
    assert b"PQL" in unknown.stderr


def test_without_a_schema_the_reason_is_told(empty_database_url: str) -> None:
    failed = voserver("adql", "check", entered="SELECT a FROM b", VOSERVER_DATABASE_URL=empty_database_url)
    assert failed.returncode == 1
    assert b"voserver db upgrade" in failed.stderr
    assert b"Traceback" not in failed.stderr


def test_a_query_is_explained_however_it_is_given(tmp_path: Path, database_url: str) -> None:
    query = "SELECT TOP 3 obs_id\nFROM ivoa.ObsCore"
    file = tmp_path / "my query.adql"
    file.write_text(query)
    for given, entered in ((query, ""), (str(file), ""), ("-", query)):
        shown = voserver("explain", given, entered=entered, VOSERVER_DATABASE_URL=database_url)
        assert (shown.returncode, shown.stderr) == (0, b"")
        assert shown.stdout.startswith(b"About ")
        assert b"LIMIT 3\n" in shown.stdout
        assert b"->" in shown.stdout
    told = voserver("explain", "--json", query, VOSERVER_DATABASE_URL=database_url)
    facts = json.loads(told.stdout)
    assert facts["query"] == query
    assert facts["cost"] > 0
    assert facts["allowed"] is True


def test_the_estimate_is_that_of_so_many_rows_and_beside_the_limit(database_url: str) -> None:
    pairs = (
        "SELECT a.column_name FROM tap_schema.columns AS a, tap_schema.columns AS b, tap_schema.columns AS c"
    )
    settings = {"VOSERVER_DATABASE_URL": database_url, "VOSERVER_COST_PER_SECOND": "1000"}
    told = [
        json.loads(voserver("explain", "--json", "--maxrec", rows, pairs, **settings).stdout)
        for rows in ("1", "10000000")
    ]
    assert [facts["allowed"] for facts in told] == [True, True]
    assert told[0]["seconds"] < told[1]["seconds"] / 100
    limited = voserver(
        "explain", "--json", pairs, "--maxrec", "10000000", **settings, VOSERVER_ESTIMATE_LIMIT="1"
    )
    assert json.loads(limited.stdout)["allowed"] is False


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("SELECT x FROM ivoa.ObsCore", b"line 1, column 8"),
        ("absent.adql", b"absent.adql cannot be read: No such file"),
        ("SELECT " + "x" * 5000 + " FROM ivoa.ObsCore", b"line 1, column 8"),
        ("", b"cannot be read"),
    ],
)
def test_what_cannot_be_explained_is_told(given: str, reason: bytes, database_url: str) -> None:
    failed = voserver("explain", given, VOSERVER_DATABASE_URL=database_url)
    assert (failed.returncode, failed.stdout) == (1, b"")
    assert reason in failed.stderr
    assert b"Traceback" not in failed.stderr
