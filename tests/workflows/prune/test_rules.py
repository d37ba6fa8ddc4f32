"""Retention over random worlds: what must never be deleted is stated here a second time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cvmimg.checks.image_use import ImageUse
from cvmimg.cloud.models import Image
from cvmimg.message import Message
from cvmimg.workflows.prune.facts import Selection, image_facts
from cvmimg.workflows.prune.rules import Action, Decision, ImageFacts, Retention, decide

NOW = datetime(2026, 11, 23, 10, tzinfo=timezone.utc)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Made:
    """An image of a random world, with what uses it."""

    image_id: str
    family: str
    name: str
    state: str
    deprecated: bool
    pinned: bool
    age: timedelta | None
    deprecated_age: timedelta | None
    use: ImageUse

    def as_image(self) -> Image:
        tags = []
        if self.pinned:
            tags.append({"Key": "cvmimg-keep", "Value": ""})
        if self.deprecated_age is not None:
            moment = (NOW - self.deprecated_age).strftime("%Y-%m-%dT%H:%M:%SZ")
            tags.append({"Key": "cvmimg-deprecated-at", "Value": moment})
        created = self.age and (NOW - self.age).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Image(
            {
                "ImageId": self.image_id,
                "ImageName": self.name,
                "ImageFamily": self.family,
                "ImageState": self.state,
                "ImageDeprecated": self.deprecated,
                "CreatedTime": created,
                "Tags": tags,
            }
        )

    @property
    def usable(self) -> bool:
        return self.state == "NORMAL" and not self.deprecated


def used(by: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.sampled_from([(), (), (), (by,)])


USES = st.builds(
    ImageUse,
    instances=used("ins-1"),
    launch_templates=used("lt-1"),
    launch_configurations=used("asc-1"),
    accounts=used("100000000002"),
    unknown=used(Message("UseNotRead")),
)
AGES = st.one_of(st.none(), st.integers(0, 60 * 24).map(lambda hours: timedelta(hours=hours)))
WORLDS = st.lists(
    st.builds(
        Made,
        image_id=st.just(""),
        family=st.sampled_from(["", "web", "db"]),
        name=st.sampled_from(["web-1", "web-2", "db-1", "other"]),
        state=st.sampled_from(["NORMAL"] * 5 + ["CREATING", "CREATEFAILED"]),
        deprecated=st.booleans(),
        pinned=st.sampled_from([False, False, False, True]),
        age=AGES,
        deprecated_age=AGES,
        use=st.one_of(st.just(ImageUse()), USES),
    ),
    max_size=12,
).map(lambda world: [replace(made, image_id=f"img-{n:08}") for n, made in enumerate(world)])
RETENTIONS = st.builds(
    Retention,
    keep=st.one_of(st.none(), st.integers(1, 4)),
    older_than_seconds=st.one_of(st.none(), st.integers(1, 60).map(lambda d: d * 86400.0)),
    grace_seconds=st.one_of(st.none(), st.integers(1, 30).map(lambda d: d * 86400.0)),
).filter(lambda one: one.keep is not None or one.older_than_seconds is not None)
SELECTIONS = st.sampled_from(
    [Selection(), Selection(families=("web",)), Selection(names=("web-*", "other"))]
)


def facts_of(world: Sequence[Made], selection: Selection) -> list[ImageFacts]:
    uses = {made.image_id: made.use for made in world}
    facts = image_facts([made.as_image() for made in world], selection, NOW)
    return [replace(each, use=uses[each.image.image_id]) for each in facts]


def decisions(
    world: Sequence[Made], selection: Selection, retention: Retention
) -> dict[str, Decision]:
    facts = facts_of(world, selection)
    return {each.image.image_id: decide(each, retention) for each in facts}


def applied(world: Sequence[Made], decided: dict[str, Decision]) -> list[Made]:
    """The world after the decisions were carried out."""
    after = []
    for made in world:
        action = decided[made.image_id].action if made.image_id in decided else Action.KEEP
        if action is Action.DEPRECATE:
            after.append(replace(made, deprecated=True, deprecated_age=timedelta()))
        elif action is Action.KEEP:
            after.append(made)
    return after


def age(made: Made) -> timedelta:
    """Younger than all that have an age, if the API does not say: the order of the tool."""
    return made.age if made.age is not None else timedelta(days=100_000)


@given(WORLDS, SELECTIONS, RETENTIONS)
def test_nothing_that_is_used_pinned_shared_unknown_unready_or_young_is_changed(
    world: list[Made], selection: Selection, retention: Retention
) -> None:
    decided = decisions(world, selection, retention)
    for made in world:
        precious = (
            made.use != ImageUse()
            or made.pinned
            or made.state != "NORMAL"
            or made.age is None
            or made.age < DAY
        )
        if precious and made.image_id in decided:
            assert decided[made.image_id].action is Action.KEEP


@given(WORLDS, SELECTIONS, RETENTIONS)
def test_each_family_serves_the_same_image_afterwards(
    world: list[Made], selection: Selection, retention: Retention
) -> None:
    after = applied(world, decisions(world, selection, retention))
    for family in ("web", "db"):
        assert serving(after, family) == serving(world, family)


def serving(world: Sequence[Made], family: str) -> str | None:
    usable = [made for made in world if made.family == family and made.usable]
    newest = min(usable, key=lambda made: (age(made), -int(made.image_id[4:])), default=None)
    return newest and newest.image_id


@given(WORLDS, RETENTIONS)
def test_the_newest_of_each_family_stay(world: list[Made], retention: Retention) -> None:
    decided = decisions(world, Selection(), retention)
    if retention.keep is None:
        return
    for family in ("web", "db"):
        for chosen in (world, [m for m in world if m.usable]):
            members = [made for made in chosen if made.family == family]
            members.sort(key=lambda made: (age(made), -int(made.image_id[4:])))
            for made in members[: retention.keep]:
                assert decided[made.image_id].action is Action.KEEP


@given(WORLDS, SELECTIONS, RETENTIONS)
def test_a_second_prune_changes_nothing(
    world: list[Made], selection: Selection, retention: Retention
) -> None:
    after = applied(world, decisions(world, selection, retention))
    again = decisions(after, selection, retention)
    assert {one.action for one in again.values()} <= {Action.KEEP}


@given(WORLDS, SELECTIONS, RETENTIONS)
def test_only_what_was_deprecated_for_the_whole_grace_is_deleted(
    world: list[Made], selection: Selection, retention: Retention
) -> None:
    if retention.grace_seconds is None:
        return
    decided = decisions(world, selection, retention)
    for made in world:
        if made.image_id in decided and decided[made.image_id].action is Action.DELETE:
            assert made.deprecated
            assert made.deprecated_age is not None
            assert made.deprecated_age.total_seconds() >= retention.grace_seconds


@given(WORLDS, SELECTIONS, RETENTIONS)
def test_every_decision_has_a_reason(
    world: list[Made], selection: Selection, retention: Retention
) -> None:
    for decision in decisions(world, selection, retention).values():
        assert decision.reasons


@given(WORLDS, RETENTIONS)
def test_images_that_were_not_selected_are_not_looked_at(
    world: list[Made], retention: Retention
) -> None:
    decided = decisions(world, Selection(families=("web",)), retention)
    assert decided.keys() == {made.image_id for made in world if made.family == "web"}
