"""Files that are whole or as they were before."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cvmimg.durable.journal.atomic_file import remove_durably, write_durably


def test_a_file_is_replaced_in_one_piece_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, "old")
    write_durably(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["file"]


def test_a_failure_leaves_the_old_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_durably(path, "old")

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_durably(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


def test_the_content_is_on_the_disk_before_the_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    real = os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: order.append("sync"))
    monkeypatch.setattr(os, "replace", lambda *names: (order.append("replace"), real(*names)))
    write_durably(tmp_path / "file", "text")
    assert order == ["sync", "replace", "sync"]


def test_removing_what_is_gone_is_no_error(tmp_path: Path) -> None:
    remove_durably(tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_threads_that_write_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    texts = [str(number) * 10_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_durably(path, text), texts * 4))
    assert path.read_text() in texts
    assert os.listdir(tmp_path) == ["file"]
