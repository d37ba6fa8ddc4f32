"""Waits that share their polls: one question for many, and nothing older than the wait itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from cvmimg.cloud.shared_polls import SharedPolls
from cvmimg.errors import CvmimgError, NotFound, Unreachable
from cvmimg.message import Message
from tests.support.clock import FakeClock


class Service:
    """Answers with the moment at which it was asked."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.asked: list[list[str]] = []
        self.fails: type[CvmimgError] | None = None

    def ask(self, ids: Sequence[str]) -> Mapping[str, float]:
        self.asked.append(list(ids))
        if self.fails and len(ids) > 1:
            raise self.fails(Message("Failing"))
        return {each: self._clock.monotonic() for each in ids if each != "gone"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def polls(clock: FakeClock) -> Iterator[SharedPolls]:
    with ThreadPoolExecutor() as pool:
        yield SharedPolls(pool, clock)


def test_waits_side_by_side_ask_one_question(clock: FakeClock, polls: SharedPolls) -> None:
    service = Service(clock)
    readers = {each: polls.reader("image", "here", service.ask) for each in ("a", "b", "c")}
    for each, reader in readers.items():
        reader.read([each])
    service.asked.clear()
    for _ in range(3):
        clock.sleep(30)
        for each, reader in readers.items():
            assert reader.read([each]) == {each: clock.monotonic()}
    assert service.asked == [["a", "b", "c"]] * 3


def test_what_was_read_before_a_wait_began_is_not_shown_to_it(
    clock: FakeClock, polls: SharedPolls
) -> None:
    service = Service(clock)
    first = polls.reader("instance", "here", service.ask)
    first.read(["a"])
    clock.sleep(10)
    changed = polls.reader("instance", "here", service.ask)
    assert changed.read(["a"]) == {"a": 10.0}


def test_a_wait_that_is_over_is_asked_for_no_longer(clock: FakeClock, polls: SharedPolls) -> None:
    service = Service(clock)
    over, other = (polls.reader("image", "here", service.ask) for _ in range(2))
    over.read(["a"])
    over.close()
    clock.sleep(60)
    assert other.read(["b"]) == {"b": 60.0}
    assert service.asked[-1] == ["b"]


def test_kinds_and_regions_are_asked_for_apart(clock: FakeClock, polls: SharedPolls) -> None:
    service = Service(clock)
    polls.reader("image", "here", service.ask).read(["a"])
    polls.reader("image", "there", service.ask).read(["b"])
    polls.reader("instance", "here", service.ask).read(["c"])
    assert service.asked == [["a"], ["b"], ["c"]]


def test_what_is_not_listed_is_missing(clock: FakeClock, polls: SharedPolls) -> None:
    assert polls.reader("image", "here", Service(clock).ask).read(["gone"]) == {}


def test_a_refusal_because_of_one_wait_does_not_reach_the_others(
    clock: FakeClock, polls: SharedPolls
) -> None:
    service = Service(clock)
    first, second = (polls.reader("image", "here", service.ask) for _ in range(2))
    first.read(["a"])
    service.fails = NotFound
    clock.sleep(60)
    assert second.read(["b"]) == {"b": 60.0}
    assert service.asked[-2:] == [["a", "b"], ["b"]]


def test_an_outage_is_not_asked_about_again(clock: FakeClock, polls: SharedPolls) -> None:
    service = Service(clock)
    first, second = (polls.reader("image", "here", service.ask) for _ in range(2))
    first.read(["a"])
    service.fails = Unreachable
    clock.sleep(60)
    with pytest.raises(Unreachable):
        second.read(["b"])
    assert service.asked[1:] == [["a", "b"]]
