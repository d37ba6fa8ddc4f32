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

    def replace(source: Path, target: Path) -> None:
        order.append("replace")
        real(source, target)

    monkeypatch.setattr(os, "fsync", lambda handle: order.append("sync"))
    monkeypatch.setattr(os, "replace", replace)
    write_durably(tmp_path / "file", "text")
    assert order == ["sync", "replace", "sync"]


def test_removing_what_is_gone_is_not_an_error(tmp_path: Path) -> None:
    remove_durably(tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_many_threads_write_one_file_and_it_is_always_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    texts = [letter * 20_000 for letter in "abcdefgh"]
    write_durably(path, texts[0])
    seen: set[str] = set()

    def write_and_read(text: str) -> None:
        for _ in range(10):
            write_durably(path, text)
            seen.add(path.read_text())

    with ThreadPoolExecutor(len(texts)) as pool:
        list(pool.map(write_and_read, texts))
    assert seen <= set(texts)
    assert os.listdir(tmp_path) == ["file"]


def test_a_draft_that_a_killed_process_left_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / ".file.1234.tmp").write_text("half")
    write_durably(tmp_path / "file", "whole")
    assert (tmp_path / "file").read_text() == "whole"


def test_the_encoding_does_not_depend_on_the_locale(tmp_path: Path) -> None:
    write_durably(tmp_path / "file", "naïve 镜像")
    assert (tmp_path / "file").read_bytes().decode() == "naïve 镜像"


def test_a_file_in_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_durably(tmp_path / "missing" / "file", "text")
