"""A picture of ``cvmimg create`` in a terminal, drawn by the tool's own progress bar."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from unittest.mock import patch

from rich.console import Console
from rich.text import Text

from cvmimg.cli.progress.display import DisplayedStage
from cvmimg.cli.progress.live import LiveDisplay
from cvmimg.cloud.progress import Progress
from simulation import fresh_sandbox, run

COMMAND = "create --instance ins-web00001 --name web-v2"
WIDTH = 112
# The moment: far enough to see the bar, with enough of it left.
PERCENT = 60.0


class Snapshot(LiveDisplay):
    """Draws the bars once, at the moment, beneath what has finished until then."""

    taken = ""

    def advance(self, stage: DisplayedStage, progress: Progress) -> None:
        """Take the picture at the moment."""
        super().advance(stage, progress)
        if not self.taken and (progress.percent or 0) >= PERCENT:
            self.console.print(self.group)
            type(self).taken = self.console.export_svg(title="cvmimg")


def picture() -> str:
    """The picture, as SVG."""
    # Off a terminal, rich prints only what stays, so no bar is drawn but that of the snapshot.
    console = Console(
        file=io.StringIO(),
        record=True,
        width=WIDTH,
        force_terminal=False,
        highlight=False,
        get_time=lambda: 0.0,
    )
    console.print(Text.assemble(("$ ", "bold green"), f"cvmimg {COMMAND}"))
    with fresh_sandbox(speed=1) as clock, silence():
        display = Snapshot(sys.stderr, clock=clock, console=console)
        with patch("cvmimg.cli.progress.display_for", return_value=display):
            code = run(COMMAND.split(), clock)
    assert code == 0
    assert Snapshot.taken, "the moment never came"
    return "".join(f"{line.rstrip()}\n" for line in Snapshot.taken.splitlines())


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Keep what the command prints from this terminal."""
    screen = io.StringIO()
    with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
        yield
