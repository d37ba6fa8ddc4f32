"""Notices ``cleared-paths`` and ``snapshot-cost``: what a user should know before an image."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status

CLEARED_PATHS = "cleared-paths"
SNAPSHOT_COST = "snapshot-cost"


def cleared_paths(facts: Facts) -> CheckResult:
    """What Tencent Cloud empties in the image; the instance itself keeps it."""
    instance = facts.instance
    if instance is not None and instance.is_windows:
        return CheckResult(CLEARED_PATHS, Status.SKIP, "nothing is cleared on Windows")
    paths = ["/var/log/*", "/root/.bash_history"]
    if instance is None or "ubuntu" in instance.os_name.lower():
        paths.append("/home/ubuntu/.bash_history")
    return CheckResult(
        CLEARED_PATHS,
        Status.PASS,
        "the image will not hold " + ", ".join(paths),
        "Tencent Cloud clears these in the image; the instance keeps them",
    )


def snapshot_cost(facts: Facts) -> CheckResult:
    """How many GiB of snapshots the image keeps, and how many of them can be charged."""
    gib = facts.image_gib
    summary = f"the image keeps snapshots of up to {gib} GiB"
    if facts.request.snapshot_ids:
        return CheckResult(SNAPSHOT_COST, Status.PASS, "the snapshots exist already")
    if facts.overview is None:
        return CheckResult(
            SNAPSHOT_COST, Status.SKIP, summary, "the API did not say how many GiB are free"
        )
    free = max(0.0, facts.overview.free_quota - facts.overview.total_size)
    charged = max(0.0, gib - free)
    return CheckResult(
        SNAPSHOT_COST,
        Status.PASS,
        f"{summary}, of which up to {charged:g} GiB will be charged",
        f"{free:g} GiB of {facts.overview.free_quota:g} GiB free of charge are left in"
        f" {facts.region}; only data in use is counted",
    )
