"""From the API's error codes, and from what can go wrong on the way, to the tool's own types."""

from __future__ import annotations

from cvmimg.errors import CloudRefused, CredentialsError, CvmimgError, NotFound, UsageError

THROTTLED = ("RequestLimitExceeded",)
"""Codes (and their sub-codes) that say: nothing was done, ask again later."""

SERVER_TROUBLE = ("InternalError", "InternalServerError", "ServiceUnavailable")
"""Codes that say that the service itself is in trouble: a write may or may not have been done."""

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
"""Codes that another operation on the same resource causes and that go away by themselves."""

ALREADY_STOPPED = ("UnsupportedOperation.InstanceStateStopped",)
"""Codes by which StopInstances says that there is nothing to stop."""

ALREADY_RUNNING = (
    "UnsupportedOperation.InstanceStateRunning",
    "UnsupportedOperation.InstanceStateStarting",
)
"""Codes by which StartInstances says that there is nothing to start."""

MFA = (
    "UnauthorizedOperation.MFAExpired",
    "UnauthorizedOperation.MFANotFound",
    "AuthFailure.MFAFailure",
)
"""Codes that a verification by multi-factor authentication resolves, and no policy."""

UNKNOWN_TAG = ("InvalidParameterValue.TagKeyNotFound",)
"""Codes of listings filtered by a tag key that does not exist: nothing matches."""

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
_UNKNOWN_REGION = ("UnsupportedRegion", "InvalidRegion.NotFound")

_MFA_HINT = "verify with multi-factor authentication (MFA), then retry"
_HINTS = {
    **dict.fromkeys(MFA, _MFA_HINT),
    "AuthFailure.SignatureExpire": "the clock of this machine is off by more than 5 minutes: set it"
    " (for example `timedatectl set-ntp true`)",
    "AuthFailure.SecretIdNotFound": "the secret id does not exist or was deleted: check"
    " TENCENTCLOUD_SECRET_ID, or the profile",
    "AuthFailure.SignatureFailure": "the secret key does not belong to the secret id: check"
    " TENCENTCLOUD_SECRET_KEY, or the profile",
    "AuthFailure.TokenFailure": "the temporary credentials have expired or the token is wrong:"
    " get new ones",
    "UnauthorizedOperation": "the account's policy does not permit this call: ask its administrator"
    " for the permission",
    "AuthFailure.UnauthorizedOperation": "the account's policy does not permit this call: ask its"
    " administrator for the permission",
    "UnsupportedRegion": "--region names no region of Tencent Cloud; regions look like"
    " ap-guangzhou, ap-shanghai, na-siliconvalley",
    "InvalidRegion.NotFound": "--region names no region of Tencent Cloud; regions look like"
    " ap-guangzhou, ap-shanghai, na-siliconvalley",
    "InvalidAccount.InsufficientBalance": "top the account up",
    "ImageQuotaLimitExceeded": "free a place (see `cvmimg quota`), or ask for a higher quota",
    "InvalidImageName.Duplicate": "choose another --name",
    "RequestLimitExceeded": "other programs use up the account's request rate: try again later",
}


def matches(code: str, family: tuple[str, ...]) -> bool:
    """Whether ``code`` is one of ``family`` or a sub-code of one (``A`` matches ``A.B``)."""
    return any(code == name or code.startswith(name + ".") for name in family)


def locked_out(code: str) -> bool:
    """Whether the credentials do not work at all (any more), rather than not for this call."""
    if matches(code, ("UnauthorizedOperation.InvalidToken",)):
        return True
    return matches(code, ("AuthFailure",)) and not matches(code, _NOT_THIS_CALL)


def from_api(code: str, message: str, request_id: str, *, action: str) -> CvmimgError:
    """The typed error for what the API answered.

    Args:
        code: ``Error.Code`` of the answer.
        message: ``Error.Message`` of the answer, in the language that was asked for.
        request_id: ``RequestId`` of the answer.
        action: the action that was refused.
    """
    return _type_of(code)(
        f"{action} was refused: {message}",
        code=code,
        hint=_HINTS.get(code) or _HINTS.get(code.partition(".")[0], ""),
        request_id=request_id,
    )


def _type_of(code: str) -> type[CvmimgError]:
    if matches(code, _NOT_PERMITTED):
        return CredentialsError
    if matches(code, _UNKNOWN_REGION):
        return UsageError
    if matches(code, _MISSING):
        return NotFound
    return CloudRefused
