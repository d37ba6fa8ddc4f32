"""The actions that the sandbox answers, a file or folder a service."""

from __future__ import annotations

import importlib
import pkgutil


def register() -> None:
    """Import every service, so that its actions are in ``call.ACTIONS``."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
