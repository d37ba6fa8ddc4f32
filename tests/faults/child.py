"""A process of its own that makes an image; told by arguments when to kill itself.

Usage: python -m tests.faults.child URL ID KEY STATE_DIR INSTANCE NAME [ACTION NUMBER WHEN]
WHEN is "before" or "after" the call.
Without INSTANCE and NAME ("-") it resumes. Prints "ok", or the exit code and the error's code.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from cvmimg.clock import SystemClock
from cvmimg.cloud.client import Cloud, Endpoint
from cvmimg.cloud.credentials import Credentials
from cvmimg.errors import CvmimgError
from cvmimg.workflows.create.operation import create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.resume import resume
from tests.faults.faulty import CallSite, FaultyAdapter, Killed
from tests.support.session import new_session


class FastClock(SystemClock):
    """Runs 60 times as fast, and the same in all processes of a day."""

    SPEED = 60

    def now(self) -> float:
        today = time.time() // 86400 * 86400
        return today + (time.time() - today) * self.SPEED

    def monotonic(self) -> float:
        return time.monotonic() * self.SPEED

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / self.SPEED)


class Deadly(FaultyAdapter):
    """A real SIGKILL where the other adapter raises."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().send(request, *args, **kwargs)
        except Killed:
            os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, secret_id: str, key: str, state: str, instance: str, name: str, *at: str) -> int:
    """Make the image, or resume; the exit code is that of the tool."""
    inner = HTTPAdapter()
    adapter = Deadly(inner, CallSite(at[0], int(at[1])), f"killed-{at[2]}") if at else inner
    cloud = Cloud.connect(
        Credentials(secret_id, key),
        "ap-guangzhou",
        endpoint=Endpoint.parse(url),
        adapter=adapter,
        clock=FastClock(),
    )
    session = new_session(cloud, Path(state))
    try:
        if instance == "-":
            resume(session)
        else:
            stop = instance != "ins-web00001"
            create(session, CreateRequest(name=name, instance_id=instance, stop=stop))
    except CvmimgError as error:
        sys.stdout.write(f"{error.exit_code} {error.code} {error.message}\n")
        return error.exit_code
    sys.stdout.write("ok\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
