"""The metadata service of an instance with a role."""

from __future__ import annotations

import json
from dataclasses import replace

from cvmimg.sandbox import Sandbox
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from tests.sandbox.cloud import START
from tests.support.tc3 import Client

ROLES = "/latest/meta-data/cam/security-credentials/"
HOST = "metadata.tencentyun.com"


def get(sandbox: Sandbox, path: str, host: str = HOST, method: str = "GET") -> HttpResponse:
    return sandbox.handle(HttpRequest.of(method, path, {"Host": host}, b""))


def test_it_gives_credentials_that_are_those_of_the_role() -> None:
    with Sandbox(speed=1, clock=lambda: START, role="web") as sandbox:
        assert get(sandbox, ROLES).body == b"web"
        issued = json.loads(get(sandbox, f"{ROLES}web").body)
        client = Client(sandbox.handle, issued["TmpSecretId"], issued["TmpSecretKey"], START)
        client = replace(client, token=issued["Token"])
        assert client.call("sts", "GetCallerIdentity")["Arn"].endswith(":assumed-role/web")
        assert issued["ExpiredTime"] == START + 6 * 3600


def test_another_role_has_no_credentials() -> None:
    with Sandbox(role="web") as sandbox:
        assert get(sandbox, f"{ROLES}admin").status == 404
        assert get(sandbox, f"{ROLES}web", method="POST").status == 405


def test_it_is_there_on_request_only() -> None:
    with Sandbox() as sandbox:
        assert get(sandbox, ROLES).status == 403
        assert get(sandbox, ROLES, host="localhost").status == 404


def test_its_host_reaches_neither_the_api_nor_the_control() -> None:
    with Sandbox(role="web") as sandbox:
        assert {get(sandbox, path).status for path in ("/", "/sandbox/status")} == {403}
