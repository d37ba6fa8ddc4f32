"""Find operations that another machine has left unfinished, by what they left in the cloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cvmimg.cloud import cvm
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, Instance
from cvmimg.cloud.operation_tag import OperationTag
from cvmimg.cloud.own_tags import OPERATION_TAG, PROBE_TAG, SOURCE_TAG
from cvmimg.cloud.states import IMAGE_IN_PROGRESS, INSTANCE_ENDED
from cvmimg.durable.session import Session
from cvmimg.errors import TaskFailed
from cvmimg.guest.access import AccessMethod, open_access
from cvmimg.guest.errors import GuestUnreachable
from cvmimg.guest.fstab.find_fixes import GuestTraces, find_traces
from cvmimg.message import Message
from cvmimg.workflows.all_regions import read_regions
from cvmimg.workflows.verify.plan import PROBE_NAME

PROBE = ("probe",)
"""The changes of an operation at an instance that exists for it alone."""
_NO_IMAGES: Mapping[str, Image] = {}


@dataclass(frozen=True)
class Unfinished:
    """An operation that has changed an instance and not restored it.

    Attributes:
        region: of the instance.
        instance_id: which instance.
        instance_state: what it does now.
        operation_id: the operation.
        changes: what it changes temporarily, of ``operation_tag.CHANGES``, or ``PROBE``.
        tag: the instance's tag; None if only the image or the guest shows the operation.
        image: its image, if there is one.
    """

    region: str
    instance_id: str
    instance_state: str
    operation_id: str
    changes: tuple[str, ...]
    tag: OperationTag | None = None
    image: Image | None = None

    @property
    def holder(self) -> str:
        """The operation that works on the instance, if one still does."""
        return self.tag.holder if self.tag else self.operation_id

    @property
    def is_probe(self) -> bool:
        """Whether the operation has launched the instance, to verify an image."""
        return self.changes == PROBE

    @property
    def was_running_is_unknown(self) -> bool:
        """Whether nothing says that the stopped instance was running before."""
        return self.tag is None and self.instance_state == "STOPPED" and not self.is_probe


def find_unfinished(
    session: Session,
    method: AccessMethod,
    instance_ids: Sequence[str] = (),
    *,
    all_regions: bool = False,
) -> list[Unfinished]:
    """Find the operations that may be unfinished; changes nothing.

    Calls DescribeInstances and DescribeImages; of instances without a tag that are the source
    of an image in progress, or that are named, it also reads the guest.

    Args:
        session: the cloud and the progress.
        method: how guests are reached.
        instance_ids: look at these instances alone.
        all_regions: look in every region, side by side.

    Raises:
        NotFound: a named instance does not exist.
        CvmimgError: a region could not be queried; what is found is never silently incomplete.
    """
    find = partial(_find_in_region, session, method, instance_ids)
    return read_regions(session.cloud, find, all_regions=all_regions)


def find_of_operation(
    session: Session, method: AccessMethod, operation_id: str, instance_id: str
) -> list[Unfinished]:
    """Find what one operation has left: an instance that it has changed, and its probes.

    Raises:
        NotFound: the instance does not exist.
        CvmimgError: the cloud could not be queried.
    """
    cloud = session.cloud
    named = [cvm.describe_instance(cloud, instance_id)] if instance_id else []
    changed = _changed(session, method, named, named, _own_images(cloud)) if named else []
    found = [*changed, *_probes(cloud, cvm.describe_instances(cloud, tag_key=PROBE_TAG))]
    return [one for one in found if one.operation_id == operation_id]


def _find_in_region(
    session: Session, method: AccessMethod, instance_ids: Sequence[str], cloud: Cloud
) -> list[Unfinished]:
    session = replace(session, cloud=cloud)
    named = [cvm.describe_instance(cloud, each) for each in instance_ids]
    tagged = named or cvm.describe_instances(cloud, tag_key=OPERATION_TAG)
    images = _own_images(cloud)
    changed = _changed(session, method, tagged, named, images)
    return changed + _probes(cloud, named or cvm.describe_instances(cloud, tag_key=PROBE_TAG))


def _changed(
    session: Session,
    method: AccessMethod,
    instances: Sequence[Instance],
    named: Sequence[Instance],
    images: Sequence[Image],
) -> list[Unfinished]:
    """Return the instances with a tag, and of the others those that show an operation.

    Args:
        session: the cloud and the progress.
        method: how guests are reached.
        instances: those that may have a tag.
        named: those to look into if they have none; else the sources of images in progress.
        images: of operations of this program.
    """
    tagged = [one for one in instances if OPERATION_TAG in one.tag_map]
    others = named or _untagged(session.cloud, tagged, images)
    suspects = [one for one in others if OPERATION_TAG not in one.tag_map]
    looks = [partial(_by_traces, session, method, one, images) for one in suspects]
    shown = [each for several in concurrently(looks) for each in several]
    return [*_by_tags(session, tagged, images), *shown]


def _probes(cloud: Cloud, instances: Iterable[Instance]) -> list[Unfinished]:
    """Return the probe instances among these: the name and the tag are both cvmimg's own."""
    return [
        _unfinished(cloud, instance, instance.tag_map[PROBE_TAG], PROBE)
        for instance in instances
        if PROBE_TAG in instance.tag_map
        and instance.instance_name.startswith(PROBE_NAME)
        and instance.instance_state not in INSTANCE_ENDED
    ]


def _own_images(cloud: Cloud) -> list[Image]:
    """Return the images that operations of this program have requested, newest first."""
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    return [image for image in images if OPERATION_TAG in image.tag_map]


def _by_tags(
    session: Session, instances: Iterable[Instance], images: Iterable[Image]
) -> Iterable[Unfinished]:
    by_operation = {image.tag_map[OPERATION_TAG]: image for image in images}
    for instance in instances:
        value = instance.tag_map[OPERATION_TAG]
        known = OperationTag.parse(value)
        if known is None:
            session.progress.notice(
                Message(
                    "OperationTagUnknown",
                    instance=instance.instance_id,
                    key=OPERATION_TAG,
                    value=value,
                )
            )
            continue
        operation, changes = known.operation_id, known.changes
        yield _unfinished(session.cloud, instance, operation, changes, by_operation, known)


def _untagged(cloud: Cloud, tagged: Sequence[Instance], images: Iterable[Image]) -> list[Instance]:
    """Return the sources of images in progress that have no tag themselves."""
    known = {one.instance_id for one in tagged}
    sources = {
        image.tag_map.get(SOURCE_TAG, "")
        for image in images
        if image.image_state in IMAGE_IN_PROGRESS
    }
    return cvm.describe_instances_by_id(cloud, sorted(sources - known - {""}))


def _by_traces(
    session: Session, method: AccessMethod, instance: Instance, images: Iterable[Image]
) -> list[Unfinished]:
    """Return what the guest and the images in progress of an instance without a tag show."""
    making = {
        image.tag_map[OPERATION_TAG]: image
        for image in images
        if image.tag_map.get(SOURCE_TAG) == instance.instance_id
        and image.image_state in IMAGE_IN_PROGRESS
    }
    if instance.instance_state == "STOPPED":
        # Only an instance that runs shows whether its fstab was changed.
        possible = ("stop",) if instance.is_windows else ("fstab", "stop")
        return [_unfinished(session.cloud, instance, one, possible, making) for one in making]
    traces = _traces(session, method, instance)
    changes: dict[str, tuple[str, ...]] = dict.fromkeys(traces.fixes, ("fstab",))
    if traces.frozen_by:
        changes[traces.frozen_by] = (*changes.get(traces.frozen_by, ()), "freeze")
    return [_unfinished(session.cloud, instance, each, changes[each], making) for each in changes]


def _unfinished(
    cloud: Cloud,
    instance: Instance,
    operation: str,
    changes: tuple[str, ...],
    images: Mapping[str, Image] = _NO_IMAGES,
    tag: OperationTag | None = None,
) -> Unfinished:
    return Unfinished(
        cloud.region,
        instance.instance_id,
        instance.instance_state,
        operation,
        changes,
        tag,
        images.get(operation),
    )


def _traces(session: Session, method: AccessMethod, instance: Instance) -> GuestTraces:
    if instance.instance_state != "RUNNING" or instance.is_windows:
        return GuestTraces({})
    access = open_access(method, session.cloud, instance.instance_id)
    try:
        return find_traces(access)
    except (GuestUnreachable, TaskFailed) as error:
        session.progress.notice(
            Message("TracesNotRead", instance=instance.instance_id, error=error.message)
        )
        return GuestTraces({})
