"""The parameters of CreateImage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TAGS = "TagSpecification"
"""The parameter that holds the tags."""


def create_image_request(
    name: str,
    *,
    instance_id: str = "",
    snapshot_ids: Sequence[str] = (),
    data_disk_ids: Sequence[str] = (),
    description: str = "",
    family: str = "",
    sysprep: bool = False,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the parameters of CreateImage; the same for the dry run and for the image itself.

    ForcePoweroff is always "false": an instance that must be shut down is shut down before, and a
    dry run that is not honored must never power one off.
    """
    pairs = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    request: dict[str, Any] = {
        "ImageName": name,
        "InstanceId": instance_id,
        "ForcePoweroff": "false" if instance_id else "",
        "SnapshotIds": list(snapshot_ids),
        "DataDiskIds": list(data_disk_ids),
        "ImageDescription": description,
        "ImageFamily": family,
        "Sysprep": "true" if sysprep else "",
        TAGS: [{"ResourceType": "image", "Tags": pairs}] if pairs else [],
    }
    return {key: value for key, value in request.items() if value}


def without_tags(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters for an image that is tagged afterwards."""
    return {name: value for name, value in request.items() if name != TAGS}
