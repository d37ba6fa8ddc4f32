"""What ``create`` refuses before it sends anything: the message names the option."""

from __future__ import annotations

from typing import Any

import pytest

from cvmimg.errors import UsageError
from cvmimg.workflows.create.request import CreateRequest

INSTANCE = "ins-web00001"
SNAPSHOT = "snap-12345678"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"name": ""}, "ImageNameMissing"),
        ({"name": "x" * 61}, "TextTooLong"),
        ({"description": "x" * 257}, "TextTooLong"),
        ({"instance_id": ""}, "SourceMissing"),
        ({"snapshot_ids": (SNAPSHOT,)}, "SourceTwice"),
        ({"instance_id": "", "snapshot_ids": ("disk-12345678",)}, "IdInvalid"),
        ({"data_disk_ids": ("data",)}, "IdInvalid"),
        ({"stop": True, "online": True}, "StopWithOnline"),
        ({"force_stop": True, "online": True}, "StopWithOnline"),
        (
            {"instance_id": "", "snapshot_ids": (SNAPSHOT,), "stop": True},
            "SnapshotsWithoutInstance",
        ),
        (
            {"instance_id": "", "snapshot_ids": (SNAPSHOT,), "with_data_disks": True},
            "SnapshotsWithDataDisks",
        ),
        ({"with_data_disks": True, "data_disk_ids": ("disk-12345678",)}, "AllAndSomeDataDisks"),
        ({"fix_fstab": True, "restart": False}, "FixWithoutRestart"),
        ({"timeout_seconds": 0.0}, "TimeoutTooShort"),
        ({"tags": {"cvmimg-operation": "x"}}, "TagKeyReserved"),
    ],
)
def test_a_request_that_cannot_be_right_is_refused(options: dict[str, Any], code: str) -> None:
    request = CreateRequest(**{"name": "web-v2", "instance_id": INSTANCE, **options})
    with pytest.raises(UsageError) as caught:
        request.require_valid()
    assert caught.value.code == code


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
