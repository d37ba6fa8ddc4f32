"""cvm: DescribeImages, DescribeImageQuota and DescribeImageFromFamily."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cvmimg.sandbox.services import filters, images
from cvmimg.sandbox.state import documents
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import ApiError
from cvmimg.sandbox.world import catalog

_Page = tuple[int, Sequence[Document]]
"""How many there are, and those that are asked for."""

_FUZZY = ("image-name", "platform")


@action("cvm", "DescribeImages")
def describe_images(call: Call) -> dict[str, Any]:
    """The images that the caller may use."""
    _check_instance_type(call)
    if call.params.get("ImageIds"):
        total, page = _named(call, call.params["ImageIds"])
    else:
        total, page = _filtered(call, call.params.get("Filters", []))
    return {"TotalCount": total, "ImageSet": [images.shown(call, image) for image in page]}


@action("cvm", "DescribeImageQuota")
def describe_image_quota(call: Call) -> dict[str, Any]:
    """How many custom images the region may hold."""
    return {"ImageNumQuota": images.quota(call)}


@action("cvm", "DescribeImageFromFamily")
def describe_image_from_family(call: Call) -> dict[str, Any]:
    """The newest image of a family that can be used."""
    family = call.params.get("ImageFamily", "")
    for image in images.visible(call, frozenset({images.PRIVATE_IMAGE})):
        usable = images.state(image, call.now) == "NORMAL" and not image["Deprecated"]
        if family and image["Family"] == family and usable:
            return {"Image": images.shown(call, image)}
    return {"Image": None}


def _named(call: Call, identifiers: Sequence[str]) -> _Page:
    usable = (images.usable(call, identifier) for identifier in dict.fromkeys(identifiers))
    found = [image for image in usable if image and documents.is_listed(image, call.now)]
    return len(found), filters.page(call, found)


def _filtered(call: Call, wanted: Sequence[Document]) -> _Page:
    given = [frozenset(each["Values"]) for each in wanted if each["Name"] == "image-type"]
    types = frozenset.intersection(*given) if given else None
    others = [each for each in wanted if each["Name"] != "image-type"]
    if not others:
        return images.page(call, types, *filters.bounds(call))
    found = filters.keep(images.visible(call, types), others, _FILTERS, fuzzy=_FUZZY)
    return len(found), filters.page(call, found)


def _check_instance_type(call: Call) -> None:
    name = call.params.get("InstanceType")
    if name is not None and name not in catalog.INSTANCE_TYPES:
        raise ApiError(
            "InvalidParameterValue.InstanceTypeNotFound",
            f"The instance type `{name}` does not exist.",
            f"实例机型 `{name}` 不存在。",
        )


_FILTERS: dict[str, filters.Values] = {
    **filters.TAGS,
    "image-id": filters.one("Id"),
    "image-name": filters.one("Name"),
    "platform": filters.one("Platform"),
    "dedicated-cluster-id": lambda _: (),
    "cdc-cache-status": lambda _: (),
}
