"""Images of several instances side by side, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from cvmimg.cloud import tat
from cvmimg.cloud.client import Cloud
from cvmimg.durable.session import Session
from cvmimg.errors import NotFound, TaskFailed, UsageError
from cvmimg.workflows.create.many import (
    CreateOutcome,
    create_many,
    requests_for,
    select_instances,
)
from cvmimg.workflows.create.request import CreateRequest
from tests.support.lab import Lab

pytestmark = pytest.mark.system

ONLINE, MUST_STOP, DATA = "ins-web00001", "ins-old00001", "ins-data0001"
NO_AGENT = "ins-noat0001"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def make(session: Session, instance_ids: list[str], **options: Any) -> list[CreateOutcome]:
    request = CreateRequest(**{"name": "nightly-{instance_id}", **options})
    instances = select_instances(session.cloud, instance_ids, ())
    return create_many(session, requests_for(session, request, instances))


def names(lab: Lab) -> set[str]:
    return {image.image_name for image in lab.images()} - {"web-v1", "base-v1"}


def test_each_instance_gets_an_image_and_is_left_as_it_was(lab: Lab) -> None:
    before = lab.states()
    outcomes = make(lab.session(), [ONLINE, MUST_STOP, DATA], stop=True, fix_fstab=True)
    assert [one.instance_id for one in outcomes] == [ONLINE, MUST_STOP, DATA]
    assert all(one.result and one.result.image for one in outcomes)
    assert names(lab) == {f"nightly-{each}" for each in (ONLINE, MUST_STOP, DATA)}
    assert lab.states() == before
    assert lab.unfinished() == []


def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The instances of each command that is run from now on."""
    run, sent = tat.run_command, list[list[str]]()

    def note(cloud: Cloud, instance_ids: Sequence[str], *args: Any, **options: Any) -> str:
        sent.append(list(instance_ids))
        return run(cloud, instance_ids, *args, **options)

    monkeypatch.setattr(tat, "run_command", note)
    return sent


def test_one_command_reads_all_guests(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = commands(monkeypatch)
    outcomes = make(lab.session(), [ONLINE, MUST_STOP, DATA], stop=True, dry_run=True)
    assert [one.error.code if one.error else "" for one in outcomes] == [
        "OthersFailed",
        "OthersFailed",
        "ChecksFailed",
    ]
    assert list(map(sorted, sent)) == [sorted([ONLINE, MUST_STOP, DATA])]


def test_a_guest_that_cannot_be_read_does_not_stop_the_others_from_being_read(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = commands(monkeypatch)
    outcomes = make(lab.session(), [ONLINE, NO_AGENT], dry_run=True)
    assert [one.error.code if one.error else "" for one in outcomes] == [
        "OthersFailed",
        "ChecksFailed",
    ]
    assert sorted(map(sorted, sent)) == [[NO_AGENT], [NO_AGENT, ONLINE], [ONLINE]]


def test_one_failed_check_leaves_all_instances_alone(lab: Lab) -> None:
    outcomes = make(lab.session(), [ONLINE, MUST_STOP])
    assert [one.error.code if one.error else "" for one in outcomes] == [
        "OthersFailed",
        "ChecksFailed",
    ]
    assert names(lab) == set()


def test_the_quota_has_to_have_room_for_all(lab: Lab) -> None:
    first = make(lab.session(), [ONLINE])  # 3 of 10
    assert first[0].result is not None
    ids = [one.instance_id for one in lab.instances() if one.instance_state == "RUNNING"][:8]
    checks = ("instance", "name", "power", "disks", "fstab", "dry-run")
    outcomes = make(lab.session(), ids, name="more-{instance_id}", skip_checks=checks)
    assert {one.error.code if one.error else "" for one in outcomes} == {"ImageQuotaLimitExceeded"}
    assert len(lab.images()) == 3


def test_a_failure_does_not_stop_the_others(lab: Lab) -> None:
    lab.sandbox.faults.add("CreateImage:task-fail:times=1")
    outcomes = make(lab.session(), [ONLINE, MUST_STOP], stop=True)
    errors = [one.error for one in outcomes if one.error]
    assert len(errors) == 1
    assert isinstance(errors[0], TaskFailed)
    assert sum(image.image_state == "NORMAL" for image in lab.images()) == 3
    assert lab.unfinished() == []


def test_a_dry_run_of_several_changes_nothing(lab: Lab) -> None:
    outcomes = make(lab.session(), [ONLINE, MUST_STOP], stop=True, dry_run=True)
    assert all(one.result and one.result.image is None for one in outcomes)
    assert names(lab) == set()


@pytest.mark.parametrize("name", ["{nope}", "{instance_id", "{0}", "{instance_id.x}", "same"])
def test_a_name_that_cannot_be_filled_or_is_the_same_twice_is_refused(lab: Lab, name: str) -> None:
    with pytest.raises(UsageError):
        make(lab.session(), [ONLINE, MUST_STOP], name=name)
    assert names(lab) == set()


def test_instances_are_selected_by_their_tags(lab: Lab) -> None:
    cloud = lab.session().cloud
    (key, value), *_ = lab.instance(ONLINE).tag_map.items()
    selected = {one.instance_id for one in select_instances(cloud, [], [(key, value)])}
    tagged = {one.instance_id for one in lab.instances() if one.tag_map.get(key) == value}
    assert selected == tagged
    with pytest.raises(NotFound):
        select_instances(cloud, [], [("no-such-key", "x")])
