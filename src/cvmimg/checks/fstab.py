"""Check ``fstab``: an instance started from the image, without the data disks, boots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud.models import Instance
from cvmimg.errors import PreconditionFailed
from cvmimg.guest.access import AGENT, AccessMethod, GuestAccess
from cvmimg.guest.errors import Reason
from cvmimg.guest.facts import GuestFacts, from_copy
from cvmimg.guest.fstab.devices import CloudDisk
from cvmimg.guest.fstab.fix import plan_fix
from cvmimg.guest.fstab.rules import Level
from cvmimg.guest.fstab.verdict import Verdict, judge, worst
from cvmimg.guest.read import GuestUnreadable, read_guest

ID = "fstab"
_MOST_LINES = 20


class FstabCheck:
    """The look into one instance: asked once, and remembered for the fix.

    Args:
        access: runs scripts in the instance.
        method: which way that is, or the copy of fstab to read instead.
    """

    def __init__(self, access: GuestAccess, method: AccessMethod = AGENT) -> None:
        self._access = access
        self._method = method
        self._seen: GuestFacts | None = None
        self._verdicts: list[Verdict] = []

    def check(self, facts: Facts) -> CheckResult:
        """Judge every line of fstab; where it cannot be seen, say why and the ways on.

        Rests on RunCommand and DescribeInvocationTasks, unless there is another way in.

        Raises:
            CvmimgError: the cloud could not be asked.
        """
        instance = facts.instance
        if instance is None:
            return CheckResult(ID, Status.SKIP, "the image is made from snapshots")
        if instance.is_windows:
            return CheckResult(ID, Status.SKIP, "not applicable: Windows has no /etc/fstab")
        seen = self._look(instance)
        if isinstance(seen, GuestUnreadable):
            return _not_seen(facts, instance, seen)
        self._seen = seen
        self._verdicts = judge(seen, cloud_disks(facts, instance))
        return _judged(facts, seen, self._verdicts)

    def plan_fix(self, operation_id: str) -> dict[str, Any] | None:
        """The plan to take out what ``check`` found, as JSON; None if there is nothing to do.

        Raises:
            PreconditionFailed: it found what cannot be taken out, or only saw a copy.
        """
        if self._seen is None:
            return None
        plan = plan_fix(self._seen, self._verdicts, operation_id)
        if plan is not None and self._method.fstab_copy is not None:
            raise PreconditionFailed(
                "--fix-fstab needs a way into the instance; a copy of the file is none",
                code="FstabNotFixable",
                hint="leave out --fstab-file, or mend the file in the instance by hand",
            )
        return plan.to_json() if plan else None

    def _look(self, instance: Instance) -> GuestFacts | GuestUnreadable:
        if self._method.fstab_copy is not None:
            return from_copy(self._method.fstab_copy)
        if instance.instance_state != "RUNNING":
            return GuestUnreadable(Reason.STOPPED, f"{instance.instance_id} is not running")
        if self._method.uses_agent and not instance.virtual_private_cloud.vpc_id:
            return GuestUnreadable(
                Reason.NOT_IN_VPC,
                f"{instance.instance_id} is not in a VPC, where the automation agent works",
            )
        return read_guest(self._access)


def cloud_disks(facts: Facts, instance: Instance) -> list[CloudDisk]:
    """The instance's disks, and which of them the image will hold."""
    system = instance.system_disk
    chosen = facts.chosen_data_disk_ids
    return [
        CloudDisk(system.disk_id, system.disk_size, is_system=True, in_image=True),
        *(
            CloudDisk(disk.disk_id, disk.disk_size, in_image=disk.disk_id in chosen)
            for disk in instance.data_disks
        ),
    ]


def _judged(facts: Facts, seen: GuestFacts, verdicts: Sequence[Verdict]) -> CheckResult:
    status = Status(worst(verdicts).value)
    bad = [verdict for verdict in verdicts if verdict.level is Level.FAIL]
    odd = [verdict for verdict in verdicts if verdict.level is Level.WARN]
    detail = _listed([*bad, *odd])
    if bad:
        what = _counted(bad)
        summary = f"{what} would keep new instances from booting"
        return CheckResult(ID, status, summary, detail, _remedy(facts, bad))
    if odd:
        summary = f"new instances boot, but {_counted(odd)} deserve{_s(odd)} a look"
        return CheckResult(ID, status, summary, detail)
    if seen.fstab is None:
        return CheckResult(ID, status, "there is no /etc/fstab")
    return CheckResult(ID, status, "no line of /etc/fstab needs a disk that new instances lack")


def _counted(verdicts: Sequence[Verdict]) -> str:
    lines = sum(1 for verdict in verdicts if verdict.line)
    others = len(verdicts) - lines
    parts = [f"{lines} line{'' if lines == 1 else 's'} of /etc/fstab"] if lines else []
    parts += [f"{others} other mount{'' if others == 1 else 's'}"] if others else []
    return " and ".join(parts)


def _s(verdicts: Sequence[Verdict]) -> str:
    return "s" if len(verdicts) == 1 else ""


def _listed(verdicts: Sequence[Verdict]) -> str:
    lines = [f"{verdict}: {verdict.why}" for verdict in verdicts[:_MOST_LINES]]
    more = len(verdicts) - len(lines)
    return "\n".join([*lines, f"and {more} more"] if more else lines)


def _remedy(facts: Facts, bad: Sequence[Verdict]) -> str:
    places = ", ".join(verdict.where for verdict in bad[:_MOST_LINES])
    return (
        "let them be commented out while the image is made, and put back afterwards:\n"
        f"{facts.request.create_command('--fix-fstab')}\n"
        f"or mend them in the instance: {places} (nofail lets a boot go on without a disk)"
    )


def _not_seen(facts: Facts, instance: Instance, not_seen: GuestUnreadable) -> CheckResult:
    attached = ", ".join(f"{disk.disk_id} ({disk.disk_size} GiB)" for disk in instance.data_disks)
    if attached:
        return CheckResult(
            ID,
            Status.FAIL,
            f"/etc/fstab cannot be seen, and data disks are attached: {attached}",
            not_seen.why,
            _ways_on(facts, instance, not_seen.reason),
        )
    return CheckResult(
        ID,
        Status.WARN,
        "/etc/fstab cannot be seen; no data disk is attached",
        not_seen.why,
        _ways_on(facts, instance, not_seen.reason),
    )


def _ways_on(facts: Facts, instance: Instance, reason: Reason) -> str:
    again = facts.request.create_command
    ways = []
    if reason is Reason.STOPPED:
        ways.append(
            "start the instance, so that it can be looked into:\n"
            f"tccli cvm StartInstances --region {facts.region}"
            f" --InstanceIds '[\"{instance.instance_id}\"]'"
        )
    elif reason in (Reason.AGENT_OFFLINE, Reason.AGENT_MISSING):
        ways.append(
            "install or start the automation agent (TAT) in the instance:"
            " systemctl enable --now tat_agent"
        )
    if reason is not Reason.STOPPED:
        ways.append("look in over SSH:\n" + again("--guest", "ssh", "--ssh-host", "HOST"))
    ways += [
        "give a copy of the file:\n" + again("--fstab-file", "PATH"),
        "or, if you know that it names no data disk:\n" + again("--skip-check", "fstab"),
    ]
    return "\n".join(ways)
