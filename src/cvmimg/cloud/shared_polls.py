"""One question for many waits: threads that wait for resources of one kind share their polls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from cvmimg.clock import Clock
from cvmimg.cloud.errors import is_outage
from cvmimg.errors import CvmimgError

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

Found = TypeVar("Found")
FoundOnly = TypeVar("FoundOnly", covariant=True)
Read = Callable[[Sequence[str]], Mapping[str, Found]]
"""Reads any number of resources by their ids; those that are not listed are missing."""

_FRESH, _FRESH_SECONDS = 0.5, 4.0
"""How old an answer may be: this part of the pause before it is asked for, or this much anyway."""
_SPACING_SECONDS, _SPACING_OF_A_WAIT, _LONGEST_SPACING = 1.0, 0.06, 5.0
"""How far apart polls are at least, so that waits which begin one after the other share the next
one: the more waits there are, the further."""


class Reader(Protocol[FoundOnly]):
    """Reads resources for one wait."""

    def read(self, ids: Sequence[str]) -> Mapping[str, FoundOnly]:
        """Return those of these resources that are listed, by id.

        Raises:
            CvmimgError: they could not be read.
        """

    def close(self) -> None:
        """End the wait."""


@dataclass(frozen=True)
class OwnReader(Generic[Found]):
    """Asks for itself alone."""

    ask: Read[Found]

    def read(self, ids: Sequence[str]) -> Mapping[str, Found]:
        """Ask."""
        return self.ask(ids)

    def close(self) -> None:
        """Nothing is held."""


class SharedPolls:
    """The polls of several waits at once, by kind of resource and region.

    Args:
        pool: runs the polls; it has to outlive the waits.
        clock: the time.
    """

    def __init__(self, pool: ThreadPoolExecutor, clock: Clock) -> None:
        self.pool = pool
        self.clock = clock
        self.lock = threading.Lock()
        self._listings: dict[tuple[str, str], _Listing] = {}

    def reader(self, kind: str, region: str, ask: Read[Found]) -> Reader[Found]:
        """Return the reader of one wait. It is shown nothing that was read before now, or twice.

        Args:
            kind: what is read; readers of one kind and region share their polls.
            region: where it is.
            ask: sends the question.
        """
        with self.lock:
            listing = self._listings.setdefault((kind, region), _Listing())
        return _SharedReader(self, listing, ask)


@dataclass(frozen=True)
class _Poll:
    """One question.

    Attributes:
        sent_at: when it was sent, in monotonic seconds.
        ids: what it asks for.
        answer: what it finds, by id.
    """

    sent_at: float
    ids: frozenset[str]
    answer: Future[Mapping[str, Any]]


class _Listing:
    """What readers of one kind in one region share.

    Attributes:
        wanted: by reader, the ids that it waits for.
        latest: the latest poll.
    """

    def __init__(self) -> None:
        self.wanted: dict[_SharedReader[Any], frozenset[str]] = {}
        self.latest: _Poll | None = None

    @property
    def spacing(self) -> float:
        """How many seconds polls are apart at least."""
        seconds = max(_SPACING_SECONDS, _SPACING_OF_A_WAIT * len(self.wanted))
        return min(seconds, _LONGEST_SPACING)


class _SharedReader(Generic[Found]):
    """Uses the latest poll of any reader if it is new to this one, or polls for all readers."""

    def __init__(self, polls: SharedPolls, listing: _Listing, ask: Read[Found]) -> None:
        self._polls = polls
        self._listing = listing
        self._ask = ask
        self._read_at = self._seen_until = polls.clock.monotonic()

    def read(self, ids: Sequence[str]) -> Mapping[str, Found]:
        try:
            found = self._poll(frozenset(ids)).answer.result()
        except CvmimgError as error:
            if is_outage(error):
                raise
            return self._ask(ids)  # the refusal may be about an id of another wait
        return {each: found[each] for each in ids if each in found}

    def close(self) -> None:
        with self._polls.lock:
            self._listing.wanted.pop(self, None)

    def _poll(self, ids: frozenset[str]) -> _Poll:
        """Return the poll to go by; wait until one may be sent."""
        clock = self._polls.clock
        now = clock.monotonic()
        fresh = now - max((now - self._read_at) * _FRESH, _FRESH_SECONDS)
        self._read_at = now
        while True:
            with self._polls.lock:
                self._listing.wanted[self] = ids
                now, latest = clock.monotonic(), self._listing.latest
                if not (latest and ids <= latest.ids and self._is_usable(latest, fresh)):
                    pause = latest.sent_at + self._listing.spacing - now if latest else 0.0
                    latest = self._new_poll(now) if pause <= 0 else None
                if latest:
                    self._seen_until = latest.sent_at
                    return latest
            clock.sleep(pause)

    def _is_usable(self, poll: _Poll, fresh: float) -> bool:
        return poll.sent_at > self._seen_until and poll.sent_at >= fresh

    def _new_poll(self, now: float) -> _Poll:
        ids = frozenset().union(*self._listing.wanted.values())
        answer = self._polls.pool.submit(self._ask, sorted(ids))
        self._listing.latest = _Poll(now, ids, answer)
        return self._listing.latest
