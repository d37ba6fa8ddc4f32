"""The plan of a prune, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cvmimg.cli.failure import error_json
from cvmimg.cli.messages import text
from cvmimg.cli.render import ID, NAME, REGION, Column, Result, Row
from cvmimg.cli.render.images import image_json
from cvmimg.cli.render.keeping import snapshot_json
from cvmimg.cli.settings import Settings
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.workflows.prune.operation import PruneResult
    from cvmimg.workflows.prune.plan import PlannedImage, PlannedSnapshot, PrunePlan

PRUNE_KEYS = ("id", "name", "family", "region", "decision", "freed_gib", "reasons", "result")
_DECISION_STYLES = {"delete": "red", "deprecate": "yellow", "keep": "green"}


def prune_plan(plan: PrunePlan, command: str, settings: Settings) -> Result:
    """Return what a prune would do.

    Args:
        plan: with all decisions.
        command: carries the plan out; empty if it is about to be carried out.
        settings: ids are printed only of what would be deleted.
    """
    from cvmimg.workflows.prune.rules import Action

    deleted, deprecated = plan.count(Action.DELETE), plan.count(Action.DEPRECATE)
    parts = [Message("prune.to-delete", count=deleted, gib=plan.freed_gib)] if deleted else []
    parts += [Message("prune.to-deprecate", count=deprecated)] if deprecated else []
    planned = Message("prune.planned", parts=parts, command=command)
    footer = planned if parts else Message("prune.nothing")
    return _result(plan, None, footer if command else "", settings)


def prune_result(plan: PrunePlan, result: PruneResult, settings: Settings) -> Result:
    """Return what a prune has done."""
    outcomes = list(result.outcomes.values())
    deleted, deprecated = outcomes.count("deleted"), outcomes.count("deprecated")
    gib = sum(one.freed_gib for one in plan.items if result.outcomes.get(one.id) == "deleted")
    parts = [Message("prune.deleted", count=deleted, gib=gib)] if deleted else []
    parts += [Message("prune.deprecated", count=deprecated)] if deprecated else []
    return _result(plan, result, Message("prune.done", parts=parts), settings)


def _result(
    plan: PrunePlan, result: PruneResult | None, footer: Message | str, settings: Settings
) -> Result:
    document = [_item_json(item, result) for item in plan.items]
    rows = [_row(each) for each in document]
    if settings.output == "id":
        rows = [row for row in rows if row["decision"] == "delete"]
    elif settings.output == "table" and result is not None:
        rows = [row for row in rows if row["result"] != "kept"]
    regions = {item.region for item in plan.items}
    columns = [*([REGION] if len(regions) > 1 else []), *_COLUMNS]
    return Result(
        document,
        rows,
        [*columns, _WHY] if result is None else [*columns, _RESULT, _WHY],
        PRUNE_KEYS,
        empty=Message("prune.nothing" if plan.items else "prune.empty"),
        footer=footer,
    )


def _item_json(item: PlannedImage | PlannedSnapshot, result: PruneResult | None) -> dict[str, Any]:
    document = _thing_json(item) | {
        "decision": item.decision.action.value,
        "reasons": [{"code": one.code, "text": text(one)} for one in item.decision.reasons],
        "freed_gib": item.freed_gib,
    }
    if result is not None:
        error = result.errors.get(item.id)
        document["result"] = result.outcomes.get(item.id, "kept")
        document["error"] = error_json(error) if error else None
    return document


def _thing_json(item: PlannedImage | PlannedSnapshot) -> dict[str, Any]:
    from cvmimg.workflows.prune.plan import PlannedImage

    if isinstance(item, PlannedImage):
        return {"image": image_json(item.image, item.region), "snapshot": None}
    snapshot = snapshot_json(item.snapshot) | {"region": item.region}
    return {"image": None, "snapshot": snapshot}


def _row(document: dict[str, Any]) -> dict[str, Any]:
    thing = document["image"] or document["snapshot"]
    error = document.get("error")
    return {
        "id": thing["id"],
        "name": thing["name"],
        "family": thing.get("family", ""),
        "region": thing["region"],
        "decision": document["decision"],
        "freed_gib": document["freed_gib"],
        "reasons": [error["message"]] if error else [one["text"] for one in document["reasons"]],
        "result": document.get("result", ""),
    }


def _freed(row: Row) -> str:
    return str(row["freed_gib"] or "")


_COLUMNS = (
    ID,
    NAME,
    Column("FAMILY", "family", fit="shorten", rank=2),
    Column("GIB", "freed_gib", _freed, right=True, rank=1),
    Column("DECISION", "decision", style=_DECISION_STYLES),
)
_RESULT = Column("RESULT", "result")
_WHY = Column("WHY", "reasons", lambda row: "; ".join(row["reasons"]), fit="wrap")
