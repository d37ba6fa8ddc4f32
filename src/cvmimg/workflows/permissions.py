"""The API actions that each command calls, and the smallest policy that allows them.

One table: ``policy`` prints it, ``doctor`` tests it, and the tests of the commands compare it with
the actions that are really called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_ACCOUNT = frozenset({"sts:GetCallerIdentity"})
_REGIONS = frozenset({"region:DescribeRegions"})
_FIND_IMAGE = frozenset({"cvm:DescribeImages", "cvm:DescribeImageFromFamily"})
_IMAGE_USERS = frozenset(
    {
        "cvm:DescribeInstances",
        "cvm:DescribeLaunchTemplates",
        "cvm:DescribeLaunchTemplateVersions",
        "as:DescribeLaunchConfigurations",
        "cvm:DescribeImageSharePermission",
    }
)
_DELETE = frozenset({"cvm:DeleteImages", "cbs:DescribeSnapshots", "cbs:DeleteSnapshots"})
_GUEST = frozenset(
    {"tat:DescribeAutomationAgentStatus", "tat:RunCommand", "tat:DescribeInvocationTasks"}
)
_FACTS = (
    _FIND_IMAGE
    | _GUEST
    | _IMAGE_USERS
    | {
        "cvm:DescribeImageQuota",
        "cbs:DescribeDisks",
        "cbs:DescribeSnapshots",
        "cbs:DescribeSnapshotOverview",
    }
)
_CHECK = _FACTS | {"cvm:CreateImage"}
_POWER = frozenset({"cvm:StopInstances", "cvm:StartInstances"})
_EDIT = frozenset({"cvm:ModifyImageAttribute", "tag:TagResources", "tag:UnTagResources"})
_COPY = _REGIONS | {"cvm:SyncImages", "cvm:DescribeImageQuota", *_EDIT}
_SHARE = frozenset({"cvm:DescribeImageSharePermission", "cvm:ModifyImageSharePermission"})
_SNAPSHOT = frozenset(
    {
        "cvm:DescribeInstances",
        "cbs:DescribeDisks",
        "cbs:CreateSnapshot",
        "cbs:DescribeSnapshots",
        "cbs:DeleteSnapshots",
    }
)
_VERIFY = (
    _ACCOUNT
    | _FACTS
    | {
        "cvm:DescribeZoneInstanceConfigInfos",
        "cvm:RunInstances",
        "cvm:TerminateInstances",
        "cvm:ModifyImageAttribute",
        "tag:TagResources",
    }
)
_CREATE = _CHECK | _POWER | _IMAGE_USERS | _DELETE | _COPY | _SHARE | _VERIFY
_LAUNCH = (
    _ACCOUNT
    | _FIND_IMAGE
    | _SNAPSHOT
    | {
        "cvm:DescribeLaunchTemplateVersions",
        "cvm:DescribeZoneInstanceConfigInfos",
        "cvm:InquiryPriceRunInstances",
        "cvm:RunInstances",
    }
)

ACTIONS: Mapping[str, frozenset[str]] = {
    "create": _CREATE,
    "check": _CHECK,
    "launch": _LAUNCH,
    "wait": _FIND_IMAGE,
    "verify": _VERIFY,
    "list": _FIND_IMAGE | _REGIONS,
    "show": _FIND_IMAGE | {"cvm:DescribeImageSharePermission"},
    "lineage": _FIND_IMAGE | _REGIONS | {"cvm:DescribeInstances"},
    "instances": _FIND_IMAGE | _REGIONS | {"cvm:DescribeInstances"},
    "update": _ACCOUNT | _FIND_IMAGE | _EDIT | {"cvm:DescribeImageSharePermission"},
    "delete": _ACCOUNT | _FIND_IMAGE | _IMAGE_USERS | _DELETE | _SHARE,
    "prune": _ACCOUNT | _FIND_IMAGE | _IMAGE_USERS | _DELETE | _REGIONS | _EDIT,
    "family": _ACCOUNT | _FIND_IMAGE | _IMAGE_USERS | _REGIONS | _EDIT,
    "copy": _ACCOUNT | _FACTS | _COPY,
    "share": _ACCOUNT | _FACTS | _SHARE,
    "unshare": _ACCOUNT | _FIND_IMAGE | _SHARE,
    "quota": _FIND_IMAGE | _REGIONS | {"cvm:DescribeImageQuota"},
    "snapshot": _ACCOUNT | _SNAPSHOT | _GUEST | _EDIT,
    "snapshots": frozenset(
        {
            "cbs:DescribeSnapshots",
            "cbs:DescribeSnapshotOverview",
            "cvm:DescribeImages",
            "cvm:DescribeInstances",
        }
    ),
    "resume": _CREATE | _LAUNCH | _SNAPSHOT | _REGIONS,
    "configure": _ACCOUNT | _REGIONS,
}
"""The actions of each command, those of all its options included; others call none."""

ROLE_ACTIONS = frozenset({"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"})
"""What credentials call that assume a role; the role's trust policy decides on them."""


def actions_of(commands: Iterable[str]) -> list[str]:
    """Return the actions of these commands in alphabetical order; of all if there are none."""
    named = list(commands) or list(ACTIONS)
    return sorted({action for command in named for action in ACTIONS.get(command, ())})


def policy(actions: Iterable[str]) -> dict[str, Any]:
    """Return the CAM policy that allows these actions on all resources."""
    statement = {"effect": "allow", "action": list(actions), "resource": ["*"]}
    return {"version": "2.0", "statement": [statement]}
