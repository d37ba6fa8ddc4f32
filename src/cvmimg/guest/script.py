"""The scripts that run in a guest: fixed text, known by digest, with safe parameters."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product
from typing import Literal

_PARTS = {
    "inspect": (
        "common",
        "readiness",
        "readiness_boot",
        "readiness_identity",
        "readiness_secrets",
        "readiness_consistency",
        "inspect",
    ),
    "comment_out": ("common", "fstab_file", "attempts", "comment_out"),
    "restore": ("common", "fstab_file", "attempts", "restore"),
    "fstab_status": ("common", "fstab_file", "fstab_status"),
    "find_fixes": ("common", "find_fixes"),
    "mask_units": ("common", "unit_files", "attempts", "mask_units"),
    "unmask_units": ("common", "unit_files", "attempts", "unmask_units"),
    "unit_status": ("common", "unit_files", "unit_status"),
    "suspend": ("common", "suspend_files", "attempts", "suspend"),
    "reinstate": ("common", "suspend_files", "attempts", "reinstate"),
    "suspend_status": ("common", "suspend_files", "suspend_status"),
    "remount": ("common", "remount"),
    "freeze": ("common", "freeze_files", "freeze"),
    "thaw": ("common", "freeze_files", "thaw"),
    "boot_state": ("common", "boot_state"),
    "identity": ("common", "identity"),
    "run_command": ("common", "run_command"),
    "http_get": ("common", "http_get"),
}
RESTORING = ("reinstate", "unmask_units", "restore", "remount")
"""The scripts that restore a guest, of which any may run in a sequence, in this order."""
WINDOWS_SCRIPT = "windows"
"""The script that reads Windows."""
_BEGIN = b"cvmimg-begin"
_ANSWER = re.compile(rb"\ncvmimg-begin\r?\n(.*)\ncvmimg-end\r?\n", re.DOTALL)
"""Between these markers of ``common.sh`` is what a script itself printed."""
_BETWEEN = re.compile(rb"\ncvmimg-end\r?\n\ncvmimg-begin\r?\n")
_PLACEHOLDER = re.compile(r"\{\{([a-z]+)\}\}")
PARAMETER_LENGTH = 16_000
"""Characters in a parameter."""
_SAFE = re.compile(rf"[A-Za-z0-9+/=,.:_-]{{1,{PARAMETER_LENGTH}}}")
"""Characters without a meaning to a shell, in any position."""


@dataclass(frozen=True)
class Script:
    """A script, in which ``{{name}}`` stands for a parameter.

    Attributes:
        name: such as "inspect".
        text: the whole script, placeholders included.
        language: POSIX sh, or PowerShell for Windows.
    """

    name: str
    text: str
    language: Literal["SHELL", "POWERSHELL"] = "SHELL"

    @property
    def digest(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def checked(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return ``parameters`` if they are those of the script and safe in any position.

        Raises:
            ValueError: one is missing, unknown, or has a character with a meaning to a shell.
        """
        wanted = set(_PLACEHOLDER.findall(self.text))
        if wanted != set(parameters):
            raise ValueError(f"{self.name} takes {sorted(wanted)}, not {sorted(parameters)}")
        for name, value in parameters.items():
            if not _SAFE.fullmatch(value):
                raise ValueError(f"{self.name}: {name} has characters that are not allowed")
        return dict(parameters)

    def rendered(self, parameters: Mapping[str, str]) -> str:
        """Return the script with its parameters filled in.

        Raises:
            ValueError: as ``checked``.
        """
        values = self.checked(parameters)
        return _PLACEHOLDER.sub(lambda match: values[match[1]], self.text)


@dataclass(frozen=True)
class ScriptOutput:
    """How a script ended.

    Attributes:
        exit_code: of the shell.
        output: what it printed, with whatever else the shell's profile wrote.
        dropped: how many bytes of the output were cut.
    """

    exit_code: int
    output: bytes
    dropped: int = 0

    @property
    def answer(self) -> bytes | None:
        """What the script itself printed; None if a part of it is missing."""
        match = _ANSWER.search(self.output)
        return match[1] if match else None

    @property
    def is_truncated(self) -> bool:
        """Whether a part of what the script printed is missing."""
        return self.answer is None and (self.dropped > 0 or _BEGIN in self.output)

    @property
    def answers(self) -> list[bytes]:
        """What each script of a sequence printed; none if a part of it is missing."""
        return [] if self.answer is None else _BETWEEN.split(self.answer)


@cache
def load(name: str) -> Script:
    """Return the script ``name``, such as "inspect"."""
    folder = resources.files("cvmimg.guest") / "scripts"
    if name == WINDOWS_SCRIPT:
        return Script(name, (folder / f"{name}.ps1").read_text("utf-8"), "POWERSHELL")
    parts = ((folder / f"{part}.sh").read_text("utf-8") for part in _PARTS[name])
    return Script(name, "\n".join(parts))


@cache
def sequence(names: tuple[str, ...]) -> Script:
    """Return a script that runs several of POSIX sh one after the other, however each ends.

    It fails if one of them does.
    """
    parts = (f"(\n{load(name).text}) || failed=1\n" for name in names)
    return Script("-".join(names), f"#!/bin/sh\nfailed=0\n{''.join(parts)}exit $failed\n")


def digests() -> frozenset[str]:
    """Return the digests of all scripts, which are all that a simulated guest may run."""
    scripts = [load(name) for name in (*_PARTS, WINDOWS_SCRIPT)]
    for chosen in product(*((name, "") for name in RESTORING)):
        scripts.append(sequence(tuple(filter(None, chosen))))
    return frozenset(script.digest for script in scripts)
