"""monitor: GetMonitorData. Every existing resource is idle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from cvmimg.sandbox.services import disks, instances
from cvmimg.sandbox.state import documents, timestamps
from cvmimg.sandbox.state.kinds import ApiObject, Kind
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

_CHINA = timezone(timedelta(hours=8))
_DEFAULT_PERIOD = 300
_MAX_RESOURCES = 50
_MAX_POINTS = 7200
_STATISTICS = {1: "AvgValues", 2: "MaxValues", 4: "MinValues"}
_KINDS: Mapping[tuple[str, str], Kind[Any]] = {
    ("QCE/CVM", "instanceid"): instances.KIND,
    ("QCE/BLOCK_STORAGE", "diskid"): disks.KIND,
}
"""Kinds of resources, by namespace and dimension in lower case."""


@action("monitor", "GetMonitorData")
def get_monitor_data(call: Call) -> Answer:
    """Return the values of a metric: 0 while a resource exists, none for any other resource."""
    params = call.params
    if len(params["Instances"]) > _MAX_RESOURCES:
        raise refusal("InvalidParameterValue", "monitor.resources", most=_MAX_RESOURCES)
    period = params.get("Period", _DEFAULT_PERIOD) or _DEFAULT_PERIOD
    end = _moment(params.get("EndTime"), call.now)
    start = _moment(params.get("StartTime"), end)
    if end < start or (end - start) / period * len(params["Instances"]) > _MAX_POINTS:
        raise refusal("InvalidParameterValue", "monitor.period")
    points = [_data_point(call, each, start, end, period) for each in params["Instances"]]
    return {
        "Period": period,
        "MetricName": params["MetricName"],
        "DataPoints": points,
        "StartTime": _iso(start),
        "EndTime": _iso(end),
        "Msg": "",
    }


def _data_point(call: Call, resource: ApiObject, start: float, end: float, period: int) -> Answer:
    created = _created(call, resource["Dimensions"])
    first = int(start // period) * period
    moments = (
        []
        if created is None
        else [float(m) for m in range(first, int(end) + 1, period) if m >= max(start, created)]
    )
    zeros = [0.0] * len(moments)
    wanted = call.params.get("SpecifyStatistics", 0)
    return {
        "Dimensions": resource["Dimensions"],
        "Timestamps": moments,
        "Values": zeros,
        **{name: zeros for bit, name in _STATISTICS.items() if wanted & bit},
    }


def _created(call: Call, dimensions: Any) -> float | None:
    """Return when the resource was created; None if it does not exist."""
    for each in dimensions:
        kind = _KINDS.get((call.params["Namespace"].upper(), (each.get("Name") or "").lower()))
        if kind is None:
            raise refusal("InvalidParameterValue", "monitor.dimension")
        found = documents.own(call, kind, each.get("Value") or "")
        if found is not None:
            return float(found["Created"])
    return None


def _moment(text: str | None, default: float) -> float:
    malformed = refusal("InvalidParameterValue", "monitor.time", text=text)
    return timestamps.parsed(text, malformed) if text else default


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(int(moment), _CHINA).isoformat()
