"""A request to stop is honored at safe points, and held off while things are reverted."""

from __future__ import annotations

import pytest

from cvmimg.durable.deadline import Deadline
from cvmimg.durable.interrupt import Interrupt
from cvmimg.errors import Interrupted
from tests.support.clock import FakeClock

DAY = 86_400.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def interrupt(clock: FakeClock) -> Interrupt:
    return Interrupt(clock)


def test_without_a_request_nothing_happens(interrupt: Interrupt) -> None:
    interrupt.check()
    assert not interrupt.requested


def test_a_request_ends_the_sleep_and_the_next_safe_point_raises(
    interrupt: Interrupt, clock: FakeClock
) -> None:
    interrupt.request()
    assert clock.woken == 1
    with pytest.raises(Interrupted):
        interrupt.check()


def test_a_request_is_held_off_and_not_forgotten(interrupt: Interrupt) -> None:
    with interrupt.held():
        interrupt.request()
        interrupt.check()
        assert interrupt.requested
    with pytest.raises(Interrupted):
        interrupt.check()


def test_holds_may_be_nested(interrupt: Interrupt) -> None:
    interrupt.request()
    with interrupt.held():
        with interrupt.held():
            interrupt.check()
        interrupt.check()
    with pytest.raises(Interrupted):
        interrupt.check()


def test_a_hold_ends_with_an_error(interrupt: Interrupt) -> None:
    interrupt.request()
    with pytest.raises(ValueError, match="x"), interrupt.held():
        raise ValueError("x")
    with pytest.raises(Interrupted):
        interrupt.check()


# Deadlines


def test_a_deadline_counts_down_and_stays_at_0(clock: FakeClock) -> None:
    deadline = Deadline(clock, 100)
    assert (deadline.left, deadline.elapsed) == (100, 0)
    clock.sleep(60)
    assert (deadline.left, deadline.elapsed) == (40, 60)
    clock.sleep(60)
    assert (deadline.left, deadline.elapsed) == (0, 120)


@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_a_clock_that_is_set_does_not_move_a_deadline(clock: FakeClock, jump: float) -> None:
    deadline = Deadline(clock, 100)
    clock.sleep(10)
    clock.set(clock.now() + jump)
    assert (deadline.left, deadline.elapsed) == (90, 10)
