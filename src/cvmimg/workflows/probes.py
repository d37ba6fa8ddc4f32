"""Harmless calls that show whether the credentials permit an action.

A call that would change something is a dry run, or names things that do not exist: a service that
permits the action refuses it for another reason than the permission.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import partial
from typing import Any

from cvmimg.cloud import errors
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.attempts import Failure
from cvmimg.cloud.client import Cloud
from cvmimg.errors import CredentialsError

_IMAGE, _INSTANCE = "img-00000000", "ins-00000000"
_DISK, _SNAPSHOT, _TEMPLATE = "disk-00000000", "snap-00000000", "lt-00000000"
_ONE = {"Limit": 1}
_ZONE = "{region}-1"
_TAGGED = "qcs::cvm:{region}:uin/0:image/" + _IMAGE
_NOTHING: dict[str, Any] = {}

REQUESTS: Mapping[str, dict[str, Any]] = {
    "as:DescribeLaunchConfigurations": _ONE,
    "cbs:CreateSnapshot": {"DiskId": _DISK},
    "cbs:DeleteSnapshots": {"SnapshotIds": [_SNAPSHOT]},
    "cbs:DescribeDisks": _ONE,
    "cbs:DescribeSnapshotOverview": _NOTHING,
    "cbs:DescribeSnapshots": _ONE,
    "cvm:CreateImage": {"ImageName": "cvmimg-doctor", "InstanceId": _INSTANCE, "DryRun": True},
    "cvm:DeleteImages": {"ImageIds": [_IMAGE], "DryRun": True},
    "cvm:DescribeImageFromFamily": {"ImageFamily": "cvmimg-doctor"},
    "cvm:DescribeImageQuota": _NOTHING,
    "cvm:DescribeImageSharePermission": {"ImageId": _IMAGE},
    "cvm:DescribeImages": _ONE,
    "cvm:DescribeInstances": _ONE,
    "cvm:DescribeLaunchTemplateVersions": {"LaunchTemplateId": _TEMPLATE},
    "cvm:DescribeLaunchTemplates": _ONE,
    "cvm:DescribeZoneInstanceConfigInfos": {
        "Filters": [{"Name": "zone", "Values": [_ZONE]}],
    },
    "cvm:InquiryPriceRunInstances": {"ImageId": _IMAGE, "Placement": {"Zone": _ZONE}},
    "cvm:ModifyImageAttribute": {"ImageId": _IMAGE, "ImageDescription": ""},
    "cvm:ModifyImageSharePermission": {
        "ImageId": _IMAGE,
        "AccountIds": ["100000000000"],
        "Permission": "CANCEL",
    },
    "cvm:RunInstances": {"ImageId": _IMAGE, "Placement": {"Zone": _ZONE}, "DryRun": True},
    "cvm:StartInstances": {"InstanceIds": [_INSTANCE]},
    "cvm:StopInstances": {"InstanceIds": [_INSTANCE]},
    "cvm:SyncImages": {
        "ImageIds": [_IMAGE],
        "DestinationRegions": ["{region}"],
        "DryRun": True,
    },
    "cvm:TerminateInstances": {"InstanceIds": [_INSTANCE]},
    "region:DescribeRegions": {"Product": "cvm"},
    "sts:GetCallerIdentity": _NOTHING,
    "tag:TagResources": {
        "ResourceList": [_TAGGED],
        "Tags": [{"TagKey": "", "TagValue": ""}],
    },
    "tag:UnTagResources": {"ResourceList": [_TAGGED], "TagKeys": ["cvmimg-doctor"]},
    "tat:DescribeAutomationAgentStatus": _ONE,
    "tat:DescribeInvocationTasks": _ONE,
    "tat:RunCommand": {"Content": "dHJ1ZQ==", "InstanceIds": [_INSTANCE]},
}
"""The parameters of the harmless call of each action; "{region}" stands for the region."""


class Access(Enum):
    """Whether an action is permitted."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


def probe(cloud: Cloud, actions: Iterable[str]) -> dict[str, Access]:
    """Make the harmless call of each action, side by side.

    Raises:
        CredentialsError: the credentials themselves are rejected.
    """
    names = list(actions)
    jobs: list[Callable[[], Access]] = [partial(_access, cloud, name) for name in names]
    return dict(zip(names, concurrently(jobs), strict=True))


def _access(cloud: Cloud, action: str) -> Access:
    service, _, name = action.partition(":")
    params = _filled(REQUESTS[action], cloud.region)
    # One attempt: retries would make `doctor` slow.
    cloud.link.limits.wait(cloud.region, service, name)
    outcome = cloud.link.send(cloud, service, name, params, ())
    if not isinstance(outcome, Failure):
        return Access.ALLOWED
    error = outcome.error
    if errors.locked_out(error.code):
        raise error
    if isinstance(error, CredentialsError) and not errors.matches(error.code, errors.MFA):
        return Access.DENIED
    return Access.UNKNOWN if errors.is_outage(error) else Access.ALLOWED


def _filled(value: Any, region: str) -> Any:
    if isinstance(value, str):
        return value.replace("{region}", region)
    if isinstance(value, list):
        return [_filled(each, region) for each in value]
    if isinstance(value, dict):
        return {key: _filled(each, region) for key, each in value.items()}
    return value
