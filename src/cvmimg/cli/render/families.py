"""Image families."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cvmimg.cli.messages import text
from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.render.images import image_json
from cvmimg.cli.text import iso, minute
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
    region = [Column("REGION", lambda row: row["region"], "region")] if all_regions else []
    columns = [
        Column("FAMILY", lambda row: row["id"], "id", style=lambda _: "bold"),
        *region,
        Column("SERVES", lambda row: row["image_id"] or "", "image_id", style=lambda _: "cyan"),
        Column("NAME", lambda row: row["image_name"] or "", "image_name", fit="shorten"),
        Column(
            "CREATED (UTC)",
            lambda row: minute(row["created_at"]),
            "created_at",
            moment="created_at",
            rank=1,
        ),
        Column("IMAGES", lambda row: str(row["images"]), "images", right=True, rank=2),
        Column("USABLE", lambda row: str(row["usable"]), "usable", right=True, rank=3),
    ]
    return Result(rows, rows, columns, FAMILY_KEYS, empty=text(Message("family.none")))


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
    footer = (
        "" if plan.edits else text(Message("family.unchanged", image=row["id"], family=plan.family))
    )
    return Result(
        document,
        [row] if after else [],
        _CHANGE,
        tuple(row),
        footer=footer,
        empty=text(Message("family.serves-nothing", family=plan.family)),
    )


def _status_style(row: Row) -> str:
    return _STATUS_STYLES.get(row["status"], "dim")


_HISTORY = (
    Column("ID", lambda row: row["id"], "id", style=lambda _: "cyan"),
    Column("NAME", lambda row: row["name"], "name", style=lambda _: "bold", fit="shorten"),
    Column("SINCE (UTC)", lambda row: minute(row["since"]), "since", moment="since"),
    Column("UNTIL (UTC)", lambda row: minute(row["until"]), "until", moment="until"),
    Column("STATUS", lambda row: row["status"], "status", style=_status_style),
    Column("REASON", lambda row: row["reason"], "reason", fit="wrap", rank=1),
)
_CHANGE = (
    Column("FAMILY", lambda row: row["family"], "family", style=lambda _: "bold"),
    Column("SERVES", lambda row: row["id"], "id", style=lambda _: "cyan"),
    Column("NAME", lambda row: row["name"], "name", fit="shorten"),
    Column("BEFORE", lambda row: row["before"], "before"),
    Column("DEPRECATED", lambda row: row["deprecated"], "deprecated", fit="wrap"),
)
