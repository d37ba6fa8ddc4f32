"""Several threads and processes on one state folder."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE

import pytest
import requests

from cvmimg.sandbox import Sandbox
from tests.support.tc3 import Client

pytestmark = pytest.mark.system

NOW = 1_795_000_000.0

RACER = """
import json, sys
from pathlib import Path
from cvmimg.sandbox import Sandbox
from tests.support.tc3 import Client
with Sandbox(Path(sys.argv[1]), speed=1, clock=lambda: 1_795_000_000.0) as sandbox:
    client = Client(sandbox.handle, *sandbox.credentials(), now=1_795_000_000.0)
    region = "ap-guangzhou"
    print(json.dumps([
        client.code("cvm", "ModifyImageAttribute", ImageId="img-webv1000", ImageName=f"name-{n}")
        for n in range(20)
    ]))
"""


def test_concurrent_requests_for_one_name_create_one_image(tmp_path: Path) -> None:
    with Sandbox(tmp_path, speed=1, clock=lambda: NOW) as sandbox:

        def create(number: int) -> str:
            client = Client(sandbox.handle, *sandbox.credentials(), now=NOW)
            instance = ("ins-web00001", "ins-stop0001")[number % 2]
            return client.code("cvm", "CreateImage", InstanceId=instance, ImageName="once")

        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(create, range(16)))
    assert codes.count("ok") == 1
    assert "InternalError" not in codes


def test_processes_share_a_folder_without_losing_writes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RACER, tmp_path]
    racers = [subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True) for _ in range(2)]
    outputs = [racer.communicate(timeout=60) for racer in racers]
    assert [errors for _, errors in outputs] == ["", ""]
    assert [code for output, _ in outputs for code in json.loads(output)] == ["ok"] * 40


def test_scripts_in_several_instances_do_not_block_other_writes(tmp_path: Path) -> None:
    """Each script waits until the others run too, so they must run at the same time."""
    script = b'cd "$CVMIMG_GUEST_ROOT/data"; echo >here; head -c 1 go'
    content = base64.b64encode(script).decode()
    allowed = [hashlib.sha256(script).hexdigest()]
    instances = ["ins-web00001", "ins-data0001", "ins-nofl0001", "ins-priv0001"]
    with Sandbox(tmp_path, speed=1, clock=lambda: NOW, guest_scripts=allowed) as sandbox:

        def client() -> Client:
            return Client(sandbox.handle, *sandbox.credentials(), now=NOW)

        def run(instance: str) -> str:
            return client().code("tat", "RunCommand", Content=content, InstanceIds=[instance])

        for instance in instances:
            client().call("tat", "DescribeAutomationAgentStatus", InstanceIds=[instance])
            os.mkfifo(sandbox.guests.root(instance) / "data/go")
        with ThreadPoolExecutor(len(instances)) as pool:
            running = [pool.submit(run, instance) for instance in instances]
            roots = [sandbox.guests.root(instance) for instance in instances]
            while not all((root / "data/here").exists() for root in roots):
                os.sched_yield()
            rename = {"ImageId": "img-webv1000", "ImageName": "meanwhile"}
            assert client().code("cvm", "ModifyImageAttribute", **rename) == "ok"
            for root in roots:
                (root / "data/go").write_text("!")
            assert [future.result() for future in running] == ["ok"] * len(instances)


def test_many_http_clients_at_once_are_all_answered(tmp_path: Path) -> None:
    with Sandbox(tmp_path, speed=1, clock=lambda: NOW) as sandbox:
        url = sandbox.serve().url

        def count(_: int) -> str:
            client = Client(sandbox.handle, *sandbox.credentials(), now=NOW, host="localhost")
            asked = {"InstanceIds": ["ins-web00001"]}
            request = client.request("cvm", "DescribeInstances", asked)
            headers = dict(request.headers)
            answer = requests.post(url, data=request.body, headers=headers, timeout=30).json()
            return str(answer["Response"].get("TotalCount"))

        with ThreadPoolExecutor(32) as pool:
            assert set(pool.map(count, range(128))) == {"1"}
