"""The plan of a launch: disks, tags, names, the agent, and what is refused up front."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.models import Image
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.launch.disks import ImageDisk, NewDisk, disks_like
from cvmimg.workflows.launch.plan import LaunchPlan, plan_launch
from cvmimg.workflows.launch.request import LaunchRequest
from cvmimg.workflows.launch.settings import LaunchSettings
from cvmimg.workflows.wait import image_task, waiter
from tests.support.lab import Lab

DATA, DISK = "ins-data0001", "disk-data0001"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def session(lab: Lab) -> Session:
    return lab.session()


def plan(session: Session, image: str = "web-v1", count: int = 1, **more: Any) -> LaunchPlan:
    request = LaunchRequest(image, count, **more)
    return plan_launch(session.cloud, request, find_image(session.cloud, image))


def data_disks(planned: LaunchPlan) -> list[dict[str, Any]]:
    disks: list[dict[str, Any]] = planned.request.get("DataDisks", [])
    return disks


def whole_machine_image(lab: Lab, session: Session, *, remember: bool = True) -> Image:
    """An image of ins-data0001 with its data disk."""
    tags = [{"Key": "cvmimg-source-instance", "Value": DATA}] if remember else []
    request: dict[str, Any] = {"InstanceId": DATA, "ImageName": "whole", "DataDiskIds": [DISK]}
    if tags:
        request["TagSpecification"] = [{"ResourceType": "image", "Tags": tags}]
    image_id = cvm.create_image(session.cloud, request)
    from cvmimg.cloud.progress import NoListener

    task = image_task(session.cloud, [image_id])
    return waiter(session, NoListener(), 7200).one(task)


def snapshot_of(image: Image) -> str:
    (inside,) = [each for each in image.snapshot_set if each.disk_usage == "DATA_DISK"]
    return inside.snapshot_id


def refusal(session: Session, **more: Any) -> CvmimgError:
    with pytest.raises(CvmimgError) as caught:
        plan(session, **more)
    return caught.value


# --- data disks -----------------------------------------------------------------------------


def test_the_images_data_disk_is_like_the_sources(lab: Lab, session: Session) -> None:
    image = whole_machine_image(lab, session)
    (disk,) = data_disks(plan(session, "whole"))
    source = lab.instance(DATA).data_disks[0]
    assert disk == {
        "DiskType": source.disk_type,
        "DiskSize": source.disk_size,
        "SnapshotId": snapshot_of(image),
    }


def test_a_whole_machine_image_keeps_its_data_without_its_source(
    lab: Lab, session: Session
) -> None:
    image = whole_machine_image(lab, session)
    cvm.terminate_instances(session.cloud, [DATA])
    lab.clock.sleep(600)

    planned = plan(session, "whole", like="ins-web00001")

    assert [disk["SnapshotId"] for disk in data_disks(planned)] == [snapshot_of(image)]
    assert data_disks(planned)[0]["DiskSize"] == 200


def test_disks_are_paired_by_id_not_by_position() -> None:
    model = cvm.Instance(
        {
            "InstanceId": "ins-00000001",
            "DataDisks": [
                {"DiskId": "disk-0000000a", "DiskType": "CLOUD_SSD", "DiskSize": 100},
                {"DiskId": "", "DiskType": "LOCAL_SSD", "DiskSize": 50},
                {"DiskId": "disk-0000000b", "DiskType": "CLOUD_PREMIUM", "DiskSize": 300},
            ],
        }
    )
    inside = [ImageDisk("snap-0000000b", 200, "disk-0000000b")]
    assert disks_like(model.data_disks, inside) == (
        NewDisk(type="CLOUD_SSD", gib=100),
        NewDisk(type="CLOUD_PREMIUM", gib=300, snapshot_id="snap-0000000b"),
    )


def test_where_the_disks_of_the_snapshots_are_not_known_only_the_images_are_made() -> None:
    model = cvm.Instance(
        {
            "InstanceId": "ins-00000001",
            "DataDisks": [{"DiskId": "disk-0000000a", "DiskType": "CLOUD_SSD", "DiskSize": 100}],
        }
    )
    assert disks_like(model.data_disks, [ImageDisk("snap-0000000a", 100)]) == ()


def test_an_empty_disk_is_added_to_the_images(lab: Lab, session: Session) -> None:
    image = whole_machine_image(lab, session)
    settings = LaunchSettings(data_disks=(NewDisk(type="CLOUD_SSD", gib=50),))
    disks = data_disks(plan(session, "whole", settings=settings))
    assert disks == [
        {"DiskSize": 200, "SnapshotId": snapshot_of(image)},
        {"DiskType": "CLOUD_SSD", "DiskSize": 50},
    ]


def test_given_data_replaces_the_images(lab: Lab, session: Session) -> None:
    whole_machine_image(lab, session)
    snapshot_id = cbs.create_snapshot(session.cloud, DISK, name="fresh")
    lab.clock.sleep(7200)
    settings = LaunchSettings(data_disks=(NewDisk(snapshot_id=snapshot_id),))
    disks = data_disks(plan(session, "whole", settings=settings))
    assert disks == [{"DiskSize": 200, "SnapshotId": snapshot_id}]


def test_a_snapshots_disk_gets_the_snapshots_size_and_may_be_larger(
    lab: Lab, session: Session
) -> None:
    snapshot_id = cbs.create_snapshot(session.cloud, DISK, name="data")
    lab.clock.sleep(7200)

    def disks(**more: Any) -> list[dict[str, Any]]:
        disk = NewDisk(snapshot_id=snapshot_id, **more)
        return data_disks(plan(session, settings=LaunchSettings(data_disks=(disk,))))

    assert disks() == [{"DiskSize": 200, "SnapshotId": snapshot_id}]
    assert disks(gib=500, type="CLOUD_SSD")[0]["DiskSize"] == 500
    small = LaunchSettings(data_disks=(NewDisk(snapshot_id=snapshot_id, gib=100),))
    assert refusal(session, settings=small).code == "DataDiskTooSmall"
    unknown = LaunchSettings(data_disks=(NewDisk(snapshot_id="snap-nothere1"),))
    assert refusal(session, settings=unknown).exit_code == 4


def test_a_local_system_disk_is_not_asked_for(session: Session) -> None:
    request = plan(session, like="ins-locl0001").request
    assert "LOCAL" not in str(request)


# --- tags, names, agent ---------------------------------------------------------------------


def tags(planned: LaunchPlan) -> dict[str, str]:
    (specification,) = planned.request["TagSpecification"]
    return {tag["Key"]: tag["Value"] for tag in specification["Tags"]}


def test_given_tags_are_added_to_the_inherited_ones(lab: Lab, session: Session) -> None:
    inherited = lab.instance("ins-web00001").tag_map
    assert inherited
    settings = LaunchSettings(tags={"run": "7"})
    assert tags(plan(session, settings=settings)) == {**inherited, "run": "7"}
    assert tags(plan(session, settings=settings, inherit_tags=False)) == {"run": "7"}


def test_a_given_tag_replaces_an_inherited_one_of_its_key(lab: Lab, session: Session) -> None:
    key = next(iter(lab.instance("ins-web00001").tag_map))
    assert tags(plan(session, settings=LaunchSettings(tags={key: "mine"})))[key] == "mine"


def test_inherited_names_are_numbered_after_those_that_exist(session: Session) -> None:
    assert plan(session).request["InstanceName"] == "web-{R:2}"
    mine = LaunchSettings(name="mine")
    assert plan(session, settings=mine).request["InstanceName"] == "mine"


def test_new_instances_get_the_agent_by_default(session: Session) -> None:
    service = plan(session).request["EnhancedService"]
    assert service == {"AutomationService": {"Enabled": True}}
    without = plan(session, settings=LaunchSettings(agent=False)).request["EnhancedService"]
    assert without == {"AutomationService": {"Enabled": False}}


# --- refused before anything is asked for ---------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "code", "exit_code"),
    [
        (LaunchSettings(charge_type="SPOTPAID"), "SpotPriceMissing", 2),
        (
            LaunchSettings(charge_type="PREPAID", spot_price="1"),
            "SpotPriceWithoutSpot",
            2,
        ),
        (
            LaunchSettings(system_disk=NewDisk(type="CLOUD_SSD", gib=20)),
            "SystemDiskTooSmall",
            3,
        ),
    ],
)
def test_what_cannot_work_is_refused(
    session: Session, settings: LaunchSettings, code: str, exit_code: int
) -> None:
    error = refusal(session, settings=settings)
    assert (error.code, error.exit_code) == (code, exit_code)
