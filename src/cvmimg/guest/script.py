"""The scripts that run inside a guest: fixed text, known by digest, and safe parameters."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

_PARTS = {
    "inspect": ("common", "inspect"),
    "comment_out": ("common", "fstab_file", "comment_out"),
    "restore": ("common", "fstab_file", "restore"),
    "mask_units": ("common", "unit_files", "mask_units"),
    "unmask_units": ("common", "unit_files", "unmask_units"),
    "mount_all": ("common", "mount_all"),
    "freeze": ("common", "freeze"),
    "thaw": ("common", "thaw"),
}
_PLACEHOLDER = re.compile(r"\{\{([a-z]+)\}\}")
_SAFE = re.compile(r"[A-Za-z0-9+/=,.:_-]{1,16000}")
"""Characters that mean nothing to a shell, wherever they stand."""


@dataclass(frozen=True)
class Script:
    """A script of POSIX sh, in which ``{{name}}`` stands for a parameter.

    Attributes:
        name: such as "inspect".
        text: the whole script, placeholders included.
    """

    name: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def checked(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """``parameters``, if they are those of the script and safe in any place of it.

        Raises:
            ValueError: one is missing, unknown, or holds a character that a shell might mind.
        """
        wanted = set(_PLACEHOLDER.findall(self.text))
        if wanted != set(parameters):
            raise ValueError(f"{self.name} takes {sorted(wanted)}, not {sorted(parameters)}")
        for name, value in parameters.items():
            if not _SAFE.fullmatch(value):
                raise ValueError(f"{self.name}: {name} holds characters that are not allowed")
        return dict(parameters)

    def rendered(self, parameters: Mapping[str, str]) -> str:
        """The script with its parameters in place.

        Raises:
            ValueError: as ``checked``.
        """
        values = self.checked(parameters)
        return _PLACEHOLDER.sub(lambda match: values[match[1]], self.text)


@dataclass(frozen=True)
class ScriptOutput:
    """The exit code of a script, and what it printed."""

    exit_code: int
    output: bytes


@cache
def load(name: str) -> Script:
    """The script ``name``, such as "inspect"."""
    folder = resources.files("cvmimg.guest") / "scripts"
    parts = ((folder / f"{part}.sh").read_text("utf-8") for part in _PARTS[name])
    return Script(name, "\n".join(parts))


def digests() -> frozenset[str]:
    """The digests of all scripts: what a simulated guest may run."""
    return frozenset(load(name).digest for name in _PARTS)
