"""The two faces of progress: plain lines, and the line that lives."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.progress import progress_for
from cvmimg.cli.progress.live import LiveProgress
from cvmimg.cli.progress.plain import PlainProgress
from cvmimg.cli.settings import Settings
from cvmimg.cloud.progress import Progress
from tests.support.clock import FakeClock

CHECKS = [
    CheckResult("quota", Status.PASS, "2 of 10"),
    CheckResult("fstab", Status.FAIL, "a line fails", "line 7: /dev/vdb1", "add --fix-fstab"),
    CheckResult("power", Status.WARN, "old"),
]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Gone(io.StringIO):
    """A terminal that was closed."""

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")

    def isatty(self) -> bool:
        return True


def make_an_image(progress: PlainProgress | LiveProgress, clock: FakeClock) -> None:
    with progress:
        progress.stage_started("image", "making image web-v2")
        for percent in range(0, 100, 10):
            clock.sleep(10)
            progress.stage_progressed("image", Progress(percent, False, 300, "CREATING"))
        clock.sleep(25)
        progress.stage_finished("image", "done", "img-1a2b3c4d")


def test_plain_lines_at_the_start_about_every_30_s_and_at_the_end(clock: FakeClock) -> None:
    stream = io.StringIO()

    make_an_image(PlainProgress(stream, clock=clock), clock)

    assert stream.getvalue() == (
        "[image] making image web-v2\n"
        "[image] 20 %, 30s so far, about 5m00s left, CREATING\n"
        "[image] 50 %, 1m00s so far, about 5m00s left, CREATING\n"
        "[image] 80 %, 1m30s so far, about 5m00s left, CREATING\n"
        "[image] done in 2m05s (img-1a2b3c4d)\n"
    )


def test_an_estimate_is_called_one(clock: FakeClock) -> None:
    stream = io.StringIO()
    progress = PlainProgress(stream, clock=clock)

    progress.stage_started("image", "making")
    clock.sleep(31)
    progress.stage_progressed("image", Progress(40, estimated=True))

    assert stream.getvalue().splitlines()[-1] == "[image] about 40 %, 31s so far"


def test_plain_lines_name_what_did_not_pass(clock: FakeClock) -> None:
    stream = io.StringIO()

    PlainProgress(stream, clock=clock).checks_finished(CHECKS)

    assert stream.getvalue() == ("[check] fail: fstab: a line fails\n[check] warn: power: old\n")


def test_quiet_leaves_only_what_was_asked_for_expressly(clock: FakeClock) -> None:
    stream = io.StringIO()
    progress = PlainProgress(stream, clock=clock, quiet=True)

    make_an_image(progress, clock)
    progress.notice("something")
    progress.line("api  cvm DescribeImages")

    assert stream.getvalue() == "api  cvm DescribeImages\n"


def test_text_from_the_cloud_is_escaped_in_both_faces(clock: FakeClock) -> None:
    plain, terminal = io.StringIO(), Terminal()
    for progress in (
        PlainProgress(plain, clock=clock),
        LiveProgress(terminal, clock=clock, color=False),
    ):
        progress.notice("[red]x[/red]\x1b]0;owned\x07")

    for stream in (plain, terminal):
        assert "[red]x[/red]\\x1b]0;owned\\x07" in stream.getvalue()
        assert "\x1b]" not in stream.getvalue()


def live(width: int = 100) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=True, color_system=None)
    return console, stream


@pytest.mark.parametrize(
    ("progress", "shown"),
    [
        (Progress(62, False, 125, "CREATING"), "62% 10s  ~2m05s left  CREATING"),
        (Progress(62, True, 4), "~62% 10s  ~4s left"),
        (Progress(detail="STOPPING"), " 10s  STOPPING"),
    ],
)
def test_the_live_line_has_percent_elapsed_remaining_and_state(
    clock: FakeClock, progress: Progress, shown: str
) -> None:
    console, stream = live()
    face = LiveProgress(stream, clock=clock, console=console)

    with face:
        face.stage_started("image", "making image web-v2")
        clock.sleep(10)
        face.stage_progressed("image", progress)
        face.refresh()

    assert "making image web-v2" in stream.getvalue()
    assert shown in stream.getvalue()
    assert "━" in stream.getvalue()


def test_the_remaining_time_runs_down_between_looks(clock: FakeClock) -> None:
    console, stream = live()
    face = LiveProgress(stream, clock=clock, console=console)

    with face:
        face.stage_started("image", "making")
        face.stage_progressed("image", Progress(50, False, 60))
        clock.sleep(15)
        face.refresh()

    assert "~45s left" in stream.getvalue()


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_the_live_line_fits_into_one_line_of_any_terminal(clock: FakeClock, width: int) -> None:
    console, stream = live(width)
    face = LiveProgress(stream, clock=clock, console=console)

    with face:
        face.stage_started("image", "making the image with a rather long name of ins-web00001")
        face.stage_progressed("image", Progress(50, False, 60, "CREATING"))
        lines = console.render_lines(face.current, pad=False)

    assert len(lines) == 1


def test_finished_stages_and_checks_stay_above(clock: FakeClock) -> None:
    console, stream = live()
    face = LiveProgress(stream, clock=clock, console=console)

    with face:
        face.stage_started("check", "checking")
        clock.sleep(1.5)
        face.stage_finished("check", "done", "3 checks")
        face.checks_finished(CHECKS)

    kept = stream.getvalue()
    assert "✔ checking" in kept
    assert "1.5s" in kept
    assert "  ✘ fstab a line fails\n" in kept
    assert "line 7: /dev/vdb1\n" in kept
    assert "→ add --fix-fstab\n" in kept


def test_a_closed_terminal_ends_no_operation(clock: FakeClock) -> None:
    make_an_image(PlainProgress(Gone(), clock=clock), clock)
    make_an_image(LiveProgress(Gone(), clock=clock), clock)

    assert clock.monotonic() == 250


@pytest.mark.parametrize(
    ("variables", "settings", "face"),
    [
        ({}, Settings(), LiveProgress),
        ({}, Settings(no_progress=True), PlainProgress),
        ({}, Settings(quiet=True), PlainProgress),
        ({"CI": "true"}, Settings(), PlainProgress),
        ({"CI": "false"}, Settings(), LiveProgress),
        ({"TERM": "dumb"}, Settings(), PlainProgress),
    ],
)
def test_the_bar_is_live_only_where_somebody_looks(
    environment: pytest.MonkeyPatch,
    clock: FakeClock,
    variables: dict[str, str],
    settings: Settings,
    face: type,
) -> None:
    environment.setattr("sys.stderr", Terminal())
    for name, value in variables.items():
        environment.setenv(name, value)

    assert type(progress_for(settings, clock)) is face


def test_a_stop_that_was_asked_for_shows_below_the_bar(clock: FakeClock) -> None:
    console, stream = live()
    face = LiveProgress(stream, clock=clock, console=console)

    with face:
        face.stage_started("start", "starting ins-old00001 again")
        face.stopping()
        face.refresh()

    assert "stopping where it is safe; once more to leave at once" in stream.getvalue()
