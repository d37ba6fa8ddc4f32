"""How a simulated guest starts: boot loader, mounts, machine id, cloud-init, systemd.

What comes of it follows from the guest's own files, as on a real machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

from cvmimg.sandbox.guest import boot, system_disk
from cvmimg.sandbox.guest.root_folder import Machine, write

_INITRAMFS = ("initrd.img-{}", "initramfs-{}.img", "initrd-{}")
_MACHINE_ID = re.compile(r"[0-9a-f]{32}")
_CLOUD_INIT = ("usr/bin/cloud-init", "usr/local/bin/cloud-init", "bin/cloud-init")
_DISABLED = "etc/cloud/cloud-init.disabled"
_UNIT = "etc/systemd/system/cloud-init.service"
_SOURCES = ("ConfigDrive", "TencentCloud")
_INSTANCE_ID = "var/lib/cloud/data/instance-id"
_RESULT = "run/cloud-init/result.json"
_HOST_KEY = "etc/ssh/ssh_host_ed25519_key"
_SHELLS = ("", "/bin/sh", "/bin/bash", "/usr/bin/env")
"""Interpreters that every guest has."""


def start(root: Path, machine: Machine) -> list[str]:
    """Start the guest; return what keeps it from booting.

    Its boot is not finished yet: systemd is still starting services.
    """
    for folder in ("run/cloud-init", "run/systemd"):
        shutil.rmtree(root / folder, ignore_errors=True)
    (root / "run/systemd/system").mkdir(parents=True)
    problems = _kernel_problems(root) or boot.boot(root)
    if problems:
        return problems
    _set_machine_id(root, machine)
    failed = _run_cloud_init(root, machine)
    write(root / "proc/sys/kernel/hostname", _text(root, "etc/hostname") or "localhost\n")
    write(root / system_disk.SYSTEM_STATE, "starting\n")
    write(root / system_disk.FAILED_UNITS, "".join(f"{unit}\n" for unit in failed))
    return []


def finish(root: Path) -> None:
    """Finish the boot: systemd has started all services, and cloud-init has ended."""
    if _text(root, system_disk.SYSTEM_STATE) != "starting\n":
        return
    failed = _text(root, system_disk.FAILED_UNITS).splitlines()
    write(root / system_disk.SYSTEM_STATE, "degraded\n" if failed else "running\n")
    if "cloud-init.service" in failed:
        errors = ["cloud-init.service failed"]
    elif _text(root, _INSTANCE_ID) and _datasource_is_known(root) and not _is_disabled(root):
        errors = []
    else:
        return
    write(root / _RESULT, json.dumps({"v1": {"datasource": "ConfigDrive", "errors": errors}}))


def _kernel_problems(root: Path) -> list[str]:
    """Return why the boot loader's default, the newest kernel, does not start."""
    kernels = [path.name.removeprefix("vmlinuz-") for path in root.glob("boot/vmlinuz-*")]
    kernels = [name for name in kernels if "rescue" not in name]
    if not kernels:
        return ["no kernel was found"]
    newest = max(kernels, key=_version)
    if any((root / "boot" / name.format(newest)).is_file() for name in _INITRAMFS):
        write(root / "proc/sys/kernel/osrelease", f"{newest}\n")
        return []
    return [f"Kernel panic: unable to mount root fs (no initramfs for {newest})"]


def _version(kernel: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"[.-]", kernel)
    ]


def _set_machine_id(root: Path, machine: Machine) -> None:
    """Keep the id in /etc/machine-id; without one, derive it from the virtual machine's UUID."""
    if _MACHINE_ID.fullmatch(_text(root, "etc/machine-id").strip()):
        return
    write(root / "run/machine-id", f"{_digest(machine, 'machine-id')[:32]}\n")


def _run_cloud_init(root: Path, machine: Machine) -> list[str]:
    """Set up a new instance; return the units that fail."""
    program = next((path for path in _CLOUD_INIT if (root / path).is_file()), "")
    if not program or _is_disabled(root) or not _datasource_is_known(root):
        return []
    first_line = _text(root, program).partition("\n")[0]
    interpreter = first_line.removeprefix("#!").strip().partition(" ")[0]
    if interpreter not in _SHELLS and not (root / interpreter.lstrip("/")).exists():
        return ["cloud-init.service"]
    if _text(root, _INSTANCE_ID).strip() != machine.instance_id:
        _set_up(root, machine)
    return []


def _is_disabled(root: Path) -> bool:
    unit = root / _UNIT
    masked = unit.is_symlink() and os.readlink(unit) == os.devnull
    return masked or (root / _DISABLED).exists()


def _datasource_is_known(root: Path) -> bool:
    """Return whether the last list of datasources, if there is one, has this cloud's."""
    files = [root / "etc/cloud/cloud.cfg", *sorted(root.glob("etc/cloud/cloud.cfg.d/*.cfg"))]
    lists = re.findall(r"(?m)^datasource_list:(.*)$", "".join(_text(root, path) for path in files))
    return not lists or any(source in lists[-1] for source in _SOURCES)


def _set_up(root: Path, machine: Machine) -> None:
    """Do what cloud-init does once for each instance: host keys and host name."""
    settings = "".join(_text(root, path) for path in sorted(root.glob("etc/cloud/**/*.cfg")))
    if not (_is_off(settings, "ssh_deletekeys") and (root / _HOST_KEY).exists()):
        key = _digest(machine, "host key")
        write(root / _HOST_KEY, f"simulated key {key}\n")
        write(root / f"{_HOST_KEY}.pub", f"ssh-ed25519 {key} root@{machine.hostname}\n")
    if not re.search(r"(?mi)^preserve_hostname: *true", settings):
        write(root / "etc/hostname", f"{machine.hostname}\n")
    write(root / _INSTANCE_ID, f"{machine.instance_id}\n")


def _is_off(settings: str, name: str) -> bool:
    return re.search(rf"(?mi)^{name}: *(0|no|false)", settings) is not None


def _digest(machine: Machine, what: str) -> str:
    return hashlib.sha256(f"{machine.instance_id} {what}".encode()).hexdigest()


def _text(root: Path, path: str | Path) -> str:
    try:
        return (root / path).read_text(errors="surrogateescape")
    except (FileNotFoundError, IsADirectoryError):
        return ""
