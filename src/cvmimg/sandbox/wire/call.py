"""A validated request, and the registry of the actions that answer it.

``endpoint`` checks the signature, validates the parameters against the official description and
applies rate limits and faults. It then passes a ``Call`` to the action's function, inside one
transaction of the store. The function returns the body of ``Response`` without ``RequestId``, which
is None if it has no other members, or raises ``ApiError``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cvmimg.sandbox.state.kinds import Boot, TaskFault
from cvmimg.sandbox.world import settings

if TYPE_CHECKING:
    from cvmimg.sandbox.guest.runtime import Runtime
    from cvmimg.sandbox.state.store import View
    from cvmimg.sandbox.world.accounts import KeyRing
    from cvmimg.sandbox.world.settings import Settings

Deferred = tuple[Callable[[], Any], Callable[["View", Any], None]]


@dataclass(frozen=True)
class Call:
    """One authenticated, validated request.

    Attributes:
        service: "cvm", "cbs", "vpc", "tat", "sts", "cam", "tag", "as" or "region".
        action: as in X-TC-Action.
        account: UIN of the main account that signed.
        region: X-TC-Region; a region that exists.
        params: the request's parameters, of the types in the official description.
        now: the sandbox's time in seconds since the epoch; the same for the whole call.
        store: the store, in this call's transaction.
        request_id: of the answer.
        real_now: the real time in seconds since the epoch, which others' tokens are issued by.
        task_fault: an injected fault of the task that this call starts: it fails (CREATEFAILED,
            LAUNCH_FAILED, …) or never ends.
        boot: injected faults of the boots that this call starts: ``{"Fails": True}``, and
            ``{"Seconds": …}`` until the agent is online.
        guests: the simulated guests of instances; None if there are none.
        caller: the answer of GetCallerIdentity (Arn, UserId, Type, …).
        keys: the key ring, for actions that issue credentials.
        failed_resources: an injected error code for each resource of a call that tags them.
        deferred: what ``defer`` has added.
    """

    service: str
    action: str
    account: str
    region: str
    params: dict[str, Any]
    now: float
    store: View
    request_id: str
    real_now: float = 0.0
    task_fault: TaskFault | None = None
    boot: Boot = field(default_factory=Boot)
    caller: dict[str, str] | None = None
    guests: Runtime | None = None
    keys: KeyRing | None = None
    failed_resources: str = ""
    deferred: list[Deferred] = field(default_factory=list)

    def defer(self, run: Callable[[], Any], save: Callable[[View, Any], None]) -> None:
        """Run something slow after this call's transaction, before the call is answered.

        Args:
            run: does the work, without holding a lock of the store.
            save: writes its result, in a transaction of its own.
        """
        self.deferred.append((run, save))

    @property
    def settings(self) -> Settings:
        """Return the settings of the world."""
        return settings.read(self.store)


Answer = dict[str, Any]
"""The body of an answer, or an object in it."""
Handler = Callable[[Call], Answer | None]


@dataclass(frozen=True)
class Action:
    """A registered action: its function, and whether it may change the store."""

    service: str
    name: str
    handler: Handler
    writes: bool


ACTIONS: dict[tuple[str, str], Action] = {}


def action(service: str, name: str, *, writes: bool = False) -> Callable[[Handler], Handler]:
    """Register the decorated function as the action ``name`` of ``service``.

    Args:
        service: as in ``Call.service``.
        name: the API action.
        writes: whether it may change the store: the call then holds the write lock from its start,
            so what it reads cannot change before it writes.
    """

    def register(handler: Handler) -> Handler:
        ACTIONS[service, name] = Action(service, name, handler, writes)
        return handler

    return register
