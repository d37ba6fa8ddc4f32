"""What the API's codes mean."""

from __future__ import annotations

import pytest

from cvmimg.cloud.errors import BUSY, locked_out, matches

PASS_BY_THEMSELVES = [
    "OperationDenied.InstanceOperationInProgress",
    "UnsupportedOperation.InstanceStateEnterServiceLiveMigrate",
    "UnsupportedOperation.InstanceStateServiceLiveMigrate",
    "UnsupportedOperation.InstanceStateExitServiceLiveMigrate",
    "UnsupportedOperation.InstanceStatePending",
    "InvalidParameterValue.InvalidImageState",
    "FailedOperation.InvalidImageState",
    "InvalidDisk.Busy",
    "InvalidDisk.SnapshotCreating",
    "ResourceUnavailable.TooManyCreatingSnapshot",
    "ResourceUnavailable.DiskBackupCreating",
    "UnsupportedOperation.StateError",
    "FailedOperation.ResourceTagProcessing",
]


@pytest.mark.parametrize("code", PASS_BY_THEMSELVES)
def test_a_busy_resource_is_waited_for(code: str) -> None:
    assert matches(code, BUSY)


@pytest.mark.parametrize(
    "code",
    [
        "UnsupportedOperation.InstanceStateStopped",
        "UnsupportedOperation.InstanceStateRescueMode",
        "InvalidDisk.NotSupportSnapshot",
        "FailedOperation",
    ],
)
def test_other_refusals_are_final(code: str) -> None:
    assert not matches(code, BUSY)


@pytest.mark.parametrize(
    ("code", "useless"),
    [
        ("AuthFailure.TokenFailure", True),
        ("AuthFailure.SignatureExpire", True),
        ("UnauthorizedOperation.InvalidToken", True),
        ("AuthFailure.UnauthorizedOperation", False),
        ("UnauthorizedOperation", False),
        ("UnauthorizedOperation.MFAExpired", False),
        ("LimitExceeded", False),
    ],
)
def test_credentials_that_work_for_nothing(code: str, useless: bool) -> None:
    assert locked_out(code) is useless
