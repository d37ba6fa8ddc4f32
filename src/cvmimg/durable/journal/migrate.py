"""Read records that earlier versions of the program wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_STEP_STATUS = {"started": "pending", "done": "done", "undone": "reverted"}
_STATUS = {
    "open": "open",
    "done": "done",
    "failed": "failed",
    "undone": "rolled-back",
    "left": "detached",
}
_TEMPORARY = ("stop", "fstab", "freeze")


def migrate(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record in the present format.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: a field is missing, or not of its type.
    """
    version = fields["version"]
    return _from_version_1(fields) if version == 1 else dict(fields)


def _from_version_1(fields: Mapping[str, Any]) -> dict[str, Any]:
    giving_up, error = fields.get("giving_up", False), str(fields.get("error", ""))
    migrated = {
        **{name: value for name, value in fields.items() if name not in ("giving_up", "error")},
        "version": 2,
        "status": _STATUS[fields.get("status", "open")],
        "steps": [_step(step) for step in fields.get("steps", [])],
        "request": _request(str(fields["kind"]), fields["request"]),
    }
    if giving_up or error:
        migrated["failure"] = {"code": "Failed", "message": _plain(error)}
    return migrated


def _plain(text: str) -> dict[str, Any]:
    return {"code": "PlainText", "params": {"text": text}}


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **step,
        "status": _STEP_STATUS[step["status"]],
        "temporary": step["name"] in _TEMPORARY,
    }


def _request(kind: str, request: Mapping[str, Any]) -> dict[str, Any]:
    change = _REQUESTS.get(kind)
    return change(request) if change else dict(request)


def _create(request: Mapping[str, Any]) -> dict[str, Any]:
    migrated = {name: value for name, value in request.items() if name not in ("ssh", "checks")}
    ssh = request.get("ssh")
    migrated["access"] = {"kind": "ssh", "ssh": ssh} if ssh else {"kind": "agent"}
    migrated["checks"] = [
        {
            "id": check["id"],
            "status": check["status"],
            "message": _plain(check["summary"]),
            "details": list(map(_plain, check["detail"].splitlines())),
            "remedies": list(map(_plain, check["remedy"].splitlines())),
        }
        for check in request.get("checks", [])
    ]
    return migrated


def _launch(request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "run": request["run"],
        "wait": request["wait"],
        "delete_snapshot_ids": request["delete_snapshots"],
    }


def _snapshot(request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "disks": request["disks"],
        "name": request["name"],
        "tags": request["tags"],
        "mount_points": request["mount_points"],
        "wait": request["wait"],
    }


def _delete(request: Mapping[str, Any]) -> dict[str, Any]:
    images = [{**image["deleted"], "shared_with": image["accounts"]} for image in request["images"]]
    return {"images": images}


_REQUESTS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "create": _create,
    "launch": _launch,
    "snapshot": _snapshot,
    "delete": _delete,
}
