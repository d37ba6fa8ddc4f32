"""Read mount, automount and swap units of systemd as entries like those of fstab."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cvmimg.guest.facts import GuestFacts, UnitFile
from cvmimg.guest.fstab.lines import Entry
from cvmimg.guest.text import decoded

NAME = re.compile(r"[A-Za-z0-9:_.\\@-]{1,240}\.(?:mount|automount|swap)")
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")


@dataclass(frozen=True)
class Unit:
    """A unit and the mount it defines.

    Attributes:
        file: its file.
        entry: the mount; None for a unit without a source (the automount of an fstab line).
        required: whether something starts it at boot.
    """

    file: UnitFile
    entry: Entry | None
    required: bool


def read_units(facts: GuestFacts) -> list[Unit]:
    """Return the hand-written units; an automount has the entry of its mount unit."""
    entries = {unit.name: _entry(unit) for unit in facts.units}
    return [
        Unit(unit, _of_automount(unit, entries), unit.name in facts.pulled) for unit in facts.units
    ]


def _of_automount(unit: UnitFile, entries: dict[str, Entry | None]) -> Entry | None:
    stem, _, kind = unit.name.rpartition(".")
    return entries.get(f"{stem}.mount") if kind == "automount" else entries[unit.name]


def _entry(unit: UnitFile) -> Entry | None:
    values = _settings(unit.content)
    source = _unescaped(values.get("What", ""))
    if not source:
        return None
    is_swap = unit.name.endswith(".swap")
    target = "none" if is_swap else _unescaped(values.get("Where", ""))
    fs_type = "swap" if is_swap else values.get("Type", "auto")
    options = tuple(filter(None, values.get("Options", "").split(",")))
    return Entry(source, target, fs_type, options)


def _settings(content: bytes) -> dict[str, str]:
    """Return the settings of the sections [Mount] and [Swap]; the last one wins."""
    text = re.sub(r"\\\r?\n", " ", decoded(content))
    values: dict[str, str] = {}
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[]")
        elif section in ("Mount", "Swap") and "=" in line and line[0] not in "#;":
            key, _, value = line.partition("=")
            values[key.strip()] = value.strip()
    return values


def without_escapes(name: str) -> str:
    """Return the name of a unit, or a setting of one, without hexadecimal escapes."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), name)


def _unescaped(value: str) -> str:
    """Return ``value`` without escapes and quotes."""
    return without_escapes(value.strip("\"'")).replace("%%", "%")
