"""API errors: their type, and the ones any action can answer, in English and Chinese."""

# ruff: noqa: RUF001 - Chinese messages have Chinese punctuation

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from cvmimg.sandbox.wire.refusals import REFUSALS


class ApiError(Exception):
    """An error answer, with the real service's code.

    Args:
        code: as listed for the action, or a common one.
        message: in English.
        message_zh: in Chinese, for X-TC-Language: zh-CN; the English one when empty.
    """

    def __init__(self, code: str, message: str, message_zh: str = "") -> None:
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


def missing_parameter(name: str) -> ApiError:
    """Return the error of a request that lacks ``name``."""
    return ApiError(
        "MissingParameter",
        f"The request is missing a required parameter `{name}`.",
        f"缺少参数：`{name}`。",
    )


def unknown_parameter(name: str) -> ApiError:
    """Return the error of a parameter that the action does not have."""
    return ApiError(
        "UnknownParameter",
        f"The parameter `{name}` is not recognized.",
        f"未知参数：`{name}`。",
    )


def wrong_type(name: str, wanted: str) -> ApiError:
    """Return the error of a parameter that is not ``wanted``."""
    return ApiError(
        "InvalidParameter",
        f"The value type of parameter `{name}` is not valid: it should be {wanted}.",
        f"参数 `{name}` 取值类型错误。",
    )


def not_authorized(code: str, message: str, message_zh: str) -> ApiError:
    """Return an authentication error."""
    return ApiError(f"AuthFailure.{code}", message, message_zh)


def signature_failure(why: str, why_zh: str) -> ApiError:
    """Return the error of a signature that does not match."""
    return not_authorized(
        "SignatureFailure",
        f"The provided credentials could not be validated: {why}.",
        f"签名验证失败：{why_zh}。",
    )


def internal_error() -> ApiError:
    """Return the error of a failure in the sandbox itself."""
    return ApiError(
        "InternalError",
        "An internal error occurred in the sandbox; see its log.",
        "内部错误：沙箱发生故障，详情见其日志。",
    )


def dry_run_passed() -> ApiError:
    """Return the answer to a dry run of a request that would have succeeded."""
    return ApiError(
        "DryRunOperation",
        "The request would have succeeded, but the DryRun parameter was used.",
        "请求将会成功，只是多传了 DryRun 参数。",
    )
