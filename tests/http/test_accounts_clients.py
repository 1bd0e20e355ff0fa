"""Clients that people use sign in, and get what their users may: pyvo and STILTS on a real socket."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import pyvo
import requests
from pyvo.auth import AuthSession

from tests.http import members
from tests.http.members import PASSWORD, Users
from voserver.settings import Settings

QUERY = f"SELECT obs_id, target_name FROM ivoa.ObsCore WHERE obs_id = '{members.HIDDEN}'"


@pytest.fixture(scope="module")
def filled(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Users, Settings]:
    users = members.fill(module_database_url)
    changed = {"workers_embedded": True}
    return users, members.settings(module_database_url, tmp_path_factory.mktemp("data"), **changed)


@pytest.fixture(scope="module")
def users(filled: tuple[Users, Settings]) -> Users:
    return filled[0]


@pytest.fixture(scope="module")
def url(
    filled: tuple[Users, Settings], serve: Callable[[Settings], AbstractContextManager[str]]
) -> Iterator[str]:
    with serve(filled[1]) as opened:
        yield opened


def with_token(token: str) -> requests.Session:
    session = requests.Session()
    session.headers.update(members.bearer(token))
    return session


def test_pyvo_signs_in_with_a_token(url: str, users: Users) -> None:
    assert len(pyvo.dal.TAPService(f"{url}/tap").search(QUERY)) == 0
    with with_token(users.member) as session:
        assert len(pyvo.dal.TAPService(f"{url}/tap", session=session).search(QUERY)) == 1
    with with_token(users.stranger) as session:
        assert len(pyvo.dal.TAPService(f"{url}/tap", session=session).search(QUERY)) == 0


def test_pyvo_finds_in_the_capabilities_that_a_password_will_do(url: str) -> None:
    session = AuthSession()
    session.credentials.set_password("ada", PASSWORD)
    service = pyvo.dal.TAPService(f"{url}/tap", session=session)
    session.update_from_capabilities(service.capabilities)
    assert len(service.search(QUERY)) == 1
    assert service.hardlimit == 20_000_000


def test_pyvo_runs_and_lists_one_s_jobs(url: str, users: Users) -> None:
    with with_token(users.member) as session, with_token(users.stranger) as other:
        service = pyvo.dal.TAPService(f"{url}/tap", session=session)
        job = service.submit_job(QUERY)
        job.run().wait(timeout=60)
        assert job.fetch_result()["target_name"][0] == members.HIDDEN_WORD
        assert job.owner == "ada"
        assert [one.jobid for one in service.get_job_list()] == [job.job_id]
        assert pyvo.dal.TAPService(f"{url}/tap", session=other).get_job_list() == []
        job.delete()


def test_a_wrong_password_is_told_by_pyvo(url: str) -> None:
    with requests.Session() as session:
        session.auth = ("ada", "guessed wrongly")
        with pytest.raises(pyvo.dal.DALServiceError, match="The name or the password is wrong"):
            pyvo.dal.TAPService(f"{url}/tap", session=session).search(QUERY)


@pytest.mark.skipif(shutil.which("stilts") is None, reason="STILTS is not installed")
def test_stilts_signs_in_where_it_is_asked_to(url: str, users: Users) -> None:
    with with_token(users.member) as session:
        job = pyvo.dal.TAPService(f"{url}/tap", session=session).submit_job(QUERY)
        job.run().wait(timeout=60)
    properties = ["-Dstar.basicauth.user=ada", f"-Dstar.basicauth.password={PASSWORD}"]
    command = ["stilts", *properties, "tpipe", f"in={url}/tap/async/{job.job_id}/results/result", "ofmt=csv"]
    read = subprocess.run(command, capture_output=True, text=True, check=False)
    assert members.HIDDEN_WORD in read.stdout, read.stderr
