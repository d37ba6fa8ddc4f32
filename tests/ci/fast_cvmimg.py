"""cvmimg on a clock that runs faster than the machine's, as that of the sandbox does.

It does the same as on the machine's clock, in the same order and as often; only its waits are
shorter. The date stays the machine's: the cloud refuses a signature of another time.
"""

from __future__ import annotations

import sys
from pathlib import Path
from unittest import mock

from cvmimg import clock
from cvmimg.__main__ import main
from cvmimg.clock import SystemClock

SPEED = 20.0


class FastClock(SystemClock):
    """The machine's clock, but all that is measured with it passes faster."""

    def monotonic(self) -> float:
        return super().monotonic() * SPEED

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / SPEED)


def run() -> None:
    """Run the command line, and exit with its code."""
    with mock.patch.object(clock, "SystemClock", FastClock):
        main()


def write_program(path: Path) -> None:
    """Write a program that runs this module, as the installed cvmimg runs the package."""
    root = Path(__file__).parents[2]
    lines = (
        f"#!{sys.executable}",
        "import sys",
        f"sys.path.insert(0, {str(root)!r})",
        f"from {__name__} import run",
        "run()",
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o755)
