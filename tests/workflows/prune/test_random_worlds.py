"""Whatever a world holds, prune deletes nothing that is used, pinned, shared, served or unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cvmimg.workflows.prune.operation import prune
from cvmimg.workflows.prune.plan import PruneRequest, plan_prune
from cvmimg.workflows.prune.rules import Action, Retention
from tests.support.clock import FakeClock
from tests.support.lab import Lab

pytestmark = pytest.mark.system

HOME, DAY = "ap-guangzhou", 86400.0
DISK = "disk-rand0001"
NOW = FakeClock().now()
QUESTIONS = (
    "DescribeInstances",
    "DescribeLaunchTemplates",
    "DescribeLaunchTemplateVersions",
    "DescribeLaunchConfigurations",
    "DescribeImageSharePermission",
    "DescribeImageFromFamily",
)


@dataclass(frozen=True)
class Drawn:
    """An image of a random world."""

    number: int
    family: str
    age_days: float
    deprecated: bool
    pinned: bool
    shared: bool

    @property
    def id(self) -> str:
        return f"img-rand{self.number:04}"

    @property
    def spec(self) -> dict[str, Any]:
        created = datetime.fromtimestamp(NOW - self.age_days * DAY, timezone.utc)
        return {
            "id": self.id,
            "name": f"image-{self.number}",
            "family": self.family,
            "created": created.isoformat(),
            "deprecated": self.deprecated,
            "shared": self.shared,
            "tags": {"cvmimg-keep": ""} if self.pinned else {},
        }


@dataclass(frozen=True)
class Orphan:
    """A snapshot of a random world that no image uses."""

    number: int
    age_days: float
    own: bool
    pinned: bool
    locked: bool

    @property
    def id(self) -> str:
        return f"snap-rand{self.number:04}"

    @property
    def spec(self) -> dict[str, Any]:
        created = datetime.fromtimestamp(NOW - self.age_days * DAY, timezone.utc)
        own = {"cvmimg-operation": "op-long-ago"} if self.own else {}
        return {
            "id": self.id,
            "disk": DISK,
            "created": created.isoformat(),
            "locked": self.locked,
            "tags": {**own, **({"cvmimg-keep": ""} if self.pinned else {})},
        }


@dataclass(frozen=True)
class World:
    """A random world, and what must not be deleted in it.

    Attributes:
        images: distinct in their ages.
        by_instance: indexes of images that instances run from.
        by_template: indexes of images that launch templates name.
        by_scaling: indexes of images that scaling configurations name.
        family: the family that a scaling configuration names, or "".
        orphans: snapshots that no image uses, distinct in their ages.
    """

    images: tuple[Drawn, ...]
    by_instance: frozenset[int]
    by_template: frozenset[int]
    by_scaling: frozenset[int]
    family: str
    orphans: tuple[Orphan, ...]

    @property
    def spec(self) -> dict[str, Any]:
        scaling = [self._scaling(n, {"image": self.images[n].id}) for n in sorted(self.by_scaling)]
        if self.family:
            scaling.append(self._scaling(99, {"family": self.family}))
        region = {
            "images": [image.spec for image in self.images],
            "instances": [
                {"id": f"ins-rand{n:04}", "image": self.images[n].id}
                for n in sorted(self.by_instance)
            ]
            + [{"id": "ins-randdisk", "data_disks": [{"id": DISK, "size": 100}]}],
            "snapshots": [orphan.spec for orphan in self.orphans],
            "templates": [
                {
                    "id": f"lt-rand{n:04}",
                    "name": f"t{n}",
                    "image": self.images[n].id,
                    "versions": 35,
                }
                for n in sorted(self.by_template)
            ],
            "scaling": scaling,
        }
        return {"quota": 100, "regions": {HOME: region}}

    def untouchable(self, retention: Retention) -> set[str]:
        """The ids of the images that no prune may delete or deprecate."""
        used = self.by_instance | self.by_template | self.by_scaling
        return {self.images[number].id for number in used} | {
            image.id
            for image in self.images
            if image.pinned
            or image.shared
            or image.age_days < 1
            or image.age_days * DAY <= (retention.older_than_seconds or 0)
            or self._serves(image)
            or self._rank(image) < (retention.keep or 0)
        }

    def untouchable_orphans(self, retention: Retention) -> set[str]:
        """The ids of the snapshots that no prune may delete."""
        own = sorted((one for one in self.orphans if one.own), key=lambda one: one.age_days)
        return {one.id for one in own[: retention.keep or 0]} | {
            one.id
            for one in self.orphans
            if not one.own
            or one.pinned
            or one.locked
            or one.age_days < 1
            or one.age_days * DAY <= (retention.older_than_seconds or 0)
        }

    def _serves(self, image: Drawn) -> bool:
        usable = [one for one in self._family(image) if not one.deprecated]
        return bool(image.family) and usable[:1] == [image]

    def _rank(self, image: Drawn) -> int:
        return self._family(image).index(image)

    def _family(self, image: Drawn) -> list[Drawn]:
        members = [one for one in self.images if one.family == image.family]
        return sorted(members, key=lambda one: one.age_days)

    @staticmethod
    def _scaling(number: int, what: dict[str, str]) -> dict[str, str]:
        names = {"id": f"asc-rand{number:04}", "name": f"s{number}"}
        return {**names, "group": f"asg-rand{number:04}", **what}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    ages = draw(st.lists(st.floats(0.1, 400), min_size=1, max_size=7, unique=True))
    families, flags = st.sampled_from(["", "web", "db"]), st.integers(0, 5).map(lambda n: n == 0)
    images = tuple(
        Drawn(number, draw(families), age, draw(flags), draw(flags), draw(flags))
        for number, age in enumerate(ages)
    )
    some = st.frozensets(st.integers(0, len(images) - 1), max_size=2)
    family = draw(st.sampled_from(["", "web"]))
    ages = draw(st.lists(st.floats(0.1, 400), max_size=3, unique=True))
    orphans = tuple(
        Orphan(number, age, not draw(flags), draw(flags), draw(flags))
        for number, age in enumerate(ages)
    )
    return World(images, draw(some), draw(some), draw(some), family, orphans)


retentions = st.builds(
    Retention,
    keep=st.none() | st.integers(0, 3),
    older_than_seconds=st.integers(0, 200).map(lambda days: days * DAY),
    grace_seconds=st.sampled_from([None, None, 7 * DAY]),
)
forbidden = st.none() | st.sampled_from(QUESTIONS)


def ids(items: Iterable[Any], action: Action) -> set[str]:
    return {item.id for item in items if item.decision.action is action}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(worlds(), retentions, forbidden)
def test_nothing_used_pinned_or_unknown_is_ever_deleted(
    world: World, retention: Retention, question: str | None
) -> None:
    with Lab(world.spec) as lab:
        session, request = lab.session(), PruneRequest(retention, snapshots=True)
        before, orphans = {image.image_id for image in lab.images()}, lab.orphans()
        if question:
            lab.sandbox.faults.add(f"{question}:error=UnauthorizedOperation")
        plan = plan_prune(session.cloud, request)
        prune(session, request, plan, timeout_seconds=3600)
        lab.sandbox.faults.clear()
        after = {image.image_id: image for image in lab.images()}

        gone = before - after.keys()
        deprecated = {one for one, image in after.items() if image.image_deprecated}
        newly = deprecated - {image.id for image in world.images if image.deprecated}
        assert not (gone | newly) & world.untouchable(retention)
        assert lab.orphans() <= orphans
        gone_orphans = orphans - lab.orphans()
        assert not gone_orphans & world.untouchable_orphans(retention)
        assert gone | gone_orphans == ids(plan.items, Action.DELETE)
        assert newly <= ids(plan.items, Action.DEPRECATE)
        assert lab.unfinished() == []
        if question in QUESTIONS[:2] or question == "DescribeLaunchConfigurations":
            assert gone == set()
        if question in ("DescribeLaunchTemplates", "DescribeLaunchConfigurations"):
            assert gone_orphans == set()
