"""Check ``instance``: it can be imaged at all in the state it is in."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status

ID = "instance"

_RESTRICTED = {
    "EXPIRED": ("has expired", "renew the instance in the console, then try again"),
    "PROTECTIVELY_ISOLATED": (
        "is isolated for security reasons",
        "lift the isolation in the console (it names the reason), then try again",
    ),
}


def check(facts: Facts) -> CheckResult:
    """Whether the instance is RUNNING or STOPPED, unrestricted, and no operation is under way."""
    instance = facts.instance
    if instance is None:
        return CheckResult(ID, Status.SKIP, "the image is made from snapshots, not an instance")
    name = instance.instance_id
    detail = f"{instance.instance_name or name}, {instance.instance_type}, {instance.os_name}"
    if instance.restrict_state in _RESTRICTED:
        what, remedy = _RESTRICTED[instance.restrict_state]
        return CheckResult(ID, Status.FAIL, f"{name} {what}", detail, remedy)
    if instance.operating:
        operation = instance.latest_operation or "an operation"
        return CheckResult(
            ID,
            Status.FAIL,
            f"{operation} is in progress on {name}",
            detail,
            "wait until it has ended, then try again",
        )
    if instance.instance_state not in ("RUNNING", "STOPPED"):
        return CheckResult(
            ID,
            Status.FAIL,
            f"{name} is {instance.instance_state}",
            detail,
            "an image can be made of an instance that is RUNNING or STOPPED",
        )
    return CheckResult(ID, Status.PASS, f"{name} is {instance.instance_state}", detail)
