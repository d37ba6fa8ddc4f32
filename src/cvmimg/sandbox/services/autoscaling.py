"""as: DescribeLaunchConfigurations and DescribeAutoScalingGroups."""

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
    page = [configuration_to_response(each) for each in filters.page(call, found)]
    return {"TotalCount": len(found), "LaunchConfigurationSet": page}


@action("as", "DescribeAutoScalingGroups")
def describe_auto_scaling_groups(call: Call) -> dict[str, Any]:
    """List scaling groups, newest first."""
    found = _found(call, GROUP, "AutoScalingGroupIds", "auto-scaling-group")
    page = [group_to_response(each) for each in filters.page(call, found)]
    return {"TotalCount": len(found), "AutoScalingGroupSet": page}


def _found(call: Call, kind: str, ids: str, name: str) -> list[Document]:
    """Return the documents selected by the request's ids or filters."""
    known: dict[str, filters.Values] = {
        f"{name}-id": filters.member("Id"),
        f"{name}-name": filters.member("Name"),
        f"vague-{name}-name": filters.member("Name"),
        **({"launch-configuration-id": filters.member("Configuration")} if kind == GROUP else {}),
    }
    wanted = call.params.get(ids)
    candidates = call.store.page(kind, call.account, call.region, call.now)
    chosen = [each for each in candidates if not wanted or each["Id"] in wanted]
    return filters.select(
        call,
        chosen,
        known,
        fuzzy=(f"vague-{name}-name",),
        unknown="InvalidParameterValue",
    )


def configuration_to_response(each: Document) -> dict[str, Any]:
    """Return a launch configuration as DescribeLaunchConfigurations answers it."""
    return {
        "ProjectId": 0,
        "LaunchConfigurationId": each["Id"],
        "LaunchConfigurationName": each["Name"],
        "LaunchConfigurationStatus": "NORMAL",
        "InstanceType": each["InstanceType"],
        "InstanceTypes": [each["InstanceType"]],
        "ImageId": each["ImageId"],
        "ImageFamily": each["ImageFamily"],
        "SystemDisk": {"DiskType": "CLOUD_SSD", "DiskSize": 50},
        "DataDisks": [],
        "LoginSettings": {"KeyIds": []},
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
        "SecurityGroupIds": each["SecurityGroupIds"],
        "AutoScalingGroupAbstractSet": [
            {"AutoScalingGroupId": each["Group"], "AutoScalingGroupName": each["GroupName"]}
        ],
        "UserData": None,
        "CreatedTime": timestamps.iso(each["Created"]),
        "UpdatedTime": timestamps.iso(each["Created"]),
        "EnhancedService": {
            "SecurityService": _ENABLED,
            "MonitorService": _ENABLED,
            "AutomationToolsService": _ENABLED,
        },
        "InstanceChargeType": "POSTPAID_BY_HOUR",
        "InstanceChargePrepaid": {"Period": 1, "RenewFlag": "NOTIFY_AND_MANUAL_RENEW"},
        "InstanceMarketOptions": None,
        "InstanceTags": [],
        "Tags": [],
        "VersionNumber": 1,
        "CamRoleName": "",
        "LastOperationInstanceTypesCheckPolicy": "ANY",
        "HostNameSettings": {"HostName": None, "HostNameStyle": None, "HostNameSuffix": None},
        "InstanceNameSettings": {
            "InstanceName": each["Name"],
            "InstanceNameStyle": "ORIGINAL",
            "InstanceNameSuffix": None,
        },
        "DiskTypePolicy": "ORIGINAL",
        "HpcClusterId": "",
        "DisasterRecoverGroupIds": [],
        "DedicatedClusterId": "",
    }


def group_to_response(each: Document) -> dict[str, Any]:
    """Return a scaling group as DescribeAutoScalingGroups answers it."""
    return {
        "AutoScalingGroupId": each["Id"],
        "AutoScalingGroupName": each["Name"],
        "AutoScalingGroupStatus": "NORMAL",
        "LaunchConfigurationId": each["Configuration"],
        "LaunchConfigurationName": each["ConfigurationName"],
        "CreatedTime": timestamps.iso(each["Created"]),
        "EnabledStatus": "ENABLED",
        "InActivityStatus": "NOT_IN_ACTIVITY",
        "MinSize": 0,
        "MaxSize": 4,
        "DesiredCapacity": 0,
        "InstanceCount": 0,
        "InServiceInstanceCount": 0,
        "DefaultCooldown": 300,
        "ForwardLoadBalancerSet": [],
        "LoadBalancerIdSet": [],
        "ProjectId": 0,
        "VpcId": each["VpcId"],
        "SubnetIdSet": [each["SubnetId"]],
        "ZoneSet": [each["Zone"]],
        "TerminationPolicySet": ["OLDEST_INSTANCE"],
        "RetryPolicy": "IMMEDIATE_RETRY",
        "Tags": [],
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
