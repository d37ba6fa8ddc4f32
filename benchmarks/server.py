"""The sandbox in its own process, behind a connection with adjustable latency."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cvmimg.guest.script import digests
from cvmimg.sandbox import Sandbox
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from cvmimg.sandbox.wire.server import Handle, Server

REGION = "ap-guangzhou"

# Long tasks end at once: what is measured is everyone's own work, not the cloud's.
_SPEED = 1_000_000.0


@dataclass(frozen=True)
class Setting:
    """How the server is set up.

    Attributes:
        latency_seconds: how long every answer is on its way.
        world: what there is at first; None for the demonstration's world.
        recording: the file that every call is written to, a JSON object a line.
    """

    latency_seconds: float = 0.0
    world: dict[str, Any] | None = None
    recording: str = ""


@contextmanager
def served(setting: Setting) -> Iterator[dict[str, str]]:
    """Run the server; give the environment variables by which clients reach it."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(setting.__dict__) + "\n")
        process.stdin.flush()
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def main() -> None:
    """Serve until stdin ends."""
    setting = Setting(**json.loads(sys.stdin.readline()))
    faults = [f"*:latency={setting.latency_seconds}"] if setting.latency_seconds else []
    with Sandbox(
        speed=_SPEED, world=setting.world, faults=faults, guest_scripts=digests()
    ) as sandbox:
        handle = recorded(sandbox, Path(setting.recording)) if setting.recording else sandbox.handle
        with Server(handle) as server:
            secret_id, secret_key = sandbox.credentials()
            environment = {
                "CVMIMG_ENDPOINT": server.url,
                "TENCENTCLOUD_SECRET_ID": secret_id,
                "TENCENTCLOUD_SECRET_KEY": secret_key,
                "TENCENTCLOUD_REGION": REGION,
            }
            print(json.dumps(environment), flush=True)
            sys.stdin.read()


def recorded(sandbox: Sandbox, file: Path) -> Handle:
    """Answer as the sandbox does, and write down what was asked."""

    def handle(request: HttpRequest) -> HttpResponse:
        call = {
            "service": request.headers["authorization"].split("/")[2],
            "version": request.headers["x-tc-version"],
            "action": request.headers["x-tc-action"],
            "params": json.loads(request.body),
        }
        with file.open("a", encoding="utf-8") as log:
            log.write(json.dumps(call) + "\n")
        return sandbox.handle(request)

    return handle


if __name__ == "__main__":
    main()
