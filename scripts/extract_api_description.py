"""Write the sandbox's API description from the one that the official CLI ships.

Usage: extract_api_description.py [FOLDER_OF_TCCLI]

FOLDER_OF_TCCLI is the installed package (default: that of this Python). What is kept are the
actions that the sandbox covers: names, types, what is required and what is promised; no prose. The
sandbox has the requests, against which it validates; its tests have the answers.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

FILES = {
    "Request": ROOT / "src" / "cvmimg" / "sandbox" / "wire" / "description",
    "Response": ROOT / "tests" / "contract" / "description",
}
"""The folder of each side's files."""

MARKS = {
    "Request": {"required": "required"},
    "Response": {"promised": "output_required", "nullable": "value_allowed_null"},
}
"""What is kept of a member besides its type, by side: our word, and the CLI's.

``promised`` is always there, ``nullable`` may be null.
"""

FURTHER = {("cvm", "Request"): {"LaunchTemplateVersionData"}}
"""Objects that are kept though no request has them."""

FOLDERS = {"as": "autoscaling"}
"""Services that the CLI keeps under another name than the wire's."""

VERSIONS = {"monitor": "v20180724"}
"""Versions of services whose newest one lacks the actions."""

ACTIONS = {
    "cvm": """
        AssociateInstancesKeyPairs AssociateSecurityGroups CreateImage CreateKeyPair
        CreateLaunchTemplate CreateLaunchTemplateVersion DeleteImages DeleteKeyPairs
        DeleteLaunchTemplate DeleteLaunchTemplateVersions DescribeImageFromFamily DescribeImageQuota
        DescribeImageSharePermission DescribeImages DescribeImportImageOs DescribeInstances
        DescribeInstancesAttributes DescribeInstancesStatus DescribeKeyPairs
        DescribeLaunchTemplateVersions DescribeLaunchTemplates DescribeRegions DescribeTaskInfo
        DescribeZoneInstanceConfigInfos DescribeZones DisassociateInstancesKeyPairs
        DisassociateSecurityGroups ExportImages ImportImage ImportKeyPair InquiryPriceRunInstances
        ModifyImageAttribute ModifyImageSharePermission ModifyInstancesAttribute
        ModifyInstancesProject ModifyKeyPairAttribute ModifyLaunchTemplateDefaultVersion
        RebootInstances ResetInstance ResetInstancesPassword ResetInstancesType ResizeInstanceDisks
        RunInstances StartInstances StopInstances SyncImages TerminateInstances
    """,
    "cbs": """
        ApplySnapshot AttachDisks BindAutoSnapshotPolicy CreateAutoSnapshotPolicy CreateDisks
        CreateSnapshot CreateSnapshotGroup DeleteAutoSnapshotPolicies DeleteSnapshotGroup
        DeleteSnapshots DescribeAutoSnapshotPolicies DescribeDiskAssociatedAutoSnapshotPolicy
        DescribeDiskConfigQuota DescribeDisks DescribeSnapshotGroups DescribeSnapshotOverview
        DescribeSnapshots DetachDisks ModifyAutoSnapshotPolicyAttribute ModifyDiskAttributes
        ModifySnapshotAttribute ResizeDisk TerminateDisks UnbindAutoSnapshotPolicy
    """,
    "vpc": """
        CreateSecurityGroup CreateSecurityGroupPolicies CreateSubnet CreateVpc DeleteSecurityGroup
        DeleteSecurityGroupPolicies DeleteSubnet DeleteVpc
        DescribeSecurityGroupAssociationStatistics DescribeSecurityGroupPolicies
        DescribeSecurityGroups DescribeSubnets DescribeUsedIpAddress DescribeVpcs
        ModifySecurityGroupAttribute ModifySecurityGroupPolicies ModifySubnetAttribute
        ModifyVpcAttribute
    """,
    "tat": """
        CreateCommand DeleteCommand DescribeAutomationAgentStatus DescribeCommands
        DescribeInvocationTasks DescribeInvocations InvokeCommand ModifyCommand RunCommand
    """,
    "sts": "AssumeRole AssumeRoleWithWebIdentity GetCallerIdentity",
    "cam": """
        CreateOIDCConfig CreateRole DeleteOIDCConfig DeleteRole DescribeOIDCConfig GetRole
        GetUserAppId UpdateAssumeRolePolicy UpdateOIDCConfig
    """,
    "tag": """
        DescribeResourceTagsByResourceIds GetResources ModifyResourceTags TagResources
        UnTagResources
    """,
    "as": """
        AttachInstances CreateAutoScalingGroup CreateLaunchConfiguration DeleteAutoScalingGroup
        DeleteLaunchConfiguration DescribeAutoScalingActivities DescribeAutoScalingGroups
        DescribeAutoScalingInstances DescribeLaunchConfigurations DetachInstances
        DisableAutoScalingGroup EnableAutoScalingGroup ModifyAutoScalingGroup
        ModifyDesiredCapacity ModifyLaunchConfigurationAttributes RemoveInstances
        SetInstancesProtection
    """,
    "region": "DescribeRegions",
    "monitor": "GetMonitorData",
}

TYPES = {
    "string": "string",
    "datetime": "string",
    "datetime_iso": "string",
    "date": "string",
    "int64": "int",
    "uint64": "uint",
    "float": "float",
    "bool": "bool",
}


def main() -> None:
    """Write one file per service and side."""
    tccli = Path(sys.argv[1]) if len(sys.argv) > 1 else installed_tccli()
    for service in ACTIONS:
        for side, folder in FILES.items():
            path = folder / f"{service}.json"
            path.write_text(render(extract(tccli, service, side)), encoding="utf-8")
            print(path)


def installed_tccli() -> Path:
    """The folder of the package ``tccli`` that this Python would import."""
    spec = importlib.util.find_spec("tccli")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("tccli is not installed; name its folder")
    return Path(spec.submodule_search_locations[0])


def tccli_version(tccli: Path) -> str:
    """The version that the package in folder ``tccli`` states."""
    found = re.search(r"__version__ = '(.+)'", (tccli / "__init__.py").read_text())
    assert found, "tccli/__init__.py states no version"
    return found[1]


def extract(tccli: Path, service: str, side: str) -> dict[str, Any]:
    """The description of one side of ``service``, as it is written to its file."""
    folder = tccli / "services" / FOLDERS.get(service, service)
    newest = max(folder.glob(f"{VERSIONS.get(service, 'v*')}/api.json"))
    api = json.loads(newest.read_text(encoding="utf-8"))
    actions = sorted(ACTIONS[service].split())
    roots = {f"{name}{side}" for name in actions} | FURTHER.get((service, side), set())
    return {
        "tccli": tccli_version(tccli),
        "service": service,
        "version": api["metadata"]["apiVersion"],
        "actions": actions,
        "objects": {
            name: {
                member["name"]: describe(member, MARKS[side])
                for member in api["objects"][name]["members"]
            }
            for name in sorted(reachable(roots, api["objects"]))
        },
    }


def reachable(roots: set[str], objects: dict[str, Any]) -> set[str]:
    """The names of all objects that ``roots`` are made of."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        members = objects[name]["members"]
        waiting += [m["member"] for m in members if m["member"] in objects]
    return found


def describe(member: dict[str, Any], marks: dict[str, str]) -> str:
    """A member in a few words: its type, then what holds for it."""
    name = TYPES.get(member["member"], member["member"])
    words = [f"[{name}]" if member["type"] == "list" else name]
    words += [word for word, key in marks.items() if member.get(key)]
    return " ".join(words)


def render(description: dict[str, Any]) -> str:
    """JSON with one object per line, which is small in the package and readable in a diff."""
    dumps = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    objects = description["objects"].items()
    head = {key: value for key, value in description.items() if key != "objects"}
    lines = ",\n".join(f"{dumps(name)}:{dumps(members)}" for name, members in objects)
    return f'{dumps(head)[:-1]},\n"objects":{{\n{lines}\n}}}}\n'


if __name__ == "__main__":
    main()
