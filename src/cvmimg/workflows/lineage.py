"""Where an image comes from and what comes from it, read from tags and instances' image ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, Instance
from cvmimg.cloud.own_tags import COPIED_FROM_TAG, SOURCE_TAG
from cvmimg.errors import CvmimgError
from cvmimg.workflows.all_regions import read_regions


class Relation(str, Enum):
    """How something came from its parent."""

    CREATED = "created-from"
    COPIED = "copied-from"
    LAUNCHED = "launched-from"


@dataclass(frozen=True)
class Node:
    """An image or an instance of a lineage.

    Attributes:
        id: its id.
        region: where it is.
        resource: what the API lists; None if it is gone, or only known by its id.
        parent_id: what it came from; empty if that is not known.
        relation: how; None if that is not known.
    """

    id: str
    region: str
    resource: Image | Instance | None = None
    parent_id: str = ""
    relation: Relation | None = None

    @property
    def kind(self) -> str:
        """Either "image" or "instance"."""
        return "instance" if self.id.startswith("ins-") else "image"


LookUp = Callable[[Node], Node]
"""Finds out more about a node of which only the id is known."""


@dataclass(frozen=True)
class Entry:
    """A node at its place in a tree.

    Attributes:
        node: the image or instance.
        depth: 0 for the root.
    """

    node: Node
    depth: int


@dataclass(frozen=True)
class Lineage:
    """The lineage of an image.

    Attributes:
        image_id: the image.
        sources: what it comes from, the furthest first.
        image: the image itself, below its sources.
        affected: all that comes from it, each below what it came from.
    """

    image_id: str
    sources: tuple[Entry, ...]
    image: Entry
    affected: tuple[Entry, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The whole tree."""
        return (*self.sources, self.image, *self.affected)


def find_lineage(cloud: Cloud, image: Image) -> Lineage:
    """Look up the lineage of an image in all regions.

    Calls DescribeRegions, and in each region DescribeImages and DescribeInstances. Images
    of others, such as public ones, are looked up by their ids.

    Raises:
        CvmimgError: a region could not be queried; a lineage is never silently incomplete.
    """
    nodes = {node.id: node for node in read_regions(cloud, _nodes_of_region)}
    # The image itself may be public or shared.
    nodes.setdefault(image.image_id, _image_node(image, cloud.region))
    return build_lineage(nodes, image.image_id, partial(_look_up, cloud))


def build_lineage(
    nodes: Mapping[str, Node], image_id: str, look_up: LookUp = lambda node: node
) -> Lineage:
    """Arrange nodes around one image."""
    sources = [look_up(node) for node in _sources(nodes, nodes[image_id])]
    entries = [Entry(node, depth) for depth, node in enumerate(reversed(sources))]
    return Lineage(
        image_id,
        tuple(entries),
        Entry(nodes[image_id], len(entries)),
        tuple(_descendants(nodes, image_id, len(entries) + 1)),
    )


def _nodes_of_region(cloud: Cloud) -> list[Node]:
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    instances = cvm.describe_instances(cloud)
    return [
        *(_image_node(image, cloud.region) for image in images),
        *(
            Node(
                instance.instance_id,
                cloud.region,
                instance,
                instance.image_id,
                Relation.LAUNCHED if instance.image_id else None,
            )
            for instance in instances
        ),
    ]


def _image_node(image: Image, region: str) -> Node:
    node, tags = Node(image.image_id, region, image), image.tag_map
    # A copy carries its source's tags, too; it was made from the image, not from the instance.
    if COPIED_FROM_TAG in tags:
        source_id = tags[COPIED_FROM_TAG].rpartition("/")[2]
        return replace(node, parent_id=source_id, relation=Relation.COPIED)
    if SOURCE_TAG in tags:
        return replace(node, parent_id=tags[SOURCE_TAG], relation=Relation.CREATED)
    return node


def _sources(nodes: Mapping[str, Node], node: Node) -> Iterator[Node]:
    """Walk from an image to what it comes from, as far as that is known."""
    seen = {node.id}
    while node.parent_id and node.parent_id not in seen:
        node = nodes.get(node.parent_id) or Node(node.parent_id, node.region)
        seen.add(node.id)
        yield node


def _descendants(nodes: Mapping[str, Node], image_id: str, depth: int) -> Iterator[Entry]:
    children: dict[str, list[Node]] = defaultdict(list)
    for node in nodes.values():
        if node.parent_id:
            children[node.parent_id].append(node)
    seen = {image_id}

    def below(parent_id: str, depth: int) -> Iterator[Entry]:
        for node in sorted(children[parent_id], key=lambda node: (node.region, node.id)):
            # An instance that was reinstalled from an image of itself would come from itself.
            if node.id not in seen:
                seen.add(node.id)
                yield Entry(node, depth)
                yield from below(node.id, depth + 1)

    yield from below(image_id, depth)


def _look_up(cloud: Cloud, node: Node) -> Node:
    """Return a node with the image that it stands for, if it is one that can be seen."""
    if node.resource is not None or node.kind != "image":
        return node
    try:
        found = cvm.describe_images_by_id(cloud.in_region(node.region), [node.id])
    except CvmimgError:
        return node
    return replace(node, resource=found[0]) if found else node
