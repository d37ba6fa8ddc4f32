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
from tests.sandbox.wire.endpoint import ROLE, StorelessEndpoint
from tests.support.tc3 import Client


def code(storeless: StorelessEndpoint, request: HttpRequest) -> str:
    answer = json.loads(storeless.endpoint.handle(request).body)["Response"]
    assert answer["RequestId"]
    found: str = answer.get("Error", {}).get("Code", "ok")
    return found


def test_errors_have_http_status_200_and_a_request_id(
    storeless: StorelessEndpoint, client: Client
) -> None:
    response = storeless.endpoint.handle(client.request("sts", "NoSuchAction", {}))
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
def test_the_scope_or_the_action_and_version_decide_the_service(
    storeless: StorelessEndpoint,
    client: Client,
    scope: str,
    action: str,
    version: str,
    expected: str,
) -> None:
    request = client.request("sts", action, {}, scope=scope, version=version)
    assert code(storeless, request) == expected


def test_unsimulated_actions_are_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "cvmimg.sandbox.wire.endpoint"):
        client.call("cvm", "RenewInstances", InstanceIds=["ins-web00001"])
    assert "is not simulated" in caplog.text


def test_an_unknown_region_is_refused(client: Client) -> None:
    assert replace(client, region="eu-atlantis").code("sts", "GetCallerIdentity") == (
        "UnsupportedRegion"
    )


def test_a_global_service_needs_no_region(client: Client) -> None:
    assert replace(client, region="").code("region", "DescribeRegions", Product="cvm") == "ok"


def test_a_regional_service_needs_a_region(client: Client) -> None:
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
def test_a_body_that_is_not_a_json_object_is_refused(
    storeless: StorelessEndpoint, client: Client, body: bytes
) -> None:
    assert code(storeless, client.request("sts", "GetCallerIdentity", body)) == "InvalidParameter"


def test_an_empty_body_means_no_parameters(storeless: StorelessEndpoint, client: Client) -> None:
    assert code(storeless, client.request("sts", "GetCallerIdentity", b"")) == "ok"


def test_a_request_that_is_too_large_is_refused(
    storeless: StorelessEndpoint, client: Client
) -> None:
    large = client.request("sts", "GetCallerIdentity", b"{" + b" " * 10 * 1024 * 1024 + b"}")
    assert code(storeless, large) == "RequestSizeLimitExceeded"


def test_a_query_that_is_too_long_is_refused(storeless: StorelessEndpoint) -> None:
    long = HttpRequest.of("GET", "/?Action=" + "x" * 32 * 1024, {"Host": "h"}, b"")
    assert code(storeless, long) == "RequestSizeLimitExceeded"


@pytest.mark.parametrize(
    ("method", "content"), [("PUT", "application/json"), ("POST", "multipart/form-data")]
)
def test_other_methods_and_content_types_are_refused(
    storeless: StorelessEndpoint, client: Client, method: str, content: str
) -> None:
    request = client.request("sts", "GetCallerIdentity", {})
    headers = {**request.headers, "content-type": content}
    assert (
        code(storeless, replace(request, method=method, headers=headers)) == "UnsupportedProtocol"
    )


def test_query_parameters_get_their_types(storeless: StorelessEndpoint, client: Client) -> None:
    request = client.request("sts", "AssumeRole", b"")
    query = "&".join(f"{k}={v}" for k, v in {**ROLE, "DurationSeconds": "x"}.items())
    as_get = replace(request, method="GET", query=query)
    assert code(storeless, as_get) == "AuthFailure.SignatureFailure"


def test_a_crash_is_logged_and_answered_as_internal_error(
    storeless: StorelessEndpoint,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def crash(_: Call) -> dict[str, Any]:
        raise ZeroDivisionError("by intent")

    key = ("sts", "GetCallerIdentity")
    monkeypatch.setitem(seam.ACTIONS, key, Action(*key, crash, writes=False))
    assert client.code(*key) == "InternalError"
    assert "ZeroDivisionError: by intent" in caplog.text


def test_only_writers_take_the_write_lock(
    storeless: StorelessEndpoint, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ("sts", "GetCallerIdentity")
    monkeypatch.setitem(seam.ACTIONS, key, Action(*key, lambda _: {}, writes=True))
    client.call("sts", "AssumeRole", **ROLE)
    client.call(*key)
    assert storeless.store.transactions == ["read", "write"]


def test_rate_limits_are_off_by_default(client: Client) -> None:
    assert {client.code("sts", "GetCallerIdentity") for _ in range(50)} == {"ok"}


def test_rate_limits_apply_by_action_and_second(
    storeless: StorelessEndpoint, client: Client
) -> None:
    passed = [0.0]
    storeless.endpoint.rate_limits = RateLimits(
        lambda: passed[0], {("sts", "GetCallerIdentity"): 2}
    )
    codes = [client.code("sts", "GetCallerIdentity") for _ in range(3)]
    assert codes == ["ok", "ok", "RequestLimitExceeded"]
    assert client.code("sts", "AssumeRole", **ROLE) == "ok"
    passed[0] = 1.0
    assert client.code("sts", "GetCallerIdentity") == "ok"
