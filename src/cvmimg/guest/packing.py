"""Unpack the words that scripts print: ``base64:…``, ``hex:…``, ``gzip+base64:…``."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib

_MOST_BYTES = 64 * 1024 * 1024
"""Bytes that an unpacked answer may have."""


class Garbled(ValueError):
    """The answer is not what a script prints, or is larger than any real one."""


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def encode(text: str) -> str:
    """Return a path or a command of a guest in base64, as a script's parameter."""
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()


def unpack(word: bytes) -> bytes:
    """Return the plain bytes of a packed word.

    Raises:
        Garbled: it is not a packed word.
    """
    encoding, _, encoded = word.partition(b":")
    try:
        plain = _decode(encoding.removeprefix(b"gzip+"), encoded)
        return _decompress(plain) if encoding.startswith(b"gzip+") else plain
    except (ValueError, zlib.error) as error:
        raise Garbled("not a packed word") from error


def _decode(encoding: bytes, encoded: bytes) -> bytes:
    if encoding == b"hex":  # of guests without base64
        return binascii.unhexlify(encoded)
    if encoding == b"base64":
        return base64.b64decode(encoded, validate=True)
    raise Garbled("unknown encoding")


def _decompress(packed: bytes) -> bytes:
    decompressor = zlib.decompressobj(wbits=31)
    plain = decompressor.decompress(packed, _MOST_BYTES)
    if not decompressor.eof:
        raise Garbled("incomplete, or too large")
    return plain
