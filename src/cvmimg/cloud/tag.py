"""Tags on resources (tag 2018-08-13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cvmimg.cloud.client import Cloud


def image_resource(region: str, account: str, image_id: str) -> str:
    """The six-part name of an image, as the tag service wants it."""
    return f"qcs::cvm:{region}:uin/{account}:image/{image_id}"


def tag_resource(cloud: Cloud, resource: str, tags: Mapping[str, str]) -> None:
    """Bind tags to a resource, replacing values of keys it has (TagResources)."""
    cloud.write(
        "tag",
        "TagResources",
        {
            "ResourceList": [resource],
            "Tags": [{"TagKey": key, "TagValue": value} for key, value in tags.items()],
        },
        repeatable=True,
    )


def untag_resource(cloud: Cloud, resource: str, keys: Sequence[str]) -> None:
    """Take tags off a resource (UnTagResources)."""
    cloud.write(
        "tag",
        "UnTagResources",
        {"ResourceList": [resource], "TagKeys": list(keys)},
        repeatable=True,
    )
