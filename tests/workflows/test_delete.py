"""What delete finds, and deleting snapshots by themselves, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.models import Snapshot
from cvmimg.durable.session import Session
from cvmimg.errors import PreconditionFailed
from cvmimg.workflows.delete.operation import DeletionOrder, delete_images
from cvmimg.workflows.delete.plan import DeleteRequest, plan_delete
from cvmimg.workflows.delete.targets import Targets, find_targets
from cvmimg.workflows.find_image import find_image
from tests.support.lab import Lab

ALONE = "disk-data0001"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def session(lab: Lab) -> Session:
    return lab.session()


def snapshot_of_image(session: Session, name: str = "web-v1") -> str:
    return find_image(session.cloud, name).snapshot_set[0].snapshot_id


def make_snapshot(lab: Lab, session: Session) -> str:
    made = cbs.create_snapshot(session.cloud, ALONE, name="backup")
    lab.clock.sleep(1800)
    return made


def delete(session: Session, *references: str, **options: bool) -> DeletionOrder:
    targets = find_targets(session.cloud, references)
    plans = plan_delete(
        session.cloud, targets.images, DeleteRequest(**options), snapshots=targets.snapshots
    )
    return delete_images(session, plans, snapshots=targets.snapshots, timeout_seconds=600)


def left(session: Session) -> dict[str, Snapshot]:
    return {one.snapshot_id: one for one in cbs.describe_snapshots(session.cloud)}


def names(targets: Targets) -> list[str]:
    return [image.image_name for image in targets.images]


@pytest.mark.parametrize(
    ("references", "found"),
    [
        (["web-v1", "img-webv1000", "family:web"], ["web-v1"]),
        (["*-v1"], ["web-v1", "base-v1"]),
        (["[bw]*", "base-v1"], ["web-v1", "base-v1"]),
        (["partner-*", "Debian*"], []),
        (["WEB-*"], []),
    ],
)
def test_references_and_globs_find_each_custom_image_once(
    session: Session, references: list[str], found: list[str]
) -> None:
    targets = find_targets(session.cloud, references)
    assert sorted(names(targets)) == sorted(found)
    assert (not targets.missing) == bool(found)


def test_a_name_that_looks_like_a_glob_means_its_own_image_alone(
    lab: Lab, session: Session
) -> None:
    cvm.modify_image_attribute(session.cloud, "img-basev001", {"ImageName": "web-v[1]"})
    assert names(find_targets(session.cloud, ["web-v[1]"])) == ["web-v[1]"]


def test_what_does_not_exist_is_named(session: Session) -> None:
    references = ["web-v9", "img-gone0000", "snap-gone0000", "x-*", "family:nobody", "web-v1"]
    targets = find_targets(session.cloud, references)
    assert names(targets) == ["web-v1"]
    assert set(targets.missing) == set(references) - {"web-v1"}
    assert {error.exit_code for error in targets.missing.values()} == {4}


def test_a_snapshot_is_deleted_by_itself(lab: Lab, session: Session) -> None:
    made = make_snapshot(lab, session)
    before = left(session)
    order = delete(session, made)
    assert [one.as_json() for one in order.everything] == [
        {
            "id": made,
            "name": "backup",
            "snapshot_ids": [made],
            "kept_snapshot_ids": [],
            "freed_gib": 200,
        }
    ]
    assert before.keys() - left(session).keys() == {made}
    assert lab.unfinished() == []


def test_a_snapshot_that_an_image_uses_is_refused_with_the_image(session: Session) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        delete(session, snapshot_of_image(session))
    assert caught.value.code == "SnapshotInUse"
    (reason,) = caught.value.message.params["reasons"]
    assert (reason.code, reason.params["images"]) == ("delete.snapshot-in-use", ["img-webv1000"])


def test_a_snapshot_is_deleted_once_with_its_image(session: Session) -> None:
    used = snapshot_of_image(session)
    order = delete(session, "web-v1", used)
    assert [one.id for one in order.everything] == ["img-webv1000"]
    assert used not in left(session)


def test_a_snapshot_that_was_asked_for_goes_even_where_others_are_kept(session: Session) -> None:
    used = snapshot_of_image(session)
    order = delete(session, "web-v1", used, keep_snapshots=True)
    (image,) = order.everything
    assert image.as_json()["snapshot_ids"] == [used]
    assert used not in left(session)


def test_a_snapshot_in_progress_is_refused(lab: Lab, session: Session) -> None:
    made = cbs.create_snapshot(session.cloud, ALONE, name="backup")
    lab.clock.sleep(5)
    with pytest.raises(PreconditionFailed) as caught:
        delete(session, made)
    assert caught.value.message.params["reasons"][0].code == "delete.snapshot-busy"


def lock(lab: Lab, snapshot_id: str) -> None:
    with lab.sandbox.store.transaction(write=True) as view:
        document = view.get("snapshot", snapshot_id)
        assert document is not None
        view.put({**document, "Locked": True})


def test_a_locked_snapshot_is_refused(lab: Lab, session: Session) -> None:
    made = make_snapshot(lab, session)
    lock(lab, made)
    with pytest.raises(PreconditionFailed) as caught:
        delete(session, made)
    assert caught.value.message.params["reasons"][0].code == "delete.snapshot-locked"


def test_a_locked_snapshot_stays_when_its_image_is_deleted(lab: Lab, session: Session) -> None:
    used = snapshot_of_image(session)
    lock(lab, used)
    (image,) = delete(session, "web-v1").everything
    assert image.as_json()["kept_snapshot_ids"] == [used]
    assert used in left(session)


def test_a_snapshot_that_is_locked_after_the_plan_stays_and_the_deletion_ends(
    lab: Lab, session: Session
) -> None:
    targets = find_targets(session.cloud, ["web-v1"])
    plans = plan_delete(session.cloud, targets.images, DeleteRequest())
    used = snapshot_of_image(session)
    lock(lab, used)
    delete_images(session, plans, timeout_seconds=600)
    assert used in left(session)
    assert lab.unfinished() == []
