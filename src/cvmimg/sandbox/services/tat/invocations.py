"""tat: RunCommand, DescribeInvocations and DescribeInvocationTasks."""

from __future__ import annotations

import base64
from typing import Any

from cvmimg.sandbox.guest.root_folder import Machine
from cvmimg.sandbox.guest.runtime import NotAllowed, Runtime, ScriptResult
from cvmimg.sandbox.services import answers, filters, instances
from cvmimg.sandbox.services.instances import guests
from cvmimg.sandbox.services.tat import command, tat_filters
from cvmimg.sandbox.state import documents, ids, kinds, timestamps
from cvmimg.sandbox.state.kinds import ApiObject, Instance, Invocation, InvocationTask
from cvmimg.sandbox.state.store import View
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

_KIND = kinds.INVOCATION
_DELIVERY_SECONDS, _RUN_SECONDS = 0.5, 1.0
_REFUSED_EXIT_CODE = 126
_DEFAULT_TIMEOUT = 60
_RUNNING = {"Status": "RUNNING", "ExitCode": 0, "Output": "", "Dropped": 0}
_UNDELIVERED = {**_RUNNING, "Status": "DELIVER_FAILED"}
_FILTERS = {
    "invocation-id": "InvocationId",
    "command-id": "CommandId",
    "command-created-by": "InvocationSource",
    "instance-kind": "InstanceKind",
}
_TASK_FILTERS = {
    "invocation-task-id": "InvocationTaskId",
    "invocation-id": "InvocationId",
    "instance-id": "InstanceId",
    "command-id": "CommandId",
}


@action("tat", "RunCommand", writes=True)
def run_command(call: Call) -> Answer:
    """Run a script in instances; the result appears after a second."""
    command_id = ids.new_id(call, "cmd")
    return {"InvocationId": start(call, call.params, command_id), "CommandId": command_id}


def start(call: Call, request: ApiObject, command_id: str) -> str:
    """Run a script in instances; return the id of the invocation.

    Args:
        call: the call.
        request: the parameters of RunCommand.
        command_id: of the command.

    Raises:
        ApiError: a parameter is invalid, or an instance cannot run it.
    """
    command.check(request)
    script = command.content(request)
    parameters = command.parameters(request, script)
    tat_filters.check_instance_ids(request["InstanceIds"])
    targets = [_target(call, request, instance_id) for instance_id in request["InstanceIds"]]
    invocation_id = ids.new_id(call, "inv")
    invocation = {
        **documents.new(call, _KIND, invocation_id),
        "CommandId": command_id,
        "Request": request,
        "Fault": call.task_fault,
        "Tasks": [
            {
                "InvocationTaskId": ids.new_id(call, "invt", target["Id"]),
                "InstanceId": target["Id"],
                **(_RUNNING if call.task_fault is None else _UNDELIVERED),
            }
            for target in targets
        ],
    }
    call.store.put(invocation)
    if call.task_fault is None:
        for number, target in enumerate(targets):
            timeout = request.get("Timeout", _DEFAULT_TIMEOUT)
            _defer_run(call, (invocation_id, number), target, script, parameters, timeout)
    return invocation_id


def is_running(call: Call, command_id: str) -> bool:
    """Return whether the command is running in an instance."""
    return any(
        _status(call, invocation, task) in ("PENDING", "RUNNING")
        for invocation in documents.listed(call, _KIND)
        if invocation["CommandId"] == command_id
        for task in invocation["Tasks"]
    )


@action("tat", "DescribeInvocations")
def describe_invocations(call: Call) -> Answer:
    """List invocations, newest first."""
    wanted = filters.wanted(call, _invocations(call), "InvocationIds")
    shown = [_invocation_to_response(call, invocation) for invocation in wanted]
    return tat_filters.answer(call, "InvocationSet", shown, _FILTERS)


@action("tat", "DescribeInvocationTasks")
def describe_invocation_tasks(call: Call) -> Answer:
    """List invocation tasks; their output only with HideOutput=false."""
    wanted = call.params.get("InvocationTaskIds")
    shown = [
        _task_to_response(call, invocation, task)
        for invocation in _invocations(call)
        for task in invocation["Tasks"]
        if not wanted or task["InvocationTaskId"] in wanted
    ]
    return tat_filters.answer(call, "InvocationTaskSet", shown, _TASK_FILTERS)


def _invocations(call: Call) -> list[Invocation]:
    """Return the caller's invocations, newest first; if filtered by id, only those."""
    wanted = {
        value
        for each in call.params.get("Filters") or []
        if each["Name"] == "invocation-id"
        for value in each["Values"]
    }
    if wanted:
        return documents.owned(call, _KIND, sorted(wanted))
    return documents.listed(call, _KIND)


def _target(call: Call, request: ApiObject, instance_id: str) -> Instance:
    """Return the instance if it can run a command."""
    missing = refusal("ResourceNotFound.InstanceNotFound", instance_id=instance_id)
    instance = documents.require(call, instances.KIND, instance_id, missing)
    if instances.state(instance, call.now) != "RUNNING":
        raise refusal("ResourceUnavailable.InstanceStateNotRunning", instance_id=instance_id)
    if not guests.has_agent(instance):
        raise refusal("ResourceUnavailable.AgentNotInstalled", instance_id=instance_id)
    if not guests.agent_online(call, instance):
        raise refusal("ResourceUnavailable.AgentStatusNotOnline", instance_id=instance_id)
    if instances.is_windows(instance) is (request.get("CommandType", "SHELL") == "SHELL"):
        raise refusal("InvalidParameterValue.AgentUnsupportedCommandType", instance_id=instance_id)
    return instance


def _defer_run(
    call: Call,
    place: tuple[str, int],
    instance: Instance,
    script: bytes,
    parameters: dict[str, str],
    timeout: int,
) -> None:
    """Run the script once this call's transaction has ended: it may take long.

    Args:
        call: the call.
        place: the invocation's id, and the number of the task in it.
        instance: where to run.
        script: the text.
        parameters: the values of its placeholders.
        timeout: in seconds.
    """
    invocation_id, number = place
    machine = guests.machine(call, instance)

    def run() -> dict[str, Any]:
        return _run(call.guests, machine, script, parameters, timeout)

    def save(view: View, result: dict[str, Any]) -> None:
        invocation = view.get(_KIND, invocation_id)
        if invocation is None:  # the sandbox was reset
            return
        tasks = [*invocation["Tasks"]]
        task: Any = {**tasks[number], **result}
        tasks[number] = task
        view.put({**invocation, "Tasks": tasks})

    call.defer(run, save)


def _run(
    runtime: Runtime | None,
    machine: Machine,
    script: bytes,
    parameters: dict[str, str],
    timeout: int,
) -> dict[str, Any]:
    """Run the script, and return the result as members of the task."""
    try:
        if runtime is None:
            raise NotAllowed("guests are not simulated")
        result = runtime.run(machine, script, parameters, timeout)
    except NotAllowed as refusal:
        result = ScriptResult(_REFUSED_EXIT_CODE, f"cvmimg sandbox: {refusal}\n".encode())
    ended = "FAILED" if result.exit_code else "SUCCESS"
    return {
        "Status": "TIMEOUT" if result.timed_out else ended,
        "ExitCode": result.exit_code,
        "Output": base64.b64encode(result.output).decode(),
        "Dropped": result.dropped,
    }


def _status(call: Call, invocation: Invocation, task: InvocationTask) -> str:
    elapsed = call.now - invocation["Created"]
    if elapsed < _DELIVERY_SECONDS:
        return "PENDING"
    if elapsed < _DELIVERY_SECONDS + _RUN_SECONDS or invocation["Fault"] == "stuck":
        return "RUNNING"
    return str(task["Status"])


def _invocation_to_response(call: Call, invocation: Invocation) -> Answer:
    request = invocation["Request"]
    tasks = [(task, _status(call, invocation, task)) for task in invocation["Tasks"]]
    times = _times(call, invocation)
    return {
        **answers.of("Invocation", invocation),
        "CommandName": request.get("CommandName", ""),
        "InvocationStatus": _overall([status for _, status in tasks]),
        "InvocationTaskBasicInfoSet": [
            {
                "InvocationTaskId": task["InvocationTaskId"],
                "TaskStatus": status,
                "InstanceId": task["InstanceId"],
            }
            for task, status in tasks
        ],
        "Description": request.get("Description", ""),
        **times,
        "StartTime": times["CreatedTime"],
        "Parameters": request.get("Parameters", ""),
        "DefaultParameters": request.get("DefaultParameters", ""),
        "CommandContent": request["Content"],
        **document_to_response(request),
    }


def _task_to_response(call: Call, invocation: Invocation, task: InvocationTask) -> Answer:
    request = invocation["Request"]
    status = _status(call, invocation, task)
    times = _times(call, invocation)
    ended = times["EndTime"] is not None and status != "RUNNING"
    hidden = call.params.get("HideOutput", True) or not ended
    return {
        **answers.of("InvocationTask", task),
        "InvocationId": invocation["Id"],
        "CommandId": invocation["CommandId"],
        "TaskStatus": status,
        "TaskResult": {
            "ExitCode": task["ExitCode"] if ended else 0,
            "Output": "" if hidden else task["Output"],
            "ExecStartTime": times["StartTime"],
            "ExecEndTime": times["EndTime"],
            "Dropped": task["Dropped"] if ended else 0,
            "OutputUrl": "",
            "OutputUploadCOSErrorInfo": "",
        },
        **times,
        "CommandDocument": {"Content": request["Content"], **document_to_response(request)},
        "CommandName": request.get("CommandName", ""),
    }


def document_to_response(request: ApiObject) -> Answer:
    """Return the parameters of a command that every answer about it has."""
    defaults = answers.of("CommandDocument")
    return {name: request.get(name, default) for name, default in defaults.items()}


def _times(call: Call, invocation: Invocation) -> dict[str, str | None]:
    created = invocation["Created"]
    started = created + _DELIVERY_SECONDS
    ended = started + _RUN_SECONDS
    return {
        "CreatedTime": timestamps.iso(created),
        "StartTime": timestamps.iso(started) if call.now >= started else None,
        "EndTime": timestamps.iso(ended) if call.now >= ended else None,
        "UpdatedTime": timestamps.iso(min(call.now, ended)),
    }


def _overall(statuses: list[str]) -> str:
    moving = next((status for status in ("RUNNING", "PENDING") if status in statuses), None)
    if moving or len(set(statuses)) == 1:
        return moving or statuses[0]
    return "PARTIAL_FAILED" if "SUCCESS" in statuses else "FAILED"
