"""Quotas, deletions and snapshots."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cvmimg.cli.render import ID, NAME, Column, Result, Row
from cvmimg.cli.terminal import marks
from cvmimg.cli.text import iso
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.cloud.models import Snapshot
    from cvmimg.workflows.delete.operation import DeletionOrder
    from cvmimg.workflows.delete.plan import ImageDeletion
    from cvmimg.workflows.list_snapshots import SnapshotList
    from cvmimg.workflows.quota import RegionQuota

QUOTA_KEYS = ("id", "region", "used", "allowed", "free", "assumed")
DELETED_KEYS = ("id", "name", "snapshot_ids", "kept_snapshot_ids", "freed_gib")
SNAPSHOT_KEYS = (
    "id",
    "name",
    "state",
    "progress",
    "disk_id",
    "usage",
    "size_gib",
    "created_at",
    "images",
    "orphan",
    "locked",
    "tags",
)
_BAR = 20


def quota_list(quotas: Sequence[RegionQuota]) -> Result:
    """Return used and allowed images of regions, with bars."""
    rows = [
        {
            "id": each.region,
            "region": each.region,
            "used": each.used,
            "allowed": each.allowed,
            "free": each.free,
            "assumed": each.assumed,
        }
        for each in quotas
    ]
    columns = (
        Column("REGION", "region", style="bold"),
        Column("USED", "used", right=True),
        Column("ALLOWED", "allowed", _allowed, right=True),
        Column("", text=_bar, style=lambda row: "green" if row["free"] else "red", rank=1),
    )
    return Result(rows, rows, columns, QUOTA_KEYS)


def deleted(order: DeletionOrder) -> Result:
    """Return what was deleted; the order may be empty."""
    rows = [each.as_json() for each in order.everything]
    footer = Message("delete.freed", gib=sum(row["freed_gib"] for row in rows))
    return Result(
        rows, rows, _DELETED, DELETED_KEYS, footer=footer, empty=Message("NothingToDelete")
    )


def planned_deletion(order: DeletionOrder, plans: Sequence[ImageDeletion]) -> Result:
    """Return what would be deleted, with what uses the images."""
    users = {plan.image.image_id: plan.use.describe() for plan in plans}
    rows = [each.as_json() | {"used_by": users.get(each.id, "")} for each in order.everything]
    columns = (*_DELETED, Column("USED BY", "used_by", fit="wrap"))
    footer = Message("delete.would-free", gib=sum(row["freed_gib"] for row in rows))
    keys = (*DELETED_KEYS, "used_by")
    return Result(rows, rows, columns, keys, footer=footer, empty=Message("NothingToDelete"))


def snapshot_json(snapshot: Snapshot) -> dict[str, Any]:
    """Return the JSON object of a snapshot; ``size_gib`` is that of its disk."""
    from cvmimg.workflows.list_snapshots import is_orphan

    return {
        "id": snapshot.snapshot_id,
        "name": snapshot.snapshot_name,
        "state": snapshot.snapshot_state,
        "progress": None if snapshot.snapshot_state == "NORMAL" else snapshot.percent,
        "disk_id": snapshot.disk_id,
        "usage": snapshot.disk_usage,
        "size_gib": snapshot.disk_size,
        "created_at": iso(snapshot.create_time),
        "images": [image.image_id for image in snapshot.images],
        "orphan": is_orphan(snapshot),
        "locked": snapshot.is_locked,
        "tags": snapshot.tag_map,
    }


def snapshot_list(listed: SnapshotList) -> Result:
    """Return snapshots, and the sizes that are charged in the region."""
    rows = [snapshot_json(snapshot) for snapshot in listed.snapshots]
    overview = listed.overview
    document = {
        "snapshots": rows,
        "size_gib": listed.gib,
        "region_gib": _whole(overview.total_size),
        "free_gib": _whole(overview.free_quota),
        "charged_gib": _whole(overview.real_trade_size),
    }
    return Result(
        document,
        rows,
        _SNAPSHOTS,
        SNAPSHOT_KEYS,
        empty=Message("NoSnapshots"),
        footer=Message(
            "snapshots.sum",
            listed=listed.gib,
            region=overview.total_size,
            charged=overview.real_trade_size,
            free=overview.free_quota,
        ),
    )


def made_snapshots(instance_id: str, snapshots: Sequence[Snapshot], elapsed: float) -> Result:
    """Return the snapshots that were created."""
    rows = [snapshot_json(snapshot) for snapshot in snapshots]
    document = {
        "instance_id": instance_id,
        "snapshots": rows,
        "elapsed_seconds": round(elapsed, 1),
    }
    return Result(document, rows, _SNAPSHOTS, SNAPSHOT_KEYS)


def _whole(gib: float) -> float:
    """Return a whole size as an integer."""
    return int(gib) if gib == int(gib) else gib


def _allowed(row: Row) -> str:
    return f"{row['allowed']}{' (assumed)' if row['assumed'] else ''}"


def _bar(row: Row) -> str:
    full = round(_BAR * min(1.0, row["used"] / row["allowed"])) if row["allowed"] else _BAR
    signs = marks(sys.stdout.encoding)
    return signs["full"] * full + signs["empty"] * (_BAR - full)


def _state(row: Row) -> str:
    progress = "" if row["progress"] is None else f" {row['progress']}%"
    return f"{row['state']}{progress}{', locked' if row['locked'] else ''}"


def _used_by(row: Row) -> Sequence[str]:
    return row["images"] or (["nothing"] if row["orphan"] else [])


_DELETED = (
    ID,
    NAME,
    Column("SNAPSHOTS", "snapshot_ids"),
    Column("KEPT", "kept_snapshot_ids", rank=1),
    Column("GIB", "freed_gib", right=True),
)
_SNAPSHOTS = (
    ID,
    Column("NAME", "name", style="bold", fit="shorten", rank=4),
    Column("STATE", "state", _state),
    Column("DISK", "disk_id", rank=2),
    Column("USAGE", "usage", rank=5),
    Column("GIB", "size_gib", right=True, rank=1),
    Column("USED BY", "images", _used_by, style=lambda row: "yellow" if row["orphan"] else ""),
    Column("CREATED (UTC)", "created_at", moment=True, rank=3),
)
