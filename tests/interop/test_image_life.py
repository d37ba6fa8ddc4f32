"""The life of an image, as each of the official clients sees it."""

from __future__ import annotations

from typing import Any

import pytest

from cvmimg.sandbox import NEIGHBOUR
from tests.interop.clients import Client, Refused

pytestmark = pytest.mark.interop

ANOTHER = "ap-beijing"


def image(client: Client, image_id: str, region: str = "ap-guangzhou") -> dict[str, Any]:
    found = client.call("cvm", "DescribeImages", {"ImageIds": [image_id]}, region)["ImageSet"]
    assert len(found) == 1
    answer: dict[str, Any] = found[0]
    return answer


def test_list_create_copy_share_launch_and_delete(client: Client) -> None:
    private = {"Filters": [{"Name": "image-type", "Values": ["PRIVATE_IMAGE"]}], "Limit": 100}
    names = [i["ImageName"] for i in client.call("cvm", "DescribeImages", private)["ImageSet"]]
    assert sorted(names) == ["base-v1", "web-v1"]

    asked = {"InstanceId": "ins-web00001", "ImageName": "web-v2"}
    image_id = client.call("cvm", "CreateImage", asked)["ImageId"]
    assert image(client, image_id)["ImageState"] == "NORMAL"

    copies = client.call(
        "cvm",
        "SyncImages",
        {"ImageIds": [image_id], "DestinationRegions": [ANOTHER], "ImageSetRequired": True},
    )["ImageSet"]
    assert [copy["Region"] for copy in copies] == [ANOTHER]
    assert image(client, copies[0]["ImageId"], ANOTHER)["ImageState"] == "NORMAL"

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
    states = client.call("cvm", "DescribeInstances", asked)["InstanceSet"]
    assert [instance["InstanceState"] for instance in states] == ["RUNNING", "RUNNING"]
    client.call("cvm", "TerminateInstances", asked)

    client.call("cvm", "DeleteImages", {"ImageIds": [image_id], "DeleteBindedSnap": True})
    assert client.call("cvm", "DescribeImages", {"ImageIds": [image_id]})["ImageSet"] in ([], None)


def test_snapshots_and_agents(client: Client) -> None:
    overview = client.call("cbs", "DescribeSnapshotOverview", {})
    assert overview["TotalSize"] > 0
    agents = client.call("tat", "DescribeAutomationAgentStatus", {"Limit": 100})
    online = {a["InstanceId"]: a["AgentStatus"] for a in agents["AutomationAgentSet"]}
    assert online["ins-web00001"] == "Online"


def test_a_refusal_carries_the_code(client: Client) -> None:
    with pytest.raises(Refused) as refused:
        client.call("cvm", "CreateImage", {"InstanceId": "ins-nothere0", "ImageName": "x"})
    assert refused.value.code == "InvalidInstanceId.NotFound"
