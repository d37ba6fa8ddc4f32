from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import pytest

from cvmimg.sandbox.wire import call as seam
from cvmimg.sandbox.wire.call import Action, Call
from cvmimg.sandbox.wire.http import HttpRequest
from cvmimg.sandbox.wire.throttling import RateLimits
from tests.sandbox.wire.endpoint import ROLE, Edge
from tests.support.tc3 import Client


def code(edge: Edge, request: HttpRequest) -> str:
    answer = json.loads(edge.endpoint.handle(request).body)["Response"]
    assert answer["RequestId"]
    found: str = answer.get("Error", {}).get("Code", "ok")
    return found


def test_errors_come_with_http_status_200_and_a_request_id(edge: Edge, client: Client) -> None:
    response = edge.endpoint.handle(client.request("sts", "NoSuchAction", {}))
    answer = json.loads(response.body)["Response"]
    assert response.status == 200
    assert set(answer) == {"Error", "RequestId"}
    assert set(answer["Error"]) == {"Code", "Message"}


def test_every_request_has_its_own_id(client: Client) -> None:
    ids = {client.call("sts", "GetCallerIdentity")["RequestId"] for _ in range(5)}
    assert len(ids) == 5


@pytest.mark.parametrize(
    ("scope", "action", "version", "expected"),
    [
        ("sts", "GetCallerIdentity", "2018-08-13", "ok"),
        ("127", "GetCallerIdentity", "2018-08-13", "ok"),
        ("localhost", "GetCallerIdentity", "2018-08-13", "ok"),
        ("sts", "Nothing", "2018-08-13", "InvalidAction"),
        ("127", "Nothing", "2018-08-13", "InvalidAction"),
        ("sts", "GetCallerIdentity", "2017-03-12", "NoSuchVersion"),
        ("mars", "GetCallerIdentity", "1999-01-01", "NoSuchProduct"),
        ("tag", "GetCallerIdentity", "2018-08-13", "InvalidAction"),
    ],
)
def test_scope_or_else_action_and_version_tell_the_service(
    edge: Edge, client: Client, scope: str, action: str, version: str, expected: str
) -> None:
    request = client.request("sts", action, {}, scope=scope, version=version)
    assert code(edge, request) == expected


def test_what_is_not_simulated_is_told_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "cvmimg.sandbox.wire.endpoint"):
        client.call("cvm", "ResetInstance", InstanceId="ins-web00001")
    assert "the sandbox does not simulate it" in caplog.text


def test_an_unknown_region_is_refused(client: Client) -> None:
    assert replace(client, region="eu-atlantis").code("sts", "GetCallerIdentity") == (
        "UnsupportedRegion"
    )


def test_a_service_without_regions_needs_none(client: Client) -> None:
    assert replace(client, region="").code("region", "DescribeRegions", Product="cvm") == "ok"


def test_a_service_with_regions_needs_one(client: Client) -> None:
    assert replace(client, region="").code("tat", "DescribeInvocations") == "MissingParameter"


@pytest.mark.parametrize(
    ("language", "part"),
    [("zh-CN", "缺少参数"), ("en-US", "missing a required parameter"), ("", "missing a required")],
)
def test_the_language_of_messages_follows_the_header(
    client: Client, language: str, part: str
) -> None:
    answer = replace(client, language=language).call("sts", "AssumeRole")
    assert part in answer["Error"]["Message"]


@pytest.mark.parametrize("body", [b"[]", b"nonsense", b'"text"', b"\xff\xfe", b"NaN"])
def test_a_body_that_is_no_json_object_is_refused(edge: Edge, client: Client, body: bytes) -> None:
    assert code(edge, client.request("sts", "GetCallerIdentity", body)) == "InvalidParameter"


def test_an_empty_body_is_no_parameters(edge: Edge, client: Client) -> None:
    assert code(edge, client.request("sts", "GetCallerIdentity", b"")) == "ok"


def test_a_request_that_is_too_large_is_refused(edge: Edge, client: Client) -> None:
    large = client.request("sts", "GetCallerIdentity", b"{" + b" " * 10 * 1024 * 1024 + b"}")
    assert code(edge, large) == "RequestSizeLimitExceeded"


def test_a_query_that_is_too_long_is_refused(edge: Edge) -> None:
    long = HttpRequest.of("GET", "/?Action=" + "x" * 32 * 1024, {"Host": "h"}, b"")
    assert code(edge, long) == "RequestSizeLimitExceeded"


@pytest.mark.parametrize(
    ("method", "content"), [("PUT", "application/json"), ("POST", "multipart/form-data")]
)
def test_other_methods_and_contents_are_refused(
    edge: Edge, client: Client, method: str, content: str
) -> None:
    request = client.request("sts", "GetCallerIdentity", {})
    headers = {**request.headers, "content-type": content}
    assert code(edge, replace(request, method=method, headers=headers)) == "UnsupportedProtocol"


def test_parameters_of_a_query_are_read_by_their_types(edge: Edge, client: Client) -> None:
    request = client.request("sts", "AssumeRole", b"")
    query = "&".join(f"{k}={v}" for k, v in {**ROLE, "DurationSeconds": "x"}.items())
    as_get = replace(request, method="GET", query=query)
    assert code(edge, as_get) == "AuthFailure.SignatureFailure"


def test_a_crash_is_an_internal_error_with_a_traceback_in_the_log(
    edge: Edge, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(_: Call) -> dict[str, Any]:
        raise ZeroDivisionError("by intent")

    key = ("sts", "GetCallerIdentity")
    monkeypatch.setitem(seam.ACTIONS, key, Action(*key, crash, writes=False))
    assert client.code(*key) == "InternalError"
    assert "ZeroDivisionError: by intent" in caplog.text


def test_only_writers_take_the_write_lock(
    edge: Edge, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ("sts", "GetCallerIdentity")
    monkeypatch.setitem(seam.ACTIONS, key, Action(*key, lambda _: {}, writes=True))
    client.call("sts", "AssumeRole", **ROLE)
    client.call(*key)
    assert edge.store.begun == ["read", "write"]


def test_rate_limits_are_off_by_default(client: Client) -> None:
    assert {client.code("sts", "GetCallerIdentity") for _ in range(50)} == {"ok"}


def test_rate_limits_count_by_action_and_second(edge: Edge, client: Client) -> None:
    passed = [0.0]
    edge.endpoint.rate_limits = RateLimits(lambda: passed[0], {("sts", "GetCallerIdentity"): 2})
    codes = [client.code("sts", "GetCallerIdentity") for _ in range(3)]
    assert codes == ["ok", "ok", "RequestLimitExceeded"]
    assert client.code("sts", "AssumeRole", **ROLE) == "ok"
    passed[0] = 1.0
    assert client.code("sts", "GetCallerIdentity") == "ok"
