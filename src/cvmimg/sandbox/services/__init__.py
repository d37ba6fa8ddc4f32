"""The actions that the sandbox answers, with what each kind of resource can do."""

from __future__ import annotations

import importlib
import pkgutil


def register() -> None:
    """Import every module here, so that its actions are in ``call.ACTIONS``."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
