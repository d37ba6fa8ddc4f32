"""All checks of an image: all that fail are told at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from cvmimg.checks import disks, dry_run, instance, name, notices, power, quota
from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status

FSTAB = "fstab"
IDS = (
    instance.ID,
    name.ID,
    quota.ID,
    power.ID,
    disks.ID,
    FSTAB,
    dry_run.ID,
    notices.CLEARED_PATHS,
    notices.SNAPSHOT_COST,
)
"""The ids of all checks, in the order in which they are shown."""

FstabCheck = Callable[[Facts], CheckResult]


def run_checks(
    facts: Facts, *, fstab_check: FstabCheck, skip: Collection[str] = ()
) -> list[CheckResult]:
    """Look at everything that would make the image fail or not boot; change nothing.

    Args:
        facts: what the cloud says.
        fstab_check: looks inside the instance.
        skip: ids of checks that the user does not want.

    Returns:
        One result for each of ``IDS``, in that order.

    Raises:
        CvmimgError: the cloud could not be asked.
    """
    checks: dict[str, Callable[[Facts], CheckResult]] = {
        instance.ID: instance.check,
        name.ID: name.check,
        quota.ID: quota.check,
        power.ID: power.check,
        disks.ID: disks.check,
        FSTAB: fstab_check,
        dry_run.ID: dry_run.check,
        notices.CLEARED_PATHS: notices.cleared_paths,
        notices.SNAPSHOT_COST: notices.snapshot_cost,
    }
    results = [_skipped(check) if check in skip else checks[check](facts) for check in IDS]
    return [_without_echo(result, results) for result in results]


def passed(results: Collection[CheckResult]) -> bool:
    """Whether no check failed."""
    return all(result.status is not Status.FAIL for result in results)


def _without_echo(result: CheckResult, results: Collection[CheckResult]) -> CheckResult:
    """A refused dry run beside other failures is about the same thing: theirs is the remedy."""
    echoes = result.id == dry_run.ID and any(
        other.status is Status.FAIL for other in results if other.id not in (dry_run.ID, FSTAB)
    )
    return replace(result, remedy="") if echoes else result


def _skipped(check: str) -> CheckResult:
    return CheckResult(check, Status.SKIP, f"skipped by --skip-check {check}")
