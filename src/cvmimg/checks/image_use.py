"""Find what uses an image and which accounts it is shared with, so that it cannot be deleted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import Any, TypeVar

from cvmimg.cloud import autoscaling, cvm
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, LaunchTemplateData
from cvmimg.cloud.states import IMAGE_IN_PROGRESS
from cvmimg.errors import CvmimgError
from cvmimg.message import Message

Answer = TypeVar("Answer")

_FAMILY = "family:"
_LONG_AGO = datetime.fromtimestamp(0, timezone.utc)


@dataclass(frozen=True)
class ImageUse:
    """What uses an image.

    Attributes:
        instances: ids of instances that were started from it.
        launch_templates: ids of launch templates with a version that names it.
        launch_configurations: ids of scaling configurations that name it.
        accounts: UINs of the accounts that it is shared with.
        unknown: what could not be read, and why.
    """

    instances: tuple[str, ...] = ()
    launch_templates: tuple[str, ...] = ()
    launch_configurations: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    unknown: tuple[Message, ...] = ()

    @property
    def free(self) -> bool:
        """Whether nothing uses the image, it is shared with nobody, and both are certain."""
        return not (self.in_use or self.accounts or self.unknown)

    @property
    def in_use(self) -> bool:
        """Whether an instance, a launch template or a scaling configuration names the image."""
        return bool(self.instances or self.launch_templates or self.launch_configurations)

    def describe(self) -> str:
        """Return the users in words, such as "instance ins-…, launch template lt-…"."""
        kinds = (
            ("instance", self.instances),
            ("launch template", self.launch_templates),
            ("scaling configuration", self.launch_configurations),
            ("account", self.accounts),
        )
        return ", ".join(f"{kind} {name}" for kind, names in kinds for name in names)


def oldest_unused(cloud: Cloud, images: Sequence[Image]) -> list[Image]:
    """Return those of ``images`` that are ready and that nothing uses, oldest first."""
    ready = [image for image in images if image.image_state not in IMAGE_IN_PROGRESS]
    uses = image_uses(cloud, ready)
    unused = [image for image in ready if uses[image.image_id].free]
    return sorted(unused, key=lambda image: image.created_time or _LONG_AGO)


def image_uses(cloud: Cloud, images: Sequence[Image]) -> dict[str, ImageUse]:
    """Find everything that uses these images; by image id.

    Who names a family uses the image that the family serves now. Uses DescribeInstances,
    DescribeLaunchTemplates, DescribeLaunchTemplateVersions, DescribeLaunchConfigurations,
    DescribeImageFromFamily and DescribeImageSharePermission. What the account may not ask is named
    in ``unknown``, so that the image does not count as unused.
    """
    users = concurrently(
        [
            partial(_ask, "instances", _instances, cloud),
            partial(_ask, "launch templates", _launch_templates, cloud),
            partial(_ask, "launch configurations", _launch_configurations, cloud),
        ]
    )
    shares = concurrently([partial(_ask, "accounts", _accounts, cloud, image) for image in images])
    served = _served_images(cloud, users, {image.image_family for image in images})
    return {
        image.image_id: _use(image, [*users, share], served.get(image.image_family, ""))
        for image, share in zip(images, shares, strict=True)
    }


_Users = list[tuple[str, str]]
"""Pairs: the id of an image (or "family:" and a family's name), and what uses it."""


def _served_images(
    cloud: Cloud, lookups: Sequence[_Users | Message], families: Collection[str]
) -> dict[str, str | Message]:
    """Return the id of the image that each of these families serves, if anything names the family.

    Returns:
        By family, the id, empty where the family serves no image; or why that is not known.
    """
    named = {name for users in lookups if isinstance(users, list) for name, _ in users}
    wanted = sorted(each for each in families if f"{_FAMILY}{each}" in named)
    found = concurrently(
        [partial(_ask, "image families", _served_image, cloud, family) for family in wanted]
    )
    return dict(zip(wanted, found, strict=True))


def _served_image(cloud: Cloud, family: str) -> str:
    image = cvm.describe_image_from_family(cloud, family)
    return image.image_id if image else ""


def _use(image: Image, lookups: Sequence[_Users | Message], served: str | Message) -> ImageUse:
    names = {image.image_id}
    if served == image.image_id:
        names.add(f"{_FAMILY}{image.image_family}")
    instances, templates, configurations, accounts = (
        tuple(dict.fromkeys(user for named, user in users if named in names))
        if isinstance(users, list)
        else ()
        for users in lookups
    )
    unknown = tuple(lookup for lookup in (*lookups, served) if isinstance(lookup, Message))
    return ImageUse(instances, templates, configurations, accounts, unknown)


def _ask(name: str, ask: Callable[..., Answer], *args: Any) -> Answer | Message:
    try:
        return ask(*args)
    except CvmimgError as error:
        return use_not_read(name, error)


def use_not_read(name: str, error: CvmimgError) -> Message:
    """Return why users of an image or a snapshot are not known."""
    return Message("UseNotRead", users=name, error=error.message)


def _instances(cloud: Cloud) -> _Users:
    # The action has no filter for the image.
    return [(one.image_id, one.instance_id) for one in cvm.describe_instances(cloud)]


def _launch_templates(cloud: Cloud) -> _Users:
    return [(_named_image(data), template) for template, data in launch_template_data(cloud)]


def launch_template_data(cloud: Cloud) -> list[tuple[str, LaunchTemplateData]]:
    """Return every version of every launch template, each with the template's id."""
    templates = cvm.describe_launch_templates(cloud)
    versions = concurrently(
        [
            partial(
                cvm.describe_launch_template_versions,
                cloud,
                template.launch_template_id,
                latest_version=template.latest_version_number,
            )
            for template in templates
        ]
    )
    return [
        (template.launch_template_id, version.launch_template_version_data)
        for template, held in zip(templates, versions, strict=True)
        for version in held
    ]


def _launch_configurations(cloud: Cloud) -> _Users:
    found = autoscaling.describe_launch_configurations(cloud)
    return [(_named_image(each), each.launch_configuration_id) for each in found]


def _named_image(user: LaunchTemplateData) -> str:
    """Return what a template or configuration starts instances from: an image or a family."""
    return user.image_id or f"{_FAMILY}{user.image_family}"


def _accounts(cloud: Cloud, image: Image) -> _Users:
    found = cvm.describe_image_share_permission(cloud, image.image_id)
    return [(image.image_id, permission.account_id) for permission in found]
