"""Settings of a world: behavior of the service that is uncertain or differs between accounts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from cvmimg.sandbox.state import kinds
from cvmimg.sandbox.world.validation import validated

if TYPE_CHECKING:
    from cvmimg.sandbox.state.store import View

KIND = kinds.SETTINGS


@dataclass(frozen=True)
class Settings:
    """The settings of one world.

    Attributes:
        dry_run: answer to a dry run that passes: "error" (DryRunOperation), "request-id" (nothing
            but a RequestId) or "ignored" (the action is performed); "by-action" means "request-id"
            for RunInstances and ImportImage, as documented, and "error" for the others.
        unknown_tag_filters: whether a filter on a tag key that does not exist answers an empty list
            or the error TagKeyNotFound.
        new_tag_keys: whether TagSpecification creates tag keys or refuses unknown ones with
            TagKeyNotFound.
        tag_delay: seconds until the tags in a TagSpecification appear on a new resource.
        tags_per_resource: largest number of tags on a resource.
        whole_machine_images: whether an image may include data disks of its source instance.
        recycle_bin: whether deleted snapshots stay listed as TORECYCLE.
        failed_instance_seconds: how long instances that failed to launch stay listed.
        boot_seconds: seconds between the start of an instance and its agent being online; systemd
            has started everything after twice as long.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    dry_run: Literal["by-action", "error", "request-id", "ignored"] = "by-action"
    unknown_tag_filters: Literal["empty", "error"] = "empty"
    new_tag_keys: Literal["create", "refuse"] = "create"
    tag_delay: float = 0.0
    tags_per_resource: int = 50
    whole_machine_images: bool = True
    recycle_bin: bool = False
    failed_instance_seconds: float = 3600.0
    boot_seconds: float = 10.0


def read(view: View) -> Settings:
    """Return the settings of the world in the store."""
    document = view.single(KIND)
    return Settings(**document["Values"]) if document else Settings()


def write(view: View, settings: Settings) -> None:
    """Store the settings."""
    view.put_single(KIND, Values=asdict(settings))


def change(view: View, changes: dict[str, Any]) -> None:
    """Change some of the settings.

    Raises:
        ValueError: a name or a value is invalid.
    """
    write(view, validated(Settings, {**asdict(read(view)), **changes}))
