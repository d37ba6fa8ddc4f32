"""A simulated Windows guest, which has no PowerShell: it answers what a sound system would.

The only script of PowerShell that is allowed reads what decides whether an image works, and prints
triples (kind, subject, value), each ended by NUL, as one word of base64.
"""

from __future__ import annotations

import base64

_SOUND = (
    ("system:kernel", "", "Windows"),
    ("observed:registry-value", "GeneralizationState", "7"),
    ("observed:registry-value", "CleanupState", "2"),
    ("observed:registry-value", "PendingFileRenameOperations", "0"),
    ("observed:registry-key", "RebootPending", "False"),
    ("observed:registry-key", "RebootRequired", "False"),
    ("observed:service", "CryptSvc", "2"),
    ("observed:service", "TrustedInstaller", "3"),
    ("observed:service", "cloudbase-init", "2"),
    ("observed:program", "sysprep.exe", "True"),
    ("observed:program", "cloudbase-init", "True"),
    ("observed:system-value", "RearmCount", "1000"),
    ("observed:system-value", "DomainRole", "2"),
)


def answer() -> bytes:
    """Return the output of that script."""
    triples = "".join(f"{kind}\0{subject}\0{value}\0" for kind, subject, value in _SOUND)
    word = base64.b64encode(f"{triples}end\0\0\0".encode()).decode()
    return f"\r\ncvmimg-begin\r\nbase64:{word}\r\ncvmimg-end\r\n\r\n".encode()
