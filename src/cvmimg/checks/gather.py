"""Asking the cloud all that the checks go by, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from cvmimg.checks.dry_run import refusal_of
from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.models import Image, Snapshot
from cvmimg.errors import CloudRefused, CredentialsError, NotFound

_REPLACEABLE_SHOWN = 3

Answer = TypeVar("Answer")


def gather(cloud: Cloud, request: CheckRequest, *, dry_run: bool = True) -> Facts:
    """Ask the cloud all that the checks need, side by side.

    Rests on DescribeInstances, DescribeImages, DescribeImageQuota, DescribeDisks,
    DescribeSnapshots, DescribeSnapshotOverview, and CreateImage with DryRun.

    Args:
        cloud: where to ask.
        request: the image that is wanted.
        dry_run: whether to ask for the API's own opinion.

    Raises:
        NotFound: the instance, or a snapshot, does not exist.
        CvmimgError: the cloud could not be asked.
    """
    with ThreadPoolExecutor(max_workers=8) as pool:
        images = pool.submit(cvm.describe_images, cloud, image_type=cvm.PRIVATE)
        quota = pool.submit(_if_told, lambda: cvm.describe_image_quota(cloud))
        overview = pool.submit(_if_told, lambda: cbs.describe_snapshot_overview(cloud))
        source = _gather_instance if request.instance_id else _gather_snapshots
        facts = source(cloud, request, pool, dry_run)
        facts = replace(
            facts, images=images.result(), quota=quota.result(), overview=overview.result()
        )
    if len(facts.images) < facts.allowed:
        return facts
    return replace(facts, replaceable=_replaceable(cloud, facts.images))


def _gather_instance(
    cloud: Cloud, request: CheckRequest, pool: ThreadPoolExecutor, dry_run: bool
) -> Facts:
    disks = pool.submit(
        _if_told, lambda: cbs.describe_disks(cloud, instance_id=request.instance_id)
    )
    instance = cvm.describe_instance(cloud, request.instance_id)
    images: Future[list[Image]] = pool.submit(cvm.describe_images_by_id, cloud, [instance.image_id])
    refusal = pool.submit(refusal_of, cloud, request, instance) if dry_run else None
    disk_ids = [instance.system_disk.disk_id, *(d.disk_id for d in instance.data_disks)]
    snapshots = pool.submit(_if_told, lambda: _snapshots_in_progress(cloud, disk_ids))
    return Facts(
        request,
        cloud.region,
        instance=instance,
        source_image=next(iter(images.result()), None),
        disks=disks.result() or [],
        snapshots=snapshots.result() or [],
        refusal=refusal.result() if refusal else None,
    )


def _snapshots_in_progress(cloud: Cloud, disk_ids: list[str]) -> list[Snapshot]:
    wanted = [disk_id for disk_id in disk_ids if disk_id]
    if not wanted:
        return []
    return cbs.describe_snapshots(cloud, disk_id=wanted, snapshot_state="CREATING")


def _gather_snapshots(
    cloud: Cloud, request: CheckRequest, _: ThreadPoolExecutor, dry_run: bool
) -> Facts:
    snapshots = cbs.describe_snapshots(cloud, snapshot_ids=list(request.snapshot_ids))
    missing = set(request.snapshot_ids) - {snapshot.snapshot_id for snapshot in snapshots}
    if missing:
        raise NotFound(
            f"--snapshot: {', '.join(sorted(missing))} does not exist in {cloud.region}",
            code="InvalidParameter.SnapshotNotFound",
            hint="check the id and --region",
        )
    refusal = refusal_of(cloud, request, None) if dry_run else None
    return Facts(request, cloud.region, snapshots=snapshots, refusal=refusal)


def _replaceable(cloud: Cloud, images: Sequence[Image]) -> list[Image]:
    from cvmimg.checks.image_use import oldest_unused

    return oldest_unused(cloud, images)[:_REPLACEABLE_SHOWN]


def _if_told(ask: Callable[[], Answer]) -> Answer | None:
    """The answer, or None where the API refuses to say (no permission, no such service)."""
    try:
        return ask()
    except (CloudRefused, CredentialsError) as error:
        if locked_out(error.code):
            raise
        return None
