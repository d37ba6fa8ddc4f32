"""as: the activities of scaling groups."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cvmimg.sandbox.services import answers, filters
from cvmimg.sandbox.services.autoscaling import ACTIVITY
from cvmimg.sandbox.state import documents, ids, tasks, timestamps
from cvmimg.sandbox.state.kinds import ScalingActivity, ScalingGroup
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import ApiError, refusal

_CAUSES = {
    "SCALE_OUT": "a difference between desired capacity and actual capacity",
    "SCALE_IN": "a difference between desired capacity and actual capacity",
    "ATTACH_INSTANCES": "a request to attach instances",
    "DETACH_INSTANCES": "a request to detach instances",
    "REMOVE_INSTANCES": "a request to remove instances",
}
"""What launched an activity, by its type."""


def start(
    call: Call,
    group: ScalingGroup,
    kind: str,
    instance_ids: Sequence[str],
    seconds: float,
    errors: Sequence[ApiError] = (),
) -> str:
    """Write an activity that ``call`` starts; return its id.

    Args:
        call: the request.
        group: the scaling group.
        kind: its ActivityType.
        instance_ids: the instances that it changes.
        seconds: its duration.
        errors: why it failed; empty if it succeeds.
    """
    identifier = ids.new_id(call, "asa", kind)
    call.store.put(
        {
            **documents.new(call, ACTIVITY, identifier),
            "Parent": group["Id"],
            "Type": kind,
            "InstanceIds": list(instance_ids),
            "Task": tasks.new(call.now, seconds),
            "Errors": [{"Code": each.code, "Message": each.message} for each in errors],
        }
    )
    return identifier


def running(call: Call, group: ScalingGroup) -> float | None:
    """Return when the activity of a group that is in progress ends, or None."""
    ends = [
        tasks.end(activity["Task"])
        for activity in call.store.children(ACTIVITY, group["Id"])
        if tasks.running(activity["Task"], call.now)
    ]
    return max((end for end in ends if end is not None), default=None)


@action("as", "DescribeAutoScalingActivities")
def describe_auto_scaling_activities(call: Call) -> Answer:
    """List activities, newest first."""
    wanted = call.params.get("ActivityIds", ())
    start, end = _moment(call, "StartTime", -math.inf), _moment(call, "EndTime", math.inf)
    known: filters.Known = {
        "auto-scaling-group-id": "Parent",
        "activity-type": "Type",
        "activity-id": "Id",
        "activity-status-code": lambda each: (_status(each, call.now),),
    }
    chosen = [
        each
        for each in documents.listed(call, ACTIVITY)
        if (each["Id"] in wanted if wanted else start <= each["Created"] and _end(each) <= end)
    ]
    found = filters.select(call, chosen, known, unknown="InvalidParameterValue.Filter")
    return filters.answer(call, "ActivitySet", found, _to_response)


def _moment(call: Call, name: str, default: float) -> float:
    text = call.params.get(name)
    malformed = refusal("InvalidParameterValue.Filter", "activities.time", name=name)
    return timestamps.parsed(text, malformed) if text else default


def _status(activity: ScalingActivity, now: float) -> str:
    if activity["Errors"]:
        return "FAILED"
    return "RUNNING" if tasks.running(activity["Task"], now) else "SUCCESSFUL"


def _to_response(call: Call, activity: ScalingActivity) -> Answer:
    status = _status(activity, call.now)
    errors = activity["Errors"]
    message = errors[0]["Message"] if errors else "Success"
    cause = f"Activity was launched in response to {_CAUSES[activity['Type']]}."
    return {
        **answers.of("Activity", activity),
        "StatusCode": status,
        "StatusMessage": message,
        "StatusMessageSimplified": message,
        "Cause": cause,
        "Description": f"{cause[:-1]}, {len(activity['InstanceIds'])} instance(s).",
        "CreatedTime": timestamps.iso(activity["Created"]),
        "StartTime": timestamps.iso(activity["Created"]),
        "EndTime": "" if status == "RUNNING" else timestamps.iso(_end(activity)),
        "RelatedInstanceSet": [
            {
                "InstanceId": each,
                "InstanceStatus": "RUNNING" if status == "RUNNING" else "SUCCESSFUL",
            }
            for each in activity["InstanceIds"]
        ],
        "DetailedStatusMessageSet": [{**answers.of("ActivityError"), **each} for each in errors],
    }


def _end(activity: ScalingActivity) -> float:
    return tasks.end(activity["Task"]) or float(activity["Created"])
