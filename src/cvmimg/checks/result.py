"""The result of a check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cvmimg.message import Message


class Status(str, Enum):
    """How a check ended; only FAIL refuses the image."""

    PASS = "pass"  # noqa: S105  not a password
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True)
class CheckResult:
    """The result of one check, without words.

    Attributes:
        status: how it ended.
        summary: one line.
        details: what it is based on, one line each.
        remedies: what to do about it, one line each; a "Command" can be pasted.
        id: the id of the check, such as "quota"; ``run_checks`` fills it in.
    """

    status: Status
    summary: Message
    details: tuple[Message, ...] = ()
    remedies: tuple[Message, ...] = ()
    id: str = ""

    @property
    def is_notice(self) -> bool:
        """Whether it passed with something that may deserve attention."""
        return self.status is Status.PASS and bool(self.remedies)

    @property
    def code(self) -> str:
        """The code of the summary."""
        return self.summary.code

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters of the summary."""
        return self.summary.params

    def as_json(self) -> dict[str, Any]:
        """Return the result for the journal: codes and parameters."""
        return {
            "id": self.id,
            "status": self.status.value,
            "message": self.summary.as_json(),
            "details": [each.as_json() for each in self.details],
            "remedies": [each.as_json() for each in self.remedies],
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> CheckResult:
        """Read what ``as_json`` returned.

        Raises:
            ValueError, KeyError: it is something else.
        """
        return cls(
            Status(fields["status"]),
            Message.from_json(fields["message"]),
            tuple(map(Message.from_json, fields["details"])),
            tuple(map(Message.from_json, fields["remedies"])),
            fields["id"],
        )


def passed(code: str, **params: Any) -> CheckResult:
    """Return a result that passes."""
    return CheckResult(Status.PASS, Message(code, **params))


def hinted(status: Status, code: str, **params: Any) -> CheckResult:
    """Return a result whose remedy is the hint of its code."""
    return CheckResult(status, Message(code, **params), remedies=(Message(f"{code}.hint"),))


def skipped(code: str, **params: Any) -> CheckResult:
    """Return the result of a check that does not apply."""
    return CheckResult(Status.SKIP, Message(code, **params))


def command(text: str) -> Message:
    """Return a remedy that can be pasted into a shell."""
    return Message("Command", command=text)
