"""The credential providers of the official SDK and CLI: roles, web identities, instances."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import certifi
import pytest

from cvmimg.sandbox import OWNER, Sandbox
from tests.interop.served import Served
from tests.support import tccli
from tests.support.issuer import AUDIENCE, PROVIDER, URL, Issuer, trust_policy
from tests.support.tc3 import Client

pytestmark = pytest.mark.interop

ROLE = f"qcs::cam::uin/{OWNER}:roleName/reader"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=1, role="web") as sandbox:
        yield sandbox


@pytest.fixture
def environment(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process reach the sandbox as a program would."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, served.url)
    # Made once for each process, and kept with the proxy that was set then.
    monkeypatch.setattr(urllib.request, "_opener", None)
    monkeypatch.setattr(certifi, "where", lambda: str(served.authority))


def assume_role(served: Served) -> Any:
    from tencentcloud.common.credential import STSAssumeRoleCredential

    return STSAssumeRoleCredential(*served.sandbox.credentials(), ROLE, "me")


def web_identity(served: Served) -> Any:
    from tencentcloud.common.credential import OIDCRoleArnCredential

    issuer = Issuer()
    cam = Client(served.sandbox.handle, *served.sandbox.credentials(), now=time.time())
    cam.call(
        "cam",
        "CreateOIDCConfig",
        IdentityUrl=URL,
        ClientId=[AUDIENCE],
        IdentityKey=issuer.identity_key,
        Name=PROVIDER,
    )
    cam.call("cam", "CreateRole", RoleName="reader", PolicyDocument=trust_policy(OWNER))
    return OIDCRoleArnCredential("ap-guangzhou", PROVIDER, issuer.token(), ROLE, "me")


def instance_role(_: Served) -> Any:
    from tencentcloud.common.credential import CVMRoleCredential

    return CVMRoleCredential()


@pytest.mark.client("Python SDK")
@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("provider", "role"),
    [(assume_role, "reader"), (web_identity, "reader"), (instance_role, "web")],
)
def test_a_provider_of_the_sdk(
    served: Served, provider: Callable[[Served], Any], role: str
) -> None:
    from tencentcloud.common.common_client import CommonClient

    client = CommonClient("sts", "2018-08-13", provider(served), "ap-guangzhou")
    answer = client.call_json("GetCallerIdentity", {})["Response"]
    assert answer["Arn"] == f"qcs::sts:{OWNER}:assumed-role/{role}"


@pytest.mark.client("tccli")
def test_tccli_assumes_the_role_of_its_profile(served: Served) -> None:
    binary = tccli.needs_binary()
    secret_id, secret_key = served.sandbox.credentials()
    folder = served.home / ".tccli"
    folder.mkdir()
    (folder / "default.credential").write_text(
        json.dumps(
            {
                "secretId": secret_id,
                "secretKey": secret_key,
                "role-arn": ROLE,
                "role-session-name": "me",
            }
        )
    )
    command = [binary, "sts", "GetCallerIdentity", "--region", "ap-guangzhou"]
    printed = served.run(command, TENCENTCLOUD_SECRET_ID="", TENCENTCLOUD_SECRET_KEY="")
    assert json.loads(printed)["Arn"] == f"qcs::sts:{OWNER}:assumed-role/reader"
