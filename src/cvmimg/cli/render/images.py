"""Images, as the contract has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cvmimg.cli.render import ID, NAME, REGION, Column, Result, Row
from cvmimg.cli.text import iso
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.cloud.models import Image
    from cvmimg.workflows.copy.operation import Copied
    from cvmimg.workflows.list_images import RegionalImage

IMAGE_KEYS = (
    "id",
    "name",
    "state",
    "type",
    "source",
    "description",
    "family",
    "deprecated",
    "os_name",
    "platform",
    "architecture",
    "size_gib",
    "created_at",
    "region",
    "creator",
    "progress",
    "cloud_init",
    "license_type",
    "snapshots",
    "tags",
)
_STATE_STYLES = {"NORMAL": "green", "CREATEFAILED": "red", "IMPORTFAILED": "red"}


def image_json(image: Image, region: str) -> dict[str, Any]:
    """Return the contract's JSON object of an image."""
    return {
        "id": image.image_id,
        "name": image.image_name,
        "state": image.image_state,
        "type": image.image_type,
        "source": image.image_source,
        "description": image.image_description,
        "family": image.image_family,
        "deprecated": image.image_deprecated,
        "os_name": image.os_name,
        "platform": image.platform,
        "architecture": image.architecture,
        "size_gib": image.image_size,
        "created_at": iso(image.created_time),
        "region": region,
        "creator": image.image_creator,
        "progress": image.progress,
        "cloud_init": image.is_support_cloudinit,
        "license_type": image.license_type,
        "snapshots": [
            {"id": each.snapshot_id, "usage": each.disk_usage, "size_gib": each.disk_size}
            for each in image.snapshot_set
        ],
        "tags": image.tag_map,
    }


def image_list(images: Sequence[RegionalImage], *, region: str) -> Result:
    """Return a list of images of one region, or of all if ``region`` is empty."""
    rows = [image_json(each.image, each.region) for each in images]
    return Result(
        document=rows,
        rows=rows,
        columns=LIST_COLUMNS if region else [REGION, *LIST_COLUMNS],
        keys=IMAGE_KEYS,
        empty=Message("NoImages", region=region or "any region"),
    )


def images_in_full(images: Sequence[Image], region: str, *, several: bool) -> Result:
    """Return images in full; the document is an array if several were asked for."""
    rows = [image_json(image, region) for image in images]
    return _in_full(rows, DETAIL_COLUMNS, IMAGE_KEYS, several=several)


def image_details(
    images: Sequence[tuple[Image, Sequence[str] | None]], region: str, *, several: bool
) -> Result:
    """Return images in full with the accounts that each is shared with; None if unknown."""
    rows = [image_json(image, region) | {"shared_with": shared} for image, shared in images]
    columns, keys = [*DETAIL_COLUMNS, _SHARED_WITH], (*IMAGE_KEYS, "shared_with")
    return _in_full(rows, columns, keys, several=several)


def _in_full(
    rows: Sequence[Row], columns: Sequence[Column], keys: Sequence[str], *, several: bool
) -> Result:
    return Result(rows if several else rows[0], rows, columns, keys, details=True)


def copied_json(copy: Copied) -> dict[str, Any]:
    """Return the contract's JSON object of a copy."""
    from cvmimg.cli.failure import error_json

    return {
        "region": copy.region,
        "image": image_json(copy.image, copy.region) if copy.image else None,
        "error": error_json(copy.error) if copy.error else None,
    }


def copied_image(source: Image, region: str, copies: Sequence[Copied]) -> Result:
    """Return the copies of an image by region, as the contract has them; each has its error."""
    copied = list(map(copied_json, copies))
    rows = [
        {"id": copy.image.image_id if copy.image else "", **fields}
        for copy, fields in zip(copies, copied, strict=True)
    ]
    document = {"source": image_json(source, region), "copies": copied}
    failed = any(row["error"] for row in rows)
    columns = _COPY_COLUMNS if failed else _COPY_COLUMNS[:-1]
    return Result(document, rows, columns, ("region", "id", "error"))


def image_sharing(image: Image, region: str, shared_with: Sequence[str]) -> Result:
    """Return what ``share`` and ``unshare`` print: as ``show``, but with less in the table."""
    whole = image_details([(image, shared_with)], region, several=False)
    shown = [column for column in whole.columns if column.title in ("id", "name", "shared with")]
    return replace(whole, columns=shown)


def _state(row: Row) -> str:
    progress = "" if row["progress"] is None else f" {row['progress']}%"
    deprecated = " (deprecated)" if row["deprecated"] else ""
    return f"{row['state']}{progress}{deprecated}"


def _state_style(row: Row) -> str:
    return _STATE_STYLES.get(row["state"], "yellow")


def _tags(row: Row) -> list[str]:
    return [f"{key}={value}" for key, value in row["tags"].items()]


def _snapshots(row: Row) -> list[str]:
    return [f"{s['id']} ({s['usage']}, {s['size_gib']} GiB)" for s in row["snapshots"]]


LIST_COLUMNS = (
    ID,
    NAME,
    Column("STATE", "state", _state, style=_state_style),
    Column("GIB", "size_gib", right=True, rank=3),
    Column("FAMILY", "family", fit="shorten", rank=2),
    Column("OS", "os_name", fit="shorten", rank=4),
    Column("CREATED (UTC)", "created_at", moment=True, style="dim", rank=1),
)
DETAIL_COLUMNS = (
    Column("id", "id", style="cyan"),
    Column("name", "name", style="bold"),
    Column("state", text=_state, style=_state_style),
    Column("description", "description"),
    Column("family", "family"),
    Column("type", text=lambda row: f"{row['type']} ({row['source']})"),
    Column("os", text=lambda row: f"{row['os_name']} ({row['platform']}, {row['architecture']})"),
    Column("size", text=lambda row: f"{row['size_gib']} GiB"),
    Column("created", "created_at", moment=True),
    Column("region", "region"),
    Column("creator", "creator"),
    Column("cloud-init", text=lambda row: "yes" if row["cloud_init"] else "no"),
    Column("license", "license_type"),
    Column("snapshots", text=_snapshots),
    Column("tags", text=_tags),
)
_SHARED_WITH = Column("shared with", "shared_with")
_COPY_COLUMNS = (
    REGION,
    ID,
    Column("STATE", "state", lambda row: _state(row["image"]) if row["image"] else ""),
    Column("ERROR", text=lambda row: row["error"]["message"] if row["error"] else "", fit="wrap"),
)
