"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Status(str, Enum):
    """The verdict of one check."""

    PASS = "pass"  # noqa: S105  a verdict
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True)
class CheckResult:
    """The verdict of one check, told in words.

    Attributes:
        id: the check's name in the contract, such as "quota".
        status: the verdict; only FAIL refuses the image.
        summary: one line.
        detail: what it rests on: figures, ids, lines of fstab; may have several lines.
        remedy: what to do about it, as commands that can be pasted where there are any.
    """

    id: str
    status: Status
    summary: str
    detail: str = ""
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """The contract's JSON object of a check."""
        return {
            "id": self.id,
            "status": self.status.value,
            "summary": self.summary,
            "detail": self.detail,
            "remedy": self.remedy,
        }
