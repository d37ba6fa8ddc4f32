"""Limits that the official description states in prose, by action.

Each has the error code that the action lists for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cvmimg.sandbox.state import ids
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
    for constraint in LIMITS.get((service, action), ()):
        constraint.check(params)


def _page(code: str, low: int = 1) -> tuple[Constraint, ...]:
    return (Between("Limit", low, 100, code), Between("Offset", 0, 2**31, code))


def _filters(count_code: str, value_code: str) -> tuple[Constraint, ...]:
    return (Count("Filters", 10, count_code), Count("Filters.Values", 5, value_code))


_INSTANCE_IDS: tuple[Constraint, ...] = (
    Count("InstanceIds", 100, low=1),
    Pattern("InstanceIds", ids.INSTANCE, "InvalidInstanceId.Malformed"),
)
_SOME_INSTANCE_IDS: tuple[Constraint, ...] = (
    Count("InstanceIds", 100),
    Pattern("InstanceIds", ids.INSTANCE, "InvalidInstanceId.Malformed"),
)
_IMAGE_ID = Pattern("ImageId", ids.IMAGE, "InvalidImageId.Malformed")
_IMAGE_IDS = Pattern("ImageIds", ids.IMAGE, "InvalidImageId.Malformed")

_KEY_IDS = Count("KeyIds", 100, low=1)
_KEY_ID_FORM = Pattern("KeyIds", ids.KEY_PAIR, "InvalidKeyPairId.Malformed")
_RESOURCES = Count("ResourceList", 10, "LimitExceeded.ResourceNumPerRequest", low=1)

_AS_LIMIT = "InvalidParameterValue.LimitExceeded"
_AS_CONFIGURATION = "InvalidParameterValue.InvalidLaunchConfigurationId"
_AS_GROUP = "InvalidParameterValue.InvalidAutoScalingGroupId"
_AS_INSTANCE = "InvalidParameterValue.InvalidInstanceId"
_RETRY_POLICIES = ("IMMEDIATE_RETRY", "INCREMENTAL_INTERVALS", "NO_RETRY")
_GROUP_ID = Pattern("AutoScalingGroupId", ids.SCALING_GROUP, _AS_GROUP)
_GROUP_AND_INSTANCES: tuple[Constraint, ...] = (
    _GROUP_ID,
    Count("InstanceIds", 20, _AS_LIMIT, low=1),
    Pattern("InstanceIds", ids.INSTANCE, _AS_INSTANCE),
)
_SIZES: tuple[Constraint, ...] = tuple(
    Between(name, 0, 2000, "InvalidParameterValue.Range")
    for name in ("MaxSize", "MinSize", "DesiredCapacity")
)
_GROUP: tuple[Constraint, ...] = (
    Length("AutoScalingGroupName", 55, "InvalidParameterValue.TooLong", low=1),
    *_SIZES,
    Between("DefaultCooldown", 0, 3600, "InvalidParameterValue.Range"),
    Choice("RetryPolicy", _RETRY_POLICIES, "InvalidParameterValue.Range"),
)
_CONFIGURATION_ID = Pattern("LaunchConfigurationId", ids.LAUNCH_CONFIGURATION, _AS_CONFIGURATION)
_CONFIGURATION: tuple[Constraint, ...] = (
    Length("LaunchConfigurationName", 60, "InvalidParameterValue.TooLong"),
    Length("LaunchConfigurationName", 60, "InvalidParameterValue.TooShort", low=1),
    Count("InstanceTypes", 10, _AS_LIMIT),
)


def _as_list(name: str, pattern: str, malformed: str) -> tuple[Constraint, ...]:
    """Return the limits of an action of as that lists resources by id or by filters."""
    return (
        Exclusive(name, ("Filters",), "InvalidParameter.Conflict"),
        Count(name, 100, _AS_LIMIT),
        Pattern(name, pattern, malformed),
        *_page(_AS_LIMIT),
    )


_ONE_SECURITY_GROUP = Count("SecurityGroupIds", 1, low=1)
_TEMPLATE_ID = Pattern(
    "LaunchTemplateId",
    ids.LAUNCH_TEMPLATE,
    "InvalidParameterValue.LaunchTemplateIdMalformed",
)

_BOOLEAN = ("true", "false", "True", "False", "TRUE", "FALSE")
"""Clients send booleans as strings in each of these spellings."""

_LAUNCH: tuple[Constraint, ...] = (
    Length("InstanceName", 128, "InvalidInstanceName.TooLong"),
    Length("ClientToken", 64, "InvalidClientToken.TooLong"),
    _IMAGE_ID,
    Choice(
        "InstanceChargeType",
        ("PREPAID", "POSTPAID_BY_HOUR", "CDHPAID", "SPOTPAID", "CDCPAID"),
    ),
    Count("DataDisks", 21),
    Pattern("DataDisks.SnapshotId", ids.SNAPSHOT, "InvalidParameterValue.SnapshotIdMalformed"),
    Between("InternetAccessible.InternetMaxBandwidthOut", 0, 2000, "InvalidParameterValue.Range"),
)

_POLICY_NAME = Length("AutoSnapshotPolicyName", 60, "InvalidParameterValue")
_RETENTION = Between("RetentionDays", 1, 36500, "InvalidParameterValue")
_COMMAND: tuple[Constraint, ...] = (
    Between("Timeout", 1, 86400, "InvalidParameterValue.Range"),
    Length("CommandName", 60, "InvalidParameterValue.TooLong"),
    Length("Description", 120, "InvalidParameterValue.TooLong"),
    Choice("CommandType", ("SHELL", "POWERSHELL", "BAT")),
)

LIMITS: Mapping[tuple[str, str], tuple[Constraint, ...]] = {
    ("cvm", "CreateImage"): (
        Length("ImageName", 60, "InvalidParameterValue.TooLarge", low=1),
        Length("ImageDescription", 256, "InvalidParameterValue.TooLarge"),
        Exclusive("InstanceId", ("SnapshotIds",), "InvalidParameter.SpecifyOneParameter"),
        Choice("ForcePoweroff", _BOOLEAN),
        Choice("Sysprep", _BOOLEAN),
        Count("DataDiskIds", 20),
        Count("SnapshotIds", 21),
    ),
    ("cvm", "DescribeImages"): (
        Exclusive(
            "ImageIds", ("Filters",), "InvalidParameter.InvalidParameterCoexistImageIdsFilters"
        ),
        Count("ImageIds", 100),
        _IMAGE_IDS,
        *_filters("InvalidParameterValue.LimitExceeded", "InvalidFilterValue.LimitExceeded"),
        *_page("InvalidParameterValue.InvalidParameterValueLimit"),
    ),
    ("cvm", "DeleteImages"): (Count("ImageIds", 100, low=1), _IMAGE_IDS),
    ("cvm", "ModifyImageAttribute"): (
        _IMAGE_ID,
        Length("ImageName", 60, "InvalidParameterValue.TooLarge", low=1),
        Length("ImageDescription", 256, "InvalidParameterValue.TooLarge"),
    ),
    ("cvm", "SyncImages"): (
        Count("ImageIds", 1, "InvalidImageId.TooLarge", low=1),
        _IMAGE_IDS,
        Count("DestinationRegions", 100, low=1),
        Length("ImageName", 60, "InvalidParameterValue", low=1),
    ),
    ("cvm", "ModifyImageSharePermission"): (
        _IMAGE_ID,
        Count("AccountIds", 500, low=1),
        Choice("Permission", ("SHARE", "CANCEL")),
    ),
    ("cvm", "DescribeImageSharePermission"): (_IMAGE_ID,),
    ("cvm", "ExportImages"): (
        Count("ImageIds", 10, low=1),
        _IMAGE_IDS,
        Choice("ExportFormat", ("RAW", "QCOW2", "VHD", "VMDK")),
    ),
    ("cvm", "ImportImage"): (
        Length("ImageName", 60, "InvalidParameterValue.TooLarge", low=1),
        Length("ImageDescription", 256, "InvalidParameterValue.TooLarge"),
        Choice("Architecture", ("x86_64", "i386", "arm_64")),
        Choice("BootMode", ("Legacy BIOS", "UEFI"), "InvalidParameterValue.InvalidBootMode"),
        Choice("LicenseType", ("TencentCloud", "BYOL"), "InvalidParameterValue.InvalidLicenseType"),
    ),
    ("cvm", "DescribeInstances"): (
        Exclusive("InstanceIds", ("Filters",), "InvalidParameter"),
        *_SOME_INSTANCE_IDS,
        *_filters("InvalidParameterValue.LimitExceeded", "InvalidFilterValue.LimitExceeded"),
        *_page("InvalidParameterValue.LimitExceeded"),
    ),
    ("cvm", "DescribeInstancesStatus"): (
        *_SOME_INSTANCE_IDS,
        *_page("InvalidParameterValue.LimitExceeded"),
    ),
    ("cvm", "DescribeInstancesAttributes"): (
        *_INSTANCE_IDS,
        Choice("Attributes", ("UserData",)),
    ),
    ("cvm", "ModifyInstancesAttribute"): (
        *_INSTANCE_IDS,
        Length("InstanceName", 60, "InvalidInstanceName.TooLong"),
    ),
    ("cvm", "DescribeKeyPairs"): (
        Exclusive("KeyIds", ("Filters",), "InvalidParameter"),
        Pattern("KeyIds", ids.KEY_PAIR, "InvalidKeyPairId.Malformed"),
        *_page("InvalidParameterValue.LimitExceeded"),
    ),
    ("cvm", "DeleteKeyPairs"): (_KEY_IDS, _KEY_ID_FORM),
    ("cvm", "ModifyKeyPairAttribute"): (
        Pattern("KeyId", ids.KEY_PAIR, "InvalidKeyPairId.Malformed"),
    ),
    ("cvm", "AssociateInstancesKeyPairs"): (*_INSTANCE_IDS, _KEY_IDS, _KEY_ID_FORM),
    ("cvm", "DisassociateInstancesKeyPairs"): (*_INSTANCE_IDS, _KEY_IDS, _KEY_ID_FORM),
    ("cvm", "StartInstances"): _INSTANCE_IDS,
    ("cvm", "StopInstances"): (
        *_INSTANCE_IDS,
        Exclusive("StopType", ("ForceStop",), "InvalidParameterCombination"),
        Choice("StopType", ("SOFT", "SOFT_FIRST", "HARD")),
        Choice("StoppedMode", ("KEEP_CHARGING", "STOP_CHARGING")),
    ),
    ("cvm", "RebootInstances"): (
        *_INSTANCE_IDS,
        Exclusive("StopType", ("ForceReboot",), "InvalidParameterCombination"),
        Choice("StopType", ("SOFT", "SOFT_FIRST", "HARD")),
    ),
    ("cvm", "TerminateInstances"): _INSTANCE_IDS,
    ("cvm", "RunInstances"): (
        Between("InstanceCount", 1, 500, "InvalidParameterValue.Range"),
        *_LAUNCH,
    ),
    ("cvm", "InquiryPriceRunInstances"): (
        Between("InstanceCount", 1, 100, "InvalidParameterValue.Range"),
        *_LAUNCH,
    ),
    ("cvm", "ModifyInstancesProject"): _INSTANCE_IDS,
    ("cvm", "AssociateSecurityGroups"): (*_INSTANCE_IDS, _ONE_SECURITY_GROUP),
    ("cvm", "DisassociateSecurityGroups"): (*_INSTANCE_IDS, _ONE_SECURITY_GROUP),
    ("cvm", "ResetInstance"): (
        Pattern("InstanceId", ids.INSTANCE, "InvalidInstanceId.Malformed"),
        _IMAGE_ID,
    ),
    ("cvm", "ResetInstancesType"): _INSTANCE_IDS,
    ("cvm", "ResetInstancesPassword"): (
        *_INSTANCE_IDS,
        Length("UserName", 64, "InvalidParameterValue"),
    ),
    ("cvm", "ResizeInstanceDisks"): (
        Pattern("InstanceId", ids.INSTANCE, "InvalidInstanceId.Malformed"),
    ),
    ("cvm", "CreateLaunchTemplate"): (
        Length("LaunchTemplateName", 128, "InvalidParameterValue.InvalidLaunchTemplateName", low=2),
        Length(
            "LaunchTemplateVersionDescription",
            256,
            "InvalidParameterValue.InvalidLaunchTemplateVersionDescription",
            low=2,
        ),
        Between("InstanceCount", 1, 500, "InvalidParameterValue.Range"),
        *_LAUNCH,
    ),
    ("cvm", "CreateLaunchTemplateVersion"): (
        _TEMPLATE_ID,
        Length(
            "LaunchTemplateVersionDescription",
            256,
            "InvalidParameterValue.InvalidLaunchTemplateVersionDescription",
            low=2,
        ),
        Between("InstanceCount", 1, 500, "InvalidParameterValue.Range"),
        *_LAUNCH,
    ),
    ("cvm", "ModifyLaunchTemplateDefaultVersion"): (_TEMPLATE_ID,),
    ("cvm", "DeleteLaunchTemplate"): (_TEMPLATE_ID,),
    ("cvm", "DeleteLaunchTemplateVersions"): (
        _TEMPLATE_ID,
        Count("LaunchTemplateVersions", 30, low=1),
    ),
    ("cvm", "DescribeTaskInfo"): _page("InvalidParameterValue"),
    ("cvm", "DescribeLaunchTemplates"): (
        *_filters("InvalidParameterValue", "InvalidParameterValue"),
        *_page("InvalidParameterValue"),
    ),
    ("cvm", "DescribeLaunchTemplateVersions"): (
        Exclusive(
            "LaunchTemplateVersions",
            ("MaxVersion", "MinVersion", "Limit", "Offset", "DefaultVersion"),
            "InvalidParameter",
        ),
        *_page("InvalidParameterValue"),
    ),
    ("cbs", "DescribeDisks"): (
        Exclusive("DiskIds", ("Filters",), "InvalidParameter"),
        Count("DiskIds", 100, "InvalidParameterValue"),
        Count("Filters", 10, "InvalidFilter"),
        *_page("InvalidParameterValue", low=0),
        Choice("Order", ("ASC", "DESC")),
        Choice("OrderField", ("CREATE_TIME", "DEADLINE", "CREATED_TIME")),
    ),
    ("cbs", "CreateDisks"): (
        Choice("DiskChargeType", ("PREPAID", "POSTPAID_BY_HOUR")),
        Between("DiskCount", 1, 50, "InvalidParameterValue"),
        Length("DiskName", 60, "InvalidParameterValue"),
        Choice("Encrypt", ("ENCRYPT",)),
    ),
    ("cbs", "AttachDisks"): (Count("DiskIds", 10, "InvalidParameterValue", low=1),),
    ("cbs", "DetachDisks"): (Count("DiskIds", 10, "InvalidParameterValue", low=1),),
    ("cbs", "TerminateDisks"): (Count("DiskIds", 50, "InvalidParameterValue", low=1),),
    ("cbs", "ModifyDiskAttributes"): (
        Count("DiskIds", 50, "InvalidParameterValue", low=1),
        Length("DiskName", 60, "InvalidParameterValue"),
    ),
    ("cbs", "ModifySnapshotAttribute"): (Length("SnapshotName", 60, "InvalidParameterValue"),),
    ("cbs", "DescribeDiskConfigQuota"): (
        Choice("InquiryType", ("INQUIRY_CBS_CONFIG", "INQUIRY_CVM_CONFIG")),
    ),
    ("cbs", "DescribeSnapshots"): (
        Exclusive("SnapshotIds", ("Filters",), "InvalidParameter"),
        Count("SnapshotIds", 100, "InvalidParameterValue"),
        Count("Filters", 10, "InvalidFilter"),
        *_page("InvalidParameterValue", low=0),
        Choice("Order", ("ASC", "DESC")),
        Choice("OrderField", ("CREATE_TIME", "CREATED_TIME")),
    ),
    ("cbs", "CreateSnapshot"): (Length("SnapshotName", 60, "InvalidParameterValue"),),
    ("cbs", "DeleteSnapshots"): (Count("SnapshotIds", 100, "InvalidParameterValue", low=1),),
    ("cbs", "CreateSnapshotGroup"): (
        Count("DiskIds", 21, "InvalidParameterValue", low=1),
        Length("SnapshotGroupName", 60, "InvalidParameterValue"),
    ),
    ("cbs", "DescribeSnapshotGroups"): (
        Count("Filters", 10, "InvalidFilter"),
        *_page("InvalidParameterValue", low=0),
    ),
    ("cbs", "CreateAutoSnapshotPolicy"): (_POLICY_NAME, _RETENTION),
    ("cbs", "ModifyAutoSnapshotPolicyAttribute"): (_POLICY_NAME, _RETENTION),
    ("cbs", "DescribeAutoSnapshotPolicies"): (
        Exclusive("AutoSnapshotPolicyIds", ("Filters",), "InvalidParameter"),
        *_page("InvalidParameterValue", low=0),
        Choice("Order", ("ASC", "DESC")),
        Choice("OrderField", ("CREATE_TIME",)),
    ),
    ("cbs", "DeleteAutoSnapshotPolicies"): (
        Count("AutoSnapshotPolicyIds", 30, "InvalidParameterValue", low=1),
    ),
    ("cbs", "BindAutoSnapshotPolicy"): (Count("DiskIds", 80, "InvalidParameterValue"),),
    ("cbs", "UnbindAutoSnapshotPolicy"): (Count("DiskIds", 80, "InvalidParameterValue"),),
    ("vpc", "DescribeVpcs"): (
        Exclusive("VpcIds", ("Filters",), "InvalidParameter.Coexist"),
        Count("VpcIds", 100, "InvalidParameterValue.LimitExceeded"),
        Count("Filters", 10, "InvalidParameterValue.LimitExceeded"),
    ),
    ("vpc", "DescribeSubnets"): (
        Exclusive("SubnetIds", ("Filters",), "InvalidParameter.Coexist"),
        Count("SubnetIds", 100, "InvalidParameterValue.LimitExceeded"),
        Count("Filters", 10, "InvalidParameterValue.LimitExceeded"),
    ),
    ("vpc", "DescribeSecurityGroups"): (
        Exclusive("SecurityGroupIds", ("Filters",), "InvalidParameter.Coexist"),
        Count("SecurityGroupIds", 100, "InvalidParameterValue.LimitExceeded"),
    ),
    ("vpc", "CreateVpc"): (
        Length("VpcName", 60, "InvalidParameterValue.TooLong"),
        Count("DnsServers", 4, "InvalidParameterValue.LimitExceeded"),
    ),
    ("vpc", "CreateSubnet"): (Length("SubnetName", 60, "InvalidParameterValue.TooLong"),),
    ("vpc", "ModifyVpcAttribute"): (
        Length("VpcName", 60, "InvalidParameterValue.TooLong"),
        Count("DnsServers", 4, "InvalidParameterValue.LimitExceeded"),
    ),
    ("vpc", "ModifySubnetAttribute"): (Length("SubnetName", 60, "InvalidParameterValue.TooLong"),),
    ("vpc", "ModifySecurityGroupAttribute"): (
        Length("GroupName", 60, "InvalidParameterValue.TooLong"),
        Length("GroupDescription", 100, "InvalidParameterValue.TooLong"),
    ),
    ("vpc", "CreateSecurityGroup"): (
        Length("GroupName", 60, "InvalidParameterValue.TooLong"),
        Length("GroupDescription", 100, "InvalidParameterValue.TooLong"),
    ),
    ("tat", "RunCommand"): (
        Count("InstanceIds", 200, low=1),
        *_COMMAND,
    ),
    ("tat", "CreateCommand"): (
        *_COMMAND,
        Exclusive(
            "DefaultParameters", ("DefaultParameterConfs",), "InvalidParameter.ConflictParameter"
        ),
        Count("Tags", 10),
    ),
    ("tat", "ModifyCommand"): _COMMAND,
    ("tat", "InvokeCommand"): (
        Count("InstanceIds", 200, low=1),
        Between("Timeout", 1, 86400, "InvalidParameterValue.Range"),
    ),
    ("tat", "DescribeCommands"): (
        Exclusive("CommandIds", ("Filters",), "InvalidParameter.ConflictParameter"),
        Count("CommandIds", 100),
        *_page("InvalidParameterValue.LimitExceeded"),
    ),
    ("tat", "DescribeInvocations"): (
        Exclusive("InvocationIds", ("Filters",), "InvalidParameter.ConflictParameter"),
        Count("InvocationIds", 100),
        Count("Filters.Values", 5, "LimitExceeded.FilterValueExceeded"),
        *_page("InvalidParameterValue.LimitExceeded"),
    ),
    ("tat", "DescribeInvocationTasks"): (
        Exclusive("InvocationTaskIds", ("Filters",), "InvalidParameter.ConflictParameter"),
        Count("InvocationTaskIds", 100, "InvalidParameterValue"),
        *_page("InvalidParameterValue"),
    ),
    ("tat", "DescribeAutomationAgentStatus"): (
        Exclusive("InstanceIds", ("Filters",), "InvalidParameter.ConflictParameter"),
        Count("InstanceIds", 100),
        *_page("InvalidParameterValue.LimitExceeded"),
    ),
    ("sts", "AssumeRoleWithWebIdentity"): (
        Between("DurationSeconds", 1, 43200, "InvalidParameter.OverLimit"),
        Pattern("RoleSessionName", r"[\w+=,.@-]{2,128}", "InvalidParameter.ParamError"),
    ),
    ("sts", "AssumeRole"): (
        Between("DurationSeconds", 1, 43200, "InvalidParameter.OverTimeError"),
        Pattern("RoleSessionName", r"[\w+=,.@-]{2,128}", "InvalidParameter.ParamError"),
        Pattern("ExternalId", r"[\w+=,.@:/-]{2,128}", "InvalidParameter.ParamError"),
        Count("Tags", 50, "InvalidParameter.OverLimit"),
    ),
    ("tag", "TagResources"): (
        _RESOURCES,
        Count("Tags", 10, "LimitExceeded.TagNumPerRequest", low=1),
        Distinct("Tags.TagKey", "InvalidParameterValue.TagKeyDuplicate"),
        Length("Tags.TagKey", 127, "InvalidParameterValue.TagKeyLengthExceeded"),
        Length("Tags.TagValue", 255, "InvalidParameterValue.TagValueLengthExceeded"),
    ),
    ("tag", "UnTagResources"): (
        _RESOURCES,
        Count("TagKeys", 10, "LimitExceeded.TagNumPerRequest", low=1),
        Distinct("TagKeys", "InvalidParameterValue.TagKeyDuplicate"),
        Length("TagKeys", 127, "InvalidParameterValue.TagKeyLengthExceeded"),
    ),
    ("tag", "ModifyResourceTags"): (
        Count("ReplaceTags", 20, "LimitExceeded.TagNumPerRequest"),
        Count("DeleteTags", 20, "LimitExceeded.TagNumPerRequest"),
        Distinct("ReplaceTags.TagKey", "InvalidParameterValue.TagKeyDuplicate"),
        Length("ReplaceTags.TagKey", 127, "InvalidParameterValue.TagKeyLengthExceeded"),
        Length("ReplaceTags.TagValue", 255, "InvalidParameterValue.TagValueLengthExceeded"),
    ),
    ("tag", "DescribeResourceTagsByResourceIds"): (
        Count("ResourceIds", 50, "LimitExceeded", low=1),
        Between("Limit", 1, 400, "InvalidParameter"),
    ),
    ("tag", "GetResources"): (
        Count("ResourceList", 10, "LimitExceeded.ResourceNumPerRequest"),
        Count("TagFilters", 6, "LimitExceeded.TagNumPerRequest"),
        Count("TagFilters.TagValue", 10, "LimitExceeded.TagValue"),
        Between("MaxResults", 1, 200, "InvalidParameter"),
    ),
    ("as", "DescribeLaunchConfigurations"): _as_list(
        "LaunchConfigurationIds", ids.LAUNCH_CONFIGURATION, _AS_CONFIGURATION
    ),
    ("as", "CreateLaunchConfiguration"): (
        *_CONFIGURATION,
        Count("DataDisks", 11, _AS_LIMIT),
        Choice("InstanceChargeType", ("POSTPAID_BY_HOUR", "SPOTPAID", "PREPAID", "CDCPAID")),
    ),
    ("as", "ModifyLaunchConfigurationAttributes"): (_CONFIGURATION_ID, *_CONFIGURATION),
    ("as", "DeleteLaunchConfiguration"): (_CONFIGURATION_ID,),
    ("as", "CreateAutoScalingGroup"): _GROUP,
    ("as", "ModifyAutoScalingGroup"): (_GROUP_ID, *_GROUP),
    ("as", "ModifyDesiredCapacity"): (_GROUP_ID, *_SIZES),
    ("as", "EnableAutoScalingGroup"): (_GROUP_ID,),
    ("as", "DisableAutoScalingGroup"): (_GROUP_ID,),
    ("as", "DeleteAutoScalingGroup"): (_GROUP_ID,),
    ("as", "DescribeAutoScalingGroups"): _as_list(
        "AutoScalingGroupIds", ids.SCALING_GROUP, _AS_GROUP
    ),
    ("as", "DescribeAutoScalingInstances"): _as_list("InstanceIds", ids.INSTANCE, _AS_INSTANCE),
    ("as", "DescribeAutoScalingActivities"): _as_list(
        "ActivityIds", ids.SCALING_ACTIVITY, "InvalidParameterValue.InvalidActivityId"
    ),
    ("as", "AttachInstances"): _GROUP_AND_INSTANCES,
    ("as", "DetachInstances"): _GROUP_AND_INSTANCES,
    ("as", "RemoveInstances"): _GROUP_AND_INSTANCES,
    ("as", "SetInstancesProtection"): _GROUP_AND_INSTANCES,
}
"""By service and action."""
