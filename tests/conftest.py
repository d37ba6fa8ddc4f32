"""What holds for every test."""

from __future__ import annotations

import random

import pytest


@pytest.fixture(autouse=True)
def same_jitter_every_run() -> None:
    """Pauses are jittered: a bound that holds in one run has to hold in all."""
    random.seed(45)
