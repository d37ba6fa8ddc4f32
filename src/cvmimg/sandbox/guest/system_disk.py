"""The files of a guest's system disk: a fresh installation, and how a guest differs from it.

Images and snapshots remember the differences, so that a new instance starts with the files of its
image. /etc/fstab is not among them: it is remembered by itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cvmimg.sandbox.guest import boot, shell

_VOLATILE = ("proc", "sys", "dev", "run", "tmp")
"""Folders of the root that are not on the system disk."""
FSTAB = "etc/fstab"
FREEZES = "run/fsfreeze.log"
"""In the guest: the arguments of its ``fsfreeze``, one call per line."""
SYSTEM_STATE = "run/systemd/sandbox-state"
"""In the guest: what ``systemctl is-system-running`` prints."""
FAILED_UNITS = "run/systemd/sandbox-failed"
"""In the guest: the failed units, one per line."""

_ROOT = "$CVMIMG_GUEST_ROOT"
_FSFREEZE = f"""echo "$@" >>"{_ROOT}/{FREEZES}"
frozen=$CVMIMG_GUEST_ROOT/run/frozen
mkdir -p "$frozen"
name=$frozen/$(printf '%s' "$2" | tr / -)
case $1:$([ -e "$name" ] && echo frozen) in
--freeze:frozen) echo "fsfreeze: $2: freeze failed: Device or resource busy" >&2; exit 1 ;;
--freeze:) : >"$name" ;;
--unfreeze:frozen) rm -f "$name" ;;
*) echo "fsfreeze: $2: unfreeze failed: Invalid argument" >&2; exit 1 ;;
esac"""
"""Refuses as Linux does: to freeze what is frozen, and to thaw what is not."""
_SYSTEMCTL = f"""case "$*" in
is-system-running) cat "{_ROOT}/{SYSTEM_STATE}" ;;
*--state=failed*) sed 's/$/ loaded failed failed/' "{_ROOT}/{FAILED_UNITS}" ;;
esac
exit 0"""
_CURL = f"""for url; do :; done
url=${{url#http://127.0.0.1:}}
port=${{url%%/*}}
page={_ROOT}/srv/http/$port/${{url#*/}}
case $url in *..*) exit 3 ;; esac
[ -d "{_ROOT}/srv/http/$port" ] || {{ printf 000; exit 7; }}
if [ -e "$page" ]; then printf 200; else printf 404; fi"""
"""Each folder /srv/http/PORT is a web server that serves the files in it."""


@dataclass(frozen=True)
class File:
    """A regular file, a program or a symbolic link; ``text`` is its content, or its target."""

    kind: Literal["file", "program", "link"]
    text: str


Differences = tuple[tuple[str, File | None], ...]
"""Path → the file there, or None if a file of a fresh installation is missing; by path."""


def fresh() -> dict[str, File]:
    """Return the files of a system as a public image contains it."""
    files = {path: File("file", text) for path, text in _FILES.items()}
    scripts = {**_PROGRAMS, **_host_programs()}
    links = {path: File("link", target) for path, target in _LINKS.items()}
    programs = {path: File("program", f"#!/bin/sh\n{s}\n") for path, s in scripts.items()}
    return {**files, **links, **programs, _CLOUD_INIT: File("program", "#!/usr/bin/python3\n")}


def write(root: Path, differences: Differences = ()) -> None:
    """Write the files of a fresh installation with these differences."""
    for path in ("etc/systemd/system", "data", "root", "var/lib", "run/systemd/system"):
        (root / path).mkdir(parents=True, exist_ok=True)
    for path, file in {**fresh(), **dict(differences)}.items():
        if file is not None:
            _write(root / path, file)


def read(root: Path) -> dict[str, File]:
    """Return the files on the system disk, without /etc/fstab."""
    return {path: _read(root / path) for path in _paths(root) if path != FSTAB}


def differences(files: Mapping[str, File]) -> Differences:
    """Return how a system disk differs from a fresh installation."""
    original = fresh()
    # Where Python is on the host is no part of the guest.
    same = {path for path in _host_programs() if path in files}
    changed: dict[str, File | None] = {
        path: file
        for path, file in files.items()
        if path not in same and original.get(path) != file
    }
    return tuple(sorted({**changed, **dict.fromkeys(original.keys() - files.keys())}.items()))


def to_json(found: Differences) -> dict[str, Any]:
    """Return differences as a document holds them."""
    return {path: [file.kind, file.text] if file else None for path, file in found}


def from_json(document: Mapping[str, Any]) -> Differences:
    """Read what ``to_json`` returned."""
    return tuple((path, File(*file) if file else None) for path, file in sorted(document.items()))


def _paths(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        if folder == str(root):
            folders[:] = [name for name in folders if name not in _VOLATILE]
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        yield from (os.path.relpath(os.path.join(folder, name), root) for name in (*files, *links))


def _read(path: Path) -> File:
    if path.is_symlink():
        return File("link", os.readlink(path))
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    return File("program" if os.access(path, os.X_OK) else "file", text)


def _write(path: Path, file: File) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if file.kind == "link":
        path.symlink_to(file.text)
        return
    path.write_text(file.text, newline="", errors="surrogateescape")
    if file.kind == "program":
        path.chmod(0o755)


def _host_programs() -> dict[str, str]:
    """Return the guest's programs that the host's Python runs."""
    python = f"exec {_quoted(sys.executable)} -I -S"
    return {
        "usr/bin/mount": f'[ "$1" = -a ] && {python} {_quoted(boot.__file__)} "{_ROOT}"',
        "usr/bin/sh": f'{python} {_quoted(shell.__file__)} "{_ROOT}" "$@"',
    }


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "'\\''") + "'"


_KERNEL = "5.15.0-101-generic"
_CLOUD_INIT = "usr/bin/cloud-init"
_CLOUD_CONFIG = """\
datasource_list: [ ConfigDrive, TencentCloud ]
preserve_hostname: false
cloud_init_modules: [growpart, resizefs, write-files, set_hostname, users-groups, ssh]
cloud_config_modules: [set-passwords, runcmd]
cloud_final_modules: [scripts-user, final-message]
"""
_FILES = {
    "etc/cloud/cloud.cfg": _CLOUD_CONFIG,
    f"boot/vmlinuz-{_KERNEL}": "kernel",
    f"boot/initrd.img-{_KERNEL}": "initramfs",
    f"lib/modules/{_KERNEL}/modules.builtin": "".join(
        f"kernel/drivers/{driver}.ko\n"
        for driver in ("virtio/virtio_pci", "block/virtio_blk", "nvme/host/nvme")
    ),
    "usr/lib/python3/dist-packages/cloudinit/__init__.py": "",
    "lib/systemd/system/cloud-init.service": "[Unit]\n",
}
"""What the readiness checks expect of a system that a public image was installed from."""
_LINKS = {
    "etc/systemd/system/cloud-init.target.wants/cloud-init.service": (
        "../../../../lib/systemd/system/cloud-init.service"
    ),
    "usr/bin/python3": "python3.10",
}
_PROGRAMS = {
    "usr/bin/fsfreeze": _FSFREEZE,
    "usr/bin/systemctl": _SYSTEMCTL,
    "usr/bin/curl": _CURL,
    **dict.fromkeys(("usr/bin/growpart", "usr/bin/python3.10", "usr/bin/swapon"), "exit 0"),
}
