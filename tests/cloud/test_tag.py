"""Tags: a resource that failed is an error, although the call succeeded."""

from __future__ import annotations

import pytest

from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import BUSY, matches
from cvmimg.cloud.tag import image_resource, tag_resource, untag_resource
from cvmimg.errors import CloudRefused
from tests.support.api import ScriptedApi

IMAGE = image_resource("ap-guangzhou", "100000000001", "img-00000001")


def failed(code: str) -> list[dict[str, str]]:
    return [{"Resource": IMAGE, "Code": code, "Message": "no"}]


@pytest.mark.parametrize("none_failed", [[], None])
def test_tags_are_bound_and_removed(api: ScriptedApi, cloud: Cloud, none_failed: object) -> None:
    api.answers("TagResources", FailedResources=none_failed)
    api.answers("UnTagResources", FailedResources=none_failed)

    tag_resource(cloud, IMAGE, {"team": "web"})
    untag_resource(cloud, IMAGE, ["team"])

    assert api.sent("TagResources") == [
        {"ResourceList": [IMAGE], "Tags": [{"TagKey": "team", "TagValue": "web"}]}
    ]
    assert api.sent("UnTagResources") == [{"ResourceList": [IMAGE], "TagKeys": ["team"]}]


def test_a_resource_that_failed_is_an_error_with_its_code(api: ScriptedApi, cloud: Cloud) -> None:
    api.answers("TagResources", FailedResources=failed("LimitExceeded.TagValue"))
    with pytest.raises(CloudRefused) as caught:
        tag_resource(cloud, IMAGE, {"team": "web"})
    assert (caught.value.code, caught.value.request_id) == ("LimitExceeded.TagValue", "req-1")


def test_tags_that_are_being_processed_are_busy(api: ScriptedApi, cloud: Cloud) -> None:
    api.answers("UnTagResources", FailedResources=failed("FailedOperation.ResourceTagProcessing"))
    with pytest.raises(CloudRefused) as caught:
        untag_resource(cloud, IMAGE, ["team"])
    assert matches(caught.value.code, BUSY)
