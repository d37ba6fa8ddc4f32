"""Temporary credentials are fetched once, renewed in time, and never shown."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import responses

from cvmimg.cloud import cvm, sts
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.cloud.temporary_credentials import (
    TemporaryCredentials,
    TokenSource,
    instance_role,
    web_identity,
)
from cvmimg.errors import CredentialsError, Unreachable
from cvmimg.message import Message
from tests.support.api import ScriptedApi, scripted_cloud

HOUR = 3600.0
ROLE = "qcs::cam::uin/100000000001:roleName/builder"
METADATA = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/"


class Issuer:
    """Issues credentials that last an hour; counts them."""

    def __init__(self) -> None:
        self.issued = 0
        self.trouble: Exception | None = None

    def fetch(self, cloud: Cloud) -> Credentials:
        if self.trouble is not None:
            raise self.trouble
        self.issued += 1
        return Credentials(f"id-{self.issued}", "key", expires_at=cloud.clock.now() + HOUR)


def test_credentials_are_renewed_before_they_end(cloud: Cloud) -> None:
    issuer = Issuer()
    provider = TemporaryCredentials("test", issuer.fetch)
    seen = []
    for _ in range(12):
        seen.append(provider.current(cloud).secret_id)
        cloud.clock.sleep(HOUR / 4)
    assert seen == ["id-1"] * 4 + ["id-2"] * 4 + ["id-3"] * 4


def test_a_renewal_that_fails_leaves_the_old_ones_until_their_end(cloud: Cloud) -> None:
    issuer = Issuer()
    provider = TemporaryCredentials("test", issuer.fetch)
    provider.current(cloud)
    issuer.trouble = Unreachable(Message("no network"))

    cloud.clock.sleep(HOUR - 60)
    assert provider.current(cloud).secret_id == "id-1"
    cloud.clock.sleep(60)
    with pytest.raises(Unreachable):
        provider.current(cloud)


def test_many_threads_fetch_once(cloud: Cloud) -> None:
    issuer, barrier = Issuer(), threading.Barrier(8)
    provider = TemporaryCredentials("test", issuer.fetch)

    def ask(_: int) -> str:
        barrier.wait()
        return provider.current(cloud).secret_id

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"id-1"}


def test_a_long_wait_signs_with_the_renewed_credentials(api: ScriptedApi) -> None:
    issuer = Issuer()
    cloud = replace(scripted_cloud(), credentials=TemporaryCredentials("test", issuer.fetch))
    api.answers("DescribeImageQuota", ImageNumQuota=10)
    for _ in range(3):
        cvm.describe_image_quota(cloud)
        cloud.clock.sleep(HOUR)
    assert api.signers == ["id-1", "id-2", "id-3"]


def test_a_web_identity_is_exchanged_without_a_signature(api: ScriptedApi, tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("token-1\n")
    provider = web_identity("oidc", ROLE, "session", TokenSource(file=str(token_file)))
    cloud = replace(scripted_cloud(), credentials=provider)
    keys = {"TmpSecretId": "tmp-id", "TmpSecretKey": "tmp-key", "Token": "t"}
    expires = cloud.clock.now() + HOUR
    api.answers("AssumeRoleWithWebIdentity", Credentials=keys, ExpiredTime=int(expires))
    api.answers("GetCallerIdentity", AccountId="100000000001")

    assert sts.account_id(cloud) == "100000000001"

    assert api.sent("AssumeRoleWithWebIdentity") == [
        {
            "ProviderId": "oidc",
            "WebIdentityToken": "token-1",
            "RoleArn": ROLE,
            "RoleSessionName": "session",
        }
    ]
    assert api.signers == ["SKIP", "tmp-id"]
    assert "token-1" not in repr(provider)


@pytest.mark.parametrize(
    "code", ["UnauthorizedOperation", "InvalidParameter.WebIdentityTokenError", "ResourceNotFound"]
)
def test_a_refused_web_identity_is_an_error_of_the_credentials(api: ScriptedApi, code: str) -> None:
    provider = web_identity("oidc", ROLE, "session", TokenSource(text="t"))
    api.refuses("AssumeRoleWithWebIdentity", code)
    with pytest.raises(CredentialsError) as caught:
        provider.current(scripted_cloud())
    assert caught.value.code == code


GITHUB = TokenSource(
    request_url="https://token.example.com/?v=1", request_token="secret", audience="a b&c"
)


def test_github_issues_a_token_for_the_audience() -> None:
    with responses.RequestsMock() as wire:
        wire.get("https://token.example.com/?v=1&audience=a%20b%26c", json={"value": "jwt"})
        assert GITHUB.read() == "jwt"
        assert wire.calls[0].request.headers["Authorization"] == "bearer secret"
    assert "secret" not in repr(GITHUB)


def test_the_audience_is_the_first_parameter_of_a_url_without_any() -> None:
    source = TokenSource(request_url="https://token.example.com/", request_token="s", audience="a")
    with responses.RequestsMock() as wire:
        wire.get("https://token.example.com/?audience=a", json={"value": "jwt"})
        assert source.read() == "jwt"


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 403},
        {"status": 302, "headers": {"Location": "https://elsewhere.example.com"}},
        {"body": "<html>"},
        {"json": []},
        {"json": {"value": 5}},
        {"json": {}},
    ],
)
def test_any_other_answer_of_the_issuer_is_an_error(answer: dict[str, Any]) -> None:
    with responses.RequestsMock() as wire:
        wire.get("https://token.example.com/", **answer)
        with pytest.raises(CredentialsError) as caught:
            GITHUB.read()
    assert caught.value.code == "WebIdentityTokenRefused"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (TokenSource(), "WebIdentityTokenMissing"),
        (TokenSource(request_url="https://x"), "WebIdentityTokenMissing"),
        (TokenSource(file="/nonexistent/token"), "CredentialsFileUnreadable"),
        (TokenSource(request_url="http://x", request_token="t"), "WebIdentityUrlInsecure"),
    ],
)
def test_without_a_token_the_reason_is_named(source: TokenSource, code: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        source.read()
    assert caught.value.code == code


@pytest.mark.parametrize("role", ["builder", ""])
def test_the_role_of_this_instance_comes_from_its_metadata(cloud: Cloud, role: str) -> None:
    answer = {
        "TmpSecretId": "tmp-id",
        "TmpSecretKey": "tmp-key",
        "Token": "t",
        "ExpiredTime": int(cloud.clock.now() + HOUR),
        "Code": "Success",
    }
    with responses.RequestsMock() as wire:
        if not role:
            wire.get(METADATA, body="builder")
        wire.get(f"{METADATA}builder", json=answer)
        provider = instance_role(role)
        for _ in range(2):
            found = provider.current(cloud)
            assert (found.secret_id, found.token) == ("tmp-id", "t")


@pytest.mark.parametrize(
    "answer", [{"status": 404}, {"json": {"Code": "Failed"}}, {"body": "no role"}]
)
def test_an_instance_without_a_role_has_no_credentials(cloud: Cloud, answer: Any) -> None:
    with responses.RequestsMock() as wire:
        wire.get(f"{METADATA}builder", **answer)
        with pytest.raises(CredentialsError) as caught:
            instance_role("builder").current(cloud)
    assert caught.value.code == "InstanceRoleUnavailable"
