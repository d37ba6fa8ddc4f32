from __future__ import annotations

import json

import pytest

from cvmimg.sandbox.faults import KINDS, Fault, Faults
from cvmimg.sandbox.wire.http import HttpResponse
from tests.sandbox.wire.endpoint import ROLE, StorelessEndpoint
from tests.support.tc3 import Client


def answer(storeless: StorelessEndpoint, action: str = "GetCallerIdentity") -> HttpResponse:
    return storeless.endpoint.handle(
        storeless.client.request("sts", action, ROLE if "Role" in action else {})
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("CreateImage:cut-after:times=1", Fault("CreateImage", "cut-after", times=1)),
        ("cvm.*:status=502:p=0.25", Fault("cvm.*", "status", 502, probability=0.25)),
        ("*:error=InternalError:skip=3:after", Fault("*", "error", "InternalError", 3, after=True)),
        ("*:latency=0.5", Fault("*", "latency", 0.5)),
        (" RunInstances:task-fail ", Fault("RunInstances", "task-fail")),
    ],
)
def test_a_fault_is_parsed_from_a_line(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CreateImage",
        ":cut-after",
        "CreateImage:explode",
        "CreateImage:error",
        "CreateImage:status=many",
        "CreateImage:status=999",
        "CreateImage:latency=-1",
        "CreateImage:latency=inf",
        "CreateImage:clock-skew=nan",
        "CreateImage:cut-after=3",
        "CreateImage:cut-after:often",
        "CreateImage:cut-after:times=-1",
        "CreateImage:cut-after:p=2",
    ],
)
def test_a_malformed_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"fault|needs|takes no|not one of"):
        Fault.parse(text)


def test_one_malformed_line_adds_none() -> None:
    faults = Faults()
    with pytest.raises(ValueError, match="explode"):
        faults.add("*:cut-after", "*:explode")
    assert faults.status() == []


def test_skip_and_times_select_the_calls(storeless: StorelessEndpoint, client: Client) -> None:
    storeless.endpoint.faults.add("GetCallerIdentity:error=ServiceUnavailable:skip=1:times=2")
    codes = [client.code("sts", "GetCallerIdentity") for _ in range(4)]
    assert codes == ["ok", "ServiceUnavailable", "ServiceUnavailable", "ok"]


@pytest.mark.parametrize(
    ("target", "meets"),
    [
        ("GetCallerIdentity", True),
        ("sts.GetCallerIdentity", True),
        ("sts.*", True),
        ("Get*", True),
        ("*", True),
        ("cvm.*", False),
        ("AssumeRole", False),
    ],
)
def test_the_target_selects_the_actions(
    storeless: StorelessEndpoint, client: Client, target: str, meets: bool
) -> None:
    storeless.endpoint.faults.add(f"{target}:error=InternalError")
    assert (client.code("sts", "GetCallerIdentity") == "InternalError") is meets


def test_probability_is_reproducible_by_seed() -> None:
    def run(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add("*:throttle:p=0.5")
        return [faults.inject("cvm", "CreateImage").has("throttle") for _ in range(64)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 16 < sum(run(1)) < 48


def test_cut_before_does_nothing(storeless: StorelessEndpoint) -> None:
    storeless.endpoint.faults.add("*:cut-before")
    assert answer(storeless).cut
    assert storeless.store.transactions == []


def test_cut_after_processes_the_request(storeless: StorelessEndpoint) -> None:
    storeless.endpoint.faults.add("*:cut-after")
    assert answer(storeless).cut
    assert storeless.store.transactions == ["read"]


def test_status_answers_with_an_html_page(storeless: StorelessEndpoint) -> None:
    storeless.endpoint.faults.add("*:status=502")
    response = answer(storeless)
    assert (response.status, response.headers["Content-Type"]) == (502, "text/html")
    assert storeless.store.transactions == []


def test_status_after_processes_the_request(storeless: StorelessEndpoint) -> None:
    storeless.endpoint.faults.add("*:status=504:after")
    assert answer(storeless).status == 504
    assert storeless.store.transactions == ["read"]


def test_error_after_processes_the_request(storeless: StorelessEndpoint, client: Client) -> None:
    storeless.endpoint.faults.add("*:error=InternalError:after")
    assert client.code("sts", "GetCallerIdentity") == "InternalError"
    assert storeless.store.transactions == ["read"]


def test_garbage_is_not_json(storeless: StorelessEndpoint) -> None:
    storeless.endpoint.faults.add("*:garbage")
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(answer(storeless).body)


def test_a_truncated_answer_announces_more_than_is_sent(storeless: StorelessEndpoint) -> None:
    storeless.endpoint.faults.add("*:truncate")
    response = answer(storeless)
    assert len(response.sent_body) < len(response.body)


def test_twice_processes_the_request_twice(storeless: StorelessEndpoint, client: Client) -> None:
    storeless.endpoint.faults.add("*:twice:times=1")
    assert client.code("sts", "GetCallerIdentity") == "ok"
    assert storeless.store.transactions == ["read"] * 2


def test_a_delayed_request_is_processed_later(storeless: StorelessEndpoint, client: Client) -> None:
    storeless.endpoint.faults.add("*:delayed=60:times=1")
    assert answer(storeless).cut
    assert client.code("sts", "GetCallerIdentity") == "ok"
    assert storeless.store.transactions == ["read"]
    storeless.clock.at += 60
    assert client.code("sts", "GetCallerIdentity") == "ok"
    assert storeless.store.transactions == ["read"] * 3


def test_throttle_refuses(storeless: StorelessEndpoint, client: Client) -> None:
    storeless.endpoint.faults.add("*:throttle:times=1")
    codes = [client.code("sts", "GetCallerIdentity") for _ in range(2)]
    assert codes == ["RequestLimitExceeded", "ok"]


def test_latency_delays_answers_and_errors(storeless: StorelessEndpoint) -> None:
    storeless.endpoint.faults.add("*:latency=1.5")
    assert answer(storeless).delay == 1.5
    assert answer(storeless, "Nothing").delay == 1.5


def test_clock_skew_expires_signatures(storeless: StorelessEndpoint, client: Client) -> None:
    storeless.endpoint.faults.add("*:clock-skew=600:times=1")
    codes = [client.code("sts", "GetCallerIdentity") for _ in range(2)]
    assert codes == ["AuthFailure.SignatureExpire", "ok"]


def test_faults_of_several_kinds_combine(storeless: StorelessEndpoint) -> None:
    storeless.endpoint.faults.add("*:latency=2", "*:cut-after")
    response = answer(storeless)
    assert (response.delay, response.cut) == (2.0, True)


def test_the_status_counts_affected_calls(storeless: StorelessEndpoint, client: Client) -> None:
    storeless.endpoint.faults.add("*:throttle:times=1", "*:task-fail")
    client.call("sts", "GetCallerIdentity")
    assert storeless.endpoint.faults.status() == [
        {"fault": "*:throttle:times=1", "met": 1, "used_up": True},
        {"fault": "*:task-fail", "met": 1, "used_up": False},
    ]


def test_every_kind_is_documented() -> None:
    from cvmimg.sandbox import faults

    source = faults.__file__
    with open(source, encoding="utf-8") as file:
        text = file.read()
    assert all(f"\n{kind}" in text for kind in KINDS)
