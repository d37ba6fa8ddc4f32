"""cbs: auto snapshot policies, their disks and the snapshots that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from cvmimg.sandbox.services import agenda, answers, disks, filters, snapshots
from cvmimg.sandbox.services.snapshots import actions
from cvmimg.sandbox.state import documents, ids, timestamps
from cvmimg.sandbox.state.kinds import ApiObject, Disk, SnapshotPolicy
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import ApiError, refusal

_MAX_POLICIES = 30
_MAX_DISKS = 200
_DEFAULT_DAYS = 7
_DAY = 86400
_DAYS_AHEAD = 5 * 366
"""How far to look for the next trigger: February 29th may be years away."""


@action("cbs", "CreateAutoSnapshotPolicy", writes=True)
def create_auto_snapshot_policy(call: Call) -> Answer:
    """Create a policy; a dry run answers only when it would first make a snapshot."""
    _check_schedules(call.params["Policy"])
    _check_retention(call.params)
    held = documents.count(call, disks.POLICY)
    if held >= _MAX_POLICIES:
        raise refusal("LimitExceeded.AutoSnapshotPolicyOutOfQuota", held=held)
    policy: SnapshotPolicy = {
        **documents.new(call, disks.POLICY, ids.new_id(call, "asp")),
        "Name": call.params.get("AutoSnapshotPolicyName", "未命名"),
        "Schedules": call.params["Policy"],
        "Activated": call.params.get("IsActivated", True),
        "Permanent": call.params.get("IsPermanent", False),
        "RetentionDays": call.params.get("RetentionDays", _DEFAULT_DAYS),
        "DiskIds": [],
    }
    trigger = _trigger_time(policy, call.now)
    if call.params.get("DryRun"):
        return {"AutoSnapshotPolicyId": "", "NextTriggerTime": trigger}
    call.store.put(_scheduled(policy, call.now))
    return {"AutoSnapshotPolicyId": policy["Id"], "NextTriggerTime": trigger}


@agenda.acts(disks.POLICY)
def make_snapshots(call: Call, policy: SnapshotPolicy, now: float) -> None:
    """Make a snapshot of each disk of a policy whose time has come; omit the refused ones.

    After a long absence, triggers are skipped whose snapshots would not exist ``now``: expired, or
    permanent and beyond the quota.
    """
    refused = set()
    for identifier in policy["DiskIds"]:
        try:
            _make_snapshot(call, policy, disks.require(call, identifier))
        except ApiError as error:
            refused.add(error.code)
    lifetime = _lifetime(policy)
    if lifetime is None:
        after = now if "InsufficientSnapshotQuota" in refused else call.now
    else:
        after = max(call.now, now - lifetime)
    call.store.put(_scheduled(policy, after))


def _make_snapshot(call: Call, policy: SnapshotPolicy, disk: Disk) -> None:
    actions.refuse_disk(call, disk)
    snapshots.refuse_beyond_quota(call)
    lifetime = _lifetime(policy)
    fields: dict[str, Any] = {"Name": f"auto_{disk['Id']}", "Policy": policy["Id"]}
    if lifetime is not None:
        end = call.now + lifetime
        fields |= {"Gone": end, "Deadline": timestamps.china(end)}
    actions.take(call, disk, disk["Id"], **fields)


def _lifetime(policy: SnapshotPolicy) -> float | None:
    """Return for how many seconds its snapshots are kept; None for ever."""
    return None if policy["Permanent"] else float(policy["RetentionDays"] * _DAY)


def _scheduled(policy: SnapshotPolicy, after: float) -> SnapshotPolicy:
    """Return ``policy``, due at its first trigger after that time if it is in use."""
    in_use = policy["Activated"] and policy["DiskIds"]
    return agenda.scheduled(policy, _next_trigger(policy, after) if in_use else None)


@action("cbs", "DescribeAutoSnapshotPolicies")
def describe_auto_snapshot_policies(call: Call) -> Answer:
    """List policies, newest first by default."""
    listed = documents.listed(call, disks.POLICY)
    found = filters.select(call, filters.wanted(call, listed, "AutoSnapshotPolicyIds"), _FILTERS)
    ordered = filters.in_order(call, found)
    return filters.answer(call, "AutoSnapshotPolicySet", ordered, _to_response)


@action("cbs", "ModifyAutoSnapshotPolicyAttribute", writes=True)
def modify_auto_snapshot_policy_attribute(call: Call) -> None:
    """Change a policy."""
    policy = _require(call, call.params["AutoSnapshotPolicyId"])
    _check_schedules(call.params.get("Policy", []), required="Policy" in call.params)
    _check_retention(call.params)
    changed: Any = {**policy, **documents.given(call, _MEMBERS)}
    call.store.put(_scheduled(changed, call.now))


@action("cbs", "DeleteAutoSnapshotPolicies", writes=True)
def delete_auto_snapshot_policies(call: Call) -> None:
    """Delete policies: all of them, or none if one does not exist."""
    wanted = dict.fromkeys(call.params["AutoSnapshotPolicyIds"])
    for policy in [_require(call, each) for each in wanted]:
        call.store.put({**agenda.scheduled(policy, None), "Gone": call.now})


@action("cbs", "BindAutoSnapshotPolicy", writes=True)
def bind_auto_snapshot_policy(call: Call) -> None:
    """Apply a policy to disks."""
    policy = _require(call, call.params["AutoSnapshotPolicyId"])
    added = [disks.require(call, each)["Id"] for each in _disk_ids(call)]
    for identifier in added:
        if identifier in policy["DiskIds"]:
            raise refusal("InvalidDisk.AlreadyBound", id=identifier)
    if len(policy["DiskIds"]) + len(added) > _MAX_DISKS:
        raise refusal("InvalidParameterValue.BindDiskLimitExceeded", max_disks=_MAX_DISKS)
    call.store.put(_scheduled({**policy, "DiskIds": [*policy["DiskIds"], *added]}, call.now))


@action("cbs", "UnbindAutoSnapshotPolicy", writes=True)
def unbind_auto_snapshot_policy(call: Call) -> None:
    """Stop applying a policy to disks; those it does not apply to are ignored."""
    policy = _require(call, call.params["AutoSnapshotPolicyId"])
    removed = {disks.require(call, each)["Id"] for each in _disk_ids(call)}
    kept = [identifier for identifier in policy["DiskIds"] if identifier not in removed]
    call.store.put(_scheduled({**policy, "DiskIds": kept}, call.now))


@action("cbs", "DescribeDiskAssociatedAutoSnapshotPolicy")
def describe_disk_associated_auto_snapshot_policy(call: Call) -> Answer:
    """List the policies of a disk."""
    disk = disks.require(call, call.params["DiskId"])
    listed = documents.listed(call, disks.POLICY)
    found = [policy for policy in listed if disk["Id"] in policy["DiskIds"]]
    page = [{**_to_response(call, policy), "DiskIdSet": []} for policy in found]
    return {"TotalCount": len(found), "AutoSnapshotPolicySet": page}


def _require(call: Call, identifier: str) -> SnapshotPolicy:
    missing = refusal("InvalidAutoSnapshotPolicyId.NotFound", id=identifier)
    return documents.require(call, disks.POLICY, identifier, missing)


def _disk_ids(call: Call) -> Sequence[str]:
    found = list(dict.fromkeys(call.params.get("DiskIds") or ()))
    if not found:
        raise refusal("MissingParameter", "policies.disk-ids")
    return found


def _check_retention(params: ApiObject) -> None:
    if params.get("IsPermanent") and "RetentionDays" in params:
        raise refusal("InvalidParameter", "policies.retention")


_DAYS = {"DayOfWeek": range(7), "DayOfMonth": range(1, 32)}


def _check_schedules(schedules: Sequence[ApiObject], *, required: bool = True) -> None:
    if not schedules and not required:
        return
    if not schedules or not all(map(_is_valid, schedules)):
        raise refusal("InvalidParameterValue", "policies.schedules")


def _is_valid(schedule: ApiObject) -> bool:
    hours = schedule["Hour"]
    days = [name for name in (*_DAYS, "IntervalDays") if schedule.get(name)]
    return (
        bool(hours)
        and all(hour in range(24) for hour in hours)
        and len(days) == 1
        and all(day in allowed for name, allowed in _DAYS.items() for day in _list(schedule, name))
        and schedule.get("IntervalDays", 1) in range(1, 366)
    )


def _list(schedule: ApiObject, name: str) -> Iterable[int]:
    found: Iterable[int] = schedule.get(name) or ()
    return found


def _trigger_time(policy: ApiObject, now: float) -> str:
    """Return when the policy next makes snapshots, in China time; "" if never."""
    trigger = _next_trigger(policy, now)
    return "" if trigger is None else timestamps.china(trigger)


def _next_trigger(policy: ApiObject, now: float) -> float | None:
    """Return when the policy next makes snapshots, in seconds since the epoch; None if never."""
    start = datetime.fromisoformat(timestamps.china(now))
    first_day = datetime.fromisoformat(timestamps.china(policy["Created"])).date()
    for offset in range(_DAYS_AHEAD):
        day = (start + timedelta(days=offset)).replace(hour=0, minute=0, second=0)
        moments = [
            day.replace(hour=hour)
            for schedule in policy["Schedules"]
            if _is_on(schedule, day, (day.date() - first_day).days)
            for hour in schedule["Hour"]
        ]
        later = [moment for moment in moments if moment > start]
        if later:
            return timestamps.seconds(str(min(later)))
    return None


def _is_on(schedule: ApiObject, day: datetime, elapsed_days: int) -> bool:
    if schedule.get("IntervalDays"):
        return bool(elapsed_days % schedule["IntervalDays"] == 0)
    # In the API, Sunday is 0; for Python, it is day 7 of the ISO week.
    weekday = day.isoweekday() % 7
    return weekday in _list(schedule, "DayOfWeek") or day.day in _list(schedule, "DayOfMonth")


def _to_response(call: Call, policy: SnapshotPolicy) -> Answer:
    return {
        **answers.of("AutoSnapshotPolicy", policy),
        "RetentionDays": 0 if policy["Permanent"] else policy["RetentionDays"],
        "NextTriggerTime": _trigger_time(policy, call.now) if policy["Activated"] else "",
        "DiskIdSet": [each for each in policy["DiskIds"] if documents.own(call, disks.KIND, each)],
        "CreateTime": timestamps.china(policy["Created"]),
    }


_MEMBERS = {
    "AutoSnapshotPolicyName": "Name",
    "Policy": "Schedules",
    "IsActivated": "Activated",
    "IsPermanent": "Permanent",
    "RetentionDays": "RetentionDays",
}
"""The members of a policy, by their names in requests and answers."""
_FILTERS: filters.Known = {
    "auto-snapshot-policy-id": "Id",
    "auto-snapshot-policy-name": "Name",
    "auto-snapshot-policy-state": lambda _: ("NORMAL",),
}
