"""How much disk an installation takes, with all its dependencies."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

# What an environment holds before anything is installed into it.
_NOT_COUNTED = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence")


def installed_mib(project: Path) -> float:
    """Install a project into an empty folder, and weigh the folder (MiB)."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run(
            [*pip, "--target", folder, str(project)], check=True, stderr=subprocess.DEVNULL
        )
        return folder_mib(Path(folder))


def site_packages_mib(environment: Path) -> float:
    """Weigh what is installed in a virtual environment, without pip (MiB)."""
    (site_packages,) = environment.glob("lib/python3*/site-packages")
    return folder_mib(site_packages)


def folder_mib(folder: Path) -> float:
    """The disk that a folder takes, but for what comes with an empty environment (MiB)."""
    counted = [each for each in folder.iterdir() if not each.name.startswith(_NOT_COUNTED)]
    return sum(_blocks(each) for each in counted) * 512 / 2**20


def _blocks(path: Path) -> int:
    inside = path.rglob("*") if path.is_dir() else ()
    return path.lstat().st_blocks + sum(each.lstat().st_blocks for each in inside)
