"""What a simulated user asks for: plain values, drawn at random or written in a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import ClassVar, TypeVar

from cvmimg.sandbox import NEIGHBOUR

HOME, FULL = "ap-guangzhou", "ap-shanghai"
AWAY = ("ap-beijing", "ap-nanjing")
"""Regions in which there is nothing at first."""
ATTIC = "ap-chengdu"
"""A region with a family of images, old and new, used and unused."""
UNUSED, PREVIOUS, NEWEST = ("img-dbold001", "img-dbold002"), "img-dbprev01", "img-dbnew001"
"""The images there that nothing keeps, the last but one, and the one that serves."""
ORPHAN = "snap-dborphan"
"""The snapshot there that cvmimg made and nothing keeps."""
LOOSE = (ORPHAN, "snap-dbnewer1")
"""Snapshots there that no image uses."""
UNTIDY = "ins-tidy0001"
"""An instance with a pending SELinux relabel and immutable accounts, and a disk in fstab."""
HELD_BACK = "img-cachev02"
"""The newest image of the family "cache": made with --no-promote."""
TEMPLATE = "lt-base0001"
_FAILING_FSTAB = ("ins-data0001", "ins-dbdisk01")
"""Instances of whose images nothing boots, unless fstab is fixed."""
REGIONS = (HOME, FULL, *AWAY, ATTIC)
LONG, SHORT = 7200.0, 240.0
"""Seconds to wait: long enough for everything, and too short for an image."""

Options = TypeVar("Options", bound="_Options")


class _Options:
    """Options that can be left out one by one."""

    flags: ClassVar[tuple[str, ...]] = ()
    """The options that make another kind of operation of it."""

    @property
    def kind(self) -> str:
        """The command with the options that matter most, such as "create --stop"."""
        given = [name for name in self.flags if getattr(self, name)]
        options = "".join(f" --{name.replace('_', '-')}" for name in given)
        return f"{type(self).__name__.lower()}{options}"

    def simpler(self: Options) -> Iterator[Options]:
        """The same with one option at its default."""
        for field in fields(self):  # type: ignore[arg-type]
            if getattr(self, field.name) != field.default:
                yield replace(self, **{field.name: field.default})  # type: ignore[type-var]

    def __repr__(self) -> str:
        given = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)  # type: ignore[arg-type]
            if getattr(self, field.name) != field.default
        ]
        return f"{type(self).__name__}({', '.join(given)})"


@dataclass(frozen=True, repr=False)
class Create(_Options):
    """``cvmimg create``."""

    flags = (
        "snapshots",
        "stop",
        "force_stop",
        "fix_fstab",
        "replace_oldest",
        "verify",
        "delete_on_failure",
        "copy_to",
        "share",
        "keep",
        "fixes",
        "require_tag",
    )

    name: str = "web-v2"
    instance: str = "ins-web00001"
    snapshots: tuple[str, ...] = ()
    stop: bool = False
    force_stop: bool = False
    online: bool = False
    restart: bool = True
    with_data_disks: bool = False
    data_disks: tuple[str, ...] = ()
    fix_fstab: bool = False
    fixes: tuple[str, ...] = ()
    skip_checks: tuple[str, ...] = ()
    require_tag: bool = False
    sysprep: bool = False
    replace_oldest: str = ""
    promote: bool = True
    verify: bool = False
    delete_on_failure: bool = False
    copy_to: tuple[str, ...] = ()
    share: bool = False
    keep: int | None = None
    own_tags: bool = True
    tagged: bool = False
    wait: bool = True
    timeout: float = LONG

    @property
    def region(self) -> str:
        regions = {"ins-full0001": FULL, "ins-db000001": ATTIC, "ins-dbdisk01": ATTIC}
        return regions.get(self.instance, HOME)

    @property
    def family(self) -> str:
        return "db" if self.region == ATTIC else ""

    @property
    def boots(self) -> bool:
        """Whether an instance that is launched from the image boots."""
        return "fstab" not in self.skip_checks or self.instance not in _FAILING_FSTAB

    @property
    def fixes_guest(self) -> bool:
        """Whether something is changed in the guest while the image is created."""
        return self.fix_fstab or bool(self.fixes)


@dataclass(frozen=True, repr=False)
class Launch(_Options):
    """``cvmimg launch``."""

    flags = ("data_from", "delete_snapshots_after", "template", "fixes")

    name: str = "app"
    image: str = "web-v1"
    count: int = 2
    min_count: int | None = None
    scarce: bool = False
    template: str = ""
    fixes: tuple[str, ...] = ()
    data_from: str = ""
    delete_snapshots_after: bool = False
    wait: bool = True
    timeout: float = LONG

    @property
    def region(self) -> str:
        return HOME

    @property
    def enough(self) -> int:
        """The least number of instances that is a success; of the scarce type there are two."""
        return self.count if self.min_count is None else self.min_count


@dataclass(frozen=True, repr=False)
class Snapshot(_Options):
    """``cvmimg snapshot``."""

    flags = ("freeze", "require_tag")

    instance: str = "ins-data0001"
    disks: tuple[str, ...] = ()
    freeze: bool = False
    require_tag: bool = False
    wait: bool = True
    timeout: float = LONG

    @property
    def region(self) -> str:
        return HOME


@dataclass(frozen=True, repr=False)
class Delete(_Options):
    """``cvmimg delete``."""

    flags = ("unshare", "keep_snapshots", "snapshots")

    images: tuple[str, ...] = ("img-webv1000",)
    snapshots: tuple[str, ...] = ()
    keep_snapshots: bool = False
    unshare: bool = False
    force: bool = False

    @property
    def region(self) -> str:
        return ATTIC if self.snapshots else HOME


@dataclass(frozen=True, repr=False)
class Update(_Options):
    """``cvmimg update``."""

    image: str = "img-basev001"
    name: str | None = None
    description: str | None = None
    family: str | None = None
    deprecated: bool | None = None
    tag: bool = False
    untag: bool = False

    @property
    def region(self) -> str:
        return HOME


@dataclass(frozen=True, repr=False)
class Copy(_Options):
    """``cvmimg copy``."""

    flags = ("encrypt",)

    image: str = "img-webv1000"
    name: str = "web-copy"
    regions: tuple[str, ...] = AWAY
    encrypt: bool = False
    wait: bool = True
    timeout: float = LONG

    @property
    def region(self) -> str:
        return HOME


@dataclass(frozen=True, repr=False)
class Share(_Options):
    """``cvmimg share``, or ``cvmimg unshare``: without an account, with ``--all``."""

    flags = ("undo",)

    image: str = "img-webv1000"
    account: str = NEIGHBOUR
    undo: bool = False

    @property
    def region(self) -> str:
        return HOME


@dataclass(frozen=True, repr=False)
class Prune(_Options):
    """``cvmimg prune --family db --apply``."""

    flags = ("grace", "snapshots")

    keep: int = 2
    grace: bool = False
    snapshots: bool = False

    @property
    def region(self) -> str:
        return ATTIC


@dataclass(frozen=True, repr=False)
class Promote(_Options):
    """``cvmimg family promote``, or ``cvmimg family rollback``."""

    flags = ("revoke",)

    image: str = PREVIOUS
    revoke: bool = False

    @property
    def region(self) -> str:
        return HOME if self.image == HELD_BACK else ATTIC


@dataclass(frozen=True, repr=False)
class Verify(_Options):
    """``cvmimg verify``."""

    image: str = "img-webv1000"
    timeout: float = 900.0

    @property
    def region(self) -> str:
        return HOME


Operation = Create | Launch | Snapshot | Delete | Update | Copy | Share | Prune | Promote | Verify

TAG, UNTAG = ("team", "blue"), "env"
"""The tag that is added, and the key of the one that is removed."""
