from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from cvmimg.sandbox.wire.transport import SandboxAdapter
from cvmimg.sandbox.world.accounts import NEIGHBOUR, OWNER, KeyRing
from tests.sandbox.wire.endpoint import NOW, ROLE, ManualClock, NoStore, StorelessEndpoint, endpoint
from tests.support.tc3 import Client


def official(
    storeless: StorelessEndpoint, method: str, sign: str, *, unsigned: bool = False
) -> Any:
    """Return a client of the official SDK, which signs by the real clock."""
    profile = ClientProfile(sign, HttpProfile(reqMethod=method), language="en-US")
    profile.unsignedPayload = unsigned
    keys = Credential(*storeless.keys.permanent(OWNER))
    client = CommonClient("sts", "2018-08-13", keys, "ap-guangzhou", profile)
    answering = endpoint(storeless.keys, NoStore(), ManualClock())
    client.request.conn._session.mount("https://", SandboxAdapter(answering.handle))
    return client


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("sign", ["TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256"])
def test_every_signature_of_the_official_sdk_is_valid(
    storeless: StorelessEndpoint, method: str, sign: str
) -> None:
    answer = official(storeless, method, sign).call_json(
        "AssumeRole", {**ROLE, "DurationSeconds": 60}
    )
    assert answer["Response"]["ExpiredTime"] == int(NOW) + 60


def test_an_announced_unsigned_payload_is_accepted(storeless: StorelessEndpoint) -> None:
    client = official(storeless, "POST", "TC3-HMAC-SHA256", unsigned=True)
    assert client.call_json("GetCallerIdentity", {})["Response"]["AccountId"] == OWNER


def test_the_signer_is_the_caller(storeless: StorelessEndpoint) -> None:
    answer = storeless.client_of(NEIGHBOUR).call("sts", "GetCallerIdentity")
    assert (answer["AccountId"], answer["Type"]) == (NEIGHBOUR, "RootAccount")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret_id": "AKIDnobody"}, "AuthFailure.SecretIdNotFound"),
        ({"secret_key": "wrong"}, "AuthFailure.SignatureFailure"),
        ({"now": NOW - 301}, "AuthFailure.SignatureExpire"),
        ({"now": NOW + 301}, "AuthFailure.SignatureExpire"),
        ({"now": NOW - 299}, "ok"),
        ({"token": "forged"}, "AuthFailure.TokenFailure"),
        ({"extra": {"Host": "example.com"}}, "AuthFailure.SignatureFailure"),
        ({"extra": {"Authorization": "Basic YTpi"}}, "AuthFailure.InvalidAuthorization"),
        ({"extra": {"Authorization": None}}, "MissingParameter"),
        ({"extra": {"X-TC-Timestamp": "soon"}}, "InvalidParameter"),
    ],
)
def test_an_invalid_signature_is_refused(
    client: Client, changes: dict[str, Any], code: str
) -> None:
    assert replace(client, **changes).code("sts", "GetCallerIdentity") == code


@pytest.mark.parametrize("signed", ["127.0.0.1:8080", "127.0.0.1", "LOCALHOST:80"])
def test_the_host_is_signed_as_sent_or_without_its_port(
    storeless: StorelessEndpoint, signed: str
) -> None:
    sent = {"127.0.0.1": "127.0.0.1:8080"}.get(signed, signed)
    client = replace(storeless.client, host=signed, extra={"Host": sent})
    assert client.code("sts", "GetCallerIdentity") == "ok"


def test_the_host_may_be_signed_in_lower_case(storeless: StorelessEndpoint) -> None:
    client = replace(storeless.client, host="localhost:80", extra={"Host": "LocalHost:80"})
    assert client.code("sts", "GetCallerIdentity") == "ok"


def test_a_changed_body_is_refused(storeless: StorelessEndpoint, client: Client) -> None:
    signed = client.request("sts", "AssumeRole", ROLE)
    changed = replace(signed, body=signed.body.replace(b"builder", b"breaker"))
    assert b"AuthFailure.SignatureFailure" in storeless.endpoint.handle(changed).body


def test_a_date_other_than_the_timestamps_is_refused(client: Client) -> None:
    extra = {"X-TC-Timestamp": str(int(NOW) - 200), "Authorization": None}
    signed = client.request("sts", "GetCallerIdentity", {})
    moved = signed.headers["authorization"].replace("/20", "/19", 1)
    later = replace(client, extra={**extra, "Authorization": moved})
    assert later.code("sts", "GetCallerIdentity") == "AuthFailure.SignatureFailure"


def test_temporary_credentials_work_and_expire(
    storeless: StorelessEndpoint, client: Client
) -> None:
    issued = client.call("sts", "AssumeRole", **ROLE, DurationSeconds=600)["Credentials"]
    temporary = replace(
        client,
        secret_id=issued["TmpSecretId"],
        secret_key=issued["TmpSecretKey"],
        token=issued["Token"],
    )
    answer = temporary.call("sts", "GetCallerIdentity")
    assert (answer["Type"], answer["UserId"]) == ("CAMRole", "builder:ci")
    storeless.clock.at += 601
    assert temporary.code("sts", "GetCallerIdentity") == "AuthFailure.TokenFailure"


def test_a_token_works_only_with_its_own_id(client: Client) -> None:
    one = client.call("sts", "AssumeRole", **ROLE)["Credentials"]
    other = client.call("sts", "AssumeRole", **ROLE)["Credentials"]
    mixed = replace(
        client, secret_id=one["TmpSecretId"], secret_key=one["TmpSecretKey"], token=other["Token"]
    )
    assert mixed.code("sts", "GetCallerIdentity") == "AuthFailure.TokenFailure"


def test_temporary_credentials_without_their_token_are_unknown(client: Client) -> None:
    issued = client.call("sts", "AssumeRole", **ROLE)["Credentials"]
    bare = replace(client, secret_id=issued["TmpSecretId"], secret_key=issued["TmpSecretKey"])
    assert bare.code("sts", "GetCallerIdentity") == "AuthFailure.SecretIdNotFound"


def test_tokens_of_another_sandbox_are_refused(client: Client) -> None:
    stranger = KeyRing(b"x" * 32).issue(OWNER, "builder", "ci", int(NOW) + 600)
    forged = replace(
        client,
        secret_id=stranger.secret_id,
        secret_key=stranger.secret_key,
        token=stranger.token,
    )
    assert forged.code("sts", "GetCallerIdentity") == "AuthFailure.TokenFailure"
