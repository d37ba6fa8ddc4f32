"""The lock of a file: between threads and processes, with or without patience."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cvmimg.file_lock import file_lock


def test_a_held_lock_is_refused_at_once_or_after_the_timeout(tmp_path: Path) -> None:
    with file_lock(tmp_path / "lock"):
        for timeout in (0, 0.02):
            with pytest.raises(TimeoutError), file_lock(tmp_path / "lock", timeout=timeout):
                pass
    with file_lock(tmp_path / "lock", timeout=0):
        pass


@pytest.mark.parametrize("timeout", [None, 60])
def test_who_waits_gets_the_lock_when_it_is_free(tmp_path: Path, timeout: float | None) -> None:
    order: list[str] = []
    waiting = threading.Event()

    def wait() -> None:
        waiting.set()
        with file_lock(tmp_path / "lock", timeout=timeout):
            order.append("second")

    with ThreadPoolExecutor(1) as pool:
        with file_lock(tmp_path / "lock"):
            second = pool.submit(wait)
            waiting.wait()
            order.append("first")
        second.result()
    assert order == ["first", "second"]


def test_a_lock_whose_file_is_removed_is_not_shared(tmp_path: Path) -> None:
    """Of many who take turns and remove the file, never two are inside together."""
    inside: list[int] = []

    def turn(number: int) -> int:
        with file_lock(tmp_path / "lock"):
            inside.append(number)
            together = len(inside)
            inside.remove(number)
            (tmp_path / "lock").unlink()
        return together

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(turn, range(400))) == {1}


def test_a_child_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "import sys; print('started', flush=True); sys.stdin.read()"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with file_lock(tmp_path / "lock"):
        child = subprocess.Popen(program, close_fds=False, **pipes)
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"started\n"
        with file_lock(tmp_path / "lock", timeout=0):
            assert child.poll() is None
        child.communicate()


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    os.symlink(tmp_path / "elsewhere", tmp_path / "lock")
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)), file_lock(tmp_path / "lock"):
        pass
    assert not (tmp_path / "elsewhere").exists()
