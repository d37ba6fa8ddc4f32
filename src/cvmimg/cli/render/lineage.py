"""The lineage of an image, as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cvmimg.cli.messages import text
from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.text import iso
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.workflows.lineage import Entry, Lineage, Node

LINEAGE_KEYS = (
    "id",
    "kind",
    "name",
    "region",
    "state",
    "relation",
    "parent_id",
    "depth",
    "exists",
    "created_at",
)


def lineage_tree(lineage: Lineage) -> Result:
    """Return the whole lineage; the image itself stands out."""
    return _result(lineage, lineage.entries)


def affected_list(lineage: Lineage) -> Result:
    """Return what comes from the image."""
    return _result(lineage, lineage.affected)


def _result(lineage: Lineage, entries: Sequence[Entry]) -> Result:
    rows = [_entry_json(entry) for entry in entries]
    branches = dict(zip((row["id"] for row in rows), _branches(rows), strict=True))
    columns = [
        Column(
            "ID",
            "id",
            lambda row: f"{branches.get(row['id'], '')}{row['id']}",
            style=lambda row: "bold cyan" if row["id"] == lineage.image_id else "cyan",
        ),
        Column("NAME", "name", fit="shorten"),
        Column("STATE", "state", _state),
        Column("REGION", "region", rank=1),
        Column("ORIGIN", "relation", rank=2),
    ]
    nothing = Message("lineage.nothing-affected", image=lineage.image_id)
    return Result(rows, rows, columns, LINEAGE_KEYS, empty=text(nothing))


def _entry_json(entry: Entry) -> dict[str, Any]:
    node, resource = entry.node, entry.node.resource
    return {
        "id": node.id,
        "kind": node.kind,
        "name": _attribute(node, "name"),
        "region": node.region,
        "state": _attribute(node, "state"),
        "relation": node.relation.value if node.relation else None,
        "parent_id": node.parent_id or None,
        "depth": entry.depth,
        "exists": resource is not None,
        "created_at": iso(resource.created_time) if resource else None,
    }


def _attribute(node: Node, name: str) -> str:
    """Return the name or the state of an image or instance; empty if it is gone."""
    return str(getattr(node.resource, f"{node.kind}_{name}", ""))


def _state(row: Row) -> str:
    return str(row["state"]) if row["exists"] else "not found"


def _branches(rows: Sequence[Row]) -> list[str]:
    """Return the tree lines to draw before each row."""
    least = min((row["depth"] for row in rows), default=0)
    depths = [row["depth"] - least for row in rows]
    branches = []
    for position, depth in enumerate(depths):
        following = depths[position + 1 :]
        lines = [_goes_on(following, level) for level in range(1, depth + 1)]
        stems = ["│  " if goes_on else "   " for goes_on in lines[:-1]]
        ends = [("├─ " if lines[-1] else "└─ ")] if lines else []
        branches.append("".join(stems + ends))
    return branches


def _goes_on(following: Sequence[int], level: int) -> bool:
    """Return whether another row of this level follows before its branch ends."""
    return next((depth == level for depth in following if depth <= level), False)
