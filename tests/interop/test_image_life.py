"""The life cycle of an image, with each of the official clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cvmimg.sandbox import NEIGHBOUR
from tests.interop.clients import Client, Refused

pytestmark = [
    pytest.mark.interop,
    # The typed SDK warns about undocumented fields, which the real service answers too.
    pytest.mark.filterwarnings("ignore:.*fileds are useless"),
]

ANOTHER = "ap-beijing"


def state(client: Client, image_id: str, region: str = "ap-guangzhou") -> str:
    """Return the image's state, or None while it is not listed."""
    found = client.call("cvm", "DescribeImages", {"ImageIds": [image_id]}, region)["ImageSet"]
    return str(found[0]["ImageState"]) if found else ""


def instance_states(client: Client, asked: dict[str, Any]) -> set[str]:
    found = client.call("cvm", "DescribeInstances", asked)["InstanceSet"]
    return {instance["InstanceState"] for instance in found}


def wait_for(wanted: Any, look: Callable[[], Any]) -> None:
    """Poll until the condition holds; the sandbox's clock is very fast."""
    seen = [look()]
    while seen[-1] != wanted and len(seen) < 100:
        seen.append(look())
    assert seen[-1] == wanted, seen


def test_list_create_copy_share_launch_and_delete(client: Client) -> None:
    private = {"Filters": [{"Name": "image-type", "Values": ["PRIVATE_IMAGE"]}], "Limit": 100}
    names = [i["ImageName"] for i in client.call("cvm", "DescribeImages", private)["ImageSet"]]
    assert sorted(names) == ["base-v1", "web-v1"]

    asked = {"InstanceId": "ins-web00001", "ImageName": "web-v2"}
    image_id = client.call("cvm", "CreateImage", asked)["ImageId"]
    wait_for("NORMAL", lambda: state(client, image_id))

    copies = client.call(
        "cvm",
        "SyncImages",
        {"ImageIds": [image_id], "DestinationRegions": [ANOTHER], "ImageSetRequired": True},
    )["ImageSet"]
    assert [copy["Region"] for copy in copies] == [ANOTHER]
    wait_for("NORMAL", lambda: state(client, copies[0]["ImageId"], ANOTHER))

    sharing = {"ImageId": image_id, "AccountIds": [NEIGHBOUR]}
    client.call("cvm", "ModifyImageSharePermission", {**sharing, "Permission": "SHARE"})
    shared = client.call("cvm", "DescribeImageSharePermission", {"ImageId": image_id})
    assert [s["AccountId"] for s in shared["SharePermissionSet"]] == [NEIGHBOUR]
    with pytest.raises(Refused) as refused:
        client.call("cvm", "DeleteImages", {"ImageIds": [image_id]})
    assert refused.value.code == "InvalidImageId.InShared"
    client.call("cvm", "ModifyImageSharePermission", {**sharing, "Permission": "CANCEL"})

    launched = client.call(
        "cvm",
        "RunInstances",
        {
            "Placement": {"Zone": "ap-guangzhou-3"},
            "ImageId": image_id,
            "InstanceType": "S5.MEDIUM4",
            "InstanceCount": 2,
            "LoginSettings": {"KeepImageLogin": "TRUE"},
        },
    )["InstanceIdSet"]
    asked = {"InstanceIds": launched}
    wait_for({"RUNNING"}, lambda: instance_states(client, asked))
    client.call("cvm", "TerminateInstances", asked)
    wait_for(set(), lambda: instance_states(client, asked))

    client.call("cvm", "DeleteImages", {"ImageIds": [image_id], "DeleteBindedSnap": True})
    wait_for("", lambda: state(client, image_id))


def test_snapshots_and_agents(client: Client) -> None:
    overview = client.call("cbs", "DescribeSnapshotOverview", {})
    assert overview["TotalSize"] > 0
    agents = client.call("tat", "DescribeAutomationAgentStatus", {"Limit": 100})
    online = {a["InstanceId"]: a["AgentStatus"] for a in agents["AutomationAgentSet"]}
    assert online["ins-web00001"] == "Online"


def test_an_error_has_the_code(client: Client) -> None:
    with pytest.raises(Refused) as refused:
        client.call("cvm", "CreateImage", {"InstanceId": "ins-nothere0", "ImageName": "x"})
    assert refused.value.code == "InvalidInstanceId.NotFound"
