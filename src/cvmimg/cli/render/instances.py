"""Instances, with whether they can be imaged while they run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cvmimg.cli.messages import text
from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.text import iso
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.workflows.list_instances import ListedInstance

INSTANCE_KEYS = (
    "id",
    "name",
    "state",
    "zone",
    "type",
    "private_ips",
    "public_ips",
    "image_id",
    "os_name",
    "created_at",
    "region",
    "online",
    "obstacles",
    "tags",
)
_STATE_STYLES = {"RUNNING": "green", "LAUNCH_FAILED": "red"}


def listed_instance_json(listed: ListedInstance) -> dict[str, Any]:
    """Return the JSON object of an instance in a list.

    Its ``online`` says whether it can be imaged while it runs (null if it does not run), and
    ``obstacles`` why not.
    """
    instance = listed.instance
    return {
        "id": instance.instance_id,
        "name": instance.instance_name,
        "state": instance.instance_state,
        "zone": instance.placement.zone,
        "type": instance.instance_type,
        "private_ips": list(instance.private_ip_addresses),
        "public_ips": list(instance.public_ip_addresses),
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
    region = [Column("REGION", lambda row: row["region"], "region")] if all_regions else []
    return Result(
        rows,
        rows,
        [*region, *_COLUMNS],
        INSTANCE_KEYS,
        empty=text(Message("NoInstances")),
    )


def _online(row: Row) -> str:
    if row["online"] is None:
        return ""
    return "yes" if row["online"] else f"no: {'; '.join(row['obstacles'])}"


_COLUMNS = (
    Column("ID", lambda row: row["id"], "id", style=lambda _: "cyan"),
    Column("NAME", lambda row: row["name"], "name", style=lambda _: "bold", fit="shorten"),
    Column(
        "STATE",
        lambda row: row["state"],
        "state",
        style=lambda row: _STATE_STYLES.get(row["state"], "yellow"),
    ),
    Column("TYPE", lambda row: row["type"], "type", rank=3),
    Column("IMAGE", lambda row: row["image_id"], "image_id", rank=2),
    Column("OS", lambda row: row["os_name"], "os_name", fit="shorten", rank=4),
    Column("ONLINE IMAGE", _online, "online", fit="wrap"),
)
