"""cvm: SyncImages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cvmimg.sandbox.services import dry_run, images, snapshots
from cvmimg.sandbox.state import ids
from cvmimg.sandbox.state.kinds import Image
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import regions

_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|kms-[0-9a-z]{8}")


@action("cvm", "SyncImages", writes=True)
def sync_images(call: Call) -> Answer:
    """Copy an image to other regions, or within its region to encrypt it or to own it."""
    image = _source(call)
    destinations = list(dict.fromkeys(call.params["DestinationRegions"]))
    _check_destinations(call, image, destinations)
    _check_encryption(call, image)
    name = str(call.params.get("ImageName", image["Name"]))
    for region in destinations:
        images.refuse_taken_name(call, name, region)
        images.refuse_beyond_quota(call, region)
    if dry_run.requested(call):
        return dry_run.answer(call)
    made = [
        {"ImageId": _copy(call, image, name, region), "Region": region} for region in destinations
    ]
    return {"ImageSet": made if call.params.get("ImageSetRequired") else []}


def _source(call: Call) -> Image:
    identifier = call.params["ImageIds"][0]
    image = images.require(call, identifier)
    if images.image_type(call, image) == images.PUBLIC_IMAGE:
        raise refusal("InvalidParameterValue.InvalidImageId", id=identifier)
    if images.state(image, call.now) != "NORMAL":
        raise refusal(
            "InvalidImageId.IncorrectState",
            "image-state",
            id=identifier,
            state=images.state(image, call.now),
        )
    if images.is_whole_machine(image):
        raise refusal("InvalidParameter.InstanceImageNotSupport", "sync.source", id=identifier)
    return image


def _check_destinations(call: Call, image: Image, destinations: Sequence[str]) -> None:
    for region in destinations:
        if region not in regions.NAMES:
            raise refusal("InvalidRegion.NotFound", region=region)
        if region.endswith("-fsi") and region != call.region:
            raise refusal("InvalidRegion.Unavailable", region=region)
    inside = call.params.get("Encrypt") or image["Account"] != call.account
    code = "InvalidParameterValue.InvalidRegion"
    if inside and list(destinations) != [call.region]:
        raise refusal(code, "sync.inside", region=call.region)
    if not inside and call.region in destinations:
        raise refusal(code, "sync.elsewhere", region=call.region)


def _check_encryption(call: Call, image: Image) -> None:
    key = call.params.get("KmsKeyId")
    if key is not None and not (call.params.get("Encrypt") and _KEY.fullmatch(key)):
        raise refusal("InvalidParameter.InvalidKmsKeyId")
    if image["Encrypted"]:
        raise refusal(
            "UnsupportedOperation.EncryptedImagesNotSupported", "sync.encryption", image=image["Id"]
        )


def _copy(call: Call, image: Image, name: str, region: str) -> str:
    identifier = ids.new_id(call, "img", region)
    encrypted = bool(call.params.get("Encrypt"))
    blank = images.new(call, identifier, "SYNCING", SizeGib=image["SizeGib"])
    held = []
    for number, each in enumerate(image["Snapshots"]):
        snapshot = call.store.get(snapshots.KIND, each["SnapshotId"])
        if snapshot is not None:
            copy_id = ids.new_id(call, "snap", region, number)
            call.store.put(
                {
                    **snapshot,
                    "Id": copy_id,
                    "Account": call.account,
                    "Region": region,
                    "Created": call.now,
                    "Name": f"{name}_{identifier}",
                    "Images": [identifier],
                    "Encrypt": encrypted,
                    "CopyFromRemote": region != image["Region"],
                    "Tags": [],
                    "Task": blank["Task"],
                }
            )
            held.append({**each, "SnapshotId": copy_id})
    call.store.put(
        {
            **image,
            **{member: blank[member] for member in _NEW_MEMBERS},
            "Region": region,
            "Name": name,
            "Encrypted": encrypted,
            "Snapshots": held,
        }
    )
    return identifier


_NEW_MEMBERS = (
    "Id",
    "Account",
    "Created",
    "Listed",
    "Creator",
    "Working",
    "Task",
    "Tags",
    "Family",
    "Deprecated",
)
"""Members that a copy does not inherit from its source."""
