"""What uses an image: by id or by family, in every version of a template."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from cvmimg.checks.image_use import image_uses
from cvmimg.cloud.models import Image
from tests.support.api import ScriptedApi, scripted_cloud

IMAGE = Image({"ImageId": "img-00000001", "ImageFamily": "web"})
OLDER = Image({"ImageId": "img-00000003", "ImageFamily": "web"})
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


def test_who_names_a_family_uses_the_image_that_it_serves(api: ScriptedApi) -> None:
    api.answers("DescribeImageFromFamily", Image={"ImageId": IMAGE.image_id})
    uses = image_uses(scripted_cloud(), [IMAGE, OLDER, OTHER])

    assert uses[OLDER.image_id].free
    assert api.sent("DescribeImageFromFamily") == [{"ImageFamily": "web"}]

    assert uses[IMAGE.image_id].launch_templates == ("lt-00000001",)
    assert uses[IMAGE.image_id].launch_configurations == ("asc-family",)
    assert uses[OTHER.image_id].launch_configurations == ("asc-image",)
    assert uses[OTHER.image_id].launch_templates == ()
    assert api.sent("DescribeLaunchTemplateVersions")[0]["MaxVersion"] == 31


def test_what_a_family_serves_may_be_unknown(api: ScriptedApi) -> None:
    api.refuses("DescribeImageFromFamily", "UnauthorizedOperation")
    uses = image_uses(scripted_cloud(), [IMAGE, OLDER, OTHER])

    assert not uses[IMAGE.image_id].free
    assert not uses[OLDER.image_id].free
    assert uses[OTHER.image_id].unknown == ()
