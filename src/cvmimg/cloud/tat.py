"""Commands inside instances through the automation agent (tat 2020-10-28).

Every function raises ``CvmimgError`` types as ``Cloud.read`` and ``Cloud.write`` do.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cvmimg.cloud.answers import filters, parse_list
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import AgentStatus, InvocationTask


def describe_automation_agent_status(
    cloud: Cloud, instance_ids: Sequence[str]
) -> list[AgentStatus]:
    """Read whether the agents of these instances answer (DescribeAutomationAgentStatus)."""
    answer = cloud.read(
        "tat",
        "DescribeAutomationAgentStatus",
        {"InstanceIds": list(instance_ids)},
        has=("AutomationAgentSet", "TotalCount"),
    )
    return parse_list(
        AgentStatus, answer, "AutomationAgentSet", action="DescribeAutomationAgentStatus"
    )


def run_command(
    cloud: Cloud,
    instance_id: str,
    script: str,
    *,
    name: str,
    timeout_seconds: int,
    parameters: Mapping[str, str] | None = None,
    language: str = "SHELL",
) -> str:
    """Start a script as root inside an instance; return the invocation's id (RunCommand).

    Args:
        cloud: the region to call.
        instance_id: a running instance whose agent is online.
        script: the text, in which ``{{name}}`` stands for a parameter.
        name: shown in the console's list of commands.
        timeout_seconds: after which the agent ends the script.
        parameters: values for the script's placeholders.
        language: "SHELL", or "POWERSHELL" for Windows.
    """
    request: dict[str, Any] = {
        "Content": base64.b64encode(script.encode()).decode(),
        "InstanceIds": [instance_id],
        "CommandName": name,
        "CommandType": language,
        "Timeout": timeout_seconds,
        "SaveCommand": False,
    }
    if parameters is not None:
        request["EnableParameter"] = True
        request["Parameters"] = json.dumps(dict(parameters))
    answer = cloud.write("tat", "RunCommand", request, has=("InvocationId",))
    return str(answer["InvocationId"])


def describe_invocation_tasks(cloud: Cloud, invocation_id: str) -> list[InvocationTask]:
    """List the tasks of an invocation with their output (DescribeInvocationTasks)."""
    answer = cloud.read(
        "tat",
        "DescribeInvocationTasks",
        {"Filters": filters(invocation_id=invocation_id), "HideOutput": False},
        has=("InvocationTaskSet", "TotalCount"),
    )
    return parse_list(InvocationTask, answer, "InvocationTaskSet", action="DescribeInvocationTasks")
