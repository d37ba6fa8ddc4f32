"""tat: DescribeAutomationAgentStatus."""

from __future__ import annotations

from cvmimg.sandbox.services import answers, instances
from cvmimg.sandbox.services.instances import guests
from cvmimg.sandbox.services.tat import tat_filters
from cvmimg.sandbox.state import documents, timestamps
from cvmimg.sandbox.state.kinds import Instance
from cvmimg.sandbox.wire.call import Answer, Call, action

_AGENT_VERSION = "1.1.9"
_FILTERS = {
    "instance-id": "InstanceId",
    "agent-status": "AgentStatus",
    "environment": "Environment",
}


@action("tat", "DescribeAutomationAgentStatus")
def describe_automation_agent_status(call: Call) -> Answer:
    """List the states of automation agents; instances without an agent are omitted."""
    wanted = call.params.get("InstanceIds")
    tat_filters.check_instance_ids(wanted or [])
    agents = [
        _to_response(call, instance)
        for instance in documents.listed(call, instances.KIND)
        if (wanted is None or instance["Id"] in wanted) and guests.has_agent(instance)
    ]
    return tat_filters.answer(call, "AutomationAgentSet", agents, _FILTERS)


def _to_response(call: Call, instance: Instance) -> Answer:
    online = guests.agent_online(call, instance)
    return {
        **answers.of("Agent", instance),
        "Version": _AGENT_VERSION,
        "LastHeartbeatTime": timestamps.iso(call.now),
        "AgentStatus": "Online" if online else "Offline",
        "Environment": "Windows" if instances.is_windows(instance) else "Linux",
    }
