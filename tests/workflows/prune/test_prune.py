"""Prune against the sandbox: what is shown is what is done, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.models import Image
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, PreconditionFailed, UsageError, WaitTimeout
from cvmimg.workflows.prune.facts import Selection
from cvmimg.workflows.prune.operation import PruneResult, prune
from cvmimg.workflows.prune.plan import PlannedImage, PrunePlan, PruneRequest, plan_prune
from cvmimg.workflows.prune.rules import Action, Retention
from cvmimg.workflows.resume import resume
from tests.support.call_faults import Killed
from tests.support.faulty import CallSite, FaultyAdapter
from tests.support.lab import Lab

DAY = 86400.0
NEIGHBOUR = "100000000002"


def image(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"img-web{number:05}",
        "name": f"web-v{number}",
        "family": "web",
        "size": 50,
        "created": f"2026-{number:02}-01T00:00:00Z",
        **more,
    }


WORLD: dict[str, Any] = {
    "regions": {
        "ap-guangzhou": {
            "images": [
                *map(image, range(1, 7)),
                image(7, deprecated=True),
                {"id": "img-lonely01", "name": "lonely", "size": 20},
            ],
            "instances": [
                {"id": "ins-user0001", "image": "img-web00001"},
                {
                    "id": "ins-disk0001",
                    "data_disks": [{"id": "disk-data0001", "size": 100}],
                },
            ],
            "templates": [{"id": "lt-user0001", "name": "t", "image": "img-web00002"}],
            "scaling": [
                {
                    "id": "asc-user0001",
                    "name": "s",
                    "image": "img-web00003",
                    "group": "asg-user0001",
                }
            ],
        },
        "ap-shanghai": {"images": [image(8, id="img-shweb001"), image(9, id="img-shweb002")]},
    }
}
KEEP_2 = PruneRequest(Retention(keep=2))


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(WORLD) as lab:
        yield lab


@pytest.fixture
def session(lab: Lab) -> Session:
    return lab.session()


def test_ages_are_by_the_clock_of_the_cloud(
    lab: Lab, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.observer_cloud.write(
        "cvm", "CreateImage", {"ImageName": "new", "InstanceId": "ins-user0001"}
    )
    lab.clock.sleep(3600.0)
    ahead = lab.clock.now() + 400 * DAY
    monkeypatch.setattr(lab.clock, "now", lambda: ahead)
    request = PruneRequest(Retention(older_than_seconds=60.0), Selection(names=("new",)))
    (planned,) = plan_prune(session.cloud, request).images
    assert [reason.code for reason in planned.decision.reasons] == ["KeptTooYoung"]


def plan(session: Session, request: PruneRequest) -> PrunePlan:
    return plan_prune(session.cloud, request)


def run(session: Session, request: PruneRequest) -> PruneResult:
    return prune(session, request, plan(session, request), timeout_seconds=3600)


def chosen(planned: PrunePlan, action: Action) -> list[str]:
    return [item.id for item in planned.items if item.decision.action is action]


def reasons(planned: PrunePlan, identifier: str) -> list[str]:
    (item,) = (item for item in planned.items if item.id == identifier)
    return [reason.code for reason in item.decision.reasons]


def existing(lab: Lab) -> set[str]:
    return {each.image_id for each in lab.images()}


def find(lab: Lab, identifier: str) -> Image:
    return cvm.describe_image(lab.observer_cloud, identifier)


def test_only_images_that_nothing_keeps_are_deleted_with_their_snapshots(
    lab: Lab, session: Session
) -> None:
    before = existing(lab)
    planned = plan(session, KEEP_2)
    result = prune(session, KEEP_2, planned, timeout_seconds=3600)

    assert result.outcomes == {"img-web00004": "deleted"}
    assert before - existing(lab) == {"img-web00004"}
    assert lab.orphans() == set()
    assert lab.unfinished() == []
    assert planned.freed_gib == 50
    assert reasons(planned, "img-web00001") == ["KeptInUse"]
    assert reasons(planned, "img-web00002") == ["KeptInUse"]
    assert reasons(planned, "img-web00003") == ["KeptInUse"]
    assert reasons(planned, "img-web00004") == ["NotAmongNewest", "Unused"]
    assert reasons(planned, "img-web00005") == ["KeptNewest"]
    assert reasons(planned, "img-web00006") == ["KeptServing", "KeptNewest"]
    assert reasons(planned, "img-web00007") == ["KeptNewest"]
    assert reasons(planned, "img-lonely01") == ["KeptNoGroup"]


def test_an_image_without_a_family_is_pruned_if_it_is_selected(session: Session) -> None:
    request = PruneRequest(Retention(older_than_seconds=30 * DAY), Selection(names=("lone*",)))
    assert run(session, request).outcomes == {"img-lonely01": "deleted"}


def test_a_shared_image_is_kept(session: Session) -> None:
    request = {
        "ImageId": "img-web00004",
        "AccountIds": [NEIGHBOUR],
        "Permission": "SHARE",
    }
    session.cloud.write("cvm", "ModifyImageSharePermission", request)
    assert reasons(plan(session, KEEP_2), "img-web00004") == ["KeptShared"]


def test_an_image_whose_use_cannot_be_looked_up_is_kept(lab: Lab, session: Session) -> None:
    lab.sandbox.faults.add("DescribeLaunchTemplates:error=UnauthorizedOperation")
    (kept,) = (each for each in plan(session, KEEP_2).items if each.id == "img-web00004")
    (reason,) = kept.decision.reasons
    assert reason.code == "KeptUseUnknown"
    assert [why.code for why in reason.params["reasons"]] == ["UseNotRead"]


def test_all_regions_are_pruned_in_one_operation(lab: Lab, session: Session) -> None:
    request = PruneRequest(Retention(keep=1), all_regions=True)
    result = run(session, request)
    assert result.outcomes["img-shweb001"] == "deleted"
    assert lab.unfinished() == []


def test_grace_deprecates_first_and_deletes_later(lab: Lab, session: Session) -> None:
    request = PruneRequest(Retention(keep=2, grace_seconds=7 * DAY))
    assert run(session, request).outcomes == {"img-web00004": "deprecated"}
    assert find(lab, "img-web00004").image_deprecated

    lab.clock.sleep(6 * DAY)
    assert reasons(plan(session, request), "img-web00004") == ["KeptInGrace"]
    lab.clock.sleep(DAY)
    assert run(session, request).outcomes == {"img-web00004": "deleted"}


def test_an_image_that_someone_else_deprecated_gets_its_grace_from_now(
    lab: Lab, session: Session
) -> None:
    cvm.modify_image_attribute(session.cloud, "img-web00004", {"ImageDeprecated": True})
    request = PruneRequest(Retention(keep=2, grace_seconds=7 * DAY))
    assert run(session, request).outcomes == {"img-web00004": "deprecated"}
    assert "cvmimg-deprecated-at" in find(lab, "img-web00004").tag_map


def test_a_plan_whose_image_came_into_use_is_refused(lab: Lab, session: Session) -> None:
    planned = plan(session, KEEP_2)
    launch(session, "img-web00004")
    before = existing(lab)
    with pytest.raises(PreconditionFailed) as caught:
        prune(session, KEEP_2, planned, timeout_seconds=3600)
    assert caught.value.code == "PlanChanged"
    assert existing(lab) == before
    assert lab.unfinished() == []


def test_a_plan_holds_although_another_image_was_created(lab: Lab, session: Session) -> None:
    planned = plan(session, KEEP_2)
    cvm.create_image(session.cloud, {"InstanceId": "ins-disk0001", "ImageName": "new"})
    result = prune(session, KEEP_2, planned, timeout_seconds=3600)
    assert result.outcomes == {"img-web00004": "deleted"}


def test_an_interrupted_prune_keeps_what_came_into_use_before_it_is_resumed(lab: Lab) -> None:
    request = PruneRequest(Retention(keep=1))
    adapter = FaultyAdapter(lab.sandbox.adapter(), CallSite("DeleteImages", 2), "killed-before")
    with pytest.raises(Killed):
        run(lab.session(adapter), request)
    launch(lab.session(), "img-web00004")
    (finished,) = resume(lab.session())
    assert sorted(finished.result.outcomes) == ["img-web00004", "img-web00005"]
    assert "img-web00004" in existing(lab)
    assert "img-web00005" not in existing(lab)
    assert lab.orphans() == set()


def test_rolling_back_restores_what_was_deprecated(lab: Lab) -> None:
    request = PruneRequest(Retention(keep=1, grace_seconds=7 * DAY))
    site = CallSite("ModifyImageAttribute", 2)
    with pytest.raises(Killed):
        run(lab.session(FaultyAdapter(lab.sandbox.adapter(), site, "killed-before")), request)
    deprecated = {each.image_id for each in lab.images() if each.image_deprecated}
    assert deprecated == {"img-web00005", "img-web00007"}
    resume(lab.session(), roll_back=True)
    after = {each.image_id: each for each in lab.images()}
    assert not after["img-web00005"].image_deprecated
    assert "cvmimg-deprecated-at" not in after["img-web00005"].tag_map
    assert lab.unfinished() == []


def test_rolling_back_names_what_was_deleted_and_what_is_left_of_it(lab: Lab) -> None:
    site = CallSite("DeleteSnapshots", 1)
    adapter = FaultyAdapter(lab.sandbox.adapter(), site, "killed-before")
    with pytest.raises(Killed):
        run(lab.session(adapter), PruneRequest(Retention(keep=2)))
    (undone,) = resume(lab.session(), roll_back=True)
    deleted, left = undone.remains
    assert (deleted.code, deleted.params["images"]) == ("AlreadyDeleted", ["img-web00004"])
    assert (left.code, left.params["count"]) == ("SnapshotsLeft", 1)
    (snapshot,) = left.params["snapshots"]
    assert left.params["command"] == f"cvmimg delete {snapshot} --region ap-guangzhou"


def test_one_image_that_cannot_be_deleted_stops_no_other(lab: Lab, session: Session) -> None:
    lab.sandbox.faults.add("DeleteImages:error=InvalidImageId.IncorrectState:times=1")
    result = run(session, PruneRequest(Retention(keep=1)))
    assert sorted(result.outcomes.values()) == ["deleted", "failed"]
    assert len(result.errors) == 1
    assert lab.unfinished() == []


def test_a_timeout_leaves_a_prune_that_can_be_resumed(lab: Lab, session: Session) -> None:
    with pytest.raises(WaitTimeout) as caught:
        prune(session, KEEP_2, plan(session, KEEP_2), timeout_seconds=0.5)
    assert "resume" in caught.value.resume_command
    resume(lab.session())
    assert lab.orphans() == set()
    assert "img-web00004" not in existing(lab)


def test_own_orphan_snapshots_are_pruned_and_others_shown(lab: Lab, session: Session) -> None:
    request = PruneRequest(Retention(keep=1), snapshots=True)
    own = {"cvmimg-operation": "op-20260101-000000"}
    ids = []
    for tags in (own, {}, own):
        ids.append(cbs.create_snapshot(session.cloud, "disk-data0001", name="s", tags=tags))
        lab.clock.sleep(2 * DAY)
    old, foreign, newest = ids
    planned = plan(session, request)
    assert "KeptNotOwn" in reasons(planned, foreign)
    assert reasons(planned, newest) == ["KeptNewest"]
    assert prune(session, request, planned, timeout_seconds=3600).outcomes[old] == "deleted"
    assert lab.orphans() == {foreign, newest}


def test_a_snapshot_of_an_unfinished_operation_is_kept(lab: Lab, session: Session) -> None:
    operation = "op-20260101-000000"
    tags = {"cvmimg-operation": operation}
    snapshot = cbs.create_snapshot(session.cloud, "disk-data0001", name="s", tags=tags)
    lab.clock.sleep(2 * DAY)
    request = PruneRequest(Retention(older_than_seconds=DAY), snapshots=True)
    planned = plan_prune(session.cloud, request, unfinished={operation})
    assert reasons(planned, snapshot) == ["KeptInOperation"]


def test_a_request_that_keeps_nothing_on_purpose_is_refused(session: Session) -> None:
    with pytest.raises(UsageError) as caught:
        plan(session, PruneRequest(Retention()))
    assert caught.value.code == "RetentionMissing"


def test_plans_know_the_region_of_each_image(session: Session) -> None:
    planned = plan(session, PruneRequest(Retention(keep=1), all_regions=True))
    regions = {item.region for item in planned.items if isinstance(item, PlannedImage)}
    assert regions == {"ap-guangzhou", "ap-shanghai"}


def launch(session: Session, image_id: str) -> None:
    request = {"ImageId": image_id, "Placement": {"Zone": "ap-guangzhou-6"}}
    try:
        cvm.run_instances(session.cloud, request)
    except CvmimgError as error:
        raise AssertionError(error) from error
