"""cvm: ModifyImageAttribute and DeleteImages."""

from __future__ import annotations

from cvmimg.sandbox.services import dry_run, images, snapshots
from cvmimg.sandbox.state.kinds import Image
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

_DELETE_SNAPSHOT_SECONDS = 10.0


@action("cvm", "ModifyImageAttribute", writes=True)
def modify_image_attribute(call: Call) -> None:
    """Change an image's name, description, family or deprecation."""
    image = _changeable(call, call.params["ImageId"])
    images.check_family(call.params.get("ImageFamily", ""))
    name = str(call.params.get("ImageName", image["Name"]))
    if name != image["Name"]:
        images.refuse_taken_name(call, name)
    call.store.put(
        {
            **image,
            "Name": name,
            "Description": call.params.get("ImageDescription", image["Description"]),
            "Family": call.params.get("ImageFamily", image["Family"]),
            "Deprecated": call.params.get("ImageDeprecated", image["Deprecated"]),
        }
    )


@action("cvm", "DeleteImages", writes=True)
def delete_images(call: Call) -> Answer:
    """Start to delete images: all of them, or none if one cannot be deleted."""
    found = [_deletable(call, each) for each in dict.fromkeys(call.params["ImageIds"])]
    if dry_run.requested(call):
        return dry_run.answer(call)
    for image in found:
        images.begin_deletion(call, image)
    if call.params.get("DeleteBindedSnap"):
        _delete_snapshots(call, found)
    return {}


def _deletable(call: Call, identifier: str) -> Image:
    visible = images.require(call, identifier)
    kind = images.image_type(call, visible)
    if kind != images.PRIVATE_IMAGE:
        shared = kind == images.SHARED_IMAGE
        raise refusal(
            "InvalidParameterValue.InvalidImageIdIsShared"
            if shared
            else "InvalidParameterValue.InvalidImageId",
            "modify.deletable",
            id=identifier,
        )
    images.refuse_undeletable(call, visible)
    return visible


def _delete_snapshots(call: Call, deleted: list[Image]) -> None:
    """Delete the snapshots of the images, except locked ones and those that other images use."""
    ids = {image["Id"] for image in deleted}
    for held in (each for image in deleted for each in image["Snapshots"]):
        snapshot = call.store.get(snapshots.KIND, held["SnapshotId"])
        if snapshot is None or call.task_fault is not None:
            continue
        unused = all(image["Id"] in ids for image in snapshots.images(call, snapshot))
        if unused and not snapshot["Locked"]:
            snapshots.begin_deletion(call, snapshot, _DELETE_SNAPSHOT_SECONDS)


def _changeable(call: Call, identifier: str) -> Image:
    image = images.require(call, identifier)
    own = images.image_type(call, image) == images.PRIVATE_IMAGE
    if not own or images.shares(call, identifier):
        raise refusal("UnsupportedOperation.SharedImageModifyUnsupported", id=identifier)
    if images.state(image, call.now) != "NORMAL" or "Gone" in image:
        raise refusal(
            "InvalidImageId.IncorrectState",
            "image-state",
            id=identifier,
            state=images.state(image, call.now),
        )
    return image
