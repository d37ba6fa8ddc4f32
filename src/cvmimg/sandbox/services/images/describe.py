"""cvm: DescribeImages, DescribeImageQuota and DescribeImageFromFamily."""

from __future__ import annotations

from collections.abc import Sequence

from cvmimg.sandbox.services import filters, images
from cvmimg.sandbox.state import documents
from cvmimg.sandbox.state.kinds import ApiObject, Image
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog

_Page = tuple[int, Sequence[Image]]
"""The total number, and the documents of the page."""

_FUZZY = ("image-name", "platform")


@action("cvm", "DescribeImages")
def describe_images(call: Call) -> Answer:
    """List the images that the caller may use."""
    _check_instance_type(call)
    if call.params.get("ImageIds"):
        total, page = _named(call, call.params["ImageIds"])
    else:
        total, page = _filtered(call, call.params.get("Filters", []))
    return {"TotalCount": total, "ImageSet": [images.to_response(call, image) for image in page]}


@action("cvm", "DescribeImageQuota")
def describe_image_quota(call: Call) -> Answer:
    """Return the quota of custom images."""
    return {"ImageNumQuota": images.quota(call)}


@action("cvm", "DescribeImageFromFamily")
def describe_image_from_family(call: Call) -> Answer:
    """Return the newest usable image of a family."""
    newest = images.newest_of_family(call, call.params.get("ImageFamily", ""))
    return {"Image": images.to_response(call, newest) if newest else None}


def _named(call: Call, identifiers: Sequence[str]) -> _Page:
    usable = (images.usable(call, identifier) for identifier in dict.fromkeys(identifiers))
    found = [image for image in usable if image and documents.is_listed(image, call.now)]
    return len(found), filters.page(call, found)


def _filtered(call: Call, wanted: Sequence[ApiObject]) -> _Page:
    given = [frozenset(each["Values"]) for each in wanted if each["Name"] == "image-type"]
    types = frozenset.intersection(*given) if given else None
    if all(each["Name"] == "image-type" for each in wanted):
        return images.page(call, types, *filters.bounds(call))
    known = {**_FILTERS, "image-type": lambda image: (images.image_type(call, image),)}
    filters.check_tag_keys(call)
    found = filters.select(call, images.visible(call, types), known, fuzzy=_FUZZY)
    return len(found), filters.page(call, found)


def _check_instance_type(call: Call) -> None:
    name = call.params.get("InstanceType")
    if name is not None and name not in catalog.INSTANCE_TYPES:
        raise refusal("InvalidParameterValue.InstanceTypeNotFound", name=name)


_FILTERS: filters.Known = {
    "image-id": "Id",
    "image-name": "Name",
    "platform": "Platform",
    "dedicated-cluster-id": lambda _: (),
    "cdc-cache-status": lambda _: (),
}
