"""Records for tests of the journal."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from cvmimg.durable.journal.journal import Claim
from cvmimg.durable.journal.log import OperationLog
from cvmimg.durable.journal.record import OperationRecord

CREATED = datetime(2026, 11, 23, 8, 30, tzinfo=timezone.utc)


def begin(claim: Claim, **fields: Any) -> OperationLog:
    """Begin an operation of the toy kind "lamp" on what is claimed."""
    defaults: dict[str, Any] = {
        "id": claim.operation_id,
        "kind": "lamp",
        "region": "ap-guangzhou",
        "created": CREATED,
        "request": {},
        "instance_ids": claim.instance_ids,
    }
    return claim.begin(OperationRecord(**(defaults | fields)))
