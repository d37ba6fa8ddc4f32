"""The pace of requests, so that the API rarely has to ask for a slower one."""

from __future__ import annotations

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
