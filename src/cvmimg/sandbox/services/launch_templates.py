"""Launch templates: versions of parameters for RunInstances."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cvmimg.sandbox.services import filters
from cvmimg.sandbox.state import documents, ids, timestamps
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import ApiError

KIND = "launch-template"

_FILTERS = {"LaunchTemplateName": filters.member("Name")}
_MOST_VERSIONS = 30
_ENABLED = {"Enabled": True}


def merged(call: Call) -> Mapping[str, Any]:
    """Return the parameters of the request merged with those of its launch template.

    Raises:
        ApiError: there is no such template or version.
    """
    requested = call.params.get("LaunchTemplate")
    if not requested:
        return call.params
    template = _find_for_launch(call, requested.get("LaunchTemplateId", ""))
    number = requested.get("LaunchTemplateVersion", template["DefaultVersion"])
    for version in template["Versions"]:
        if version["Number"] == number:
            return {**version["Data"], **call.params}
    raise _refusal(
        call,
        "LaunchTemplateVersion",
        f"The launch template {template['Id']} has no version {number}.",
        f"启动模板 {template['Id']} 不存在版本 {number}。",
    )


def _find_for_launch(call: Call, identifier: str) -> Document:
    if not re.fullmatch(ids.LAUNCH_TEMPLATE, identifier):
        raise _refusal(
            call,
            "LaunchTemplateIdMalformed",
            f"`{identifier}` is not a launch template id.",
            f"启动模板 ID `{identifier}` 格式不合法。",
        )
    found = documents.own(call, KIND, identifier)
    if found is None:
        raise _refusal(
            call,
            "LaunchTemplateIdNotExisted",
            f"The launch template {identifier} does not exist.",
            f"启动模板 {identifier} 不存在。",
        )
    return found


def _refusal(call: Call, code: str, message: str, message_zh: str) -> ApiError:
    # InquiryPriceRunInstances has no specific codes for this.
    full = "InvalidParameterValue" + (f".{code}" if call.action == "RunInstances" else "")
    return ApiError(full, message, message_zh)


@action("cvm", "DescribeLaunchTemplates")
def describe_launch_templates(call: Call) -> dict[str, Any]:
    """List launch templates, newest first."""
    wanted = call.params.get("LaunchTemplateIds")
    found = [
        template
        for template in call.store.page(KIND, call.account, call.region, call.now)
        if not wanted or template["Id"] in wanted
    ]
    found = filters.select(call, found, _FILTERS)
    page = [_template_to_response(template) for template in filters.page(call, found)]
    return {"TotalCount": len(found), "LaunchTemplateSet": page}


@action("cvm", "DescribeLaunchTemplateVersions")
def describe_launch_template_versions(call: Call) -> dict[str, Any]:
    """List the versions of a launch template, newest first."""
    template = _find(call)
    found = [
        version
        for version in sorted(template["Versions"], key=lambda each: -each["Number"])
        if _is_wanted(call, template, version)
    ]
    page = [_version_to_response(template, version) for version in filters.page(call, found)]
    return {"TotalCount": len(found), "LaunchTemplateVersionSet": page}


def _find(call: Call) -> Document:
    identifier = call.params["LaunchTemplateId"]
    found = documents.own(call, KIND, identifier)
    if found is None:
        raise ApiError(
            "InvalidParameterValue.LaunchTemplateIdNotExisted",
            f"The launch template {identifier} does not exist.",
            f"启动模板 {identifier} 不存在。",
        )
    return found


def _is_wanted(call: Call, template: Document, version: Mapping[str, Any]) -> bool:
    number = version["Number"]
    if call.params.get("DefaultVersion"):
        return bool(number == template["DefaultVersion"])
    if "LaunchTemplateVersions" in call.params:
        return number in call.params["LaunchTemplateVersions"]
    least = call.params.get("MinVersion", 0)
    return bool(least <= number <= call.params.get("MaxVersion", _MOST_VERSIONS))


def _template_to_response(template: Document) -> dict[str, Any]:
    return {
        "LaunchTemplateId": template["Id"],
        "LaunchTemplateName": template["Name"],
        "LatestVersionNumber": max(version["Number"] for version in template["Versions"]),
        "DefaultVersionNumber": template["DefaultVersion"],
        "LaunchTemplateVersionCount": len(template["Versions"]),
        "CreatedBy": template["Account"],
        "CreationTime": timestamps.iso(template["Created"]),
    }


def _version_to_response(template: Document, version: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "LaunchTemplateId": template["Id"],
        "LaunchTemplateVersion": version["Number"],
        "LaunchTemplateVersionDescription": version["Description"],
        "IsDefaultVersion": version["Number"] == template["DefaultVersion"],
        "CreatedBy": template["Account"],
        "CreationTime": timestamps.iso(version["Created"]),
        "LaunchTemplateVersionData": _data_to_response(version["Data"]),
    }


def _data_to_response(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **data,
        "SystemDisk": {**data["SystemDisk"], "Encrypt": False, "KmsKeyId": ""},
        "VirtualPrivateCloud": {**data["VirtualPrivateCloud"], "AsVpcGateway": False},
        "InternetAccessible": {
            "InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR",
            "InternetMaxBandwidthOut": 0,
        },
        "EnhancedService": {
            "SecurityService": _ENABLED,
            "MonitorService": _ENABLED,
            "AutomationService": _ENABLED,
        },
        "DisableApiTermination": False,
    }
