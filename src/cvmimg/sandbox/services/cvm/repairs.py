"""cvm: DescribeTaskInfo."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox.call import Call, action


@action("cvm", "DescribeTaskInfo")
def describe_task_info(_: Call) -> dict[str, Any]:
    """The repairs of instances: no host of the sandbox ever needs one."""
    return {"TotalCount": 0, "RepairTaskInfoSet": []}
