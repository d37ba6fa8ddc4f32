"""/etc/fstab as its readers read it: line by line, never failing, losing no byte."""

from __future__ import annotations

import re
from dataclasses import dataclass

MARK = b"# cvmimg: "
"""What the fix puts before a line to take it out (the script ``comment_out.sh`` does the same)."""

_LONGEST = 4095
"""Bytes of a line that glibc's getmntent, and so systemd, reads; the rest is dropped."""
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")
_BLANKS = re.compile(rb"[ \t]+")
_OPTION = re.compile(r'(?:[^,"]|"[^"]*"?)+')


@dataclass(frozen=True)
class Entry:
    """One mount that fstab, or a unit of systemd, asks for; octal escapes are decoded.

    Bytes that are no UTF-8 are kept as surrogates.

    Attributes:
        source: the first field, such as ``UUID=…``, ``/dev/vdb1``, ``server:/share``.
        target: the mount point, or "none" or "swap" for swap.
        fs_type: such as "ext4".
        options: as written, in order.
    """

    source: str
    target: str
    fs_type: str
    options: tuple[str, ...] = ()

    def has(self, option: str, opposite: str = "") -> bool:
        """Whether ``option`` is given, and ``opposite`` does not come after it."""
        last = [given for given in self.options if given in (option, opposite)]
        return bool(last) and last[-1] == option

    def values(self, *names: str) -> list[str]:
        """The values of all options ``name=value`` with one of these names."""
        pairs = (option.partition("=") for option in self.options)
        return [value.strip('"') for name, _, value in pairs if name in names]

    @property
    def is_swap(self) -> bool:
        """Whether this is swap space, which has no mount point."""
        return self.fs_type == "swap"

    @property
    def is_bind(self) -> bool:
        """Whether a folder is shown a second time."""
        return "bind" in self.options or "rbind" in self.options

    @property
    def may_be_missing(self) -> bool:
        """Whether the boot goes on without it (``nofail`` or ``noauto``)."""
        return self.has("nofail", "fail") or self.has("noauto", "auto")


@dataclass(frozen=True)
class Line:
    """One line of the file.

    Attributes:
        number: from 1.
        raw: its bytes, without the newline.
        entry: what it asks for; None for comments, blank and unreadable lines.
        problem: why it cannot be read; empty if it can.
        flaw: a mistake that its readers overlook; empty if there is none.
    """

    number: int
    raw: bytes
    entry: Entry | None = None
    problem: str = ""
    flaw: str = ""


def parse(content: bytes) -> list[Line]:
    """Read a whole file. Joining ``raw`` of all lines with newlines gives ``content`` again."""
    return [_parse_line(number, raw) for number, raw in enumerate(content.split(b"\n"), 1)]


def comment_out(content: bytes, numbers: frozenset[int]) -> bytes:
    """``content`` with the lines of these numbers turned into comments, and no other change."""
    lines = content.split(b"\n")
    return b"\n".join(
        MARK + line if number in numbers else line for number, line in enumerate(lines, 1)
    )


def _parse_line(number: int, raw: bytes) -> Line:
    text = raw.strip(b" \t")
    if text in (b"", b"\r") or text.startswith(b"#"):
        return Line(number, raw)
    if len(raw) > _LONGEST:
        return Line(number, raw, problem=f"longer than {_LONGEST} bytes, where its readers stop")
    if b"\0" in raw:
        return Line(number, raw, problem="holds a NUL byte, where its readers stop")
    return _parse_fields(number, raw, text)


def _parse_fields(number: int, raw: bytes, text: bytes) -> Line:
    returned = text.endswith(b"\r")
    fields = _BLANKS.split(text.removesuffix(b"\r").rstrip(b" \t"))
    if len(fields) < 3:
        return Line(number, raw, problem=f"has {len(fields)} of the fields, at least 3 are needed")
    if returned and len(fields) <= 4:
        return Line(
            number, raw, problem="ends in a carriage return, which becomes part of its last field"
        )
    problem = _number_problem(fields[4:6])
    if problem:
        return Line(number, raw, problem=problem)
    source, target, fs_type, options = (_decoded(field) for field in [*fields, b"defaults"][:4])
    entry = Entry(source, target, fs_type, tuple(_OPTION.findall(options)))
    flaw = "ends in a carriage return, at which mount -a stumbles" if returned else ""
    return Line(number, raw, entry, flaw=flaw)


def _number_problem(fields: list[bytes]) -> str:
    for name, field in zip(("fifth", "sixth"), fields, strict=False):
        if field.startswith(b"#"):
            return ""
        if not field.isdigit():
            return f"its {name} field is no number: is there a blank within the options?"
    return ""


def _decoded(field: bytes) -> str:
    plain = _OCTAL.sub(lambda match: bytes([int(match[1], 8)]), field)
    return plain.decode("utf-8", "surrogateescape")
