"""What ``create`` refuses before it sends anything: the message names the option."""

from __future__ import annotations

from typing import Any

import pytest

from cvmimg.errors import UsageError
from cvmimg.workflows.create.request import CreateRequest

INSTANCE = "ins-web00001"
SNAPSHOT = "snap-12345678"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"name": ""}, "--name"),
        ({"name": "x" * 61}, "--name: 61"),
        ({"description": "x" * 257}, "--description"),
        ({"instance_id": ""}, "--instance"),
        ({"snapshot_ids": (SNAPSHOT,)}, "--instance"),
        ({"instance_id": "", "snapshot_ids": ("disk-12345678",)}, "--snapshot"),
        ({"data_disk_ids": ("data",)}, "--data-disk"),
        ({"stop": True, "online": True}, "--stop"),
        ({"force_stop": True, "online": True}, "--force-stop"),
        ({"instance_id": "", "snapshot_ids": (SNAPSHOT,), "stop": True}, "--snapshot"),
        ({"instance_id": "", "snapshot_ids": (SNAPSHOT,), "with_data_disks": True}, "--snapshot"),
        ({"with_data_disks": True, "data_disk_ids": ("disk-12345678",)}, "--with-data-disks"),
        ({"fix_fstab": True, "restart": False}, "--fix-fstab"),
        ({"timeout_seconds": 0.0}, "--timeout"),
        ({"tags": {"cvmimg-operation": "x"}}, "--tag"),
    ],
)
def test_a_request_that_cannot_be_right_names_the_option(
    options: dict[str, Any], named: str
) -> None:
    request = CreateRequest(**{"name": "web-v2", "instance_id": INSTANCE, **options})
    with pytest.raises(UsageError) as caught:
        request.require_valid()
    assert caught.value.message.startswith(named)


def test_the_api_request_holds_what_was_given_and_nothing_else() -> None:
    request = CreateRequest(name="web-v2", instance_id=INSTANCE, tags={"team": "a"}, sysprep=True)
    assert request.api_request("op-1", ("disk-1",)) == {
        "ImageName": "web-v2",
        "InstanceId": INSTANCE,
        "ForcePoweroff": "false",
        "Sysprep": "true",
        "DataDiskIds": ["disk-1"],
        "TagSpecification": [
            {
                "ResourceType": "image",
                "Tags": [
                    {"Key": "team", "Value": "a"},
                    {"Key": "cvmimg-operation", "Value": "op-1"},
                    {"Key": "cvmimg-source-instance", "Value": INSTANCE},
                ],
            }
        ],
    }


def test_without_own_tags_and_from_snapshots_the_api_request_is_bare() -> None:
    request = CreateRequest(name="web-v2", snapshot_ids=(SNAPSHOT,), own_tags=False)
    assert request.api_request("op-1", ()) == {"ImageName": "web-v2", "SnapshotIds": [SNAPSHOT]}
