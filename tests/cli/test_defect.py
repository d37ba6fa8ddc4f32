"""An unexpected error: a short message, and a report without secrets to paste."""

from __future__ import annotations

from pathlib import Path

import pytest

from cvmimg.cli.defect import write_report
from cvmimg.cli.redact import redacted
from cvmimg.cli.settings import Invocation
from tests.cli.conftest import Run

SECRET = "Zq7-very-secret-key"


@pytest.fixture
def broken(environment: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"key {SECRET} of AKIDabcdefghijkl in account 100000000001")

    environment.setattr("cvmimg.workflows.operations.list_operations", fail)
    environment.setenv("TENCENTCLOUD_SECRET_KEY", SECRET)


def reports(folder: Path) -> list[Path]:
    return list((folder / "state" / "reports").glob("*.md"))


@pytest.mark.usefixtures("broken")
def test_the_message_names_the_report(cvmimg: Run, tmp_path: Path) -> None:
    outcome = cvmimg("operations", "list", "-o", "json")

    (report,) = reports(tmp_path)
    assert outcome.code == 1
    assert outcome.error["code"] == "Unexpected"
    assert str(report) in outcome.error["hint"]
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("options", [(), ("-o", "json"), ("-vv",)])
@pytest.mark.usefixtures("broken")
def test_no_secret_is_shown(cvmimg: Run, options: tuple[str, ...]) -> None:
    outcome = cvmimg("operations", "list", *options)

    assert "RuntimeError" in outcome.err
    for hidden in (SECRET, "AKIDabcdefghijkl", "100000000001"):
        assert hidden not in outcome.out + outcome.err


@pytest.mark.usefixtures("broken")
def test_the_report_holds_versions_command_and_traceback_but_no_secret(
    cvmimg: Run, tmp_path: Path
) -> None:
    cvmimg("operations", "list", "--limit", "3")

    (report,) = reports(tmp_path)
    text = report.read_text(encoding="utf-8")
    assert report.stat().st_mode & 0o077 == 0
    assert "$ cvmimg operations list --limit 3" in text
    assert "RuntimeError" in text
    assert "tencentcloud-sdk-python-common" in text
    for hidden in (SECRET, "AKIDabcdefghijkl", "100000000001", str(tmp_path)):
        assert hidden not in text


@pytest.mark.usefixtures("broken")
def test_where_no_report_can_be_written_vv_shows_the_traceback(cvmimg: Run, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, not a folder", encoding="utf-8")

    outcome = cvmimg("operations", "list", "-o", "json")

    assert outcome.error["code"] == "Unexpected"
    assert "-vv" in outcome.error["hint"]


def test_only_the_newest_reports_are_kept(tmp_path: Path) -> None:
    for _ in range(12):
        write_report(ValueError("x"), Invocation())

    assert len(reports(tmp_path)) == 10


def test_an_expected_error_leaves_no_report(cvmimg: Run, tmp_path: Path) -> None:
    assert cvmimg("list").code == 5
    assert reports(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:word@proxy:8080/", "https://***@proxy:8080/"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("Signature=0123456789abcdef0123", "Signature=***"),
        ("uin/100000000001:uin", "uin/<account>:uin"),
        ("img-1a2b3c4d in ap-guangzhou", "img-1a2b3c4d in ap-guangzhou"),
        ("/home/me/.tccli", "~/.tccli"),
        ("the-password is hidden", "*** is hidden"),
    ],
)
def test_what_is_secret_or_personal_is_hidden(text: str, shown: str) -> None:
    environment = {"DB_PASSWORD": "the-password", "LANG": "ap-guangzhou"}

    assert redacted(text, environment, Path("/home/me")) == shown
