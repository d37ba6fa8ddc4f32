"""What launches instances from a family: launch templates and launch configurations."""

from __future__ import annotations

from dataclasses import dataclass

from cvmimg.checks.image_use import launch_template_data
from cvmimg.cloud import autoscaling
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image


@dataclass(frozen=True)
class FamilyUse:
    """What names a family, or one image of it.

    Attributes:
        by_family: ids of launch templates and configurations that name the family.
        by_image: ids of those that name the image.
    """

    by_family: tuple[str, ...] = ()
    by_image: tuple[str, ...] = ()


def family_use(cloud: Cloud, family: str, image: Image) -> FamilyUse:
    """Look up what names a family or one of its images.

    Calls DescribeLaunchTemplates, DescribeLaunchTemplateVersions and
    DescribeLaunchConfigurations.

    Raises:
        CvmimgError: they could not be listed.
    """
    configurations = autoscaling.describe_launch_configurations(cloud)
    users = [
        (one.launch_configuration_id, one.image_id, one.image_family) for one in configurations
    ]
    users += [
        (template, data.image_id, data.image_family)
        for template, data in launch_template_data(cloud)
    ]
    by_image = [user for user, image_id, _ in users if image_id == image.image_id]
    by_family = [user for user, image_id, name in users if not image_id and name == family]
    return FamilyUse(tuple(dict.fromkeys(by_family)), tuple(dict.fromkeys(by_image)))
