"""Control over HTTP: time, state, faults and the log of calls."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from typing import Any

import pytest

from cvmimg.sandbox import Sandbox
from cvmimg.sandbox.state.store import VERSION, StoreError, View
from cvmimg.sandbox.wire.http import HttpRequest
from tests.sandbox.cloud import Cloud

DOCUMENT = {"Kind": "image", "Id": "img-1", "Account": "", "Region": "", "Created": 1}


def control(sandbox: Sandbox, method: str, path: str, body: Any = "") -> tuple[int, Any]:
    """Return the status and the JSON of a control request."""
    text = body if isinstance(body, str) else json.dumps(body)
    headers = {"Host": "localhost", "Authorization": f"Bearer {sandbox.keys.control_token}"}
    answer = sandbox.handle(HttpRequest.of(method, f"/sandbox/{path}", headers, text.encode()))
    return answer.status, json.loads(answer.body)


def test_the_time_moves_forward(cloud: Cloud) -> None:
    before = cloud.sandbox.clock.now()
    status, answer = control(cloud.sandbox, "POST", "advance", {"seconds": 600})
    assert (status, answer["now"]) == (200, before + 600)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"seconds": -1}',
        '{"seconds": true}',
        '{"seconds": NaN}',
        '{"seconds": 1e999}',
        "[" * 100_000,
    ],
    ids=lambda body: body[:20],
)
def test_time_moves_forward_only(cloud: Cloud, body: str) -> None:
    before = cloud.sandbox.clock.now()
    assert control(cloud.sandbox, "POST", "advance", body)[0] == 400
    assert cloud.sandbox.clock.now() == before


def test_a_task_ends_when_the_time_has_moved(cloud: Cloud) -> None:
    made = cloud.do("CreateImage", InstanceId="ins-web00001", ImageName="made")["ImageId"]
    control(cloud.sandbox, "POST", "advance", {"seconds": 7200})
    (image,) = cloud.do("DescribeImages", ImageIds=[made])["ImageSet"]
    assert image["ImageState"] == "NORMAL"


def test_an_exported_state_is_restored_elsewhere(cloud: Cloud) -> None:
    cloud.do("CreateImage", InstanceId="ins-web00001", ImageName="made")
    status, state = control(cloud.sandbox, "GET", "state")
    assert status == 200
    with Sandbox(speed=1, clock=lambda: cloud.now + 1e6) as other:
        assert control(other, "PUT", "state", state)[0] == 200
        assert other.export() == state
        assert other.clock.now() == state["now"]


def test_the_files_of_guests_are_part_of_the_state(cloud: Cloud) -> None:
    guests = cloud.sandbox.guests
    with cloud.sandbox.store.transaction(write=False) as view:
        instance = view.get("instance", "ins-web00001")
    assert instance is not None
    folder = guests.root("ins-web00001") / "etc"
    folder.mkdir(parents=True)
    (folder / "fstab").write_text("# changed\n")
    state = cloud.sandbox.export()
    cloud.sandbox.reset()
    cloud.sandbox.load(state)
    (found,) = [each for each in state["documents"] if each["Id"] == "ins-web00001"]
    assert found["Guest"]["fstab"] == "# changed\n"
    assert not guests.root("ins-web00001").exists(), "the guest is made from its document again"


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"format": 1, "now": 1, "documents": []},
        {"format": VERSION, "now": True, "documents": []},
        {"format": VERSION, "now": 1, "documents": {}},
        {"format": VERSION, "now": 1, "documents": [{"Kind": "image"}]},
        {"format": VERSION, "now": -1, "documents": []},
        {"format": VERSION, "now": 1e12, "documents": []},
        {"format": VERSION, "now": 1, "documents": [
            {**DOCUMENT, "Gone": 1e999}]},
        {"format": VERSION, "now": 1, "documents": [{**DOCUMENT, "Created": 10**30}]},
        {"format": VERSION, "now": 10**400, "documents": []},
        {"format": VERSION, "now": 1, "documents": [
            {"Kind": "clock", "Id": "clock", "Account": "", "Region": "", "Created": 1}]},
    ],
)  # fmt: skip
def test_a_state_of_another_kind_is_refused_and_changes_nothing(cloud: Cloud, state: Any) -> None:
    before = cloud.sandbox.status()["documents"]
    assert control(cloud.sandbox, "PUT", "state", state)[0] == 400
    assert cloud.sandbox.status()["documents"] == before


def test_calls_are_logged_without_secrets(cloud: Cloud) -> None:
    login = {"LoginSettings": {"Password": "Correct-Horse-9"}, "UserData": "c2VjcmV0"}
    cloud.ask(
        "RunInstances", {**login, "Placement": {"Zone": "nowhere"}, "ImageId": "img-webv1000"}
    )
    status, answer = control(cloud.sandbox, "GET", "calls")
    (call,) = answer["calls"]
    assert (status, call["action"], call["code"]) == (
        200,
        "RunInstances",
        "InvalidZone.MismatchRegion",
    )
    assert call["params"]["LoginSettings"] == {"Password": "***"}
    assert "Correct-Horse-9" not in json.dumps(answer)
    assert "c2VjcmV0" not in json.dumps(answer)
    assert control(cloud.sandbox, "DELETE", "calls") == (200, {"calls": []})


def test_a_call_with_a_wrong_signature_is_logged_as_refused(cloud: Cloud) -> None:
    headers = {"Host": "localhost", "X-TC-Action": "DescribeImages"}
    cloud.sandbox.handle(HttpRequest.of("POST", "/", headers, b"{}"))
    (call,) = cloud.sandbox.call_log.read()
    assert (call["account"], call["code"]) == ("", "UnsupportedProtocol")


def test_stored_faults_affect_every_process_on_the_state(tmp_path: Any) -> None:
    with Sandbox(tmp_path) as one, Sandbox(tmp_path) as other:
        one.faults.store("DescribeImages:error=InternalError:times=1")
        one.faults.add("CreateImage:task-fail")
        assert other.faults.inject("cvm", "DescribeImages").value("error") == "InternalError"
        assert not one.faults.inject("cvm", "DescribeImages").has("error"), "it is used up"
        assert [each["fault"][:4] for each in other.faults.status()] == ["Desc"]
        other.reset()
        assert len(one.faults.status()) == 2, "a reset keeps faults"
        other.faults.clear()
        assert [each["fault"][:4] for each in one.faults.status()] == ["Crea"]


def test_a_dry_run_uses_up_no_stored_fault(cloud: Cloud) -> None:
    cloud.sandbox.faults.store("RunInstances:task-fail:times=1")
    assert not cloud.sandbox.faults.inject("cvm", "RunInstances", dry_run=True).has("task-fail")
    assert cloud.sandbox.faults.status()[0]["met"] == 0


SCRIPT = b'cat "$CVMIMG_GUEST_ROOT/etc/fstab"'


def test_resetting_waits_for_a_script_that_is_running() -> None:
    cloud = Cloud(guest_scripts=[hashlib.sha256(SCRIPT).hexdigest()])
    content = base64.b64encode(SCRIPT).decode()
    asked = {"Content": content, "InstanceIds": ["ins-data0001"]}
    failures: list[str] = []

    def run() -> None:
        for _ in range(4):
            answer = cloud.ask("RunCommand", asked, service="tat")
            if "Error" in answer:
                failures.append(answer["Error"]["Code"])

    running = [threading.Thread(target=run) for _ in range(2)]
    for thread in running:
        thread.start()
    for _ in range(6):
        cloud.sandbox.reset()
    for thread in running:
        thread.join()
    assert failures == []
    invocation = cloud.ask("RunCommand", asked, service="tat")["InvocationId"]
    cloud.wait(5)
    wanted = {"Filters": [{"Name": "invocation-id", "Values": [invocation]}], "HideOutput": False}
    (task,) = cloud.ask("DescribeInvocationTasks", wanted, service="tat")["InvocationTaskSet"]
    assert task["TaskStatus"] == "SUCCESS"
    assert "/data" in base64.b64decode(task["TaskResult"]["Output"]).decode()
    cloud.sandbox.close()


def test_every_request_needs_the_secret_key(cloud: Cloud) -> None:
    headers = {"Host": "localhost", "Authorization": "Bearer wrong"}
    for path in ("status", "state", "calls", "faults"):
        answer = cloud.sandbox.handle(HttpRequest.of("GET", f"/sandbox/{path}", headers, b""))
        assert answer.status == 401


def no_space(*_: Any) -> None:
    raise StoreError("state.sqlite: database or disk is full")


def test_a_full_disk_is_an_error_without_a_traceback(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(View, "put", no_space)
    assert cloud.refusal("CreateImage", InstanceId="ins-web00001", ImageName="a") == "InternalError"
    assert control(cloud.sandbox, "POST", "reset")[0] == 500
    assert [record.exc_info for record in caplog.records if record.exc_info] == []


def test_a_call_is_answered_if_it_cannot_be_logged(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud.sandbox.call_log, "append", no_space)
    assert cloud.do("DescribeInstances")["TotalCount"] > 0
