"""All checks of an image: side by side, and all that fail are told at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from cvmimg.checks import disks, dry_run, instance, name, notices, power, quota
from cvmimg.checks.facts import CheckRequest, Facts, gather
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud.client import Cloud

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
    cloud: Cloud,
    request: CheckRequest,
    *,
    fstab_check: FstabCheck,
    skip: Collection[str] = (),
) -> tuple[Facts, list[CheckResult]]:
    """Look at everything that would make the image fail or not boot; change nothing.

    Args:
        cloud: where to ask.
        request: the image that is wanted.
        fstab_check: looks inside the instance; run beside the dry run.
        skip: ids of checks that the user does not want.

    Returns:
        What the cloud said, and one result for each of ``IDS``, in that order.

    Raises:
        NotFound: the instance or a snapshot does not exist.
        CvmimgError: the cloud could not be asked.
    """
    facts = gather(cloud, request)
    checks: dict[str, Callable[[], CheckResult]] = {
        instance.ID: lambda: instance.check(facts),
        name.ID: lambda: name.check(facts),
        quota.ID: lambda: quota.check(facts),
        power.ID: lambda: power.check(facts),
        disks.ID: lambda: disks.check(facts),
        FSTAB: lambda: fstab_check(facts),
        dry_run.ID: lambda: dry_run.check(cloud, facts),
        notices.CLEARED_PATHS: lambda: notices.cleared_paths(facts),
        notices.SNAPSHOT_COST: lambda: notices.snapshot_cost(facts),
    }
    with ThreadPoolExecutor(max_workers=4) as pool:
        results = list(
            pool.map(lambda check: _skipped(check) if check in skip else checks[check](), IDS)
        )
    return facts, [_without_echo(result, results) for result in results]


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
