"""Many at once take about as long as one, on virtual time with latencies and rate limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from cvmimg.cloud import cvm
from cvmimg.errors import CvmimgError
from cvmimg.sandbox.world.regions import IDS
from cvmimg.workflows.copy.operation import copy_image
from cvmimg.workflows.copy.plan import CopyRequest, plan_copy
from cvmimg.workflows.create.many import (
    CreateOutcome,
    create_many,
    requests_for,
    select_instances,
)
from cvmimg.workflows.create.request import CreateRequest
from tests.support.virtual import HOME, VirtualLab, virtual_lab

pytestmark = pytest.mark.system

MANY, CALLS_AT_MOST = 50, 12
LONGER_AT_MOST, COPIES_LONGER_AT_MOST = 1.15, 1.1
IMAGE = {"id": "img-many0001", "name": "web-v1", "tags": {"team": "web"}}

DATA_DISKS = [{"size": 200, "mount": "/data"}]

SOURCES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "online": ({}, {}),
    "stopped": ({"state": "STOPPED"}, {}),
    "shut-down": ({"created": "2017-03-01T00:00:00Z"}, {"stop": True}),
    "fixed": ({"data_disks": DATA_DISKS}, {"fix_fstab": True}),
    "fixed-and-shut-down": ({"data_disks": DATA_DISKS}, {"fix_fstab": True, "stop": True}),
}
"""Kinds of instances, and the options with which they can be imaged."""


def world(**source: Any) -> dict[str, Any]:
    """Fifty instances of one kind."""
    instances = [{"id": f"ins-many{n:04}", "name": f"web-{n}", **source} for n in range(MANY)]
    return {"quota": 100, "regions": {HOME: {"instances": instances}}}


def create(lab: VirtualLab, count: int, **options: Any) -> list[CreateOutcome]:
    session = lab.session()
    ids = [f"ins-many{n:04}" for n in range(count)]
    request = CreateRequest(name="image-{instance_id}", **options)
    requests = requests_for(session, request, select_instances(session.cloud, ids, ()))
    return create_many(session, requests)


def errors(outcomes: list[CreateOutcome]) -> list[CvmimgError]:
    return [one.error for one in outcomes if one.error]


@pytest.mark.parametrize("kind", SOURCES)
def test_fifty_instances_take_about_as_long_as_one(kind: str) -> None:
    source, options = SOURCES[kind]
    with virtual_lab(world(**source)) as lab:
        assert errors(create(lab, 1, **options)) == []
        one = lab.seconds
    with virtual_lab(world(**source)) as lab:
        assert errors(create(lab, MANY, **options)) == []
        assert lab.seconds <= LONGER_AT_MOST * one
        assert lab.calls.total() / MANY <= CALLS_AT_MOST
        assert lab.throttled == 0
        images = cvm.describe_images(lab.session().cloud, image_type=cvm.PRIVATE)
    assert [image.image_state for image in images] == ["NORMAL"] * MANY


def test_three_failures_of_fifty_leave_47_images_and_3_reasons() -> None:
    with virtual_lab(world()) as lab:
        lab.sandbox.faults.add("CreateImage:task-fail:skip=10:times=3")
        outcomes = create(lab, MANY)
        images = cvm.describe_images(lab.session().cloud, image_type=cvm.PRIVATE)
    assert [error.code for error in errors(outcomes)] == ["CREATEFAILED"] * 3
    assert sum(image.image_state == "NORMAL" for image in images) == MANY - 3


def seconds_to_copy(regions: Sequence[str]) -> float:
    with virtual_lab({"quota": 100, "regions": {HOME: {"images": [IMAGE]}}}) as lab:
        session = lab.session()
        image = cvm.describe_image(session.cloud, IMAGE["id"])
        order = plan_copy(session, image, CopyRequest(tuple(regions)))
        copied = copy_image(session, order, timeout_seconds=7200)
        assert [one.error for one in copied] == [None] * len(regions)
        assert all(one.image and one.image.tag_map["team"] == "web" for one in copied)
        return lab.seconds


def test_copies_to_fifteen_regions_take_about_as_long_as_one() -> None:
    regions = [each for each in IDS if each != HOME and not each.endswith("-fsi")][:15]
    assert len(regions) == 15
    assert seconds_to_copy(regions) <= COPIES_LONGER_AT_MOST * seconds_to_copy(regions[:1])
