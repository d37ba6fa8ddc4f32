"""A manifest like the one that Packer's post-processor "manifest" writes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cvmimg.cli.run_report import RunReport

_BUILDER = "cvmimg"


def manifest(report: RunReport, path: Path) -> str | None:
    """Return the builds of the file that exists, and those of this run; None without an image.

    Raises:
        ValueError: the file is something else.
        OSError: it cannot be read.
    """
    if not report.images or report.error is not None:
        return None
    run = str(uuid.uuid5(uuid.NAMESPACE_OID, ",".join(report.operation_ids)))
    # A repeated run continues the same operation, and its build is not listed twice.
    builds = [each for each in earlier_builds(path) if each.get("packer_run_uuid") != run]
    builds += [_build(report, image, run) for image in report.images]
    return json.dumps({"builds": builds, "last_run_uuid": run}, indent=2) + "\n"


def earlier_builds(path: Path) -> list[dict[str, Any]]:
    """Return the builds of a manifest; none if there is no such file.

    Raises:
        ValueError: the file is not a manifest.
        OSError: it cannot be read.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    document = json.loads(content) if content.strip() else {"builds": []}
    builds = document.get("builds") if isinstance(document, dict) else None
    if not isinstance(builds, list) or not all(isinstance(each, dict) for each in builds):
        raise ValueError("not a Packer manifest")
    return builds


def _build(report: RunReport, image: Mapping[str, Any], run: str) -> dict[str, Any]:
    image_id = image["id"]
    places = [(image["region"], image_id), *report.copies[image_id]]
    return {
        "name": image["name"],
        "builder_type": _BUILDER,
        "build_time": int(report.ended),
        "files": None,
        "artifact_id": ",".join(f"{region}:{each}" for region, each in places),
        "packer_run_uuid": run,
        "custom_data": {
            "family": image["family"],
            "image_name": image["name"],
            "operation_id": ",".join(report.operation_ids),
            "source_instance_id": report.sources[image_id],
        },
    }
