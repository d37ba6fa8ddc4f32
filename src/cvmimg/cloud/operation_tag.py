"""The tag that an instance carries while an operation changes it temporarily.

It is the operation's trace for machines that do not have its journal, such as

    op-20261126-1a2b3c/fstab+stop/20261126T234501.250000Z/runner-1/ubuntu/https://ci.example/run/7

It has no more than the 255 characters of a tag's value, and only those that all services of
Tencent Cloud allow in one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from cvmimg.cloud.limits import TAG_VALUE_LENGTH
from cvmimg.cloud.own_tags import OPERATION_TAG
from cvmimg.message import Message

CHANGES = ("fstab", "settings", "stop", "stop-no-restart", "freeze")
"""What an operation may change temporarily: lines of fstab are commented out or units masked;
settings of the guest are suspended; a running instance is stopped, and started again afterwards or
(after a success) not; file systems are frozen."""

_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9+=._:/@-]")
_ID = re.compile(r"([a-z0-9][a-z0-9-]{2,62})(?::([a-z0-9][a-z0-9-]{2,62}))?")
_TIME = "%Y%m%dT%H%M%S.%fZ"
_HOST_LENGTH, _USER_LENGTH = 40, 20


@dataclass(frozen=True)
class OperationTag:
    """What the tag says.

    Attributes:
        operation_id: the operation that changes the instance.
        changes: what it changes, in this order; of ``CHANGES``.
        since: when it was started, UTC.
        host: the machine it runs on; shortened, as are the following.
        user: the user who runs it.
        run_url: the CI run it is part of; empty outside of CI.
        taken_over_by: the operation on another machine that restores the instance instead.
    """

    operation_id: str
    changes: tuple[str, ...]
    since: datetime
    host: str = ""
    user: str = ""
    run_url: str = ""
    taken_over_by: str = ""

    @property
    def holder(self) -> str:
        """The id of the operation that works on the instance."""
        return self.taken_over_by or self.operation_id

    @property
    def value(self) -> str:
        """The tag's value; ``parse`` reads it."""
        by = f":{self.taken_over_by}" if self.taken_over_by else ""
        fields = [
            f"{self.operation_id}{by}",
            "+".join(self.changes),
            self.since.astimezone(timezone.utc).strftime(_TIME),
            _allowed(self.host.replace("/", "-"))[:_HOST_LENGTH],
            _allowed(self.user.replace("/", "-"))[:_USER_LENGTH],
            _allowed(self.run_url),
        ]
        return "/".join(fields)[:TAG_VALUE_LENGTH]

    @property
    def place(self) -> Message:
        """Where the operation runs, and since when."""
        who = "@".join(filter(None, (self.user, self.host)))
        since = self.since.strftime("%Y-%m-%d %H:%M:%S UTC")
        code = "operation-tag.run" if self.run_url else "operation-tag.host"
        return Message(code, who=who or "?", since=since, url=self.run_url)

    @property
    def age(self) -> tuple[datetime, str]:
        """What decides between two operations that were started at once: the lesser is older."""
        return self.since, self.holder

    @classmethod
    def parse(cls, value: str) -> OperationTag | None:
        """Read a value; None if it is not of this form."""
        fields = value.split("/", 5)
        ids = _ID.fullmatch(fields[0])
        if ids is None or len(fields) != 6:
            return None
        try:
            since = datetime.strptime(fields[2], _TIME).replace(tzinfo=timezone.utc)
        except ValueError:
            return None
        changes = tuple(fields[1].split("+"))
        if not set(changes) <= set(CHANGES):
            return None
        host, user, run_url = fields[3:]
        return cls(ids[1], changes, since, host, user, run_url, ids[2] or "")


def operation_tag(tags: Mapping[str, str]) -> OperationTag | None:
    """Return the operation that works on an instance, by its tags; None if it is not known."""
    return OperationTag.parse(tags.get(OPERATION_TAG, ""))


def _allowed(text: str) -> str:
    return _NOT_ALLOWED.sub("_", text)
