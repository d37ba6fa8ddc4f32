"""What the journal keeps of an operation. Holds no secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

VERSION = 1

StepStatus = Literal["started", "done", "undone"]
Status = Literal["open", "done", "failed", "undone", "left"]
"""``left`` means: nothing is to be put back, and what goes on needs no one."""


class StepRecord(BaseModel):
    """A step: its intent (``started``), and what came of it."""

    model_config = ConfigDict(frozen=True)

    name: str
    status: StepStatus
    at: datetime
    outcome: dict[str, Any] = {}


class Origin(BaseModel):
    """How the cloud was reached, so that an operation is resumed at the same one."""

    model_config = ConfigDict(frozen=True)

    profile: str = ""
    endpoint: str = ""
    sandbox: bool = False


class OperationRecord(BaseModel):
    """One operation, as its file in the journal has it.

    Attributes:
        version: of the file's format.
        id: such as "op-20261123-1a2b3c".
        kind: the workflow, such as "create".
        region: where.
        created: when it began, UTC.
        origin: how the cloud was reached.
        instance_ids: what it may change; no other operation may meanwhile.
        request: what was asked for, as the workflow wrote it.
        steps: in the order in which they began.
        status: "open" until nothing is left to do.
        giving_up: it has failed, and is being put back.
        result: what came of it, such as the image's id.
        error: why it failed.
    """

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = 1
    id: str
    kind: str
    region: str
    created: datetime
    origin: Origin = Origin()
    instance_ids: tuple[str, ...] = ()
    request: dict[str, Any]
    steps: tuple[StepRecord, ...] = ()
    status: Status = "open"
    giving_up: bool = False
    result: dict[str, Any] = {}
    error: str = ""

    def step(self, name: str) -> StepRecord | None:
        """The step of this name, if it has begun."""
        return next((step for step in self.steps if step.name == name), None)

    def with_step(self, new: StepRecord) -> OperationRecord:
        """The record with ``new`` added, or in the place of the step of the same name."""
        if self.step(new.name) is None:
            return self.model_copy(update={"steps": (*self.steps, new)})
        steps = tuple(new if step.name == new.name else step for step in self.steps)
        return self.model_copy(update={"steps": steps})
