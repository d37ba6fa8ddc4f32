"""The settings of one run: a flag beats an environment variable beats a profile."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cvmimg.cli.commands import HELP
from cvmimg.errors import UsageError
from cvmimg.message import Message
from cvmimg.suggest import suggestion

if TYPE_CHECKING:
    from cvmimg.cli.progress.display import Display
    from cvmimg.cli.run_report import RunReport
    from cvmimg.clock import Clock
    from cvmimg.command_line import CommandLine
    from cvmimg.config import Profile

FORMATS = ("table", "json", "jsonl", "csv", "id")


class Rank(IntEnum):
    """Where a value comes from; the highest rank wins."""

    PROFILE = 1
    ENVIRONMENT = 2
    FLAG = 3


@dataclass(frozen=True)
class Settings:
    """The effective values of the options of every command.

    Attributes:
        region: empty if none was named.
        profile: as the user named it; empty if they did not.
        endpoint: a URL, or empty for Tencent Cloud's own.
        sandbox: talk to the simulated cloud in this process.
        output: one of ``FORMATS``.
        quiet: show no progress and no notices.
        verbose: 1 logs API calls, 2 adds tracebacks.
        no_color: use no colors.
        no_progress: plain lines instead of live bars.
        yes: never prompt.
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
    """One run of the command line: what the user gave, and the settings that result.

    Args:
        environment: usually ``os.environ``.
        home: the user's folder.
        clock: the clock that everything uses.

    Attributes:
        current: the one in progress; a process has one at a time.
        arguments: the words after the program's name.
        report: collects what happens, for files that others read; None if there are none.
        shows_checks: whether the results of all checks are shown before an error about them.
        display: shows the progress; None before it is needed.
        notify_at_end: the command after which to notify the user, and when it began.
        now: the time in seconds since the epoch, the cloud's own once it has answered.
    """

    current: ClassVar[Invocation]
    arguments: Sequence[str] = ()
    report: RunReport | None = None
    shows_checks: bool = True
    display: Display | None = None
    notify_at_end: tuple[str, float] | None = None

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        home: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.environment = os.environ if environment is None else environment
        self.home = home or Path.home()
        self._clock = clock
        self.now: Callable[[], float] = lambda: self.clock.now()
        self._given: dict[str, tuple[Rank, Any]] = {}

    @cached_property
    def clock(self) -> Clock:
        """The clock; the machine's own by default."""
        from cvmimg.clock import SystemClock

        return self._clock or SystemClock()

    def note(self, name: str, value: Any, rank: Rank) -> None:
        """Keep the value of an option of every command; one given later beats one given before."""
        if rank >= self._given.get(name, (rank, None))[0]:
            self._given[name] = (rank, value)

    def known(self, name: str, default: Any) -> Any:
        """Return an option of every command, as far as it is known after an error."""
        if "settings" in self.__dict__:
            return getattr(self.settings, name)
        return self._given.get(name, (Rank.PROFILE, default))[1]

    def has_flag(self, name: str) -> bool:
        """Return whether an option of every command was given as a flag."""
        return self.rank_of(name) is Rank.FLAG

    def rank_of(self, name: str) -> Rank:
        """Return how an option of every command was given; a default ranks with the profile."""
        return self._given.get(name, (Rank.PROFILE, None))[0]

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

    @property
    def settings_or_given(self) -> Settings:
        """The settings or, if the config file is invalid, what was given without it."""
        try:
            return self.settings
        except UsageError:
            return Settings(**{name: value for name, (_, value) in self._given.items()})

    @cached_property
    def profile(self) -> Profile:
        """The profile of the config file; empty if the file has none.

        Raises:
            UsageError: the config file is wrong.
        """
        from cvmimg.config import load_profile

        profile = load_profile(self.environment, self._named_profile)
        for command in profile.commands:
            if command not in HELP:
                raise UsageError(
                    Message("ConfigCommandUnknown", place=profile.place, command=command),
                    hint=suggestion(command, HELP, Message("ListCommands")),
                )
        return profile

    def command_defaults(self, words: Sequence[str], known: Sequence[str]) -> Mapping[str, Any]:
        """Return the profile's values of the options of one command.

        Args:
            words: the command, such as ("operations", "list").
            known: the names of its options.

        Raises:
            UsageError: the profile names an option that the command does not have.
        """
        table = self.profile.options_of(words)
        for name in table:
            if name not in known:
                place = ".".join((self.profile.place, *words))
                help_of = Message("SeeHelp", command=" ".join(("cvmimg", *words)))
                raise UsageError(
                    Message("ConfigOptionUnknown", place=place, option=name),
                    hint=suggestion(name, known, help_of),
                )
        return table

    @cached_property
    def command_line(self) -> CommandLine:
        """How the user called the program, for commands to paste."""
        from cvmimg.command_line import CLOUD_OPTIONS, CommandLine

        given = {
            name: self._given[name][1]
            for name in (*CLOUD_OPTIONS, "sandbox")
            if self.has_flag(name)
        }
        return CommandLine.of(self.arguments, given)

    @property
    def _named_profile(self) -> str:
        return str(self._given.get("profile", (Rank.PROFILE, ""))[1])


def _require_one_cloud(values: dict[str, tuple[Rank, Any]]) -> None:
    """Keep --sandbox or --endpoint, whichever was given with the higher rank.

    Raises:
        UsageError: both were given with the same rank.
    """
    sandbox, endpoint = values.get("sandbox"), values.get("endpoint")
    if not sandbox or not endpoint or not sandbox[1] or not endpoint[1]:
        return
    if sandbox[0] == endpoint[0]:
        raise UsageError(Message("SandboxAndEndpoint"))
    del values["sandbox" if sandbox[0] < endpoint[0] else "endpoint"]


Invocation.current = Invocation()
