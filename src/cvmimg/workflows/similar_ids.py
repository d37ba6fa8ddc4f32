"""Ids that exist, and are spelled like one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.errors import NotFound
from cvmimg.suggest import did_you_mean


@contextmanager
def suggesting_ids(cloud: Cloud) -> Iterator[None]:
    """Suggest an id where that of an image or instance does not exist.

    Rests on DescribeImages or DescribeInstances, which are only called then.
    """
    try:
        yield
    except NotFound as error:
        params = error.message.params
        if image_id := params.get("image"):
            error.hint = did_you_mean(
                image_id,
                lambda: [
                    one.image_id for one in cvm.describe_images(cloud, image_type=cvm.PRIVATE)
                ],
                is_id=True,
            )
        elif instance_id := params.get("instance"):
            error.hint = did_you_mean(
                instance_id,
                lambda: [one.instance_id for one in cvm.describe_instances(cloud)],
                is_id=True,
            )
        raise
