"""as: DescribeLaunchConfigurations and DescribeAutoScalingGroups."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox import filters, scaling
from cvmimg.sandbox.call import Call, action
from cvmimg.sandbox.store import Document


@action("as", "DescribeLaunchConfigurations")
def describe_launch_configurations(call: Call) -> dict[str, Any]:
    """The launch configurations, the newest first."""
    found = _found(call, scaling.CONFIGURATION, "LaunchConfigurationIds", "launch-configuration")
    page = [scaling.configuration_shown(each) for each in filters.page(call, found)]
    return {"TotalCount": len(found), "LaunchConfigurationSet": page}


@action("as", "DescribeAutoScalingGroups")
def describe_auto_scaling_groups(call: Call) -> dict[str, Any]:
    """The scaling groups, the newest first."""
    found = _found(call, scaling.GROUP, "AutoScalingGroupIds", "auto-scaling-group")
    page = [scaling.group_shown(each) for each in filters.page(call, found)]
    return {"TotalCount": len(found), "AutoScalingGroupSet": page}


def _found(call: Call, kind: str, ids: str, name: str) -> list[Document]:
    """The documents that the request's ids or filters ask for."""
    known: dict[str, filters.Values] = {
        **filters.TAGS,
        f"{name}-id": filters.one("Id"),
        f"{name}-name": filters.one("Name"),
        f"vague-{name}-name": filters.one("Name"),
        **(
            {"launch-configuration-id": filters.one("Configuration")}
            if kind == scaling.GROUP
            else {}
        ),
    }
    wanted = call.params.get(ids)
    candidates = call.store.page(kind, call.account, call.region, call.now)
    chosen = [each for each in candidates if not wanted or each["Id"] in wanted]
    return filters.keep(
        chosen,
        call.params.get("Filters", []),
        known,
        fuzzy=(f"vague-{name}-name",),
        unknown="InvalidParameterValue",
    )
