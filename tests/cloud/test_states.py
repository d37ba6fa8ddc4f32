"""Which states can still become the wanted one."""

from __future__ import annotations

import pytest

from cvmimg.cloud.states import Phase, PowerState, image_phase, instance_phase, snapshot_phase


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        ("NORMAL", Phase.DONE),
        ("CREATING", Phase.MOVING),
        ("SYNCING", Phase.MOVING),
        ("IMPORTING", Phase.MOVING),
        ("CREATEFAILED", Phase.FAILED),
        ("IMPORTFAILED", Phase.FAILED),
        ("PONDERING", Phase.UNKNOWN),
    ],
)
def test_an_image(state: str, phase: Phase) -> None:
    assert image_phase(state) is phase


@pytest.mark.parametrize(
    ("state", "goal", "phase"),
    [
        ("RUNNING", "RUNNING", Phase.DONE),
        ("RUNNING", "STOPPED", Phase.MOVING),
        ("STOPPED", "RUNNING", Phase.MOVING),
        ("SERVICE_LIVE_MIGRATE", "STOPPED", Phase.MOVING),
        ("LAUNCH_FAILED", "RUNNING", Phase.FAILED),
        ("TERMINATING", "STOPPED", Phase.FAILED),
        ("PONDERING", "RUNNING", Phase.UNKNOWN),
    ],
)
def test_an_instance(state: str, goal: PowerState, phase: Phase) -> None:
    assert instance_phase(state, goal) is phase


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        ("NORMAL", Phase.DONE),
        ("CREATING", Phase.MOVING),
        ("CHECKING_COPIED", Phase.MOVING),
        ("TORECYCLE", Phase.FAILED),
        ("PONDERING", Phase.UNKNOWN),
    ],
)
def test_a_snapshot(state: str, phase: Phase) -> None:
    assert snapshot_phase(state) is phase
