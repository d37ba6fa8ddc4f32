"""The sandbox as one object: persistence, isolation and control."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from cvmimg.sandbox import NEIGHBOUR, OWNER, Sandbox
from tests.support.tc3 import Client

NOW = 1_795_000_000.0

EMPTY: dict[str, Any] = {"regions": {}}


def sandbox_in(folder: Path | None = None, **options: Any) -> Sandbox:
    return Sandbox(folder, speed=1, clock=lambda: NOW, **options)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with sandbox_in() as sandbox:
        yield sandbox


def client_of(sandbox: Sandbox, account: str = OWNER) -> Client:
    return Client(sandbox.handle, *sandbox.credentials(account), now=NOW)


def tag(sandbox: Sandbox, value: str) -> None:
    client_of(sandbox).call(
        "tag",
        "TagResources",
        ResourceList=[f"qcs::cvm:ap-guangzhou:uin/{OWNER}:image/img-webv1000"],
        Tags=[{"TagKey": "mark", "TagValue": value}],
    )


def marked(sandbox: Sandbox, value: str) -> int:
    filters = [{"Name": "tag:mark", "Values": [value]}]
    found: int = client_of(sandbox).call("cvm", "DescribeImages", Filters=filters)["TotalCount"]
    return found


def test_the_state_lasts_in_its_folder(tmp_path: Path) -> None:
    with sandbox_in(tmp_path) as first:
        keys = first.credentials()
        tag(first, "kept")
    with sandbox_in(tmp_path) as second:
        assert second.credentials() == keys
        assert marked(second, "kept") == 1


def test_two_sandboxes_share_a_folder(tmp_path: Path) -> None:
    with sandbox_in(tmp_path) as one, sandbox_in(tmp_path) as other:
        tag(one, "shared")
        assert marked(other, "shared") == 1


def test_reset_keeps_the_credentials(sandbox: Sandbox) -> None:
    keys = sandbox.credentials()
    tag(sandbox, "gone")
    sandbox.reset()
    assert marked(sandbox, "gone") == 0
    assert sandbox.credentials() == keys


def test_the_store_contains_no_secrets(tmp_path: Path) -> None:
    with sandbox_in(tmp_path) as sandbox:
        role = f"qcs::cam::uin/{OWNER}:roleName/x"
        issued = client_of(sandbox).call("sts", "AssumeRole", RoleArn=role, RoleSessionName="me")
        secrets = [
            sandbox.credentials()[1],
            sandbox.credentials(NEIGHBOUR)[1],
            issued["Credentials"]["TmpSecretKey"],
            issued["Credentials"]["Token"],
        ]
        files = [p for p in tmp_path.rglob("*") if p.is_file() and p.name != "master.key"]
        held = b"".join(path.read_bytes() for path in files)
    assert b"img-webv1000" in held
    assert [secret for secret in secrets if secret.encode() in held] == []


def test_accounts_do_not_see_each_others_images(sandbox: Sandbox) -> None:
    mine = client_of(sandbox).call("cvm", "DescribeImages", ImageIds=["img-webv1000"])
    theirs = client_of(sandbox, NEIGHBOUR).call("cvm", "DescribeImages", ImageIds=["img-webv1000"])
    assert mine["TotalCount"] == 1
    assert theirs.get("TotalCount", 0) == 0


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"this is not a database" * 100)
    with pytest.raises(OSError, match=r"state\.sqlite"):
        sandbox_in(tmp_path)


def test_a_malformed_fault_raises() -> None:
    with pytest.raises(ValueError, match="explode"):
        sandbox_in(faults=["*:explode"])


def test_rate_limits_can_be_turned_on() -> None:
    with sandbox_in(rate_limits=True) as sandbox:
        asked = {"InstanceId": "ins-web00001", "ImageName": "x", "DryRun": True}
        codes = [client_of(sandbox).code("cvm", "CreateImage", **asked) for _ in range(11)]
    assert codes[-1] == "RequestLimitExceeded"
    assert "RequestLimitExceeded" not in codes[:10]


def test_other_paths_are_not_found(sandbox: Sandbox) -> None:
    with sandbox.serve() as server:
        assert requests.get(f"{server.url}/robots.txt", timeout=5).status_code == 404


def test_closing_stops_the_servers() -> None:
    with sandbox_in() as sandbox:
        port = sandbox.serve().port
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()


def test_http_clients_and_in_process_clients_share_the_state(sandbox: Sandbox) -> None:
    with sandbox.serve() as server:
        client = replace(client_of(sandbox), host=server.url.removeprefix("http://"))
        request = client.request("cvm", "DescribeImageQuota", {})
        answer = requests.post(
            server.url, data=request.body, headers=dict(request.headers), timeout=5
        ).json()
    assert answer["Response"]["ImageNumQuota"] == 10


class TestControl:
    def ask(
        self, sandbox: Sandbox, method: str, path: str, body: str = "", key: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        token = sandbox.credentials()[1] if key is None else key
        with sandbox.serve() as server:
            answer = requests.request(
                method,
                f"{server.url}/sandbox/{path}",
                data=body.encode(),
                headers={"Authorization": f"Bearer {token}"},
                timeout=5,
            )
        return answer.status_code, json.loads(answer.content)

    def test_faults_are_added_listed_and_cleared(self, sandbox: Sandbox) -> None:
        lines = "CreateImage:cut-after:times=1\n\n*:latency=0.1\n"
        status, answer = self.ask(sandbox, "POST", "faults", lines)
        assert status == 200
        assert [fault["fault"] for fault in answer["faults"]] == lines.split()
        assert self.ask(sandbox, "GET", "faults") == (200, answer)
        assert self.ask(sandbox, "DELETE", "faults") == (200, {"faults": []})

    def test_a_malformed_fault_is_refused(self, sandbox: Sandbox) -> None:
        status, answer = self.ask(sandbox, "POST", "faults", "CreateImage:explode")
        assert (status, "explode" in answer["error"]) == (400, True)

    def test_the_status_has_the_time_and_the_contents(self, sandbox: Sandbox) -> None:
        status, answer = self.ask(sandbox, "GET", "status")
        assert (status, answer["now"], answer["speed"]) == (200, NOW, 1)
        assert answer["documents"]["instance"] > 10

    def test_it_can_be_reset(self, sandbox: Sandbox) -> None:
        tag(sandbox, "gone")
        assert self.ask(sandbox, "POST", "reset")[0] == 200
        assert marked(sandbox, "gone") == 0

    @pytest.mark.parametrize("key", ["", "wrong", "é"])
    def test_it_needs_the_owners_key(self, sandbox: Sandbox, key: str) -> None:
        assert self.ask(sandbox, "POST", "reset", key=key)[0] == 401

    def test_unknown_paths_are_not_found(self, sandbox: Sandbox) -> None:
        assert self.ask(sandbox, "GET", "keys")[0] == 404


class TestWorld:
    def test_a_world_can_be_a_json_file(self, tmp_path: Path) -> None:
        file = tmp_path / "world.json"
        file.write_text(json.dumps(EMPTY), encoding="utf-8")
        self.check(file)

    def test_a_world_can_be_a_yaml_file(self, tmp_path: Path) -> None:
        file = tmp_path / "world.yaml"
        file.write_text("regions: {}\n", encoding="utf-8")
        self.check(file)

    def test_a_world_can_be_a_python_mapping(self) -> None:
        self.check(EMPTY)

    def check(self, world: Any) -> None:
        with sandbox_in(world=world) as sandbox:
            assert client_of(sandbox).call("cvm", "DescribeInstances")["TotalCount"] == 0

    @pytest.mark.parametrize(
        ("name", "text"),
        [("w.json", "[]"), ("w.json", "{"), ("w.yaml", "a: [b"), ("w.yml", "text")],
    )
    def test_an_invalid_world_file_is_refused(self, tmp_path: Path, name: str, text: str) -> None:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError):  # noqa: PT011 - json's words differ between versions
            sandbox_in(world=file)

    def test_an_invalid_world_is_refused_with_its_field(self) -> None:
        with pytest.raises(ValueError, match="wishes"):
            sandbox_in(world={"wishes": 3})

    def test_a_yaml_world_without_pyyaml_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "yaml", None)
        file = tmp_path / "w.yaml"
        file.write_text("{}", encoding="utf-8")
        with pytest.raises(ValueError, match="PyYAML"):
            sandbox_in(world=file)


def test_importing_the_sandbox_is_light() -> None:
    """Imports are lazy: see ``cvmimg.sandbox.__getattr__``."""
    import subprocess

    script = (
        "import sys, cvmimg.sandbox.sandbox;"
        "print([m for m in ('requests', 'pydantic', 'rich', 'click', 'yaml') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
