"""Images: documents, states, visibility and quota."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cvmimg.sandbox.services import answers, resource_tags
from cvmimg.sandbox.state import documents, kinds, tasks, timestamps
from cvmimg.sandbox.state.kinds import Image, Share
from cvmimg.sandbox.wire.call import Answer, Call
from cvmimg.sandbox.wire.errors import refusal

KIND = kinds.IMAGE
SHARE = kinds.SHARE
QUOTA = kinds.IMAGE_QUOTA

TENCENT = "tencent"
"""Account of public images."""
EVERYWHERE = "*"
"""Region of public images."""

PRIVATE_IMAGE, PUBLIC_IMAGE, SHARED_IMAGE = "PRIVATE_IMAGE", "PUBLIC_IMAGE", "SHARED_IMAGE"
DEFAULT_QUOTA = 10
_ALL_TYPES = frozenset({PRIVATE_IMAGE, PUBLIC_IMAGE, SHARED_IMAGE})
_FAMILY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_FAILURES = {"IMPORTING": "IMPORTFAILED"}
_UNLISTED_SECONDS = 5.0
_DELETE_SECONDS = 5.0
_BASE_SECONDS, _SECONDS_PER_GIB = 120.0, 12.0


def work_seconds(gib: int) -> float:
    """Return how long creating, copying or importing an image takes: 12 minutes for 50 GiB."""
    return _BASE_SECONDS + gib * _SECONDS_PER_GIB


def requested(call: Call) -> dict[str, Any]:
    """Return the members of a new image that its request names."""
    return {
        "Name": call.params["ImageName"],
        "Description": call.params.get("ImageDescription", ""),
        "Family": call.params.get("ImageFamily", ""),
        **resource_tags.on_creation(call, resource_tags.specified(call.params, "image")),
    }


def new(call: Call, identifier: str, working: str, **fields: Any) -> dict[str, Any]:
    """Return the document of an image that ``call`` starts to create.

    Args:
        call: the request; the image belongs to its account.
        identifier: the new image's id.
        working: its state meanwhile: CREATING, SYNCING or IMPORTING.
        fields: other members: at least ``SizeGib``.
    """
    return {
        **BLANK,
        **documents.new(call, KIND, identifier),
        "Listed": call.now + _UNLISTED_SECONDS,
        "Creator": call.account,
        "Working": working,
        "Task": tasks.new(call.now, work_seconds(fields["SizeGib"]), call.task_fault),
        **fields,
    }


BLANK: dict[str, Any] = {
    "Description": "",
    "Family": "",
    "Deprecated": False,
    "Architecture": "x86_64",
    "Source": "CREATE_IMAGE",
    "Cloudinit": True,
    "LicenseType": "TencentCloud",
    "Encrypted": False,
    "Tags": [],
    "Snapshots": [],
    "SnapshotsHidden": False,
    "Working": "CREATING",
    "Task": None,
    "Guest": {
        "fstab": "",
        "agent": True,
        "platform": "linux",
        "mounts": [],
        "profile_output": "",
        "files": {},
    },
}
"""Default members of an image."""


def state(image: Image, now: float) -> str:
    """Return its ImageState."""
    working = str(image["Working"])
    if tasks.running(image["Task"], now):
        return working
    return _FAILURES.get(working, "CREATEFAILED") if tasks.failed(image["Task"], now) else "NORMAL"


def image_type(call: Call, image: Image) -> str:
    """Return its ImageType for the caller."""
    if image["Account"] == TENCENT:
        return PUBLIC_IMAGE
    return PRIVATE_IMAGE if image["Account"] == call.account else SHARED_IMAGE


def is_whole_machine(image: Image) -> bool:
    """Return whether it includes data disks."""
    return len(image["Snapshots"]) > 1


def visible(call: Call, types: frozenset[str] | None = None) -> Iterator[Image]:
    """Yield the images listed for the caller: private, then shared, then public ones.

    Args:
        call: the request.
        types: image types to include; None for all.
    """
    if types is None or PRIVATE_IMAGE in types:
        yield from documents.listed(call, KIND)
    if types is None or SHARED_IMAGE in types:
        yield from _shared(call)
    if types is None or PUBLIC_IMAGE in types:
        yield from call.store.page(KIND, TENCENT, EVERYWHERE, call.now)


def page(
    call: Call, types: frozenset[str] | None, offset: int, limit: int
) -> tuple[int, list[Image]]:
    """Return the number of images listed for the caller and a page of them, ordered as ``visible``.

    Args:
        call: the request.
        types: image types to include; None for all.
        offset: how many to skip.
        limit: size of the page.
    """
    wanted = _ALL_TYPES if types is None else types
    own, held = [], 0
    if PRIVATE_IMAGE in wanted:
        place = (KIND, call.account, call.region, call.now)
        held = call.store.count(*place)
        own = call.store.page(*place, offset=offset, limit=limit)
    others = list(visible(call, wanted - {PRIVATE_IMAGE}))
    first = max(0, offset - held)
    return held + len(others), [*own, *others[first : max(0, offset + limit - held)]]


def usable(call: Call, identifier: str) -> Image | None:
    """Return the image of that id if the caller may use it in this region, listed or not."""
    found = call.store.get(KIND, identifier)
    if found is None or not documents.exists(found, call.now):
        return None
    if found["Account"] == TENCENT:
        return found
    if found["Region"] != call.region:
        return None
    if found["Account"] == call.account:
        return found
    return found if call.store.get(SHARE, share_id(identifier, call.account)) else None


def newest_of_family(call: Call, family: str) -> Image | None:
    """Return the newest usable image of a family, or None."""
    for image in visible(call, frozenset({PRIVATE_IMAGE})):
        usable_now = state(image, call.now) == "NORMAL" and not image["Deprecated"]
        if family and image["Family"] == family and usable_now:
            return image
    return None


def require(call: Call, identifier: str) -> Image:
    """Return the image of that id, which the caller must be able to use in this region.

    Raises:
        ApiError: InvalidImageId.NotFound.
    """
    found = usable(call, identifier)
    if found is None:
        raise refusal("InvalidImageId.NotFound", id=identifier)
    return found


def share_id(identifier: str, account: str) -> str:
    """Return the id of the document that shares an image with an account."""
    return f"{identifier}/{account}"


def shares(call: Call, identifier: str) -> list[Share]:
    """Return the shares of an image."""
    return call.store.children(SHARE, identifier)


def quota(call: Call) -> int:
    """Return the account's quota of custom images in a region."""
    document = call.store.get(QUOTA, call.account)
    return int(document["Value"]) if document else DEFAULT_QUOTA


def refuse_beyond_quota(call: Call, region: str = "", more: int = 1) -> None:
    """Refuse to exceed the quota of a region (by default the call's) with ``more`` images.

    Raises:
        ApiError: ImageQuotaLimitExceeded.
    """
    region = region or call.region
    allowed = quota(call)
    images = call.store.all(KIND, call.account, region)
    held = sum(documents.exists(image, call.now) for image in images)
    if held + more > allowed:
        raise refusal("ImageQuotaLimitExceeded", allowed=allowed, region=region)


def refuse_taken_name(call: Call, name: str, region: str = "") -> None:
    """Refuse a name that another custom image in a region (by default the call's) has.

    Raises:
        ApiError: InvalidImageName.Duplicate.
    """
    if documents.is_taken(call, KIND, name, region=region):
        raise refusal("InvalidImageName.Duplicate", name=name)


def check_family(family: str) -> None:
    """Refuse an invalid name of an image family.

    Raises:
        ApiError: InvalidParameterValue.InvalidImageFamily.
    """
    if family and not _FAMILY.fullmatch(family):
        raise refusal("InvalidParameterValue.InvalidImageFamily", family=family)


def begin_deletion(call: Call, image: Image) -> None:
    """Start to delete an image."""
    if call.task_fault is None:
        call.store.put({**image, "Gone": call.now + _DELETE_SECONDS})


def refuse_undeletable(call: Call, image: Image) -> None:
    """Refuse to delete an image that is being created or deleted, or is shared.

    Raises:
        ApiError: InvalidImageId.IncorrectState, InvalidImageId.InShared or
            MutexOperation.TaskRunning.
    """
    identifier = image["Id"]
    if state(image, call.now) in ("CREATING", "SYNCING", "IMPORTING"):
        raise refusal(
            "InvalidImageId.IncorrectState",
            "images.undeletable",
            id=identifier,
            state=state(image, call.now),
        )
    if "Gone" in image:
        raise refusal("MutexOperation.TaskRunning", id=identifier)
    if shares(call, identifier):
        raise refusal("InvalidImageId.InShared", id=identifier)


def to_response(call: Call, image: Image) -> Answer:
    """Return the image as DescribeImages returns it, undocumented fields included."""
    public = image["Account"] == TENCENT
    answer = {
        **answers.of("Image", image),
        "ImageType": image_type(call, image),
        "CreatedTime": timestamps.iso(image["Created"]),
        "ImageState": state(image, call.now),
        "SyncPercent": _percent(image, call.now, "SYNCING"),
        "CreatePercent": _percent(image, call.now, "CREATING"),
        "Tags": resource_tags.to_response(image, call.now),
        "ImageFormat": "QCOW2RAW" if public else "RAW",
    }
    if image["Snapshots"] and not image["SnapshotsHidden"]:
        answer["SnapshotSet"] = image["Snapshots"]
    return answer


def _percent(image: Image, now: float, working: str) -> int | None:
    task = image["Task"]
    if task is None or image["Working"] != working or not tasks.running(task, now):
        return None
    return tasks.percent(task, now)


def _shared(call: Call) -> Iterator[Image]:
    for share in documents.listed(call, SHARE):
        image = call.store.get(KIND, share["Parent"])
        if image is not None and documents.is_listed(image, call.now):
            yield image
