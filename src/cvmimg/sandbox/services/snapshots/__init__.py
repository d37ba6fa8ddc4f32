"""Snapshots: documents, states and the images that use them."""

from __future__ import annotations

from typing import Any, cast

from cvmimg.sandbox.services import answers, resource_tags
from cvmimg.sandbox.state import documents, kinds, tasks, timestamps
from cvmimg.sandbox.state.kinds import Disk, Image, Snapshot
from cvmimg.sandbox.wire.call import Answer, Call
from cvmimg.sandbox.wire.errors import ApiError, refusal

KIND = kinds.SNAPSHOT
QUOTA = kinds.SNAPSHOT_QUOTA

_BASE_SECONDS, _SECONDS_PER_GIB = 30.0, 6.0


def work_seconds(gib: int) -> float:
    """Return how long a snapshot takes: 5.5 minutes for 50 GiB."""
    return _BASE_SECONDS + gib * _SECONDS_PER_GIB


def new(call: Call, identifier: str, disk: Disk, seconds: float, **fields: Any) -> Snapshot:
    """Return the document of a snapshot of ``disk`` that ``call`` starts to create.

    Args:
        call: the request.
        identifier: id of the snapshot.
        disk: the source.
        seconds: duration.
        fields: members other than the disk's, such as ``Name``, ``Images`` and ``Tags``.
    """
    made = {
        **documents.new(call, KIND, identifier),
        "Parent": disk["Id"],
        "Name": "",
        "DiskUsage": disk["DiskUsage"],
        "SizeGib": disk["SizeGib"],
        "Zone": disk["Zone"],
        "Encrypt": disk["Encrypt"],
        "FileSystem": disk["FileSystem"],
        "Images": [],
        "Tags": [],
        "Locked": False,
        "Task": tasks.new(call.now, seconds, call.task_fault),
        **fields,
    }
    return cast("Snapshot", made)


def state(snapshot: Snapshot, now: float) -> str:
    """Return its SnapshotState."""
    if snapshot.get("Recycled", now + 1) <= now:
        return "TORECYCLE"
    return "CREATING" if tasks.running(snapshot["Task"], now) else "NORMAL"


def require(call: Call, identifier: str, code: str = "InvalidSnapshotId.NotFound") -> Snapshot:
    """Return the caller's snapshot of that id.

    Raises:
        ApiError: with ``code``.
    """
    return documents.require(call, KIND, identifier, not_found(identifier, code))


def not_found(identifier: str, code: str) -> ApiError:
    """Return the error of a snapshot that does not exist."""
    return refusal(code, "snapshots.not-found", id=identifier)


def refuse_beyond_quota(call: Call, more: int = 1) -> None:
    """Refuse to exceed the quota of the region with ``more`` snapshots.

    Raises:
        ApiError: InsufficientSnapshotQuota.
    """
    allowed = call.store.get(QUOTA, call.account)
    held = documents.count(call, KIND)
    if allowed is not None and held + more > allowed["Value"]:
        raise refusal("InsufficientSnapshotQuota", value=allowed["Value"], region=call.region)


def begin_deletion(call: Call, snapshot: Snapshot, seconds: float) -> None:
    """Start to delete a snapshot, or to move it to the recycle bin."""
    end = "Recycled" if call.settings.recycle_bin else "Gone"
    call.store.put({**snapshot, end: call.now + seconds})


def of_disk(call: Call, disk_id: str) -> list[Snapshot]:
    """Return the snapshots of a disk."""
    return [
        snapshot
        for snapshot in call.store.children(KIND, disk_id)
        if documents.exists(snapshot, call.now)
    ]


def images(call: Call, snapshot: Snapshot) -> list[Image]:
    """Return the images that use it."""
    found = (call.store.get(kinds.IMAGE, identifier) for identifier in snapshot["Images"])
    return [image for image in found if image is not None and documents.exists(image, call.now)]


def placement(zone: str) -> Answer:
    """Return the Placement of a disk or snapshot."""
    return {
        **answers.of("Placement"),
        "Zone": zone,
    }


def to_response(call: Call, snapshot: Snapshot) -> Answer:
    """Return the snapshot as DescribeSnapshots returns it."""
    using = images(call, snapshot)
    task = snapshot["Task"]
    return {
        **answers.of("Snapshot", snapshot),
        "SnapshotName": snapshot["Name"] or "未命名",
        "SnapshotState": state(snapshot, call.now),
        "Percent": tasks.percent(task, call.now) if task else 100,
        "CreateTime": timestamps.china(snapshot["Created"]),
        **({"AutoSnapshotPolicyId": snapshot["Policy"]} if "Policy" in snapshot else {}),
        "DeadlineTime": snapshot.get("Deadline", ""),
        "IsPermanent": "Deadline" not in snapshot,
        "CopyFromRemote": snapshot.get("CopyFromRemote", False),
        "Images": [{"ImageId": image["Id"], "ImageName": image["Name"]} for image in using],
        "ImageCount": len(using),
        "Tags": resource_tags.of(snapshot, call.now),
        "Placement": placement(snapshot["Zone"]),
    }
