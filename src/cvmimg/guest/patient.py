"""Patience with a guest that has only just been started."""

from __future__ import annotations

from collections.abc import Mapping

from cvmimg.clock import Clock
from cvmimg.guest.channel import Channel, CommandResult, GuestUnreachable, Reason
from cvmimg.guest.script import Script

_PASSING = (Reason.STOPPED, Reason.AGENT_OFFLINE, Reason.UNREACHABLE)
_PAUSE_SECONDS = 5.0


class PatientChannel:
    """A channel that tries again for a while where the guest cannot be reached yet.

    Args:
        channel: the way in.
        clock: for the pauses.
        patience_seconds: after which the last failure stands.
    """

    def __init__(self, channel: Channel, clock: Clock, patience_seconds: float = 300.0) -> None:
        self._channel = channel
        self._clock = clock
        self._patience_seconds = patience_seconds

    def run(
        self, script: Script, parameters: Mapping[str, str], *, timeout_seconds: int = 60
    ) -> CommandResult:
        """Run ``script`` as soon as the guest can be reached.

        Raises:
            GuestUnreachable: it could not be reached in time, or cannot be for another reason.
        """
        deadline = self._clock.monotonic() + self._patience_seconds
        while True:
            try:
                return self._channel.run(script, parameters, timeout_seconds=timeout_seconds)
            except GuestUnreachable as error:
                if error.reason not in _PASSING or self._clock.monotonic() >= deadline:
                    raise
            self._clock.sleep(_PAUSE_SECONDS)
