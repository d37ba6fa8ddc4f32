"""API errors: their type, their texts, and the codes that an action has of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_FILE = Path(__file__).with_name("refusals.json")
REFUSALS: Mapping[str, tuple[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
"""What the service says when it refuses, in English and in Chinese, with named parameters.

A text is found by its error code; where a code has several texts, by a name: the module that
refuses, and what it refuses.
"""


class ApiError(Exception):
    """An error answer, with the real service's code.

    Args:
        code: as listed for the action, or a common one.
        message: in English.
        message_zh: in Chinese, for X-TC-Language: zh-CN; the English one when empty.
    """

    def __init__(self, code: str, message: str, message_zh: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.message_zh = message_zh or message


def refusal(code: str, about: str = "", **parameters: object) -> ApiError:
    """Return the error ``code`` with its text from ``REFUSALS``.

    Args:
        code: as listed for the action, or a common one.
        about: the name of the text, where the code has several.
        parameters: the values in the text.
    """
    english, chinese = REFUSALS[about or code]
    return ApiError(code, english.format_map(parameters), chinese.format_map(parameters))


_BUSY = ("InvalidDisk.Busy", "ResourceInUse.DiskRollbacking")
_IN_PROGRESS = ("MutexOperation.TaskRunning", "OperationDenied.InstanceOperationInProgress")
_KEY_PAIR_NAMES = (
    "InvalidKeyPairNameEmpty",
    "InvalidKeyPairNameIncludeIllegalChar",
    "InvalidKeyPairNameTooLong",
)
_TEMPLATES = (
    "InvalidParameterValue.LaunchTemplateIdMalformed",
    "InvalidParameterValue.LaunchTemplateIdNotExisted",
    "InvalidParameterValue.LaunchTemplateVersion",
)
_TEMPLATE = {
    "InvalidKeyPairId.Malformed": "InvalidParameterValue",
    "InvalidParameterValue.DuplicateTags": "InvalidParameterValue",
    "InvalidParameterValue.InstanceTypeNotFound": "InvalidInstanceType.Malformed",
    "InvalidParameterValue.KeyPairNotFound": "ResourceNotFound.KeyPairNotFound",
    "InvalidParameterValue.TagKeyNotFound": "InvalidParameterValue",
    "InvalidParameterValue.TagQuotaLimitExceeded": "InvalidParameterValue.LimitExceeded",
    "InvalidParameterValue.TooLarge": "InvalidParameterValue.InvalidUserDataFormat",
}
_USER_DATA = {
    "InvalidParameterValue.InvalidUserDataFormat": "InvalidParameterValue.UserDataFormatError",
    "InvalidParameterValue.TooLarge": "InvalidParameterValue.UserDataSizeExceeded",
}
_LONG_USER_DATA = {"InvalidParameterValue.TooLarge": "InvalidParameterValue.InvalidUserDataFormat"}
_TOO_MANY = {"InvalidParameterValue.LimitExceeded": "InvalidParameterValue"}
_UNDELETABLE_IMAGE = (
    "InvalidImageId.IncorrectState",
    "InvalidImageId.InShared",
    "MutexOperation.TaskRunning",
)
_DUPLICATE_PARAMETER = {
    "InvalidParameter.ParameterNameDuplicated": "InvalidParameterValue.ParameterKeyDuplicated"
}
_CONFIGURATION = {
    "ResourceNotFound.LaunchConfigurationIdNotFound": (
        "InvalidParameterValue.LaunchConfigurationNotFound"
    )
}
_OWN_CODES: Mapping[str, Mapping[str, str]] = {
    "ApplySnapshot": {
        **dict.fromkeys(_IN_PROGRESS, "ResourceBusy"),
        "ResourceUnavailable.Attached": "InvalidDisk.NotSupported",
        "UnsupportedOperation.InstanceNotStopped": "InvalidInstance.NotSupported",
    },
    "AssociateInstancesKeyPairs": {
        "UnsupportedOperation.KeyPairUnsupportedWindows": "UnsupportedOperation.InstanceOsWindows"
    },
    "AttachDisks": dict.fromkeys(_BUSY, "ResourceBusy"),
    "CreateAutoScalingGroup": {
        **_CONFIGURATION,
        "InvalidParameterValue.AssertDesiredCapacityFailed": "InvalidParameterValue.Size",
    },
    "CreateDisks": {
        "InvalidParameter.DiskSizeNotMatch": "InvalidParameterValue",
        "InvalidSnapshot.NotSupported": "InvalidSnapshotId.NotFound",
    },
    "CreateLaunchConfiguration": _USER_DATA,
    "CreateCommand": {
        **_DUPLICATE_PARAMETER,
        **_TOO_MANY,
        "InvalidParameter.ConflictParameter": "InvalidParameter",
    },
    "CreateLaunchTemplate": _TEMPLATE,
    "CreateLaunchTemplateVersion": {
        **_TEMPLATE,
        "FailedOperation.SnapshotSizeLargerThanDataSize": "InvalidParameterValue",
        "InvalidParameterValue.InsufficientPrice": "InvalidParameterValue",
        "InvalidParameterValue.InvalidTimeFormat": "InvalidParameterValue",
    },
    "CreateSnapshotGroup": {"InvalidDisk.Busy": "ResourceInUse"},
    "CreateVpc": {"InvalidParameterValue.Range": "InvalidParameterValue"},
    "CreateSubnet": {
        "InvalidParameterValue.Range": "InvalidParameterValue.SubnetRange",
        "InvalidParameterValue.UnavailableZone": "InvalidParameterValue",
    },
    "DeleteLaunchTemplateVersions": _TOO_MANY,
    "DeleteSnapshotGroup": {
        **dict.fromkeys(_UNDELETABLE_IMAGE, "UnsupportedOperation.SnapshotHasBindedImage"),
        "InvalidSnapshot.NotSupported": "UnsupportedOperation.StateError",
        "ResourceUnavailable.SnapshotCreating": "UnsupportedOperation.StateError",
    },
    "DeleteSnapshots": dict.fromkeys(_UNDELETABLE_IMAGE, "ResourceBusy"),
    "DescribeCommands": _TOO_MANY,
    "DescribeDiskAssociatedAutoSnapshotPolicy": {"InvalidDiskId.NotFound": "InvalidParameterValue"},
    "DescribeInstancesAttributes": {
        **_TOO_MANY,
        "InvalidInstanceId.Malformed": "InvalidParameterValue.InstanceIdMalformed",
    },
    "DescribeLaunchConfigurations": {
        **_TOO_MANY,
        "InvalidParameter.Conflict": "InvalidParameterConflict",
        "InvalidParameterValue.Filter": "InvalidParameterValue.InvalidFilter",
    },
    "DetachDisks": dict.fromkeys(_BUSY, "ResourceBusy"),
    "DisassociateInstancesKeyPairs": {
        "UnsupportedOperation.KeyPairUnsupportedWindows": "UnsupportedOperation.InstanceOsWindows"
    },
    "InquiryPriceRunInstances": dict.fromkeys(_TEMPLATES, "InvalidParameterValue"),
    "InvokeCommand": {
        "InvalidParameterValue.InvalidUsername": "InvalidParameter.InvalidUsername",
        "InvalidParameterValue.Range": "InvalidParameterValue",
    },
    "ModifyAutoScalingGroup": _CONFIGURATION,
    "ModifyCommand": {
        **_DUPLICATE_PARAMETER,
        "InvalidParameterValue.InvalidContent": "InvalidParameterValue.CommandContentInvalid",
        "InvalidParameterValue.InvalidUsername": "InvalidParameterValue",
        "InvalidParameterValue.InvalidWorkingDirectory": "InvalidParameterValue",
    },
    "ModifyDiskAttributes": dict.fromkeys(_BUSY, "ResourceInUse"),
    "ModifyInstancesAttribute": _LONG_USER_DATA,
    "ModifyKeyPairAttribute": dict.fromkeys(_KEY_PAIR_NAMES, "InvalidParameterValue"),
    "ModifyLaunchConfigurationAttributes": {
        **_USER_DATA,
        "InvalidParameter.MustOneParameter": "MissingParameter.InScenario",
    },
    "ModifyResourceTags": {
        "InvalidParameterValue.TagKeyDuplicate": "InvalidParameter.Tag",
        "LimitExceeded.TagNumPerRequest": "LimitExceeded.Quota",
    },
    "ModifySecurityGroupPolicies": {"LimitExceeded.SecurityGroupPolicySet": "LimitExceeded"},
    "ResetInstance": {
        **_LONG_USER_DATA,
        "InvalidParameterCombination": "InvalidParameter.ParameterConflict",
        "InvalidPassword": "InvalidParameterValue.InvalidPassword",
    },
    "ResetInstancesPassword": {"InvalidPassword": "InvalidParameterValue.InvalidPassword"},
    "ResetInstancesType": {
        "InvalidParameterValue.InstanceTypeNotFound": "ResourceNotFound.InvalidZoneInstanceType",
        "MutexOperation.TaskRunning": "OperationDenied.InstanceOperationInProgress",
    },
    "ResizeDisk": {"ResourceInUse.DiskRollbacking": "InvalidDisk.Busy"},
    "ResizeInstanceDisks": {
        "InvalidParameterCombination": "InvalidParameterValue",
        "MutexOperation.TaskRunning": "OperationDenied.InstanceOperationInProgress",
        **dict.fromkeys(_BUSY, "OperationDenied.InstanceOperationInProgress"),
    },
    "TerminateDisks": {
        **dict.fromkeys(_BUSY, "ResourceBusy"),
        "InvalidDiskId.NotFound": "InvalidParameterValue",
        "ResourceUnavailable.Attached": "ResourceUnavailable.NotSupportRefund",
    },
}
"""Codes that an action lists in place of those that it shares with others, by action."""


def code_of(action: str, code: str) -> str:
    """Return the code that ``action`` gives for what others refuse with ``code``."""
    return _OWN_CODES.get(action, {}).get(code, code)


@contextmanager
def codes_of(action: str) -> Iterator[None]:
    """Give the errors raised in this context the codes that ``action`` lists."""
    try:
        yield
    except ApiError as error:
        error.code = code_of(action, error.code)
        raise
