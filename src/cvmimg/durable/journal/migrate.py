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
        "steps": [_step(step, _step_suffix(fields)) for step in fields.get("steps", [])],
        "request": _REQUESTS.get(fields["kind"], _unchanged)(fields),
    }
    if giving_up or error:
        migrated["failure"] = {"code": "Failed", "message": _plain(error)}
    return migrated


def _plain(text: str) -> dict[str, Any]:
    return {"code": "PlainText", "params": {"text": text}}


def _step_suffix(fields: Mapping[str, Any]) -> str:
    """Return what the names of the steps end in today: an update names its image in them."""
    return f" {fields['request']['image_id']}" if fields["kind"] == "update" else ""


def _step(step: Mapping[str, Any], suffix: str) -> dict[str, Any]:
    return {
        **step,
        "name": f"{step['name']}{suffix}",
        "status": _STEP_STATUS[step["status"]],
        "temporary": step["name"] in _TEMPORARY,
    }


def _create(fields: Mapping[str, Any]) -> dict[str, Any]:
    plan = fields["request"]
    return {
        **{name: value for name, value in plan.items() if name != "ssh"},
        "access": {"ssh": plan.get("ssh")},
        "checks": [_check(check) for check in plan["checks"]],
    }


def _check(check: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": check["id"],
        "status": check["status"],
        "message": _plain(check["summary"]),
        "details": list(map(_plain, check["detail"].splitlines())),
        "remedies": list(map(_plain, check["remedy"].splitlines())),
    }


def _launch(fields: Mapping[str, Any]) -> dict[str, Any]:
    request = fields["request"]
    return {
        "run": request["run"],
        "wait": request["wait"],
        "delete_snapshot_ids": request["delete_snapshots"],
        "known_instance_ids": None,
    }


def _snapshot(fields: Mapping[str, Any]) -> dict[str, Any]:
    request, (instance_id,) = fields["request"], fields["instance_ids"]
    wanted = {name: request[name] for name in ("disks", "name", "tags", "mount_points")}
    return {"snapshots": {"instance_id": instance_id, **wanted}, "wait": request["wait"]}


def _delete(fields: Mapping[str, Any]) -> dict[str, Any]:
    images = fields["request"]["images"]
    return {"images": [{**image["deleted"], "shared_with": image["accounts"]} for image in images]}


def _update(fields: Mapping[str, Any]) -> dict[str, Any]:
    request = dict(fields["request"])
    return {"image_ids": [request.pop("image_id")], **request}


def _unchanged(fields: Mapping[str, Any]) -> dict[str, Any]:
    return dict(fields["request"])


_REQUESTS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "create": _create,
    "launch": _launch,
    "snapshot": _snapshot,
    "delete": _delete,
    "update": _update,
}
