"""Check ``fstab``: an instance that is started from the image, without the data disks, boots."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cvmimg.checks.facts import Facts
from cvmimg.checks.power import start_command
from cvmimg.checks.result import CheckResult, Status, command, passed, skipped
from cvmimg.cloud.models import Instance
from cvmimg.errors import PreconditionFailed
from cvmimg.guest.errors import Reason
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab import fix
from cvmimg.guest.fstab.assessment import Assessment, assess, worst
from cvmimg.guest.fstab.devices import CloudDisk
from cvmimg.guest.fstab.fix import FixPlan
from cvmimg.guest.fstab.rules import Level
from cvmimg.guest.read import GuestUnreadable
from cvmimg.message import Message

_MOST_LINES = 20
_SUSPENDED = {"accounts": "immutable", "selinux-relabel": "relabel-pending"}
"""Checks whose findings can be kept out of an image → what was observed of them."""


def check(facts: Facts) -> CheckResult:
    """Assess every line of fstab; where it could not be read, name the alternatives."""
    instance, guest = facts.instance, facts.guest
    if instance is None:
        return skipped("MadeFromSnapshots")
    if instance.is_windows or guest is None:
        return skipped("NoFstabOnWindows")
    if isinstance(guest, GuestUnreadable):
        return _unreadable(facts, instance, guest)
    return _assessed(facts, guest, assess(guest, cloud_disks(facts, instance)))


def plan_fix(
    facts: Facts, operation_id: str, *, fstab: bool = True, fixes: Collection[str] = ()
) -> FixPlan | None:
    """Plan what is changed in the guest while the image is created; None if nothing has to be.

    Args:
        facts: what was read.
        operation_id: the operation that changes it.
        fstab: whether to take out of fstab what fails the check.
        fixes: ids of checks whose findings are kept out of the image as well.

    Raises:
        PreconditionFailed: what fails cannot be taken out, or only a copy of the file is known.
    """
    if facts.instance is None or not isinstance(facts.guest, GuestFacts):
        return None
    assessments = assess(facts.guest, cloud_disks(facts, facts.instance)) if fstab else []
    suspended = [path for id in fixes for path in sorted(facts.guest.seen(_SUSPENDED[id]))]
    plan = fix.plan_fix(facts.guest, assessments, operation_id, suspended)
    if plan is not None and facts.request.access.fstab_copy is not None:
        raise PreconditionFailed(Message("FstabCopyNotFixable"), code="FstabNotFixable")
    return plan


def cloud_disks(facts: Facts, instance: Instance) -> list[CloudDisk]:
    """Return the instance's disks, and which of them the image will include."""
    system = instance.system_disk
    chosen = facts.chosen_data_disk_ids
    return [
        CloudDisk(system.disk_id, system.disk_size, is_system=True, in_image=True),
        *(
            CloudDisk(disk.disk_id, disk.disk_size, in_image=disk.disk_id in chosen)
            for disk in instance.data_disks
        ),
    ]


def _assessed(facts: Facts, guest: GuestFacts, assessments: Sequence[Assessment]) -> CheckResult:
    status = Status(worst(assessments).value)
    failing = [each for each in assessments if each.level is Level.FAIL]
    warnings = [each for each in assessments if each.level is Level.WARN]
    details = _listed([*failing, *warnings])
    if failing:
        summary = _summary("FstabBlocksBoot", "MountsBlockBoot", failing)
        places = [each.where for each in failing[:_MOST_LINES]]
        remedies = (
            Message("fstab.let-it-be-fixed"),
            command(facts.request.create_command("--fix-fstab")),
            Message("fstab.fix-by-hand", places=places),
        )
        return CheckResult(status, summary, details, remedies)
    if warnings:
        return CheckResult(status, _summary("FstabWarnings", "MountWarnings", warnings), details)
    return passed("FstabMissing" if guest.fstab is None else "FstabReady")


def _summary(of_lines: str, of_mounts: str, assessments: Sequence[Assessment]) -> Message:
    """Return a message with one of these codes: for lines of fstab alone, or for units too."""
    only_lines = all(each.line for each in assessments)
    return Message(of_lines if only_lines else of_mounts, count=len(assessments))


def _listed(assessments: Sequence[Assessment]) -> tuple[Message, ...]:
    listed = [each.described() for each in assessments[:_MOST_LINES]]
    more = len(assessments) - len(listed)
    return (*listed, *([Message("more", count=more)] if more else []))


def _unreadable(facts: Facts, instance: Instance, guest: GuestUnreadable) -> CheckResult:
    attached = [CloudDisk(disk.disk_id, disk.disk_size).described() for disk in instance.data_disks]
    if attached:
        status, summary = Status.FAIL, Message("FstabUnreadable", disks=attached)
    else:
        status, summary = Status.WARN, Message("FstabUnreadableWithoutDataDisks")
    remedies = tuple(_alternatives(facts, instance, guest.reason))
    return CheckResult(status, summary, (guest.message,), remedies)


def _alternatives(facts: Facts, instance: Instance, reason: Reason) -> list[Message]:
    def again(*options: str) -> Message:
        return command(facts.request.create_command(*options))

    ways = []
    if reason is Reason.STOPPED:
        ways += [Message("guest.start-instance"), start_command(facts, instance)]
    else:
        if reason in (Reason.AGENT_OFFLINE, Reason.AGENT_MISSING):
            ways += [Message("guest.install-agent"), command("systemctl enable --now tat_agent")]
        ways += [Message("guest.use-ssh"), again("--guest", "ssh", "--ssh-host", "HOST")]
    return [
        *ways,
        Message("fstab.give-copy"),
        again("--fstab-file", "PATH"),
        Message("fstab.skip"),
        again("--skip-check", "fstab"),
    ]
