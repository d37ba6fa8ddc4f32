"""Tables on terminals of any width: columns go, then texts are shortened; ids stay whole."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.render.layout import lines
from cvmimg.cli.render.table import write_table
from cvmimg.cli.settings import Settings
from cvmimg.cli.text import wrapped

ROWS: list[dict[str, Any]] = [
    {"id": "img-1a2b3c4d", "name": "shop-web-server-2026-11", "state": "NORMAL", "os": "Ubuntu"},
    {"id": "img-5e6f7g8h", "name": "数据库", "state": "CREATING 40%", "os": ""},
]
COLUMNS = (
    Column("ID", "id"),
    Column("NAME", "name", fit="shorten"),
    Column("STATE", "state"),
    Column("OS", "os", rank=1),
)


def result(**more: Any) -> Result:
    return Result(ROWS, ROWS, COLUMNS, ("id", "name", "state", "os"), **more)


def shown(result: Result, limit: int | None) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines(result, limit)]


def test_in_a_pipe_everything_is_shown_in_aligned_columns() -> None:
    assert shown(result(), None) == [
        "ID            NAME                     STATE         OS",
        "img-1a2b3c4d  shop-web-server-2026-11  NORMAL        Ubuntu",
        "img-5e6f7g8h  数据库                   CREATING 40%  -",
    ]


def test_on_a_narrow_terminal_columns_go_first() -> None:
    assert shown(result(), 55) == [
        "ID            NAME                     STATE",
        "img-1a2b3c4d  shop-web-server-2026-11  NORMAL",
        "img-5e6f7g8h  数据库                   CREATING 40%",
    ]


def test_then_texts_are_shortened() -> None:
    assert shown(result(), 40) == [
        "ID            NAME          STATE",
        "img-1a2b3c4d  shop-web-se…  NORMAL",
        "img-5e6f7g8h  数据库        CREATING 40%",
    ]


def test_ids_and_states_stay_whole_at_any_width() -> None:
    for limit in range(1, 90):
        text = "\n".join(shown(result(), limit))

        assert all(row["id"] in text and row["state"] in text for row in ROWS), limit


def test_a_wrapping_column_breaks_at_spaces_below_itself() -> None:
    rows: list[Row] = [{"id": "fstab", "summary": "line 7 of /etc/fstab needs disk-1a2b3c4d"}]
    columns = (
        Column("CHECK", "id"),
        Column("SUMMARY", "summary", fit="wrap"),
    )

    assert shown(Result(rows, rows, columns, ()), 30) == [
        "CHECK  SUMMARY",
        "fstab  line 7 of /etc/fstab",
        "       needs disk-1a2b3c4d",
    ]


def test_a_command_in_a_note_is_not_wrapped() -> None:
    notes = ["a reason of several words", "→ cvmimg create --instance ins-web00001 --stop"]

    text = shown(result(notes=lambda _: notes), 20)

    assert "    → cvmimg create --instance ins-web00001 --stop" in text
    assert "    a reason of" in text


def test_details_put_several_texts_on_lines_of_their_own() -> None:
    columns = (
        Column("id", "id"),
        Column("tags", text=lambda _: ["team=web", "cost=42"]),
    )

    assert shown(Result(ROWS[0], ROWS[:1], columns, (), details=True), 80) == [
        "id    img-1a2b3c4d",
        "tags  team=web",
        "      cost=42",
    ]


def test_a_footer_wraps_at_spaces_on_a_terminal_but_its_command_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = "→ cvmimg --region ap-shanghai prune --keep 7 --apply"
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "xterm")

    write_table(
        result(footer=f"3 items to delete (up to 150 GiB); nothing was changed\n{command}"),
        Settings(),
        stream=io.StringIO(),
    )

    assert terminal.getvalue().splitlines() == [
        "3 items to delete (up to 150",
        "GiB); nothing was changed",
        f"\x1b[36m{command}\x1b[0m",
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("cvmimg create --stop", ["cvmimg create --stop"]),
        ("→ tccli cvm StartInstances", ["→ tccli cvm StartInstances"]),
        ("wait for it: cvmimg wait img-1a2b3c4d", ["wait for it:", "cvmimg wait img-1a2b3c4d"]),
        ("use it: cvmimg list", ["use it: cvmimg list"]),
        ("tccliff is a place in the hills", ["tccliff is a place", "in the hills"]),
        ("ask cvmimg whether it is ready", ["ask cvmimg whether", "it is ready"]),
    ],
)
def test_a_command_to_paste_stays_on_one_line(text: str, lines: list[str]) -> None:
    assert wrapped(text, 20) == lines
