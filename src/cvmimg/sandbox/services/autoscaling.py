"""as: launch configurations and scaling groups. Groups are kept, but start no instances."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox.services import filters
from cvmimg.sandbox.state import timestamps
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call, action

CONFIGURATION, GROUP = "launch-configuration", "scaling-group"

_ENABLED = {"Enabled": True}


@action("as", "DescribeLaunchConfigurations")
def describe_launch_configurations(call: Call) -> dict[str, Any]:
    """List launch configurations, newest first."""
    found = _found(call, CONFIGURATION, "LaunchConfigurationIds", "launch-configuration")
    page = [_configuration_to_response(call, each) for each in filters.page(call, found)]
    return {"TotalCount": len(found), "LaunchConfigurationSet": page}


@action("as", "DescribeAutoScalingGroups")
def describe_auto_scaling_groups(call: Call) -> dict[str, Any]:
    """List scaling groups, newest first."""
    found = _found(call, GROUP, "AutoScalingGroupIds", "auto-scaling-group")
    page = [_group_to_response(each) for each in filters.page(call, found)]
    return {"TotalCount": len(found), "AutoScalingGroupSet": page}


def _all(call: Call, kind: str) -> list[Document]:
    return call.store.page(kind, call.account, call.region, call.now)


def _found(call: Call, kind: str, ids: str, name: str) -> list[Document]:
    """Return the documents selected by the request's ids or filters."""
    known: dict[str, filters.Values] = {
        f"{name}-id": filters.member("Id"),
        f"{name}-name": filters.member("Name"),
        f"vague-{name}-name": filters.member("Name"),
        **({"launch-configuration-id": filters.member("Configuration")} if kind == GROUP else {}),
    }
    wanted = call.params.get(ids)
    chosen = [each for each in _all(call, kind) if not wanted or each["Id"] in wanted]
    return filters.select(
        call,
        chosen,
        known,
        fuzzy=(f"vague-{name}-name",),
        unknown="InvalidParameterValue",
    )


def _configuration_to_response(call: Call, each: Document) -> dict[str, Any]:
    request = each.get("Request", {})
    groups = [group for group in _all(call, GROUP) if group["Configuration"] == each["Id"]]
    return {
        **_CONFIGURATION,
        **{name: request[name] for name in _AS_GIVEN if name in request},
        **{name: {**_CONFIGURATION[name], **request.get(name, {})} for name in _COMPLETED},
        "LaunchConfigurationId": each["Id"],
        "LaunchConfigurationName": each["Name"],
        "InstanceType": each["InstanceType"],
        "InstanceTypes": request.get("InstanceTypes") or [each["InstanceType"]],
        "ImageId": each["ImageId"],
        "ImageFamily": each["ImageFamily"],
        "DataDisks": [{**_DISK, **disk} for disk in request.get("DataDisks", [])],
        "LoginSettings": {"KeyIds": request.get("LoginSettings", {}).get("KeyIds", [])},
        "SecurityGroupIds": each["SecurityGroupIds"],
        "AutoScalingGroupAbstractSet": [
            {"AutoScalingGroupId": group["Id"], "AutoScalingGroupName": group["Name"]}
            for group in groups
        ],
        "CreatedTime": timestamps.iso(each["Created"]),
        "UpdatedTime": timestamps.iso(each.get("Updated", each["Created"])),
        "VersionNumber": each.get("Version", 1),
        "InstanceNameSettings": {
            **_CONFIGURATION["InstanceNameSettings"],
            "InstanceName": each["Name"],
            **request.get("InstanceNameSettings", {}),
        },
        "Tags": [{**tag, "ResourceType": "launch-configuration"} for tag in each.get("Tags", [])],
    }


_DISK = {"DiskType": "CLOUD_PREMIUM", "DiskSize": 50}
_CONFIGURATION: dict[str, Any] = {
    "ProjectId": 0,
    "LaunchConfigurationStatus": "NORMAL",
    "SystemDisk": {"DiskType": "CLOUD_SSD", "DiskSize": 50},
    "InternetAccessible": {
        "InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR",
        "InternetMaxBandwidthOut": 0,
        "PublicIpAssigned": False,
        "BandwidthPackageId": None,
    },
    "IPv6InternetAccessible": {
        "InternetChargeType": None,
        "InternetMaxBandwidthOut": None,
        "BandwidthPackageId": None,
    },
    "UserData": None,
    "EnhancedService": {
        "SecurityService": _ENABLED,
        "MonitorService": _ENABLED,
        "AutomationToolsService": _ENABLED,
    },
    "InstanceChargeType": "POSTPAID_BY_HOUR",
    "InstanceChargePrepaid": {"Period": 1, "RenewFlag": "NOTIFY_AND_MANUAL_RENEW"},
    "InstanceMarketOptions": None,
    "InstanceTags": [],
    "CamRoleName": "",
    "LastOperationInstanceTypesCheckPolicy": "ANY",
    "HostNameSettings": {"HostName": None, "HostNameStyle": None, "HostNameSuffix": None},
    "InstanceNameSettings": {"InstanceNameStyle": "ORIGINAL", "InstanceNameSuffix": None},
    "DiskTypePolicy": "ORIGINAL",
    "HpcClusterId": "",
    "DisasterRecoverGroupIds": [],
    "DedicatedClusterId": "",
}
"""A launch configuration for which nothing was given."""
_COMPLETED = (
    "SystemDisk",
    "InternetAccessible",
    "EnhancedService",
    "InstanceChargePrepaid",
    "HostNameSettings",
)
"""Objects whose missing members have defaults."""
_AS_GIVEN = (
    "ProjectId",
    "UserData",
    "InstanceChargeType",
    "InstanceMarketOptions",
    "InstanceTags",
    "CamRoleName",
    "DiskTypePolicy",
)


def _group_to_response(each: Document) -> dict[str, Any]:
    request = each.get("Request", {})
    return {
        "AutoScalingGroupId": each["Id"],
        "AutoScalingGroupName": each["Name"],
        "AutoScalingGroupStatus": "NORMAL",
        "LaunchConfigurationId": each["Configuration"],
        "LaunchConfigurationName": each["ConfigurationName"],
        "CreatedTime": timestamps.iso(each["Created"]),
        "EnabledStatus": "ENABLED",
        "InActivityStatus": "NOT_IN_ACTIVITY",
        "MinSize": request.get("MinSize", 0),
        "MaxSize": request.get("MaxSize", 4),
        "DesiredCapacity": 0,
        "InstanceCount": 0,
        "InServiceInstanceCount": 0,
        "DefaultCooldown": request.get("DefaultCooldown", 300),
        "ForwardLoadBalancerSet": [],
        "LoadBalancerIdSet": [],
        "ProjectId": 0,
        "VpcId": each["VpcId"],
        "SubnetIdSet": each.get("SubnetIds") or [each["SubnetId"]],
        "ZoneSet": each.get("Zones") or [each["Zone"]],
        "TerminationPolicySet": request.get("TerminationPolicies", ["OLDEST_INSTANCE"]),
        "RetryPolicy": request.get("RetryPolicy", "IMMEDIATE_RETRY"),
        "Tags": [{**tag, "ResourceType": "auto-scaling-group"} for tag in each.get("Tags", [])],
        "ServiceSettings": {
            "ReplaceMonitorUnhealthy": False,
            "ScalingMode": "CLASSIC_SCALING",
            "ReplaceLoadBalancerUnhealthy": False,
            "DesiredCapacitySyncWithMaxMinSize": False,
            "PriorityScaleInUnhealthy": False,
        },
        "Ipv6AddressCount": 0,
        "MultiZoneSubnetPolicy": "PRIORITY",
        "HealthCheckType": "CVM",
        "LoadBalancerHealthCheckGracePeriod": 0,
        "InstanceAllocationPolicy": "LAUNCH_CONFIGURATION",
        "SpotMixedAllocationPolicy": {
            "BaseCapacity": None,
            "OnDemandPercentageAboveBaseCapacity": None,
            "SpotAllocationStrategy": None,
            "CompensateWithBaseInstance": None,
        },
        "CapacityRebalance": False,
        "InstanceNameIndexSettings": {"Enabled": False, "BeginIndex": 0},
    }
