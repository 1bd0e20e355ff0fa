"""Accounts, groups, tokens and programs as an operator keeps them, by commands; no password is ever an argument."""

import os
import subprocess
import sys

import psycopg
import pytest

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("VOSERVER_")}
PASSWORD = "a password of many words"


def voserver(url: str, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voserver", *arguments],
        env={**ENVIRONMENT, "VOSERVER_DATABASE_URL": url, "VOSERVER_AUTHORITY": "archive.test"},
        input=said,
        capture_output=True,
        text=True,
        check=False,
    )


def done(url: str, *arguments: str, said: str = "") -> str:
    finished = voserver(url, *arguments, said=said)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_a_user_joins_a_program_gets_a_token_and_goes(fresh_database_url: str) -> None:
    url = fresh_database_url
    done(url, "user", "add", "ada", said=f"{PASSWORD}\n")
    done(url, "user", "add", "robot", "--no-password")
    assert "ivo://archive.test/gms?jwst-02736" in done(url, "group", "join", "2736", "ada", "robot")
    assert done(url, "user", "list").splitlines() == [
        "ada\tpassword\tivo://archive.test/gms?jwst-02736",
        "robot\tno password\tivo://archive.test/gms?jwst-02736",
    ]
    token = done(
        url, "token", "create", "robot", "--name", "nightly", "--scope", "read", "--days", "7"
    ).strip()
    assert token.startswith("vos_")
    listed = done(url, "token", "list", "robot")
    assert token not in listed
    identifier, user, label, scopes, until, used = listed.strip().split("\t")
    assert (user, label, scopes, used) == ("robot", "nightly", "read", "never used")
    assert until.startswith("until ")
    done(url, "token", "revoke", identifier)
    assert "\trevoked\t" in done(url, "token", "list")
    done(url, "group", "leave", "2736", "robot")
    done(url, "user", "disable", "ada")
    assert done(url, "user", "list").splitlines()[0].startswith("ada\tdisabled")
    done(url, "user", "enable", "ada")
    done(url, "user", "password", "ada", said="another one that is long\n")
    done(url, "user", "remove", "robot")
    assert done(url, "group", "list").strip().split("\t")[:2] == ["ivo://archive.test/gms?jwst-02736", "ada"]
    done(url, "group", "add", "staff", "--description", "Who runs it")
    done(url, "group", "remove", "staff")
    assert "staff" not in done(url, "group", "list")


def test_of_passwords_and_tokens_only_hashes_are_kept(fresh_database_url: str) -> None:
    url = fresh_database_url
    done(url, "user", "add", "ada", said=f"{PASSWORD}\n")
    token = done(url, "token", "create", "ada").strip()
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT a::text, t::text FROM archive.account AS a, archive.token AS t"
        ).fetchall()
    assert "$argon2id$" in str(rows)
    assert PASSWORD not in str(rows)
    assert token[4:] not in str(rows)


def test_removing_a_user_ends_his_jobs(fresh_database_url: str) -> None:
    url = fresh_database_url
    done(url, "user", "add", "ada", said=f"{PASSWORD}\n")
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO archive.job (job_id, kind, owner, party, base_url, execution_duration, destruction)"
            " VALUES ('1', 'tap', 'ada', 'user ada', '', 1, '2100-01-01')"
        )
    done(url, "user", "remove", "ada")
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT owner, destruction < now() FROM archive.job").fetchone()
    assert found == ("removed ada", True)


@pytest.mark.parametrize(
    ("arguments", "said", "words"),
    [
        (["user", "add", "a b"], PASSWORD, "cannot be the name of a user"),
        (["user", "add", "token"], PASSWORD, "cannot be the name of a user"),
        (["user", "add", "ada"], "short", "The password has 5 characters."),
        (["user", "add", "ada"], "", "The password has 0 characters."),
        (["user", "add", "ada"], "twelve\0characters", "characters that no sign-in can send"),
        (["user", "add", "Anonymous"], PASSWORD, "cannot be the name of a user"),
        (["user", "add", "oidc:ada"], PASSWORD, "here it has no password"),
        (["user", "password", "nobody"], PASSWORD, "There is no user nobody."),
        (["user", "remove", "nobody"], "", "There is no user nobody."),
        (["group", "join", "2736", "nobody"], "", "There is no user nobody."),
        (["group", "join", "staff", "nobody"], "", "There is no group ivo://archive.test/gms?staff."),
        (["group", "add", "staff", "--description", "a\nb"], "", "one line of printable characters"),
        (["group", "add", "a,b"], "", "cannot be the name of a group"),
        (["token", "create", "nobody"], "", "There is no user nobody."),
        (["token", "revoke", "nothing"], "", "There is no such token."),
        (["program", "list", "999999"], "", "equal to 99999"),
        (["program", "set", "1234"], "", "Nothing is to be set"),
        (["program", "set", "1234", "--category", "VIP"], "", "is no category"),
        (["program", "product", "mast:x", "--exclusive-months", "1"], "", "There is no product mast:x."),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_a_sentence(
    database_url: str, arguments: list[str], said: str, words: str
) -> None:
    failed = voserver(database_url, *arguments, said=f"{said}\n")
    assert failed.returncode in {1, 2}
    assert words in failed.stderr
    assert "Traceback" not in failed.stderr


def test_two_users_are_not_told_apart_by_the_case_of_letters(fresh_database_url: str) -> None:
    done(fresh_database_url, "user", "add", "ada", said=f"{PASSWORD}\n")
    again = voserver(fresh_database_url, "user", "add", "Ada", said=f"{PASSWORD}\n")
    assert again.returncode == 2
    assert "There is a user Ada already." in again.stderr


def test_a_program_s_period_is_set_and_listed(fresh_database_url: str) -> None:
    done(fresh_database_url, "program", "set", "1234", "--exclusive-months", "6", "--category", "GO")
    assert done(fresh_database_url, "program", "list").startswith(
        "1234\tGO\t6 months (set)\t0 files\t0 exclusive"
    )
    done(fresh_database_url, "program", "set", "1234", "--as-stated")
    assert "as stated, else 12 months" in done(fresh_database_url, "program", "list", "1234")
    unknown = voserver(fresh_database_url, "program", "list", "1235")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "Program 1235 is not in the catalogue" in unknown.stderr


@pytest.mark.parametrize(
    "command",
    [
        *[f"user {one}" for one in ("add", "list", "password", "disable", "enable", "remove")],
        *[f"group {one}" for one in ("add", "list", "join", "leave", "remove")],
        *[f"token {one}" for one in ("create", "list", "revoke")],
        *[f"program {one}" for one in ("list", "set", "product")],
    ],
)
def test_help_teaches_by_an_example(command: str, database_url: str) -> None:
    assert "Example: voserver " in done(database_url, *command.split(), "--help")
