"""cvm: DescribeImages, DescribeImageQuota and DescribeImageFromFamily."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cvmimg.sandbox import catalog, documents, filters, images
from cvmimg.sandbox.call import ApiError, Call, action
from cvmimg.sandbox.store import Document

_FUZZY = ("image-name", "platform")


@action("cvm", "DescribeImages")
def describe_images(call: Call) -> dict[str, Any]:
    """The images that the caller may use."""
    _check_instance_type(call)
    if call.params.get("ImageIds"):
        found = _named(call, call.params["ImageIds"])
    else:
        found = _filtered(call, call.params.get("Filters", []))
    page = [images.shown(call, image) for image in filters.page(call, found)]
    return {"TotalCount": len(found), "ImageSet": page}


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


def _named(call: Call, identifiers: Sequence[str]) -> list[Document]:
    found = (images.usable(call, identifier) for identifier in dict.fromkeys(identifiers))
    return [image for image in found if image and documents.is_listed(image, call.now)]


def _filtered(call: Call, wanted: Sequence[Document]) -> list[Document]:
    types = [frozenset(each["Values"]) for each in wanted if each["Name"] == "image-type"]
    others = [each for each in wanted if each["Name"] != "image-type"]
    candidates = images.visible(call, frozenset.intersection(*types) if types else None)
    return filters.keep(candidates, others, _FILTERS, fuzzy=_FUZZY)


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
