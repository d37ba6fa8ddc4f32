from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cvmimg.sandbox import Sandbox
from cvmimg.sandbox.state import timestamps
from cvmimg.sandbox.state.clock import LATEST, SandboxClock
from cvmimg.sandbox.state.store import Store


class RealTime:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def real() -> RealTime:
    return RealTime()


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open(None)
    yield opened
    opened.close()


def test_it_starts_at_the_real_time_and_runs_faster(store: Store, real: RealTime) -> None:
    clock = SandboxClock(60, real=real, store=store)
    assert clock.now() == 1000
    real.now += 12
    assert clock.now() == 1000 + 12 * 60


def test_it_continues_between_processes(store: Store, real: RealTime) -> None:
    SandboxClock(60, real=real, store=store)
    real.now += 10
    assert SandboxClock(60, real=real, store=store).now() == 1600


@pytest.mark.parametrize("speed", [0, 0.5, 1, 3600])
def test_it_never_runs_backwards_when_the_speed_changes(
    store: Store, real: RealTime, speed: float
) -> None:
    before = SandboxClock(60, real=real, store=store)
    real.now += 10
    after = SandboxClock(speed, real=real, store=store)
    assert after.now() == 1600
    real.now += 1
    assert after.now() == before.now() == 1600 + speed


def test_it_stops_while_the_real_clock_is_set_back(store: Store, real: RealTime) -> None:
    clock = SandboxClock(60, real=real, store=store)
    real.now -= 500
    assert clock.now() == 1000


def test_it_stops_where_no_time_can_be_written(store: Store, real: RealTime) -> None:
    clock = SandboxClock(1e15, real=real, store=store)
    real.now += 1
    assert clock.now() == LATEST
    assert timestamps.china(clock.now()).startswith("9000-")
    with pytest.raises(ValueError, match="only move forward"):
        clock.advance(1e15)


@pytest.mark.parametrize("speed", [-1, float("inf"), float("nan")])
def test_an_invalid_speed_is_refused(store: Store, real: RealTime, speed: float) -> None:
    with pytest.raises(ValueError, match="the speed must be"):
        SandboxClock(speed, real=real, store=store)


def test_without_a_speed_the_stored_one_is_kept(tmp_path: Path) -> None:
    with Sandbox(tmp_path, speed=7), Sandbox(tmp_path, speed=None) as other:
        assert other.clock.speed == 7
    with Sandbox(tmp_path / "new", speed=None) as new:
        assert new.clock.speed == 60
