"""What the API's error codes mean, and the type of error that each becomes."""

from __future__ import annotations

from cvmimg.errors import (
    CloudRefused,
    CredentialsError,
    CvmimgError,
    NotFound,
    Unreachable,
    UsageError,
)
from cvmimg.message import Message

THROTTLED = ("RequestLimitExceeded",)
"""Codes (and their sub-codes) of calls that were not carried out and can be retried."""

SERVER_TROUBLE = ("InternalError", "InternalServerError", "ServiceUnavailable")
"""Codes of a failure inside the service: a change may or may not have been carried out."""

BUSY = (
    "OperationDenied.InstanceOperationInProgress",
    "MutexOperation.TaskRunning",
    "ResourceInUse",
    "ResourceBusy",
    "InvalidInstance.NotReady",
    "UnsupportedOperation.InstanceStateStarting",
    "UnsupportedOperation.InstanceStateStopping",
    "UnsupportedOperation.InstanceStateRebooting",
    "UnsupportedOperation.InstanceStatePending",
    "UnsupportedOperation.InstanceStateEnterServiceLiveMigrate",
    "UnsupportedOperation.InstanceStateServiceLiveMigrate",
    "UnsupportedOperation.InstanceStateExitServiceLiveMigrate",
    "UnsupportedOperation.StateError",
    "InvalidParameterValue.InvalidImageState",
    "FailedOperation.InvalidImageState",
    "FailedOperation.ResourceTagProcessing",
    "InvalidDisk.Busy",
    "InvalidDisk.SnapshotCreating",
    "ResourceUnavailable.SnapshotCreating",
    "ResourceUnavailable.TooManyCreatingSnapshot",
    "ResourceUnavailable.DiskBackupCreating",
)
"""Codes of a resource that another operation is using: the call succeeds later."""

ALREADY_STOPPED = ("UnsupportedOperation.InstanceStateStopped",)
"""Codes of StopInstances for an instance that is stopped."""

ALREADY_RUNNING = (
    "UnsupportedOperation.InstanceStateRunning",
    "UnsupportedOperation.InstanceStateStarting",
)
"""Codes of StartInstances for an instance that is running."""

MFA = (
    "UnauthorizedOperation.MFAExpired",
    "UnauthorizedOperation.MFANotFound",
    "AuthFailure.MFAFailure",
)
"""Codes that multi-factor authentication resolves, not a policy."""

UNKNOWN_TAG = ("InvalidParameterValue.TagKeyNotFound",)
"""Codes of a tag key that does not exist: a filter by it matches nothing, and a resource cannot be
created with it."""

UNAVAILABLE = (
    "ResourceInsufficient.AvailabilityZoneSoldOut",
    "ResourceInsufficient.InsufficientOfferingMinimum",
    "ResourceInsufficient.SpecifiedInstanceType",
    "ResourcesSoldOut.SpecifiedInstanceType",
    "ResourceUnavailable.InstanceType",
    "InvalidParameterValue.InsufficientOffering",
    "InvalidParameterValue.InvalidImageForGivenInstanceType",
)
"""Codes of RunInstances for a type that cannot be had: another type may be available."""

UNKNOWN_REGION = ("UnsupportedRegion", "InvalidRegion.NotFound")
"""Codes of a region that does not exist, or not for the account."""

NO_WHOLE_MACHINE = (
    "InvalidParameter.InstanceImageNotSupport",
    "UnsupportedOperation.NotSupportInstanceImage",
)
"""Codes of CreateImage for an account or instance whose data disks cannot be put into an image."""

_MISSING = (
    "ResourceNotFound",
    "InvalidImageId.NotFound",
    "InvalidInstanceId.NotFound",
    "InvalidDisk.NotFound",
    "InvalidDiskId.NotFound",
    "InvalidSnapshot.NotFound",
    "InvalidSnapshotId.NotFound",
    "InvalidParameter.SnapshotNotFound",
    "InvalidParameterValue.InvalidImageIdFormat",
)
_NOT_PERMITTED = ("AuthFailure", "UnauthorizedOperation")
_NOT_THIS_CALL = ("AuthFailure.UnauthorizedOperation",)

_HINTS = {
    **dict.fromkeys(MFA, Message("VerifyMfa")),
    **dict.fromkeys(UNKNOWN_TAG, Message("CreateTagKey")),
    **dict.fromkeys(NO_WHOLE_MACHINE, Message("SnapshotDataDisks")),
    "AuthFailure.SignatureExpire": Message("FixClock"),
    "AuthFailure.SecretIdNotFound": Message("CheckSecretId"),
    "AuthFailure.InvalidSecretId": Message("CheckSecretId"),
    "AuthFailure.SignatureFailure": Message("CheckSecretKey"),
    "AuthFailure.TokenFailure": Message("RenewCredentials"),
    "AuthFailure.UnauthorizedOperation": Message("RequestPermission"),
    "UnauthorizedOperation.InvalidToken": Message("RenewCredentials"),
    "UnauthorizedOperation": Message("RequestPermission"),
    "UnsupportedRegion": Message("CheckRegion"),
    "InvalidRegion.NotFound": Message("CheckRegion"),
    "InvalidAccount.InsufficientBalance": Message("TopUpAccount"),
    "ImageQuotaLimitExceeded": Message("FreeImageQuota"),
    "InvalidImageName.Duplicate": Message("ChooseOtherName"),
    "RequestLimitExceeded": Message("ReduceRequests"),
    "UnsupportedOperation.SharedImageModifyUnsupported": Message("StopSharing"),
}
"""By code, or by its first part, what to do about it."""


def matches(code: str, family: tuple[str, ...]) -> bool:
    """Return whether ``code`` is one of ``family`` or a sub-code of one (``A`` matches ``A.B``)."""
    return any(code == name or code.startswith(name + ".") for name in family)


def locked_out(code: str) -> bool:
    """Return whether a code rejects the credentials themselves, rather than this call."""
    if matches(code, ("UnauthorizedOperation.InvalidToken",)):
        return True
    return matches(code, ("AuthFailure",)) and not matches(code, _NOT_THIS_CALL)


def is_outage(error: CvmimgError) -> bool:
    """Return whether a failed call says nothing about its subject: network, throttling, 5xx."""
    return isinstance(error, Unreachable) or matches(error.code, THROTTLED + SERVER_TROUBLE)


def from_api(code: str, text: str, request_id: str, *, action: str) -> CvmimgError:
    """Return the typed error for an error that the API answered.

    Args:
        code: ``Error.Code`` of the answer.
        text: ``Error.Message`` of the answer, in the requested language.
        request_id: ``RequestId`` of the answer.
        action: the action that was refused.
    """
    return _type_of(code)(
        Message("ApiRefused", action=action, text=text or code),
        code=code,
        hint=_HINTS.get(code) or _HINTS.get(code.partition(".")[0]),
        request_id=request_id,
    )


def _type_of(code: str) -> type[CvmimgError]:
    if matches(code, _NOT_PERMITTED):
        return CredentialsError
    if matches(code, UNKNOWN_REGION):
        return UsageError
    if matches(code, _MISSING):
        return NotFound
    return CloudRefused
