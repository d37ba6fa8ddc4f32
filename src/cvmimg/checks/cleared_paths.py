"""Notice ``cleared-paths``: what Tencent Cloud clears in the image."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status, skipped
from cvmimg.message import Message


def check(facts: Facts) -> CheckResult:
    """Name the paths that are cleared in the image; the instance itself keeps them."""
    instance = facts.instance
    if instance is not None and instance.is_windows:
        return skipped("NothingClearedOnWindows")
    paths = ["/var/log/*", "/root/.bash_history"]
    if instance is None or "ubuntu" in instance.os_name.lower():
        paths.append("/home/ubuntu/.bash_history")
    summary = Message("PathsCleared", paths=paths)
    return CheckResult(Status.PASS, summary, (Message("cleared-paths.kept"),))
