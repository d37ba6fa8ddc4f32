"""Text that a guest wrote, made fit to be shown: it is data, whatever it says."""

from __future__ import annotations

_LONGEST = 160


def shown(text: str | bytes) -> str:
    """One printable line for ``text``: control, bidi and undecodable characters as escapes.

    Long text is cut, and says how long it was.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    head = "".join(_escaped(character) for character in text[:_LONGEST])
    return head if len(text) <= _LONGEST else f"{head}… ({len(text)} characters)"


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if character == "\t":
        return " "
    if character.isprintable():
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
