"""The commands that a user is offered to paste: they reach the same cloud as this one."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class CommandLine:
    """How the user called the program.

    Attributes:
        program: the program and the options that choose the cloud, such as
            ("cvmimg", "--sandbox", "--region", "ap-shanghai").
        words: the user's command with its own options, such as ("create", "--instance", "ins-…").
    """

    program: tuple[str, ...] = ("cvmimg",)
    words: tuple[str, ...] = ()

    def command(self, *words: str) -> str:
        """Return another command at the same cloud, quoted for a shell."""
        return shlex.join([*self.program, *words])

    def repeat(self, *options: str, without: Sequence[str] = ()) -> str:
        """Return the user's own command with more options, quoted for a shell.

        Args:
            options: to add at the end; those that the command has already are not added again.
            without: flags (without a value) to leave out.
        """
        kept = [word for word in self.words if word not in without]
        added = [] if _contains(kept, options) else list(options)
        return shlex.join([*self.program, *kept, *added])


def _contains(words: Sequence[str], options: Sequence[str]) -> bool:
    span = len(options)
    return any(list(words[i : i + span]) == list(options) for i in range(len(words) - span + 1))
