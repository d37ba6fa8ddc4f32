"""Information about the CI run that this process is part of."""

from __future__ import annotations

import re
from collections.abc import Mapping

_RUNS = (
    ("gh", ("GITHUB_RUN_ID", "GITHUB_JOB")),
    ("gl", ("CI_PIPELINE_ID", "CI_JOB_NAME")),
    ("cnb", ("CNB_BUILD_ID", "CNB_PIPELINE_ID")),
    ("jenkins", ("BUILD_TAG",)),
)
"""By system, the variables that are the same when the job is run again."""
_GITHUB_RUN = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
_LONGEST = 30
"""Leaves room for the instance's id, which is appended if there are several."""


def in_github(environment: Mapping[str, str]) -> bool:
    """Return whether the log is read by GitHub Actions, or by a compatible system."""
    return environment.get("GITHUB_ACTIONS") == "true"


def operation_id(environment: Mapping[str, str], fingerprint: str) -> str:
    """Return the id of an operation that a re-run of the job continues; empty outside of CI.

    Args:
        environment: the variables of the process.
        fingerprint: of the request, since one job may create several images.
    """
    for system, names in _RUNS:
        values = [environment.get(name, "") for name in names]
        if all(values):
            text = re.sub(r"[^a-z0-9]+", "-", "-".join(values).lower()).strip("-")
            return f"{system}-{text[:_LONGEST]}-{fingerprint[:8]}"
    return ""


def run_url(environment: Mapping[str, str]) -> str:
    """Return the page of the CI run that this process is part of; empty outside of CI.

    Args:
        environment: the variables of the process.
    """
    for name in ("CI_JOB_URL", "CNB_BUILD_WEB_URL", "BUILD_URL"):
        if environment.get(name):
            return environment[name]
    parts = [environment.get(name, "") for name in _GITHUB_RUN]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else ""
