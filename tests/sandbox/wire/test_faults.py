from __future__ import annotations

import json

import pytest

from cvmimg.sandbox.faults import KINDS, Fault, Faults
from cvmimg.sandbox.wire.http import HttpResponse
from tests.sandbox.wire.endpoint import ROLE, Edge
from tests.support.tc3 import Client


def answer(edge: Edge, action: str = "GetCallerIdentity") -> HttpResponse:
    return edge.endpoint.handle(
        edge.client.request("sts", action, ROLE if "Role" in action else {})
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
def test_a_line_tells_of_a_fault(text: str, fault: Fault) -> None:
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
def test_a_line_that_is_wrong_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"fault|needs|takes no|none of"):
        Fault.parse(text)


def test_one_wrong_line_arms_none() -> None:
    faults = Faults()
    with pytest.raises(ValueError, match="explode"):
        faults.add("*:cut-after", "*:explode")
    assert faults.status() == []


def test_skip_and_times_choose_the_calls(edge: Edge, client: Client) -> None:
    edge.endpoint.faults.add("GetCallerIdentity:error=ServiceUnavailable:skip=1:times=2")
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
def test_the_target_chooses_the_actions(
    edge: Edge, client: Client, target: str, meets: bool
) -> None:
    edge.endpoint.faults.add(f"{target}:error=InternalError")
    assert (client.code("sts", "GetCallerIdentity") == "InternalError") is meets


def test_probability_repeats_with_the_seed() -> None:
    def run(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add("*:throttle:p=0.5")
        return [faults.meet("cvm", "CreateImage").has("throttle") for _ in range(64)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 16 < sum(run(1)) < 48


def test_a_cut_before_the_work_does_nothing(edge: Edge) -> None:
    edge.endpoint.faults.add("*:cut-before")
    assert answer(edge).cut
    assert edge.store.begun == []


def test_a_cut_after_the_work_has_done_it(edge: Edge) -> None:
    edge.endpoint.faults.add("*:cut-after")
    assert answer(edge).cut
    assert edge.store.begun == ["read"]


def test_a_status_comes_with_a_page(edge: Edge) -> None:
    edge.endpoint.faults.add("*:status=502")
    response = answer(edge)
    assert (response.status, response.headers["Content-Type"]) == (502, "text/html")
    assert edge.store.begun == []


def test_a_status_can_come_after_the_work(edge: Edge) -> None:
    edge.endpoint.faults.add("*:status=504:after")
    assert answer(edge).status == 504
    assert edge.store.begun == ["read"]


def test_an_error_can_come_after_the_work(edge: Edge, client: Client) -> None:
    edge.endpoint.faults.add("*:error=InternalError:after")
    assert client.code("sts", "GetCallerIdentity") == "InternalError"
    assert edge.store.begun == ["read"]


def test_garbage_is_no_json(edge: Edge) -> None:
    edge.endpoint.faults.add("*:garbage")
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(answer(edge).body)


def test_a_truncated_answer_announces_more_than_comes(edge: Edge) -> None:
    edge.endpoint.faults.add("*:truncate")
    response = answer(edge)
    assert len(response.sent_body) < response.announced_length


def test_throttling_refuses(edge: Edge, client: Client) -> None:
    edge.endpoint.faults.add("*:throttle:times=1")
    codes = [client.code("sts", "GetCallerIdentity") for _ in range(2)]
    assert codes == ["RequestLimitExceeded", "ok"]


def test_latency_delays_answers_and_refusals(edge: Edge) -> None:
    edge.endpoint.faults.add("*:latency=1.5")
    assert answer(edge).delay == 1.5
    assert answer(edge, "Nothing").delay == 1.5


def test_clock_skew_lets_signatures_expire(edge: Edge, client: Client) -> None:
    edge.endpoint.faults.add("*:clock-skew=600:times=1")
    codes = [client.code("sts", "GetCallerIdentity") for _ in range(2)]
    assert codes == ["AuthFailure.SignatureExpire", "ok"]


def test_faults_of_several_kinds_meet_together(edge: Edge) -> None:
    edge.endpoint.faults.add("*:latency=2", "*:cut-after")
    response = answer(edge)
    assert (response.delay, response.cut) == (2.0, True)


def test_the_status_tells_what_was_met(edge: Edge, client: Client) -> None:
    edge.endpoint.faults.add("*:throttle:times=1", "*:task-fail")
    client.call("sts", "GetCallerIdentity")
    assert edge.endpoint.faults.status() == [
        {"fault": "*:throttle:times=1", "met": 1, "used_up": True},
        {"fault": "*:task-fail", "met": 1, "used_up": False},
    ]


def test_every_kind_is_explained() -> None:
    from cvmimg.sandbox import faults

    source = faults.__file__
    with open(source, encoding="utf-8") as file:
        text = file.read()
    assert all(f"\n{kind}" in text for kind in KINDS)
