"""vpc: VPCs, subnets and security groups, and instances in them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.cloud import OWNER, Cloud

ZONE = "ap-guangzhou-7"


def vpc(cloud: Cloud, action: str, **params: Any) -> dict[str, Any]:
    answer = cloud.ask(action, params, service="vpc")
    assert "Error" not in answer, answer["Error"]
    return answer


def refused(cloud: Cloud, action: str, **params: Any) -> str:
    return cloud.refusal(action, service="vpc", **params)


def network(cloud: Cloud, cidr: str = "172.16.0.0/16") -> str:
    return str(vpc(cloud, "CreateVpc", VpcName="made", CidrBlock=cidr)["Vpc"]["VpcId"])


def subnet(cloud: Cloud, vpc_id: str, cidr: str = "172.16.1.0/24", zone: str = ZONE) -> str:
    params = {"VpcId": vpc_id, "SubnetName": "made", "Zone": zone, "CidrBlock": cidr}
    return str(vpc(cloud, "CreateSubnet", **params)["Subnet"]["SubnetId"])


def group(cloud: Cloud) -> str:
    made = vpc(cloud, "CreateSecurityGroup", GroupName="made", GroupDescription="of the test")
    return str(made["SecurityGroup"]["SecurityGroupId"])


def test_the_defaults_are_those_that_instances_show(cloud: Cloud) -> None:
    web = cloud.instance("ins-web00001")
    (default,) = vpc(cloud, "DescribeVpcs")["VpcSet"]
    assert (default["VpcId"], default["IsDefault"]) == (web["VirtualPrivateCloud"]["VpcId"], True)
    subnets = {each["SubnetId"]: each for each in vpc(cloud, "DescribeSubnets")["SubnetSet"]}
    assert subnets[web["VirtualPrivateCloud"]["SubnetId"]]["Zone"] == web["Placement"]["Zone"]
    groups = vpc(cloud, "DescribeSecurityGroups")["SecurityGroupSet"]
    assert [each["SecurityGroupId"] for each in groups] == web["SecurityGroupIds"]


def test_an_instance_is_launched_into_a_created_network(cloud: Cloud) -> None:
    vpc_id = network(cloud)
    subnet_id, group_id = subnet(cloud, vpc_id), group(cloud)
    place = {"VpcId": vpc_id, "SubnetId": subnet_id}
    (launched,) = cloud.launch(VirtualPrivateCloud=place, SecurityGroupIds=[group_id])
    found = cloud.instance(launched)
    assert found["PrivateIpAddresses"] == ["172.16.1.4"]
    assert found["SecurityGroupIds"] == [group_id]
    used = vpc(cloud, "DescribeUsedIpAddress", VpcId=vpc_id)["IpAddressStates"]
    assert [(each["IpAddress"], each["ResourceId"]) for each in used] == [("172.16.1.4", launched)]
    for action, params in (
        ("DeleteVpc", {"VpcId": vpc_id}),
        ("DeleteSubnet", {"SubnetId": subnet_id}),
        ("DeleteSecurityGroup", {"SecurityGroupId": group_id}),
    ):
        assert refused(cloud, action, **params) == "ResourceInUse"


def test_a_subnet_of_another_vpc_is_refused(cloud: Cloud) -> None:
    other = subnet(cloud, network(cloud))
    default = vpc(cloud, "DescribeVpcs", Filters=[{"Name": "is-default", "Values": ["true"]}])
    place = {"VpcId": default["VpcSet"][0]["VpcId"], "SubnetId": other}
    launch = {"ImageId": "img-487zeit5", "Placement": {"Zone": ZONE}, "VirtualPrivateCloud": place}
    code = "InvalidParameterValue.VpcIdSubnetIdNotMatch"
    assert cloud.refusal("RunInstances", **launch) == code


@pytest.mark.parametrize(
    ("cidr", "code"),
    [
        ("172.16.0.0", "InvalidParameterValue"),
        ("nonsense", "InvalidParameterValue.Malformed"),
        ("172.16.0.1/16", "InvalidParameterValue.Malformed"),
        ("8.8.8.0/24", "InvalidParameterValue"),
        ("10.0.0.0/8", "InvalidParameterValue"),
    ],
)
def test_invalid_networks_are_refused(cloud: Cloud, cidr: str, code: str) -> None:
    found = refused(cloud, "CreateVpc", VpcName="made", CidrBlock=cidr)
    assert found == code


def test_subnets_must_fit_into_the_vpc(cloud: Cloud) -> None:
    vpc_id = network(cloud)
    subnet(cloud, vpc_id)
    made = {"VpcId": vpc_id, "SubnetName": "made", "Zone": ZONE}
    codes = [
        refused(cloud, "CreateSubnet", **{**made, **more})
        for more in (
            {"CidrBlock": "172.17.0.0/24"},
            {"CidrBlock": "172.16.1.128/25"},
            {"CidrBlock": "172.16.2.0/24", "Zone": "ap-beijing-3"},
            {"CidrBlock": "172.16.2.0/24", "VpcId": "vpc-none0001"},
        )
    ]
    assert codes == [
        "InvalidParameterValue.SubnetRange",
        "InvalidParameterValue.SubnetConflict",
        "InvalidParameterValue",
        "ResourceNotFound",
    ]


def test_networks_are_deleted_from_the_inside_out(cloud: Cloud) -> None:
    vpc_id = network(cloud)
    subnet_id = subnet(cloud, vpc_id)
    assert refused(cloud, "DeleteVpc", VpcId=vpc_id) == "ResourceInUse"
    vpc(cloud, "DeleteSubnet", SubnetId=subnet_id)
    vpc(cloud, "DeleteVpc", VpcId=vpc_id)
    assert refused(cloud, "DeleteVpc", VpcId=vpc_id) == "ResourceNotFound"
    assert vpc(cloud, "DescribeVpcs")["TotalCount"] == 1


def test_default_resources_cannot_be_deleted(cloud: Cloud) -> None:
    web = cloud.instance("ins-web00001")
    place = web["VirtualPrivateCloud"]
    for action, params in (
        ("DeleteVpc", {"VpcId": place["VpcId"]}),
        ("DeleteSubnet", {"SubnetId": place["SubnetId"]}),
        ("DeleteSecurityGroup", {"SecurityGroupId": web["SecurityGroupIds"][0]}),
    ):
        assert refused(cloud, action, **params) == "UnsupportedOperation"


def test_policies_are_added_in_front(cloud: Cloud) -> None:
    group_id = {"SecurityGroupId": group(cloud)}
    for port in ("22", "80"):
        policies = {"Ingress": [{"Protocol": "TCP", "Port": port, "Action": "ACCEPT"}]}
        vpc(cloud, "CreateSecurityGroupPolicies", **group_id, SecurityGroupPolicySet=policies)
    found = vpc(cloud, "DescribeSecurityGroupPolicies", **group_id)["SecurityGroupPolicySet"]
    assert [(each["PolicyIndex"], each["Port"]) for each in found["Ingress"]] == [
        (0, "80"),
        (1, "22"),
    ]
    nothing = {"SecurityGroupPolicySet": {"Version": "1"}}
    assert (
        refused(cloud, "CreateSecurityGroupPolicies", **group_id, **nothing) == "InvalidParameter"
    )


def test_lists_are_paged_with_numbers_in_text(cloud: Cloud) -> None:
    for number in range(3):
        network(cloud, f"172.{16 + number}.0.0/16")
    answer = vpc(cloud, "DescribeVpcs", Limit="2", Offset="1")
    assert (answer["TotalCount"], len(answer["VpcSet"])) == (4, 2)
    code = "InvalidParameterValue.Malformed"
    assert refused(cloud, "DescribeVpcs", Limit="many") == code


def test_networks_can_be_tagged(cloud: Cloud) -> None:
    vpc_id = network(cloud)
    name = f"qcs::vpc:ap-guangzhou:uin/{OWNER}:vpc/{vpc_id}"
    tag = {"ResourceList": [name], "Tags": [{"TagKey": "k", "TagValue": "v"}]}
    assert cloud.ask("TagResources", tag, service="tag")["FailedResources"] == []
    (found,) = vpc(cloud, "DescribeVpcs", VpcIds=[vpc_id])["VpcSet"]
    assert found["TagSet"] == [{"Key": "k", "Value": "v"}]


def test_a_new_vpc_has_the_dns_servers_that_it_was_given(cloud: Cloud) -> None:
    servers = ["10.0.0.2", "10.0.0.3"]
    asked = {"VpcName": "net", "CidrBlock": "10.0.0.0/16"}
    made = vpc(cloud, "CreateVpc", **asked, DnsServers=servers, DomainName="shop.internal")["Vpc"]
    (found,) = vpc(cloud, "DescribeVpcs", VpcIds=[made["VpcId"]])["VpcSet"]
    assert (found["DnsServerSet"], found["DomainName"]) == (servers, "shop.internal")
    code = "InvalidParameterValue.Malformed"
    assert cloud.refusal("CreateVpc", service="vpc", **asked, DnsServers=["dns"]) == code


RULE = {"Protocol": "TCP", "Port": "22", "CidrBlock": "10.0.0.0/8", "Action": "ACCEPT"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "ok"),
        ({"Protocol": "udp", "Port": "22,80-90", "Action": "drop"}, "ok"),
        ({"Protocol": "ICMP", "Port": "ALL"}, "ok"),
        ({"CidrBlock": "", "Ipv6CidrBlock": "2001:db8::/32"}, "ok"),
        ({"Protocol": "XYZ"}, "InvalidParameterValue"),
        ({"Action": "MAYBE"}, "InvalidParameterValue"),
        ({"Protocol": "ICMP"}, "InvalidParameterValue.Malformed"),
        ({"Port": "ssh"}, "InvalidParameterValue.Malformed"),
        ({"Port": "80-70"}, "InvalidParameterValue.Range"),
        ({"Port": "65536"}, "InvalidParameterValue.Range"),
        ({"CidrBlock": "2001:db8::/32"}, "InvalidParameterValue.Malformed"),
        ({"Ipv6CidrBlock": "2001:db8::/32"}, "InvalidParameter.Coexist"),
        ({"CidrBlock": "", "SecurityGroupId": "sg-none0001"}, "ResourceNotFound"),
    ],
    ids=str,
)
def test_policies_are_checked(cloud: Cloud, changes: dict[str, str], code: str) -> None:
    made = vpc(cloud, "CreateSecurityGroup", GroupName="web", GroupDescription="web servers")
    asked = {
        "SecurityGroupId": made["SecurityGroup"]["SecurityGroupId"],
        "SecurityGroupPolicySet": {"Ingress": [{**RULE, **changes}]},
    }
    for action in ("CreateSecurityGroupPolicies", "ModifySecurityGroupPolicies"):
        assert cloud.refusal(action, service="vpc", **asked) == code
