"""The result of ``verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cvmimg.cli.messages import text
from cvmimg.cli.render import Column, Result
from cvmimg.cli.render.checks import STATUS_STYLES
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.workflows.verify.probes import ProbeResult
    from cvmimg.workflows.verify.verification import VerifyResult

KEYS = ("id", "status", "summary", "seconds")


def verified(result: VerifyResult) -> Result:
    """Return the results of all probes."""
    document = verified_json(result)
    return Result(
        document=document,
        rows=document["probes"],
        columns=_COLUMNS,
        keys=KEYS,
        footer=_footer(result),
        has_ids=False,
    )


def verified_json(result: VerifyResult) -> dict[str, Any]:
    """Return the contract's JSON object of ``verify``."""
    return {
        "image_id": result.image_id,
        "passed": result.passed,
        "probes": list(map(_probe_json, result.probes)),
        "instance_id": result.instance_id,
        "instance_kept": result.kept,
        "ready_seconds": result.ready_seconds,
        "reasons": list(map(text, result.reasons)),
    }


def _probe_json(probe: ProbeResult) -> dict[str, Any]:
    result = probe.result
    return {
        "id": result.id,
        "status": result.status.value,
        "summary": text(result.summary),
        "seconds": probe.seconds,
        **result.summary.as_json(),
    }


def _footer(result: VerifyResult) -> str:
    lines = []
    if result.passed and result.ready_seconds is None:
        lines.append(Message("verify.passed-unknown", image=result.image_id))
    elif result.passed:
        ready = {"image": result.image_id, "seconds": result.ready_seconds}
        lines.append(Message("verify.passed", **ready))
    if result.kept:
        lines.append(Message("ProbeKept", instance=result.instance_id))
    return "\n".join(map(text, lines))


_COLUMNS = (
    Column("PROBE", "id", style="bold"),
    Column("STATUS", "status", style=STATUS_STYLES),
    Column("SECONDS", text=lambda row: f"{row['seconds']:.0f}", right=True, rank=1),
    Column("SUMMARY", "summary", fit="wrap"),
)
