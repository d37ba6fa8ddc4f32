"""What the checks go by: the request, and what the cloud says, gathered once and side by side."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypeVar

from cvmimg.checks.image_use import image_uses
from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.answers import FILTER_VALUES
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Disk, Image, Instance, Snapshot, SnapshotOverview
from cvmimg.errors import CloudRefused, CredentialsError, NotFound

ASSUMED_QUOTA = 10
"""Custom images a region holds where DescribeImageQuota does not say."""
_REPLACEABLE_SHOWN = 3
_UNFINISHED = ("CREATING", "SYNCING", "IMPORTING")

Power = Literal["auto", "stop", "online"]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class CheckRequest:
    """The image that is wanted, as far as the checks care.

    Attributes:
        instance_id: the source, or empty when ``snapshot_ids`` are.
        name: the image's name; None if it is not known yet (``cvmimg check`` without ``--name``).
        snapshot_ids: the snapshots to make it from, instead of an instance.
        power: whether the instance may be shut down ("stop"), must not be ("online"), or is left
            as it is if that works ("auto").
        data_disk_ids: data disks to put into the image.
        with_data_disks: put all data disks of the instance into the image.
        program: how the user calls the tool, for commands that can be pasted.
    """

    instance_id: str = ""
    name: str | None = None
    snapshot_ids: tuple[str, ...] = ()
    power: Power = "auto"
    data_disk_ids: tuple[str, ...] = ()
    with_data_disks: bool = False
    program: str = "cvmimg"

    def create_command(self, *extra: str) -> str:
        """The ``create`` command of this request with ``extra`` options, to paste."""
        words = ["--instance", self.instance_id, "--name", self.name or "NAME"]
        words += [word for disk in self.data_disk_ids for word in ("--data-disk", disk)]
        words += ["--with-data-disks"] if self.with_data_disks else []
        return f"{self.program} create {shlex.join([*words, *extra])}"


@dataclass(frozen=True)
class Facts:
    """What the cloud says about a request, at one moment.

    Attributes:
        request: what is wanted.
        region: where.
        instance: the source instance; None if the image is made from snapshots.
        source_image: the image the instance was started from; None if it cannot be seen.
        images: all custom images of the region.
        quota: how many custom images the region may hold; None if the API did not say.
        disks: the instance's cloud disks as cbs knows them.
        snapshots: snapshots in the making of these disks, or those that the request names.
        overview: the account's snapshots; None if the API did not say.
        replaceable: where the quota is used up: the oldest images that nothing uses.
    """

    request: CheckRequest
    region: str
    instance: Instance | None = None
    source_image: Image | None = None
    images: list[Image] = field(default_factory=list)
    quota: int | None = None
    disks: list[Disk] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    overview: SnapshotOverview | None = None
    replaceable: list[Image] = field(default_factory=list)

    @property
    def allowed(self) -> int:
        """How many custom images the region may hold, as told or assumed."""
        return ASSUMED_QUOTA if self.quota is None else self.quota

    @property
    def chosen_data_disk_ids(self) -> tuple[str, ...]:
        """The ids of the data disks that go into the image."""
        if self.request.with_data_disks and self.instance is not None:
            return tuple(disk.disk_id for disk in self.instance.data_disks if disk.disk_id)
        return self.request.data_disk_ids

    @property
    def image_gib(self) -> int:
        """The size of all disks in the image, in GiB: what its snapshots hold at the most."""
        if self.instance is None:
            return sum(snapshot.disk_size for snapshot in self.snapshots)
        chosen = self.chosen_data_disk_ids
        data = sum(d.disk_size for d in self.instance.data_disks if d.disk_id in chosen)
        return self.instance.system_disk.disk_size + data


def gather(cloud: Cloud, request: CheckRequest) -> Facts:
    """Ask the cloud all that the checks need, side by side.

    Rests on DescribeInstances, DescribeImages, DescribeImageQuota, DescribeDisks,
    DescribeSnapshots and DescribeSnapshotOverview.

    Raises:
        NotFound: the instance, or a snapshot, does not exist.
        CvmimgError: the cloud could not be asked.
    """
    with ThreadPoolExecutor(max_workers=8) as pool:
        images = pool.submit(cvm.describe_images, cloud, image_type=cvm.PRIVATE)
        quota = pool.submit(_if_told, lambda: cvm.describe_image_quota(cloud))
        overview = pool.submit(_if_told, lambda: cbs.describe_snapshot_overview(cloud))
        source = _gather_instance if request.instance_id else _gather_snapshots
        details = source(cloud, request, pool)
        facts = Facts(
            request,
            cloud.region,
            images=images.result(),
            quota=quota.result(),
            overview=overview.result(),
            **details,
        )
    if len(facts.images) < facts.allowed:
        return facts
    return replace(facts, replaceable=oldest_unused(cloud, facts.images)[:_REPLACEABLE_SHOWN])


def oldest_unused(cloud: Cloud, images: Sequence[Image]) -> list[Image]:
    """Those of ``images`` that are ready and that nothing uses, the oldest first."""
    ready = [image for image in images if image.image_state not in _UNFINISHED]
    uses = image_uses(cloud, ready)
    unused = [image for image in ready if uses[image.image_id].free]
    return sorted(unused, key=created)


def _gather_instance(
    cloud: Cloud, request: CheckRequest, pool: ThreadPoolExecutor
) -> dict[str, Any]:
    disks = pool.submit(
        _if_told, lambda: cbs.describe_disks(cloud, instance_id=request.instance_id)
    )
    instance = cvm.describe_instance(cloud, request.instance_id)
    images: Future[list[Image]] = pool.submit(cvm.describe_images_by_id, cloud, [instance.image_id])
    disk_ids = [instance.system_disk.disk_id, *(d.disk_id for d in instance.data_disks)]
    snapshots = pool.submit(_if_told, lambda: _snapshots_in_progress(cloud, disk_ids))
    return {
        "instance": instance,
        "source_image": next(iter(images.result()), None),
        "disks": disks.result() or [],
        "snapshots": snapshots.result() or [],
    }


def _snapshots_in_progress(cloud: Cloud, disk_ids: list[str]) -> list[Snapshot]:
    wanted = [disk_id for disk_id in disk_ids if disk_id]
    found: list[Snapshot] = []
    for start in range(0, len(wanted), FILTER_VALUES):
        found += cbs.describe_snapshots(
            cloud, disk_id=wanted[start : start + FILTER_VALUES], snapshot_state="CREATING"
        )
    return found


def _gather_snapshots(cloud: Cloud, request: CheckRequest, _: ThreadPoolExecutor) -> dict[str, Any]:
    snapshots = cbs.describe_snapshots(cloud, snapshot_ids=list(request.snapshot_ids))
    missing = set(request.snapshot_ids) - {snapshot.snapshot_id for snapshot in snapshots}
    if missing:
        raise NotFound(
            f"--snapshot: {', '.join(sorted(missing))} does not exist in {cloud.region}",
            code="InvalidParameter.SnapshotNotFound",
            hint="check the id and --region",
        )
    return {"snapshots": snapshots}


def _if_told(ask: Callable[[], Answer]) -> Answer | None:
    """The answer, or None where the API refuses to say (no permission, no such service)."""
    try:
        return ask()
    except CloudRefused:
        return None
    except CredentialsError as error:
        if error.code.startswith("AuthFailure") and "UnauthorizedOperation" not in error.code:
            raise
        return None


def created(image: Image) -> datetime:
    """When an image was made, for sorting; unknown sorts first."""
    return image.created_time or datetime.fromisoformat("1970-01-01T00:00:00+00:00")
