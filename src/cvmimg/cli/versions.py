"""The versions of cvmimg and of what it uses."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping

from cvmimg import __version__

_PACKAGES = (
    "click",
    "rich",
    "pydantic",
    "requests",
    "urllib3",
    "tencentcloud-sdk-python-common",
)


def versions() -> Mapping[str, str]:
    """Return the versions by name: cvmimg, Python, the platform and the packages."""
    return {
        "cvmimg": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{name: _version_of(name) for name in _PACKAGES},
    }


def all_versions() -> str:
    """Return what ``--version -v`` prints: a line for each version."""
    lines = [f"{name} {version}" for name, version in versions().items()]
    return "\n".join([*lines, f"executable {sys.executable}"])


def _version_of(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
