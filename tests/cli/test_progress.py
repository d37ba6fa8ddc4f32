"""The displays of progress: lines, a group of live bars, and silence."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable

import pytest
from rich.console import Console

from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import en
from cvmimg.cli.progress import display_for
from cvmimg.cli.progress.display import Display
from cvmimg.cli.progress.live import LiveDisplay
from cvmimg.cli.progress.plain import PlainDisplay
from cvmimg.cli.settings import Settings
from cvmimg.cloud.progress import Progress
from cvmimg.errors import CloudRefused, Interrupted, WaitTimeout
from cvmimg.message import Message
from tests.support.clock import FakeClock


def plain(text: str) -> Message:
    return Message("PlainText", text=text)


CHECKS = [
    CheckResult(Status.PASS, plain("2 of 10"), id="quota"),
    CheckResult(
        Status.FAIL,
        plain("a line fails"),
        (plain("line 7: /dev/vdb1"),),
        (plain("add --fix-fstab"),),
        "fstab",
    ),
    CheckResult(Status.WARN, plain("old"), id="power"),
]
LONG_TITLE = "create image a-name-that-is-fairly-long of ins-web00001"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(autouse=True)
def titles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles of the stages that these tests begin."""
    monkeypatch.setitem(en.TEXTS, "stage.demo", "create image {name}")
    monkeypatch.setitem(en.TEXTS, "stage.long", LONG_TITLE)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def create_image(display: Display, clock: FakeClock) -> None:
    with display, display.stage("demo", subject="ins-web00001", name="web-v2") as stage:
        for percent in range(0, 100, 10):
            clock.sleep(10)
            stage.advance(Progress(percent, False, 300, "CREATING"))
        clock.sleep(25)
        stage.detail = "img-1a2b3c4d"


def run_into(error: BaseException, display: Display, clock: FakeClock) -> None:
    with display.stage("demo", name="x"):
        clock.sleep(5)
        raise error


def test_plain_lines_at_the_start_about_every_30_s_and_at_the_end(clock: FakeClock) -> None:
    stream = io.StringIO()

    create_image(PlainDisplay(stream, clock=clock), clock)

    assert stream.getvalue() == (
        "[demo] create image web-v2\n"
        "[demo] 20%, 30s so far, about 5m00s left, CREATING\n"
        "[demo] 50%, 1m00s so far, about 5m00s left, CREATING\n"
        "[demo] 80%, 1m30s so far, about 5m00s left, CREATING\n"
        "[demo] done in 2m05s (img-1a2b3c4d)\n"
    )


def test_plain_lines_name_the_subject_where_several_stages_of_a_name_run(clock: FakeClock) -> None:
    stream = io.StringIO()
    display = PlainDisplay(stream, clock=clock)

    with (
        display.stage("demo", subject="ins-a", name="a") as first,
        display.stage("demo", subject="ins-b", name="b") as second,
    ):
        clock.sleep(31)
        first.advance(Progress(10))
        second.advance(Progress(20))

    assert stream.getvalue() == (
        "[demo] create image a\n"
        "[demo ins-b] create image b\n"
        "[demo ins-a] 10%, 31s so far\n"
        "[demo ins-b] 20%, 31s so far\n"
        "[demo ins-b] done in 31s\n"
        "[demo ins-a] done in 31s\n"
    )


def test_an_estimate_is_marked_as_one(clock: FakeClock) -> None:
    stream = io.StringIO()

    with PlainDisplay(stream, clock=clock).stage("demo", name="x") as stage:
        clock.sleep(31)
        stage.advance(Progress(40, estimated=True))

    assert "[demo] about 40%, 31s so far\n" in stream.getvalue()


@pytest.mark.parametrize(
    ("error", "plain", "live_line"),
    [
        (
            CloudRefused(Message("no"), code="QuotaFull"),
            "failed after 5.0s (QuotaFull)",
            "✘",
        ),
        (Interrupted(Message("stop")), "interrupted after 5.0s", "■"),
        (KeyboardInterrupt(), "interrupted after 5.0s", "■"),
        (WaitTimeout(Message("late")), "timed out after 5.0s", "■"),
        (ZeroDivisionError(), "failed after 5.0s (ZeroDivisionError)", "✘"),
    ],
)
def test_a_stage_ends_as_its_error_says(
    clock: FakeClock, error: BaseException, plain: str, live_line: str
) -> None:
    lines = io.StringIO()
    console, screen = terminal()
    for display in (
        PlainDisplay(lines, clock=clock),
        LiveDisplay(screen, clock=clock, console=console),
    ):
        with pytest.raises(type(error)):
            run_into(error, display, clock)

    assert lines.getvalue().endswith(f"[demo] {plain}\n")
    last = screen.getvalue().splitlines()[-1]
    assert f"{live_line} create image x" in last
    assert plain in last


def test_plain_lines_give_the_reasons_of_what_did_not_pass(clock: FakeClock) -> None:
    stream = io.StringIO()

    PlainDisplay(stream, clock=clock).checks(CHECKS)

    assert stream.getvalue() == (
        "[check] fail: fstab: a line fails\n[check]   line 7: /dev/vdb1\n[check] warn: power: old\n"
    )


def test_the_checks_of_one_of_several_instances_name_it(clock: FakeClock) -> None:
    plain, screen = io.StringIO(), Terminal()

    PlainDisplay(plain, clock=clock).checks(CHECKS, subject="ins-1")
    console = Console(file=screen, width=80, force_terminal=False, highlight=False)
    LiveDisplay(screen, clock=clock, console=console).checks(CHECKS, subject="ins-1")

    assert all(line.startswith("[check ins-1] ") for line in plain.getvalue().splitlines())
    assert screen.getvalue().startswith("ins-1\n")


def test_quiet_leaves_only_what_was_requested_explicitly(clock: FakeClock) -> None:
    stream = io.StringIO()
    display = Display(stream, clock=clock)

    create_image(display, clock)
    display.notice("something")
    display.checks(CHECKS)
    display.line("api  cvm DescribeImages")

    assert stream.getvalue() == "api  cvm DescribeImages\n"


def test_text_from_the_cloud_is_escaped(clock: FakeClock) -> None:
    plain, screen = io.StringIO(), Terminal()
    for display in (
        PlainDisplay(plain, clock=clock),
        LiveDisplay(screen, clock=clock, color=False),
    ):
        display.notice("[red]x[/red]\x1b]0;owned\x07")

    for stream in (plain, screen):
        assert "[red]x[/red]\\x1b]0;owned\\x07" in stream.getvalue()
        assert "\x1b]" not in stream.getvalue()


def terminal(columns: int = 100, lines: int = 25) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    console = Console(
        file=stream, width=columns, height=lines, force_terminal=True, color_system=None
    )
    return console, stream


@pytest.mark.parametrize(
    ("progress", "shown"),
    [
        (Progress(62, False, 125, "CREATING"), "62% 10s  ~2m05s left  CREATING"),
        (Progress(62, True, 4), "~62% 10s  ~4s left"),
        (Progress(detail="STOPPING"), " 10s  STOPPING"),
    ],
)
def test_a_bar_has_percent_elapsed_remaining_and_state(
    clock: FakeClock, progress: Progress, shown: str
) -> None:
    console, stream = terminal()
    display = LiveDisplay(stream, clock=clock, console=console)

    with display.stage("demo", name="web-v2") as stage:
        clock.sleep(10)
        stage.advance(progress)
        display.refresh()

    assert "create image web-v2" in stream.getvalue()
    assert shown in stream.getvalue()
    assert "━" in stream.getvalue()


def test_the_remaining_time_runs_down_between_polls(clock: FakeClock) -> None:
    console, stream = terminal()
    display = LiveDisplay(stream, clock=clock, console=console)

    with display.stage("demo", name="x") as stage:
        stage.advance(Progress(50, False, 60))
        clock.sleep(15)
        display.refresh()

    assert "~45s left" in stream.getvalue()


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_each_bar_fits_into_one_line_of_any_terminal(clock: FakeClock, columns: int) -> None:
    console, stream = terminal(columns)
    display = LiveDisplay(stream, clock=clock, console=console)

    with display.stage("long") as first, display.stage("demo", name="b") as second:
        first.advance(Progress(50, False, 60, "CREATING"))
        second.advance(Progress(5))
        lines = console.render_lines(display.group, pad=False)

    assert len(lines) == 2


def test_a_title_is_not_cut_while_there_is_room(clock: FakeClock) -> None:
    console, stream = terminal(80)
    display = LiveDisplay(stream, clock=clock, console=console)

    with display.stage("long") as stage:
        stage.advance(Progress(50, False, 60, "CREATING"))
        display.refresh()
        clock.sleep(0.4)

    assert stream.getvalue().count(LONG_TITLE) >= 2
    assert stream.getvalue().splitlines()[-1].endswith(" 0.4s")


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_the_time_of_a_finished_stage_is_never_cut(clock: FakeClock, columns: int) -> None:
    console, stream = terminal(columns)

    with LiveDisplay(stream, clock=clock, console=console).stage("long") as stage:
        clock.sleep(0.4)
        stage.detail = "img-1a2b3c4d" if columns > 20 else ""

    last = stream.getvalue().splitlines()[-1]
    assert last.removesuffix("  img-1a2b3c4d").endswith(" 0.4s")


@pytest.mark.parametrize(("color", "styles"), [(False, set()), (True, {"32", "1", "2", "31"})])
def test_without_colors_nothing_is_bold_or_dim_either(
    environment: pytest.MonkeyPatch, clock: FakeClock, color: bool, styles: set[str]
) -> None:
    environment.setenv("TERM", "xterm-256color")
    screen = Terminal()
    display = LiveDisplay(screen, clock=clock, color=color)

    create_image(display, clock)
    display.checks(CHECKS)

    assert styles <= set(re.findall(r"\x1b\[([0-9;]+)m", screen.getvalue()))
    assert color or not re.search(r"\x1b\[[0-9;]*m", screen.getvalue())


def test_the_times_of_finished_stages_stand_below_each_other(clock: FakeClock) -> None:
    console, stream = terminal(80)
    display = LiveDisplay(stream, clock=clock, console=console)

    with display, display.stage("demo", name="a") as first:
        clock.sleep(0.4)
        first.detail = "img-1a2b3c4d"
    with display, display.stage("demo", name="web-v2"):
        clock.sleep(185)

    ended = [line for line in stream.getvalue().splitlines() if "✔" in line]
    assert [line[line.index("✔") :].find("s", 45) for line in ended] == [57, 57]


def test_an_empty_line_separates_finished_stages_from_a_result_once(clock: FakeClock) -> None:
    console, stream = terminal(80)
    display = LiveDisplay(stream, clock=clock, console=console)

    display.separate()
    assert not stream.getvalue()

    with display, display.stage("demo", name="a"):
        pass
    display.separate()
    display.separate()

    assert stream.getvalue().endswith("s\n\n")


def test_bars_side_by_side_leave_one_by_one(clock: FakeClock) -> None:
    console, stream = terminal()
    display = LiveDisplay(stream, clock=clock, console=console)

    with display.stage("demo", name="a"):
        with display.stage("demo", name="b"):
            assert len(display.group.stages) == 2
        assert [stage.title for stage in display.group.stages] == ["create image a"]

    assert display.group.stages == ()
    assert [line for line in stream.getvalue().splitlines() if "✔" in line][-1].startswith("✔")


def test_more_stages_than_lines_are_counted(clock: FakeClock) -> None:
    console, stream = terminal(lines=6)
    display = LiveDisplay(stream, clock=clock, console=console)

    with (
        display.stage("demo", name="a"),
        display.stage("demo", name="b"),
        display.stage("demo", name="c"),
        display.stage("demo", name="d"),
    ):
        display.refresh()

    assert "1 more in progress" in stream.getvalue()


@pytest.mark.parametrize("make", [PlainDisplay, LiveDisplay])
def test_stages_of_many_threads_all_end(make: Callable[..., Display], clock: FakeClock) -> None:
    stream = io.StringIO()
    display = make(stream, clock=clock)

    def work(number: int) -> None:
        with display.stage("demo", subject=f"ins-{number}", name=f"n{number}") as stage:
            for percent in range(0, 100, 20):
                stage.advance(Progress(percent))
                stage.notice(f"notice of {number}")

    with display:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    ended = [line for line in stream.getvalue().splitlines() if "done in" in line or "✔" in line]
    assert len(ended) == 8
    assert stream.getvalue().count("note: notice of 3") == 5


def test_finished_stages_and_checks_stay_above(clock: FakeClock) -> None:
    console, stream = terminal()
    display = LiveDisplay(stream, clock=clock, console=console)

    with display:
        with display.stage("demo", name="x") as stage:
            clock.sleep(1.5)
            stage.detail = "3 checks"
        display.checks(CHECKS)

    kept = stream.getvalue()
    assert "✔ create image x" in kept
    assert "3 checks" in kept
    assert "1.5s" in kept
    assert "  ✘ fstab  a line fails\n" in kept
    assert "line 7: /dev/vdb1\n" in kept
    assert "--fix-fstab" not in kept  # it is in the error that follows


@pytest.mark.parametrize(
    ("variables", "settings", "display"),
    [
        ({}, Settings(), LiveDisplay),
        ({}, Settings(no_progress=True), PlainDisplay),
        ({}, Settings(quiet=True), Display),
        ({"CI": "true"}, Settings(), PlainDisplay),
        ({"CI": "false"}, Settings(), LiveDisplay),
        ({"TERM": "dumb"}, Settings(), PlainDisplay),
    ],
)
def test_bars_are_live_only_on_a_watched_terminal(
    environment: pytest.MonkeyPatch,
    clock: FakeClock,
    variables: dict[str, str],
    settings: Settings,
    display: type,
) -> None:
    environment.setattr("sys.stderr", Terminal())
    for name, value in variables.items():
        environment.setenv(name, value)

    assert type(display_for(settings, clock)) is display


def test_a_requested_stop_shows_below_the_bars(clock: FakeClock) -> None:
    console, stream = terminal()
    display = LiveDisplay(stream, clock=clock, console=console)

    with display.stage("demo", name="x"):
        display.stopping()
        display.refresh()

    assert "stopping safely; press Ctrl-C again to quit now" in stream.getvalue()


@pytest.mark.parametrize("columns", [40, 80])
def test_the_results_of_checks_are_wrapped_at_spaces_and_commands_stay_whole(
    clock: FakeClock, columns: int
) -> None:
    command = "cvmimg create --instance ins-data0001 --name a-name-that-is-fairly-long --fix-fstab"
    sentence = "1 line of /etc/fstab would keep new instances from booting, so comment it out first"
    result = CheckResult(
        Status.WARN, plain(sentence), (plain(sentence),), (plain(command), plain(sentence)), "fstab"
    )
    stream = Terminal()
    console = Console(file=stream, width=columns, force_terminal=False, highlight=False)

    LiveDisplay(stream, clock=clock, color=False, console=console).checks([result])

    lines = stream.getvalue().splitlines()
    assert [line for line in lines if command in line]
    assert all(len(line) <= columns for line in lines if command not in line)
    words = set(" ".join(lines).split())
    assert set(sentence.split()) <= words


def test_a_notice_is_wrapped_at_spaces_except_in_a_command(clock: FakeClock) -> None:
    stream = Terminal()
    console = Console(file=stream, width=40, force_terminal=False, highlight=False)
    display = LiveDisplay(stream, clock=clock, color=False, console=console)

    display.notice("the region is full, so the oldest image is deleted first")
    display.notice("operation op-20261123-1a2b3c is unfinished: cvmimg resume op-20261123-1a2b3c")

    assert stream.getvalue().splitlines() == [
        "note: the region is full, so the oldest",
        "      image is deleted first",
        "note: operation op-20261123-1a2b3c is",
        "      unfinished:",
        "      cvmimg resume op-20261123-1a2b3c",
    ]
