"""Where the official CLI is, if it is on this machine: it carries the official description."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

FOLDERS = {"as": "autoscaling"}


def binary() -> Path | None:
    """The command: CVMIMG_TCCLI, else that of .venv-interop, else that of PATH."""
    told = os.environ.get("CVMIMG_TCCLI")
    if told:
        return Path(told)
    own = ROOT / ".venv-interop" / "bin" / "tccli"
    if own.exists():
        return own
    found = shutil.which("tccli")
    return Path(found) if found else None


def package() -> Path | None:
    """The folder of the Python package that the command belongs to."""
    spec = importlib.util.find_spec("tccli")
    if spec is not None and spec.submodule_search_locations:
        return Path(spec.submodule_search_locations[0])
    command = binary()
    if command is None:
        return None
    return next(command.parent.parent.glob("lib/python3*/site-packages/tccli"), None)


def needs_package() -> Path:
    """As ``package``; skips the test where there is none."""
    found = package()
    if found is None:
        pytest.skip("tccli is not installed: pip install tccli, or name it in CVMIMG_TCCLI")
    return found


def needs_binary() -> Path:
    """As ``binary``; skips the test where there is none."""
    found = binary()
    if found is None:
        pytest.skip("tccli is not installed: pip install tccli, or name it in CVMIMG_TCCLI")
    return found


@cache
def official(service: str, file: str) -> Any:
    """What "api" or "examples" says about ``service``."""
    folder = needs_package() / "services" / FOLDERS.get(service, service)
    newest = max(folder.glob(f"v*/{file}.json"))
    return json.loads(newest.read_text(encoding="utf-8"))
