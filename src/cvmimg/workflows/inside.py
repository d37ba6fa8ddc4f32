"""What ``create`` needs of the inside of an instance: the look at fstab, and its fix."""

from __future__ import annotations

from typing import Any, Protocol

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult
from cvmimg.guest.channel import Channel


class Inside(Protocol):
    """A way to look into the source instance and to change its fstab for a while."""

    def check(self, facts: Facts) -> CheckResult:
        """The check ``fstab``; looks into the instance."""

    def plan_fix(self, operation_id: str) -> dict[str, Any] | None:
        """The plan to take out what the check found, as JSON; None if nothing is to be taken out.

        Raises:
            PreconditionFailed: the inside could not be seen, or what it found cannot be taken out.
        """

    def channel(self) -> Channel:
        """The way in."""
