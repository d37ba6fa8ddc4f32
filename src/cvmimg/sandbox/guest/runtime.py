"""Runs scripts in simulated guests: only scripts that were allowed beforehand.

A simulated cloud must not become a way to run arbitrary commands on the host. A script runs only
if the digest of its text, placeholders included, was passed in when the sandbox was started; its
parameters contain no shell metacharacters; its shell has a PATH of a few programs and no other
environment; and no symbolic link leads out of the guest's folder.
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
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cvmimg.file_lock import file_lock
from cvmimg.sandbox.guest import root_folder, startup, system_disk, windows
from cvmimg.sandbox.guest.root_folder import Machine
from cvmimg.sandbox.guest.system_disk import Differences, File

MAX_OUTPUT = 24 * 1024
"""Bytes of output that are kept; the rest is dropped."""

_PLACEHOLDER = re.compile(r"\{\{([A-Za-z0-9_-]{1,64})\}\}")
_SAFE = re.compile(r"[A-Za-z0-9+/=,.:_-]{0,16000}")
_INSTANCE = re.compile(r"[a-z0-9-]{1,40}")


class NotAllowed(Exception):
    """A simulated guest does not run this command."""


@dataclass(frozen=True)
class ScriptResult:
    """The result of a script.

    Attributes:
        exit_code: of the script.
        output: what it printed, up to ``MAX_OUTPUT`` bytes.
        dropped: number of bytes cut off.
        timed_out: whether it was killed at its timeout.
    """

    exit_code: int
    output: bytes
    dropped: int = 0
    timed_out: bool = False


class Runtime:
    """The simulated guests of one sandbox.

    Args:
        folder: holds their root folders.
        allowed: SHA-256 digests (hexadecimal) of the scripts allowed to run.
    """

    def __init__(self, folder: Path, allowed: Collection[str]) -> None:
        self._folder = Path(os.path.realpath(folder))
        self._allowed = frozenset(allowed)

    def run(
        self, machine: Machine, script: bytes, parameters: Mapping[str, str], timeout_seconds: int
    ) -> ScriptResult:
        """Run ``script`` as the automation agent would.

        Args:
            machine: the guest.
            script: the text, placeholders included.
            parameters: the values of the placeholders.
            timeout_seconds: in real time.

        Raises:
            NotAllowed: the script or a parameter is not allowed.
        """
        text = self._checked(script, parameters)
        if machine.windows:
            return ScriptResult(0, windows.answer())
        with self._lock(machine):
            root = self._ensure(machine)
            escaped = next(root_folder.escapes(root), None)
            if escaped is not None:
                raise NotAllowed(f"the symbolic link {escaped} leads out of the simulated guest")
            return self._execute(machine, text, timeout_seconds)

    def boots(self, machine: Machine) -> bool:
        """Return whether the last boot succeeded: its own files do not prevent it."""
        if machine.boot_fails or machine.windows:
            return not machine.boot_fails
        root = self.root(machine.instance_id)
        record = self._boot_record(root)
        if record.get("machine") != boot_signature(machine):
            with self._lock(machine):
                record = self._boot_record(self._ensure(machine))
        return not record["problems"]

    def fstab(self, machine: Machine) -> str:
        """Return its current /etc/fstab."""
        try:
            content = (self.root(machine.instance_id) / "etc/fstab").read_bytes()
        except FileNotFoundError:
            return machine.fstab
        return content.decode("utf-8", "surrogateescape")

    def differences(self, machine: Machine) -> Differences:
        """Return how its system disk differs from a fresh installation now."""
        files = self._files(machine.instance_id)
        return system_disk.differences(files) if files else machine.files

    def _files(self, instance_id: str) -> dict[str, File]:
        """Return the files on a system disk; none if the guest has never run."""
        root = self.root(instance_id)
        return system_disk.read(root) if root.exists() else {}

    def root(self, instance_id: str) -> Path:
        """Return the root folder of an instance; it may not exist yet."""
        if not _INSTANCE.fullmatch(instance_id):
            raise ValueError(f"{instance_id!r} is not an instance id")
        return self._folder / instance_id / "root"

    def reset(self) -> None:
        """Delete all guests; wait for scripts that are running."""
        if not self._folder.exists():
            return
        for folder in self._folder.iterdir():
            if folder != self._tools:
                self.discard(folder.name)

    def discard(self, instance_id: str) -> None:
        """Delete a guest; wait for its running script."""
        root = self.root(instance_id)
        if root.parent.exists():
            with file_lock(root.parent / "lock"):
                shutil.rmtree(root, ignore_errors=True)
                self._boot_path(root).unlink(missing_ok=True)

    def _checked(self, script: bytes, parameters: Mapping[str, str]) -> str:
        if hashlib.sha256(script).hexdigest() not in self._allowed:
            raise NotAllowed("simulated instances run only the scripts built into cvmimg")
        for name, value in parameters.items():
            if not _SAFE.fullmatch(value):
                raise NotAllowed(f"the parameter {name} contains shell metacharacters")
        return _PLACEHOLDER.sub(
            lambda match: parameters.get(match[1], match[0]), script.decode("utf-8")
        )

    def _ensure(self, machine: Machine) -> Path:
        """Return the guest's root folder, booted if ``machine`` has been restarted."""
        root = self.root(machine.instance_id)
        if not root.exists():
            root_folder.make_tools(self._tools)
            root_folder.make_root(root, machine)
        signature = boot_signature(machine)
        if self._boot_record(root).get("machine") != signature:
            root_folder.show_devices(root, machine.disks)
            problems = startup.start(root, machine)
            record = {"machine": signature, "problems": problems}
            self._boot_path(root).write_text(json.dumps(record))
        if machine.boot_finished:
            startup.finish(root)
        return root

    def _boot_record(self, root: Path) -> dict[str, Any]:
        try:
            record: dict[str, Any] = json.loads(self._boot_path(root).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return record

    def _boot_path(self, root: Path) -> Path:
        return root.parent / "boot.json"

    def _lock(self, machine: Machine) -> AbstractContextManager[None]:
        """Return the lock that excludes other threads and processes."""
        path = self.root(machine.instance_id).parent
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.mkdir(exist_ok=True)
        return file_lock(path / "lock")

    @property
    def _tools(self) -> Path:
        return self._folder / "bin"

    def _execute(self, machine: Machine, text: str, timeout_seconds: int) -> ScriptResult:
        root = self.root(machine.instance_id)
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
        # The agent sources the profile first, in the same process as the script.
        output = machine.profile_output.encode() + output
        shown = output[:MAX_OUTPUT]
        return ScriptResult(process.returncode, shown, len(output) - len(shown), timed_out)


def boot_signature(machine: Machine) -> str:
    """Return a text that changes with each restart of the machine."""
    return repr((machine.boot, machine.disks))
