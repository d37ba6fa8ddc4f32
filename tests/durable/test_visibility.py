"""Looking for a new resource until it has to be listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cvmimg.durable.deadline import Deadline
from cvmimg.durable.session import Session
from cvmimg.durable.visibility import find_when_visible
from cvmimg.errors import CloudRefused, Interrupted, WaitTimeout
from cvmimg.message import Message
from tests.support.clock import FakeClock

DAY = 86_400.0


def look(session: Session, find: Callable[[], str | None], *, timeout: float = 7200) -> str | None:
    deadline = Deadline(session.clock, timeout)
    return find_when_visible(session, deadline, find, within_seconds=60)


def after(session: Session, seconds: float) -> Callable[[], str | None]:
    """A resource that is listed after so many seconds."""
    return lambda: "img-1" if session.clock.monotonic() >= seconds else None


def test_what_is_listed_is_found_at_once(session: Session) -> None:
    assert look(session, after(session, 0)) == "img-1"
    assert session.clock.monotonic() == 0


@pytest.mark.parametrize("seconds", [0.5, 20, 59, 60])
def test_what_is_listed_late_is_found(session: Session, seconds: float) -> None:
    assert look(session, after(session, seconds)) == "img-1"


def test_what_is_not_listed_in_time_does_not_exist(session: Session) -> None:
    assert look(session, lambda: None) is None
    assert session.clock.monotonic() == 60


@pytest.mark.parametrize("jump", [-DAY, -1.0, 30.0, DAY])
def test_a_clock_that_is_set_neither_shortens_nor_lengthens_the_search(
    session: Session, jump: float
) -> None:
    assert isinstance(session.clock, FakeClock)
    clock = session.clock
    looks: Iterator[None] = iter([None] * 100)

    def find() -> None:
        next(looks)
        clock.set(clock.now() + jump)

    assert look(session, find) is None
    assert clock.monotonic() == 60


def test_a_timeout_before_that_proves_nothing(session: Session) -> None:
    with pytest.raises(WaitTimeout) as caught:
        look(session, lambda: None, timeout=25)
    assert caught.value.message.code == "LostAnswerNotResolved"
    assert session.clock.monotonic() == 25


def test_a_request_to_stop_ends_the_search(session: Session) -> None:
    session.interrupt.request()
    with pytest.raises(Interrupted):
        look(session, lambda: None)
    assert session.clock.monotonic() == 0


def test_an_error_of_the_cloud_is_not_taken_for_an_answer(session: Session) -> None:
    def find() -> str | None:
        raise CloudRefused(Message("no"), code="UnauthorizedOperation")

    with pytest.raises(CloudRefused):
        look(session, find)
