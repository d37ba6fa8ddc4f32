"""What the journal keeps of an operation. Holds no secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION = 1

StepStatus = Literal["started", "done", "undone"]
Status = Literal["open", "done", "failed", "undone", "left"]
"""``left`` means: nothing is to be put back, and what goes on needs no one."""


@dataclass(frozen=True)
class StepRecord:
    """A step: its intent (``started``), and what came of it."""

    name: str
    status: StepStatus
    at: datetime
    outcome: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """How the cloud was reached, so that an operation is resumed at the same one."""

    profile: str = ""
    endpoint: str = ""
    sandbox: bool = False


@dataclass(frozen=True)
class OperationRecord:
    """One operation, as its file in the journal has it.

    Attributes:
        id: such as "op-20261123-1a2b3c".
        kind: the workflow, such as "create".
        region: where.
        created: when it began, UTC.
        request: what was asked for, as the workflow wrote it.
        version: of the file's format.
        origin: how the cloud was reached.
        instance_ids: what it may change; no other operation may meanwhile.
        steps: in the order in which they began.
        status: "open" until nothing is left to do.
        giving_up: it has failed, and is being put back.
        result: what came of it, such as the image's id.
        error: why it failed.
    """

    id: str
    kind: str
    region: str
    created: datetime
    request: dict[str, Any]
    version: Literal[1] = 1
    origin: Origin = field(default_factory=Origin)
    instance_ids: tuple[str, ...] = ()
    steps: tuple[StepRecord, ...] = ()
    status: Status = "open"
    giving_up: bool = False
    result: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> OperationRecord:
        """The record that ``to_json`` wrote.

        Raises:
            ValueError: a field is missing, or not of its type.
        """
        return _reader().validate_python(fields)

    def to_json(self) -> str:
        """The record as the text of a file."""
        return json.dumps(asdict(self), indent=1, default=datetime.isoformat)

    def step(self, name: str) -> StepRecord | None:
        """The step of this name, if it has begun."""
        return next((step for step in self.steps if step.name == name), None)

    def with_step(self, new: StepRecord) -> OperationRecord:
        """The record with ``new`` added, or in the place of the step of the same name."""
        if self.step(new.name) is None:
            return replace(self, steps=(*self.steps, new))
        steps = tuple(new if step.name == new.name else step for step in self.steps)
        return replace(self, steps=steps)


@cache
def _reader() -> TypeAdapter[OperationRecord]:
    from pydantic import TypeAdapter

    return TypeAdapter(OperationRecord)
