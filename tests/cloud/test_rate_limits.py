"""The pace of requests, so that the API rarely has to ask for a slower one."""

from __future__ import annotations

import pytest

from cvmimg.cloud.rate_limits import RateLimits
from tests.support.clock import FakeClock


@pytest.mark.parametrize(
    ("action", "per_second"),
    [("CreateImage", 10), ("DescribeSnapshots", 20), ("DescribeImages", 40)],
)
def test_a_seconds_worth_goes_at_once_and_the_rest_is_spaced_out(
    action: str, per_second: int
) -> None:
    clock = FakeClock()
    limits = RateLimits(clock)
    for _ in range(per_second):
        limits.wait("ap-guangzhou", "cvm", action)
    assert clock.monotonic() == pytest.approx(0.0)
    for _ in range(2 * per_second):
        limits.wait("ap-guangzhou", "cvm", action)
    assert clock.monotonic() == pytest.approx(2.0)


def test_actions_and_regions_have_paces_of_their_own() -> None:
    clock = FakeClock()
    limits = RateLimits(clock)
    for _ in range(10):
        limits.wait("ap-guangzhou", "cvm", "CreateImage")
    limits.wait("ap-shanghai", "cvm", "CreateImage")
    limits.wait("ap-guangzhou", "cvm", "RunInstances")
    assert clock.sleeps == []
