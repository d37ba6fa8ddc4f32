"""Faults that concern the resources: duplicate and late requests, dry runs."""

from __future__ import annotations

from typing import Any

from tests.sandbox.cloud import Cloud
from tests.support.tc3 import Client

IMAGE: dict[str, Any] = {"InstanceId": "ins-stop0001", "ImageName": "new"}
LAUNCH: dict[str, Any] = {"ImageId": "img-487zeit5", "Placement": {"Zone": "ap-guangzhou-7"}}


def lost(cloud: Cloud, action: str, **params: Any) -> None:
    """Call an action whose answer is lost."""
    client = Client(cloud.sandbox.handle, *cloud.sandbox.credentials(), now=cloud.now)
    assert cloud.sandbox.handle(client.request("cvm", action, params)).cut


def test_create_image_delivered_twice_answers_the_duplicate_name(cloud: Cloud) -> None:
    cloud.sandbox.faults.add("CreateImage:twice:times=1")
    assert cloud.refusal("CreateImage", **IMAGE) == "InvalidImageName.Duplicate"
    cloud.wait(3600)
    found = cloud.do("DescribeImages", Filters=[{"Name": "image-name", "Values": ["new"]}])
    assert [image["ImageState"] for image in found["ImageSet"]] == ["NORMAL"]


def test_run_instances_delivered_twice_without_a_token_launches_twice(cloud: Cloud) -> None:
    cloud.sandbox.faults.add("RunInstances:twice:times=1")
    launched = cloud.launch()
    assert cloud.state(launched[0]) == "PENDING"
    assert cloud.do("DescribeInstances")["TotalCount"] == 13


def test_run_instances_delivered_twice_with_a_token_launches_once(cloud: Cloud) -> None:
    cloud.sandbox.faults.add("RunInstances:twice:times=1")
    launched = cloud.launch(ClientToken="once")
    assert cloud.state(launched[0]) == "PENDING"
    assert cloud.do("DescribeInstances")["TotalCount"] == 12


def test_a_delayed_image_is_created_after_its_retry(cloud: Cloud) -> None:
    cloud.sandbox.faults.add("CreateImage:delayed=60:times=1")
    lost(cloud, "CreateImage", **IMAGE)
    cloud.wait(60)
    assert cloud.refusal("CreateImage", **IMAGE) == "InvalidImageName.Duplicate"
    cloud.sandbox.faults.add("RunInstances:delayed=60:times=1")
    lost(cloud, "RunInstances", **LAUNCH)
    assert cloud.do("DescribeInstances")["TotalCount"] == 11
    cloud.wait(60)
    assert cloud.do("DescribeInstances")["TotalCount"] == 12


def test_dry_runs_use_up_no_fault(cloud: Cloud) -> None:
    cloud.sandbox.faults.add("CreateImage:error=InternalError:times=1")
    assert cloud.refusal("CreateImage", **IMAGE, DryRun=True) == "DryRunOperation"
    assert cloud.refusal("CreateImage", **IMAGE) == "InternalError"


def test_faults_can_be_for_dry_runs(cloud: Cloud) -> None:
    cloud.sandbox.faults.add("CreateImage:error=InternalError:dry-run")
    assert cloud.refusal("CreateImage", **IMAGE, DryRun=True) == "InternalError"
    assert cloud.refusal("CreateImage", **IMAGE) == "ok"
