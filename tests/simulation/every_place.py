"""Every call and every write of an operation, met by every fault: one event a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby

from cvmimg.checks.registry import CREATE_FIXES, LAUNCH_FIXES
from tests.simulation.events import CALL_FAULTS, WRITE_FAULTS, AtCall, AtWrite, Scenario
from tests.simulation.operations import (
    AWAY,
    HELD_BACK,
    HOME,
    LOOSE,
    TEMPLATE,
    UNTIDY,
    UNUSED,
    Copy,
    Create,
    Delete,
    Launch,
    Operation,
    Promote,
    Prune,
    Share,
    Snapshot,
    Update,
    Verify,
)
from tests.simulation.run import simulate

OPERATIONS: tuple[Operation, ...] = (
    Create(),
    Create(instance="ins-old00001", stop=True),
    Create(instance="ins-priv0001", stop=True, own_tags=False),
    Create(instance="ins-data0001", fix_fstab=True),
    Create(instance="ins-data0001", stop=True, fix_fstab=True),
    Create(instance="ins-full0001", replace_oldest="app-*"),
    Create(instance="ins-old00001", stop=True, copy_to=AWAY, share=True),
    Launch(),
    Launch(data_from="ins-twod0001", delete_snapshots_after=True),
    Snapshot(instance="ins-twod0001", freeze=True),
    Delete(images=("img-shar0001",), unshare=True),
    Update(description="new", tag=True, untag=True),
    Copy(),
    Share(),
    Share(image="img-shar0001", undo=True),
    Create(instance="ins-db000001", stop=True, keep=2),
    Prune(snapshots=True),
    Prune(grace=True),
    Promote(),
    Promote(revoke=True),
    Verify(),
    Create(verify=True),
    Create(instance=UNTIDY, fix_fstab=True, fixes=CREATE_FIXES, stop=True),
    Create(instance="ins-db000001", promote=False),
    Launch(template=TEMPLATE),
    Launch(fixes=LAUNCH_FIXES),
    Copy(regions=(HOME,), encrypt=True),
    Delete(images=UNUSED[:1], snapshots=LOOSE),
    Share(image="img-shar0001", account="", undo=True),
    Promote(image=HELD_BACK),
)
FAILING: tuple[Create, ...] = (
    Create(instance="ins-data0001", skip_checks=("fstab",), verify=True, delete_on_failure=True),
)
"""Operations whose undisturbed run fails as it should: nothing boots from the image."""
_POLLS_KEPT = 4
"""Of many calls of one action in a row, these many first ones and the last meet the faults."""
_CHANGES_ONLY = ("task-fails", "twice")
_READS_ONLY = ("stale",)
_SAME_FOR_READS = ("lost-after", "5xx-after", "internal-error-after", "killed-after")
"""A read does nothing: these are its "…-before", and a kill before whatever follows it."""
_NEVER = ("task-stuck",)  # takes hours of virtual time to recover from, and says little


def scenarios(operation: Operation) -> Iterator[Scenario]:
    """One scenario for every place and every fault of an operation."""
    calls, writes = record(operation)
    for action, number in calls:
        for fault in CALL_FAULTS:
            if _fits(action, fault):
                code = "UnauthorizedOperation" if fault == "refused" else ""
                yield Scenario((operation,), (AtCall(action, number, fault, code=code),))
    for number in range(1, writes + 1):
        for fault in WRITE_FAULTS:
            yield Scenario((operation,), (AtWrite(number, fault),))


def _fits(action: str, fault: str) -> bool:
    if fault in _NEVER:
        return False
    is_read = action.startswith(("Describe", "Get", "Inquiry")) or action.endswith("?")
    return fault not in ((*_CHANGES_ONLY, *_SAME_FOR_READS) if is_read else _READS_ONLY)


@cache
def record(operation: Operation) -> tuple[tuple[tuple[str, int], ...], int]:
    """The calls of an undisturbed run, each with its number among those of its action; the writes.

    Raises:
        AssertionError: the undisturbed run breaks an invariant, or does not succeed.
    """
    outcome = simulate(Scenario((operation,)))
    if outcome.violations or outcome.exit_codes != [6 if operation in FAILING else 0]:
        raise AssertionError(f"{operation} undisturbed: {outcome}")
    return tuple(_without_repetition(outcome.calls)), outcome.writes


def _without_repetition(calls: list[str]) -> Iterator[tuple[str, int]]:
    """Leave out the middle of long rows of polls: they all meet the same code in one state."""
    numbers: dict[str, int] = {}
    for action, row in groupby(calls):
        first = numbers.get(action, 0) + 1
        last = first + len(list(row)) - 1
        numbers[action] = last
        kept = {*range(first, min(last, first + _POLLS_KEPT - 2) + 1), last}
        yield from ((action, number) for number in sorted(kept))
