"""Launch templates: versions of parameters for RunInstances."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cvmimg.sandbox.services import answers, filters
from cvmimg.sandbox.state import documents, ids, kinds, timestamps
from cvmimg.sandbox.state.kinds import ApiObject, LaunchTemplate
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog

KIND = kinds.LAUNCH_TEMPLATE

_MOST_VERSIONS = 30


def merged(call: Call) -> ApiObject:
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
    raise refusal("InvalidParameterValue.LaunchTemplateVersion", id=template["Id"], number=number)


def _find_for_launch(call: Call, identifier: str) -> LaunchTemplate:
    if not re.fullmatch(ids.LAUNCH_TEMPLATE, identifier):
        raise refusal("InvalidParameterValue.LaunchTemplateIdMalformed", id=identifier)
    return require(call, identifier)


@action("cvm", "DescribeLaunchTemplates")
def describe_launch_templates(call: Call) -> Answer:
    """List launch templates, newest first."""
    found = filters.wanted(call, documents.listed(call, KIND), "LaunchTemplateIds")
    found = filters.select(call, found, {"LaunchTemplateName": "Name"})
    return filters.answer(call, "LaunchTemplateSet", found, _template_to_response)


@action("cvm", "DescribeLaunchTemplateVersions")
def describe_launch_template_versions(call: Call) -> Answer:
    """List the versions of a launch template, newest first."""
    template = require(call, call.params["LaunchTemplateId"])
    found = [
        version
        for version in sorted(template["Versions"], key=lambda each: -each["Number"])
        if _is_wanted(call, template, version)
    ]
    page = [_version_to_response(template, version) for version in filters.page(call, found)]
    return {"TotalCount": len(found), "LaunchTemplateVersionSet": page}


def require(call: Call, identifier: str) -> LaunchTemplate:
    """Return the caller's launch template of that id.

    Raises:
        ApiError: InvalidParameterValue.LaunchTemplateIdNotExisted.
    """
    missing = refusal("InvalidParameterValue.LaunchTemplateIdNotExisted", id=identifier)
    return documents.require(call, KIND, identifier, missing)


def latest_version(template: LaunchTemplate) -> int:
    """Return the highest number that a version has had."""
    numbers = (version["Number"] for version in template["Versions"])
    return int(template.get("LatestVersion", 0)) or max(numbers)


def _is_wanted(call: Call, template: LaunchTemplate, version: ApiObject) -> bool:
    number = version["Number"]
    if call.params.get("DefaultVersion"):
        return bool(number == template["DefaultVersion"])
    if "LaunchTemplateVersions" in call.params:
        return number in call.params["LaunchTemplateVersions"]
    least = call.params.get("MinVersion", 0)
    return bool(least <= number <= call.params.get("MaxVersion", _MOST_VERSIONS))


def _template_to_response(_: Call, template: LaunchTemplate) -> Answer:
    return {
        **answers.of("LaunchTemplate", template),
        "LatestVersionNumber": latest_version(template),
        "LaunchTemplateVersionCount": len(template["Versions"]),
        "CreationTime": timestamps.iso(template["Created"]),
    }


def _version_to_response(template: LaunchTemplate, version: ApiObject) -> Answer:
    return {
        **answers.of("LaunchTemplateVersion", version),
        "LaunchTemplateId": template["Id"],
        "IsDefaultVersion": version["Number"] == template["DefaultVersion"],
        "CreatedBy": template["Account"],
        "CreationTime": timestamps.iso(version["Created"]),
        "LaunchTemplateVersionData": _data_to_response(version["Data"]),
    }


def _data_to_response(data: ApiObject) -> Answer:
    answer = {**_DEFAULTS, **data}
    for name, defaults in _DEFAULTS_OF_MEMBERS.items():
        if name in answer:
            answer[name] = {**defaults, **answer[name]}
    answer["DataDisks"] = [{**_DATA_DISK, **disk} for disk in data.get("DataDisks", [])]
    return answer


_DISK = {"DiskType": catalog.DEFAULT_DISK_TYPE, "Encrypt": False}
_DATA_DISK = {**_DISK, "DeleteWithInstance": True, "KmsKeyId": None}
_DEFAULTS: ApiObject = {
    **answers.of("LaunchTemplateVersionData"),
    "InstanceType": catalog.DEFAULT_INSTANCE_TYPE,
}
_DEFAULTS_OF_MEMBERS: Mapping[str, ApiObject] = {
    **answers.of("LaunchTemplateObjects"),
    "SystemDisk": {**_DISK, "DiskSize": 50, "KmsKeyId": ""},
}
