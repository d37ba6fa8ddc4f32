"""The fault matrix, made by the program itself.

Each workflow is run once, and its calls and its writes to the disk are recorded. Then it is run
again for every call and every fault a call can meet, and for every write and every fault a write
can meet; after each it is resumed, and what has to hold is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from cvmimg.errors import CvmimgError
from cvmimg.workflows.resume import resume
from tests.faults.disk import WRITE_FAULTS, FaultyDisk
from tests.faults.faulty import CALL_FAULTS, CallSite, FaultyAdapter, Killed
from tests.faults.workflows import WORKFLOWS, Before, Workflow
from tests.support.lab import Lab

_POLLS_KEPT = 4
"""Of many calls of one action in a row, these many first ones and the last meet the faults."""


@dataclass(frozen=True)
class Cell:
    """One workflow, one place, one fault."""

    workflow: str
    site: CallSite | int
    fault: str

    def __str__(self) -> str:
        place = self.site if isinstance(self.site, CallSite) else f"write {self.site}"
        return f"{self.workflow}, {place}, {self.fault}"


@dataclass(frozen=True)
class Verdict:
    """How a cell ended: ``wrong`` says in words what did not hold, or is empty."""

    cell: Cell
    wrong: str = ""


def cells() -> Iterator[Cell]:
    """All cells of all workflows."""
    for name in WORKFLOWS:
        sites, writes = record(name)
        for site in sites:
            yield from (Cell(name, site, fault) for fault in CALL_FAULTS)
        for number in range(1, writes + 1):
            yield from (Cell(name, number, fault) for fault in WRITE_FAULTS)


@cache
def record(name: str) -> tuple[tuple[CallSite, ...], int]:
    """The calls of an undisturbed run of a workflow and the number of its writes."""
    workflow = WORKFLOWS[name]
    with Lab(workflow.world) as lab:
        before = Before.of(lab)
        adapter, disk = FaultyAdapter(lab.sandbox.adapter()), FaultyDisk()
        with disk.in_use():
            workflow.run(lab.session(adapter))
        wrong = workflow.broken(lab, before, True)
        if wrong:
            raise AssertionError(f"{name} without any fault: {wrong}")
        return tuple(_without_repetition(adapter.sites)), disk.writes


def _without_repetition(sites: list[CallSite]) -> list[CallSite]:
    """Leave out the middle of long rows of polls: they all meet the same code in one state."""
    rows: list[list[CallSite]] = []
    for site in sites:
        if rows and rows[-1][0].action == site.action:
            rows[-1].append(site)
        else:
            rows.append([site])
    return [
        site
        for row in rows
        for site in (row if len(row) <= _POLLS_KEPT else [*row[: _POLLS_KEPT - 1], row[-1]])
    ]


def try_cell(cell: Cell) -> Verdict:
    """Run a cell in a world of its own."""
    with Lab(WORKFLOWS[cell.workflow].world) as lab:
        return try_cell_in(lab, cell)


def try_cell_in(lab: Lab, cell: Cell) -> Verdict:
    """Run a cell, resume, and check."""
    workflow = WORKFLOWS[cell.workflow]
    before = Before.of(lab)
    succeeded = _run_with_fault(cell, workflow, lab, before.states)
    if isinstance(succeeded, str):
        return Verdict(cell, succeeded)
    cut_short = bool(lab.unfinished()) and cell.fault != "disk-full"
    resumed = _resume(lab, before.states)
    if isinstance(resumed, str):
        return Verdict(cell, resumed)
    if cut_short and not resumed:
        return Verdict(cell, "what was cut short was not finished by resume")
    return Verdict(cell, workflow.broken(lab, before, succeeded or resumed) or "")


def _run_with_fault(cell: Cell, workflow: Workflow, lab: Lab, states: dict[str, str]) -> bool | str:
    """Whether the run reported success; words if it ended in a way it never should."""
    in_a_call = isinstance(cell.site, CallSite)
    adapter = FaultyAdapter(
        lab.sandbox.adapter(),
        cell.site if isinstance(cell.site, CallSite) else None,
        cell.fault if in_a_call else "",
    )
    disk = FaultyDisk() if isinstance(cell.site, CallSite) else FaultyDisk(cell.site, cell.fault)
    session = lab.session(adapter)
    adapter.interrupt = session.interrupt.request
    with disk.in_use():
        return _outcome(lambda: workflow.run(session), lab, states)


def _resume(lab: Lab, states: dict[str, str]) -> bool | str:
    """Whether something was finished successfully."""
    if not lab.unfinished():
        return False
    return _outcome(lambda: resume(lab.session()), lab, states)


def _outcome(work: Callable[[], object], lab: Lab, states: dict[str, str]) -> bool | str:
    try:
        work()
    except Killed:
        return False
    except CvmimgError as error:
        return _lie(error, lab, states) or False
    except Exception as error:
        return f"an unexpected {type(error).__name__}: {error}"
    return True


def _lie(error: CvmimgError, lab: Lab, states: dict[str, str]) -> str:
    """What an error says that is not so; empty if it tells the truth."""
    if error.exit_code == 3 and lab.unfinished():
        return f"exit code 3 says that nothing was changed: {error.message}"
    if "InstancesRestored" in [note.code for note in error.notes] and states != lab.states():
        return f"not as it was before: {error.message}"
    for operation_id in lab.unfinished():
        if operation_id not in f"{error.message} {error.hint} {error.resume_command} {error.notes}":
            return f"{operation_id} is unfinished, but not named: {error.message} / {error.hint}"
    return ""
