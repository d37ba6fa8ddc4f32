from __future__ import annotations

from typing import Any

import pytest

from cvmimg.sandbox.state import timestamps
from tests.sandbox.cloud import START, Cloud

WEB = ["ins-web00001"]


def ids(answer: dict[str, Any]) -> list[str]:
    return [instance["InstanceId"] for instance in answer["InstanceSet"]]


def named(cloud: Cloud, **filters: Any) -> list[str]:
    asked = [
        {"Name": name.replace("_", "-"), "Values": values if isinstance(values, list) else [values]}
        for name, values in filters.items()
    ]
    return sorted(ids(cloud.do("DescribeInstances", Filters=asked)))


def test_stopping_continues_after_the_operation_has_succeeded(cloud: Cloud) -> None:
    cloud.do("StopInstances", InstanceIds=WEB)
    cloud.wait(10)
    shown = cloud.instance(WEB[0])
    assert (shown["InstanceState"], shown["LatestOperationState"]) == ("STOPPING", "SUCCESS")
    assert shown["StopChargingMode"] == "NOT_APPLICABLE"
    cloud.wait(15)
    shown = cloud.instance(WEB[0])
    assert (shown["InstanceState"], shown["StopChargingMode"]) == ("STOPPED", "KEEP_CHARGING")


def test_starting_takes_a_while(cloud: Cloud) -> None:
    for stopped in ("ins-stop0001", "ins-save0001"):
        cloud.do("StartInstances", InstanceIds=[stopped])
        assert cloud.state(stopped) == "STARTING"
    cloud.wait(20)
    assert cloud.state("ins-save0001") == cloud.state("ins-stop0001") == "RUNNING"


def test_a_rebooted_instance_is_running_again(cloud: Cloud) -> None:
    cloud.do("RebootInstances", InstanceIds=WEB)
    assert cloud.state(WEB[0]) == "REBOOTING"
    cloud.wait(30)
    assert cloud.state(WEB[0]) == "RUNNING"


@pytest.mark.parametrize(
    ("instance", "mode"),
    [("ins-web00001", "STOP_CHARGING"), ("ins-locl0001", "KEEP_CHARGING")],
)
def test_stop_charging_requires_cloud_disks(cloud: Cloud, instance: str, mode: str) -> None:
    cloud.do("StopInstances", InstanceIds=[instance], StoppedMode="STOP_CHARGING")
    cloud.wait(60)
    assert cloud.instance(instance)["StopChargingMode"] == mode


def test_a_hard_stop_is_faster(cloud: Cloud) -> None:
    cloud.do("StopInstances", InstanceIds=WEB, StopType="HARD")
    cloud.wait(5)
    assert cloud.state(WEB[0]) == "STOPPED"


@pytest.mark.parametrize(
    ("action", "instance", "code"),
    [
        ("StartInstances", "ins-web00001", "UnsupportedOperation.InstanceStateRunning"),
        ("StopInstances", "ins-stop0001", "UnsupportedOperation.InstanceStateStopped"),
        ("RebootInstances", "ins-stop0001", "UnsupportedOperation.InstanceStateStopped"),
        ("StopInstances", "ins-busy0001", "OperationDenied.InstanceOperationInProgress"),
        ("StartInstances", "ins-none0001", "InvalidInstanceId.NotFound"),
        ("StartInstances", "none", "InvalidInstanceId.Malformed"),
    ],
)
def test_actions_that_the_state_does_not_allow_are_refused(
    cloud: Cloud, action: str, instance: str, code: str
) -> None:
    assert cloud.refusal(action, InstanceIds=[instance]) == code


def test_stopping_is_all_or_nothing(cloud: Cloud) -> None:
    request = {"InstanceIds": ["ins-web00001", "ins-stop0001"]}
    assert cloud.refusal("StopInstances", **request) == "UnsupportedOperation.InstanceStateStopped"
    assert cloud.state("ins-web00001") == "RUNNING"


def test_an_injected_failure_leaves_the_state_unchanged(cloud: Cloud) -> None:
    cloud.do("StopInstances", InstanceIds=WEB, fault="task-fail")
    assert cloud.state(WEB[0]) == "STOPPING"
    cloud.wait(60)
    shown = cloud.instance(WEB[0])
    assert (shown["InstanceState"], shown["LatestOperationState"]) == ("RUNNING", "FAILED")
    assert shown["LatestOperationErrorMsg"]


def test_termination_deletes_the_instance_and_its_system_disk(cloud: Cloud) -> None:
    disk = cloud.instance(WEB[0])["SystemDisk"]["DiskId"]
    cloud.do("TerminateInstances", InstanceIds=WEB)
    assert cloud.state(WEB[0]) == "TERMINATING"
    assert cloud.cbs("DescribeDisks", DiskIds=[disk])["TotalCount"] == 1
    cloud.wait(20)
    assert cloud.state(WEB[0]) is None
    assert cloud.cbs("DescribeDisks", DiskIds=[disk])["TotalCount"] == 0
    assert cloud.do("DescribeInstances")["TotalCount"] == 10
    assert cloud.refusal("StopInstances", InstanceIds=WEB) == "InvalidInstanceId.NotFound"


def test_a_data_disk_can_outlive_its_instance(cloud: Cloud) -> None:
    disks = [{"DiskSize": 20, "DiskType": "CLOUD_SSD", "DeleteWithInstance": False}]
    launched = cloud.launch(DataDisks=disks)
    cloud.wait(60)
    disk = cloud.instance(launched[0])["DataDisks"][0]["DiskId"]
    cloud.do("TerminateInstances", InstanceIds=launched)
    cloud.wait(60)
    shown = cloud.cbs("DescribeDisks", DiskIds=[disk])["DiskSet"][0]
    assert (shown["DiskState"], shown["Attached"], shown["InstanceId"]) == ("UNATTACHED", False, "")


def test_a_prepaid_instance_moves_to_the_recycle_bin_first(cloud: Cloud) -> None:
    launched = cloud.launch(InstanceChargeType="PREPAID", InstanceChargePrepaid={"Period": 1})
    cloud.wait(60)
    cloud.do("TerminateInstances", InstanceIds=launched)
    cloud.wait(60)
    shown = cloud.instance(launched[0])
    assert (shown["InstanceState"], shown["RestrictState"]) == ("SHUTDOWN", "PROTECTIVELY_ISOLATED")
    assert cloud.refusal("StartInstances", InstanceIds=launched) == (
        "UnsupportedOperation.InstanceStateShutdown"
    )
    cloud.do("TerminateInstances", InstanceIds=launched)
    cloud.wait(60)
    assert cloud.instance(launched[0]) is None


def test_a_protected_instance_is_not_terminated(cloud: Cloud) -> None:
    launched = cloud.launch(DisableApiTermination=True)
    cloud.wait(60)
    assert cloud.refusal("TerminateInstances", InstanceIds=launched) == (
        "UnsupportedOperation.InstancesProtected"
    )


def test_filters(cloud: Cloud) -> None:
    web = cloud.instance("ins-web00001")
    assert named(cloud, instance_name="web-1") == ["ins-web00001"]
    assert named(cloud, instance_name="web") == [], "this filter is an exact one"
    assert named(cloud, instance_id=["ins-web00001", "ins-win00001", "ins-none0001"]) == [
        "ins-web00001",
        "ins-win00001",
    ]
    assert named(cloud, instance_state="STOPPED") == ["ins-save0001", "ins-stop0001"]
    assert named(cloud, **{"tag:team": "shop"}) == ["ins-web00001"]
    assert named(cloud, tag_key="env", tag_value="production") == ["ins-web00001"]
    assert named(cloud, private_ip_address=web["PrivateIpAddresses"]) == ["ins-web00001"]
    assert named(cloud, public_ip_address=web["PublicIpAddresses"]) == ["ins-web00001"]
    assert named(cloud, uuid=web["Uuid"]) == ["ins-web00001"]
    assert named(cloud, instance_state="STOPPED", instance_name="stopped-1") == ["ins-stop0001"]
    everyone = len(named(cloud, zone=web["Placement"]["Zone"]))
    network = web["VirtualPrivateCloud"]
    assert len(named(cloud, vpc_id=network["VpcId"], subnet_id=network["SubnetId"])) == everyone
    assert len(named(cloud, security_group_id=web["SecurityGroupIds"])) == everyone
    assert len(named(cloud, instance_charge_type="POSTPAID_BY_HOUR", project_id="0")) == everyone
    assert named(cloud, host_id="host-00000001") == []


def test_filters_on_times(cloud: Cloud) -> None:
    assert named(cloud, creation_end_time="2018-01-01 00:00:00") == ["ins-old00001"]
    assert "ins-old00001" not in named(cloud, creation_start_time="2018-01-01 00:00:00")
    asked = [{"Name": "creation-start-time", "Values": ["yesterday"]}]
    assert cloud.refusal("DescribeInstances", Filters=asked) == (
        "InvalidParameterValue.InvalidTimeFormat"
    )


def test_an_unknown_filter_is_refused(cloud: Cloud) -> None:
    asked = [{"Name": "image-id", "Values": ["img-basev001"]}]
    assert cloud.refusal("DescribeInstances", Filters=asked) == "InvalidFilter"


def test_pages_cover_all_instances_newest_first(cloud: Cloud) -> None:
    launched = cloud.launch(InstanceCount=2)
    whole = ids(cloud.do("DescribeInstances", Limit=100))
    assert set(whole[:2]) == set(launched)
    assert whole[-1] == "ins-old00001"
    parts = [cloud.do("DescribeInstances", Offset=o, Limit=5) for o in range(0, len(whole), 5)]
    assert [each for part in parts for each in ids(part)] == whole
    statuses = cloud.do("DescribeInstancesStatus", Offset=0, Limit=5)
    assert [each["InstanceId"] for each in statuses["InstanceStatusSet"]] == whole[:5]
    assert statuses["TotalCount"] == len(whole)


def test_unknown_ids_are_omitted(cloud: Cloud) -> None:
    asked = ["ins-none0001", "ins-web00001"]
    assert ids(cloud.do("DescribeInstances", InstanceIds=asked)) == ["ins-web00001"]


def test_times_are_in_utc(cloud: Cloud) -> None:
    launched = cloud.launch()[0]
    assert timestamps.seconds(cloud.instance(launched)["CreatedTime"]) == START


def test_zones_are_listed_by_region(cloud: Cloud) -> None:
    zones = {zone["Zone"]: zone["ZoneState"] for zone in cloud.do("DescribeZones")["ZoneSet"]}
    assert zones["ap-guangzhou-7"] == "AVAILABLE"
    assert zones["ap-guangzhou-4"] == "UNAVAILABLE"
    regions = [region["Region"] for region in cloud.do("DescribeRegions")["RegionSet"]]
    for region in regions:
        answer = cloud.ask("DescribeZones", region=region)
        assert all(zone["Zone"].startswith(f"{region}-") for zone in answer["ZoneSet"])


def test_cvm_does_not_list_the_newest_regions(cloud: Cloud) -> None:
    listed = {each["Region"] for each in cloud.do("DescribeRegions")["RegionSet"]}
    current = cloud.ask("DescribeRegions", {"Product": "cvm"}, service="region")["RegionSet"]
    assert {each["Region"] for each in current} - listed == {"me-saudi-arabia"}
    assert cloud.ask("DescribeZones", region="me-saudi-arabia")["TotalCount"] == 2
