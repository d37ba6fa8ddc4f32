"""Virtual time: one thread at a time, in the order in which they are due."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.simulation import timeline
from tests.simulation.timeline import Deadlock, Timeline


def test_a_sleep_takes_no_real_time_and_moves_the_clock() -> None:
    time = Timeline()
    time.sleep(3600)
    assert time.elapsed == 3600


def test_threads_take_turns_in_the_order_in_which_they_are_due() -> None:
    time, seen = Timeline(), []

    def worker(name: str, pause: float) -> Callable[[], str]:
        def work() -> str:
            for _ in range(3):
                time.sleep(pause)
                seen.append((name, time.elapsed))
            return name

        return work

    tasks = [time.spawn(worker("slow", 5)), time.spawn(worker("fast", 2))]
    assert [time.join(task) for task in tasks] == ["slow", "fast"]
    assert seen == [("fast", 2), ("fast", 4), ("slow", 5), ("fast", 6), ("slow", 10), ("slow", 15)]


def test_a_thread_inherits_the_owner_of_the_one_that_starts_it() -> None:
    time = Timeline()
    outer = time.spawn(lambda: time.join(time.spawn(lambda: time.current.owner)), owner="me")
    assert time.join(outer) == "me"


def test_whoever_joins_a_thread_meets_its_exception() -> None:
    time = Timeline()

    def fail() -> None:
        raise KeyboardInterrupt

    task = time.spawn(fail)
    with pytest.raises(KeyboardInterrupt):
        time.join(task)


def test_a_pool_runs_its_jobs_on_the_timeline(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Timeline()
    monkeypatch.setattr(
        ThreadPoolExecutor, "submit", lambda pool, *args: timeline.submit(time, pool, *args)
    )
    monkeypatch.setattr(
        ThreadPoolExecutor, "shutdown", lambda pool, *_, **__: timeline.shutdown(time, pool)
    )

    def job(number: int) -> int:
        time.sleep(10 - number)
        return number

    with ThreadPoolExecutor() as pool:
        assert list(pool.map(job, range(5))) == [0, 1, 2, 3, 4]
    assert time.elapsed == 10


def test_threads_that_wait_for_each_other_differ_from_a_sleep() -> None:
    time = Timeline()
    with pytest.raises(Deadlock):
        time.join(time.current)
