from __future__ import annotations

import base64
from typing import Any

import pytest

from cvmimg.sandbox.state import timestamps
from tests.sandbox.cloud import NEIGHBOUR, Cloud

UBUNTU = "img-487zeit5"
ZONE = {"Zone": "ap-guangzhou-7"}
LAUNCH: dict[str, Any] = {"ImageId": UBUNTU, "Placement": ZONE}


def refused(cloud: Cloud, **params: Any) -> str:
    return cloud.refusal("RunInstances", **{**LAUNCH, **params})


def names(cloud: Cloud, launched: list[str]) -> list[str]:
    return [cloud.instance(each)["InstanceName"] for each in launched]


def test_instances_are_pending_then_running(cloud: Cloud) -> None:
    launched = cloud.launch(InstanceCount=3)
    assert len(set(launched)) == 3
    assert {cloud.state(each) for each in launched} == {"PENDING"}
    cloud.wait(30)
    assert {cloud.state(each) for each in launched} == {"RUNNING"}
    addresses = [cloud.instance(each)["PrivateIpAddresses"][0] for each in launched]
    assert len(set(addresses)) == 3


def test_instances_have_the_requested_attributes(cloud: Cloud) -> None:
    web = cloud.instance("ins-web00001")
    launched = cloud.launch(
        InstanceType="SA5.LARGE8",
        SystemDisk={"DiskType": "CLOUD_HSSD", "DiskSize": 80},
        DataDisks=[{"DiskType": "CLOUD_SSD", "DiskSize": 100, "DiskName": "logs"}],
        VirtualPrivateCloud={
            **{k: web["VirtualPrivateCloud"][k] for k in ("VpcId", "SubnetId")},
        },
        SecurityGroupIds=web["SecurityGroupIds"],
        LoginSettings={"KeyIds": web["LoginSettings"]["KeyIds"]},
        InternetAccessible={"InternetMaxBandwidthOut": 5, "PublicIpAssigned": True},
        HostName="web",
        InstanceName="web",
        CamRoleName="reader",
        TagSpecification=[{"ResourceType": "instance", "Tags": [{"Key": "k", "Value": "v"}]}],
    )
    shown = cloud.instance(launched[0])
    expected = {
        "InstanceName": "web",
        "HostName": "web",
        "InstanceType": "SA5.LARGE8",
        "CPU": 4,
        "Memory": 8,
        "CamRoleName": "reader",
        "Tags": [{"Key": "k", "Value": "v", "tagKey": "k", "tagValue": "v"}],
        "SecurityGroupIds": web["SecurityGroupIds"],
        "LoginSettings": web["LoginSettings"],
        "OsName": "Ubuntu Server 22.04 LTS 64bit",
    }
    assert {name: shown[name] for name in expected} == expected
    assert (shown["SystemDisk"]["DiskType"], shown["SystemDisk"]["DiskSize"]) == ("CLOUD_HSSD", 80)
    assert [(d["DiskName"], d["DiskSize"]) for d in shown["DataDisks"]] == [("logs", 100)]
    assert len(shown["PublicIpAddresses"]) == 1
    disk = cloud.cbs("DescribeDisks", DiskIds=[shown["DataDisks"][0]["DiskId"]])["DiskSet"][0]
    assert (disk["InstanceId"], disk["Tags"]) == (launched[0], [{"Key": "k", "Value": "v"}])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("web", ["web1", "web2"]),
        ("web_{R:3}", ["web_3", "web_4"]),
        ("web_{R:9,F:3}-{R:1}", ["web_009-1", "web_010-2"]),
        ("web{}", ["web{}1", "web{}2"]),
    ],
)
def test_names_are_numbered(cloud: Cloud, pattern: str, expected: list[str]) -> None:
    assert names(cloud, cloud.launch(InstanceCount=2, InstanceName=pattern)) == expected


def test_host_names_can_contain_the_address(cloud: Cloud) -> None:
    shown = cloud.instance(cloud.launch(HostName="node-{IP}")[0])
    assert shown["HostName"] == f"node-{shown['PrivateIpAddresses'][0]}"


def test_a_client_token_makes_the_request_idempotent(cloud: Cloud) -> None:
    first = cloud.launch(ClientToken="t", InstanceCount=2)
    assert cloud.launch(ClientToken="t", InstanceCount=2) == first
    assert cloud.launch(ClientToken="other", InstanceCount=2) != first
    cloud.wait(60)
    assert cloud.launch(ClientToken="t", InstanceCount=2) == first


def test_a_dry_run_launches_nothing(cloud: Cloud) -> None:
    assert set(cloud.do("RunInstances", **LAUNCH, DryRun=True)) == {"RequestId"}
    assert refused(cloud, DryRun=True, ImageId="img-none0001") == "InvalidImageId.NotFound"
    assert cloud.do("DescribeInstances")["TotalCount"] == 11


def test_an_injected_failure_is_shown_as_launch_failed(cloud: Cloud) -> None:
    launched = cloud.launch(fault_of(cloud, "task-fail"))
    cloud.wait(60)
    shown = cloud.instance(launched[0])
    assert (shown["InstanceState"], shown["LatestOperationState"]) == ("LAUNCH_FAILED", "FAILED")
    disk = shown["SystemDisk"]["DiskId"]
    cloud.wait(7200)
    assert cloud.instance(launched[0]) is None
    assert cloud.cbs("DescribeDisks", DiskIds=[disk])["TotalCount"] == 0


def test_instances_without_a_name_are_unnamed(cloud: Cloud) -> None:
    launched = cloud.launch(InstanceCount=2) + cloud.launch(InstanceName="")
    assert names(cloud, launched) == ["未命名"] * 3


def fault_of(cloud: Cloud, fault: str) -> str:
    cloud.sandbox.faults.add(f"RunInstances:{fault}:times=1")
    return UBUNTU


class TestStock:
    few = {"InstanceType": "SA5.LARGE8"}  # noqa: RUF012 - never changed

    def test_fewer_instances_may_be_available(self, cloud: Cloud) -> None:
        assert refused(cloud, **self.few, InstanceCount=3) == (
            "ResourceInsufficient.SpecifiedInstanceType"
        )
        assert len(cloud.launch(**self.few, InstanceCount=3, MinCount=1)) == 2
        assert refused(cloud, **self.few, InstanceCount=3, MinCount=1) == (
            "ResourceInsufficient.InsufficientOfferingMinimum"
        )

    def test_an_invalid_min_count_is_refused(self, cloud: Cloud) -> None:
        assert refused(cloud, InstanceCount=2, MinCount=3) == (
            "InvalidParameterValue.InvalidParameterMinCount"
        )

    def test_zones_and_types_can_be_sold_out(self, cloud: Cloud) -> None:
        assert refused(cloud, Placement={"Zone": "ap-guangzhou-4"}) == (
            "ResourceInsufficient.AvailabilityZoneSoldOut"
        )
        sold_out = {"Placement": {"Zone": "ap-guangzhou-6"}, "InstanceType": "S6.MEDIUM4"}
        assert refused(cloud, **sold_out) == "ResourcesSoldOut.SpecifiedInstanceType"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Placement": None}, "MissingParameter"),
        ({"ImageId": None}, "MissingParameter"),
        ({"ImageId": "img-none0001"}, "InvalidImageId.NotFound"),
        ({"ImageId": "img-full0001"}, "InvalidImageId.NotFound"),
        ({"Placement": {"Zone": "ap-shanghai-2"}}, "InvalidZone.MismatchRegion"),
        ({"Placement": {"Zone": "ap-guangzhou-99"}}, "InvalidParameterValue.ZoneNotSupported"),
        ({"InstanceType": "S9.HUGE"}, "InvalidParameterValue.InstanceTypeNotFound"),
        ({"InstanceCount": 501}, "InvalidParameterValue.Range"),
        ({"InstanceChargeType": "PREPAID"}, "MissingParameter"),
        ({"InstanceChargeType": "PREPAID", "InstanceChargePrepaid": {"Period": 13}},
         "InvalidPeriod"),
        ({"InstanceChargeType": "CDHPAID"}, "InvalidParameterValue"),
        ({"SystemDisk": {"DiskSize": 10}}, "InvalidParameterValue"),
        ({"SystemDisk": {"DiskType": "FLOPPY", "DiskSize": 50}}, "InvalidParameterValue"),
        ({"DataDisks": [{"DiskType": "CLOUD_SSD", "DiskSize": 10}]},
         "InvalidParameterValue.CloudSsdDataDiskSizeTooSmall"),
        ({"DataDisks": [{"DiskSize": 10, "SnapshotId": "snap-none0001"}]},
         "InvalidParameter.SnapshotNotFound"),
        ({"UserData": "%%"}, "InvalidParameterValue.InvalidUserDataFormat"),
        ({"UserData": base64.b64encode(b"x" * 16385).decode()}, "InvalidParameterValue.TooLarge"),
        ({"HostName": "-x"}, "InvalidParameterValue.IllegalHostName"),
        ({"HostName": "x"}, "InvalidParameterValue.IllegalHostName"),
        ({"LoginSettings": {"Password": "short"}}, "InvalidPassword"),
        ({"LoginSettings": {"KeyIds": ["skey-none0001"]}},
         "InvalidParameterValue.KeyPairNotFound"),
        ({"LoginSettings": {"KeyIds": ["key"]}}, "InvalidKeyPairId.Malformed"),
        ({"LoginSettings": {"KeepImageLogin": "true"}}, "InvalidParameterCombination"),
        ({"LoginSettings": {"KeepImageLogin": "true", "Password": "Good-enough-1"}},
         "InvalidParameterCombination"),
        ({"ImageId": "img-9id7emv7", "LoginSettings": {"KeyIds": ["skey-none0001"]}},
         "UnsupportedOperation.KeyPairUnsupportedWindows"),
        ({"VirtualPrivateCloud": {"VpcId": "vpc-none0001", "SubnetId": "subnet-none0001"}},
         "InvalidParameterValue.VpcIdNotExist"),
        ({"VirtualPrivateCloud": {"VpcId": "x", "SubnetId": "subnet-none0001"}},
         "InvalidParameterValue.VpcIdMalformed"),
        ({"SecurityGroupIds": ["sg-none0001"]}, "InvalidSecurityGroupId.NotFound"),
        ({"TagSpecification": [{"ResourceType": "instance", "Tags": [
            {"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]}]},
         "InvalidParameterValue.DuplicateTags"),
        ({"LaunchTemplate": {"LaunchTemplateId": "x"}},
         "InvalidParameterValue.LaunchTemplateIdMalformed"),
        ({"LaunchTemplate": {"LaunchTemplateId": "lt-none0001"}},
         "InvalidParameterValue.LaunchTemplateIdNotExisted"),
        ({"LaunchTemplate": {"LaunchTemplateId": "lt-base0001", "LaunchTemplateVersion": 7}},
         "InvalidParameterValue.LaunchTemplateVersion"),
        ({"DisasterRecoverGroupIds": ["ps-00000001"]},
         "FailedOperation.DisasterRecoverGroupNotFound"),
        ({"HpcClusterId": "hpc-00000001"}, "ResourceNotFound.HpcCluster"),
        ({"ChcIds": ["chc-00000001"]}, "UnsupportedOperation"),
    ],
)  # fmt: skip
def test_invalid_requests_are_refused(cloud: Cloud, asked: dict[str, Any], code: str) -> None:
    assert refused(cloud, **asked) == code
    assert cloud.do("DescribeInstances")["TotalCount"] == 11


def test_an_unfinished_image_cannot_be_used(cloud: Cloud) -> None:
    image = cloud.create()
    assert refused(cloud, ImageId=image) == "InvalidParameterValue.InvalidImageState"


def test_a_custom_image_can_keep_its_login(cloud: Cloud) -> None:
    launched = cloud.launch("img-webv1000", LoginSettings={"KeepImageLogin": "true"})
    assert cloud.instance(launched[0])["LoginSettings"]["KeyIds"] is None


def test_passwords_are_not_stored(cloud: Cloud) -> None:
    cloud.launch(LoginSettings={"Password": "Top-secret-1"})
    with cloud.sandbox.store.transaction(write=False) as view:
        kept = repr(view.all("instance", "100000000001", "ap-guangzhou"))
    assert "Top-secret-1" not in kept


def test_private_addresses_can_be_chosen(cloud: Cloud) -> None:
    web = cloud.instance("ins-web00001")
    place = {k: web["VirtualPrivateCloud"][k] for k in ("VpcId", "SubnetId")}

    def at(*addresses: str) -> dict[str, Any]:
        return {"VirtualPrivateCloud": {**place, "PrivateIpAddresses": list(addresses)}}

    free = web["PrivateIpAddresses"][0].rsplit(".", 1)[0] + ".200"
    assert refused(cloud, **at("192.168.0.9")) == "VpcAddrNotInSubNet"
    assert refused(cloud, **at("x")) == "InvalidParameterValue.IPAddressMalformed"
    assert refused(cloud, **at(*web["PrivateIpAddresses"])) == "VpcIpIsUsed"
    assert refused(cloud, **at(free, free)) == "InvalidParameterValue.Range"
    launched = cloud.launch(**at(free))
    assert cloud.instance(launched[0])["PrivateIpAddresses"] == [free]


def test_the_subnet_must_match_the_vpc_and_the_zone(cloud: Cloud) -> None:
    place = cloud.instance("ins-web00001")["VirtualPrivateCloud"]
    there = {"VpcId": place["VpcId"], "SubnetId": place["SubnetId"]}
    assert refused(cloud, Placement={"Zone": "ap-guangzhou-6"}, VirtualPrivateCloud=there) == (
        "InvalidParameterValue.SubnetIdZoneIdNotMatch"
    )
    there["SubnetId"] = "subnet-none0001"
    assert refused(cloud, VirtualPrivateCloud=there) == "InvalidParameterValue.SubnetNotExist"


def test_data_disks_are_created_from_snapshots(cloud: Cloud) -> None:
    taken = cloud.cbs("CreateSnapshot", DiskId="disk-data0001")["SnapshotId"]
    disk = {"DiskType": "CLOUD_SSD", "DiskSize": 200, "SnapshotId": taken}
    assert refused(cloud, DataDisks=[disk]) == "UnsupportedOperation.InvalidDisk"
    cloud.wait(3600)
    assert refused(cloud, DataDisks=[{**disk, "DiskSize": 199}]) == (
        "FailedOperation.SnapshotSizeLargerThanDataSize"
    )
    launched = cloud.launch(DataDisks=[disk])
    shown = cloud.instance(launched[0])["DataDisks"][0]
    assert (shown["SnapshotId"], shown["DiskSize"]) == (taken, 200)


def test_a_whole_machine_image_brings_no_data_disks_that_were_not_requested(cloud: Cloud) -> None:
    image = cloud.created("whole", "ins-data0001", DataDiskIds=["disk-data0001"])
    assert cloud.instance(cloud.launch(image)[0])["DataDisks"] == []


def test_a_data_disk_from_a_snapshot_needs_its_size(cloud: Cloud) -> None:
    image = cloud.created("whole", "ins-data0001", DataDiskIds=["disk-data0001"])
    snapshots = {s["DiskUsage"]: s["SnapshotId"] for s in cloud.image(image)["SnapshotSet"]}
    disk = {"SnapshotId": snapshots["DATA_DISK"]}
    assert refused(cloud, DataDisks=[disk]) == "MissingParameter"
    too_small = {**disk, "DiskSize": 100}
    assert refused(cloud, DataDisks=[too_small]) == "FailedOperation.SnapshotSizeLargerThanDataSize"
    launched = cloud.launch(image, DataDisks=[{**disk, "DiskSize": 200}])
    assert cloud.instance(launched[0])["DataDisks"][0]["SnapshotId"] == disk["SnapshotId"]


def test_an_action_timer_terminates_the_instance(cloud: Cloud) -> None:
    timer = {"TimerAction": "TerminateInstances"}
    soon, later = timestamps.iso(cloud.now + 60), timestamps.iso(cloud.now + 600)
    code = "InvalidParameterValue"
    assert refused(cloud, ActionTimer={**timer, "ActionTime": soon}) == code
    malformed = {**timer, "ActionTime": "soon"}
    assert refused(cloud, ActionTimer=malformed) == f"{code}.InvalidTimeFormat"
    launched = cloud.launch(ActionTimer={**timer, "ActionTime": later})
    cloud.wait(599)
    assert cloud.state(launched[0]) == "RUNNING"
    cloud.wait(2)
    assert cloud.state(launched[0]) is None


@pytest.mark.parametrize(
    ("image", "service", "agents"),
    [
        ("img-487zeit5", {}, 1),
        ("img-487zeit5", {"AutomationService": {"Enabled": False}}, 0),
        ("img-webv1000", {}, 0),
        ("img-webv1000", {"AutomationService": {"Enabled": True}}, 1),
    ],
)
def test_the_agent_is_off_by_default_on_non_public_images(
    cloud: Cloud, image: str, service: dict[str, Any], agents: int
) -> None:
    launched = cloud.launch(image, EnhancedService=service)
    cloud.wait(600)
    found = cloud.ask("DescribeAutomationAgentStatus", {"InstanceIds": launched}, service="tat")
    assert found["TotalCount"] == agents


def test_the_price_inquiry_has_limits_of_its_own(cloud: Cloud) -> None:
    inquiry = "InquiryPriceRunInstances"
    assert cloud.refusal(inquiry, **LAUNCH, InstanceCount=100) == "ok"
    assert cloud.refusal(inquiry, **LAUNCH, InstanceCount=101) == "InvalidParameterValue.Range"
    for member in ({"MinCount": 1}, {"UserData": ""}, {"CamRoleName": "r"}, {"DryRun": True}):
        assert cloud.refusal(inquiry, **LAUNCH, **member) == "UnknownParameter"


def test_a_launch_template_supplies_missing_parameters(cloud: Cloud) -> None:
    template = {"LaunchTemplate": {"LaunchTemplateId": "lt-base0001"}}
    launched = cloud.do("RunInstances", **template, InstanceName="mine")["InstanceIdSet"]
    shown = cloud.instance(launched[0])
    assert (shown["ImageId"], shown["InstanceName"]) == ("img-basev001", "mine")


def test_spot_instances_need_the_market_price(cloud: Cloud) -> None:
    def bid(price: str) -> dict[str, Any]:
        options = {"SpotOptions": {"MaxPrice": price}, "MarketType": "spot"}
        return {"InstanceChargeType": "SPOTPAID", "InstanceMarketOptions": options}

    assert refused(cloud, **bid("0.001")) == "InvalidParameterValue.InsufficientPrice"
    assert refused(cloud, **bid("nan")) == "InvalidParameterValue.InsufficientPrice"
    assert refused(cloud, **bid("x")) == "InvalidParameterValue"
    assert refused(cloud, **bid("9"), InstanceType="IT5.4XLARGE64") == (
        "UnsupportedOperation.NoInstanceTypeSupportSpot"
    )
    shown = cloud.instance(cloud.launch(**bid("9"))[0])
    assert shown["InstanceChargeType"] == "SPOTPAID"


def test_a_shared_image_can_be_launched_by_the_other_account(cloud: Cloud) -> None:
    asked = {"ImageId": "img-webv1000", "Placement": ZONE}
    answer = cloud.ask("RunInstances", asked, account=NEIGHBOUR)
    assert answer["Error"]["Code"] == "InvalidImageId.NotFound"
    cloud.do("ModifyImageSharePermission", ImageId="img-webv1000", AccountIds=[NEIGHBOUR],
             Permission="SHARE")  # fmt: skip
    assert len(cloud.ask("RunInstances", asked, account=NEIGHBOUR)["InstanceIdSet"]) == 1


class TestPrice:
    def price(self, cloud: Cloud, **params: Any) -> dict[str, Any]:
        asked = {"ImageId": UBUNTU, "Placement": ZONE, **params}
        return dict(cloud.do("InquiryPriceRunInstances", **asked)["Price"])

    def test_the_price_grows_with_the_request(self, cloud: Cloud) -> None:
        one = self.price(cloud)["InstancePrice"]
        three = self.price(cloud, InstanceCount=3)["InstancePrice"]
        larger = self.price(cloud, InstanceType="S5.4XLARGE64")["InstancePrice"]
        assert one["ChargeUnit"] == "HOUR"
        assert 0 < one["UnitPrice"] < larger["UnitPrice"]
        assert three["UnitPrice"] == pytest.approx(3 * one["UnitPrice"])

    def test_spot_is_cheaper(self, cloud: Cloud) -> None:
        spot = self.price(cloud, InstanceChargeType="SPOTPAID")["InstancePrice"]
        assert spot["UnitPrice"] < self.price(cloud)["InstancePrice"]["UnitPrice"]

    def test_a_prepaid_year_is_discounted(self, cloud: Cloud) -> None:
        year = {"InstanceChargeType": "PREPAID", "InstanceChargePrepaid": {"Period": 12}}
        price = self.price(cloud, **year)["InstancePrice"]
        assert price["DiscountPrice"] == pytest.approx(price["OriginalPrice"] * 0.85, abs=0.01)

    @pytest.mark.parametrize(
        ("kind", "unit"),
        [("TRAFFIC_POSTPAID_BY_HOUR", "GB"), ("BANDWIDTH_POSTPAID_BY_HOUR", "HOUR")],
    )
    def test_bandwidth_has_two_charge_types(self, cloud: Cloud, kind: str, unit: str) -> None:
        internet = {"InternetChargeType": kind, "InternetMaxBandwidthOut": 10}
        price = self.price(cloud, InternetAccessible=internet)["BandwidthPrice"]
        assert price["ChargeUnit"] == unit
        assert price["UnitPrice"] > 0

    def test_a_missing_template_is_refused(self, cloud: Cloud) -> None:
        asked = {"ImageId": UBUNTU, "Placement": ZONE}
        template = {"LaunchTemplate": {"LaunchTemplateId": "lt-none0001"}}
        assert cloud.refusal("InquiryPriceRunInstances", **asked, **template) == (
            "InvalidParameterValue"
        )
