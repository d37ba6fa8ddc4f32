"""Several processes that create one state folder at the same time."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from cvmimg.sandbox.state.store import Store

pytestmark = pytest.mark.system

WORK = """
import sys, time
from pathlib import Path
from cvmimg.sandbox import Sandbox
from tests.support.tc3 import Client

with Sandbox(Path(sys.argv[1])) as sandbox:
    client = Client(sandbox.handle, *sandbox.credentials(), now=time.time())
    image = client.code("cvm", "CreateImage", InstanceId="ins-web00001", ImageName="same")
    launched = client.call(
        "cvm", "RunInstances", ImageId="img-487zeit5",
        Placement={"Zone": "ap-guangzhou-7"}, ClientToken="same",
    )
    print(image, launched["InstanceIdSet"][0])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the sandbox's guests need a POSIX system")
def test_concurrent_processes_create_one_image_and_one_instance(tmp_path: Path) -> None:
    folder = Path(__file__).parents[3]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WORK, str(tmp_path / "state")],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    outputs = [process.communicate(timeout=60)[0].split() for process in processes]
    assert Counter(image for image, _ in outputs) == {"ok": 1, "InvalidImageName.Duplicate": 2}
    assert len({instance for _, instance in outputs}) == 1


OPEN_AND_CLOSE = """
import sys
from pathlib import Path
from cvmimg.sandbox.state.store import Store

Store.open(Path(sys.argv[1])).close()
"""


def test_what_a_process_writes_is_seen_after_another_process_has_closed_the_store(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.sqlite"
    store = Store.open(path)
    with store.transaction(write=False), store.transaction(write=False):
        pass  # two connections
    subprocess.run([sys.executable, "-c", OPEN_AND_CLOSE, str(path)], check=True)
    with store.transaction(write=True) as view:
        view.put({"Kind": "image", "Id": "img-1", "Account": "", "Region": "", "Created": 0})
    with (
        store.transaction(write=False),
        store.transaction(write=False),
        store.transaction(write=False) as view,
    ):
        assert view.get("image", "img-1") is not None
    store.close()
