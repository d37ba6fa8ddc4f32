"""cbs: CreateSnapshotGroup, DescribeSnapshotGroups and DeleteSnapshotGroup."""

from __future__ import annotations

from cvmimg.sandbox.services import answers, disks, filters, resource_tags, snapshots
from cvmimg.sandbox.services.snapshots import actions
from cvmimg.sandbox.state import documents, ids, kinds, timestamps
from cvmimg.sandbox.state.kinds import Snapshot, SnapshotGroup
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

KIND = kinds.SNAPSHOT_GROUP


class _GroupWithMembers(SnapshotGroup):
    Members: list[Snapshot]


@action("cbs", "CreateSnapshotGroup", writes=True)
def create_snapshot_group(call: Call) -> Answer:
    """Start to create a snapshot of each disk; all have to be attached to one instance."""
    found = disks.requested(call)
    attached_to = {disks.instance_id(disk, call.now) for disk in found}
    if len(attached_to) > 1 or "" in attached_to:
        raise refusal("InvalidDisk.NotSupported", "groups.several-instances")
    for disk in found:
        actions.refuse_disk(call, disk)
    snapshots.refuse_beyond_quota(call, more=len(found))
    name = call.params.get("SnapshotGroupName", "")
    created = [
        actions.take(call, disk, number, Name=f"{name}_{number}" if name else "")
        for number, disk in enumerate(found)
    ]
    group = {
        **documents.new(call, KIND, ids.new_id(call, "sgp")),
        "Name": name,
        "Snapshots": created,
        "ContainsRoot": any(disk["DiskUsage"] == disks.SYSTEM_DISK for disk in found),
        **resource_tags.on_creation(call, call.params.get("Tags", [])),
    }
    call.store.put(group)
    return {"SnapshotGroupId": group["Id"]}


@action("cbs", "DescribeSnapshotGroups")
def describe_snapshot_groups(call: Call) -> Answer:
    """List snapshot groups, newest first."""
    listed = documents.listed(call, KIND)
    groups: list[_GroupWithMembers] = [
        {**group, "Members": _snapshots(call, group)} for group in listed
    ]
    known: filters.Known = {
        "snapshot-group-id": "Id",
        "snapshot-group-name": "Name",
        "snapshot-group-state": lambda group: (_state(call, group["Members"]),),
        "snapshot-id": lambda group: [snapshot["Id"] for snapshot in group["Members"]],
    }
    chosen = filters.select(call, [group for group in groups if group["Members"]], known)
    return filters.answer(call, "SnapshotGroupSet", chosen, _to_response)


@action("cbs", "DeleteSnapshotGroup", writes=True)
def delete_snapshot_group(call: Call) -> None:
    """Start to delete the snapshots of groups: all of them, or none if one cannot be deleted."""
    wanted = [call.params.get("SnapshotGroupId"), *(call.params.get("SnapshotGroupIds") or ())]
    identifiers = list(dict.fromkeys(filter(None, wanted)))
    if not identifiers:
        raise refusal("MissingParameter", "groups.delete-snapshot-group")
    groups = [_require(call, each) for each in identifiers]
    actions.delete(call, [each for group in groups for each in _snapshots(call, group)])
    for group in groups:
        call.store.put({**group, "Gone": call.now})


def _require(call: Call, identifier: str) -> SnapshotGroup:
    missing = refusal("InvalidSnapshotId.NotFound", "groups.missing", id=identifier)
    return documents.require(call, KIND, identifier, missing)


def _snapshots(call: Call, group: SnapshotGroup) -> list[Snapshot]:
    """Return the snapshots of the group that still exist."""
    return documents.owned(call, snapshots.KIND, group["Snapshots"])


def _state(call: Call, members: list[Snapshot]) -> str:
    states = {snapshots.state(snapshot, call.now) for snapshot in members}
    return "CREATING" if "CREATING" in states else "NORMAL"


def _to_response(call: Call, group: _GroupWithMembers) -> Answer:
    members = group["Members"]
    created = timestamps.iso(group["Created"])
    shown = [snapshots.to_response(call, snapshot) for snapshot in members]
    images = {image["ImageId"]: image for each in shown for image in each["Images"]}
    return {
        **answers.of("SnapshotGroup", group),
        "SnapshotGroupState": _state(call, members),
        "SnapshotIdSet": [snapshot["Id"] for snapshot in members],
        "Percent": min(each["Percent"] for each in shown),
        "CreateTime": created,
        "ModifyTime": created,
        "Images": list(images.values()),
        "ImageCount": len(images),
    }
