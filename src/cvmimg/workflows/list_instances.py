"""List instances of a region or of all, with whether each can be imaged while it runs."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from cvmimg.checks.power import online_obstacles
from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Instance
from cvmimg.message import Message
from cvmimg.workflows.all_regions import read_regions

_RUNNING = "RUNNING"


@dataclass(frozen=True)
class InstanceQuery:
    """Which instances are wanted.

    Attributes:
        name: a glob (``web-*``); upper and lower case differ; empty means any.
        tags: tags that the instance must carry.
        image_id: the image that it was launched from; empty means any.
    """

    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    image_id: str = ""

    def matches(self, instance: Instance) -> bool:
        """Return whether an instance is wanted."""
        return (
            (not self.name or fnmatch.fnmatchcase(instance.instance_name, self.name))
            and (not self.image_id or instance.image_id == self.image_id)
            and all(instance.tag_map.get(key) == value for key, value in self.tags.items())
        )


@dataclass(frozen=True)
class ListedInstance:
    """An instance, its region, and whether it can be imaged while it runs.

    Attributes:
        obstacles: why it cannot; empty if it can, or does not run.
    """

    instance: Instance
    region: str
    obstacles: Sequence[Message | str] = ()

    @property
    def online(self) -> bool | None:
        """Whether it can be imaged while it runs; None if it does not run."""
        return not self.obstacles if self.instance.instance_state == _RUNNING else None


def list_instances(
    cloud: Cloud, query: InstanceQuery, *, in_all_regions: bool = False
) -> list[ListedInstance]:
    """Return the instances that fit, by name.

    Calls DescribeInstances and DescribeImages.

    Raises:
        CvmimgError: a region could not be queried: a list is never silently incomplete; its
            ``result`` has the instances of the others.
    """
    read = partial(_list_region, query)
    return read_regions(
        cloud,
        read,
        all_regions=in_all_regions,
        order=lambda one: (one.instance.instance_name, one.region, one.instance.instance_id),
    )


def _list_region(query: InstanceQuery, cloud: Cloud) -> list[ListedInstance]:
    wanted = [one for one in cvm.describe_instances(cloud) if query.matches(one)]
    ids = sorted({one.image_id for one in wanted if one.image_id})
    images = {image.image_id: image for image in cvm.describe_images_by_id(cloud, ids)}
    return [
        ListedInstance(
            one,
            cloud.region,
            online_obstacles(one, images.get(one.image_id))
            if one.instance_state == _RUNNING
            else (),
        )
        for one in wanted
    ]
