"""When to poll a task in the cloud again. Pure: time comes in as numbers.

A task reports its percentage, or past durations are known, or nothing is. Polls are rare while
little can happen, and frequent close to the expected end.
"""

from __future__ import annotations

from bisect import bisect_left

from cvmimg.cloud.progress import Progress

LONGEST_SECONDS = 240.0
"""The longest pause for a task of known speed."""
_LONGEST_UNKNOWN_SECONDS = 120.0
_SHORTEST_SECONDS, _CLOSEST_SECONDS = 0.5, 4.0
_FIRST_PAUSES_GROW, _FIRST_PAUSES_UP_TO = 1.5, 2.0


class PollSchedule:
    """What is known of the speed of one task, and when to poll it again.

    Args:
        expected_seconds: how long such a task took in the past; None without experience.
    """

    def __init__(self, expected_seconds: float | None = None) -> None:
        self._expected = expected_seconds
        self._polls = 0
        self._now = 0.0
        self._times: list[float] = []
        self._percents: list[float] = []

    def record(self, at: float, percent: float | None) -> None:
        """Record a poll.

        Args:
            at: seconds since the wait began; never less than before.
            percent: as the cloud reported it, or None.
        """
        self._polls += 1
        self._now = at
        if percent is not None and (not self._percents or percent > self._percents[-1]):
            self._times.append(at)
            self._percents.append(percent)

    def pause(self) -> float:
        """Return the seconds until the next poll, without jitter."""
        speed = self._speed()
        if speed is not None:
            return self._pause_at_speed(speed)
        if self._expected is not None:
            return self._pause_by_experience(self._expected)
        shortest = min(
            _FIRST_PAUSES_UP_TO, _SHORTEST_SECONDS * _FIRST_PAUSES_GROW ** min(self._polls, 9)
        )
        return _within(self._now / 10, shortest, _LONGEST_UNKNOWN_SECONDS)

    def estimate(self, at: float) -> Progress:
        """Estimate the progress at ``at`` seconds since the wait began."""
        speed = self._speed()
        percent = self._percents[-1] if self._percents else None
        if speed is not None and percent is not None:
            left = (100 - percent) / speed - (at - self._times[-1])
            return Progress(percent, remaining_seconds=max(0.0, left))
        if self._expected:
            guess = percent if percent is not None else min(95.0, 100 * at / self._expected)
            return Progress(guess, percent is None, max(0.0, self._expected - at))
        return Progress(percent)

    def _speed(self) -> float | None:
        """Return the percent per second over the later half of the progress; None before it moves.

        Measured up to now, so that a task that hangs at a percent gets slower and slower.
        """
        if len(self._percents) < 2:
            return None
        newest = self._percents[-1]
        start = min(bisect_left(self._percents, newest / 2), len(self._percents) - 2)
        seconds = self._now - self._times[start]
        # A speed that is too small for a float counts as none.
        return (newest - self._percents[start]) / seconds or None if seconds > 0 else None

    def _pause_at_speed(self, speed: float) -> float:
        whole, one_percent = 100 / speed, 1 / speed
        # Percents are whole numbers: the end may be one percent nearer than it seems.
        left = (100 - self._percents[-1]) * one_percent - (self._now - self._times[-1])
        hanging = (self._now - self._times[-1]) / 25
        shortest = _within(whole / 200, _SHORTEST_SECONDS, _CLOSEST_SECONDS)
        longest = _within(whole / 16, shortest, LONGEST_SECONDS)
        return _within(max((left - one_percent) / 2, hanging), shortest, longest)

    def _pause_by_experience(self, expected: float) -> float:
        shortest = max(_SHORTEST_SECONDS, expected / 100)
        if self._now > expected:
            return _within((self._now - expected) / 5, shortest, _LONGEST_UNKNOWN_SECONDS)
        # Experience is right within a third or so; a percent may turn up meanwhile.
        left = (0.7 * expected - self._now) / 3
        return _within(left, shortest, max(shortest, min(LONGEST_SECONDS, expected / 12)))


def _within(value: float, low: float, high: float) -> float:
    return max(low, min(value, high))
