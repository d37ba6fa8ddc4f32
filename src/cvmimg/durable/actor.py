"""Who runs the program, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Who runs the program; every field may be empty.

    Attributes:
        host: the name of this machine.
        user: the name of the user on it.
        run_url: the page of the CI run.
    """

    host: str = ""
    user: str = ""
    run_url: str = ""
