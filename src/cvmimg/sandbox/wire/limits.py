"""Limits that the official description states in prose, each with the error code listed for it.

Most hold for a parameter in all actions of a service. An action's own limit of a parameter replaces
the service's limit of the same kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from cvmimg.sandbox.state import ids
from cvmimg.sandbox.wire import description
from cvmimg.sandbox.wire.constraints import (
    Between,
    Choice,
    Constraint,
    Count,
    Distinct,
    Exclusive,
    Length,
    Pattern,
)


def check(service: str, action: str, params: Mapping[str, Any]) -> None:
    """Check ``params``, whose types are correct, against the limits of ``action``.

    Raises:
        ApiError: with the action's code for it.
    """
    for constraint in limits_of(service, action):
        constraint.check(params)


@cache
def limits_of(service: str, action: str) -> tuple[Constraint, ...]:
    """Return the limits of the parameters that the action has."""
    known = description.load(service).actions[action].keys()
    unlimited = _UNLIMITED.get(action, ())
    own = {(type(limit), limit.path): limit for limit in _OF_ACTIONS.get(action, ())}
    shared = [
        own.pop((type(limit), limit.path), limit)
        for limit in _OF_SERVICES.get(service, ())
        if limit.parameters <= known and limit.path.partition(".")[0] not in unlimited
    ]
    return (*own.values(), *shared)


def _page(code: str, low: int = 1) -> tuple[Constraint, ...]:
    return (Between("Limit", low, 100, code), Between("Offset", 0, 2**31, code))


def _filters(count_code: str, value_code: str) -> tuple[Constraint, ...]:
    return (Count("Filters", 10, count_code), Count("Filters.Values", 5, value_code))


_AS_CONFIGURATION = "InvalidParameterValue.InvalidLaunchConfigurationId"
_AS_GROUP = "InvalidParameterValue.InvalidAutoScalingGroupId"
_INSTANCE_ID = (Pattern("InstanceId", ids.INSTANCE, "InvalidInstanceId.Malformed"),)

_BOOLEAN = ("true", "false", "True", "False", "TRUE", "FALSE")
"""Clients send booleans as strings in each of these spellings."""

_UNLIMITED: Mapping[str, set[str]] = {
    "RunInstances": {"SecurityGroupIds"},
    "InquiryPriceRunInstances": {"SecurityGroupIds"},
    "CreateLaunchTemplate": {"SecurityGroupIds"},
    "CreateLaunchTemplateVersion": {"SecurityGroupIds"},
    "DescribeKeyPairs": {"KeyIds", "Filters"},
    "DescribeZoneInstanceConfigInfos": {"Filters"},
    "DescribeTaskInfo": {"InstanceIds"},
    "DescribeLaunchTemplateVersions": {"LaunchTemplateId", "LaunchTemplateVersions"},
    "ResizeInstanceDisks": {"DataDisks"},
    "ModifyLaunchConfigurationAttributes": {"DataDisks", "InstanceChargeType"},
    "DescribeAutoSnapshotPolicies": {"Filters"},
    "DescribeSecurityGroupAssociationStatistics": {"SecurityGroupIds"},
    "DescribeSecurityGroupPolicies": {"Filters"},
    "DescribeSecurityGroups": {"Filters"},
    "DescribeUsedIpAddress": {"Filters"},
    "RunCommand": {"DefaultParameters", "Tags"},
    "ModifyCommand": {"DefaultParameters"},
    "DescribeCommands": {"Filters"},
    "DescribeInvocationTasks": {"Filters"},
    "DescribeAutomationAgentStatus": {"Filters"},
    "CreateAutoScalingGroup": {"LaunchConfigurationId"},
    "ModifyAutoScalingGroup": {"LaunchConfigurationId"},
}
"""Parameters that an action does not limit, by action."""

_OF_SERVICES: Mapping[str, tuple[Constraint, ...]] = {
    "cvm": (
        Exclusive(
            "ImageIds", ("Filters",), "InvalidParameter.InvalidParameterCoexistImageIdsFilters"
        ),
        Exclusive("InstanceIds", ("Filters",), "InvalidParameter"),
        Count("InstanceIds", 100, low=1),
        Pattern("InstanceIds", ids.INSTANCE, "InvalidInstanceId.Malformed"),
        Count("SecurityGroupIds", 1, low=1),
        Exclusive("StopType", ("ForceStop",), "InvalidParameterCombination"),
        Exclusive("StopType", ("ForceReboot",), "InvalidParameterCombination"),
        Choice("StopType", ("SOFT", "SOFT_FIRST", "HARD")),
        Choice("StoppedMode", ("KEEP_CHARGING", "STOP_CHARGING")),
        Choice("Attributes", ("UserData",)),
        Count("KeyIds", 100, low=1),
        Pattern("KeyIds", ids.KEY_PAIR, "InvalidKeyPairId.Malformed"),
        Pattern("KeyId", ids.KEY_PAIR, "InvalidKeyPairId.Malformed"),
        Pattern(
            "LaunchTemplateId",
            ids.LAUNCH_TEMPLATE,
            "InvalidParameterValue.LaunchTemplateIdMalformed",
        ),
        Count("LaunchTemplateVersions", 30, low=1),
        Length("LaunchTemplateName", 128, "InvalidParameterValue.InvalidLaunchTemplateName", low=2),
        Length(
            "LaunchTemplateVersionDescription",
            256,
            "InvalidParameterValue.InvalidLaunchTemplateVersionDescription",
            low=2,
        ),
        Between("InstanceCount", 1, 500, "InvalidParameterValue.Range"),
        Length("InstanceName", 128, "InvalidInstanceName.TooLong"),
        Length("ClientToken", 64, "InvalidClientToken.TooLong"),
        Pattern("ImageId", ids.IMAGE, "InvalidImageId.Malformed"),
        Count("ImageIds", 100, low=1),
        Pattern("ImageIds", ids.IMAGE, "InvalidImageId.Malformed"),
        Count("DestinationRegions", 100, low=1),
        Length("ImageName", 60, "InvalidParameterValue.TooLarge", low=1),
        Length("ImageDescription", 256, "InvalidParameterValue.TooLarge"),
        Exclusive("InstanceId", ("SnapshotIds",), "InvalidParameter.SpecifyOneParameter"),
        Choice("ForcePoweroff", _BOOLEAN),
        Choice("Sysprep", _BOOLEAN),
        Count("DataDiskIds", 20),
        Count("SnapshotIds", 21),
        Choice(
            "InstanceChargeType",
            ("PREPAID", "POSTPAID_BY_HOUR", "CDHPAID", "SPOTPAID", "CDCPAID"),
        ),
        Count("DataDisks", 21),
        Pattern("DataDisks.SnapshotId", ids.SNAPSHOT, "InvalidParameterValue.SnapshotIdMalformed"),
        Between(
            "InternetAccessible.InternetMaxBandwidthOut", 0, 2000, "InvalidParameterValue.Range"
        ),
        Count("AccountIds", 500, low=1),
        Choice("Permission", ("SHARE", "CANCEL")),
        Choice("ExportFormat", ("RAW", "QCOW2", "VHD", "VMDK")),
        Choice("Architecture", ("x86_64", "i386", "arm_64")),
        Choice("BootMode", ("Legacy BIOS", "UEFI"), "InvalidParameterValue.InvalidBootMode"),
        Choice("LicenseType", ("TencentCloud", "BYOL"), "InvalidParameterValue.InvalidLicenseType"),
        Length("UserName", 64, "InvalidParameterValue"),
        *_filters("InvalidParameterValue.LimitExceeded", "InvalidFilterValue.LimitExceeded"),
        *_page("InvalidParameterValue.LimitExceeded"),
    ),
    "cbs": (
        Exclusive("DiskIds", ("Filters",), "InvalidParameter"),
        Exclusive("SnapshotIds", ("Filters",), "InvalidParameter"),
        Exclusive("AutoSnapshotPolicyIds", ("Filters",), "InvalidParameter"),
        Count("DiskIds", 50, "InvalidParameterValue", low=1),
        Count("SnapshotIds", 100, "InvalidParameterValue", low=1),
        Count("Filters", 10, "InvalidFilter"),
        *_page("InvalidParameterValue", low=0),
        Choice("Order", ("ASC", "DESC")),
        Choice("OrderField", ("CREATE_TIME", "CREATED_TIME")),
        Between("DiskCount", 1, 50, "InvalidParameterValue"),
        Length("DiskName", 60, "InvalidParameterValue"),
        Choice("Encrypt", ("ENCRYPT",)),
        Length("SnapshotName", 60, "InvalidParameterValue"),
        Choice("InquiryType", ("INQUIRY_CBS_CONFIG", "INQUIRY_CVM_CONFIG")),
        Length("SnapshotGroupName", 60, "InvalidParameterValue"),
        Length("AutoSnapshotPolicyName", 60, "InvalidParameterValue"),
        Between("RetentionDays", 1, 36500, "InvalidParameterValue"),
    ),
    "vpc": (
        Exclusive("VpcIds", ("Filters",), "InvalidParameter.Coexist"),
        Exclusive("SubnetIds", ("Filters",), "InvalidParameter.Coexist"),
        Exclusive("SecurityGroupIds", ("Filters",), "InvalidParameter.Coexist"),
        Count("VpcIds", 100),
        Count("SubnetIds", 100),
        Count("SecurityGroupIds", 100),
        Count("Filters", 10),
        Length("VpcName", 60, "InvalidParameterValue.TooLong"),
        Length("SubnetName", 60, "InvalidParameterValue.TooLong"),
        Length("GroupName", 60, "InvalidParameterValue.TooLong"),
        Length("GroupDescription", 100, "InvalidParameterValue.TooLong"),
        Count("DnsServers", 4),
    ),
    "tat": (
        Exclusive("CommandIds", ("Filters",), "InvalidParameter.ConflictParameter"),
        Exclusive("InvocationIds", ("Filters",), "InvalidParameter.ConflictParameter"),
        Exclusive("InvocationTaskIds", ("Filters",), "InvalidParameter.ConflictParameter"),
        Exclusive("InstanceIds", ("Filters",), "InvalidParameter.ConflictParameter"),
        Count("InstanceIds", 200, low=1),
        Count("CommandIds", 100),
        Count("InvocationIds", 100),
        Count("InvocationTaskIds", 100, "InvalidParameterValue"),
        Between("Timeout", 1, 86400, "InvalidParameterValue.Range"),
        Length("CommandName", 60, "InvalidParameterValue.TooLong"),
        Length("Description", 120, "InvalidParameterValue.TooLong"),
        Choice("CommandType", ("SHELL", "POWERSHELL", "BAT")),
        Exclusive(
            "DefaultParameters", ("DefaultParameterConfs",), "InvalidParameter.ConflictParameter"
        ),
        Count("Tags", 10),
        Count("Filters.Values", 5, "LimitExceeded.FilterValueExceeded"),
        *_page("InvalidParameterValue.LimitExceeded"),
    ),
    "sts": (
        Pattern("RoleSessionName", r"[\w+=,.@-]{2,128}", "InvalidParameter.ParamError"),
        Pattern("ExternalId", r"[\w+=,.@:/-]{2,128}", "InvalidParameter.ParamError"),
        Count("Tags", 50, "InvalidParameter.OverLimit"),
    ),
    "tag": (
        Count("ResourceList", 10, "LimitExceeded.ResourceNumPerRequest", low=1),
        Count("Tags", 10, "LimitExceeded.TagNumPerRequest", low=1),
        Count("TagKeys", 10, "LimitExceeded.TagNumPerRequest", low=1),
        Count("ReplaceTags", 20, "LimitExceeded.TagNumPerRequest"),
        Count("DeleteTags", 20, "LimitExceeded.TagNumPerRequest"),
        Distinct("Tags.TagKey", "InvalidParameterValue.TagKeyDuplicate"),
        Distinct("TagKeys", "InvalidParameterValue.TagKeyDuplicate"),
        Distinct("ReplaceTags.TagKey", "InvalidParameterValue.TagKeyDuplicate"),
        Length("Tags.TagKey", 127, "InvalidParameterValue.TagKeyLengthExceeded"),
        Length("TagKeys", 127, "InvalidParameterValue.TagKeyLengthExceeded"),
        Length("ReplaceTags.TagKey", 127, "InvalidParameterValue.TagKeyLengthExceeded"),
        Length("Tags.TagValue", 255, "InvalidParameterValue.TagValueLengthExceeded"),
        Length("ReplaceTags.TagValue", 255, "InvalidParameterValue.TagValueLengthExceeded"),
        Count("ResourceIds", 50, "LimitExceeded", low=1),
        Between("Limit", 1, 400, "InvalidParameter"),
        Count("TagFilters", 6, "LimitExceeded.TagNumPerRequest"),
        Count("TagFilters.TagValue", 10, "LimitExceeded.TagValue"),
        Between("MaxResults", 1, 200, "InvalidParameter"),
    ),
    "as": (
        Exclusive("LaunchConfigurationIds", ("Filters",), "InvalidParameter.Conflict"),
        Exclusive("AutoScalingGroupIds", ("Filters",), "InvalidParameter.Conflict"),
        Exclusive("InstanceIds", ("Filters",), "InvalidParameter.Conflict"),
        Exclusive("ActivityIds", ("Filters",), "InvalidParameter.Conflict"),
        Pattern("LaunchConfigurationId", ids.LAUNCH_CONFIGURATION, _AS_CONFIGURATION),
        Pattern("AutoScalingGroupId", ids.SCALING_GROUP, _AS_GROUP),
        Count("LaunchConfigurationIds", 100),
        Count("AutoScalingGroupIds", 100),
        Count("InstanceIds", 20, low=1),
        Count("ActivityIds", 100),
        Pattern("LaunchConfigurationIds", ids.LAUNCH_CONFIGURATION, _AS_CONFIGURATION),
        Pattern("AutoScalingGroupIds", ids.SCALING_GROUP, _AS_GROUP),
        Pattern("InstanceIds", ids.INSTANCE, "InvalidParameterValue.InvalidInstanceId"),
        Pattern("ActivityIds", ids.SCALING_ACTIVITY, "InvalidParameterValue.InvalidActivityId"),
        Length("LaunchConfigurationName", 60, "InvalidParameterValue.TooLong"),
        Length("LaunchConfigurationName", 60, "InvalidParameterValue.TooShort", low=1),
        Count("InstanceTypes", 10),
        Count("DataDisks", 11),
        Choice("InstanceChargeType", ("POSTPAID_BY_HOUR", "SPOTPAID", "PREPAID", "CDCPAID")),
        Length("AutoScalingGroupName", 55, "InvalidParameterValue.TooLong", low=1),
        Between("MaxSize", 0, 2000, "InvalidParameterValue.Range"),
        Between("MinSize", 0, 2000, "InvalidParameterValue.Range"),
        Between("DesiredCapacity", 0, 2000, "InvalidParameterValue.Range"),
        Between("DefaultCooldown", 0, 3600, "InvalidParameterValue.Range"),
        Choice(
            "RetryPolicy",
            ("IMMEDIATE_RETRY", "INCREMENTAL_INTERVALS", "NO_RETRY"),
            "InvalidParameterValue.Range",
        ),
        *_page("InvalidParameterValue.LimitExceeded"),
    ),
}

_OF_ACTIONS: Mapping[str, tuple[Constraint, ...]] = {
    "DescribeImages": (
        Count("ImageIds", 100),
        *_page("InvalidParameterValue.InvalidParameterValueLimit"),
    ),
    "SyncImages": (
        Count("ImageIds", 1, "InvalidImageId.TooLarge", low=1),
        Length("ImageName", 60, "InvalidParameterValue", low=1),
    ),
    "ExportImages": (Count("ImageIds", 10, low=1),),
    "DescribeInstances": (Count("InstanceIds", 100),),
    "DescribeInstancesStatus": (Count("InstanceIds", 100),),
    "ModifyInstancesAttribute": (Length("InstanceName", 60, "InvalidInstanceName.TooLong"),),
    "DescribeKeyPairs": (
        Exclusive("KeyIds", ("Filters",), "InvalidParameter"),
        Pattern("KeyIds", ids.KEY_PAIR, "InvalidKeyPairId.Malformed"),
    ),
    "InquiryPriceRunInstances": (Between("InstanceCount", 1, 100, "InvalidParameterValue.Range"),),
    "ResetInstance": _INSTANCE_ID,
    "ResizeInstanceDisks": _INSTANCE_ID,
    "DescribeTaskInfo": _page("InvalidParameterValue"),
    "DescribeLaunchTemplates": (
        *_filters("InvalidParameterValue", "InvalidParameterValue"),
        *_page("InvalidParameterValue"),
    ),
    "DescribeLaunchTemplateVersions": (
        Exclusive(
            "LaunchTemplateVersions",
            ("MaxVersion", "MinVersion", "Limit", "Offset", "DefaultVersion"),
            "InvalidParameter",
        ),
        *_page("InvalidParameterValue"),
    ),
    "DescribeDisks": (
        Count("DiskIds", 100, "InvalidParameterValue"),
        Choice("OrderField", ("CREATE_TIME", "DEADLINE", "CREATED_TIME")),
    ),
    "CreateDisks": (Choice("DiskChargeType", ("PREPAID", "POSTPAID_BY_HOUR")),),
    "AttachDisks": (Count("DiskIds", 10, "InvalidParameterValue", low=1),),
    "DetachDisks": (Count("DiskIds", 10, "InvalidParameterValue", low=1),),
    "DescribeSnapshots": (Count("SnapshotIds", 100, "InvalidParameterValue"),),
    "CreateSnapshotGroup": (Count("DiskIds", 21, "InvalidParameterValue", low=1),),
    "DescribeAutoSnapshotPolicies": (Choice("OrderField", ("CREATE_TIME",)),),
    "DeleteAutoSnapshotPolicies": (
        Count("AutoSnapshotPolicyIds", 30, "InvalidParameterValue", low=1),
    ),
    "BindAutoSnapshotPolicy": (Count("DiskIds", 80, "InvalidParameterValue"),),
    "UnbindAutoSnapshotPolicy": (Count("DiskIds", 80, "InvalidParameterValue"),),
    "DescribeInvocationTasks": _page("InvalidParameterValue"),
    "DescribeAutomationAgentStatus": (Count("InstanceIds", 100),),
    "AssumeRoleWithWebIdentity": (
        Between("DurationSeconds", 1, 43200, "InvalidParameter.OverLimit"),
    ),
    "AssumeRole": (Between("DurationSeconds", 1, 43200, "InvalidParameter.OverTimeError"),),
    "GetResources": (Count("ResourceList", 10, "LimitExceeded.ResourceNumPerRequest"),),
    "DescribeAutoScalingInstances": (Count("InstanceIds", 100),),
}
