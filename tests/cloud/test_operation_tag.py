"""The value of the tag on an instance that an operation changes temporarily."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from cvmimg.cloud.operation_tag import OperationTag

SINCE = datetime(2026, 11, 26, 23, 45, 1, 250000, tzinfo=timezone.utc)
TAG = OperationTag(
    "op-20261126-1a2b3c", ("fstab", "stop"), SINCE, "runner-1", "ubuntu", "https://ci.example/7/1"
)


def test_the_value_says_what_who_and_since_when() -> None:
    assert TAG.value == (
        "op-20261126-1a2b3c/fstab+stop/20261126T234501.250000Z/runner-1/ubuntu/https://ci.example/7/1"
    )


@pytest.mark.parametrize(
    "tag",
    [
        TAG,
        replace(TAG, host="", user="", run_url=""),
        replace(TAG, taken_over_by="op-20261127-ffffff"),
        replace(TAG, changes=("freeze",)),
    ],
)
def test_a_value_is_read_as_it_was_written(tag: OperationTag) -> None:
    assert OperationTag.parse(tag.value) == tag


def test_a_value_fits_into_a_tag_whatever_the_machine_is_called() -> None:
    tag = replace(TAG, host="höst/ä " * 30, user="me & you" * 10, run_url="https://x/?a=b&" * 40)

    assert len(tag.value) == 255
    assert re.fullmatch(r"[A-Za-z0-9+=._:/@-]+", tag.value)
    found = OperationTag.parse(tag.value)
    assert found is not None
    assert (found.operation_id, found.changes, found.since) == (
        TAG.operation_id,
        TAG.changes,
        SINCE,
    )


@pytest.mark.parametrize(
    "value",
    [
        "",
        "op-20261126-1a2b3c",
        "op-20261126-1a2b3c/stop/yesterday/host/user/",
        "op-20261126-1a2b3c/resize/20261126T234501.250000Z/host/user/",
        "OP/stop/20261126T234501.250000Z/host/user/",
    ],
)
def test_other_values_are_not_guessed(value: str) -> None:
    assert OperationTag.parse(value) is None


def test_the_operation_that_was_started_first_is_older() -> None:
    later = replace(TAG, operation_id="op-20261126-000000", since=SINCE.replace(second=2))
    twin = replace(TAG, operation_id="op-20261126-ffffff")

    assert TAG.age < twin.age < later.age
