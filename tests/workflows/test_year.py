"""A year of a service: weekly images with copies, users of old ones, a rollback, a full region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.client import Cloud
from cvmimg.workflows.create.operation import create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.family.operation import change_family
from cvmimg.workflows.family.plan import plan_rollback
from cvmimg.workflows.prune.facts import Selection
from cvmimg.workflows.prune.operation import prune
from cvmimg.workflows.prune.plan import PruneRequest, plan_prune
from cvmimg.workflows.prune.rules import Retention
from cvmimg.workflows.share import share_image
from tests.support.lab import Lab

pytestmark = pytest.mark.system

WEEK = 7 * 86400.0
HOME, COPIES = "ap-guangzhou", ("ap-shanghai", "ap-beijing")
NEIGHBOUR = "100000000002"
KEEP = 4
QUOTA = 12
WORLD: dict[str, Any] = {
    "quota": QUOTA,
    "regions": {
        HOME: {
            "instances": [{"id": "ins-build001", "name": "build"}],
            "images": [
                {"id": "img-oldlt001", "name": "old-1", "family": "web"},
                {"id": "img-oldas001", "name": "old-2", "family": "web"},
            ],
            "templates": [{"id": "lt-web00001", "name": "web", "image": "img-oldlt001"}],
            "scaling": [
                {
                    "id": "asc-web00001",
                    "name": "web",
                    "image": "img-oldas001",
                    "group": "asg-web00001",
                }
            ],
        },
        COPIES[0]: {},
        COPIES[1]: {},
    },
}


class Year:
    """A world that grows older week by week."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.session = lab.session()
        self.used = {"img-oldlt001", "img-oldas001"}
        self.used_copies: set[str] = set()
        self.revoked: set[str] = set()
        self.times_full = 0

    def week(self, number: int) -> None:
        self.lab.clock.sleep(WEEK)
        was_full = len(self.lab.images()) == QUOTA
        request = CreateRequest(
            name=f"web-{number}",
            instance_id="ins-build001",
            family="web",
            keep=KEEP,
            copy_to=COPIES,
            replace_oldest="family:web",
        )
        result = create(self.session, request)
        assert result.image is not None
        assert [copy.error for copy in result.copies] == [None, None]
        self.times_full += was_full
        for region in COPIES:
            self.prune(region)
        if event := EVENTS.get(number):
            event(self, result.image.image_id)

    def prune(self, region: str) -> None:
        there = self.session.in_region(region)
        request = PruneRequest(Retention(keep=KEEP), Selection(families=("web",)))
        plan = plan_prune(there.cloud, request)
        assert prune(there, request, plan, timeout_seconds=WEEK).errors == {}

    def launch(self, image_id: str) -> None:
        placement = {"Zone": f"{HOME}-6"}
        cvm.run_instances(self.session.cloud, {"ImageId": image_id, "Placement": placement})
        self.used.add(image_id)

    def launch_copy(self, _: str) -> None:
        there = self.session.in_region(COPIES[0]).cloud
        copy, *_older = cvm.describe_images(there, image_type=cvm.PRIVATE)
        placement = {"Zone": f"{COPIES[0]}-2"}
        cvm.run_instances(there, {"ImageId": copy.image_id, "Placement": placement})
        self.used_copies.add(copy.image_id)

    def name_in_template(self, image_id: str) -> None:
        template = {"LaunchTemplateName": "old", "ImageId": image_id}
        self._write("cvm", "CreateLaunchTemplate", Placement={"Zone": f"{HOME}-6"}, **template)
        self.used.add(image_id)

    def name_in_scaling(self, image_id: str) -> None:
        configuration = {"LaunchConfigurationName": "old", "ImageId": image_id}
        self._write("as", "CreateLaunchConfiguration", InstanceType="S5.MEDIUM4", **configuration)
        self.used.add(image_id)

    def name_family_in_scaling(self, _: str) -> None:
        configuration = {"LaunchConfigurationName": "family", "ImageFamily": "web"}
        self._write("as", "CreateLaunchConfiguration", InstanceType="S5.MEDIUM4", **configuration)

    def _write(self, service: str, action: str, **params: Any) -> None:
        self.lab.observer_cloud.write(service, action, params)

    def share(self, image_id: str) -> None:
        share_image(self.session, cvm.describe_image(self.session.cloud, image_id), [NEIGHBOUR])
        self.used.add(image_id)

    def roll_back(self, image_id: str) -> None:
        change_family(self.session, plan_rollback(self.session.cloud, "web", "broken"))
        self.revoked.add(image_id)


EVENTS = {
    5: Year.launch,
    8: Year.name_in_template,
    10: Year.name_in_scaling,
    12: Year.name_family_in_scaling,
    15: Year.share,
    20: Year.roll_back,
    25: Year.launch_copy,
    30: Year.launch,
    40: Year.launch,
}


@pytest.fixture
def year() -> Iterator[Year]:
    with Lab(WORLD) as lab:
        yield Year(lab)


def snapshots_of_images(cloud: Cloud) -> tuple[set[str], int]:
    held = [
        snapshot
        for image in cvm.describe_images(cloud, image_type=cvm.PRIVATE)
        for snapshot in image.snapshot_set
    ]
    return {one.snapshot_id for one in held}, sum(one.disk_size for one in held)


def test_a_year_of_weekly_images_leaves_what_is_used_and_nothing_else(year: Year) -> None:
    for number in range(1, 53):
        year.week(number)
        serving = cvm.describe_image_from_family(year.session.cloud, "web")
        assert serving is not None
        assert serving.image_id not in year.revoked

    assert year.lab.unfinished() == []
    left = {image.image_id: image.image_name for image in year.lab.images()}
    assert year.used <= left.keys()
    assert {f"web-{number}" for number in range(49, 53)} <= set(left.values())
    assert len(left) == len(year.used) + KEEP
    assert year.times_full > 0
    copies = cvm.describe_images(year.session.in_region(COPIES[0]).cloud, image_type=cvm.PRIVATE)
    assert year.used_copies <= {image.image_id for image in copies}
    assert len(copies) == len(year.used_copies) + KEEP
    for region in (HOME, *COPIES):
        cloud = year.session.in_region(region).cloud
        ids, gib = snapshots_of_images(cloud)
        assert {one.snapshot_id for one in cbs.describe_snapshots(cloud)} == ids
        assert cbs.describe_snapshot_overview(cloud).total_size == gib
