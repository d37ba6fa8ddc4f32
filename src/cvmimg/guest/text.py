"""Make text that a guest wrote safe to show: it is data, whatever it contains."""

from __future__ import annotations

_LONGEST = 160


def shown(text: str | bytes) -> str:
    """Return ``text`` as one printable line, with control, bidi and undecodable characters escaped.

    Long text is cut, with its original length.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
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
