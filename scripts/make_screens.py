"""Make pictures of every command's screens: docs/screens, one page.

Every command runs against the sandbox, in simulated time, on terminals of 80 and 200 columns (drawn
dark and light), on one without colors, and in a pipe. What the terminal shows is worked out by an
emulator, from the very bytes that a real one would get.

    make_screens.py                 all of them
    make_screens.py --check         write nothing; fail if one is not as it would be made
    make_screens.py create prune    those of some commands, without the page
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from unittest.mock import patch

import click
import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import DIMMED_MONOKAI, TerminalTheme
from rich.text import Text

from cvmimg.cli.app import cli
from cvmimg.cli.progress.display import DisplayedStage
from cvmimg.cli.progress.live import LiveDisplay
from cvmimg.cloud.progress import Progress
from generated import ROOT, write_or_check
from make_docs import subcommands
from screens import SCREENS, Screen
from simulation import SimulatedTime, fresh_sandbox, run

FOLDER = ROOT / "docs" / "screens"
MAKER = "make screens"
WIDTHS = (80, 200)
LONGEST = 500
ENDLESS = ("sandbox serve",)
MOMENT = 60.0
"""The percentage at which the picture of a command in progress is taken."""

DARK = DIMMED_MONOKAI
LIGHT = TerminalTheme(
    (255, 255, 255),
    (40, 44, 52),
    [
        (0, 0, 0),
        (180, 30, 30),
        (0, 120, 50),
        (150, 100, 0),
        (0, 80, 180),
        (140, 40, 140),
        (0, 120, 130),
        (110, 110, 110),
    ],
)
THEMES = {"dark": DARK, "light": LIGHT}
FAINT = re.compile(r"\x1b\[((?:\d+;)*)2((?:;\d+)*)m")
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px monospace; white-space: pre }}
{styles}
</style>
<rect width="100%" height="100%" rx="6" fill="@background"/>
<g transform="translate(8 8)">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g>
</g>
</svg>
"""
HEAD = """\
---
hide:
  - toc
---

<!-- Made by scripts/make_screens.py; `make screens` makes them anew. -->

# Screens

Every command as it looks on terminals of 80 and 200 columns, dark and light, without colors, and
in a pipe. The commands really ran, in the [sandbox](../sandbox.md).
"""


def main() -> int:
    """Make or check the pictures and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="make only the screens of these commands")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    names: list[str] = arguments.names
    screens = [screen for screen in all_screens() if not names or screen.command in names]
    with ProcessPoolExecutor() as pool:
        sections = list(pool.map(make, screens))
    files = {file: picture for section in sections for file, picture in section.pictures.items()}
    if names:
        return write_or_check(files, check=arguments.check, maker=MAKER)
    files[FOLDER / "index.md"] = "\n".join([HEAD, *(section.text for section in sections)])
    gone = {old: "" for old in FOLDER.glob("*.svg") if old not in files}
    if not arguments.check:
        for old in gone:
            old.unlink()
        gone = {}
    return write_or_check(files | gone, check=arguments.check, maker=MAKER)


def all_screens() -> list[Screen]:
    """The screens of every command: its help, and those that screens.py lists.

    Raises:
        SystemExit: a command or subcommand has no screen beside its help.
    """
    screens: list[Screen] = [Screen("cvmimg", "without arguments", [""])]
    screens += [screen for screen in SCREENS if screen.command == "cvmimg"]
    missing = []
    for context in subcommands(click.Context(cli, info_name="cvmimg", **cli.context_settings)):
        name = str(context.info_name)
        screens += [Screen(name, f"help of {path}", [f"{path} --help"]) for path in paths(context)]
        screens += [screen for screen in SCREENS if screen.command == name]
        missing += [path for path in leaves(context) if not is_shown(path)]
    if missing:
        sys.exit(f"scripts/screens.py has no screen of {', '.join(missing)}")
    return screens


def leaves(context: click.Context) -> Iterator[str]:
    """The words of a command, or of its subcommands, if it has any."""
    names = list(paths(context))
    yield from (name for name in names if not any(other.startswith(f"{name} ") for other in names))


def is_shown(path: str) -> bool:
    """Whether a screen runs the command; one that never ends cannot be shown."""
    commands = [command for screen in SCREENS for command in screen.commands]
    return path in ENDLESS or any(f"{command} ".startswith(f"{path} ") for command in commands)


def paths(context: click.Context) -> Iterator[str]:
    """The words of a command and of its subcommands."""
    yield context.command_path.removeprefix("cvmimg ")
    for child in subcommands(context):
        yield from paths(child)


@dataclass(frozen=True)
class Section:
    """A screen's part of the page, and the pictures in it."""

    text: str
    pictures: Mapping[Path, str]


def make(screen: Screen) -> Section:
    """Run the commands of a screen on every kind of terminal, and in a pipe."""
    pictures: dict[Path, str] = {}
    parts = [f"## {screen.command}: {screen.title}", ""]
    for columns in WIDTHS:
        shown = show(screen, columns)
        for theme in THEMES:
            name = f"{screen.slug}-{columns}-{theme}.svg"
            pictures[FOLDER / name] = drawn(shown, theme)
            label = f"{screen.command}, {screen.title}: {columns} columns, {theme}"
            parts.append(f"![{label}]({name}){{ loading=lazy }}")
        parts.append("")
    plain = "\n".join(line.plain.rstrip() for line in show(screen, 80, color=False))
    parts += ["Without colors:", "", "```text", plain, "```", ""]
    parts += ["In a pipe:", "", "```text", piped(screen), "```", ""]
    return Section("\n".join(parts), pictures)


@dataclass
class Terminal(io.StringIO):
    """A stream that says that it is a terminal, and keeps what is written to it."""

    columns: int = 80
    encoding = "utf-8"

    def __post_init__(self) -> None:
        super().__init__()

    def isatty(self) -> bool:
        """Yes."""
        return True

    def lines(self) -> list[Text]:
        """What the terminal shows."""
        screen = pyte.Screen(self.columns, LONGEST)
        screen.set_mode(pyte.modes.LNM)
        # The emulator knows no faint text, and nobody blinks: one stands for the other.
        pyte.Stream(screen).feed(FAINT.sub("\x1b[\\g<1>5\\g<2>m", without_machine(self.getvalue())))
        used = max((row for row in screen.buffer if screen.buffer[row]), default=-1) + 1
        rows = [row_text(screen.buffer[row], self.columns) for row in range(used)]
        while rows and not rows[-1].plain:
            rows.pop()
        return rows


def row_text(row: Any, columns: int) -> Text:
    """A row of the emulator as text with styles."""
    text = Text()
    cells = (row[column] for column in range(columns))
    for (name, bold, faint), run_of_cells in itertools.groupby(cells, key=look):
        style = Style(color=color_of(name), bold=bold or None, dim=faint or None)
        text.append("".join(cell.data for cell in run_of_cells), style)
    text.rstrip()
    return text


def look(cell: Any) -> tuple[str, bool, bool]:
    """What a cell of the emulator looks like."""
    return cell.fg, cell.bold, cell.blink


def color_of(name: str) -> str | None:
    """The emulator's name of a color as rich's."""
    if name == "default":
        return None
    if re.fullmatch("[0-9a-f]{6}", name):
        return f"#{name}"
    return {"brown": "yellow"}.get(name, name)


class Answers(io.StringIO):
    """The answers of a user, who sees them on the terminal while typing."""

    def __init__(self, answers: Sequence[str], terminal: TextIO) -> None:
        super().__init__("".join(f"{answer}\n" for answer in answers))
        self._terminal = terminal

    def isatty(self) -> bool:
        """Yes."""
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """Type the next answer."""
        line = super().readline(-1 if size is None else size)
        self._terminal.write(line)
        return line


class Moment(LiveDisplay):
    """Keeps what the terminal shows in the middle of a command."""

    seen: str | None = None

    def advance(self, stage: DisplayedStage, progress: Progress) -> None:
        """Draw the bars, and keep the screen, at the moment."""
        super().advance(stage, progress)
        if Moment.seen is None and (progress.percent or 0) >= MOMENT:
            self.refresh()
            Moment.seen = self.console.file.getvalue()  # type: ignore[attr-defined]


def show(screen: Screen, columns: int, *, color: bool = True) -> list[Text]:
    """Run the commands of a screen on a terminal; return what it shows."""
    terminal = Terminal(columns)
    with fresh_sandbox(speed=1 if screen.midway else 60) as clock:
        prepare(screen, clock)
        os.environ |= {"COLUMNS": str(columns), "TERM": "xterm-256color"}
        if color:
            del os.environ["NO_COLOR"]
        answers = Answers(screen.answers, terminal)
        with streams(answers, terminal), midway(screen, terminal, clock, color=color):
            for command in screen.commands:
                terminal.write("$ " + f"cvmimg {command}".rstrip() + "\n")
                run(shlex.split(command), clock)
    if screen.midway and Moment.seen is not None:
        terminal.seek(0)
        terminal.truncate()
        terminal.write(Moment.seen)
    return terminal.lines()


@contextlib.contextmanager
def midway(
    screen: Screen, terminal: Terminal, clock: SimulatedTime, *, color: bool
) -> Iterator[None]:
    """Keep the screen in the middle of the command, if that is what is wanted."""
    Moment.seen = None
    if not screen.midway:
        yield
        return
    display = Moment(terminal, clock=clock, color=color)
    display.console.get_time = lambda: 0.0  # its spinner turns by real time
    with patch("cvmimg.cli.progress.display_for", return_value=display):
        yield


def piped(screen: Screen) -> str:
    """What a pipe gets of stdout and stderr, or of a list of several outputs."""
    output = io.StringIO()
    with fresh_sandbox() as clock:
        prepare(screen, clock)
        for command in screen.commands:
            output.write("$ " + f"cvmimg {command}".rstrip() + "\n")
            with streams(io.StringIO(), output):
                run(shlex.split(command), clock)
    return "\n".join(line.rstrip() for line in without_machine(output.getvalue()).splitlines())


def without_machine(output: str) -> str:
    """An output without the name of the folder that this run has made."""
    return re.sub(r"/tmp/tmp\w+", "/home/you/.state", output)


def prepare(screen: Screen, clock: SimulatedTime) -> None:
    """Run what comes before the screen, unseen."""
    with streams(io.StringIO(), io.StringIO()):
        for command in screen.before:
            run(shlex.split(command), clock)
    if not screen.sandbox:
        del os.environ["CVMIMG_SANDBOX"]


@contextlib.contextmanager
def streams(stdin: TextIO, output: TextIO) -> Iterator[None]:
    """Put other streams in the place of the process's own."""
    with (
        patch.object(sys, "stdin", stdin),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
    ):
        yield


def drawn(lines: Sequence[Text], theme: str) -> str:
    """Draw lines as SVG."""
    widest = max((line.cell_len for line in lines), default=1)
    console = Console(record=True, width=max(widest, 20), file=io.StringIO(), highlight=False)
    for line in lines:
        console.print(line, soft_wrap=True)
    name = f"screen-{theme}"
    svg = console.export_svg(theme=THEMES[theme], code_format=SVG, unique_id=name)
    svg = re.sub(r' clip-path="[^"]*"', "", svg).replace("@background", background(theme))
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines())


def background(theme: str) -> str:
    """The color of a terminal, as CSS has it."""
    return "#{:02x}{:02x}{:02x}".format(*THEMES[theme].background_color)


if __name__ == "__main__":
    sys.exit(main())
