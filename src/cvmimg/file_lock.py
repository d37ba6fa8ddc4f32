"""A lock between threads and processes of this machine; it ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.01


@contextmanager
def file_lock(path: Path, *, timeout: float | None = None) -> Iterator[None]:
    """Hold the lock of the file ``path``, which is created in an existing folder.

    The file stays; who holds the lock may remove it.

    Args:
        path: the lock's own file, not the file that it protects.
        timeout: how many seconds to wait for another holder; None waits as long as it takes.

    Raises:
        TimeoutError: another thread or process still holds it.
        OSError: the file cannot be created, or its file system has no locks.
    """
    handle = _locked(path, None if timeout is None else time.monotonic() + timeout)
    try:
        yield
    finally:
        os.close(handle)


def _locked(path: Path, deadline: float | None) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            _flock(handle, deadline)
            if _is_file(handle, path):
                return handle
        except BaseException:
            os.close(handle)
            raise
        # The holder before us removed the file: the next to come would lock another one.
        os.close(handle)


def _flock(handle: int, deadline: float | None) -> None:
    if deadline is None:
        fcntl.flock(handle, fcntl.LOCK_EX)
        return
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError from None
        else:
            return
        time.sleep(_POLL_SECONDS)


def _is_file(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False
