"""What ``configure`` and ``config show`` print."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cvmimg.cli.effective import Setting
from cvmimg.cli.render import Column, Result
from cvmimg.cli.settings import Invocation
from cvmimg.message import Message

SETTING_KEYS = ("key", "value", "source")


def configured(
    profile: str, account: str, region: str, files: Sequence[Path], *, shadowed: bool
) -> Result:
    """Return what was saved; ``shadowed`` if the keys of the environment beat it."""
    row = {
        "profile": profile,
        "account": account,
        "region": region,
        "files": list(map(str, files)),
    }
    return Result(
        document=row,
        rows=[row],
        columns=_CONFIGURED_COLUMNS,
        keys=("profile", "account", "region", "files"),
        details=True,
        footer=Message("configure.shadowed" if shadowed else "configure.next"),
        has_ids=False,
    )


def setting_list(settings: Sequence[Setting]) -> Result:
    """Return the effective settings, each with its source."""
    rows = [{"key": each.key, "value": each.value, "source": each.source} for each in settings]
    return Result(
        document=rows, rows=rows, columns=_SETTING_COLUMNS, keys=SETTING_KEYS, has_ids=False
    )


def _short(text: str) -> str:
    """Return a path with "~" for the user's folder, as it is everywhere in the docs."""
    home = f"{Invocation.current.home}/"
    return f"~/{text.removeprefix(home)}" if text.startswith(home) else text


def shown_value(value: Any) -> str:
    """Return the value of a setting as people write it; empty if there is none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


_CONFIGURED_COLUMNS = (
    Column("profile", "profile"),
    Column("account", "account"),
    Column("region", "region"),
    Column("saved in", "files"),
)
_SETTING_COLUMNS = (
    Column("SETTING", "key", style="bold"),
    Column("VALUE", "value", lambda row: _short(shown_value(row["value"])), fit="shorten"),
    Column("SOURCE", "source", lambda row: _short(row["source"]), fit="shorten"),
)
