"""Make text that a guest wrote safe to show: it is data, whatever it contains."""

from __future__ import annotations

import re

_LONGEST = 160
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")


def decoded(raw: bytes) -> str:
    """Return bytes as text; what is not UTF-8 becomes surrogates."""
    return raw.decode("utf-8", "surrogateescape")


def without_octal(word: bytes) -> str:
    """Return a word of fstab or of the kernel's mount table without its octal escapes."""
    return decoded(_OCTAL.sub(lambda match: bytes([int(match[1], 8)]), word))


def shown(text: str | bytes) -> str:
    """Return ``text`` as one printable line, with control, bidi and undecodable characters escaped.

    Long text is cut, with its original length.
    """
    if isinstance(text, bytes):
        text = decoded(text)
    head = "".join(_escaped(character) for character in text[:_LONGEST])
    return head if len(text) <= _LONGEST else f"{head}… ({len(text)} characters)"


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if character == "\t":
        return " "
    if character.isprintable():
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
