"""Prints the coverage of the contract at the end of the run."""

from __future__ import annotations

from collections import Counter

import pytest

COVERED = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[COVERED] = Counter()


@pytest.fixture(scope="session")
def covered(request: pytest.FixtureRequest) -> Counter[str]:
    """Return the counters of the coverage."""
    return request.config.stash[COVERED]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    counts = config.stash[COVERED]
    if counts:
        summary = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
        terminalreporter.write_line(f"contract with the official description: {summary}")
