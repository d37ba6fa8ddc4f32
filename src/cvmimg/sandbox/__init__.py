"""A simulated Tencent Cloud: no account and no network needed.

    with Sandbox() as sandbox:
        secret_id, secret_key = sandbox.credentials()
        url = sandbox.serve().url

It checks signatures and parameters as the real service does, separates regions and accounts, and
runs on an accelerated clock. See docs/sandbox.md for what it covers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cvmimg.sandbox.sandbox import Sandbox
    from cvmimg.sandbox.world.accounts import NEIGHBOUR, OWNER

__all__ = ["NEIGHBOUR", "OWNER", "Sandbox"]

_MODULES = {
    "Sandbox": "cvmimg.sandbox.sandbox",
    "OWNER": "cvmimg.sandbox.world.accounts",
    "NEIGHBOUR": "cvmimg.sandbox.world.accounts",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that other commands start without the sandbox."""
    from importlib import import_module

    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
