"""What the service does by itself as time passes.

A document with a member ``Due`` acts at that time: what ``acts`` registered for its kind is called,
in the order of those times. Nothing runs in the background: ``run`` catches up before a request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from cvmimg.sandbox.guest.runtime import Runtime
from cvmimg.sandbox.state.kinds import D, Document
from cvmimg.sandbox.state.store import View
from cvmimg.sandbox.wire.call import Call

Act = Callable[[Call, Any, float], None]
"""Acts for a document that is due at ``call.now``, and puts it with a later ``Due`` or none.

The third argument is the present time, until which more may be due.
"""

_ACTS: dict[str, Act] = {}


def acts(kind: str) -> Callable[[Act], Act]:
    """Register the decorated function for the documents of ``kind``."""

    def register(act: Act) -> Act:
        _ACTS[kind] = act
        return act

    return register


def run(view: View, now: float, guests: Runtime) -> None:
    """Let every document act that is due ``now`` or before, at its own time."""
    while (document := view.due(now)) is not None:
        call = own_call(view, document, document["Due"], guests)
        _ACTS[document["Kind"]](call, document, now)


def own_call(view: View, document: Document, now: float, guests: Runtime) -> Call:
    """Return a call that the service makes by itself, for the owner of ``document``."""
    return Call(
        service="",
        action="",
        account=document["Account"],
        region=document["Region"],
        params={},
        now=now,
        store=view,
        request_id=f"{document['Id']}/{now}",
        guests=guests,
    )


def scheduled(document: D, due: float | None) -> D:
    """Return ``document`` due at that time, or never for None."""
    changed = {name: value for name, value in document.items() if name != "Due"}
    return cast("D", changed if due is None else {**changed, "Due": due})
