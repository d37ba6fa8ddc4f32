from __future__ import annotations

import pytest

from tests.sandbox.cloud import Cloud

PUBLIC = "ssh-ed25519 AAAA me"


def create(cloud: Cloud, name: str = "ci") -> str:
    return str(cloud.do("CreateKeyPair", KeyName=name, ProjectId=0)["KeyPair"]["KeyId"])


def names(cloud: Cloud) -> list[str]:
    return [each["KeyName"] for each in cloud.do("DescribeKeyPairs")["KeyPairSet"]]


def test_every_account_has_a_default_key_pair_in_each_region(cloud: Cloud) -> None:
    (default,) = cloud.do("DescribeKeyPairs")["KeyPairSet"]
    assert cloud.instance("ins-web00001")["LoginSettings"]["KeyIds"] == [default["KeyId"]]
    assert "ins-web00001" in default["AssociatedInstanceIds"]
    elsewhere = cloud.ask("DescribeKeyPairs", region="ap-beijing")["KeyPairSet"]
    assert elsewhere[0]["KeyId"] != default["KeyId"]


def test_a_created_key_pair_can_be_used_and_deleted(cloud: Cloud) -> None:
    key = create(cloud)
    launched = cloud.launch(LoginSettings={"KeyIds": [key]})[0]
    assert cloud.instance(launched)["LoginSettings"]["KeyIds"] == [key]
    cloud.do("DeleteKeyPairs", KeyIds=[key])
    assert cloud.instance(launched)["LoginSettings"]["KeyIds"] is None
    assert names(cloud) == ["default"]
    assert cloud.refusal("DeleteKeyPairs", KeyIds=[key]) == "InvalidKeyPairId.NotFound"


def test_the_private_key_is_returned_once(cloud: Cloud) -> None:
    made = cloud.do("CreateKeyPair", KeyName="ci", ProjectId=0)["KeyPair"]
    assert made["PrivateKey"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    (listed,) = cloud.do("DescribeKeyPairs", KeyIds=[made["KeyId"]])["KeyPairSet"]
    assert (listed["PublicKey"], listed["PrivateKey"]) == (made["PublicKey"], "")


def test_an_imported_public_key_is_kept(cloud: Cloud) -> None:
    cloud.do("ImportKeyPair", KeyName="mine", ProjectId=0, PublicKey=PUBLIC)
    wanted = [{"Name": "key-name", "Values": ["mine"]}]
    (found,) = cloud.do("DescribeKeyPairs", Filters=wanted)["KeyPairSet"]
    assert found["PublicKey"] == PUBLIC
    refused = cloud.refusal("ImportKeyPair", KeyName="bad", ProjectId=0, PublicKey="nonsense")
    assert refused == "InvalidParameterValue"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "InvalidKeyPairNameEmpty"),
        ("x" * 26, "InvalidKeyPairNameTooLong"),
        ("a-b", "InvalidKeyPairNameIncludeIllegalChar"),
        ("default", "InvalidKeyPairName.Duplicate"),
    ],
)
def test_invalid_names_are_refused(cloud: Cloud, name: str, code: str) -> None:
    assert cloud.refusal("CreateKeyPair", KeyName=name, ProjectId=0) == code


def test_key_pairs_change_on_stopped_instances(cloud: Cloud) -> None:
    key = create(cloud)
    running = {"InstanceIds": ["ins-web00001"], "KeyIds": [key]}
    code = "UnsupportedOperation.InstanceStateRunning"
    assert cloud.refusal("AssociateInstancesKeyPairs", **running) == code
    cloud.do("AssociateInstancesKeyPairs", **running, ForceStop=True)
    assert key in cloud.instance("ins-web00001")["LoginSettings"]["KeyIds"]
    cloud.do("DisassociateInstancesKeyPairs", **running, ForceStop=True)
    assert key not in cloud.instance("ins-web00001")["LoginSettings"]["KeyIds"]
    windows = {"InstanceIds": ["ins-win00001"], "KeyIds": [key], "ForceStop": True}
    code = "UnsupportedOperation.InstanceOsWindows"
    assert cloud.refusal("AssociateInstancesKeyPairs", **windows) == code


def test_a_key_pair_can_be_renamed(cloud: Cloud) -> None:
    key = create(cloud)
    cloud.do("ModifyKeyPairAttribute", KeyId=key, KeyName="renamed", Description="of the test")
    assert names(cloud) == ["renamed", "default"]
