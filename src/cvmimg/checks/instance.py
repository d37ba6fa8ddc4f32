"""Check ``instance``: the instance is in a state in which it can be imaged."""

from __future__ import annotations

from dataclasses import replace

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status, command, hinted, passed, skipped
from cvmimg.cloud.models import Instance
from cvmimg.cloud.operation_tag import operation_tag
from cvmimg.guest.facts import GuestFacts
from cvmimg.message import Message

_RESTRICTED = {"EXPIRED": "InstanceExpired", "PROTECTIVELY_ISOLATED": "InstanceIsolated"}


def check(facts: Facts) -> CheckResult:
    """Require RUNNING or STOPPED, no restriction, no operation, and Windows for Sysprep."""
    instance = facts.instance
    if instance is None:
        return skipped("MadeFromSnapshots")
    if facts.request.sysprep and not instance.is_windows:
        result = hinted(Status.FAIL, "SysprepNeedsWindows", instance=instance.instance_id)
    else:
        result = _used_elsewhere(facts, instance) or _result(instance)
        if result.status is Status.PASS:
            result = _left_changed(facts, instance) or result
    described = Message(
        "instance.described",
        name=instance.instance_name or instance.instance_id,
        type=instance.instance_type,
        os=instance.os_name,
    )
    return replace(result, details=(described,))


def _used_elsewhere(facts: Facts, instance: Instance) -> CheckResult | None:
    """Refuse an instance that another operation of this program is changing, wherever it runs."""
    found = operation_tag(instance.tag_map)
    if found is None:
        return None
    name, operation = instance.instance_id, found.holder
    words = ("resume", found.operation_id, "--from-cloud", "--take-over")
    restore = facts.request.command_line.command(*words)
    return CheckResult(
        Status.FAIL,
        Message(
            "InstanceUsedElsewhere",
            instance=name,
            operation=operation,
            place=found.place,
            command=restore,
        ),
        remedies=(Message("instance.restore"), command(restore)),
    )


def _left_changed(facts: Facts, instance: Instance) -> CheckResult | None:
    """Warn of an operation that has edited /etc/fstab and not restored it: its machine is lost."""
    unrestored = facts.guest.seen("unrestored") if isinstance(facts.guest, GuestFacts) else ()
    for operation in sorted(unrestored):
        words = ("resume", operation, "--from-cloud", "--instance", instance.instance_id)
        restore = facts.request.command_line.command(*words)
        return CheckResult(
            Status.WARN,
            Message("InstanceLeftChanged", instance=instance.instance_id, operation=operation),
            remedies=(Message("instance.restore-lost"), command(restore)),
        )
    return None


def _result(instance: Instance) -> CheckResult:
    name, state = instance.instance_id, instance.instance_state
    if instance.restrict_state in _RESTRICTED:
        return hinted(Status.FAIL, _RESTRICTED[instance.restrict_state], instance=name)
    if instance.operating:
        operation = instance.latest_operation or Message("instance.some-operation")
        return hinted(Status.FAIL, "OperationInProgress", instance=name, operation=operation)
    if state not in ("RUNNING", "STOPPED"):
        return hinted(Status.FAIL, "InstanceInTransition", instance=name, state=state)
    return passed("InstanceReady", instance=name, state=state)
