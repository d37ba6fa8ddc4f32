"""Turn images and snapshots as the API lists them into the facts that the rules go by."""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cvmimg.cloud.models import Image, Snapshot
from cvmimg.cloud.own_tags import DEPRECATED_TAG, OPERATION_TAG, SOURCE_TAG
from cvmimg.message import Message
from cvmimg.workflows.family.families import is_usable, newest_first, serving_images
from cvmimg.workflows.list_snapshots import newest_snapshots_first
from cvmimg.workflows.moments import read_moment
from cvmimg.workflows.prune.rules import Group, ImageFacts, SnapshotFacts


@dataclass(frozen=True)
class Selection:
    """Which images are looked at; an empty one means all.

    Attributes:
        families: images of one of these families.
        names: images whose name matches one of these globs.
        tags: images with all of these tags; the value None means any.
        source: images without a family that were made from this instance.
    """

    families: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tags: tuple[tuple[str, str | None], ...] = ()
    source: str = ""

    def matches(self, image: Image) -> bool:
        """Return whether an image is looked at."""
        tags = image.tag_map
        return (
            (not self.families or image.image_family in self.families)
            and (not self.names or self._glob(image) is not None)
            and all(key in tags and value in (None, tags[key]) for key, value in self.tags)
            and (
                not self.source or (not image.image_family and tags.get(SOURCE_TAG) == self.source)
            )
        )

    def group(self, image: Image) -> Group | None:
        """Return what a selected image is counted in.

        An image without a family is counted with those that the user selected in the same way;
        if the user selected nothing, it belongs to no group.
        """
        if image.image_family:
            return Group("family", image.image_family)
        if (glob := self._glob(image)) is not None:
            return Group("name", glob)
        if self.tags:
            texts = (key if value is None else f"{key}={value}" for key, value in self.tags)
            return Group("tag", ", ".join(texts))
        return Group("source", self.source) if self.source else None

    def _glob(self, image: Image) -> str | None:
        matching = (glob for glob in self.names if fnmatch.fnmatchcase(image.image_name, glob))
        return next(matching, None)


def image_facts(images: Sequence[Image], selection: Selection, now: datetime) -> list[ImageFacts]:
    """Return the facts of the selected images, newest first; their use is not looked up."""
    serving = {image.image_id for image in serving_images(images).values()}
    groups: dict[Group | None, list[Image]] = defaultdict(list)
    for image in newest_first(images):
        if selection.matches(image):
            groups[selection.group(image)].append(image)
    return [
        ImageFacts(
            image=image,
            tags=image.tag_map,
            age_seconds=_seconds(image.created_time, now),
            group=group,
            rank=sum(is_usable(newer) or not is_usable(image) for newer in members[:newer_ones]),
            serves=image.image_id in serving,
            deprecated_seconds=_seconds(read_moment(image.tag_map.get(DEPRECATED_TAG, "")), now),
        )
        for group, members in groups.items()
        for newer_ones, image in enumerate(members)
    ]


def snapshot_facts(
    orphans: Sequence[Snapshot],
    now: datetime,
    unfinished: Collection[str],
    users: Mapping[str, Sequence[str]] | Message,
) -> list[SnapshotFacts]:
    """Return the facts of snapshots that no image uses, newest first.

    Args:
        orphans: the snapshots of a region that no image uses and that are not shared.
        now: the time.
        unfinished: ids of unfinished operations.
        users: what names a snapshot, by its id; or why that is not known.
    """
    ranks: dict[Hashable, int] = defaultdict(int)
    facts = []
    for snapshot in newest_snapshots_first(orphans):
        operation = snapshot.tag_map.get(OPERATION_TAG)
        own_disk = (operation is not None, snapshot.disk_id)
        facts.append(
            SnapshotFacts(
                snapshot=snapshot,
                tags=snapshot.tag_map,
                group=Group("disk", snapshot.disk_id),
                age_seconds=_seconds(snapshot.create_time, now),
                rank=ranks[own_disk],
                in_operation=operation in unfinished,
                users=()
                if isinstance(users, Message)
                else tuple(users.get(snapshot.snapshot_id, ())),
                use_unknown=users if isinstance(users, Message) else None,
            )
        )
        ranks[own_disk] += 1
    return facts


def _seconds(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else (now - moment).total_seconds()
