"""The insides of simulated instances as values: a script runs for real once, then from memory.

A guest's folder is kept as a mapping of paths to contents. What a script makes of a folder depends
on the folder, the script and its parameters alone, so a worker runs each combination once in the
sandbox's own runtime and remembers the folder that came of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from cvmimg.guest.script import digests, load
from cvmimg.sandbox.guest.runtime import Runtime, boot_signature
from cvmimg.sandbox.guest.system_disk import File

Tree = Mapping[str, tuple[int, bytes]]
"""Path, relative to the guest's folder → mode and content (the target of a link)."""

_MARKS, _LOG = "root/run/frozen/", "root/run/fsfreeze.log"
_FSTAB, _MOUNTS = "root/etc/fstab", "root/proc/self/mountinfo"
_BOOT_RECORD = "boot.json"
_CHANGEABLE = ("root/etc/", "root/.autorelabel", "root/attributes/")
_EXPIRE = load("freeze").text.replace(
    "main </dev/null\n", "is_in_force && end_freeze expired && record_end\nexit 0\n"
)
"""What the freeze script leaves behind to thaw by itself; over a folder it leaves nothing."""
_ALLOWED = {*digests(), hashlib.sha256(_EXPIRE.encode()).hexdigest()}


@dataclass(frozen=True)
class Freeze:
    """A frozen file system: which freeze of its guest it was, and when it thaws by itself."""

    number: int
    thaws_at: float


class SimulatedGuests(Runtime):
    """The guests of one simulated world.

    Args:
        now: the virtual time.

    Attributes:
        freezes: by instance and mount point, the file systems that are frozen.
        changed: the instances that a script has changed or frozen; for the caller to clear.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(_scratch(), _ALLOWED)
        self._now = now
        self._trees: dict[str, int] = {}
        self._boots: dict[str, list[str]] = {}
        self.freezes: dict[str, dict[str, Freeze]] = {}
        self.changed: set[str] = set()
        self._expiries: dict[str, tuple[Any, Mapping[str, str], float]] = {}
        self._freezes_made = 0

    def run(
        self, machine: Any, script: bytes, parameters: Mapping[str, str], timeout_seconds: int
    ) -> Any:
        self._boot(machine)
        identifier = machine.instance_id
        self._expire(identifier)
        before, log = self._marks(identifier), self._log(identifier)
        files = self.files(identifier)
        ran = self._run(self._alike(machine), script, parameters, timeout_seconds)
        if self.files(identifier) != files:
            self.changed.add(identifier)
        frozen = self._marks(identifier)
        known = self.freezes.get(identifier, {})
        self.freezes[identifier] = {target: known[target] for target in known if target in frozen}
        calls = self._log(identifier)[len(log) :]
        new = {
            target
            for target in frozen
            if target not in before or any(c.startswith("--unfreeze") for c in calls)
        }
        if "seconds" in parameters and new:
            self.changed.add(identifier)
            self._note_freeze(machine, parameters, new)
        return ran

    def _run(
        self, machine: Any, script: bytes, parameters: Mapping[str, str], timeout_seconds: int
    ) -> Any:
        return self._from_memory(
            machine.instance_id,
            (script, tuple(sorted(parameters.items())), machine),
            lambda: super(SimulatedGuests, self).run(machine, script, parameters, timeout_seconds),
        )

    def boots(self, machine: Any) -> bool:
        self._boot(machine)
        alike = self._alike(machine)
        record = json.loads(self.file(machine.instance_id, _BOOT_RECORD) or b"{}")
        if record.get("machine") == boot_signature(alike):
            return not record["problems"]
        up: bool = self._from_memory(
            machine.instance_id,
            ("boots", alike),
            lambda: super(SimulatedGuests, self).boots(alike),
        )
        return up

    def fstab(self, machine: Any) -> str:
        found = self.file(machine.instance_id, _FSTAB)
        return str(machine.fstab) if found is None else found.decode("utf-8", "surrogateescape")

    def _files(self, instance_id: str) -> dict[str, File]:
        number = self._trees.get(instance_id, 0)
        if number not in _SYSTEM_DISKS:
            self._lay_out(instance_id, number)
            _SYSTEM_DISKS[number] = super()._files(instance_id)
            _LAID_OUT[instance_id] = number
        return _SYSTEM_DISKS[number]

    def reset(self) -> None:
        raise NotImplementedError("a simulated world is not reset")

    def file(self, instance_id: str, path: str) -> bytes | None:
        """A file of a guest, or None if nobody has looked into the guest yet."""
        entry = self.tree(instance_id).get(path)
        return None if entry is None else entry[1]

    def tree(self, instance_id: str) -> Tree:
        """All files of a guest; empty if nobody has looked into it yet."""
        return _TREES[self._trees.get(instance_id, 0)]

    def mounts(self, instance_id: str) -> frozenset[str] | None:
        """The mount points in a guest, or None if nobody has looked into it yet."""
        return _mounts_of(self._trees.get(instance_id, 0))

    def files(self, instance_id: str) -> Mapping[str, bytes]:
        """What the tool may change in a guest, by path; empty if nobody has looked into it yet."""
        return _files_of(self._trees.get(instance_id, 0))

    def frozen(self, instance_id: str) -> dict[str, Freeze]:
        """The file systems of a guest that are frozen now, by mount point."""
        self._expire(instance_id)
        return dict(self.freezes.get(instance_id, {}))

    def _boot(self, machine: Any) -> None:
        """Have the guest in the state after its last boot."""
        identifier = machine.instance_id
        seen = self._boots.setdefault(identifier, [])
        if machine.boot in seen:
            return
        seen.append(machine.boot)
        self.freezes.pop(identifier, None)
        self._expiries.pop(identifier, None)
        self.boots(machine)

    def _alike(self, machine: Any) -> Any:
        """The machine with its boots numbered, so that the same story is the same in all runs."""
        number = self._boots[machine.instance_id].index(machine.boot)
        return replace(machine, boot=f"boot {number}")

    def _from_memory(self, identifier: str, what: Any, work: Callable[[], Any]) -> Any:
        before = self._trees.get(identifier, 0)
        key = (before, what)
        if key not in _MEMORY:
            self._lay_out(identifier, before)
            result = work()
            after = _LAID_OUT[identifier] = _numbered(read_tree(self.root(identifier).parent))
            _MEMORY[key] = (result, after)
        result, self._trees[identifier] = _MEMORY[key]
        return result

    def _lay_out(self, identifier: str, number: int) -> None:
        """Have the files of a tree in a guest's folder, for work that may change them."""
        if _LAID_OUT.pop(identifier, None) != number:
            _write_tree(self.root(identifier).parent, _TREES[number])

    def _marks(self, identifier: str) -> set[str]:
        """The mount points that the guest has as frozen; a mark is named after the whole path."""
        folder = str(self.root(identifier)).replace("/", "-")
        return {
            path.removeprefix(_MARKS + folder).replace("-", "/")
            for path in self.tree(identifier)
            if path.startswith(_MARKS) and not path.endswith("/.")
        }

    def _log(self, identifier: str) -> list[str]:
        """How the guest's fsfreeze was called."""
        return (self.file(identifier, _LOG) or b"").decode().splitlines()

    def _note_freeze(self, machine: Any, parameters: Mapping[str, str], new: set[str]) -> None:
        self._freezes_made += 1
        thaws_at = self._now() + float(parameters["seconds"])
        self._expiries[machine.instance_id] = (machine, parameters, thaws_at)
        known = self.freezes.setdefault(machine.instance_id, {})
        for target in new:
            known[target] = Freeze(self._freezes_made, thaws_at)

    def _expire(self, identifier: str) -> None:
        """Let a freeze thaw by itself when its time is over."""
        machine, parameters, thaws_at = self._expiries.get(identifier, (None, {}, float("inf")))
        if thaws_at > self._now():
            return
        del self._expiries[identifier]
        self._run(self._alike(machine), _EXPIRE.encode(), parameters, 60)
        left = self._marks(identifier)
        known = self.freezes.get(identifier, {})
        self.freezes[identifier] = {target: known[target] for target in known if target in left}


@cache
def _scratch() -> Path:
    """Where scripts run for real that no run of this worker has needed before."""
    folder = tempfile.TemporaryDirectory(prefix="cvmimg-simulated-guests-")
    _KEPT.append(folder)
    return Path(folder.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []
_TREES: list[Tree] = [{}]
_NUMBERS: dict[frozenset[tuple[str, tuple[int, bytes]]], int] = {frozenset(): 0}
_MEMORY: dict[Any, tuple[Any, int]] = {}
_SYSTEM_DISKS: dict[int, dict[str, File]] = {0: {}}
_LAID_OUT: dict[str, int] = {}
"""By instance, the tree whose files its folder holds."""


def mounts_of(tree: Tree) -> frozenset[str] | None:
    """The mount points in a guest, or None if nobody has looked into it yet."""
    if _MOUNTS not in tree:
        return None
    lines = tree[_MOUNTS][1].decode().splitlines()
    return frozenset(line.split(" ")[4] for line in lines)


def files_of(tree: Tree) -> dict[str, bytes]:
    """Everything in a guest that the tool may change temporarily, by path."""
    return {
        path: content
        for path, (_, content) in tree.items()
        if path.startswith(_CHANGEABLE) and not path.endswith("/.")
    }


@cache
def _mounts_of(number: int) -> frozenset[str] | None:
    return mounts_of(_TREES[number])


@cache
def _files_of(number: int) -> Mapping[str, bytes]:
    return files_of(_TREES[number])


def _numbered(tree: Tree) -> int:
    """A number for a tree: the same for the same content, throughout this process."""
    key = frozenset(tree.items())
    if key not in _NUMBERS:
        _NUMBERS[key] = len(_TREES)
        _TREES.append(dict(tree))
    return _NUMBERS[key]


def read_tree(folder: Path) -> Tree:
    """All files in a guest's folder."""
    found: dict[str, tuple[int, bytes]] = {}
    for place, folders, files in os.walk(folder):
        if not folders and not files:
            found[f"{os.path.relpath(place, folder)}/."] = (0o755, b"")
        for name in (*folders, *files):
            path = os.path.join(place, name)
            relative = path[len(f"{folder}/") :]
            if os.path.islink(path):
                found[relative] = (0, os.readlink(path).encode())
            elif name in files and relative != "lock":
                found[relative] = (os.stat(path).st_mode & 0o777, Path(path).read_bytes())
    return found


def _write_tree(folder: Path, tree: Tree) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for parent in {folder, *((folder / relative).parent for relative in tree)}:
        parent.mkdir(parents=True, exist_ok=True)
    for relative, (mode, content) in tree.items():
        path = folder / relative
        if relative.endswith("/."):
            path.mkdir(exist_ok=True)
        elif mode == 0:
            path.symlink_to(content.decode())
        else:
            path.write_bytes(content)
            path.chmod(mode)
