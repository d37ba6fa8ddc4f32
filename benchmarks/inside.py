"""What is measured inside a process: waits in simulated time, the journal, the sandbox's speed."""

from __future__ import annotations

import http.client
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from benchmarks import worlds
from benchmarks.measure import median_seconds
from benchmarks.report import Growth, Row
from benchmarks.server import REGION, Setting, served
from cvmimg.cloud import cvm
from cvmimg.cloud.client import ApiCall, Cloud, Endpoint
from cvmimg.cloud.credentials import Credentials
from cvmimg.cloud.models import Image
from cvmimg.cloud.waiter import Waiter
from cvmimg.durable.journal.folders import has_unfinished
from cvmimg.durable.journal.journal import Journal
from cvmimg.durable.journal.record import OperationRecord
from cvmimg.sandbox import Sandbox
from cvmimg.sandbox.wire.throttling import RateLimits
from cvmimg.workflows.wait import image_task
from tests.support.clock import FakeClock

_TIMEOUT_SECONDS = 7200.0
_REQUESTS = 1000


def rows() -> Iterator[Row]:
    """All goals that are not about a command's time."""
    yield images_at_once()
    yield sandbox_speed()


def growths() -> Iterator[Growth]:
    """How waits and the journal grow."""
    yield waiting()
    yield from journal()


def images_at_once() -> Row:
    """How much longer 50 images take than one, by the cloud's time and under its rate limits."""
    one, _, _ = wait_for_images(1)
    fifty, _, refused = wait_for_images(50)
    return Row(
        f"50 images created at once ({refused} calls throttled)",
        f"{fifty:,.0f} s of the cloud's time",
        f"{one:,.0f} s (one image)",
        fifty / one,
        1.15,
    )


def waiting() -> Growth:
    """How many calls it takes to wait for more and more images."""
    calls = {count: float(wait_for_images(count)[1]) for count in (1, 10, 100)}
    return Growth("Calls to make and wait for so many images", "calls", calls)


def wait_for_images(count: int) -> tuple[float, int, int]:
    """Make images, a call after another, and wait for all.

    Returns:
        Seconds of simulated time, calls that were made, and calls throttled.
    """
    calls: list[ApiCall] = []
    clock = FakeClock()
    with Sandbox(speed=1.0, clock=clock.now, world=worlds.instances(count)) as sandbox:
        sandbox.endpoint.rate_limits = RateLimits(clock.monotonic)
        sandbox.endpoint.real_now = time.time  # by which the SDK signs
        cloud = Cloud.connect(
            Credentials(*sandbox.credentials()),
            REGION,
            adapter=sandbox.adapter(),
            clock=clock,
            on_call=calls.append,
        )
        image_ids = [
            cvm.create_image(cloud, {"InstanceId": instance_id, "ImageName": instance_id})
            for instance_id in worlds.instance_ids(count)
        ]
        task = image_task(cloud, image_ids)
        found: Mapping[str, Any] = Waiter(clock, _TIMEOUT_SECONDS).all(task)
    assert all(isinstance(each.value, Image) for each in found.values())
    refused = sum(call.outcome.startswith("RequestLimitExceeded") for call in calls)
    return clock.monotonic(), len(calls), refused


def journal() -> list[Growth]:
    """What finished operations cost those that follow."""
    notice: dict[int, float] = {}
    operation: dict[int, float] = {}
    listing: dict[int, float] = {}
    for count in (1, 100, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            book = Journal(Path(folder), FakeClock())
            for _ in range(count):
                one_operation(book)
            notice[count] = median_seconds(partial(has_unfinished, Path(folder))) * 1e6
            operation[count] = median_seconds(partial(one_operation, book)) * 1000
            listing[count] = median_seconds(book.scan, rounds=3) * 1000
    return [
        Growth("Journal: looking for unfinished operations, beside finished ones", "µs", notice),
        Growth("Journal: writing one more operation, beside finished ones", "ms", operation),
        Growth("Journal: reading all operations", "ms", listing),
    ]


def one_operation(book: Journal) -> None:
    """Begin and finish an operation."""
    with book.claim("sandbox", []) as claim:
        record = OperationRecord(
            id=claim.operation_id,
            kind="create",
            region=REGION,
            created=book.now(),
            request={"name": "web"},
        )
        claim.begin(record).close("done")


def sandbox_speed() -> Row:
    """How many requests a second the sandbox answers."""
    many = requests_a_second(worlds.images(500), "DescribeImages", {"Limit": 100})
    return Row("Sandbox: DescribeImages, 100 of 500", f"{many:,.0f} a second", "—", many, 400, True)


def requests_a_second(world: dict[str, Any], action: str, params: dict[str, Any]) -> float:
    """Send one signed request again and again over one connection."""
    with served(Setting(world=world)) as server:
        request = signed(server, action, params)
        line = http.client.HTTPConnection(urlsplit(server["CVMIMG_ENDPOINT"]).netloc)
        for _ in range(_REQUESTS // 10):
            exchange(line, request)
        started = time.perf_counter()
        for _ in range(_REQUESTS):
            exchange(line, request)
        seconds = time.perf_counter() - started
        line.close()
    return _REQUESTS / seconds


def exchange(line: http.client.HTTPConnection, request: requests.PreparedRequest) -> None:
    """Send a request and read its answer, which has to be a good one."""
    line.request("POST", "/", request.body, dict(request.headers))
    answer = line.getresponse().read()
    assert b'"Error"' not in answer[:200], answer[:200]


def signed(
    server: Mapping[str, str], action: str, params: dict[str, Any]
) -> requests.PreparedRequest:
    """A request as the SDK signs it."""
    cloud = Cloud.connect(
        Credentials(server["TENCENTCLOUD_SECRET_ID"], server["TENCENTCLOUD_SECRET_KEY"]),
        REGION,
        endpoint=Endpoint.parse(server["CVMIMG_ENDPOINT"]),
        adapter=_Catcher(),
    )
    try:
        cloud.read("cvm", action, params)
    except _Caught as caught:
        return caught.request
    raise AssertionError("nothing was sent")


class _Caught(BaseException):
    """Carries a request that was not sent past everything that handles failures."""

    def __init__(self, request: requests.PreparedRequest) -> None:
        super().__init__()
        self.request = request


class _Catcher(BaseAdapter):
    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> NoReturn:
        raise _Caught(request)

    def close(self) -> None:
        pass
