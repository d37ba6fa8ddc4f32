"""The result of ``create``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cvmimg.cli.failure import error_json
from cvmimg.cli.messages import text
from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.render.checks import check_json, check_list
from cvmimg.cli.render.images import DETAIL_COLUMNS, IMAGE_KEYS, copied_json, image_json
from cvmimg.cli.render.verified import verified_json
from cvmimg.cli.text import duration
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.cloud.models import Image
    from cvmimg.command_line import CommandLine
    from cvmimg.errors import CvmimgError
    from cvmimg.workflows.create.fstab_fix import FstabReport
    from cvmimg.workflows.create.many import CreateOutcome
    from cvmimg.workflows.create.operation import CreateResult

_REMEDIES = "ChecksFailed.remedies"
_SHOWN = ("id", "name", "state", "family", "os", "size", "region", "snapshots")


def created_json(result: CreateResult, region: str) -> dict[str, Any]:
    """Return the contract's JSON object of ``create``."""
    return {
        "image": image_json(result.image, region) if result.image else None,
        "instance_id": result.instance_id,
        "online": result.online,
        "elapsed_seconds": result.elapsed_seconds,
        "checks": list(map(check_json, result.checks)),
        "fstab": _fstab_json(result.fstab) if result.fstab else None,
        "verification": verified_json(result.verification) if result.verification else None,
        "copies": [copied_json(copy) for copy in result.copies],
        "shared_with": list(result.shared_with),
        "pruned": [image.as_json() for image in result.pruned],
    }


def created(result: CreateResult, region: str, command_line: CommandLine) -> Result:
    """Return the image with its source; after a dry run the results of the checks."""
    document = created_json(result, region)
    if result.image is None:
        return _dry_run(result, document)
    columns = [column for column in DETAIL_COLUMNS if column.title in _SHOWN]
    if result.fstab is not None:
        columns.append(Column("fstab", text=lambda _: _fstab_text(document["fstab"])))
    columns += _published(result)
    columns.append(Column("took", text=lambda _: duration(result.elapsed_seconds)))
    image = image_json(result.image, region)
    return Result(
        document=document,
        rows=[image],
        columns=columns,
        keys=IMAGE_KEYS,
        details=True,
        footer=_next_command(result.image, command_line),
    )


def _published(result: CreateResult) -> list[Column]:
    """Return what else was done with the image; nothing if nothing was requested."""
    copies = [f"{copy.image.image_id} ({copy.region})" for copy in result.copies if copy.image]
    columns = []
    if result.verification:
        code = "created.verified" if result.verification.passed else "created.not-verified"
        columns.append(Column("verified", text=lambda _: text(Message(code))))
    if copies:
        columns.append(Column("copies", text=lambda _: copies))
    if result.shared_with:
        columns.append(Column("shared with", text=lambda _: result.shared_with))
    return columns


def created_many(
    outcomes: Sequence[CreateOutcome], names: Mapping[str, str], region: str
) -> Result:
    """Return the results of several images, in the order of their instances.

    Args:
        outcomes: what came of each.
        names: of the requested images, by instance.
        region: where they are.
    """
    document = [_outcome_json(one, region) for one in outcomes]
    rows = [_row(one, names[one["instance_id"]]) for one in document]
    return Result(document=document, rows=rows, columns=MANY_COLUMNS, keys=MANY_KEYS)


def require_all(outcomes: Sequence[CreateOutcome]) -> None:
    """Raise the worst error of several images, if there is one."""
    errors = [one.error for one in outcomes if one.error is not None]
    if errors:
        worst = max(errors, key=lambda error: (error.exit_code, error.code != "OthersFailed"))
        worst.notes.append(Message("SomeFailed", failed=len(errors), count=len(outcomes)))
        if worst.hint is not None and worst.hint.code == _REMEDIES:
            worst.hint = Message(_REMEDIES, remedies=_all_remedies(errors))
        raise worst


def _all_remedies(errors: Sequence[CvmimgError]) -> list[Message]:
    """Return what to do about the failed checks of all instances, each once."""
    hints = [error.hint for error in errors if error.hint and error.hint.code == _REMEDIES]
    remedies: list[Message] = []
    for remedy in (remedy for hint in hints for remedy in hint.params["remedies"]):
        remedies += [] if remedy in remedies else [remedy]
    return remedies


def _outcome_json(outcome: CreateOutcome, region: str) -> dict[str, Any]:
    error = outcome.error
    if outcome.result is not None:
        return created_json(outcome.result, region) | {
            "error": error_json(error) if error else None
        }
    return {
        "image": None,
        "instance_id": outcome.instance_id,
        "online": False,
        "elapsed_seconds": 0.0,
        "checks": list(map(check_json, getattr(error, "checks", ()))),
        "fstab": None,
        "pruned": [],
        "error": error_json(error) if error else None,
    }


def _row(document: dict[str, Any], name: str) -> dict[str, Any]:
    image, error = document["image"] or {}, document["error"] or {}
    return {
        "instance_id": document["instance_id"],
        "id": image.get("id", ""),
        "name": image.get("name", name),
        "state": image.get("state", ""),
        "error": error.get("message", ""),
    }


def _state(row: Row) -> str:
    """Return the state of an image or, after a dry run, that nothing prevents it."""
    is_dry = not row["id"] and not row["error"]
    return text(Message("created.checks-passed")) if is_dry else row["state"]


MANY_KEYS = ("instance_id", "id", "name", "state", "error")
MANY_COLUMNS = (
    Column("INSTANCE", "instance_id", style="cyan"),
    Column("IMAGE", "id"),
    Column("NAME", "name", fit="shorten", rank=1),
    Column("STATE", "state", _state),
    Column("ERROR", "error", fit="wrap"),
)


def _next_command(image: Image, command_line: CommandLine) -> Message:
    """Return the next command: launch, or wait if the image is not ready."""
    if image.image_state != "NORMAL":
        return Message("created.wait", command=command_line.command("wait", image.image_id))
    launch = command_line.command("launch", "--image", image.image_id)
    return Message("created.launch", command=launch)


def _fstab_json(report: FstabReport) -> dict[str, Any]:
    return {
        "lines": list(report.lines),
        "units": list(report.units),
        "suspended": list(report.suspended),
        "restored": report.restored,
        "detail": text(report.detail) if report.detail else "",
    }


def _fstab_text(fstab: dict[str, Any]) -> str:
    """Describe what was disabled in /etc/fstab for the image, and whether it is restored."""
    disabled = [text(Message("created.fstab-line", number=number)) for number in fstab["lines"]]
    disabled += [*fstab["units"], *fstab["suspended"]]
    if fstab["restored"]:
        return text(Message("fstab.restored", disabled=disabled))
    if not fstab["detail"]:
        return text(Message("fstab.restored-later", disabled=disabled))
    return text(Message("fstab.not-restored", disabled=disabled, detail=fstab["detail"]))


def _dry_run(result: CreateResult, document: dict[str, Any]) -> Result:
    checks = check_list(result.instance_id, result.checks)
    return replace(checks, document=document)
