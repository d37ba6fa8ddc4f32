"""A simulated Windows guest, which has no PowerShell: it answers what a sound system would.

The only script of PowerShell that is allowed reads what decides whether an image works, and prints
triples (kind, subject, value), each ended by NUL, as one word of base64.
"""

from __future__ import annotations

import base64

_SOUND = (("system:kernel", "", "Windows"), ("observed:cloudbase-init", "cloudbase-init", "2"))


def answer() -> bytes:
    """Return the output of that script."""
    triples = "".join(f"{kind}\0{subject}\0{value}\0" for kind, subject, value in _SOUND)
    word = base64.b64encode(f"{triples}end\0\0\0".encode()).decode()
    return f"\r\ncvmimg-begin\r\nbase64:{word}\r\ncvmimg-end\r\n\r\n".encode()
