"""Notice ``snapshot-cost``: how many GiB of snapshots the image keeps."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status, passed
from cvmimg.message import Message


def check(facts: Facts) -> CheckResult:
    """Compute the largest size of the image's snapshots, and how much of it can be charged."""
    if facts.request.snapshot_ids:
        return passed("SnapshotsExist")
    gib, overview = facts.image_gib, facts.overview
    if overview is None:
        return CheckResult(
            Status.SKIP,
            Message("SnapshotSize", gib=gib),
            (Message("snapshot-cost.free-unknown"),),
        )
    free = max(0.0, overview.free_quota - overview.total_size)
    summary = Message("SnapshotCost", gib=gib, charged=max(0.0, gib - free))
    detail = Message(
        "snapshot-cost.free", free=free, quota=overview.free_quota, region=facts.region
    )
    return CheckResult(Status.PASS, summary, (detail,))
