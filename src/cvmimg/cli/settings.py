"""What one run goes by: a flag beats an environment variable beats a profile."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cvmimg.cli.commands import HELP
from cvmimg.errors import UsageError

if TYPE_CHECKING:
    from cvmimg.clock import Clock
    from cvmimg.command_line import CommandLine
    from cvmimg.config import Profile

FORMATS = ("table", "json", "jsonl", "csv", "id")


class Rank(IntEnum):
    """Where a value comes from; the higher one counts."""

    PROFILE = 1
    ENVIRONMENT = 2
    FLAG = 3


@dataclass(frozen=True)
class Settings:
    """The options of every command, as they count.

    Attributes:
        region: empty if none was named.
        profile: as the user named it; empty if they did not.
        endpoint: a URL, or empty for Tencent Cloud's own.
        sandbox: talk to the simulated cloud in this process.
        output: one of ``FORMATS``.
        quiet: no progress and no notices.
        verbose: 1 logs API calls, 2 adds tracebacks.
        no_color: no colours.
        no_progress: plain lines instead of a live bar.
        yes: ask nothing.
    """

    region: str = ""
    profile: str = ""
    endpoint: str = ""
    sandbox: bool = False
    output: str = "table"
    quiet: bool = False
    verbose: int = 0
    no_color: bool = False
    no_progress: bool = False
    yes: bool = False


class Invocation:
    """One run of the command line: what was given, and what follows from it.

    Args:
        environment: usually ``os.environ``.
        home: the user's folder.
        clock: what everything goes by.

    Attributes:
        arguments: the words after the program's name.
    """

    arguments: Sequence[str] = ()

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        home: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.environment = os.environ if environment is None else environment
        self.home = home or Path.home()
        self._clock = clock
        self._given: dict[str, tuple[Rank, Any]] = {}

    @cached_property
    def clock(self) -> Clock:
        """The clock; the machine's by default."""
        from cvmimg.clock import SystemClock

        return self._clock or SystemClock()

    def note(self, name: str, value: Any, rank: Rank) -> None:
        """Keep the value of an option of every command."""
        if rank >= self._given.get(name, (rank, None))[0]:
            self._given[name] = (rank, value)

    def known(self, name: str, default: Any) -> Any:
        """An option of every command, as far as it is known when something has gone wrong."""
        if "settings" in self.__dict__:
            return getattr(self.settings, name)
        return self._given.get(name, (Rank.PROFILE, default))[1]

    @cached_property
    def settings(self) -> Settings:
        """The options of every command.

        Raises:
            UsageError: the config file is wrong, or two options contradict each other.
        """
        values = {name: (Rank.PROFILE, value) for name, value in self.profile.settings.items()}
        values |= self._given
        _require_one_cloud(values)
        return Settings(**{name: value for name, (_, value) in values.items()})

    @cached_property
    def profile(self) -> Profile:
        """The profile of the config file; an empty one if there is none.

        Raises:
            UsageError: the config file is wrong.
        """
        from cvmimg.config import load_profile

        profile = load_profile(self.environment, self._named_profile)
        for command in profile.commands:
            if command not in HELP:
                raise UsageError(
                    f"{profile.place}: there is no command {command!r}",
                    hint=f"the commands are {', '.join(HELP)}",
                )
        return profile

    def command_defaults(self, words: Sequence[str], known: Sequence[str]) -> Mapping[str, Any]:
        """What the profile says of the options of one command.

        Args:
            words: the command, such as ("operations", "list").
            known: the names of its options.

        Raises:
            UsageError: the profile names an option that the command does not have.
        """
        table = self.profile.options_of(words)
        for name in table:
            if name not in known:
                raise UsageError(
                    f"{self.profile.place}.{'.'.join(words)}: there is no option {name!r}",
                    hint=f"see cvmimg {' '.join(words)} --help",
                )
        return table

    @cached_property
    def command_line(self) -> CommandLine:
        """How the user called the program, for commands to paste."""
        from cvmimg.command_line import CLOUD_OPTIONS, CommandLine

        given = {
            name: self._given[name][1]
            for name in (*CLOUD_OPTIONS, "sandbox")
            if name in self._given and self._given[name][0] is Rank.FLAG
        }
        return CommandLine.of(self.arguments, given)

    @property
    def _named_profile(self) -> str:
        return str(self._given.get("profile", (Rank.PROFILE, ""))[1])


def _require_one_cloud(values: dict[str, tuple[Rank, Any]]) -> None:
    """Of --sandbox and --endpoint keep the one that was said louder.

    Raises:
        UsageError: both were said alike.
    """
    sandbox, endpoint = values.get("sandbox"), values.get("endpoint")
    if not sandbox or not endpoint or not sandbox[1] or not endpoint[1]:
        return
    if sandbox[0] == endpoint[0]:
        raise UsageError(
            "--sandbox: cannot go with --endpoint",
            hint="--sandbox needs no endpoint: it is inside this process",
        )
    del values["sandbox" if sandbox[0] < endpoint[0] else "endpoint"]
