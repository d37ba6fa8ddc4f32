"""The report of an unexpected error: a file to paste into an issue."""

from __future__ import annotations

import secrets
import shlex
import traceback
from datetime import datetime, timezone
from pathlib import Path

from cvmimg.cli.messages import text
from cvmimg.cli.redact import redacted
from cvmimg.cli.settings import Invocation
from cvmimg.cli.versions import versions
from cvmimg.config import state_dir
from cvmimg.message import Message

_KEPT = 10


def write_report(error: BaseException, invocation: Invocation) -> Path | None:
    """Write a report with versions, the command and the traceback, without secrets.

    Returns:
        Its path; None if it cannot be written. Of older reports, only the newest are kept.
    """
    try:
        folder = state_dir(invocation.environment) / "reports"
        folder.mkdir(parents=True, exist_ok=True)
        moment = datetime.now(timezone.utc)
        path = folder / f"{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.md"
        path.touch(mode=0o600)
        path.write_text(_report(error, invocation), encoding="utf-8", errors="backslashreplace")
        for old in sorted(folder.glob("*.md"))[:-_KEPT]:
            old.unlink(missing_ok=True)
    except (OSError, ValueError):
        return None
    return path


def _report(error: BaseException, invocation: Invocation) -> str:
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    report = "\n".join(
        [
            text(Message("report.unexpected")),
            "",
            "```",
            *(f"{name} {version}" for name, version in versions().items()),
            f"$ {shlex.join(['cvmimg', *invocation.arguments])}",
            "".join(lines).rstrip(),
            "```",
            "",
        ]
    )
    return redacted(report, invocation.environment, invocation.home)
