"""Launch configurations and scaling groups, which use images too."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox import times
from cvmimg.sandbox.store import Document

CONFIGURATION, GROUP = "launch-configuration", "scaling-group"

_ENABLED = {"Enabled": True}


def configuration_shown(each: Document) -> dict[str, Any]:
    """A launch configuration as DescribeLaunchConfigurations answers it."""
    return {
        "ProjectId": 0,
        "LaunchConfigurationId": each["Id"],
        "LaunchConfigurationName": each["Name"],
        "LaunchConfigurationStatus": "NORMAL",
        "InstanceType": each["InstanceType"],
        "InstanceTypes": [each["InstanceType"]],
        "ImageId": each["ImageId"],
        "ImageFamily": "",
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
        "CreatedTime": times.iso(each["Created"]),
        "UpdatedTime": times.iso(each["Created"]),
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


def group_shown(each: Document) -> dict[str, Any]:
    """A scaling group as DescribeAutoScalingGroups answers it."""
    return {
        "AutoScalingGroupId": each["Id"],
        "AutoScalingGroupName": each["Name"],
        "AutoScalingGroupStatus": "NORMAL",
        "LaunchConfigurationId": each["Configuration"],
        "LaunchConfigurationName": each["ConfigurationName"],
        "CreatedTime": times.iso(each["Created"]),
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
