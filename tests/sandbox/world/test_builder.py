from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cvmimg.sandbox import Sandbox
from tests.sandbox.cloud import NEIGHBOUR, OWNER, Cloud

RUNNING, STOPPED = "RUNNING", "STOPPED"

ROWS: dict[str, Mapping[str, Any]] = {
    "ins-web00001": {"InstanceState": RUNNING, "DataDisks": []},
    "ins-data0001": {"InstanceState": RUNNING},
    "ins-nofl0001": {"InstanceState": RUNNING},
    "ins-old00001": {"InstanceState": RUNNING, "CreatedTime": "2017-09-12T06:20:15Z"},
    "ins-priv0001": {"InstanceState": RUNNING, "ImageId": "img-basev001"},
    "ins-locl0001": {"InstanceState": RUNNING},
    "ins-stop0001": {"InstanceState": STOPPED, "StopChargingMode": "KEEP_CHARGING"},
    "ins-save0001": {"InstanceState": STOPPED, "StopChargingMode": "STOP_CHARGING"},
    "ins-noat0001": {"InstanceState": RUNNING},
    "ins-busy0001": {"InstanceState": RUNNING, "LatestOperationState": "OPERATING"},
    "ins-win00001": {"InstanceState": RUNNING, "OsName": "Windows Server 2022 DataCenter 64bit CN"},
}


@pytest.mark.parametrize("instance", ROWS)
def test_the_contracts_instances_exist(cloud: Cloud, instance: str) -> None:
    shown = cloud.instance(instance)
    assert ROWS[instance].items() <= shown.items()


def test_there_are_no_other_instances(cloud: Cloud) -> None:
    assert cloud.do("DescribeInstances")["TotalCount"] == len(ROWS)


def test_disks_match_the_contract(cloud: Cloud) -> None:
    data = cloud.instance("ins-data0001")["DataDisks"]
    assert [(disk["DiskId"], disk["DiskSize"]) for disk in data] == [("disk-data0001", 200)]
    assert cloud.instance("ins-locl0001")["SystemDisk"]["DiskType"] == "LOCAL_BASIC"
    assert cloud.instance("ins-web00001")["SystemDisk"]["DiskType"] == "CLOUD_SSD"


def test_the_busy_instance_becomes_free(cloud: Cloud) -> None:
    assert cloud.refusal("CreateImage", InstanceId="ins-busy0001", ImageName="x") == (
        "OperationDenied.InstanceOperationInProgress"
    )
    cloud.wait(300)
    assert cloud.instance("ins-busy0001")["LatestOperationState"] == "SUCCESS"
    cloud.create(instance="ins-busy0001")


def test_the_contracts_images_exist(cloud: Cloud) -> None:
    web, base = cloud.image("img-webv1000"), cloud.image("img-basev001")
    assert (web["ImageName"], base["ImageName"]) == ("web-v1", "base-v1")
    tags = {tag["Key"]: tag["Value"] for tag in web["Tags"]}
    assert tags["cvmimg-source-instance"] == "ins-web00001"
    private = {"Filters": [{"Name": "image-type", "Values": ["PRIVATE_IMAGE"]}]}
    assert cloud.do("DescribeImages", **private)["TotalCount"] == 2


def test_base_v1_is_used_by_an_instance_a_template_and_a_configuration(cloud: Cloud) -> None:
    templates = cloud.do("DescribeLaunchTemplateVersions", LaunchTemplateId="lt-base0001")
    data = templates["LaunchTemplateVersionSet"][0]["LaunchTemplateVersionData"]
    scaling = cloud.ask("DescribeLaunchConfigurations", service="as")["LaunchConfigurationSet"]
    groups = cloud.ask("DescribeAutoScalingGroups", service="as")["AutoScalingGroupSet"]
    assert data["ImageId"] == scaling[0]["ImageId"] == "img-basev001"
    assert groups[0]["LaunchConfigurationId"] == scaling[0]["LaunchConfigurationId"]


def test_the_quota_in_shanghai_is_used_up(cloud: Cloud) -> None:
    asked = {"InstanceId": "ins-full0001", "ImageName": "one-more"}
    answer = cloud.ask("CreateImage", asked, region="ap-shanghai")
    assert answer["Error"]["Code"] == "ImageQuotaLimitExceeded"
    private = {"Filters": [{"Name": "image-type", "Values": ["PRIVATE_IMAGE"]}], "Limit": 1}
    assert cloud.ask("DescribeImages", private, region="ap-shanghai")["TotalCount"] == 10
    assert cloud.do("DescribeImageQuota")["ImageNumQuota"] == 10


def test_the_neighbour_shares_one_image_and_sees_no_others(cloud: Cloud) -> None:
    shared = {"Filters": [{"Name": "image-type", "Values": ["SHARED_IMAGE"]}]}
    found = cloud.do("DescribeImages", **shared)["ImageSet"]
    assert [image["ImageId"] for image in found] == ["img-neigh001"]
    assert cloud.image("img-webv1000", account=NEIGHBOUR) is None
    assert cloud.ask("DescribeInstances", account=NEIGHBOUR)["TotalCount"] == 0


@pytest.mark.parametrize("platform", ["TencentOS", "Ubuntu", "CentOS", "Debian", "Rocky Linux",
                                      "AlmaLinux", "OpenCloudOS", "Windows"])  # fmt: skip
def test_public_images_exist_in_every_region(cloud: Cloud, platform: str) -> None:
    filters = [
        {"Name": "image-type", "Values": ["PUBLIC_IMAGE"]},
        {"Name": "platform", "Values": [platform]},
    ]
    for region in ("ap-guangzhou", "eu-frankfurt"):
        assert cloud.ask("DescribeImages", {"Filters": filters}, region=region)["TotalCount"]


def test_a_world_can_be_a_mapping(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text(
        """
        quota: 2
        snapshot_quota: 1
        regions:
          eu-frankfurt:
            stock: {eu-frankfurt-2/S5.MEDIUM4: 1}
            instances:
              - id: ins-app00001
                image: Debian 12.0 64bit
                charge_type: PREPAID
                data_disks: [{size: 100, mount: /srv, options: "defaults,nofail"}]
                tags: {env: test}
            images:
              - {id: img-appv1000, name: app-v1, of: ins-app00001, shared: true}
              - {id: img-appv2000, name: app-v2, deprecated: true, family: app}
        """
    )
    cloud = Cloud(world=world)
    with cloud.sandbox:
        found = cloud.ask("DescribeInstances", region="eu-frankfurt")["InstanceSet"]
        assert [(each["InstanceId"], each["InstanceChargeType"]) for each in found] == [
            ("ins-app00001", "PREPAID")
        ]
        assert cloud.do("DescribeInstances")["TotalCount"] == 0
        images = cloud.ask("DescribeImages", region="eu-frankfurt", account=NEIGHBOUR)["ImageSet"]
        assert images[0]["ImageId"] == "img-appv1000"
        asked = {"InstanceId": "ins-app00001", "ImageName": "x"}
        answer = cloud.ask("CreateImage", asked, region="eu-frankfurt", account=OWNER)
        assert answer["Error"]["Code"] == "ImageQuotaLimitExceeded"


@pytest.mark.parametrize(
    ("world", "field"),
    [
        ({"regions": {"mars": {}}}, "mars"),
        ({"regions": {"ap-guangzhou": {"instances": [{"id": "web"}]}}}, "instances.0.id"),
        ({"regions": {"ap-guangzhou": {"instances": [{"id": "ins-00000001", "x": 1}]}}}, "x"),
        ({"regions": {"ap-guangzhou": {"images": [{"id": "img-00000001"}]}}}, "name"),
        ({"quota": -1}, "quota"),
        ({"quota": "many", "color": 1}, "quota: must be a valid integer.*; color: unknown"),
        ({"settings": {"unknown": 1}}, "settings.unknown: unknown field"),
        (
            {"regions": {"ap-guangzhou": {"instances": [
                {"id": "ins-00000001", "files": {"/": "x"}}]}}},
            "absolute path",
        ),
        (
            {"regions": {"ap-guangzhou": {"instances": [
                {"id": "ins-00000001", "zone": "ap-beijing-3"}]}}},
            "ap-beijing-3",
        ),
        (
            {"regions": {"ap-guangzhou": {"instances": [
                {"id": "ins-00000001", "image": "img-00000009"}]}}},
            "img-00000009",
        ),
    ],
)  # fmt: skip
def test_an_invalid_world_is_refused_with_the_field(world: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=field) as refused:
        Sandbox(world=world)

    assert not re.search(r"\n|pydantic|WorldSpec|Input should|_type", str(refused.value))


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[]"])
def test_a_world_file_that_is_not_a_mapping_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "world.json"
    file.write_bytes(content)

    with pytest.raises(ValueError, match=r"JSON|UTF-8|mapping"):
        Sandbox(world=file)


def test_a_reset_restores_the_initial_world(cloud: Cloud) -> None:
    cloud.created("mine")
    cloud.do("TerminateInstances", InstanceIds=["ins-web00001"])
    cloud.sandbox.reset()
    assert cloud.state("ins-web00001") == RUNNING
    mine = [{"Name": "image-name", "Values": ["mine"]}]
    assert cloud.do("DescribeImages", Filters=mine)["TotalCount"] == 0
