"""What uses an image: by id or by family, in every version of a template."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from cvmimg.checks.image_use import image_uses
from cvmimg.cloud.models import Image
from tests.support.api import ScriptedApi, scripted_cloud

IMAGE = Image({"ImageId": "img-00000001", "ImageFamily": "web"})
OTHER = Image({"ImageId": "img-00000002"})


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        api = ScriptedApi(wire)
        template = {"LaunchTemplateId": "lt-00000001", "LatestVersionNumber": 31}
        versions = [
            {"LaunchTemplateVersion": 31, "LaunchTemplateVersionData": {"ImageFamily": "web"}}
        ]
        configurations = [
            {"LaunchConfigurationId": "asc-family", "ImageId": "", "ImageFamily": "web"},
            {"LaunchConfigurationId": "asc-image", "ImageId": "img-00000002"},
            {"LaunchConfigurationId": "asc-other", "ImageFamily": "db"},
        ]
        api.answers("DescribeInstances", InstanceSet=[], TotalCount=0)
        api.answers("DescribeLaunchTemplates", LaunchTemplateSet=[template], TotalCount=1)
        api.answers(
            "DescribeLaunchTemplateVersions", LaunchTemplateVersionSet=versions, TotalCount=1
        )
        api.answers(
            "DescribeLaunchConfigurations", LaunchConfigurationSet=configurations, TotalCount=3
        )
        api.answers("DescribeImageSharePermission", SharePermissionSet=[])
        yield api


def test_a_family_is_a_use_of_its_images(api: ScriptedApi) -> None:
    uses = image_uses(scripted_cloud(), [IMAGE, OTHER])

    assert uses[IMAGE.image_id].launch_templates == ("lt-00000001",)
    assert uses[IMAGE.image_id].launch_configurations == ("asc-family",)
    assert uses[OTHER.image_id].launch_configurations == ("asc-image",)
    assert uses[OTHER.image_id].launch_templates == ()
    assert api.sent("DescribeLaunchTemplateVersions")[0]["MaxVersion"] == 31
