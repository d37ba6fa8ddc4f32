"""How scripts pack what they print: ``base64:…``, ``hex:…``, ``gzip+base64:…``."""

from __future__ import annotations

import base64
import binascii
import zlib

_MOST = 64 * 1024 * 1024
"""Bytes that an unpacked answer may have."""


class Garbled(ValueError):
    """What came back is not what a script packs, or larger than any honest answer."""


def unpacked(word: bytes) -> bytes:
    """The plain bytes of a packed word.

    Raises:
        Garbled: it is no such word.
    """
    encoding, _, encoded = word.partition(b":")
    try:
        plain = _decoded(encoding.removeprefix(b"gzip+"), encoded)
        return _gunzipped(plain) if encoding.startswith(b"gzip+") else plain
    except (ValueError, zlib.error) as error:
        raise Garbled("the guest's answer is garbled") from error


def _decoded(encoding: bytes, encoded: bytes) -> bytes:
    if encoding == b"hex":  # of guests without base64
        return binascii.unhexlify(encoded)
    if encoding == b"base64":
        return base64.b64decode(encoded, validate=True)
    raise Garbled("unknown encoding")


def _gunzipped(packed: bytes) -> bytes:
    decompressor = zlib.decompressobj(wbits=31)
    plain = decompressor.decompress(packed, _MOST)
    if not decompressor.eof:
        raise Garbled("cut, or too large")
    return plain
