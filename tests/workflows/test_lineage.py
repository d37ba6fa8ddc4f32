"""What an image comes from and what comes from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvmimg.cloud import cvm
from cvmimg.workflows.lineage import Lineage, Node, Relation, build_lineage, find_lineage
from tests.support.lab import Lab

WORLD: dict[str, Any] = {
    "regions": {
        "ap-guangzhou": {
            "images": [
                {"id": "img-base0001", "name": "base"},
                {
                    "id": "img-app00001",
                    "name": "app",
                    "tags": {"cvmimg-source-instance": "ins-build001"},
                },
                {
                    "id": "img-lost0001",
                    "name": "lost",
                    "tags": {"cvmimg-source-instance": "ins-gone0001"},
                },
            ],
            "instances": [
                {"id": "ins-build001", "name": "build", "image": "img-base0001"},
                {"id": "ins-app00001", "name": "app-1", "image": "img-app00001"},
            ],
        },
        "ap-shanghai": {
            "images": [
                {
                    "id": "img-copy0001",
                    "name": "app",
                    "tags": {
                        "cvmimg-copied-from": "ap-guangzhou/img-app00001",
                        "cvmimg-source-instance": "ins-build001",
                    },
                }
            ],
            "instances": [{"id": "ins-app00002", "name": "app-2", "image": "img-copy0001"}],
        },
    }
}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(WORLD) as lab:
        yield lab


def lineage(lab: Lab, image_id: str) -> Lineage:
    cloud = lab.session().cloud
    return find_lineage(cloud, cvm.describe_image(cloud, image_id))


def tree(found: Lineage) -> list[tuple[int, str]]:
    return [(entry.depth, entry.node.id) for entry in found.entries]


def test_sources_and_all_that_comes_from_an_image_are_found_in_all_regions(lab: Lab) -> None:
    assert tree(lineage(lab, "img-app00001")) == [
        (0, "img-base0001"),
        (1, "ins-build001"),
        (2, "img-app00001"),
        (3, "ins-app00001"),
        (3, "img-copy0001"),
        (4, "ins-app00002"),
    ]


def test_a_copy_comes_from_its_image_although_it_carries_the_instances_tag(lab: Lab) -> None:
    found = lineage(lab, "img-base0001")
    parents = {entry.node.id: entry.node.parent_id for entry in found.entries}
    assert parents["img-copy0001"] == "img-app00001"
    assert [entry.node.id for entry in found.affected].count("img-copy0001") == 1


def test_a_source_that_is_gone_is_named_by_its_id(lab: Lab) -> None:
    (source,) = lineage(lab, "img-lost0001").sources
    assert (source.node.id, source.node.kind, source.node.resource) == (
        "ins-gone0001",
        "instance",
        None,
    )


def test_a_public_source_is_looked_up() -> None:
    with Lab() as lab:
        public = lineage(lab, "img-webv1000").sources[0].node
    assert public.kind == "image"
    assert public.resource is not None


IDS = [f"{kind}-{number}" for kind in ("img", "ins") for number in range(5)]
NODES = st.dictionaries(st.sampled_from(IDS), st.sampled_from(["", *IDS]), min_size=1).map(
    lambda parents: {
        each: Node(each, "r", None, parent, Relation.CREATED if parent else None)
        for each, parent in parents.items()
    }
)


@given(NODES, st.data())
def test_every_lineage_ends_and_names_each_thing_once_below_what_it_came_from(
    nodes: dict[str, Node], data: st.DataObject
) -> None:
    found = build_lineage(nodes, data.draw(st.sampled_from(sorted(nodes))))
    affected = [entry.node.id for entry in found.affected]
    assert len(affected) == len(set(affected))
    above = {found.image_id: found.image.depth}
    for entry in found.affected:
        assert entry.depth == above[entry.node.parent_id] + 1
        above[entry.node.id] = entry.depth
