"""What holds for every test."""

from __future__ import annotations

import random
import signal

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell without job control lets what it starts with "&" ignore Ctrl-C, and so would every
    # process that a test starts and interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def same_jitter_every_run() -> None:
    """Pauses are jittered: a bound that holds in one run has to hold in all."""
    random.seed(45)
