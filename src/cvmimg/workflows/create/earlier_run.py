"""An earlier run of the operation that the user named, on a machine whose journal is lost.

What it has left changed is restored first. Then the operation continues: with its image, if it has
requested one, or else from the beginning.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from cvmimg.cloud import cvm
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.find_ours import find_copy
from cvmimg.cloud.models import Image, Instance
from cvmimg.cloud.operation_tag import operation_tag
from cvmimg.cloud.own_tags import COPIED_FROM_TAG, OPERATION_TAG, SOURCE_TAG
from cvmimg.cloud.states import IMAGE_IN_PROGRESS, IMAGE_READY
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.instance_tag import UsedElsewhere
from cvmimg.durable.session import Session
from cvmimg.errors import PreconditionFailed
from cvmimg.guest.access import AccessMethod
from cvmimg.message import Message
from cvmimg.workflows.create.request import CreateRequest

if TYPE_CHECKING:
    from cvmimg.workflows.recovery.find import Unfinished


def find_earlier_run(
    session: Session, request: CreateRequest, method: AccessMethod
) -> list[Unfinished]:
    """Find what an earlier run has left changed, if the user says that it is over.

    Raises:
        CvmimgError: the cloud could not be queried.
    """
    if not request.take_over or request.dry_run:
        return []
    # Not for every create: probes are launched with pydantic.
    from cvmimg.workflows.recovery.find import find_of_operation

    found = find_of_operation(session, method, request.operation_id, request.instance_id)
    # Nothing shows that it was running, and this request does not stop it.
    return [one for one in found if request.power == "stop" or not one.was_running_is_unknown]


def restore_after_earlier_run(
    session: Session, unfinished: Unfinished, method: AccessMethod, deadline: Deadline
) -> None:
    """Restore what an earlier run has left changed, once its image is ready if there is one.

    Args:
        session: the cloud and the journal.
        unfinished: as ``find_earlier_run`` found it; the earlier run is over.
        method: how the guest is reached.
        deadline: until when to wait.

    Raises:
        PreconditionFailed: the earlier run is not over, or another operation uses the instance.
        CvmimgError: it could not be restored; the error names the command that continues.
    """
    from cvmimg.workflows.recovery.restore import restore

    restore(session, unfinished, method, undo=False, timeout_seconds=deadline.left)


def require_restored(session: Session, request: CreateRequest, instance: Instance) -> None:
    """Refuse an instance that an earlier run of the operation has not restored.

    Raises:
        UsedElsewhere: it has its tag; the message says where it was running.
    """
    found = operation_tag(instance.tag_map)
    if found is None or not request.operation_id or found.operation_id != request.operation_id:
        return
    raise UsedElsewhere(
        Message(
            "EarlierRunUnfinished",
            operation=request.operation_id,
            instance=instance.instance_id,
            place=found.place,
            command=session.command_line.repeat("--take-over"),
        )
    )


def requested_before(session: Session, request: CreateRequest) -> Image | None:
    """Return the image that an earlier run has requested; None if there is none.

    The image says by its tags which operation and which instance it is of.

    Raises:
        PreconditionFailed: the image is of another request.
    """
    if not request.operation_id or not request.own_tags or request.dry_run:
        return None
    tags = {OPERATION_TAG: request.operation_id}
    for image in cvm.describe_images(session.cloud, image_type=cvm.PRIVATE, tags=tags):
        if image.image_state != IMAGE_READY and image.image_state not in IMAGE_IN_PROGRESS:
            continue
        source = image.tag_map.get(SOURCE_TAG, "")
        if (image.image_name, source) != (request.name, request.instance_id):
            raise PreconditionFailed(
                Message("OperationIdInUse", operation=request.operation_id, kind="create")
            )
        message = Message("ContinuesImage", operation=request.operation_id, image=image.image_id)
        session.progress.notice(message)
        return image
    return None


def copies_made_before(cloud: Cloud, request: CreateRequest, image: Image) -> Mapping[str, str]:
    """Return the ids of the copies that an earlier run has started, by region (DescribeImages)."""
    looks = [partial(_copy_in, cloud, request, image, region) for region in request.copy_to]
    found = zip(request.copy_to, concurrently(looks), strict=True)
    return {region: copy.image_id for region, copy in found if copy is not None}


def _copy_in(cloud: Cloud, request: CreateRequest, image: Image, region: str) -> Image | None:
    there, size = cloud.in_region(region), image.image_size
    copy = find_copy(there, request.operation_id, request.name, size_gib=size)
    if copy is None:
        return None
    source = f"{cloud.region}/{image.image_id}"
    is_older = (
        not copy.created_time or not image.created_time or (copy.created_time < image.created_time)
    )
    is_ours = copy.tag_map.get(COPIED_FROM_TAG, source) == source and not is_older
    return copy if is_ours else None
