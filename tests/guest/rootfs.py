"""A guest's root folder with real files, and a access that runs scripts over it in any shell."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from cvmimg.guest.script import Script, ScriptOutput
from cvmimg.sandbox.guest import boot, root_folder, system_disk
from cvmimg.sandbox.guest.root_folder import FileSystem, GuestDisk

SYSTEM = GuestDisk("vda", "disk-system01", 50, (FileSystem("vda1", "4c1e7bd2-root"),))
DATA = GuestDisk("vdb", "disk-data0001", 200, (FileSystem("vdb1", "9d9d-data", label="DATA"),))

FSTAB = b"""# /etc/fstab
UUID=4c1e7bd2-root / ext4 defaults 0 1
UUID=9d9d-data\t/data ext4 defaults 0 2
tmpfs /tmp tmpfs size=1G 0 0
/data/www /srv none bind 0 0"""

SHELLS = ("dash", "bash", "busybox")


def shell_command(name: str) -> list[str]:
    """The command of a shell; skips the test where the shell is not installed."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return [path, "sh"] if name == "busybox" else [path]


def make(folder: Path, fstab: bytes = FSTAB) -> Path:
    """A root folder of a machine with a data disk, just booted."""
    root = folder / "root"
    root_folder.make_tools(folder / "bin")
    system_disk.write(root)
    (root / "etc/fstab").write_bytes(fstab)
    root_folder.show_devices(root, (SYSTEM, DATA))
    boot.boot(root)
    return root


class ShellAccess:
    """Runs scripts in a shell of this machine over a root folder."""

    def __init__(self, root: Path, shell: str = "dash") -> None:
        self.root = root
        self.command = shell_command(shell)
        self.environment = {"PATH": f"{root.parent / 'bin'}", "CVMIMG_GUEST_ROOT": str(root)}
        self.runs: list[str] = []
        self.output_sizes: list[int] = []

    def run(
        self, script: Script, parameters: Mapping[str, str], *, timeout_seconds: int = 60
    ) -> ScriptOutput:
        self.runs.append(script.name)
        done = subprocess.run(
            [*self.command, "-s"],
            input=script.rendered(parameters).encode(),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_seconds,
            check=False,
        )
        self.output_sizes.append(len(done.stdout))
        return ScriptOutput(done.returncode, done.stdout)


def metadata(path: Path) -> tuple[int, int, int, int]:
    """Mode, owner, group and time of change of a file."""
    about = os.stat(path)
    return about.st_mode, about.st_uid, about.st_gid, about.st_mtime_ns


def noise(size: int) -> bytes:
    """A comment of random hexadecimal digits, which does not compress well."""
    return b"# " + os.urandom(size).hex().encode() + b"\n"


def remove(folder: Path) -> None:
    """Remove a directory of a guest, as a restart does with /run."""
    shutil.rmtree(folder)


def run_tool(access: ShellAccess, tool: str, *arguments: str) -> None:
    """Run one of the guest's own programs; the last argument is a path in the guest."""
    *options, path = arguments
    command = [str(access.root / "usr/bin" / tool), *options, f"{access.root}{path}"]
    subprocess.run(command, env=access.environment, check=True)
