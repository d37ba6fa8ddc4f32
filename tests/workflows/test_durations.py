"""Experience of how long things take."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cvmimg.workflows.durations import Durations


def test_a_larger_disk_is_expected_to_take_longer(tmp_path: Path) -> None:
    known = Durations(tmp_path, "cloud")
    assert known.expected("image", 50) is None
    known.add("image", 50, 600)
    assert known.expected("image", 50) == pytest.approx(600)
    assert known.expected("image", 500) == pytest.approx(5100)


def test_an_outlier_does_not_spoil_the_estimate(tmp_path: Path) -> None:
    known = Durations(tmp_path, "cloud")
    for seconds in (600, 620, 9000, 610, 590):
        known.add("image", 50, seconds)
    assert known.expected("image", 50) == pytest.approx(610)


def test_places_and_kinds_do_not_mix(tmp_path: Path) -> None:
    Durations(tmp_path, "sandbox").add("image", 50, 12)
    assert Durations(tmp_path, "cloud").expected("image", 50) is None
    assert Durations(tmp_path, "sandbox").expected("snapshot", 50) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"image cloud": 3}',
        '{"image cloud": [[1]]}',
        '{"image cloud": [[50, NaN]]}',
        '{"image cloud": [[-10, 600]]}',
        '{"image cloud": [[50, 1e999]]}',
        '{"image cloud": [[50, 1' + "0" * 400 + "]]}",
        "[" * 100_000,
        "\x00",
    ],
)
def test_a_damaged_file_is_no_experience_and_no_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "durations.json").write_text(text)
    known = Durations(tmp_path, "cloud")
    assert known.expected("image", 50) is None
    known.add("image", 50, 600)
    assert known.expected("image", 50) == pytest.approx(600)


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    known = Durations(tmp_path / "file" / "folder", "cloud")
    known.add("image", 50, 600)
    assert known.expected("image", 50) is None


def test_threads_do_not_lose_each_others_durations(tmp_path: Path) -> None:
    def add(number: int) -> None:
        Durations(tmp_path, "cloud").add(f"kind-{number}", 50, 600)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(16)))

    known = Durations(tmp_path, "cloud")
    assert [n for n in range(16) if known.expected(f"kind-{n}", 50) is None] == []
    assert list(tmp_path.glob(".*.tmp")) == []
