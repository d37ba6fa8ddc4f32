"""Reading what the API answers: tolerant of what real answers do, strict about types."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from cvmimg.cloud.api_model import Unreadable
from cvmimg.cloud.models import Image, Instance, Snapshot, Tag

ID = {"ImageId": "img-12345678"}
SUMMER = datetime(2024, 7, 1, 4, 30, tzinfo=timezone.utc)


def test_fields_are_read_by_their_names_on_the_wire() -> None:
    instance = Instance(
        {
            "InstanceId": "ins-12345678",
            "CPU": 4,
            "OsName": "Windows Server 2022",
            "SystemDisk": {"DiskId": "disk-12345678", "DiskSize": 50},
            "DataDisks": [{"DiskId": "disk-87654321", "Encrypt": True}],
            "LoginSettings": {"KeyIds": ["skey-1", "skey-2"]},
        }
    )

    assert (instance.instance_id, instance.cpu, instance.is_windows) == ("ins-12345678", 4, True)
    assert (instance.system_disk.disk_id, instance.system_disk.disk_size) == ("disk-12345678", 50)
    assert [disk.encrypt for disk in instance.data_disks] == [True]
    assert instance.login_settings.key_ids == ("skey-1", "skey-2")


def test_missing_and_null_fields_become_defaults_and_unknown_ones_are_ignored() -> None:
    image = Image({**ID, "ImageSize": None, "SnapshotSet": None, "_Undocumented": {"x": 1}})

    assert (image.image_size, image.snapshot_set, image.tags) == (0, (), ())
    assert (image.created_time, image.progress) == (None, None)


@pytest.mark.parametrize("key", ["Key", "TagKey", "tagKey", "key"])
def test_all_spellings_of_a_tag_are_read(key: str) -> None:
    assert Tag({key: "team"}).key == "team"


@pytest.mark.parametrize(
    ("field", "said", "attribute", "read"),
    [
        ("ImageSize", "50", "image_size", 50),
        ("ImageSize", 50.0, "image_size", 50),
        ("ImageName", 7, "image_name", "7"),
        ("ImageDeprecated", "TRUE", "image_deprecated", True),
        ("ImageDeprecated", 1, "image_deprecated", True),
        ("ImageDeprecated", "false", "image_deprecated", False),
        ("CreatePercent", 0, "create_percent", 0),
    ],
)
def test_a_value_that_can_only_mean_one_thing_is_taken(
    field: str, said: Any, attribute: str, read: Any
) -> None:
    taken = getattr(Image({**ID, field: said}), attribute)

    assert (type(taken), taken) == (type(read), read)


@pytest.mark.parametrize(
    "said", ["2024-07-01T04:30:00Z", "2024-07-01T04:30:00+00:00", "2024-07-01T12:30:00+08:00"]
)
def test_a_time_is_shown_in_utc(said: str) -> None:
    assert Image({**ID, "CreatedTime": said}).created_time == SUMMER


def test_cbs_returns_china_time_without_saying_so() -> None:
    snapshot = Snapshot({"SnapshotId": "snap-12345678", "CreateTime": "2024-07-01 12:30:00"})

    assert snapshot.create_time == SUMMER
    assert str(snapshot.create_time) == "2024-07-01 04:30:00+00:00"


def test_a_blank_time_is_read_as_none() -> None:
    assert Image({**ID, "CreatedTime": ""}).created_time is None


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({}, "ImageId"),
        ({"ImageId": ["img-12345678"]}, "ImageId"),
        ({**ID, "ImageSize": "large"}, "ImageSize"),
        ({**ID, "ImageSize": 1.5}, "ImageSize"),
        ({**ID, "ImageSize": []}, "ImageSize"),
        ({**ID, "ImageDeprecated": "perhaps"}, "ImageDeprecated"),
        ({**ID, "CreatedTime": "yesterday"}, "CreatedTime"),
        ({**ID, "SnapshotSet": {"SnapshotId": "snap-12345678"}}, "SnapshotSet"),
        ({**ID, "SnapshotSet": [{"DiskSize": "big"}]}, "SnapshotSet.DiskSize"),
        ({**ID, "Tags": ["team"]}, "Tags.Tag"),
        ("img-12345678", "Image"),
    ],
)
def test_an_answer_of_other_types_names_the_field(answer: Any, field: str) -> None:
    with pytest.raises(Unreadable, match=f"^{field} is unreadable$"):
        Image(answer)


def test_what_the_api_said_is_compared_by_value_and_cannot_be_set() -> None:
    image = Image(ID)

    assert image == Image(ID)
    assert {image: 1}[Image(ID)] == 1
    assert image != Image({"ImageId": "img-87654321"})
    with pytest.raises(AttributeError, match="read-only"):
        image.image_id = "img-87654321"
