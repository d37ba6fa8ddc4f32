"""cvm: create, change and delete launch templates and their versions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cvmimg.sandbox.services import dry_run, launch_templates
from cvmimg.sandbox.services.instances import launch_checks, launch_request, login_settings
from cvmimg.sandbox.state import documents, ids
from cvmimg.sandbox.state.kinds import ApiObject, LaunchTemplate
from cvmimg.sandbox.wire import description
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

_MAX_TEMPLATES = 200
_MAX_VERSIONS = 30


@action("cvm", "CreateLaunchTemplate", writes=True)
def create_launch_template(call: Call) -> Answer:
    """Create a launch template with its first version."""
    held = documents.count(call, launch_templates.KIND)
    if held >= _MAX_TEMPLATES:
        raise refusal("LimitExceeded.LaunchTemplateQuota", held=held)
    data = _data(call.params)
    _check(call, {**data, **_login(call)})
    if dry_run.requested(call):
        return dry_run.answer(call)
    template = {
        **documents.new(call, launch_templates.KIND, ids.new_id(call, "lt")),
        "Name": call.params["LaunchTemplateName"],
        "DefaultVersion": 1,
        "LatestVersion": 1,
        "Versions": [_version(call, 1, data)],
    }
    call.store.put(template)
    return {"LaunchTemplateId": template["Id"]}


@action("cvm", "CreateLaunchTemplateVersion", writes=True)
def create_launch_template_version(call: Call) -> Answer:
    """Add a version; what is not given comes from another version, by default the default one."""
    template = launch_templates.require(call, call.params["LaunchTemplateId"])
    if len(template["Versions"]) >= _MAX_VERSIONS:
        raise refusal("LimitExceeded.LaunchTemplateVersionQuota", most=_MAX_VERSIONS)
    number = call.params.get("LaunchTemplateVersion")
    base = _require_version(template, template["DefaultVersion"] if number is None else number)
    data = {**base["Data"], **_data(call.params)}
    _check(call, {**data, **_login(call)})
    if dry_run.requested(call):
        return dry_run.answer(call)
    number = launch_templates.latest_version(template) + 1
    versions = [*template["Versions"], _version(call, number, data)]
    call.store.put({**template, "Versions": versions, "LatestVersion": number})
    return {"LaunchTemplateVersionNumber": number}


@action("cvm", "ModifyLaunchTemplateDefaultVersion", writes=True)
def modify_launch_template_default_version(call: Call) -> None:
    """Make another version the default one."""
    template = launch_templates.require(call, call.params["LaunchTemplateId"])
    number = call.params["DefaultVersion"]
    _require_version(template, number)
    if number == template["DefaultVersion"]:
        raise refusal("InvalidParameterValue.LaunchTemplateIdVerSetAlready", number=number)
    call.store.put({**template, "DefaultVersion": number})


@action("cvm", "DeleteLaunchTemplateVersions", writes=True)
def delete_launch_template_versions(call: Call) -> None:
    """Delete versions other than the default one."""
    template = launch_templates.require(call, call.params["LaunchTemplateId"])
    numbers = set(call.params["LaunchTemplateVersions"])
    for number in sorted(numbers):
        _require_version(template, number)
    if template["DefaultVersion"] in numbers:
        raise refusal("InvalidParameterValue.LaunchTemplateDefaultVersion")
    kept = [version for version in template["Versions"] if version["Number"] not in numbers]
    latest = launch_templates.latest_version(template)
    call.store.put({**template, "Versions": kept, "LatestVersion": latest})


@action("cvm", "DeleteLaunchTemplate", writes=True)
def delete_launch_template(call: Call) -> None:
    """Delete a launch template with all its versions."""
    call.store.put(
        {**launch_templates.require(call, call.params["LaunchTemplateId"]), "Gone": call.now}
    )


def _data(params: ApiObject) -> dict[str, Any]:
    """Return the parameters of the request that a template keeps."""
    known = description.load("cvm").objects["LaunchTemplateVersionData"]
    kept = {name: value for name, value in params.items() if name in known}
    if "LoginSettings" in kept:
        kept["LoginSettings"] = login_settings.without_password(kept["LoginSettings"])
    return kept


def _login(call: Call) -> dict[str, Any]:
    """Return the given login settings with their password, which is checked but not kept."""
    return {k: v for k, v in call.params.items() if k == "LoginSettings"}


def _check(call: Call, data: dict[str, Any]) -> None:
    """Refuse parameters that RunInstances would refuse."""
    as_launch = replace(call, params=data)
    request = launch_request.read(as_launch)
    launch_checks.check(as_launch, request)
    login_settings.read(as_launch, data.get("LoginSettings", {}), request.image)


def _version(call: Call, number: int, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "Number": number,
        "Created": call.now,
        "Description": call.params.get("LaunchTemplateVersionDescription", ""),
        "Data": data,
    }


def _require_version(template: LaunchTemplate, number: int) -> ApiObject:
    for version in template["Versions"]:
        if version["Number"] == number:
            found: ApiObject = version
            return found
    raise refusal(
        "InvalidParameterValue.LaunchTemplateIdVerNotExisted",
        template=template["Id"],
        number=number,
    )
