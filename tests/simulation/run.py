"""One simulated run: the operations with their disturbances, then ``resume`` until all is done."""

from __future__ import annotations

import gc
import os
import random
import secrets
import shutil
import signal
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any
from unittest import mock

from cvmimg.sandbox import NEIGHBOUR, OWNER
from tests.simulation import timeline, tool
from tests.simulation.events import AtStart, Event, Scenario
from tests.simulation.invariants import Ending, OperationRun, Story, Violation
from tests.simulation.journal_damage import plant
from tests.simulation.operations import (
    UNUSED,
    Create,
    Delete,
    Launch,
    Operation,
    Prune,
    Snapshot,
)
from tests.simulation.process import Process, RunsForEver
from tests.simulation.world import World
from tests.support.call_faults import Killed

MOST_RESUMES = 7
_PATIENCE = 3
"""Resumes after which stuck tasks end; and if that does not help, the user rolls back."""
_REAL_SECONDS = 60
"""Real seconds after which a run is taken to hang."""
_NAME = "job-1-image"
"""The name of a create that is run again."""


class Hangs(BaseException):
    """A run waits for something that is not in the simulation."""


@dataclass
class Outcome:
    """What came of a run.

    Attributes:
        violations: the invariants that do not hold.
        met: the events that came to pass.
        resumes: how many processes followed the first.
        calls: the API calls of all processes.
        writes: how often the first process wrote to the journal.
        exit_codes: one for each operation, of the process that worked on it last.
    """

    violations: list[Violation]
    met: list[Event] = field(default_factory=list)
    resumes: int = 0
    calls: list[str] = field(default_factory=list)
    writes: int = 0
    exit_codes: list[int | None] = field(default_factory=list)


def simulate(scenario: Scenario) -> Outcome:
    """Run a scenario and check every invariant. The same scenario always runs the same way."""
    try:
        with _watchdog(), _no_collection(), _simulation(scenario) as simulation:
            return simulation.run()
    except Hangs:
        kind = scenario.operations[0].kind
        return Outcome([Violation("ends", kind, "the run hangs: it waits in real time")])


class Simulation:
    """A scenario being played."""

    def __init__(self, scenario: Scenario, world: World) -> None:
        self._scenario = scenario
        self._world = world
        self._processes: list[Process] = []
        self._planted: set[str] = set()
        self._resumes = 0
        world.boot_guests()
        runs = [OperationRun(one, again=scenario.again) for one in scenario.operations]
        self._story = Story(world.truth(), runs, world.taken, world.changed_untagged)

    def run(self) -> Outcome:
        self._perform_all()
        while self._is_left() and self._resumes < MOST_RESUMES:
            self._world.timeline.sleep(self._scenario.pause)
            self._resume()
        self._world.let_everything_end()
        self._story.at_the_end(self._world.truth(), self._is_left())
        if self._scenario.again:
            self._ask_again()
        if self._world.failures.texts:
            raise AssertionError(f"the sandbox failed: {self._world.failures.texts[0]}")
        met = [event for process in self._processes for event in process.met]
        met += [e for e in self._scenario.events if isinstance(e, AtStart) and self._reached(e)]
        return Outcome(
            self._story.violations,
            met,
            self._resumes,
            [call for process in self._processes for call in process.network.calls],
            self._processes[0].disk.writes,
            [run.ending.exit_code for run in self._story.runs],
        )

    def _reached(self, event: AtStart) -> bool:
        return event.process <= self._resumes

    def _unfinished(self) -> set[str]:
        return tool.unfinished(self._world.state_dir) - self._planted

    def _is_left(self) -> bool:
        """Whether something is unfinished, as far as the journal or the cloud shows."""
        return bool(self._unfinished()) or any(map(self._is_open, self._story.runs))

    def _perform_all(self) -> None:
        self._damage_journal(0)
        if self._scenario.together:
            self._create_together()
            return
        jobs = [partial(self._perform, number) for number in range(len(self._story.runs))]
        if len(jobs) == 1:
            jobs[0]()
            return
        tasks = [self._world.timeline.spawn(job) for job in jobs]
        for task in tasks:
            self._world.timeline.join(task)

    def _create_together(self) -> None:
        runs = self._story.runs
        creates = [run.operation for run in runs if isinstance(run.operation, Create)]
        process = self._new_process(0, runs[0])
        errors: list[tool.CvmimgError | None] = []
        ending = self._in_process(
            process,
            creates[0].region,
            OWNER,
            lambda s: errors.extend(tool.create_together(s, creates)),
        )
        for run, create, error in zip_longest(runs, creates, errors):
            run.ids = tool.operations_on(self._world.state_dir, create.instance, self._planted)
            run.ending = ending
            if error is not None:
                run.ending = replace(ending, exit_code=error.exit_code, text=tool.in_words(error))
            self._after_process([run], run.ending, resumed=False)

    def _perform(self, number: int) -> None:
        run = self._story.runs[number]
        process = self._new_process(0, run, number)
        run.ids = [_NAME] if self._scenario.again else process.ids
        ending = self._in_process(process, run.operation.region, OWNER, partial(self._work, run))
        run.ending = ending
        self._after_process([run], ending, resumed=False)

    def _work(self, run: OperationRun, session: Any) -> None:
        operation = run.operation
        if self._scenario.again:
            assert isinstance(operation, Create | Launch)
            tool.perform_named(session, operation, _NAME)
        else:
            tool.perform(session, operation, run.shown.update)

    def _ask_again(self) -> None:
        """Run the command of a named operation once more when it has succeeded."""
        (run,) = self._story.runs
        if not run.succeeded or "somebody-deletes-image" in self._story.meddled:
            return
        process = Process(self._world, [], lambda _: None)
        work = partial(self._continue, roll_back=False)
        ending = self._in_process(process, run.operation.region, OWNER, work)
        self._story.after_another_run(run, ending, self._world.truth())

    def _resume(self) -> None:
        self._resumes += 1
        roll_back = self._scenario.roll_back or self._resumes > _PATIENCE + 1
        if self._resumes > _PATIENCE:
            self._world.end_stuck_tasks()
        if self._resumes > 1 and "somebody-stops" in self._story.meddled:
            for run in self._story.runs:
                self._meddle(run, "somebody-starts")
        faults = self._faults_at_start(self._resumes)
        if "state-lost" in faults:
            self._lose_journal()
        self._damage_journal(self._resumes)
        account = NEIGHBOUR if "other-account" in faults else OWNER
        open_runs = [
            run for run in self._story.runs if self._is_open(run) or (run.lost and run.again)
        ]
        if self._scenario.again:
            truth = self._world.truth()
            self._story.runs[0].made_before = {*truth.images, *truth.instances}
        process = self._new_process(self._resumes, open_runs[0] if open_runs else None)
        ending = self._in_process(
            process,
            self._story.runs[0].operation.region,
            account,
            partial(self._continue, roll_back=roll_back),
        )
        self._note_closed(open_runs, ending, roll_back=roll_back)
        self._after_process(open_runs, ending, resumed=True)

    def _continue(self, session: Any, *, roll_back: bool) -> str | None:
        operation = self._story.runs[0].operation
        if self._scenario.again and not roll_back:
            assert isinstance(operation, Create | Launch)
            tool.perform_again(session, operation, _NAME, elsewhere=self._is_lost)
        elif not self._is_lost:
            return tool.resume(session, roll_back=roll_back)
        else:
            tool.resume_from_cloud(session, roll_back=roll_back)
        return None

    @property
    def _is_lost(self) -> bool:
        return any(run.lost for run in self._story.runs)

    def _lose_journal(self) -> None:
        for run in self._story.runs:
            run.lost = run.lost or self._is_open(run)
        shutil.rmtree(self._world.state_dir, ignore_errors=True)
        self._planted.clear()
        for run in self._story.runs:
            run.open = self._is_open(run)

    def _note_closed(self, runs: list[OperationRun], ending: Ending, *, roll_back: bool) -> None:
        """Of several operations, a failed resume does not say which one failed."""
        for run in runs:
            if self._scenario.again:
                run.ending, run.rolled_back = ending, roll_back
            if not self._is_open(run):
                run.ending = ending if ending.exit_code == 0 or len(runs) == 1 else Ending()
                run.rolled_back = roll_back
                run.resumed = True

    def _after_process(self, runs: list[OperationRun], ending: Ending, *, resumed: bool) -> None:
        truth = self._world.truth()
        failed = tool.failed(self._world.state_dir)
        for run in runs:
            run.open = self._is_open(run)
            run.failed = _is_among(run, failed)
            self._story.after_process(run, ending, truth, resumed=resumed)

    def _new_process(self, process: int, run: OperationRun | None, number: int = 0) -> Process:
        events = [
            event
            for event in self._scenario.events
            if event.process == process and self._may_meet(event, number)
        ]
        made = Process(self._world, events, partial(self._meddle, run))
        self._processes.append(made)
        return made

    def _may_meet(self, event: Event, number: int) -> bool:
        """Whether an event may meet the process of an operation; later ones resume them all."""
        if event.process or self._scenario.together or isinstance(event, AtStart):
            return True
        return event.operation == number

    def _in_process(
        self, process: Process, region: str, account: str, work: Callable[[Any], str | None]
    ) -> Ending:
        """Run the tool, which may return what it prints; return how it ended."""
        self._world.timeline.current.owner = process
        began = self._world.timeline.elapsed
        credentials = self._world.sandbox.credentials(account)
        ending = Ending()
        try:
            session = tool.session(
                credentials, region, process.network, process.clock, self._world.state_dir
            )
            process.interrupt = session.interrupt.request
            ending = Ending(0, work(session) or "")
        except Killed:
            ending = Ending(killed=True)
        except RunsForEver:
            ending = Ending(crash="it makes calls without end")
        except tool.CvmimgError as error:
            ending = Ending(error.exit_code, tool.in_words(error))
        except Exception as error:
            ending = Ending(crash=f"{type(error).__name__}: {error}")
        ending.seconds = self._world.timeline.elapsed - began
        return ending

    def _is_open(self, run: OperationRun) -> bool:
        if self._scenario.again and run.ending.killed and not run.rolled_back:
            return True
        unfinished = self._unfinished()
        if run.lost:
            instance = self._world.truth().instances.get(_instance_of(run.operation))
            tagged = instance is not None and tool.OPERATION_TAG in instance.tags
            return tagged or bool(unfinished)
        return _is_among(run, unfinished)

    def _faults_at_start(self, process: int) -> list[str]:
        return [
            event.fault
            for event in self._scenario.events
            if isinstance(event, AtStart) and event.process == process
        ]

    def _damage_journal(self, process: int) -> None:
        for fault in self._faults_at_start(process):
            if fault.startswith("damage-"):
                folder = self._world.state_dir / tool.OPEN
                path = plant(folder, fault, len(self._planted))
                self._planted.add(path.stem)
                self._story.planted.append(path.name)

    def _meddle(self, run: OperationRun | None, fault: str) -> None:
        """Do what somebody else does to what an operation works on."""
        if run is None:
            return
        self._story.meddled.add(fault)
        operation = run.operation
        instance = _instance_of(operation)
        call = partial(self._world.call, region=operation.region)
        if fault == "somebody-stops":
            call("cvm", "StopInstances", InstanceIds=[instance])
        elif fault == "somebody-starts":
            call("cvm", "StartInstances", InstanceIds=[instance])
        elif fault == "somebody-renames":
            call("cvm", "ModifyInstancesAttribute", InstanceIds=[instance], InstanceName="renamed")
        elif fault == "somebody-deletes-image":
            for image in self._images_of(operation):
                call("cvm", "DeleteImages", ImageIds=[image])
        else:
            self._tag(operation.region, [f"instance/{instance}", *self._image_names(operation)])

    def _tag(self, region: str, names: list[str]) -> None:
        for name in names:
            self._world.call(
                "tag",
                "TagResources",
                region=region,
                ResourceList=[f"qcs::cvm:{region}:uin/{OWNER}:{name}"],
                Tags=[{"TagKey": "somebody", "TagValue": "was here"}],
            )

    def _image_names(self, operation: Operation) -> list[str]:
        return [f"image/{image}" for image in self._images_of(operation)]

    def _images_of(self, operation: Operation) -> list[str]:
        images = self._world.truth().images.values()
        if isinstance(operation, Create):
            return [image.id for image in images if image.name == operation.name]
        if isinstance(operation, Launch):
            return [image.id for image in images if image.name == operation.image]
        if isinstance(operation, Delete):
            return list(operation.images)
        if isinstance(operation, Prune):
            return list(UNUSED)
        return []


def _is_among(run: OperationRun, ids: set[str]) -> bool:
    return any(one.endswith(suffix) for one in ids for suffix in run.ids)


def _instance_of(operation: Operation) -> str:
    if isinstance(operation, Create | Snapshot):
        return operation.instance
    if isinstance(operation, Launch) and operation.data_from:
        return operation.data_from
    return "ins-web00001"


@contextmanager
def _simulation(scenario: Scenario) -> Iterator[Simulation]:
    """A simulation in which nothing is up to chance or real time."""
    state = random.getstate()
    random.seed(scenario.seed)
    world = World(scenario.seed)
    source = random.Random(scenario.seed)
    counts = {"ids": 0}

    def token_hex(nbytes: int | None = None) -> str:
        counts["ids"] += 1
        text = f"{counts['ids']:0{2 * (nbytes or 32)}x}"
        process = world.timeline.current.owner
        if isinstance(process, Process) and nbytes == 3:
            process.ids.append(text)
        return text

    def uuid4() -> uuid.UUID:
        return uuid.UUID(int=source.getrandbits(128), version=4)

    def before(path: Path) -> None:
        world.timeline.current.owner.disk.before(path)

    def after() -> None:
        world.timeline.current.owner.disk.after()

    with (
        # Killed processes are simulated, power cuts are not.
        mock.patch.object(os, "fsync", return_value=None),
        mock.patch.object(secrets, "token_hex", token_hex),
        mock.patch.object(uuid, "uuid4", uuid4),
        timeline.threads_on(world.timeline),
        tool.disk(before, after),
    ):
        try:
            yield Simulation(scenario, world)
        finally:
            world.close()
            random.setstate(state)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Leave the garbage of a run, which is little, until its end."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _watchdog() -> Iterator[None]:
    """Raise ``Hangs`` in a run that waits in real time (POSIX, main thread)."""

    def raise_it(*_: object) -> None:
        raise Hangs

    if sys.platform == "win32":
        yield
        return
    before = signal.signal(signal.SIGALRM, raise_it)
    # Again every second: what is cleaned up afterwards may wait for the same thing.
    signal.setitimer(signal.ITIMER_REAL, _REAL_SECONDS, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
