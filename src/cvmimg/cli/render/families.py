"""Image families."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cvmimg.cli.render import ID, NAME, REGION, Column, Result, Row
from cvmimg.cli.render.images import image_json
from cvmimg.cli.text import iso
from cvmimg.cloud.own_tags import REVOKED_TAG
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.workflows.family.families import Family
    from cvmimg.workflows.family.history import Served
    from cvmimg.workflows.family.plan import FamilyPlan

FAMILY_KEYS = ("id", "region", "image_id", "image_name", "created_at", "images", "usable")
HISTORY_KEYS = ("id", "name", "since", "until", "status", "reason", "created_at")
_STATUS_STYLES = {"serving": "green", "revoked": "red", "deprecated": "yellow"}


def family_list(families: Sequence[Family], *, all_regions: bool) -> Result:
    """Return families with the image that each serves."""
    rows = [_family_json(family) for family in families]
    region = (REGION,) if all_regions else ()
    columns = [
        Column("FAMILY", "id", style="bold"),
        *region,
        Column("SERVES", "image_id", style="cyan"),
        Column("NAME", "image_name", fit="shorten"),
        Column("CREATED (UTC)", "created_at", moment=True, rank=1),
        Column("IMAGES", "images", right=True, rank=2),
        Column("USABLE", "usable", right=True, rank=3),
    ]
    return Result(rows, rows, columns, FAMILY_KEYS, empty=Message("family.none"))


def _family_json(family: Family) -> dict[str, Any]:
    from cvmimg.workflows.family.families import is_usable

    serving = family.serving
    return {
        "id": family.name,
        "region": family.region,
        "image_id": serving.image_id if serving else None,
        "image_name": serving.image_name if serving else None,
        "created_at": iso(serving.created_time) if serving else None,
        "images": len(family.images),
        "usable": sum(bool(image.image_family) and is_usable(image) for image in family.images),
    }


def family_history(served: Sequence[Served]) -> Result:
    """Return which image served when."""
    rows = [
        {
            "id": one.image.image_id,
            "name": one.image.image_name,
            "since": iso(one.since),
            "until": iso(one.until),
            "status": one.ended.value,
            "reason": one.image.tag_map.get(REVOKED_TAG, ""),
            "created_at": iso(one.image.created_time),
        }
        for one in served
    ]
    return Result(rows, rows, _HISTORY, HISTORY_KEYS)


def family_change(plan: FamilyPlan, region: str) -> Result:
    """Return what a family serves after a change."""
    before, after = plan.before, plan.after
    document = {
        "family": plan.family,
        "before": image_json(before, region) if before else None,
        "after": image_json(after, region) if after else None,
        "deprecated": [image.image_id for image in plan.deprecated],
        "changed": bool(plan.edits),
    }
    row = {
        "id": after.image_id if after else "",
        "name": after.image_name if after else "",
        "family": plan.family,
        "before": before.image_id if before else "",
        "deprecated": document["deprecated"],
    }
    footer = "" if plan.edits else Message("family.unchanged", image=row["id"], family=plan.family)
    return Result(
        document,
        [row] if after else [],
        _CHANGE,
        tuple(row),
        footer=footer,
        empty=Message("family.serves-nothing", family=plan.family),
    )


def _status_style(row: Row) -> str:
    return _STATUS_STYLES.get(row["status"], "dim")


_HISTORY = (
    ID,
    NAME,
    Column("SINCE (UTC)", "since", moment=True),
    Column("UNTIL (UTC)", "until", moment=True),
    Column("STATUS", "status", style=_status_style),
    Column("REASON", "reason", fit="wrap", rank=1),
)
_CHANGE = (
    Column("FAMILY", "family", style="bold"),
    Column("SERVES", "id", style="cyan"),
    Column("NAME", "name", fit="shorten"),
    Column("BEFORE", "before"),
    Column("DEPRECATED", "deprecated", fit="wrap"),
)
