"""What the journal holds about an operation. No secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from cvmimg.durable.actor import Actor
from cvmimg.message import Message

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION = 2

StepStatus = Literal["pending", "done", "reverted"]
Status = Literal["open", "done", "failed", "interrupted", "rolled-back", "detached"]
"""``detached``: nothing is left to revert, and what is still running in the cloud needs no
attention."""


@dataclass(frozen=True)
class StepRecord:
    """A step: its intent (``pending``), and its result.

    Attributes:
        at: when the status was recorded, UTC.
        temporary: it must be reverted before the operation can be closed.
        attempts: how often it was about to be done; grows with each attempt.
        request_ids: the API's ids of the requests that changed something, oldest first.
    """

    name: str
    status: StepStatus
    at: datetime
    outcome: dict[str, Any] = field(default_factory=dict)
    temporary: bool = False
    attempts: int = 0
    request_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Account:
    """Whose credentials began an operation.

    Attributes:
        id: the account's id; empty if the credentials may not ask for it.
        key: a digest of the secret id, to recognize the same key.
    """

    id: str = ""
    key: str = ""


@dataclass(frozen=True)
class Origin:
    """How the cloud was reached, so that an operation is resumed at the same one."""

    profile: str = ""
    endpoint: str = ""
    sandbox: bool = False

    @property
    def cloud(self) -> str:
        """The name of the cloud: "sandbox", an endpoint, or "tencentcloud"."""
        return "sandbox" if self.sandbox else self.endpoint or "tencentcloud"


@dataclass(frozen=True)
class Failure:
    """Why an operation failed: the error's code and its message as JSON."""

    code: str
    message: dict[str, Any]


@dataclass(frozen=True)
class OperationRecord:
    """One operation, as its file in the journal has it.

    Attributes:
        id: such as "op-20261123-1a2b3c".
        kind: such as "create".
        region: where.
        created: when it began, UTC.
        request: what was asked for, as the kind's request type; JSON.
        fingerprint: a digest of what the user asked for, where the user named the operation.
        version: of the file's format.
        origin: how the cloud was reached.
        account: whose credentials began it.
        actor: who began it, and where.
        instance_ids: what it may change; no other operation may meanwhile.
        steps: in the order in which they began.
        status: "open" until nothing is left to do.
        failure: why it failed; set before the status is, when its changes are to be reverted.
        result: what the operation produced, such as the image's id.
        ended: when it was closed, UTC.
    """

    id: str
    kind: str
    region: str
    created: datetime
    request: dict[str, Any]
    version: Literal[2] = 2
    origin: Origin = field(default_factory=Origin)
    account: Account = field(default_factory=Account)
    actor: Actor = field(default_factory=Actor)
    fingerprint: str = ""
    instance_ids: tuple[str, ...] = ()
    steps: tuple[StepRecord, ...] = ()
    status: Status = "open"
    failure: Failure | None = None
    result: dict[str, Any] = field(default_factory=dict)
    ended: datetime | None = None

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> OperationRecord:
        """Read what ``to_json`` wrote.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: a field is missing, or not of its type.
        """
        record = _reader().validate_python(fields)
        times = [record.created, record.ended, *(step.at for step in record.steps)]
        if any(time is not None and time.tzinfo is None for time in times):
            raise ValueError("a time has no time zone")
        if record.failure is not None:
            Message.from_json(record.failure.message)
        return record

    def to_json(self) -> str:
        """Return the record as the text of a file."""
        return json.dumps(vars(self), default=_as_json)

    def step(self, name: str) -> StepRecord | None:
        """Return the step of this name, if it has started."""
        return next((step for step in self.steps if step.name == name), None)

    def with_step(self, new: StepRecord) -> OperationRecord:
        """Return the record with ``new`` added, or in place of the step of the same name."""
        if self.step(new.name) is None:
            return replace(self, steps=(*self.steps, new))
        steps = tuple(new if step.name == new.name else step for step in self.steps)
        return replace(self, steps=steps)

    @property
    def left_to_do(self) -> tuple[str, ...]:
        """The steps that keep the operation from being closed: unknown, or still in force."""
        return tuple(
            step.name
            for step in self.steps
            if step.status == "pending" or (step.temporary and step.status != "reverted")
        )


@cache
def _reader() -> TypeAdapter[OperationRecord]:
    from pydantic import TypeAdapter

    return TypeAdapter(OperationRecord)


def _as_json(part: Any) -> Any:
    """Return a time as ISO 8601, and a part of the record as its fields."""
    return part.isoformat() if isinstance(part, datetime) else vars(part)
