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


def test_a_new_host_name_reboots_the_instance(cloud: Cloud) -> None:
    cloud.do("ModifyInstancesAttribute", **WEB, HostName="web")
    found = cloud.instance("ins-web00001")
    assert (found["HostName"], found["InstanceState"]) == ("web", "REBOOTING")


def test_a_new_host_name_may_come_without_a_reboot(cloud: Cloud) -> None:
    stopped = {"InstanceIds": ["ins-stop0001"]}
    cloud.do("ModifyInstancesAttribute", **WEB, HostName="web", AutoReboot=False)
    cloud.do("ModifyInstancesAttribute", **stopped, HostName="web")
    assert cloud.instance("ins-web00001")["InstanceState"] == "RUNNING"
    assert cloud.instance("ins-stop0001")["InstanceState"] == "STOPPED"


def test_a_host_name_is_checked(cloud: Cloud) -> None:
    code = "InvalidParameterValue.IllegalHostName"
    assert cloud.refusal("ModifyInstancesAttribute", **WEB, HostName="-web") == code


def test_a_new_name_has_up_to_60_characters(cloud: Cloud) -> None:
    code = "InvalidInstanceName.TooLong"
    assert cloud.refusal("ModifyInstancesAttribute", **WEB, InstanceName="é" * 61) == code
    cloud.do("ModifyInstancesAttribute", **WEB, InstanceName="é" * 60)


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
