"""Retention rules: pure functions, each of which can keep a resource and says why.

A resource is only deleted if no rule keeps it, so rules can be added independently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from cvmimg.checks.image_use import ImageUse
from cvmimg.cloud.models import Image, Snapshot
from cvmimg.cloud.own_tags import KEEP_TAG, OPERATION_TAG
from cvmimg.cloud.states import IMAGE_READY
from cvmimg.message import Message

YOUNGEST_SECONDS = 86400.0
"""Resources younger than a day are never pruned: their creator may not have used them yet."""


class Action(str, Enum):
    """What becomes of an image or a snapshot."""

    KEEP = "keep"
    DEPRECATE = "deprecate"
    DELETE = "delete"


@dataclass(frozen=True)
class Retention:
    """What the user wants to keep.

    Attributes:
        keep: how many of the newest of each group; None if the number does not matter.
        older_than_seconds: delete only what is older; None if the age does not matter.
        grace_seconds: deprecate an image, and delete it when it has been deprecated this long;
            None to delete it at once.
    """

    keep: int | None = None
    older_than_seconds: float | None = None
    grace_seconds: float | None = None


@dataclass(frozen=True)
class Group:
    """What the newest are counted in, such as a family.

    Attributes:
        kind: "family", "name", "tag", "source" or "disk".
        name: such as the name of the family.
    """

    kind: str
    name: str

    @property
    def message(self) -> Message:
        """The group as a noun for a sentence."""
        return Message(f"group.{self.kind}", name=self.name)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules go by, of an image or of a snapshot that no image uses.

    Attributes:
        tags: its tags.
        age_seconds: since its creation; None if the API does not say.
        group: what it is counted in; None if it belongs to no group.
        rank: how many of its group are newer. Of a usable image, how many usable ones: an image
            that is not takes no place from it.
    """

    tags: Mapping[str, str]
    age_seconds: float | None
    group: Group | None
    rank: int


@dataclass(frozen=True, kw_only=True)
class ImageFacts(Facts):
    """All that the rules go by, of an image.

    Attributes:
        image: the image.
        serves: it is the newest usable image of its family.
        deprecated_seconds: since cvmimg deprecated it; None if that is not known.
        use: what uses it; by default nothing.
    """

    image: Image
    serves: bool = False
    deprecated_seconds: float | None = None
    use: ImageUse = field(default_factory=ImageUse)


@dataclass(frozen=True, kw_only=True)
class SnapshotFacts(Facts):
    """All that the rules go by, of a snapshot that no image uses.

    Attributes:
        snapshot: the snapshot.
        in_operation: an unfinished operation of this machine made it.
        users: launch templates and configurations that name it.
        use_unknown: why they are not known; None if they are.
    """

    snapshot: Snapshot
    in_operation: bool = False
    users: tuple[str, ...] = ()
    use_unknown: Message | None = None


@dataclass(frozen=True)
class Decision:
    """What becomes of a resource, and why."""

    action: Action
    reasons: tuple[Message, ...]


def decide(facts: ImageFacts, retention: Retention) -> Decision:
    """Decide about an image."""
    kept = tuple(filter(None, (rule(facts, retention) for rule in IMAGE_RULES)))
    if kept:
        return Decision(Action.KEEP, kept)
    reasons = (*_reasons_to_delete(facts, retention), Message("Unused"))
    grace = retention.grace_seconds
    if grace is None:
        return Decision(Action.DELETE, reasons)
    since = facts.deprecated_seconds if facts.image.image_deprecated else None
    if since is None:
        return Decision(Action.DEPRECATE, (*reasons, Message("GraceBegins", grace=grace)))
    if since < grace:
        return Decision(Action.KEEP, (Message("KeptInGrace", left=grace - since),))
    return Decision(Action.DELETE, (*reasons, Message("GraceOver", grace=grace)))


def decide_snapshot(facts: SnapshotFacts, retention: Retention) -> Decision:
    """Decide about a snapshot that no image uses."""
    kept = tuple(filter(None, (rule(facts, retention) for rule in SNAPSHOT_RULES)))
    if kept:
        return Decision(Action.KEEP, kept)
    reasons = _reasons_to_delete(facts, retention)
    return Decision(Action.DELETE, (*reasons, Message("Orphan")))


def _not_ready(facts: ImageFacts, _: Retention) -> Message | None:
    state = facts.image.image_state
    return None if state == IMAGE_READY else Message("KeptNotReady", state=state)


def _pinned(facts: Facts, _: Retention) -> Message | None:
    return Message("KeptPinned", tag=KEEP_TAG) if KEEP_TAG in facts.tags else None


def _serves(facts: ImageFacts, _: Retention) -> Message | None:
    return Message("KeptServing", family=facts.image.image_family) if facts.serves else None


def _in_use(facts: ImageFacts, _: Retention) -> Message | None:
    return Message("KeptInUse", users=facts.use.describe()) if facts.use.in_use else None


def _shared(facts: ImageFacts, _: Retention) -> Message | None:
    accounts = facts.use.accounts
    return Message("KeptShared", accounts=list(accounts)) if accounts else None


def _use_unknown(facts: ImageFacts, _: Retention) -> Message | None:
    unknown = facts.use.unknown
    return Message("KeptUseUnknown", reasons=list(unknown)) if unknown else None


def _too_young(facts: Facts, _: Retention) -> Message | None:
    if facts.age_seconds is None:
        return Message("KeptAgeUnknown")
    return Message("KeptTooYoung") if facts.age_seconds < YOUNGEST_SECONDS else None


def _not_older(facts: Facts, retention: Retention) -> Message | None:
    age, wanted = facts.age_seconds or 0.0, retention.older_than_seconds
    if wanted is None or age > wanted:
        return None
    return Message("KeptNotOlder", age=age, wanted=wanted)


def _among_newest(facts: Facts, retention: Retention) -> Message | None:
    if retention.keep is None:
        return None
    if facts.group is None:
        return Message("KeptNoGroup")
    if facts.rank >= retention.keep:
        return None
    return Message("KeptNewest", count=retention.keep, group=facts.group.message)


def _not_own(facts: Facts, _: Retention) -> Message | None:
    return None if OPERATION_TAG in facts.tags else Message("KeptNotOwn")


def _locked(facts: SnapshotFacts, _: Retention) -> Message | None:
    return Message("KeptLocked") if facts.snapshot.is_locked else None


def _in_operation(facts: SnapshotFacts, _: Retention) -> Message | None:
    operation = facts.tags.get(OPERATION_TAG, "")
    return Message("KeptInOperation", operation=operation) if facts.in_operation else None


def _snapshot_in_use(facts: SnapshotFacts, _: Retention) -> Message | None:
    return Message("KeptInUse", users=", ".join(facts.users)) if facts.users else None


def _snapshot_use_unknown(facts: SnapshotFacts, _: Retention) -> Message | None:
    unknown = facts.use_unknown
    return Message("KeptUseUnknown", reasons=[unknown]) if unknown else None


IMAGE_RULES: Sequence[Callable[[ImageFacts, Retention], Message | None]] = (
    _not_ready,
    _pinned,
    _serves,
    _in_use,
    _shared,
    _use_unknown,
    _too_young,
    _among_newest,
    _not_older,
)
"""What keeps an image."""

SNAPSHOT_RULES: Sequence[Callable[[SnapshotFacts, Retention], Message | None]] = (
    _not_own,
    _pinned,
    _locked,
    _in_operation,
    _snapshot_in_use,
    _snapshot_use_unknown,
    _too_young,
    _among_newest,
    _not_older,
)
"""What keeps a snapshot that no image uses."""


def _reasons_to_delete(facts: Facts, retention: Retention) -> tuple[Message, ...]:
    reasons = []
    if retention.keep is not None and facts.group is not None:
        group = facts.group.message
        reasons.append(Message("NotAmongNewest", count=retention.keep, group=group))
    if retention.older_than_seconds is not None and facts.age_seconds is not None:
        reasons.append(Message("OlderThanWanted", age=facts.age_seconds))
    return tuple(reasons)
