"""The three answers to whether a step happened. "Not found" and "unknown" differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cvmimg.errors import CvmimgError

Outcome = dict[str, Any]
"""The result of a step, as JSON for the journal."""


@dataclass(frozen=True)
class Happened:
    """The cloud shows that the step was carried out, with this outcome."""

    outcome: Outcome = field(default_factory=dict)


@dataclass(frozen=True)
class DidNotHappen:
    """The cloud shows that the step was not carried out."""


@dataclass(frozen=True)
class Unknown:
    """The cloud does not show whether the step was carried out, because of ``error``."""

    error: CvmimgError


StepCheck = Happened | DidNotHappen | Unknown


def happened(done: bool) -> StepCheck:
    """Return the answer that a step without an outcome was carried out, or was not."""
    return Happened() if done else DidNotHappen()
