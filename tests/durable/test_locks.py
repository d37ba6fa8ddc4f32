"""Locks between processes: held by one, and freed when it ends, however it ends."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from cvmimg.durable.locks import Locks, instance_lock

HOLD = """
import sys
from contextlib import ExitStack
from pathlib import Path
from cvmimg.durable.locks import Locks
with ExitStack() as held:
    print(Locks(Path(sys.argv[1])).acquire("op-1", held), flush=True)
    sys.stdin.read()
"""


@contextmanager
def process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock "op-1" until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "True"
        yield holder


def test_a_lock_is_held_until_the_context_ends(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "locks")
    with ExitStack() as held:
        assert locks.acquire("op-1", held)
        assert locks.is_held("op-1")
    assert not locks.is_held("op-1")


def test_two_holders_exclude_each_other_and_other_names_are_free(tmp_path: Path) -> None:
    with ExitStack() as held, ExitStack() as other:
        assert Locks(tmp_path).acquire("op-1", held)
        assert not Locks(tmp_path).acquire("op-1", other)
        assert Locks(tmp_path).acquire("op-2", other)


@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_a_lock_ends_with_its_process(tmp_path: Path, how: str) -> None:
    locks = Locks(tmp_path)
    with process(tmp_path) as holder, ExitStack() as held:
        assert locks.is_held("op-1")
        assert not locks.acquire("op-1", held)
        if how == "is killed":
            holder.kill()
        else:
            holder.communicate("")
        holder.wait()
        assert locks.acquire("op-1", held)


def test_of_many_threads_one_gets_the_lock(tmp_path: Path) -> None:
    with ExitStack() as held, ThreadPoolExecutor(8) as pool:
        stacks = [held.enter_context(ExitStack()) for _ in range(8)]
        got = list(pool.map(lambda stack: Locks(tmp_path).acquire("op-1", stack), stacks))
        assert sorted(got) == [False] * 7 + [True]


def test_asking_whether_a_lock_is_held_neither_takes_nor_makes_it(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "locks")
    assert not locks.is_held("op-1")
    assert not (tmp_path / "locks").exists()
    with ExitStack() as held:
        assert locks.acquire("op-1", held)
        assert locks.is_held("op-1")
        assert locks.is_held("op-1")


def test_lock_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    with ExitStack() as held:
        Locks(folder).acquire("op-1", held)
        (path,) = folder.iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_lock_in_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("a file")
    with ExitStack() as held, pytest.raises(FileExistsError):
        Locks(tmp_path / "locks").acquire("op-1", held)


def test_a_removed_lock_can_be_taken_again(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    with ExitStack() as held:
        locks.acquire("op-1", held)
        locks.remove("op-1")
    locks.remove("op-1")
    with ExitStack() as held:
        assert locks.acquire("op-1", held)


def test_instances_of_the_same_id_in_two_clouds_have_two_locks() -> None:
    names = {instance_lock(cloud, "ins-web00001") for cloud in ("tencentcloud", "sandbox", "a/b")}
    assert len(names) == 3
    assert all("/" not in name and name.startswith("ins-web00001") for name in names)
