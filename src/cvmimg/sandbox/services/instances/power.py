"""cvm: StartInstances, StopInstances, RebootInstances and TerminateInstances."""

from __future__ import annotations

from cvmimg.sandbox.services import autoscaling, disks, instances
from cvmimg.sandbox.state.kinds import Instance
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import refusal


@action("cvm", "StartInstances", writes=True)
def start_instances(call: Call) -> None:
    """Start stopped instances."""
    for instance in instances.requested(call, {"STOPPED"}):
        call.store.put(
            instances.change_power(call, instance, "STARTING", "RUNNING", instances.START_SECONDS)
        )


@action("cvm", "StopInstances", writes=True)
def stop_instances(call: Call) -> None:
    """Stop running instances."""
    hard = call.params.get("StopType") == "HARD"
    seconds = instances.HARD_STOP_SECONDS if hard else instances.STOP_SECONDS
    for instance in instances.requested(call, {"RUNNING"}):
        stopped = instances.change_power(call, instance, "STOPPING", "STOPPED", seconds)
        call.store.put({**stopped, "StoppedMode": _stopped_mode(call, instance)})


@action("cvm", "RebootInstances", writes=True)
def reboot_instances(call: Call) -> None:
    """Reboot running instances."""
    for instance in instances.requested(call, {"RUNNING"}):
        call.store.put(instances.rebooted(call, instance))


@action("cvm", "TerminateInstances", writes=True)
def terminate_instances(call: Call) -> None:
    """Terminate instances; a prepaid one moves to the recycle bin first."""
    found = instances.requested(call, {"RUNNING", "STOPPED", "SHUTDOWN"})
    if len({instance["InstanceChargeType"] for instance in found}) > 1:
        raise refusal("UnsupportedOperation.InstanceMixedPricingModel")
    for instance in found:
        if instance["DisableApiTermination"]:
            raise refusal("UnsupportedOperation.InstancesProtected", instance=instance["Id"])
    for instance in found:
        terminate(call, instance)
        autoscaling.instance_was_terminated(call, instance)


def terminate(call: Call, instance: Instance) -> None:
    """Start to terminate an instance; a prepaid one only moves to the recycle bin."""
    prepaid = instance["InstanceChargeType"] == "PREPAID"
    if prepaid and instances.state(instance, call.now) != "SHUTDOWN":
        bound = instances.change_power(
            call, instance, "STOPPING", "SHUTDOWN", instances.STOP_SECONDS
        )
        call.store.put({**bound, "RestrictState": "PROTECTIVELY_ISOLATED"})
        return
    ending = instances.change_power(
        call, instance, "TERMINATING", "TERMINATING", instances.TERMINATE_SECONDS
    )
    if call.task_fault is not None:
        call.store.put(ending)
        return
    gone = call.now + instances.TERMINATE_SECONDS
    call.store.put({**ending, "Gone": gone})
    for disk in disks.of_instance(call, instance["Id"]):
        ends = disk["DeleteWithInstance"] or disk["DiskUsage"] == disks.SYSTEM_DISK
        call.store.put({**disk, "Gone" if ends else "DetachAt": gone})


def _stopped_mode(call: Call, instance: Instance) -> str:
    """Return the requested StoppedMode if the instance supports it."""
    fits = (
        instance["InstanceChargeType"] == "POSTPAID_BY_HOUR"
        and instance["SystemDisk"]["DiskType"].startswith("CLOUD_")
        and all(disk["DiskType"].startswith("CLOUD_") for disk in instance["DataDisks"])
    )
    return str(call.params.get("StoppedMode", "KEEP_CHARGING")) if fits else "KEEP_CHARGING"
