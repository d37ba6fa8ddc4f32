"""Several threads and processes on one state folder."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE

from cvmimg.sandbox import Sandbox
from tests.support.tc3 import Client

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
    told = [racer.communicate(timeout=60) for racer in racers]
    assert [errors for _, errors in told] == ["", ""]
    assert [code for output, _ in told for code in json.loads(output)] == ["ok"] * 40
