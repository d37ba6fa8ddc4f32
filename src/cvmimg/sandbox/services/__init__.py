"""The API actions, and the logic of the resources that they work on."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache


@cache
def register() -> None:
    """Import every module here, so that its actions are in ``call.ACTIONS``."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
