"""A request that has passed the edge, and how an action is registered to answer it.

The edge (``wire.py``) checks the signature, the parameters against the official description, the
rate limits and the faults; it then hands a ``Call`` to the action's function, inside one
transaction of the store. The function answers the body of ``Response`` without ``RequestId``, or
raises ``ApiError``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from cvmimg.sandbox.guest.runtime import Runtime
    from cvmimg.sandbox.state.store import View
    from cvmimg.sandbox.world.accounts import KeyRing

TaskFault = Literal["fail", "stuck"]


@dataclass(frozen=True)
class Call:
    """One authenticated, validated request.

    Attributes:
        service: "cvm", "cbs", "vpc", "tat", "sts", "tag", "as" or "region".
        action: as in X-TC-Action.
        account: UIN of the main account that signed.
        region: X-TC-Region; already known to exist.
        params: the request's body, of the types that the official description gives.
        now: the sandbox's time in seconds since the epoch; the same for the whole call.
        store: the store, inside this call's transaction.
        request_id: what the answer will carry.
        task_fault: an injected fault for the task that this call starts: it ends in failure
            (CREATEFAILED, LAUNCH_FAILED, …) or never ends.
        guests: the simulated insides of instances (``guest.Runtime``); None where there are none.
        caller: what GetCallerIdentity tells about the signer (Arn, UserId, Type, …).
        keys: the credentials that exist, for the service that issues more of them.
    """

    service: str
    action: str
    account: str
    region: str
    params: dict[str, Any]
    now: float
    store: View
    request_id: str
    task_fault: TaskFault | None = None
    caller: dict[str, str] | None = None
    guests: Runtime | None = None
    keys: KeyRing | None = None


Handler = Callable[[Call], dict[str, Any]]


@dataclass(frozen=True)
class Action:
    """A registered action: its function, and whether it may change the store."""

    service: str
    name: str
    handler: Handler
    writes: bool


ACTIONS: dict[tuple[str, str], Action] = {}


def action(service: str, name: str, *, writes: bool = False) -> Callable[[Handler], Handler]:
    """Register the decorated function as the answer to ``name`` of ``service``.

    Args:
        service: as in ``Call.service``.
        name: the API action.
        writes: True if it may change the store: the call then holds the write lock from its
            start, so what it reads cannot change before it writes.
    """

    def register(handler: Handler) -> Handler:
        ACTIONS[service, name] = Action(service, name, handler, writes)
        return handler

    return register
