"""Instances: documents, states and operations."""

from __future__ import annotations

from collections.abc import Collection

from cvmimg.sandbox.services import answers, resource_tags
from cvmimg.sandbox.state import documents, kinds, tasks, timestamps
from cvmimg.sandbox.state.kinds import Instance, Operation, Power
from cvmimg.sandbox.wire.call import Answer, Call
from cvmimg.sandbox.wire.errors import refusal

KIND = kinds.INSTANCE


STOP_SECONDS, HARD_STOP_SECONDS = 25.0, 5.0
START_SECONDS = 20.0
REBOOT_SECONDS = 30.0
LAUNCH_SECONDS = 30.0
TERMINATE_SECONDS = 20.0
_ACCEPT_SECONDS = 3.0
"""How long a power operation is OPERATING: it ends while the state is still changing."""

_STATE_CODES = {
    "PENDING": "Pending",
    "LAUNCH_FAILED": "LaunchFailed",
    "RUNNING": "Running",
    "STOPPED": "Stopped",
    "STARTING": "Starting",
    "STOPPING": "Stopping",
    "REBOOTING": "Rebooting",
    "SHUTDOWN": "Shutdown",
    "TERMINATING": "Terminating",
    "ENTER_SERVICE_LIVE_MIGRATE": "EnterServiceLiveMigrate",
    "SERVICE_LIVE_MIGRATE": "ServiceLiveMigrate",
    "EXIT_SERVICE_LIVE_MIGRATE": "ExitServiceLiveMigrate",
}
_STATES_WITHOUT_CODE = {
    "StartInstances": {
        "LAUNCH_FAILED",
        "ENTER_SERVICE_LIVE_MIGRATE",
        "EXIT_SERVICE_LIVE_MIGRATE",
    },
    "StopInstances": {"LAUNCH_FAILED"},
    "TerminateInstances": {"SERVICE_LIVE_MIGRATE"},
    "CreateImage": {"PENDING", "LAUNCH_FAILED", "SHUTDOWN", "EXIT_SERVICE_LIVE_MIGRATE"},
}
"""States for which the action has no specific code."""


def state(instance: Instance, now: float) -> str:
    """Return its InstanceState."""
    power: Power = instance["Power"]
    if tasks.running(power["Task"], now):
        return power["During"]
    return power["Otherwise"] if tasks.failed(power["Task"], now) else power["After"]


def steady(state_name: str) -> Power:
    """Return the ``Power`` of an instance in a stable state."""
    return {"During": state_name, "After": state_name, "Otherwise": state_name, "Task": None}


def operating(instance: Instance, now: float) -> bool:
    """Return whether an operation is in progress."""
    operation = instance.get("Operation")
    return operation is not None and tasks.running(operation["Task"], now)


def operation(call: Call, seconds: float) -> Operation:
    """Return the ``Operation`` that ``call`` starts, lasting ``seconds``."""
    return {
        "Name": call.action,
        "Task": tasks.new(call.now, seconds, call.task_fault),
        "RequestId": call.request_id,
    }


def change_power(
    call: Call, instance: Instance, during: str, after: str, seconds: float
) -> Instance:
    """Return ``instance`` with the change of state that ``call`` starts."""
    before = state(instance, call.now)
    task = tasks.new(call.now, seconds, call.task_fault)
    return {
        **instance,
        "Boot": call.boot,
        "Power": {"During": during, "After": after, "Otherwise": before, "Task": task},
        "Operation": operation(call, seconds if call.task_fault else _ACCEPT_SECONDS),
    }


def rebooted(call: Call, instance: Instance) -> Instance:
    """Return a running instance that starts to reboot."""
    return change_power(call, instance, "REBOOTING", "RUNNING", REBOOT_SECONDS)


def require(call: Call, identifier: str) -> Instance:
    """Return the caller's instance of that id.

    Raises:
        ApiError: InvalidInstanceId.NotFound.
    """
    missing = refusal("InvalidInstanceId.NotFound", id=identifier)
    return documents.require(call, KIND, identifier, missing)


def refuse_unless(call: Call, instance: Instance, states: Collection[str]) -> None:
    """Refuse an action that the instance's state does not allow.

    Raises:
        ApiError: with the action's code for that state.
    """
    found = state(instance, call.now)
    if found in states:
        return
    code = f"UnsupportedOperation.InstanceState{_STATE_CODES[found]}"
    if found in _STATES_WITHOUT_CODE.get(call.action, ()):
        code = "InvalidInstance.NotSupported"
    raise refusal(
        code, "instances.unless", instance=instance["Id"], found=found, action=call.action
    )


def refuse_if_operating(call: Call, instance: Instance) -> None:
    """Refuse while another operation is in progress.

    Raises:
        ApiError: MutexOperation.TaskRunning while an image of it is being created,
            OperationDenied.InstanceOperationInProgress otherwise.
    """
    latest = instance["Operation"]
    if latest is None or not operating(instance, call.now):
        return
    imaging = latest["Name"] == "CreateImage" and call.action != "CreateImage"
    raise refusal(
        "MutexOperation.TaskRunning" if imaging else "OperationDenied.InstanceOperationInProgress",
        "instances.if-operating",
        instance=instance["Id"],
        name=latest["Name"],
    )


def refuse_unless_idle(call: Call, instance: Instance, states: Collection[str]) -> None:
    """Refuse an action that the instance's state or the operation in progress does not allow.

    Raises:
        ApiError: as ``refuse_unless`` and ``refuse_if_operating``.
    """
    refuse_unless(call, instance, states)
    refuse_if_operating(call, instance)


def requested(call: Call, states: Collection[str]) -> list[Instance]:
    """Return the requested instances; refuse the whole request if one of them does not allow it.

    Raises:
        ApiError: as ``require`` and ``refuse_unless_idle``.
    """
    found = [require(call, each) for each in dict.fromkeys(call.params["InstanceIds"])]
    for instance in found:
        refuse_unless_idle(call, instance, states)
    return found


def stopped_or_forced(call: Call) -> Collection[str]:
    """Return the states in which an instance can be changed: RUNNING only with ForceStop."""
    return {"RUNNING", "STOPPED"} if call.params.get("ForceStop") else {"STOPPED"}


def is_windows(instance: Instance) -> bool:
    """Return whether it runs Windows."""
    return "windows" in str(instance["OsName"]).lower()


def to_response(call: Call, instance: Instance) -> Answer:
    """Return the instance as DescribeInstances returns it."""
    now = call.now
    windows = is_windows(instance)
    return {
        **answers.of("Instance", instance),
        "CreatedTime": timestamps.iso(instance["Created"]),
        "InstanceState": state(instance, now),
        "StopChargingMode": _stop_charging_mode(instance, now),
        "DefaultLoginUser": _login_user(instance),
        "DefaultLoginPort": 3389 if windows else 22,
        "Placement": {**instance["Placement"], "HostId": None},
        **_internet_to_response(instance, now),
        **_operation_to_response(instance.get("Operation"), now),
        "CpuTopology": _cpu_topology(instance),
        "Tags": resource_tags.to_response(instance, now),
    }


def _login_user(instance: Instance) -> str:
    if is_windows(instance):
        return "Administrator"
    return "ubuntu" if "ubuntu" in str(instance["OsName"]).lower() else "root"


def _cpu_topology(instance: Instance) -> dict[str, int]:
    """Return its cores and threads: two for each core, unless its launch asked for one."""
    threads = min(instance["CPU"], instance.get("ThreadPerCore", 2))
    return {"CoreCount": instance["CPU"] // threads, "ThreadPerCore": threads}


def _internet_to_response(instance: Instance, now: float) -> Answer:
    """Return its public addresses; there are none while it is stopped without charge."""
    internet = instance["InternetAccessible"]
    addresses = instance["PublicIpAddresses"]
    if not addresses or _stop_charging_mode(instance, now) == "STOP_CHARGING":
        addresses, internet = None, {**internet, "InternetChargeType": None}
    return {"PublicIpAddresses": addresses, "InternetAccessible": internet}


def _stop_charging_mode(instance: Instance, now: float) -> str:
    return str(instance["StoppedMode"]) if state(instance, now) == "STOPPED" else "NOT_APPLICABLE"


def _operation_to_response(last: Operation | None, now: float) -> Answer:
    if last is None:
        return {
            "LatestOperation": None,
            "LatestOperationState": None,
            "LatestOperationRequestId": None,
            "LatestOperationErrorMsg": None,
        }
    failed = tasks.failed(last["Task"], now)
    ended = "FAILED" if failed else "SUCCESS"
    return {
        "LatestOperation": last["Name"],
        "LatestOperationState": "OPERATING" if tasks.running(last["Task"], now) else ended,
        "LatestOperationRequestId": last["RequestId"],
        "LatestOperationErrorMsg": "The operation failed on the host." if failed else "",
    }
