from __future__ import annotations

import pytest

from tests.sandbox.cloud import Cloud

WEB = {"InstanceIds": ["ins-web00001"]}


def test_user_data_can_be_read_and_changed(cloud: Cloud) -> None:
    launched = cloud.launch(UserData="bHM=")
    asked = {"InstanceIds": launched, "Attributes": ["UserData"]}
    found = cloud.do("DescribeInstancesAttributes", **asked)["InstanceSet"]
    assert [each["Attributes"]["UserData"] for each in found] == ["bHM="]
    cloud.wait(60)
    cloud.do("ModifyInstancesAttribute", InstanceIds=launched, UserData="cHdk")
    found = cloud.do("DescribeInstancesAttributes", **asked)["InstanceSet"]
    assert [each["Attributes"]["UserData"] for each in found] == ["cHdk"]
    code = "InvalidParameterValue.InvalidUserDataFormat"
    assert cloud.refusal("ModifyInstancesAttribute", InstanceIds=launched, UserData="!") == code


def test_instances_can_be_renamed_and_protected(cloud: Cloud) -> None:
    change = {"InstanceName": "renamed", "DisableApiTermination": True}
    cloud.do("ModifyInstancesAttribute", **WEB, **change)
    assert cloud.instance("ins-web00001")["InstanceName"] == "renamed"
    assert cloud.refusal("TerminateInstances", **WEB) == "UnsupportedOperation.InstancesProtected"


def test_a_host_name_needs_a_stopped_instance_or_a_reboot(cloud: Cloud) -> None:
    code = "UnsupportedOperation.InstanceStateRunning"
    assert cloud.refusal("ModifyInstancesAttribute", **WEB, HostName="web") == code
    cloud.do("ModifyInstancesAttribute", **WEB, HostName="web", AutoReboot=True)
    assert cloud.instance("ins-web00001")["HostName"] == "web"


@pytest.mark.parametrize(
    ("zone", "instance_type", "status"),
    [
        ("ap-guangzhou-7", "S5.MEDIUM4", "SELL"),
        ("ap-guangzhou-3", "SA2.MEDIUM4", "SOLD_OUT"),
        ("ap-guangzhou-4", "S5.MEDIUM4", "SOLD_OUT"),
    ],
)
def test_offers_say_whether_a_type_is_available(
    cloud: Cloud, zone: str, instance_type: str, status: str
) -> None:
    wanted = [
        {"Name": "zone", "Values": [zone]},
        {"Name": "instance-type", "Values": [instance_type]},
        {"Name": "instance-charge-type", "Values": ["POSTPAID_BY_HOUR"]},
    ]
    (offer,) = cloud.do("DescribeZoneInstanceConfigInfos", Filters=wanted)["InstanceTypeQuotaSet"]
    assert (offer["Status"], offer["Cpu"], offer["Memory"]) == (status, 2, 4)
    assert offer["Price"]["ChargeUnit"] == "HOUR"
