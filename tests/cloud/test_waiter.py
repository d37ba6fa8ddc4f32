"""The waiter in simulated time: how late it notices, how often it asks, what it survives."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvmimg.cloud.poll_schedule import PollSchedule
from cvmimg.cloud.progress import Progress
from cvmimg.cloud.waiter import Observation, Phase, Task, Waiter
from cvmimg.errors import (
    CloudRefused,
    CredentialsError,
    CvmimgError,
    Interrupted,
    NotFound,
    TaskFailed,
    Unreachable,
    WaitTimeout,
)
from cvmimg.message import Message
from tests.support.clock import FakeClock

MINUTE, HOUR = 60.0, 3600.0
LONGEST_OUTAGE_PAUSE = MINUTE * 1.1
"""Of the waiter, with its jitter."""
Curve = Callable[[float], float]


def linear(share: float) -> float:
    return share


def slow_at_the_end(share: float) -> float:
    return 1 - (1 - share) ** 1.5


def slow_at_the_start(share: float) -> float:
    return share**1.5


class Images:
    """Images that become NORMAL (or fail) at set times; counts the calls."""

    def __init__(
        self,
        clock: FakeClock,
        ends: dict[str, float],
        *,
        curve: Curve | None = linear,
        final: str = "NORMAL",
        visible_after: float = 3.0,
    ) -> None:
        self.clock = clock
        self.ends = ends
        self.curve = curve
        self.final = final
        self.visible_after = visible_after
        self.calls: list[float] = []

    def poll(self, ids: Sequence[str]) -> dict[str, Observation[str]]:
        now = self.clock.monotonic()
        self.calls.append(now)
        if now < self.visible_after:
            return {}
        return {one: self._observe(one, now) for one in ids}

    def _observe(self, one: str, now: float) -> Observation[str]:
        if now >= self.ends[one]:
            phase = Phase.DONE if self.final == "NORMAL" else Phase.FAILED
            return Observation(
                phase, self.final, one, reason="" if phase is Phase.DONE else "broken"
            )
        percent = int(100 * self.curve(now / self.ends[one])) if self.curve else None
        return Observation(Phase.MOVING, "CREATING", one, percent)

    def task(self, expected_seconds: float | None = None) -> Task[str]:
        return Task("image", tuple(self.ends), self.poll, expected_seconds)


def waited(images: Images, *, expected_seconds: float | None = None) -> tuple[float, int]:
    """Wait for the images; by how much the last was noticed late, and the number of calls."""
    Waiter(images.clock, 24 * HOUR).all(images.task(expected_seconds))
    return images.clock.monotonic() - max(images.ends.values()), len(images.calls)


@pytest.mark.parametrize("curve", [linear, slow_at_the_end, slow_at_the_start])
def test_a_45_minute_image_is_noticed_within_3_s_on_average_with_at_most_90_calls(
    curve: Curve,
) -> None:
    seeded = random.Random(45)
    ends = [45 * MINUTE + seeded.uniform(-60, 60) for _ in range(40)]
    results = [waited(Images(FakeClock(), {"img": end}, curve=curve)) for end in ends]
    assert mean(late for late, _ in results) <= 3
    assert max(calls for _, calls in results) <= 90


@pytest.mark.parametrize("curve", [linear, slow_at_the_end, slow_at_the_start, None])
def test_a_6_hour_image_takes_at_most_250_calls(curve: Curve | None) -> None:
    _, calls = waited(Images(FakeClock(), {"img": 6 * HOUR}, curve=curve))
    assert calls <= 250


def test_without_any_percentage_a_45_minute_image_still_takes_at_most_90_calls() -> None:
    _, calls = waited(Images(FakeClock(), {"img": 45 * MINUTE}, curve=None))
    assert calls <= 90


def test_experience_brings_the_polls_closer_to_the_end() -> None:
    without, _ = waited(Images(FakeClock(), {"img": 43 * MINUTE}, curve=None))
    late, calls = waited(
        Images(FakeClock(), {"img": 43 * MINUTE}, curve=None), expected_seconds=45 * MINUTE
    )
    assert late <= 45 * MINUTE / 50
    assert late < max(without, 30)
    assert calls <= 90


def test_50_images_at_once_use_fewer_than_3_times_the_calls_of_one() -> None:
    seeded = random.Random(50)
    _, one = waited(Images(FakeClock(), {"img": 45 * MINUTE}))
    ends = {f"img-{n}": seeded.uniform(20, 45) * MINUTE for n in range(49)} | {"last": 45 * MINUTE}
    late, fifty = waited(Images(FakeClock(), ends))
    assert fifty < 3 * one
    assert late <= 10


def test_a_failed_image_is_reported_by_the_first_poll_after_its_end() -> None:
    clock = FakeClock()
    images = Images(clock, {"img": 10 * MINUTE}, final="CREATEFAILED")
    with pytest.raises(TaskFailed) as caught:
        Waiter(clock, HOUR).one(images.task())
    assert caught.value.code == "CREATEFAILED"
    assert caught.value.message.params["reason"] == "broken"
    assert [at for at in images.calls if at >= 10 * MINUTE] == images.calls[-1:]


def test_an_image_of_12_s_as_on_a_fast_sandbox_is_noticed_at_once() -> None:
    late, calls = waited(Images(FakeClock(), {"img": 12.0}, visible_after=0.1))
    assert late <= 0.6
    assert calls <= 40


@settings(max_examples=60, deadline=None)
@given(
    end=st.floats(1, 20 * HOUR),
    curve=st.sampled_from([linear, slow_at_the_end, slow_at_the_start, None]),
    expected=st.none() | st.floats(1, 20 * HOUR),
)
def test_no_task_takes_more_calls_than_its_length_warrants(
    end: float, curve: Curve | None, expected: float | None
) -> None:
    late, calls = waited(Images(FakeClock(), {"img": end}, curve=curve), expected_seconds=expected)
    assert calls <= 150 + end / 60
    assert late <= max(5, end / 4, (expected or 0) / 8) + 1


@given(
    polls=st.lists(
        st.tuples(st.floats(0.1, 600), st.none() | st.floats(0, 100)), min_size=1, max_size=50
    ),
    expected=st.none() | st.floats(0.1, 1e5),
)
def test_pauses_are_never_shorter_than_half_a_second_nor_longer_than_four_minutes(
    polls: list[tuple[float, float | None]], expected: float | None
) -> None:
    schedule, at = PollSchedule(expected), 0.0
    for pause, percent in polls:
        at += pause
        schedule.record(at, percent)
        assert 0.5 <= schedule.pause() <= max(240.0, (expected or 0) / 100)
        assert (schedule.estimate(at).remaining_seconds or 0) >= 0


def test_the_remaining_time_follows_the_real_percentage() -> None:
    schedule = PollSchedule()
    for at in range(0, 301, 10):
        schedule.record(at, at // 10)
    estimate = schedule.estimate(300)
    assert estimate.percent == 30
    assert not estimate.estimated
    assert estimate.remaining_seconds == pytest.approx(700, rel=0.05)


def test_a_percentage_from_experience_is_marked_as_an_estimate() -> None:
    schedule = PollSchedule(expected_seconds=100)
    schedule.record(50, None)
    assert schedule.estimate(50) == Progress(50.0, estimated=True, remaining_seconds=50.0)


class Heard:
    def __init__(self) -> None:
        self.notices: list[Message | str] = []
        self.details: list[str] = []

    def advance(self, progress: Progress) -> None:
        self.details.append(progress.detail)

    def notice(self, text: Message | str) -> None:
        self.notices.append(text)


def failing(images: Images, error: CvmimgError, *, until: float) -> Task[str]:
    def poll(ids: Sequence[str]) -> dict[str, Observation[str]]:
        if images.clock.monotonic() < until:
            images.calls.append(images.clock.monotonic())
            raise error
        return images.poll(ids)

    return Task("image", ("img",), poll)


@pytest.mark.parametrize(
    "error",
    [
        Unreachable(Message("no network")),
        CloudRefused(Message("slow down"), code="RequestLimitExceeded"),
        CloudRefused(Message("sorry"), code="InternalError"),
    ],
)
def test_hours_of_outages_are_survived_and_reported_once(error: CvmimgError) -> None:
    clock, heard = FakeClock(), Heard()
    images = Images(clock, {"img": HOUR})
    task = failing(images, error, until=5 * HOUR)
    assert Waiter(clock, 6 * HOUR, listener=heard).one(task) == "img"
    assert len(heard.notices) == 1
    assert clock.monotonic() <= 5 * HOUR + LONGEST_OUTAGE_PAUSE


def test_a_missing_permission_ends_the_wait() -> None:
    clock = FakeClock()
    task = failing(Images(clock, {"img": 1}), CredentialsError(Message("no")), until=HOUR)
    with pytest.raises(CredentialsError):
        Waiter(clock, HOUR).one(task)


def test_the_timeout_polls_a_last_time() -> None:
    clock = FakeClock()
    images = Images(clock, {"img": 2 * HOUR})
    with pytest.raises(WaitTimeout) as caught:
        Waiter(clock, HOUR).one(images.task())
    assert caught.value.message.params["state"] == "CREATING"
    assert images.calls[-1] == pytest.approx(HOUR)


def test_an_unknown_state_is_waited_through_and_reported_once() -> None:
    clock, heard = FakeClock(), Heard()
    images = Images(clock, {"img": 5 * MINUTE})

    def poll(ids: Sequence[str]) -> dict[str, Observation[str]]:
        seen = images.poll(ids)
        return {
            one: Observation(Phase.UNKNOWN, "PONDERING", one)
            if observation.phase is Phase.MOVING
            else observation
            for one, observation in seen.items()
        }

    assert Waiter(clock, HOUR, listener=heard).one(Task("image", ("img",), poll)) == "img"
    assert len(heard.notices) == 1
    assert heard.notices == [Message("UnknownState", id="img", state="PONDERING")]


def test_something_that_is_never_listed_is_not_waited_for_until_the_timeout() -> None:
    clock = FakeClock()
    images = Images(clock, {"img": HOUR}, visible_after=HOUR)
    with pytest.raises(NotFound):
        Waiter(clock, 2 * HOUR).one(images.task())
    assert clock.monotonic() < 5 * MINUTE


def test_a_request_to_stop_ends_the_wait() -> None:
    clock = FakeClock()

    def check_interrupt() -> None:
        if clock.monotonic() > 30:
            raise Interrupted(Message("stopped"))

    with pytest.raises(Interrupted):
        Waiter(clock, HOUR, check_interrupt).one(Images(clock, {"img": HOUR}).task())
    assert clock.monotonic() < 60


def test_a_listener_gets_progress_at_least_every_30_s() -> None:
    clock, times = FakeClock(), []

    class Timed(Heard):
        def advance(self, progress: Progress) -> None:
            times.append(clock.monotonic())

    Waiter(clock, HOUR * 9, listener=Timed()).one(Images(clock, {"img": 6 * HOUR}).task())
    assert max(later - sooner for sooner, later in pairwise(times)) <= 30
