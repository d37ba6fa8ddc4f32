"""``sandbox status`` and ``reset``, and answers that no cloud should give."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cvmimg.cli.session import open_sandbox
from cvmimg.cli.settings import Invocation
from cvmimg.sandbox import Sandbox
from cvmimg.sandbox.state.store import StoreError, View
from tests.cli.conftest import Run
from tests.support.clock import FakeClock

OLD = ("--instance", "ins-old00001", "--name", "old-v1")


@pytest.mark.usefixtures("sandbox")
def test_reset_brings_the_first_world_back(cvmimg: Run) -> None:
    cvmimg("update", "web-v1", "--name", "changed")

    outcome = cvmimg("sandbox", "reset")

    assert (outcome.code, outcome.out) == (0, "")
    assert cvmimg("list", "-o", "id", "--name", "web-v1").out == "img-webv1000\n"


@pytest.mark.usefixtures("sandbox")
def test_what_was_done_is_said_on_stderr_unless_quiet(cvmimg: Run, tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    for line, named in (
        ("sandbox reset", "initial resources"),
        (f"sandbox export {file}", str(file)),
        (f"sandbox import {file}", str(file)),
        ("sandbox calls --clear", "calls"),
    ):
        loud, quiet = cvmimg(*line.split()), cvmimg("-q", *line.split())

        assert (loud.code, loud.out) == (0, "")
        assert named in loud.err
        assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


@pytest.mark.usefixtures("sandbox")
def test_reset_names_the_faults_that_it_keeps(cvmimg: Run) -> None:
    cvmimg("sandbox", "faults", "CreateImage:task-fail")

    outcome = cvmimg("sandbox", "reset")

    assert "1 fault is" in outcome.err
    assert "cvmimg sandbox faults --clear" in outcome.err


@pytest.mark.parametrize("content", [b"no database at all", b""], ids=["damaged", "other version"])
@pytest.mark.usefixtures("sandbox")
def test_a_state_that_cannot_be_opened_is_reported_and_can_be_reset(
    cvmimg: Run, tmp_path: Path, content: bytes
) -> None:
    cvmimg("list")
    state = tmp_path / "state" / "sandbox" / "state.sqlite"
    state.write_bytes(content)
    for rest in state.parent.glob("state.sqlite-*"):
        rest.unlink()
    if not content:
        with sqlite3.connect(state) as database:
            database.execute("PRAGMA user_version = 99")
        database.close()

    refused = cvmimg("list")

    assert refused.code == 1
    assert "cvmimg sandbox reset" in refused.err
    assert cvmimg("sandbox", "reset").code == 0
    assert cvmimg("list", "-o", "id", "--name", "web-v1").out == "img-webv1000\n"


def test_status_shows_the_time_in_the_sandbox(cvmimg: Run, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CVMIMG_SANDBOX_SPEED", "120")

    status = cvmimg("sandbox", "status", "-o", "json").json

    assert status["speed"] == 120
    assert status["now"].endswith("Z")
    assert status["documents"]


@pytest.fixture
def served(environment: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Sandbox]:
    """A served sandbox, whose faults a test can choose; no time is lost with retries."""
    with open_sandbox(Invocation(clock=clock)) as sandbox:
        secret_id, secret_key = sandbox.credentials()
        environment.setenv("CVMIMG_ENDPOINT", sandbox.serve().url)
        environment.setenv("TENCENTCLOUD_SECRET_ID", secret_id)
        environment.setenv("TENCENTCLOUD_SECRET_KEY", secret_key)
        environment.setenv("TENCENTCLOUD_REGION", "ap-guangzhou")
        yield sandbox


@pytest.mark.parametrize(
    ("fault", "code", "exit_code"),
    [
        ("DescribeImages:garbage", "", 8),
        ("DescribeImages:status=502", "", 8),
        ("DescribeImages:truncate", "", 8),
        ("DescribeImages:cut-before", "", 8),
        ("DescribeImages:throttle", "RequestLimitExceeded", 1),
        ("DescribeImages:error=UnauthorizedOperation", "UnauthorizedOperation", 5),
        ("DescribeImages:error=FailedOperation", "FailedOperation", 1),
        ("DescribeImages:clock-skew=900", "AuthFailure.SignatureExpire", 5),
    ],
)
def test_what_the_cloud_does_wrong_ends_with_its_exit_code(
    cvmimg: Run, served: Sandbox, fault: str, code: str, exit_code: int
) -> None:
    served.faults.add(fault)

    outcome = cvmimg("list", "-o", "json")

    assert outcome.code == outcome.error["exit_code"] == exit_code
    assert outcome.error["code"].startswith(code)
    assert outcome.out == ""


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("TENCENTCLOUD_SECRET_ID", "AKIDnobody", "AuthFailure.SecretIdNotFound"),
        ("TENCENTCLOUD_SECRET_KEY", "not-the-key", "AuthFailure.SignatureFailure"),
        ("TENCENTCLOUD_TOKEN", "no-token", "AuthFailure.TokenFailure"),
        ("TENCENTCLOUD_SECURITY_TOKEN", "no-token", "AuthFailure.TokenFailure"),
    ],
)
def test_wrong_credentials_end_with_5_the_apis_code_and_no_secret(
    cvmimg: Run, environment: pytest.MonkeyPatch, name: str, value: str, code: str
) -> None:
    environment.setenv(name, value)

    outcome = cvmimg("list", "-vv", "-o", "json")

    assert outcome.code == 5
    assert outcome.error["code"] == code
    assert outcome.error["request_id"]
    assert "not-the-key" not in outcome.err
    assert "no-token" not in outcome.err


def test_an_image_that_fails_ends_with_6_and_the_instance_as_it_was(
    cvmimg: Run, served: Sandbox
) -> None:
    served.faults.add("CreateImage:task-fail")

    outcome = cvmimg("create", *OLD, "--stop", "-o", "json")

    assert outcome.code == outcome.error["exit_code"] == 6
    assert outcome.error["code"] == "CREATEFAILED"
    assert "is RUNNING" in cvmimg("check", *OLD, "--stop", "-q").out


def test_a_lost_answer_still_makes_one_image(cvmimg: Run, served: Sandbox) -> None:
    served.faults.add("CreateImage:cut-after:times=1")

    outcome = cvmimg("create", *OLD, "--stop", "-o", "id", "-q")

    assert outcome.code == 0
    assert cvmimg("list", "--name", "old-v1", "-o", "id").out == outcome.out


def test_instances_that_do_not_come_up_end_with_6_and_are_not_hidden(
    cvmimg: Run, served: Sandbox
) -> None:
    served.faults.add("RunInstances:task-fail")

    outcome = cvmimg("launch", "--image", "web-v1", "--count", "2", "--yes", "-o", "json")

    assert outcome.code == outcome.error["exit_code"] == 6
    assert {one["state"] for one in outcome.json["instances"]} == {"LAUNCH_FAILED"}
    assert len(outcome.json["instances"]) == 2


@pytest.mark.usefixtures("sandbox")
def test_faults_of_the_command_affect_later_commands(cvmimg: Run) -> None:
    fault = "DescribeImages:error=UnauthorizedOperation:times=1"
    assert cvmimg("sandbox", "faults", fault, "-o", "json").json == [
        {"id": fault, "fault": fault, "met": 0, "used_up": False}
    ]
    assert cvmimg("list").code == 5
    assert cvmimg("list").code == 0
    assert cvmimg("sandbox", "faults", "--clear", "-o", "json").json == []
    assert cvmimg("sandbox", "faults", "nonsense").code == 2


@pytest.mark.usefixtures("sandbox")
def test_calls_lists_what_was_asked(cvmimg: Run) -> None:
    cvmimg("list")
    (call,) = cvmimg("sandbox", "calls", "-o", "json").json
    assert (call["service"], call["action"], call["code"]) == ("cvm", "DescribeImages", "")
    assert cvmimg("sandbox", "calls", "--clear").code == 0
    assert cvmimg("sandbox", "calls", "-o", "json").json == []


@pytest.mark.usefixtures("sandbox")
def test_an_exported_state_is_imported(cvmimg: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "cloud.json")
    assert cvmimg("sandbox", "export", file).code == 0
    cvmimg("update", "web-v1", "--name", "changed")
    assert cvmimg("sandbox", "import", file).code == 0
    assert cvmimg("list", "-o", "id", "--name", "web-v1").out == "img-webv1000\n"


@pytest.mark.usefixtures("sandbox")
def test_a_file_that_holds_no_state_is_refused(cvmimg: Run, tmp_path: Path) -> None:
    file = tmp_path / "cloud.json"
    file.write_text("[]")
    outcome = cvmimg("sandbox", "import", str(file))
    assert (outcome.code, str(file) in outcome.err) == (1, True)
    assert cvmimg("sandbox", "export", str(tmp_path)).code == 2
    assert cvmimg("sandbox", "export", str(tmp_path / "nowhere" / "file")).code == 1


@pytest.mark.usefixtures("sandbox")
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("line", ["reset", "advance 1h"])
def test_a_full_disk_is_explained(cvmimg: Run, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cvmimg("sandbox", "status")

    def no_space(*_: object) -> None:
        raise StoreError("state.sqlite: database or disk is full")

    monkeypatch.setattr(View, "put", no_space)
    outcome = cvmimg("sandbox", *line.split())
    assert outcome.code == 1
    assert "state.sqlite: database or disk is full" in outcome.err


@pytest.mark.usefixtures("sandbox")
def test_advance_moves_the_time(cvmimg: Run) -> None:
    before = cvmimg("sandbox", "status", "-o", "json").json["now"]
    after = cvmimg("sandbox", "advance", "48h", "-o", "json").json["now"]
    assert after > before
    assert cvmimg("sandbox", "advance", "0s").code == 2


def test_commands_keep_the_speed_of_a_server(cvmimg: Run, clock: FakeClock) -> None:
    with open_sandbox(Invocation(clock=clock), speed=7) as served:
        cvmimg("sandbox", "calls")
        assert served.clock.speed == 7
