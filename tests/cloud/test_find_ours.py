"""What an operation created is found by its tag, and without one by name, time and source."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from cvmimg.cloud.client import Cloud
from cvmimg.cloud.find_ours import find_image, find_snapshots
from cvmimg.errors import CredentialsError
from tests.support.api import ScriptedApi

BEGUN = datetime(2026, 11, 26, 12, 0, tzinfo=timezone.utc)
OPERATION = "op-20261126-abcdef"
TAG = {"Key": "cvmimg-operation", "Value": OPERATION}
OTHER_TAG = {"Key": "cvmimg-operation", "Value": "op-20261126-000000"}


def image(name: str = "web", *, at: datetime = BEGUN, **more: Any) -> dict[str, Any]:
    created = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"ImageId": "img-00000001", "ImageName": name, "CreatedTime": created, **more}


def snapshot(disk_id: str, *, at: datetime = BEGUN, **more: Any) -> dict[str, Any]:
    china = at.astimezone(timezone(timedelta(hours=8))).strftime("%Y-%m-%d %H:%M:%S")
    snapshot_id = disk_id.replace("disk", "snap")
    return {"SnapshotId": snapshot_id, "DiskId": disk_id, "CreateTime": china, **more}


def find(cloud: Cloud, *disk_ids: str) -> str | None:
    found = find_image(cloud, OPERATION, "web", BEGUN, disk_ids)
    return found.image_id if found else None


def listed(api: ScriptedApi, *images: dict[str, Any]) -> None:
    api.answers("DescribeImages", ImageSet=list(images), TotalCount=len(images))


def test_a_tagged_image_is_found_under_any_name(api: ScriptedApi, cloud: Cloud) -> None:
    listed(api, image("renamed", Tags=[TAG]))
    assert find(cloud) == "img-00000001"
    assert {"Name": "tag:cvmimg-operation", "Values": [OPERATION]} in api.sent("DescribeImages")[0][
        "Filters"
    ]


@pytest.mark.parametrize(
    ("found", "ours"),
    [
        pytest.param(image(), True, id="the same name, just made"),
        pytest.param(image(at=BEGUN - timedelta(minutes=5)), True, id="within the clocks' skew"),
        pytest.param(image(at=BEGUN - timedelta(hours=1)), False, id="older than the operation"),
        pytest.param(image("web-2"), False, id="another name that contains ours"),
        pytest.param(image(Tags=[OTHER_TAG]), False, id="another operation's"),
        pytest.param(image(Tags=[TAG]), True, id="tagged by now"),
        pytest.param(image(CreatedTime=None), False, id="of unknown age"),
    ],
)
@pytest.mark.parametrize("tag_filter", ["unknown tag", "no match"])
def test_an_image_without_our_tag_is_recognized_by_name_and_time(
    api: ScriptedApi, cloud: Cloud, tag_filter: str, found: dict[str, Any], ours: bool
) -> None:
    if tag_filter == "unknown tag":
        api.refuses("DescribeImages", "InvalidParameterValue.TagKeyNotFound")
    else:
        listed(api)
    listed(api, found)
    assert (find(cloud) is not None) is ours


@pytest.mark.parametrize(("disk", "ours"), [("disk-00000001", True), ("disk-00000009", False)])
def test_an_image_of_other_disks_is_not_ours(
    api: ScriptedApi, cloud: Cloud, disk: str, ours: bool
) -> None:
    listed(api)
    listed(api, image(SnapshotSet=[{"SnapshotId": disk.replace("disk", "snap")}]))
    api.answers("DescribeSnapshots", SnapshotSet=[snapshot(disk)], TotalCount=1)
    assert (find(cloud, "disk-00000001") is not None) is ours


def test_a_refused_search_is_not_an_absence(api: ScriptedApi, cloud: Cloud) -> None:
    api.refuses("DescribeImages", "AuthFailure.TokenFailure")
    with pytest.raises(CredentialsError):
        find(cloud)


def test_snapshots_are_found_by_tag_and_late_ones_by_name_and_time(
    api: ScriptedApi, cloud: Cloud
) -> None:
    disks = [f"disk-0000000{number}" for number in range(1, 7)]
    tagged, late, old, foreign, other_name, recycled = (
        snapshot(disks[0], Tags=[TAG]),
        snapshot(disks[1], SnapshotName="backup-2"),
        snapshot(disks[2], SnapshotName="backup-3", at=BEGUN - timedelta(days=1)),
        snapshot(disks[3], SnapshotName="backup-4", Tags=[OTHER_TAG]),
        snapshot(disks[4], SnapshotName="nightly"),
        snapshot(disks[5], Tags=[TAG], SnapshotState="TORECYCLE"),
    )
    found = [tagged, late, old, foreign, other_name, recycled]
    api.answers("DescribeSnapshots", SnapshotSet=found, TotalCount=len(found))
    names = {disk: f"backup-{disk[-1]}" for disk in disks}

    by_tag = find_snapshots(cloud, OPERATION, disks[:5])
    by_name = find_snapshots(cloud, OPERATION, disks[:5], names=names, created_after=BEGUN)

    assert [one.disk_id for one in by_tag] == disks[:1]
    assert [one.disk_id for one in by_name] == disks[:2]


def test_no_disks_have_no_snapshots(api: ScriptedApi, cloud: Cloud) -> None:
    assert find_snapshots(cloud, OPERATION, []) == []
    assert api.requests == []
