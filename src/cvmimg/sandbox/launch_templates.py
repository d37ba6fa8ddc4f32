"""Launch templates: versions of parameters for RunInstances."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cvmimg.sandbox import documents
from cvmimg.sandbox.call import Call
from cvmimg.sandbox.errors import ApiError
from cvmimg.sandbox.store import Document

KIND = "launch-template"

_ID = re.compile(r"lt-[a-z0-9]{8}")


def merged(call: Call) -> Mapping[str, Any]:
    """The parameters of the request on top of those of the launch template that it names.

    Raises:
        ApiError: there is no such template or version.
    """
    named = call.params.get("LaunchTemplate")
    if not named:
        return call.params
    template = _find(call, named.get("LaunchTemplateId", ""))
    number = named.get("LaunchTemplateVersion", template["DefaultVersion"])
    for version in template["Versions"]:
        if version["Number"] == number:
            return {**version["Data"], **call.params}
    raise _refusal(
        call,
        "LaunchTemplateVersion",
        f"The launch template {template['Id']} has no version {number}.",
        f"启动模板 {template['Id']} 不存在版本 {number}。",
    )


def _find(call: Call, identifier: str) -> Document:
    if not _ID.fullmatch(identifier):
        raise _refusal(
            call,
            "LaunchTemplateIdMalformed",
            f"`{identifier}` is not the id of a launch template.",
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
    # InquiryPriceRunInstances has no codes of its own for this.
    full = "InvalidParameterValue" + (f".{code}" if call.action == "RunInstances" else "")
    return ApiError(full, message, message_zh)
