"""Parse /etc/fstab as mount and systemd do: line by line, without failing or losing a byte."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cvmimg.guest.text import without_octal
from cvmimg.message import Message

MARK = b"# cvmimg: "
"""Marks a line that the fix commented out; the script ``comment_out.sh`` writes the same."""

_LONGEST = 4095
"""Bytes of a line that glibc's getmntent, and so systemd, reads; it drops the rest."""
_BLANKS = re.compile(rb"[ \t]+")
_OPTION = re.compile(r'(?:[^,"]|"[^"]*"?)+')


@dataclass(frozen=True)
class Entry:
    """One mount that a line of fstab or a systemd unit defines.

    Octal escapes are decoded; bytes that are not UTF-8 are kept as surrogates.

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
        """Whether this is a bind mount of a directory."""
        return "bind" in self.options or "rbind" in self.options

    @property
    def may_be_missing(self) -> bool:
        """Whether the boot continues without it (``nofail`` or ``noauto``)."""
        return self.has("nofail", "fail") or self.has("noauto", "auto")


@dataclass(frozen=True)
class Line:
    """One line of the file.

    Attributes:
        number: from 1.
        raw: its bytes, without the newline.
        entry: the mount it defines; None for comments, blank and invalid lines.
        problem: why it is invalid; None if it is valid.
        flaw: a mistake that most readers tolerate; None if there is none.
    """

    number: int
    raw: bytes
    entry: Entry | None = None
    problem: Message | None = None
    flaw: Message | None = None


def parse(content: bytes) -> list[Line]:
    """Parse a whole file; joining ``raw`` of all lines with newlines gives ``content`` again."""
    return [_parse_line(number, raw) for number, raw in enumerate(content.split(b"\n"), 1)]


def comment_out(content: bytes, numbers: frozenset[int]) -> bytes:
    """Return ``content`` with the lines of these numbers commented out and no other change."""
    lines = content.split(b"\n")
    return b"\n".join(
        MARK + line if number in numbers else line for number, line in enumerate(lines, 1)
    )


def _parse_line(number: int, raw: bytes) -> Line:
    text = raw.strip(b" \t")
    if text in (b"", b"\r") or text.startswith(b"#"):
        return Line(number, raw)
    if len(raw) > _LONGEST:
        return Line(number, raw, problem=Message("fstab.line-too-long", limit=_LONGEST))
    if b"\0" in raw:
        return Line(number, raw, problem=Message("fstab.nul-byte"))
    return _parse_fields(number, raw, text)


def _parse_fields(number: int, raw: bytes, text: bytes) -> Line:
    returned = text.endswith(b"\r")
    fields = _BLANKS.split(text.removesuffix(b"\r").rstrip(b" \t"))
    if len(fields) < 3:
        return Line(number, raw, problem=Message("fstab.too-few-fields", count=len(fields)))
    if returned and len(fields) <= 4:
        return Line(number, raw, problem=Message("fstab.carriage-return-in-field"))
    problem = _number_problem(fields[4:6])
    if problem:
        return Line(number, raw, problem=problem)
    source, target, fs_type, options = map(without_octal, [*fields, b"defaults"][:4])
    entry = Entry(source, target, fs_type, tuple(_OPTION.findall(options)))
    flaw = Message("fstab.carriage-return") if returned else None
    return Line(number, raw, entry, flaw=flaw)


def _number_problem(fields: list[bytes]) -> Message | None:
    for position, field in enumerate(fields, 5):
        if field.startswith(b"#"):
            return None
        if not field.isdigit():
            return Message("fstab.field-not-a-number", position=position)
    return None
