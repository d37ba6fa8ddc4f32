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

from cvmimg.checks.result import CheckResult, Status, hinted, skipped
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
        codes: of a check of a group: the codes of all that it can find.
        fix: who fixes what it finds: ``create --fix`` while the image is created, ``launch --fix``
            when a new instance boots first, or only the user, following the advice.
    """

    id: str
    needs_guest: bool = False
    group: str = ""
    codes: tuple[str, ...] = ()
    fix: Literal["create", "launch", "advice"] = "advice"

    @property
    def why(self) -> Message:
        """What it is for."""
        return Message(f"check.{self.id}")

    @property
    def details(self) -> Message:
        """Why it matters and how it decides, at length; for a check of a group."""
        return Message(f"check.{self.id}.why")

    def is_in(self, names: Collection[str]) -> bool:
        """Return whether its id or its group is among ``names``."""
        return self.id in names or self.group in names

    def run(self, facts: Facts) -> CheckResult:
        """Check ``facts``."""
        module = import_module(f"cvmimg.checks.{_module_name(self.group or self.id)}")
        if not self.group:
            result: CheckResult = module.check(facts)
        else:
            function = getattr(module, _module_name(self.id))
            result = self._unreadable(facts) or function(facts.guest, facts)
        return replace(result, id=self.id)

    def _unreadable(self, facts: Facts) -> CheckResult | None:
        """Return the result of a check of a group where the guest was not read, or else None."""
        windows = facts.instance is not None and facts.instance.is_windows
        if windows is not (self.group == WINDOWS):
            return skipped(_OTHER_SYSTEM)
        if getattr(facts.guest, "was_read", False):
            return None
        if self.group == SECRETS and facts.request.published:
            return hinted(Status.WARN, "SecretsNotChecked")
        return skipped("GuestNotRead")


def _group(name: str, *checks: Check) -> tuple[Check, ...]:
    return tuple(replace(check, group=name, needs_guest=True) for check in checks)


SECRETS, WINDOWS = "secrets", "windows"
_OTHER_SYSTEM = "OtherSystem"
CHECKS = (
    Check("instance"),
    Check("name"),
    Check("quota"),
    Check("power"),
    Check("disks"),
    Check("fstab", needs_guest=True),
    *_group(
        "boot",
        Check("system-disks", codes=("SystemOnDataDisk",)),
        Check("kernel-options", codes=("KernelOptions",)),
        Check("initramfs", codes=("NextKernelMissing", "NextInitramfsMissing", "InitramfsMissing")),
        Check("virtio-drivers", codes=("VirtioMissing", "NvmeMissing")),
        Check("file-systems", codes=("FileSystemReadOnly", "DiskErrors")),
        Check("pending-reboot", codes=("RebootRequired",)),
        Check("packages", codes=("PackagesUnfinished",)),
        Check("free-space", codes=("SystemDiskFull",)),
        Check("accounts", codes=("AccountsImmutable",), fix="create"),
        Check("selinux-relabel", codes=("RelabelPending",), fix="create"),
    ),
    *_group(
        "identity",
        Check("cloud-init", codes=("CloudInitMissing", "CloudInitBroken", "CloudInitDisabled")),
        Check("cloud-init-modules", codes=("ModulesMissing",)),
        Check("datasource", codes=("DatasourceMissing", "OtherDatasource")),
        Check("manual-cache", codes=("CacheTrusted",)),
        Check("network", codes=("StaticNetwork",)),
        Check("network-config", codes=("NetworkConfigDisabled",)),
        Check("machine-id", codes=("MachineIdShared",), fix="launch"),
        Check("host-keys", codes=("HostKeysShared",), fix="launch"),
        Check("hostname", codes=("HostnameKept",), fix="launch"),
        Check("agents", codes=("AgentsRegistered",), fix="launch"),
        Check("disk-growth", codes=("GrowpartMissing", "GrowthDisabled")),
    ),
    *_group(
        SECRETS,
        Check("private-keys", codes=("PrivateKeysIncluded",)),
        Check("authorized-keys", codes=("AuthorizedKeysIncluded",)),
        Check("credentials", codes=("CredentialsIncluded",)),
        Check("histories", codes=("HistoriesIncluded",)),
        Check("passwords", codes=("PasswordsIncluded",)),
    ),
    *_group(
        "consistency",
        Check("databases", codes=("DatabasesRunning",)),
        Check("cluster-members", codes=("ClusterMembersRunning",)),
    ),
    *_group(
        WINDOWS,
        Check("sysprep-state", codes=("SysprepBlocked", "SysprepServicesDisabled")),
        Check("windows-reboot", codes=("WindowsRebootPending",)),
        Check("cloudbase-init", codes=("CloudbaseInitMissing", "CloudbaseInitBroken")),
        Check("antivirus", codes=("AntivirusBlocks",)),
    ),
    Check("dry-run"),
    Check("cleared-paths"),
    Check("snapshot-cost"),
)
IDS = tuple(check.id for check in CHECKS)
GROUPS = tuple(dict.fromkeys(check.group for check in CHECKS if check.group))
CREATE_FIXES = tuple(check.id for check in CHECKS if check.fix == "create")
LAUNCH_FIXES = tuple(check.id for check in CHECKS if check.fix == "launch")
SECRETS_IDS = tuple(check.id for check in CHECKS if check.group == SECRETS)
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
        One result for each of ``CHECKS``, in that order; those of Windows only for Windows.
    """
    results = [
        replace(skipped("CheckSkipped", check=check.id), id=check.id)
        if check.is_in(skip)
        else check.run(facts)
        for check in _applicable(facts)
    ]
    if fail_on == "warn":
        results = [
            replace(result, status=Status.FAIL) if result.status is Status.WARN else result
            for result in results
        ]
    return _without_repeated_remedy(results)


def _applicable(facts: Facts) -> list[Check]:
    windows = facts.instance is not None and facts.instance.is_windows
    return [check for check in CHECKS if windows or check.group != WINDOWS]


def run_group(group: str, facts: Facts, skip: Collection[str] = ()) -> list[CheckResult]:
    """Run the checks of one group that are not skipped."""
    return [each.run(facts) for each in CHECKS if each.group == group and not each.is_in(skip)]


def failed(results: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the results that refuse the image."""
    return [result for result in results if result.status is Status.FAIL]


def by_group(results: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the results for people: those of a group as one, with the details of what is wrong."""
    shown: list[CheckResult] = []
    for group, found in groupby(results, key=lambda result: _GROUP_OF.get(result.id, "")):
        members = list(found)
        if all(result.code == _OTHER_SYSTEM for result in members):
            continue
        shown += [_combined(group, members)] if group else members
    return shown


def _combined(group: str, results: list[CheckResult]) -> CheckResult:
    statuses = {result.status for result in results}
    status = next(each for each in _SEVERITY if each in statuses)
    reported = [result for result in results if result.status in (Status.WARN, Status.FAIL)]
    noticed = [result for result in results if result.is_notice]
    if len({result.code for result in results}) == 1 and not noticed and len(results) > 1:
        alike = results[0]
        summary = alike.summary if alike.code != "NothingFound" else _passed(results)
        return CheckResult(status, summary, remedies=alike.remedies, id=group)
    details = (
        *(Message("check.summary", check=each.id, summary=each.summary) for each in reported),
        *(Message("check.notice", check=each.id, summary=each.summary) for each in noticed),
    )
    remedies = tuple(
        Message("check.remedy", check=result.id, remedy=remedy)
        for result in reported
        for remedy in result.remedies
    )
    if not reported:
        return CheckResult(status, _passed(results), details, id=group)
    summary = Message("GroupReported", reported=len(reported), count=len(results))
    return CheckResult(status, summary, details, remedies, group)


def _passed(results: list[CheckResult]) -> Message:
    return Message("GroupPassed", count=sum(each.status is Status.PASS for each in results))


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
