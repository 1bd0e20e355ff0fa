"""What commands say of what came of them: only what there is, one thing in the singular."""

from pathlib import Path

import pytest

from tests.cli.test_accounts import voserver
from voserver.catalogue.ingest.report import Report
from voserver.cli.loading import tell


@pytest.mark.parametrize(
    ("refused", "noted", "said"),
    [
        (0, 1, "1 remark: found.jsonl"),
        (0, 480, "480 remarks: found.jsonl"),
        (2, 0, "Why files were set aside: found.jsonl"),
        (2, 3, "Why files were set aside and 3 remarks: found.jsonl"),
    ],
)
def test_reasons_and_remarks_are_told_where_there_are_some(
    refused: int, noted: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(Report("list", rows=1, refused=refused, noted=noted, findings_file=Path("found.jsonl")), "files")
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("✓ list: 1 file: 0 added")
    assert second == said


def test_remarks_that_no_file_could_take_are_told_where_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    tell(Report("list", rows=2, noted=1, unwritten="/data: Read-only file system"))
    told = capsys.readouterr().out.splitlines()[1]
    assert told == "1 remark in the database alone, in archive.ingest_finding: /data: Read-only file system"


def test_an_export_of_what_is_not_there_fails(fresh_database_url: str, tmp_path: Path) -> None:
    directory = tmp_path / "documents"
    for option in (["--observation", "nosuch"], ["--collection", "nosuch"]):
        ended = voserver(fresh_database_url, "export", "caom", str(directory), *option)
        assert (ended.returncode, ended.stdout.strip()) == (1, "")
        assert "There is no observation of nosuch in the catalogue." in " ".join(ended.stderr.split())
    assert not directory.exists()
    ended = voserver(fresh_database_url, "export", "caom", str(directory))
    assert (ended.returncode, ended.stdout.strip()) == (0, f"✓ 0 documents in {directory}")
