"""The commands that a user is offered to paste: they reach the same cloud as this one."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PROGRAM = "cvmimg"
CLOUD_OPTIONS = ("region", "profile", "endpoint")
"""The options with a value that choose the cloud; beside them, --sandbox does."""


@dataclass(frozen=True)
class CommandLine:
    """How the user called the program.

    Attributes:
        program: the program and the options that choose the cloud, such as
            ("cvmimg", "--sandbox", "--region", "ap-shanghai").
        words: the user's command with its other options, such as ("create", "--instance", "ins-…").
    """

    program: tuple[str, ...] = (PROGRAM,)
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, arguments: Sequence[str], flags: Mapping[str, str | bool]) -> CommandLine:
        """Take a command line apart.

        Args:
            arguments: what the user gave, without the program's name.
            flags: the options that choose the cloud and were given as flags, by name; not those
                from the environment or a profile, which the next command finds there again.
        """
        program = [PROGRAM]
        for name in CLOUD_OPTIONS:
            program += [f"--{name}", str(flags[name])] if flags.get(name) else []
        program += ["--sandbox"] if flags.get("sandbox") else []
        return cls(tuple(program), tuple(_without_cloud_options(arguments)))

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
        end = kept.index("--") if "--" in kept else len(kept)
        return shlex.join([*self.program, *kept[:end], *added, *kept[end:]])


def _without_cloud_options(arguments: Sequence[str]) -> list[str]:
    kept: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*kept, word, *words]
        name, equals, _ = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in (*CLOUD_OPTIONS, "sandbox"):
            kept.append(word)
        elif name != "sandbox" and not equals:
            next(words, None)
    return kept


def _contains(words: Sequence[str], options: Sequence[str]) -> bool:
    span = len(options)
    return any(list(words[i : i + span]) == list(options) for i in range(len(words) - span + 1))
