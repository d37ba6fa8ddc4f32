"""Faults of tasks: they fail or never end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.scene import Scene

LAUNCH = {
    "Placement": {"Zone": "ap-guangzhou-3"},
    "ImageId": "img-webv1000",
    "InstanceType": "S5.MEDIUM4",
    "LoginSettings": {"KeepImageLogin": "TRUE"},
}
IMPORT = {
    "Architecture": "x86_64",
    "OsType": "Ubuntu",
    "OsVersion": "22",
    "ImageUrl": "https://b-1250000000.cos.ap-guangzhou.myqcloud.com/web.qcow2",
    "ImageName": "imported",
}
CREATE = {"InstanceId": "ins-web00001", "ImageName": "made"}


@pytest.fixture
def scene() -> Iterator[Scene]:
    with Scene() as scene:
        yield scene


def image_state(scene: Scene, image_id: str, region: str = "ap-guangzhou") -> str:
    found = scene.ok("cvm", "DescribeImages", ImageIds=[image_id], region=region)["ImageSet"]
    return str(found[0]["ImageState"]) if found else "none"


@pytest.mark.parametrize(
    ("fault", "made", "launched", "imported"),
    [
        ("task-fail", "CREATEFAILED", "LAUNCH_FAILED", "IMPORTFAILED"),
        ("task-stuck", "CREATING", "PENDING", "IMPORTING"),
    ],
)
def test_tasks_fail_or_get_stuck(
    scene: Scene, fault: str, made: str, launched: str, imported: str
) -> None:
    scene.sandbox.faults.add(f"cvm.*:{fault}")
    image = scene.ok("cvm", "CreateImage", **CREATE)["ImageId"]
    scene.ok("cvm", "ImportImage", **IMPORT)
    instances = scene.ok("cvm", "RunInstances", **LAUNCH)["InstanceIdSet"]
    scene.later(120)
    found = scene.ok("cvm", "DescribeInstances", InstanceIds=instances)["InstanceSet"]
    assert [instance["InstanceState"] for instance in found] == [launched]
    scene.later(24 * 3600)
    assert image_state(scene, image) == made
    named = [{"Name": "image-name", "Values": ["imported"]}]
    shown = scene.ok("cvm", "DescribeImages", Filters=named)["ImageSet"]
    assert [image["ImageState"] for image in shown] == [imported]


def test_a_failed_stop_leaves_the_instance_running(scene: Scene) -> None:
    scene.sandbox.faults.add("StopInstances:task-fail")
    scene.ok("cvm", "StopInstances", InstanceIds=["ins-web00001"])
    scene.later(3600)
    found = scene.ok("cvm", "DescribeInstances", InstanceIds=["ins-web00001"])["InstanceSet"][0]
    assert (found["InstanceState"], found["LatestOperationState"]) == ("RUNNING", "FAILED")


def test_an_image_is_created_even_if_the_answer_is_lost(scene: Scene) -> None:
    scene.sandbox.faults.add("CreateImage:cut-after:times=1")
    client = scene.client()
    assert scene.sandbox.handle(client.request("cvm", "CreateImage", CREATE)).cut
    assert scene.code("cvm", "CreateImage", **CREATE) != "ok"
    scene.later(3600)
    named = [{"Name": "image-name", "Values": ["made"]}]
    shown = scene.ok("cvm", "DescribeImages", Filters=named)["ImageSet"]
    assert [image["ImageState"] for image in shown] == ["NORMAL"]
