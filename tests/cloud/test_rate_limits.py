"""The pace of requests, so that the API rarely has to ask for a slower one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cvmimg.cloud.rate_limits import RateLimits
from tests.support.clock import FakeClock


@pytest.mark.parametrize(
    ("action", "per_second"),
    [("CreateImage", 10), ("DescribeSnapshots", 20), ("DescribeImages", 40)],
)
def test_a_seconds_worth_goes_at_once_and_the_next_one_a_second_later(
    action: str, per_second: int
) -> None:
    clock = FakeClock()
    limits = RateLimits(clock)
    sent = []
    for _ in range(3 * per_second):
        limits.wait("ap-guangzhou", "cvm", action)
        sent.append(clock.monotonic())
    assert sent[per_second - 1] == 0.0
    assert sent[-1] == pytest.approx(2.4)
    assert all(
        later - earlier > 1.1 for earlier, later in zip(sent, sent[per_second:], strict=False)
    )


def test_actions_and_regions_have_paces_of_their_own() -> None:
    clock = FakeClock()
    limits = RateLimits(clock)
    for _ in range(10):
        limits.wait("ap-guangzhou", "cvm", "CreateImage")
    limits.wait("ap-shanghai", "cvm", "CreateImage")
    limits.wait("ap-guangzhou", "cvm", "RunInstances")
    assert clock.sleeps == []


def test_a_reserved_request_does_not_wait_again() -> None:
    clock = FakeClock()
    limits = RateLimits(clock)
    for _ in range(10):
        limits.wait("ap-guangzhou", "tag", "TagResources")
    limits.reserve("ap-guangzhou", "tag", "TagResources")
    waited = clock.monotonic()
    assert waited == pytest.approx(1.2)
    limits.wait("ap-guangzhou", "tag", "TagResources")
    assert clock.monotonic() == waited


def test_what_one_thread_reserves_another_one_does_not_get() -> None:
    clock = FakeClock()
    limits = RateLimits(clock)
    for _ in range(9):
        limits.wait("ap-guangzhou", "tag", "TagResources")
    limits.reserve("ap-guangzhou", "tag", "TagResources")
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(limits.wait, "ap-guangzhou", "tag", "TagResources").result()
    assert clock.monotonic() == pytest.approx(1.2)
