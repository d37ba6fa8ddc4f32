"""Recordings of the service are replayed: what was recorded overrules what was described."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract.recordings import (
    FOLDER,
    Recording,
    against_the_description,
    against_the_sandbox,
    load,
)

IMAGE = {"ImageId": "img-00000001", "ImageSize": 50, "Tags": [{"Key": "text-1"}], "Gone": None}
ANSWER: dict[str, Any] = {"TotalCount": 1, "ImageSet": [IMAGE], "RequestId": "0"}


def recorded(**changes: Any) -> Recording:
    """A recording of one image with some fields changed; None leaves one out."""
    image = {name: value for name, value in {**IMAGE, **changes}.items() if value != "left out"}
    return Recording("run", "cvm", "DescribeImages", ({**ANSWER, "ImageSet": [image]},))


def test_equal_answers_do_not_differ() -> None:
    assert against_the_sandbox(recorded(), recorded()) == []


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"New": "x"}, "DescribeImages.ImageSet[].New is not answered by the sandbox"),
        (
            {"ImageSize": "left out"},
            "DescribeImages.ImageSet[].ImageSize is answered by the sandbox alone",
        ),
        (
            {"ImageSize": "50"},
            "DescribeImages.ImageSet[].ImageSize is str, in the sandbox int",
        ),
    ],
)
def test_what_differs_is_named(changes: dict[str, Any], difference: str) -> None:
    assert against_the_sandbox(recorded(**changes), recorded()) == [difference]


def test_null_and_empty_lists_say_nothing_about_types() -> None:
    assert against_the_sandbox(recorded(ImageSize=None, Tags=[]), recorded()) == []
    assert against_the_sandbox(recorded(Gone="now"), recorded()) == []


def test_an_action_that_the_sandbox_was_not_asked_for_is_named() -> None:
    assert against_the_sandbox(recorded(), None) == ["DescribeImages was not called"]


def test_an_undescribed_field_is_named_until_it_is_listed_as_recorded() -> None:
    assert "DescribeImages.ImageSet[].New does not exist" in against_the_description(
        recorded(New="x")
    )


def test_recordings_are_read_by_run_and_action(tmp_path: Path) -> None:
    run = tmp_path / "2026-12-01-ap-guangzhou"
    run.mkdir()
    answers = [{"Response": ANSWER}, {"Response": {"Error": {"Code": "X"}, "RequestId": "1"}}]
    (run / "cvm.DescribeImages.json").write_text(json.dumps(answers))
    (recording,) = load(tmp_path)
    assert (recording.name, recording.service) == ("2026-12-01-ap-guangzhou", "cvm")
    assert recording.successes == [ANSWER]
    assert replace(recording, name="run", answers=(ANSWER,)) == recorded()


RUNS = load(FOLDER)


@pytest.mark.parametrize("recording", RUNS, ids=lambda one: f"{one.name}-{one.action}")
def test_the_description_allows_what_was_recorded(recording: Recording) -> None:
    assert against_the_description(recording) == []
