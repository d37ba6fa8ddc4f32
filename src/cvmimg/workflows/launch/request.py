"""What the user asks for when launching instances."""

from __future__ import annotations

from dataclasses import dataclass, field

from cvmimg.workflows.launch.settings import LaunchSettings


@dataclass(frozen=True)
class LaunchRequest:
    """New instances, as the user asked for them.

    Attributes:
        image: an id, an exact name, or ``family:NAME``.
        count: how many, 1 to 500.
        min_count: how many are enough if not all are available; None means all.
        settings: what the user gave.
        profile: what the profile gives.
        like: an instance to take missing settings from: its id or exact name.
        template: a launch template (lt-…) for settings that have no other source.
        inherit_tags: whether new instances get the tags of the instance they are modelled on.
        force: launch the image although it was revoked.
        fixes: ids of checks; user data fixes what they find at first boot.
    """

    image: str
    count: int
    min_count: int | None = None
    settings: LaunchSettings = field(default_factory=LaunchSettings)
    profile: LaunchSettings = field(default_factory=LaunchSettings)
    like: str = ""
    template: str = ""
    inherit_tags: bool = True
    force: bool = False
    fixes: tuple[str, ...] = ()
