"""What still uses an image, and whom it is shared with: what stands in the way of deleting it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cvmimg.cloud import autoscaling, cvm
from cvmimg.cloud.answers import side_by_side
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.errors import CvmimgError


@dataclass(frozen=True)
class ImageUse:
    """What uses an image.

    Attributes:
        instances: ids of instances that were started from it.
        launch_templates: ids of launch templates with a version that names it.
        launch_configurations: ids of scaling configurations that name it.
        accounts: UINs of the accounts that it is shared with.
        unknown: what could not be looked up, and why.
    """

    instances: tuple[str, ...] = ()
    launch_templates: tuple[str, ...] = ()
    launch_configurations: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def in_use(self) -> bool:
        """Whether an instance, a launch template or a scaling configuration names the image."""
        return bool(self.instances or self.launch_templates or self.launch_configurations)

    def describe(self) -> str:
        """The users in words, such as "instance ins-…, launch template lt-…"."""
        kinds = (
            ("instance", self.instances),
            ("launch template", self.launch_templates),
            ("scaling configuration", self.launch_configurations),
            ("account", self.accounts),
        )
        return ", ".join(f"{kind} {name}" for kind, names in kinds for name in names)


def image_use(cloud: Cloud, image: Image) -> ImageUse:
    """Look up all that uses an image, side by side.

    Rests on DescribeInstances, DescribeLaunchTemplates, DescribeLaunchTemplateVersions,
    DescribeLaunchConfigurations and DescribeImageSharePermission. What the account may not look
    up is named in ``unknown`` instead of being taken as unused.
    """
    lookups: dict[str, Callable[[], tuple[str, ...]]] = {
        "instances": partial(_instances, cloud, image),
        "launch_templates": partial(_launch_templates, cloud, image),
        "launch_configurations": partial(_launch_configurations, cloud, image),
        "accounts": partial(_accounts, cloud, image),
    }
    answers = side_by_side([partial(_look_up, name, lookups[name]) for name in lookups])
    known = dict(zip(lookups, answers, strict=True))
    return ImageUse(
        **{name: found for name, found in known.items() if isinstance(found, tuple)},
        unknown=tuple(found for found in answers if isinstance(found, str)),
    )


def _look_up(name: str, ask: Callable[[], tuple[str, ...]]) -> tuple[str, ...] | str:
    try:
        return ask()
    except CvmimgError as error:
        return f"{name.replace('_', ' ')}: {error.message} ({error.code})"


def _instances(cloud: Cloud, image: Image) -> tuple[str, ...]:
    # The action has no filter for the image.
    found = cvm.describe_instances(cloud)
    return tuple(one.instance_id for one in found if one.image_id == image.image_id)


def _launch_templates(cloud: Cloud, image: Image) -> tuple[str, ...]:
    templates = [t.launch_template_id for t in cvm.describe_launch_templates(cloud)]
    versions = side_by_side(
        [partial(cvm.describe_launch_template_versions, cloud, each) for each in templates]
    )
    return tuple(
        template
        for template, held in zip(templates, versions, strict=True)
        if any(v.launch_template_version_data.image_id == image.image_id for v in held)
    )


def _launch_configurations(cloud: Cloud, image: Image) -> tuple[str, ...]:
    found = autoscaling.describe_launch_configurations(cloud)
    return tuple(c.launch_configuration_id for c in found if c.image_id == image.image_id)


def _accounts(cloud: Cloud, image: Image) -> tuple[str, ...]:
    found = cvm.describe_image_share_permission(cloud, image.image_id)
    return tuple(permission.account_id for permission in found)
