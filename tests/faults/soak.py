"""A soak: workflows with faults at random in one world, checked after each."""

from __future__ import annotations

import random
from dataclasses import dataclass

from cvmimg.cloud import cvm
from cvmimg.cloud.waiter import Waiter
from cvmimg.workflows.delete.operation import delete_images
from cvmimg.workflows.delete.plan import DeleteRequest, plan_delete
from cvmimg.workflows.wait import gone_task, image_task
from tests.faults.disk import WRITE_FAULTS
from tests.faults.faulty import CALL_FAULTS
from tests.faults.matrix import Cell, Verdict, record, try_cell_in
from tests.faults.workflows import WORKFLOWS, Before
from tests.support.lab import Lab

SOAKED = tuple(name for name in WORKFLOWS if name.startswith(("create", "launch")))
"""What is done at random: what makes images and instances, and can be made undone."""
_FAULTLESS = 0.2
"""The share of runs that meet no fault."""


@dataclass(frozen=True)
class Soak:
    """Makes the same runs again for the same seed.

    Attributes:
        seed: decides all.
        runs: how many.
    """

    seed: int
    runs: int

    def cells(self) -> list[Cell]:
        """The runs, each with the place and the fault that it meets."""
        source = random.Random(self.seed)
        recorded = {name: record(name) for name in SOAKED}
        chosen = []
        for _ in range(self.runs):
            name = source.choice(SOAKED)
            sites, writes = recorded[name]
            if source.random() < _FAULTLESS:
                chosen.append(Cell(name, 0, ""))
            elif source.random() < len(sites) / (len(sites) + writes):
                chosen.append(Cell(name, source.choice(sites), source.choice(CALL_FAULTS)))
            else:
                chosen.append(Cell(name, source.randint(1, writes), source.choice(WRITE_FAULTS)))
        return chosen

    def verdicts(self) -> list[Verdict]:
        """Do the runs one after the other in one world; stops at the first that goes wrong."""
        verdicts = []
        with Lab() as lab:
            for cell in self.cells():
                before = Before.of(lab)
                verdicts.append(try_cell_in(lab, cell))
                if verdicts[-1].wrong:
                    break
                _tidy(lab, before)
        return verdicts


def _tidy(lab: Lab, before: Before) -> None:
    """Remove what a run has made, so that the quota and the names are free for the next."""
    session = lab.session()
    images = [image for image in lab.images() if image.image_id not in before.images]
    if images:
        task = image_task(session.cloud, [image.image_id for image in images])
        ended = [sighting.value for sighting in Waiter(lab.clock, 7200).all(task).values()]
        plans = plan_delete(session.cloud, ended, DeleteRequest())
        delete_images(session, plans, timeout_seconds=7200)
    instances = [one for one in lab.states() if one not in before.states]
    if instances:
        cvm.terminate_instances(session.cloud, instances)
        Waiter(lab.clock, 7200).all(gone_task(session.cloud, instances))
