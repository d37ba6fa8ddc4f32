"""Tags on resources (tag 2018-08-13).

Both actions answer success where single resources failed; these raise an error instead.
``FailedOperation.ResourceTagProcessing`` is one that passes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cvmimg.cloud.answers import parse_list
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import from_api
from cvmimg.cloud.models import FailedResource


def image_resource(region: str, account: str, image_id: str) -> str:
    """Return the six-part name of an image; the account may be empty."""
    return f"qcs::cvm:{region}:uin/{account}:image/{image_id}"


def instance_resource(region: str, account: str, instance_id: str) -> str:
    """Return the six-part name of an instance; the account may be empty."""
    return f"qcs::cvm:{region}:uin/{account}:instance/{instance_id}"


def await_turn(cloud: Cloud) -> None:
    """Wait for the rate limit, so that this thread's next ``tag_resource`` is sent at once.

    For a tag whose value depends on what is read just before.
    """
    cloud.link.limits.reserve(cloud.region, "tag", "TagResources")


def tag_resource(cloud: Cloud, resource: str, tags: Mapping[str, str]) -> None:
    """Bind tags to a resource, replacing the values of keys that it has (TagResources).

    Raises:
        CvmimgError: the tags were refused; the code is the resource's own.
    """
    pairs = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
    _change(cloud, "tag", "TagResources", {"ResourceList": [resource], "Tags": pairs})


def untag_resource(cloud: Cloud, resource: str, keys: Sequence[str]) -> None:
    """Remove tags from a resource (UnTagResources); raises as ``tag_resource``."""
    _change(cloud, "tag", "UnTagResources", {"ResourceList": [resource], "TagKeys": list(keys)})


def _change(cloud: Cloud, service: str, action: str, request: dict[str, Any]) -> None:
    answer = cloud.write(service, action, request, repeatable=True)
    for failed in parse_list(FailedResource, answer, "FailedResources", action=action):
        raise from_api(
            failed.code, failed.message, str(answer.get("RequestId") or ""), action=action
        )
