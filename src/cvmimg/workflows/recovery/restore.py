"""Restore what was found, whatever it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cvmimg.durable.operation import Operation, Resumed, resume_operation
from cvmimg.durable.session import Session
from cvmimg.guest.access import AccessMethod
from cvmimg.workflows.recovery.find import Unfinished
from cvmimg.workflows.recovery.operation import RecoveryOperation, recover
from cvmimg.workflows.recovery.probe import ProbeRemoval, terminate_probe

_RECOVERIES = {kind.kind: kind for kind in (RecoveryOperation, ProbeRemoval)}


def restore(
    session: Session,
    unfinished: Unfinished,
    method: AccessMethod,
    *,
    kinds: Mapping[str, type[Operation[Any, Any]]] = _RECOVERIES,
    approve: Callable[[Unfinished], None] = lambda _: None,
    undo: bool,
    timeout_seconds: float,
) -> Resumed:
    """Restore an instance in place of the operation that has changed it, or terminate its probe.

    Args:
        session: the cloud and the progress.
        unfinished: as it was found; nobody may be working on it any more.
        method: how the guest is reached.
        kinds: of the operations that this machine may not have finished.
        approve: sees what another machine has changed; raises to leave it alone.
        undo: do not wait for the image.
        timeout_seconds: how long to wait.

    Raises:
        PreconditionFailed: another operation works on the instance.
        TaskFailed: the image failed; the instance is restored.
        CvmimgError: it could not be restored; the error names the command that continues.
    """
    if session.journal.is_open(unfinished.holder):
        return resume_operation(
            session, unfinished.holder, kinds, roll_back=undo, timeout_seconds=timeout_seconds
        )
    approve(unfinished)
    there = session.in_region(unfinished.region)
    if unfinished.is_probe:
        return terminate_probe(there, unfinished, timeout_seconds)
    return recover(there, unfinished, method, undo=undo, timeout_seconds=timeout_seconds)
