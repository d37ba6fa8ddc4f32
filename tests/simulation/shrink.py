"""From a failing scenario to the shortest one that fails in the same way, as a test to paste."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from tests.simulation.events import AtCall, AtStart, Event, Scenario
from tests.simulation.invariants import Violation
from tests.simulation.run import simulate

_DEFAULT = Scenario(())
_MOST_TRIES = 150


def shrink(scenario: Scenario, violation: Violation) -> Scenario:
    """Leave out what is not needed for an invariant to fail for a kind of operation."""

    tries = 0

    def fails(candidate: Scenario) -> bool:
        nonlocal tries
        tries += 1
        if tries > _MOST_TRIES:
            return False
        found = simulate(candidate).violations
        return any((v.invariant, v.kind) == (violation.invariant, violation.kind) for v in found)

    while True:
        simpler = _first_failing(scenario, fails)
        if simpler is None:
            return scenario
        scenario = simpler


def _first_failing(scenario: Scenario, fails: Callable[[Scenario], bool]) -> Scenario | None:
    return next((one for one in _simpler(scenario) if fails(one)), None)


def _simpler(scenario: Scenario) -> Iterator[Scenario]:
    """Scenarios with one thing less, those that leave out most first."""
    yield from _fewer_operations(scenario)
    for index in range(len(scenario.events)):
        yield replace(scenario, events=_without(scenario.events, index))
    for name in ("again", "together", "roll_back", "pause", "seed"):
        default = getattr(_DEFAULT, name)
        if getattr(scenario, name) != default:
            yield replace(scenario, **{name: default})
    for index, operation in enumerate(scenario.operations):
        for simpler in operation.simpler():
            yield replace(scenario, operations=_with(scenario.operations, index, simpler))
    for index, event in enumerate(scenario.events):
        for milder in _milder(event):
            yield replace(scenario, events=_with(scenario.events, index, milder))


def _fewer_operations(scenario: Scenario) -> Iterator[Scenario]:
    if len(scenario.operations) == 1:
        return
    for index in range(len(scenario.operations)):
        events = tuple(
            _of_one_less(event, index)
            for event in scenario.events
            if event.process or isinstance(event, AtStart) or event.operation != index
        )
        yield replace(scenario, operations=_without(scenario.operations, index), events=events)


def _of_one_less(event: Event, index: int) -> Event:
    """An event when the operation with an index is left out."""
    if isinstance(event, AtStart) or event.operation <= index:
        return event
    return replace(event, operation=event.operation - 1)


def _milder(event: Event) -> Iterator[Event]:
    if isinstance(event, AtCall) and event.times > 1:
        yield replace(event, times=1)
        yield replace(event, times=event.times - 1)
    if not isinstance(event, AtStart) and event.number > 1:
        yield replace(event, number=1)
        yield replace(event, number=event.number - 1)
    if event.process > 1:
        yield replace(event, process=event.process - 1)


def _without(items: tuple[Any, ...], index: int) -> tuple[Any, ...]:
    return items[:index] + items[index + 1 :]


def _with(items: tuple[Any, ...], index: int, item: Any) -> tuple[Any, ...]:
    return (*items[:index], item, *items[index + 1 :])


def as_test(scenario: Scenario, violation: Violation) -> str:
    """A test function that fails as long as the scenario does."""
    kind = re.sub(r"\W+", "_", violation.kind)
    name = f"test_{violation.invariant}_of_{kind}_{scenario.seed}"
    lines = [
        f"def {name}() -> None:",
        f"    # {violation}",
        f"    scenario = {in_short(scenario, '        ')}",
        "    assert simulate(scenario).violations == []",
    ]
    return "\n".join(lines)


def in_short(scenario: Scenario, indent: str = "") -> str:
    """A scenario as Python, without what is at its default."""
    parts = [f"({', '.join(map(repr, scenario.operations))},)"]
    if scenario.events:
        events = "".join(f"\n{indent}    {_short(event)}," for event in scenario.events)
        parts.append(f"({events}\n{indent})")
    for name in ("seed", "pause", "roll_back", "together", "again"):
        if getattr(scenario, name) != getattr(_DEFAULT, name):
            parts.append(f"{name}={getattr(scenario, name)!r}")
    inside = "".join(f"\n{indent}{part}," for part in parts)
    return f"Scenario({inside}\n{indent[:-4]})"


def _short(event: Event) -> str:
    given = []
    for field in fields(event):
        value = getattr(event, field.name)
        if value != field.default:
            given.append(
                repr(value)
                if field.name in ("action", "number", "fault") and not isinstance(event, AtStart)
                else f"{field.name}={value!r}"
            )
    return f"{type(event).__name__}({', '.join(given)})"
