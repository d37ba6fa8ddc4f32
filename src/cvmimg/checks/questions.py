"""What the checks ask the cloud: for one instance, or for all instances of a command at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from cvmimg.checks.facts import is_busy
from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.models import (
    DataDisk,
    Disk,
    Image,
    Instance,
    Snapshot,
    SnapshotOverview,
    SystemDisk,
)
from cvmimg.errors import CloudRefused, CredentialsError, CvmimgError
from cvmimg.guest.read import read_first_parts
from cvmimg.guest.script import ScriptOutput

Answer = TypeVar("Answer")

_REPLACEABLE_SHOWN = 3
_MANY_GUESTS = 2


class Questions:
    """Asks for each image anew."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def instance(self, instance_id: str) -> Instance:
        """Return an instance (DescribeInstances).

        Raises:
            NotFound: it does not exist.
        """
        return cvm.describe_instance(self._cloud, instance_id)

    def images(self) -> list[Image]:
        """Return all custom images of the region (DescribeImages)."""
        return cvm.describe_images(self._cloud, image_type=cvm.PRIVATE)

    def quota(self) -> int | None:
        """Return how many there may be (DescribeImageQuota); None if that may not be asked."""
        return if_permitted(cvm.describe_image_quota, self._cloud)

    def overview(self) -> SnapshotOverview | None:
        """Return what snapshots cost (DescribeSnapshotOverview); None if that may not be asked."""
        return if_permitted(cbs.describe_snapshot_overview, self._cloud)

    def source_image(self, instance: Instance) -> Image | None:
        """Return the image that an instance was launched from, if it can be seen."""
        found = cvm.describe_images_by_id(self._cloud, _source_ids([instance]))
        return found[0] if found else None

    def disks(self, instance: Instance) -> list[Disk]:
        """Return the cloud disks of an instance (DescribeDisks)."""
        wanted = {"instance_id": instance.instance_id}
        return if_permitted(cbs.describe_disks, self._cloud, **wanted) or []

    def snapshots_in_progress(self, instance: Instance) -> list[Snapshot]:
        """Return the snapshots of an instance's disks that are being created."""
        disk_ids = instance.disk_ids
        if not disk_ids:
            return []
        making = {"disk_id": disk_ids, "snapshot_state": "CREATING"}
        return if_permitted(cbs.describe_snapshots, self._cloud, **making) or []

    def guest_output(self, instance: Instance) -> ScriptOutput | None:  # noqa: ARG002
        """Return the first output of the script that reads a guest, if it was run in several."""
        return None

    def replaceable(self, images: Sequence[Image]) -> list[Image]:
        """Return the oldest of these images that nothing uses."""
        from cvmimg.checks.image_use import oldest_unused

        return oldest_unused(self._cloud, images)[:_REPLACEABLE_SHOWN]


class AskedOnce(Questions):
    """Asks once for several instances, when it is created; the answers are from that moment.

    Args:
        cloud: their region.
        instances: as they were just read.
        read_guests: whether to read the guests too, through their agents.

    Raises:
        CvmimgError: the cloud could not be queried.
    """

    def __init__(
        self, cloud: Cloud, instances: Sequence[Instance], *, read_guests: bool = False
    ) -> None:
        super().__init__(cloud)
        self._instances = {one.instance_id: one for one in instances}
        readable = [one.instance_id for one in instances if read_guests and _is_readable(one)]
        with ThreadPoolExecutor(max_workers=7) as pool:
            images = pool.submit(super().images)
            quota = pool.submit(super().quota)
            overview = pool.submit(super().overview)
            sources = pool.submit(cvm.describe_images_by_id, cloud, _source_ids(instances))
            disks = pool.submit(if_permitted, _disks, cloud, instances)
            making = partial(cbs.describe_snapshots, cloud, snapshot_state="CREATING")
            snapshots = pool.submit(if_permitted, making)
            outputs = pool.submit(_guest_outputs, cloud, readable)
        self._images, self._quota = images.result(), quota.result()
        self._overview = overview.result()
        self._sources = {image.image_id: image for image in sources.result()}
        self._disks, self._snapshots = disks.result() or [], snapshots.result() or []
        self._outputs = outputs.result()
        is_full = self._quota is not None and len(self._images) >= self._quota
        self._replaceable = super().replaceable(self._images) if is_full else []

    def instance(self, instance_id: str) -> Instance:
        """Return the instance as it was.

        Raises:
            NotFound: it does not exist.
        """
        return self._instances.get(instance_id) or super().instance(instance_id)

    def images(self) -> list[Image]:
        """Return the images that there were."""
        return self._images

    def quota(self) -> int | None:
        """Return the quota."""
        return self._quota

    def overview(self) -> SnapshotOverview | None:
        """Return what snapshots cost."""
        return self._overview

    def source_image(self, instance: Instance) -> Image | None:
        """Return the image that an instance was launched from, if it can be seen."""
        return self._sources.get(instance.image_id)

    def disks(self, instance: Instance) -> list[Disk]:
        """Return the cloud disks of an instance."""
        return [disk for disk in self._disks if disk.instance_id == instance.instance_id]

    def snapshots_in_progress(self, instance: Instance) -> list[Snapshot]:
        """Return the snapshots of an instance's disks that were being created."""
        disk_ids = instance.disk_ids
        return [one for one in self._snapshots if one.disk_id in disk_ids]

    def guest_output(self, instance: Instance) -> ScriptOutput | None:
        """Return what the script printed in the guest; None where it did not come to its end."""
        return self._outputs.get(instance.instance_id)

    def replaceable(self, images: Sequence[Image]) -> list[Image]:  # noqa: ARG002
        """Return the oldest images that nothing used."""
        return self._replaceable


def if_permitted(ask: Callable[..., Answer], *args: Any, **wanted: Any) -> Answer | None:
    """Return the answer, or None where the API refuses it (no permission, no such service)."""
    try:
        return ask(*args, **wanted)
    except (CloudRefused, CredentialsError) as error:
        if locked_out(error.code):
            raise
        return None


def _disks(cloud: Cloud, instances: Sequence[Instance]) -> list[Disk]:
    # By their own ids, of which a request takes more than of those of instances.
    systems = [one.system_disk for one in instances]
    data_disks = [disk for one in instances for disk in one.data_disks]
    disks: list[SystemDisk | DataDisk] = [*systems, *data_disks]
    ids = [disk.disk_id for disk in disks if disk.disk_type.startswith("CLOUD_")]
    return cbs.describe_disks_by_id(cloud, ids)


def _is_readable(instance: Instance) -> bool:
    runs = instance.instance_state == "RUNNING" and not is_busy(instance)
    return runs and bool(instance.virtual_private_cloud.vpc_id) and not instance.is_windows


def _guest_outputs(cloud: Cloud, instance_ids: Sequence[str]) -> dict[str, ScriptOutput]:
    """Read several guests at once; none where one cannot be read, which is then asked alone."""
    if len(instance_ids) < _MANY_GUESTS:
        return {}
    try:
        return read_first_parts(cloud, instance_ids)
    except CvmimgError:
        return {}


def _source_ids(instances: Sequence[Instance]) -> list[str]:
    return sorted({one.image_id for one in instances if one.image_id})
