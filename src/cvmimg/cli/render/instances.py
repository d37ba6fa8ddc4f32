"""Instances, with whether they can be imaged while they run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cvmimg.cli.messages import text
from cvmimg.cli.render import ID, NAME, REGION, Column, Result, Row, launched
from cvmimg.cli.text import iso
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.workflows.list_instances import ListedInstance

_MORE_KEYS = ("image_id", "os_name", "created_at", "region", "online", "obstacles", "tags")
INSTANCE_KEYS = (*launched.INSTANCE_KEYS, *_MORE_KEYS)
_STATE_STYLES = {"RUNNING": "green", "LAUNCH_FAILED": "red"}


def listed_instance_json(listed: ListedInstance) -> dict[str, Any]:
    """Return the JSON object of an instance in a list.

    Its ``online`` says whether it can be imaged while it runs (null if it does not run), and
    ``obstacles`` why not.
    """
    instance = listed.instance
    return {
        **launched.instance_json(instance),
        "image_id": instance.image_id,
        "os_name": instance.os_name,
        "created_at": iso(instance.created_time),
        "region": listed.region,
        "online": listed.online,
        "obstacles": [text(each) for each in listed.obstacles],
        "tags": instance.tag_map,
    }


def instance_list(listed: Sequence[ListedInstance], *, all_regions: bool) -> Result:
    """Return a list of instances; with their regions, if it spans several."""
    rows = [listed_instance_json(each) for each in listed]
    region = (REGION,) if all_regions else ()
    return Result(
        rows,
        rows,
        [*region, *_COLUMNS],
        INSTANCE_KEYS,
        empty=Message("NoInstances"),
    )


def _online(row: Row) -> str:
    if row["online"] is None:
        return ""
    return "yes" if row["online"] else f"no: {'; '.join(row['obstacles'])}"


_COLUMNS = (
    ID,
    NAME,
    Column("STATE", "state", style=lambda row: _STATE_STYLES.get(row["state"], "yellow")),
    Column("TYPE", "type", rank=3),
    Column("IMAGE", "image_id", rank=2),
    Column("OS", "os_name", fit="shorten", rank=4),
    Column("ONLINE IMAGE", "online", _online, fit="wrap"),
)
