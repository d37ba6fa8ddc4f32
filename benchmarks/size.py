"""How large an installation is, with all its dependencies."""

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
    """The bytes of a folder's files, but for what comes with an empty environment (MiB).

    Not the blocks that they take on this disk, which differ from one file system to the next.
    """
    counted = [each for each in folder.iterdir() if not each.name.startswith(_NOT_COUNTED)]
    return sum(_bytes(each) for each in counted) / 2**20


def _bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.lstat().st_size for file in files if file.is_file())
