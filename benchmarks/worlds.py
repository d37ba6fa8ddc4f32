"""Worlds of a chosen size for the sandbox."""

from __future__ import annotations

from typing import Any

from benchmarks.server import REGION
from cvmimg.sandbox.world.regions import IDS

_ROOM = 1_000_000


def images(count: int) -> dict[str, Any]:
    """A region with so many custom images."""
    images = [{"id": f"img-{number:08d}", "name": f"web-{number}"} for number in range(count)]
    return _world({REGION: {"images": images}})


def an_image_in_each_region() -> dict[str, Any]:
    """One custom image in each region."""
    return _world(
        {
            region: {"images": [{"id": f"img-{number:08d}", "name": "web"}]}
            for number, region in enumerate(IDS)
        }
    )


def instances(count: int) -> dict[str, Any]:
    """A region with so many instances, each of which can be imaged while it runs."""
    return _world({REGION: {"instances": [{"id": each} for each in instance_ids(count)]}})


def instance_ids(count: int) -> list[str]:
    """The ids of these instances."""
    return [f"ins-{number:08d}" for number in range(count)]


def _world(regions: dict[str, Any]) -> dict[str, Any]:
    return {"quota": _ROOM, "snapshot_quota": _ROOM, "regions": regions}
