"""Hostile requests are answered with errors, without crashes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cvmimg.sandbox import Sandbox
from cvmimg.sandbox.wire.http import HttpRequest
from tests.sandbox.wire.endpoint import ROLE, StorelessEndpoint
from tests.support.tc3 import Client

STORELESS = StorelessEndpoint()

NAMES = [
    "Authorization",
    "Content-Type",
    "Host",
    "X-TC-Action",
    "X-TC-Version",
    "X-TC-Timestamp",
    "X-TC-Region",
    "X-TC-Token",
    "X-TC-Language",
    "X-TC-Content-SHA256",
]
HEADERS = st.dictionaries(
    st.sampled_from(NAMES),
    st.text(st.characters(max_codepoint=255), max_size=60)
    | st.sampled_from(
        [
            "application/json",
            "application/x-www-form-urlencoded",
            "TC3-HMAC-SHA256 Credential=a/2026-11-23/cvm/tc3_request, "
            "SignedHeaders=content-type;host, Signature=" + "0" * 64,
            "1795000000",
            "zh-CN",
        ]
    ),
)
QUIET = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def code(request: HttpRequest) -> str:
    answer = json.loads(STORELESS.endpoint.handle(request).body)["Response"]
    found: str = answer.get("Error", {}).get("Code", "ok")
    return found


@QUIET
@given(st.sampled_from(["GET", "POST", "PUT", ""]), st.text(max_size=80), HEADERS, st.binary())
def test_any_unsigned_request_is_refused(
    method: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    found = code(HttpRequest.of(method, f"/?{query}", headers, body))
    assert found not in ("ok", "InternalError")


@QUIET
@given(st.binary(max_size=200))
def test_any_signed_body_is_answered(body: bytes) -> None:
    assert code(STORELESS.client.request("sts", "AssumeRole", body)) != "InternalError"


@pytest.mark.parametrize(
    "body",
    [
        b'{"RoleArn":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"DurationSeconds":NaN}',
        b'{"DurationSeconds":' + b"9" * 5000 + b"}",
        b'{"\\ud800":1}',
        json.dumps({**ROLE, "Policy": "\ud800"}).encode(),
        b"\xff\xfe{}",
        b'{"RoleArn":"a","RoleArn":{}}',
    ],
)
def test_hostile_json_is_an_invalid_parameter(body: bytes) -> None:
    refused = ("InvalidParameter", "UnknownParameter", "MissingParameter")
    assert code(STORELESS.client.request("sts", "AssumeRole", body)) in refused


def test_names_with_markup_and_escape_codes_are_returned_unchanged(tmp_path: Path) -> None:
    name = '[red]\x1b[31m</script>"\\\u202e\x00é'
    with Sandbox(speed=1, clock=lambda: STORELESS.client.now) as sandbox:
        client = Client(sandbox.handle, *sandbox.credentials(), now=STORELESS.client.now)
        client.call("cvm", "ModifyImageAttribute", ImageId="img-webv1000", ImageName=name)
        found = client.call("cvm", "DescribeImages", ImageIds=["img-webv1000"])["ImageSet"]
    assert [image["ImageName"] for image in found] == [name]
