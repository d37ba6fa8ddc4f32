"""A simulated Tencent Cloud, on the far side of the wire: no account, no network.

    with Sandbox() as sandbox:
        secret_id, secret_key = sandbox.credentials()
        url = sandbox.serve().url

It checks signatures and parameters as the real service does, keeps regions and accounts apart,
and lets time run faster. See docs/sandbox.md for what it covers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cvmimg.sandbox.sandbox import Sandbox
    from cvmimg.sandbox.world.accounts import NEIGHBOUR, OWNER

__all__ = ["NEIGHBOUR", "OWNER", "Sandbox"]

_HOMES = {
    "Sandbox": "cvmimg.sandbox.sandbox",
    "OWNER": "cvmimg.sandbox.world.accounts",
    "NEIGHBOUR": "cvmimg.sandbox.world.accounts",
}


def __getattr__(name: str) -> Any:
    """Import only when it is used: the sandbox has no place in the start of other commands."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
