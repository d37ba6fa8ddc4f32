"""All checks, in the order in which they are shown.

A check ``some-id`` is the function ``check`` of the module ``some_id`` beside this one; one of a
group is the function ``some_id`` of the group's module, and is called only where the guest was
read. "check.some-id" is the message that says what it is for. The modules are imported when the
checks run, so that the ids cost nothing to ``--help``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import groupby
from typing import TYPE_CHECKING, Literal

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
        group: the name under which it is shown with others; empty for one that stands alone.
    """

    id: str
    needs_guest: bool = False
    group: str = ""

    @property
    def why(self) -> Message:
        """What it is for."""
        return Message(f"check.{self.id}")

    def is_in(self, names: Collection[str]) -> bool:
        """Return whether its id or its group is among ``names``."""
        return self.id in names or self.group in names

    def run(self, facts: Facts) -> CheckResult:
        """Check ``facts``."""
        module = import_module(f"cvmimg.checks.{_module_name(self.group or self.id)}")
        if not self.group:
            result: CheckResult = module.check(facts)
        elif facts.guest is None or not getattr(facts.guest, "has_devices", False):
            result = skipped("GuestNotRead")
        else:
            result = getattr(module, _module_name(self.id))(facts.guest, facts)
        return replace(result, id=self.id)


CHECKS = (
    Check("instance"),
    Check("name"),
    Check("quota"),
    Check("power"),
    Check("disks"),
    Check("fstab", needs_guest=True),
    Check("system-disks", needs_guest=True, group="boot"),
    Check("kernel-options", needs_guest=True, group="boot"),
    Check("initramfs", needs_guest=True, group="boot"),
    Check("pending-reboot", needs_guest=True, group="boot"),
    Check("packages", needs_guest=True, group="boot"),
    Check("free-space", needs_guest=True, group="boot"),
    Check("accounts", needs_guest=True, group="boot"),
    Check("selinux-relabel", needs_guest=True, group="boot"),
    Check("cloud-init", needs_guest=True, group="identity"),
    Check("datasource", needs_guest=True, group="identity"),
    Check("network", needs_guest=True, group="identity"),
    Check("network-config", needs_guest=True, group="identity"),
    Check("machine-id", needs_guest=True, group="identity"),
    Check("host-keys", needs_guest=True, group="identity"),
    Check("hostname", needs_guest=True, group="identity"),
    Check("agents", needs_guest=True, group="identity"),
    Check("disk-growth", needs_guest=True, group="identity"),
    Check("private-keys", needs_guest=True, group="secrets"),
    Check("authorized-keys", needs_guest=True, group="secrets"),
    Check("credentials", needs_guest=True, group="secrets"),
    Check("histories", needs_guest=True, group="secrets"),
    Check("passwords", needs_guest=True, group="secrets"),
    Check("databases", needs_guest=True, group="consistency"),
    Check("cluster-members", needs_guest=True, group="consistency"),
    Check("dry-run"),
    Check("cleared-paths"),
    Check("snapshot-cost"),
)
IDS = tuple(check.id for check in CHECKS)
GROUPS = tuple(dict.fromkeys(check.group for check in CHECKS if check.group))
_GROUP_OF = {check.id: check.group for check in CHECKS}
_SEVERITY = (Status.FAIL, Status.WARN, Status.PASS, Status.SKIP)


def needs_guest(skip: Collection[str]) -> bool:
    """Return whether a check that is not skipped needs the guest to be read."""
    return any(check.needs_guest and not check.is_in(skip) for check in CHECKS)


def run_checks(
    facts: Facts, skip: Collection[str] = (), *, fail_on: Literal["warn", "fail"] = "fail"
) -> list[CheckResult]:
    """Run all checks on facts; nothing is asked and nothing is changed.

    Args:
        facts: what the cloud and the guest say.
        skip: ids and groups of checks that the user skips.
        fail_on: "warn" to make every warning a failure.

    Returns:
        One result for each of ``CHECKS``, in that order.
    """
    results = [
        replace(skipped("CheckSkipped", check=check.id), id=check.id)
        if check.is_in(skip)
        else check.run(facts)
        for check in CHECKS
    ]
    if fail_on == "warn":
        results = [_without_leniency(result) for result in results]
    return _without_repeated_remedy(results)


def failed(results: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the results that refuse the image."""
    return [result for result in results if result.status is Status.FAIL]


def by_group(results: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the results for people: those of a group as one, with the details of what is wrong."""
    shown: list[CheckResult] = []
    for group, found in groupby(results, key=lambda result: _GROUP_OF.get(result.id, "")):
        members = list(found)
        shown += [_combined(group, members)] if group else members
    return shown


def _combined(group: str, results: list[CheckResult]) -> CheckResult:
    statuses = {result.status for result in results}
    status = next(each for each in _SEVERITY if each in statuses)
    reported = [result for result in results if result.status in (Status.WARN, Status.FAIL)]
    if status is Status.SKIP:
        return CheckResult(status, results[0].summary, id=group)
    if not reported:
        summary = Message("GroupPassed", count=len(results))
        return CheckResult(status, summary, id=group)
    details = tuple(
        Message("check.summary", check=result.id, summary=result.summary) for result in reported
    )
    remedies = tuple(
        Message("check.remedy", check=result.id, remedy=remedy)
        for result in reported
        for remedy in result.remedies
    )
    summary = Message("GroupReported", reported=len(reported), count=len(results))
    return CheckResult(status, summary, details, remedies, group)


def _without_leniency(result: CheckResult) -> CheckResult:
    return replace(result, status=Status.FAIL) if result.status is Status.WARN else result


def _module_name(name: str) -> str:
    return name.replace("-", "_")


def _without_repeated_remedy(results: list[CheckResult]) -> list[CheckResult]:
    """Drop the remedy of a refused dry run where another failed check explains the refusal."""
    explained = any(
        check.status is Status.FAIL and not _GROUP_OF[check.id]
        for check in results
        if check.id not in ("dry-run", "fstab")
    )
    return [
        replace(result, remedies=()) if explained and result.id == "dry-run" else result
        for result in results
    ]
