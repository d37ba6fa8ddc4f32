"""Find the images and snapshots to delete by ids, names, globs and snapshot ids."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.ids import SNAPSHOT_ID, is_id
from cvmimg.cloud.models import Image, Snapshot
from cvmimg.cloud.states import SNAPSHOT_GONE
from cvmimg.errors import CvmimgError, NotFound
from cvmimg.message import Message
from cvmimg.workflows.find_image import find_image

_WILDCARD = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Targets:
    """What is to be deleted.

    Attributes:
        images: each once.
        snapshots: each once.
        missing: the references that match nothing, with the error of each.
    """

    images: tuple[Image, ...]
    snapshots: tuple[Snapshot, ...]
    missing: dict[str, CvmimgError]


def find_targets(cloud: Cloud, references: Sequence[str]) -> Targets:
    """Find all that ``references`` mean in the cloud's region.

    Calls DescribeImages, DescribeImageFromFamily and DescribeSnapshots.

    Args:
        cloud: where to look.
        references: of images: an id, an exact name, ``family:NAME`` or a glob of the names of
            custom images (``web-*``); of snapshots: an id.

    Raises:
        UsageError: several images have a name.
        CvmimgError: the cloud could not be queried.
    """
    wanted = dict.fromkeys(references)
    snapshot_ids = [each for each in wanted if is_id(SNAPSHOT_ID, each)]
    found: dict[str, Image] = {}
    missing: dict[str, CvmimgError] = {}
    for reference in wanted:
        if reference in snapshot_ids:
            continue
        try:
            images = _find_images(cloud, reference)
        except NotFound as error:
            missing[reference] = error
        else:
            found |= {image.image_id: image for image in images}
    snapshots = {
        snapshot.snapshot_id: snapshot
        for snapshot in cbs.describe_snapshots_by_id(cloud, snapshot_ids)
        if snapshot.snapshot_state not in SNAPSHOT_GONE
    }
    missing |= {
        each: NotFound(Message("NoSnapshot", snapshot=each, region=cloud.region))
        for each in snapshot_ids
        if each not in snapshots
    }
    return Targets(tuple(found.values()), tuple(snapshots.values()), missing)


def _find_images(cloud: Cloud, reference: str) -> list[Image]:
    if not _WILDCARD.search(reference):
        return [find_image(cloud, reference)]
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    exact = [image for image in images if image.image_name == reference]
    matching = [image for image in images if fnmatch.fnmatchcase(image.image_name, reference)]
    if not (exact or matching):
        raise NotFound(Message("NoImageMatches", pattern=reference, region=cloud.region))
    return exact or matching
