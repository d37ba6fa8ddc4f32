"""The official examples: requests are accepted, answers are parsed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cvmimg.cloud import models
from cvmimg.cloud.answers import parse_list
from cvmimg.sandbox.wire import description, validation
from tests.contract import examples
from tests.contract.answers import problems

ALL = [
    (service, action)
    for service in description.SERVICES
    for action in description.load(service).actions
]

READ: dict[tuple[str, str], tuple[str, type[models.ApiModel], str, str]] = {
    ("cvm", "DescribeImages"): ("ImageSet", models.Image, "ImageId", "image_id"),
    ("cvm", "DescribeInstances"): ("InstanceSet", models.Instance, "InstanceId", "instance_id"),
    ("cvm", "DescribeRegions"): ("RegionSet", models.Region, "Region", "region"),
    ("cvm", "DescribeImageSharePermission"): (
        "SharePermissionSet",
        models.SharePermission,
        "AccountId",
        "account_id",
    ),
    ("cbs", "DescribeSnapshots"): ("SnapshotSet", models.Snapshot, "SnapshotId", "snapshot_id"),
    ("cbs", "DescribeDisks"): ("DiskSet", models.Disk, "DiskId", "disk_id"),
    ("tat", "DescribeAutomationAgentStatus"): (
        "AutomationAgentSet",
        models.AgentStatus,
        "InstanceId",
        "instance_id",
    ),
    ("tat", "DescribeInvocationTasks"): (
        "InvocationTaskSet",
        models.InvocationTask,
        "InvocationId",
        "invocation_id",
    ),
}
"""By action: the list in its answer, our model of its items, and an id's name in both."""


def missing_examples(service: str, action: str) -> list[examples.Example]:
    found = list(examples.of_action(service, action))
    if not found:
        pytest.skip("the official description has no example of it")
    return found


@pytest.mark.parametrize(("service", "action"), ALL)
def test_every_example_request_is_accepted(
    service: str, action: str, covered: Counter[str]
) -> None:
    for example in missing_examples(service, action):
        covered["examples"] += 1
        described = description.load(service)
        assert validation.request(described, action, example.params).keys() == example.params.keys()


@pytest.mark.parametrize(("service", "action"), ALL)
def test_every_example_answer_has_only_known_fields(service: str, action: str) -> None:
    for example in missing_examples(service, action):
        assert example.response is not None
        found = problems(service, action, example.response)
        # Examples may be older than the description and lack newer members.
        assert [problem for problem in found if not problem.endswith("missing")] == []


@pytest.mark.parametrize(("service", "action"), READ)
def test_our_models_read_every_example_answer(service: str, action: str) -> None:
    key, model, theirs, ours = READ[service, action]
    for example in missing_examples(service, action):
        assert example.response is not None
        raw: list[dict[str, Any]] = example.response[key] or []
        read = parse_list(model, example.response, key, action=action)
        assert [getattr(item, ours) for item in read] == [item[theirs] for item in raw]
