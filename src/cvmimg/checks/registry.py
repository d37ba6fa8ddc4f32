"""All checks, in the order in which they are shown.

A check ``some-id`` is the function ``check`` of the module ``some_id`` beside this one, and
"check.some-id" is the message that says what it is for. The modules are imported when the checks
run, so that the ids cost nothing to ``--help``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

from cvmimg.checks.result import CheckResult, Status, skipped
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.checks.facts import Facts


@dataclass(frozen=True)
class Check:
    """A check.

    Attributes:
        id: its name for users, such as "dry-run".
        needs_guest: whether it is based on what was read from the guest.
    """

    id: str
    needs_guest: bool = False

    @property
    def why(self) -> Message:
        """What it is for."""
        return Message(f"check.{self.id}")

    def run(self, facts: Facts) -> CheckResult:
        """Check ``facts``."""
        module = import_module(f"cvmimg.checks.{self.id.replace('-', '_')}")
        result: CheckResult = module.check(facts)
        return replace(result, id=self.id)


CHECKS = (
    Check("instance"),
    Check("name"),
    Check("quota"),
    Check("power"),
    Check("disks"),
    Check("fstab", needs_guest=True),
    Check("dry-run"),
    Check("cleared-paths"),
    Check("snapshot-cost"),
)
IDS = tuple(check.id for check in CHECKS)


def needs_guest(skip: Collection[str]) -> bool:
    """Return whether a check that is not skipped needs the guest to be read."""
    return any(check.needs_guest and check.id not in skip for check in CHECKS)


def run_checks(facts: Facts, skip: Collection[str] = ()) -> list[CheckResult]:
    """Run all checks on facts; nothing is asked and nothing is changed.

    Args:
        facts: what the cloud and the guest say.
        skip: ids of checks that the user skips.

    Returns:
        One result for each of ``CHECKS``, in that order.
    """
    results = [
        replace(skipped("CheckSkipped", check=check.id), id=check.id)
        if check.id in skip
        else check.run(facts)
        for check in CHECKS
    ]
    return _without_repeated_remedy(results)


def failed(results: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the results that refuse the image."""
    return [result for result in results if result.status is Status.FAIL]


def _without_repeated_remedy(results: list[CheckResult]) -> list[CheckResult]:
    """Drop the remedy of a refused dry run where another failed check explains the refusal."""
    explained = any(r.status is Status.FAIL and r.id not in ("dry-run", "fstab") for r in results)
    return [
        replace(result, remedies=()) if explained and result.id == "dry-run" else result
        for result in results
    ]
