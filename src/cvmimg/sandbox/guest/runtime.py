"""The insides of simulated instances: the tool's own scripts really run there, nothing else does.

A simulated cloud must not become a way to run commands on somebody's machine. So a script runs
only if its text, placeholders included, has a digest that whoever started the sandbox handed in;
its parameters are words without any character that a shell minds; its shell has the guest's few
programs as PATH and no other environment; and the guest's folder holds no link that leads out.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from cvmimg.sandbox.guest import boot, root_folder
from cvmimg.sandbox.guest.root_folder import Machine

MOST_OUTPUT = 24 * 1024
"""Bytes of output that an answer holds; the rest is dropped."""

_PLACEHOLDER = re.compile(r"\{\{([A-Za-z0-9_-]{1,64})\}\}")
_SAFE = re.compile(r"[A-Za-z0-9+/=,.:_-]{0,16000}")
_INSTANCE = re.compile(r"[a-z0-9-]{1,40}")


class NotAllowed(Exception):
    """The command is none of those that a simulated guest runs; says why."""


@dataclass(frozen=True)
class Ran:
    """How a script ended.

    Attributes:
        exit_code: of the script.
        output: what it printed, up to ``MOST_OUTPUT`` bytes.
        dropped: how many bytes more it printed.
        timed_out: whether it was ended for running too long.
    """

    exit_code: int
    output: bytes
    dropped: int = 0
    timed_out: bool = False


class Runtime:
    """The simulated guests of one sandbox.

    Args:
        folder: where their root folders are kept.
        allowed: SHA-256 digests (hexadecimal) of the scripts that may run.
    """

    def __init__(self, folder: Path, allowed: Collection[str]) -> None:
        self._folder = Path(os.path.realpath(folder))
        self._allowed = frozenset(allowed)

    def run(
        self, machine: Machine, script: bytes, parameters: Mapping[str, str], timeout_seconds: int
    ) -> Ran:
        """Run ``script`` as the agent would.

        Args:
            machine: the instance.
            script: its text, placeholders included.
            parameters: the values of the placeholders.
            timeout_seconds: in real time.

        Raises:
            NotAllowed: the script or a parameter is not one that may run.
        """
        text = self._checked(script, parameters)
        with self._lock(machine):
            root = self._ensure(machine)
            escaped = next(root_folder.escapes(root), None)
            if escaped is not None:
                raise NotAllowed(f"the link {escaped} leads out of the simulated guest")
            return self._execute(text, root, timeout_seconds)

    def boots(self, machine: Machine) -> bool:
        """Whether its last boot came up, or hangs because fstab names what is not there."""
        with self._lock(machine):
            return not self._boot_problems(self._ensure(machine))

    def fstab(self, machine: Machine) -> str:
        """Its /etc/fstab as it is now: what an image of it would hold."""
        try:
            content = (self.root(machine.instance_id) / "etc/fstab").read_bytes()
        except FileNotFoundError:
            return machine.fstab
        return content.decode("utf-8", "surrogateescape")

    def root(self, instance_id: str) -> Path:
        """The root folder of an instance, which may not exist yet."""
        if not _INSTANCE.fullmatch(instance_id):
            raise ValueError(f"{instance_id!r} is not the id of an instance")
        return self._folder / instance_id / "root"

    def reset(self) -> None:
        """Forget all guests."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _checked(self, script: bytes, parameters: Mapping[str, str]) -> str:
        if hashlib.sha256(script).hexdigest() not in self._allowed:
            raise NotAllowed("this simulated instance runs no commands but the tool's own scripts")
        for name, value in parameters.items():
            if not _SAFE.fullmatch(value):
                raise NotAllowed(f"the parameter {name} holds characters that a shell might mind")
        return _PLACEHOLDER.sub(
            lambda match: parameters.get(match[1], match[0]), script.decode("utf-8")
        )

    def _ensure(self, machine: Machine) -> Path:
        """The guest's root folder, booted as the machine is."""
        root = self.root(machine.instance_id)
        if not root.exists():
            root_folder.make_tools(self._tools)
            root_folder.make_root(root, machine.fstab)
        told = repr((machine.boot, machine.disks))
        if self._boot_record(root).get("told") != told:
            root_folder.show_devices(root, machine.disks)
            problems = boot.boot(root)
            record = {"told": told, "problems": problems}
            self._boot_path(root).write_text(json.dumps(record))
        return root

    def _boot_problems(self, root: Path) -> list[str]:
        problems: list[str] = self._boot_record(root)["problems"]
        return problems

    def _boot_record(self, root: Path) -> dict[str, Any]:
        try:
            record: dict[str, Any] = json.loads(self._boot_path(root).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return record

    def _boot_path(self, root: Path) -> Path:
        return root.parent / "boot.json"

    def _lock(self, machine: Machine) -> FileLock:
        """Keeps other threads and processes out of the guest."""
        path = self.root(machine.instance_id).parent
        path.mkdir(parents=True, exist_ok=True)
        return FileLock(path / "lock")

    @property
    def _tools(self) -> Path:
        return self._folder / "bin"

    def _execute(self, text: str, root: Path, timeout_seconds: int) -> Ran:
        with tempfile.TemporaryFile() as script:
            script.write(text.encode())
            script.seek(0)
            process = subprocess.Popen(
                [self._tools / "sh", "-s"],
                cwd=root,
                env={"PATH": str(self._tools), "CVMIMG_GUEST_ROOT": str(root), "LC_ALL": "C"},
                stdin=script,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        timed_out = False
        try:
            output, _ = process.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            timed_out = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
        shown = output[:MOST_OUTPUT]
        return Ran(process.returncode, shown, len(output) - len(shown), timed_out)
