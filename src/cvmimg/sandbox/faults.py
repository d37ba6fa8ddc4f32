"""Faults to inject, for tests.

A fault is one line: which actions, what happens, and when, separated by colons::

    CreateImage:cut-after:times=1          the first CreateImage succeeds, its answer is lost
    cvm.*:status=502:p=0.1                 a tenth of the calls to cvm fail at the gateway
    DescribeImages:error=InternalError:skip=3:times=2     the fourth and the fifth fail
    *:latency=0.5                          every answer takes half a second longer
    CreateImage:task-fail                  every new image ends as CREATEFAILED
    RunInstances:boot-fail                 new instances run, but their system does not boot
    CreateImage:delayed=60:times=1         the first CreateImage is processed a minute late

A dry run is affected only by faults with the option ``dry-run``, and uses up no other.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from http import HTTPStatus
from math import isfinite
from typing import TYPE_CHECKING, Any

from cvmimg.sandbox.state import kinds

if TYPE_CHECKING:
    from cvmimg.sandbox.state.store import Store, View


def _number(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(text)
    return value


def _seconds(text: str) -> float:
    value = _number(text)
    if value < 0:
        raise ValueError(text)
    return value


def _status(text: str) -> int:
    return HTTPStatus(int(text)).value


_VALUES: dict[str, tuple[Callable[[str], str | int | float], str]] = {
    "error": (str, "InternalError"),
    "status": (_status, "502"),
    "latency": (_seconds, "0.5"),
    "delayed": (_seconds, "60"),
    "failed-resources": (str, "FailedOperation.ResourceTagProcessing"),
    "clock-skew": (_number, "600"),
    "boot-slow": (_seconds, "600"),
}
"""Kinds that need a value: its parser, and an example."""

KINDS = frozenset(_VALUES) | {
    "throttle",
    "cut-before",
    "cut-after",
    "twice",
    "truncate",
    "garbage",
    "task-fail",
    "task-stuck",
    "boot-fail",
}
"""What a fault can do.

================ ==============================================================================
error            answer this code; nothing is done, or with ``after`` everything
status           answer this HTTP status with an HTML page; nothing is done, or with ``after``
                 everything
throttle         answer RequestLimitExceeded; nothing is done
latency          delay the answer by this many real seconds
cut-before       close the connection; nothing is done
cut-after        process the request, then close the connection
delayed          close the connection; process the request this many simulated seconds later
twice            process the request twice; the client gets the second answer
truncate         process the request, then send half of the answer
garbage          process the request, then send something that is not JSON
failed-resources tag no resource; answer this code for each of them in FailedResources
task-fail        the task that the call starts ends in failure
task-stuck       the task that the call starts never ends
boot-fail        the instances that the call starts run, but their system does not boot
boot-slow        their system takes this many simulated seconds until the agent is online
clock-skew       check the signature against a clock that is this many seconds ahead
================ ==============================================================================
"""


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        target: "service.Action" with ``*`` as a wildcard; without a dot, an action of any service.
        kind: one of ``KINDS``.
        value: the code, status or seconds, for the kinds that need one.
        skip: number of matching calls to leave alone first.
        times: number of calls to affect; None for no limit.
        probability: of affecting a matching call, from 0 to 1.
        after: for "error" and "status": process the request first.
        dry_run: whether it affects dry runs instead of other calls.
    """

    target: str
    kind: str
    value: str | int | float = ""
    skip: int = 0
    times: int | None = None
    probability: float = 1.0
    after: bool = False
    dry_run: bool = False

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Parse the line of a fault.

        Raises:
            ValueError: the line is malformed.
        """
        target, _, rest = text.strip().partition(":")
        first, *options = rest.split(":")
        kind, _, value = first.partition("=")
        if not target or kind not in KINDS:
            raise ValueError(
                f"{text!r} is not a fault; expected something like CreateImage:cut-after:times=1, "
                f"with one of {', '.join(sorted(KINDS))}"
            )
        return cls(
            target, kind, _value(text, kind, value), **dict(_option(text, o) for o in options)
        )

    def matches(self, service: str, action: str, *, dry_run: bool = False) -> bool:
        """Return whether it is about ``action`` of ``service``."""
        if self.dry_run != dry_run:
            return False
        pattern = self.target if "." in self.target else f"*.{self.target}"
        return fnmatchcase(f"{service}.{action}", pattern)


def _value(text: str, kind: str, value: str) -> str | int | float:
    if kind not in _VALUES:
        if value:
            raise ValueError(f"{text!r}: {kind} takes no value")
        return ""
    parse, example = _VALUES[kind]
    try:
        if value:
            return parse(value)
    except ValueError:
        pass
    raise ValueError(f"{text!r}: {kind} needs a value, such as {kind}={example}")


def _option(text: str, option: str) -> tuple[str, Any]:
    name, _, value = option.partition("=")
    try:
        if name in ("skip", "times") and int(value) >= 0:
            return name, int(value)
        if name == "p" and 0 <= float(value) <= 1:
            return "probability", float(value)
        if option in ("after", "dry-run"):
            return option.replace("-", "_"), True
    except ValueError:
        pass
    raise ValueError(f"{text!r}: {option!r} is not one of skip=N, times=N, p=0.5, after, dry-run")


@dataclass(frozen=True)
class _Armed:
    """A fault, and how many matching calls it has seen and affected."""

    text: str
    seen: int = 0
    affected: int = 0

    @property
    def fault(self) -> Fault:
        return _parsed(self.text)

    @property
    def used_up(self) -> bool:
        return self.fault.times is not None and self.affected >= self.fault.times

    def counted(self, chance: float) -> _Armed:
        """Count a matching call; ``chance``, from 0 to 1, decides a fault with a probability."""
        applies = (
            self.seen >= self.fault.skip and not self.used_up and chance < self.fault.probability
        )
        return _Armed(self.text, self.seen + 1, self.affected + applies)


_parsed = lru_cache(maxsize=256)(Fault.parse)

_NO_FAULTS: tuple[_Armed, ...] = ()
_STORED = kinds.FAULTS
"""Kind of the document with the faults that all processes share."""


class Faults:
    """The faults of one sandbox; thread-safe.

    Some belong to this process and end with it; others are stored, and affect every process.

    Args:
        seed: makes probabilities reproducible.
        store: holds the stored faults; None for none.
    """

    def __init__(self, seed: int = 0, store: Store | None = None) -> None:
        self._seed = seed
        self._store = store
        self._own = _NO_FAULTS
        self._lock = threading.Lock()

    def add(self, *texts: str) -> None:
        """Add faults of this process; all of them, or none if one is malformed.

        Raises:
            ValueError: a line is malformed.
        """
        added = _armed(texts)
        with self._lock:
            self._own = (*self._own, *added)

    def store(self, *texts: str) -> None:
        """Add faults that affect every process; all of them, or none if one is malformed.

        Raises:
            ValueError: a line is malformed, or nothing is stored here.
        """
        added = _armed(texts)
        if self._store is None:
            raise ValueError("this sandbox has no store for faults")
        with self._store.transaction(write=True) as view:
            _write_stored(view, (*_read_stored(view), *added))

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._own = _NO_FAULTS
        if self._store is not None and self._stored():
            with self._store.transaction(write=True) as view:
                _write_stored(view, _NO_FAULTS)

    def inject(self, service: str, action: str, *, dry_run: bool = False) -> Injected:
        """Count a call, and return the faults that affect it."""
        stored = self._stored()
        if not self._own and not stored:
            return NOTHING

        def counted(armed: tuple[_Armed, ...]) -> tuple[_Armed, ...]:
            return tuple(
                each.counted(self._chance(number, each))
                if each.fault.matches(service, action, dry_run=dry_run)
                else each
                for number, each in enumerate(armed)
            )

        with self._lock:
            before, self._own = self._own, counted(self._own)
            injected = _affecting(before, self._own)
        if self._store is not None and counted(stored) != stored:
            with self._store.transaction(write=True) as view:
                before = _read_stored(view)
                after = counted(before)
                _write_stored(view, after)
            injected += _affecting(before, after)
        return Injected(injected)

    def status(self) -> list[dict[str, Any]]:
        """Return each fault's line, how many calls it has affected, and whether it is used up."""
        return [
            {"fault": each.text, "met": each.affected, "used_up": each.used_up}
            for each in (*self._own, *self._stored())
        ]

    def _stored(self) -> tuple[_Armed, ...]:
        if self._store is None:
            return _NO_FAULTS
        return _armed_in(self._store.permanent(_STORED))

    def _chance(self, number: int, armed: _Armed) -> float:
        if armed.fault.probability == 1:
            return 0.0
        seed = f"{self._seed}/{number}/{armed.seen}"
        return random.Random(seed).random()  # noqa: S311 - not a secret


def _armed(texts: Iterable[str]) -> tuple[_Armed, ...]:
    return tuple(_Armed(text.strip()) for text in texts if _parsed(text.strip()))


def _affecting(before: Iterable[_Armed], after: Iterable[_Armed]) -> list[Fault]:
    """Return the faults that have affected one more call."""
    pairs = zip(before, after, strict=True)
    return [new.fault for old, new in pairs if new.affected > old.affected]


def _read_stored(view: View) -> tuple[_Armed, ...]:
    return _armed_in(view.single(_STORED))


def _armed_in(document: kinds.Document | None) -> tuple[_Armed, ...]:
    return tuple(_Armed(*each) for each in document["Armed"]) if document else _NO_FAULTS


def _write_stored(view: View, armed: Iterable[_Armed]) -> None:
    view.put_single(_STORED, Armed=[astuple(each) for each in armed])


class Injected:
    """The faults that affect one call."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._by_kind = {fault.kind: fault for fault in faults}

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of these faults."""
        return sorted(self._by_kind)

    def has(self, kind: str) -> bool:
        """Return whether there is a fault of this kind."""
        return kind in self._by_kind

    def value(self, kind: str, *, after: bool = False) -> Any:
        """Return the value of the fault of this kind, before or ``after`` processing, or None."""
        fault = self._by_kind.get(kind)
        return fault.value if fault is not None and fault.after == after else None

    def seconds(self, kind: str) -> float:
        """Return the value in seconds of the fault of this kind; 0 if there is none."""
        fault = self._by_kind.get(kind)
        return float(fault.value) if fault is not None else 0.0


NOTHING = Injected(())
