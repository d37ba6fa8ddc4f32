"""Deleting, updating, counting and snapshotting, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.find_ours import find_snapshots
from cvmimg.cloud.models import Image, Snapshot
from cvmimg.durable.session import Session
from cvmimg.errors import NotFound, PreconditionFailed, UsageError
from cvmimg.guest.tat import AgentAccess
from cvmimg.message import Message
from cvmimg.sandbox.state import kinds
from cvmimg.workflows.create.replacement import plan_replacement
from cvmimg.workflows.delete.operation import DeletedImage, delete_images
from cvmimg.workflows.delete.plan import DeleteRequest, plan_delete
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.list_snapshots import list_snapshots
from cvmimg.workflows.quota import RegionQuota, image_quota
from cvmimg.workflows.resume import resume
from cvmimg.workflows.snapshot import disk_snapshots
from cvmimg.workflows.snapshot.operation import SnapshotRequest, make_snapshots
from cvmimg.workflows.snapshot.plan import mount_points, plan_snapshots
from cvmimg.workflows.update import UpdateRequest, update_images
from tests.support.call_faults import Killed, call_name
from tests.support.faulty import CallSite, FaultyAdapter
from tests.support.lab import Lab

NEIGHBOUR = "100000000002"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def session(lab: Lab) -> Session:
    return lab.session()


def delete(session: Session, name: str, **options: bool) -> list[DeletedImage]:
    image = find_image(session.cloud, name)
    plans = plan_delete(session.cloud, [image], DeleteRequest(**options))
    return list(delete_images(session, plans, timeout_seconds=600).images)


def share(session: Session, image: Image) -> None:
    session.cloud.write(
        "cvm",
        "ModifyImageSharePermission",
        {"ImageId": image.image_id, "AccountIds": [NEIGHBOUR], "Permission": "SHARE"},
    )


def snapshots(session: Session) -> dict[str, Snapshot]:
    return {one.snapshot_id: one for one in cbs.describe_snapshots(session.cloud)}


def make(session: Session, instance: str, *disks: str, freeze: bool = False) -> list[Snapshot]:
    plan = plan_snapshots(session.cloud, instance, disks)
    access = AgentAccess(session.cloud, instance)
    targets = mount_points(plan, access) if freeze else ()
    request = SnapshotRequest("nightly", {"team": "shop"}, targets)
    return make_snapshots(session, plan, request)


def test_an_image_is_deleted_with_its_snapshots(lab: Lab, session: Session) -> None:
    before = snapshots(session)
    (deleted,) = delete(session, "web-v1")
    after = snapshots(session)
    assert deleted.id == "img-webv1000"
    assert set(before) - set(after) == set(deleted.snapshot_ids) != set()
    assert deleted.freed_gib == 50
    assert lab.unfinished() == []
    with pytest.raises(NotFound):
        find_image(session.cloud, "web-v1")


def test_snapshots_are_kept_at_the_users_word(session: Session) -> None:
    before = snapshots(session)
    (deleted,) = delete(session, "web-v1", keep_snapshots=True)
    assert deleted.snapshot_ids == ()
    assert snapshots(session).keys() == before.keys()
    orphans = list_snapshots(session.cloud, orphans=True).snapshots
    assert {one.snapshot_id for one in orphans} == set(deleted.kept_snapshot_ids)


def test_an_image_in_use_is_refused_and_its_users_are_named(session: Session) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        delete(session, "base-v1")
    assert caught.value.code == "ImageInUse"
    (reason,) = caught.value.message.params["reasons"]
    for user in ("ins-priv0001", "launch template lt-", "scaling configuration asc-"):
        assert user in reason.params["users"]
    assert caught.value.hint.params["ways"] == [Message("delete.force")]
    assert find_image(session.cloud, "base-v1").image_state == "NORMAL"


def test_an_image_in_use_is_deleted_with_force(session: Session) -> None:
    assert [one.name for one in delete(session, "base-v1", force=True)] == ["base-v1"]


def test_a_shared_image_is_refused_until_the_sharing_may_end(session: Session) -> None:
    share(session, find_image(session.cloud, "web-v1"))
    with pytest.raises(PreconditionFailed, match=NEIGHBOUR):
        delete(session, "web-v1")
    assert [one.name for one in delete(session, "web-v1", unshare=True)] == ["web-v1"]


def test_an_image_in_the_making_is_refused(lab: Lab, session: Session) -> None:
    cvm.create_image(session.cloud, {"InstanceId": "ins-web00001", "ImageName": "new"})
    lab.clock.sleep(10)
    with pytest.raises(PreconditionFailed) as caught:
        delete(session, "new")
    assert [one.code for one in caught.value.message.params["reasons"]] == ["delete.in-progress"]
    assert caught.value.hint.params["ways"] == [Message("delete.wait")]


def test_a_public_image_is_refused(session: Session) -> None:
    public = cvm.describe_images(session.cloud, image_type=cvm.PUBLIC)[0]
    with pytest.raises(PreconditionFailed) as caught:
        delete(session, public.image_id)
    assert [one.code for one in caught.value.message.params["reasons"]] == ["delete.foreign"]


def test_a_snapshot_that_another_image_uses_stays(lab: Lab, session: Session) -> None:
    web = find_image(session.cloud, "web-v1")
    shared_id = web.snapshot_set[0].snapshot_id
    cvm.create_image(session.cloud, {"SnapshotIds": [shared_id], "ImageName": "twin"})
    lab.clock.sleep(1800)
    (deleted,) = delete(session, "web-v1")
    assert (deleted.snapshot_ids, deleted.kept_snapshot_ids) == ((), (shared_id,))
    assert shared_id in snapshots(session)


def test_an_image_is_renamed_tagged_and_deprecated(session: Session) -> None:
    image = find_image(session.cloud, "web-v1")
    request = UpdateRequest(
        name="web-old",
        description="the old one",
        family="",
        deprecated=True,
        tags={"team": "shop"},
        untag=["cvmimg-source-instance"],
    )
    (changed,) = update_images(session, [image], request)
    assert (changed.image_name, changed.image_description) == ("web-old", "the old one")
    assert (changed.image_family, changed.image_deprecated) == ("", True)
    assert changed.tag_map == {"team": "shop"}


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (UpdateRequest(), "NothingToUpdate"),
        (UpdateRequest(tags={"a": "b"}, untag=["a"]), "TagAddedAndRemoved"),
        (UpdateRequest(description="x" * 257), "DescriptionTooLong"),
    ],
)
def test_a_change_that_cannot_be_right_is_refused(
    session: Session, request_: UpdateRequest, code: str
) -> None:
    with pytest.raises(UsageError) as caught:
        update_images(session, [find_image(session.cloud, "web-v1")], request_)
    assert caught.value.code == code


def test_a_name_that_is_taken_is_refused_and_the_operation_closed(
    lab: Lab, session: Session
) -> None:
    image = find_image(session.cloud, "web-v1")
    with pytest.raises(Exception, match="base-v1"):
        update_images(session, [image], UpdateRequest(name="base-v1"))
    assert lab.unfinished() == []


def test_the_quota_is_shown_for_all_regions(session: Session) -> None:
    quotas = {each.region: each for each in image_quota(session.cloud, all_regions=True)}
    assert quotas["ap-shanghai"] == RegionQuota("ap-shanghai", used=10, allowed=10)
    assert (quotas["ap-guangzhou"].used, quotas["ap-guangzhou"].free) == (2, 8)


def test_the_oldest_unused_image_is_replaced(session: Session) -> None:
    plan = plan_replacement(session.in_region("ap-shanghai").cloud, "*")
    oldest = min(
        cvm.describe_images(session.in_region("ap-shanghai").cloud, image_type=cvm.PRIVATE),
        key=lambda image: str(image.created_time),
    )
    assert plan.image.image_id == oldest.image_id


def test_a_place_is_not_made_of_other_images_than_those_named(session: Session) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        plan_replacement(session.in_region("ap-shanghai").cloud, "family:nobody")
    assert caught.value.code == "NothingToReplace"


def test_data_disks_are_snapshotted_together(lab: Lab, session: Session) -> None:
    (made,) = make(session, "ins-data0001")
    assert (made.disk_id, made.snapshot_state) == ("disk-data0001", "NORMAL")
    assert made.tag_map["team"] == "shop"
    assert lab.unfinished() == []


def test_file_systems_are_frozen_and_thawed_for_the_start(lab: Lab, session: Session) -> None:
    make(session, "ins-data0001", freeze=True)
    log = lab.sandbox.guests.root("ins-data0001") / "run/fsfreeze.log"
    calls = [line.split()[0] for line in log.read_text().splitlines()]
    assert calls[0] == "--freeze"
    assert calls[-1] == "--unfreeze"
    assert "/data" in log.read_text()


def killed_at(lab: Lab, fault: str, *, freeze: bool) -> None:
    """Make a snapshot in a process that is killed at CreateSnapshot."""
    adapter = FaultyAdapter(lab.sandbox.adapter(), CallSite("CreateSnapshot", 1), fault)
    with pytest.raises(Killed):
        make(lab.session(adapter), "ins-data0001", freeze=freeze)


@pytest.mark.parametrize("freeze", [False, True])
@pytest.mark.parametrize("fault", ["killed-before", "killed-after"])
def test_snapshots_that_were_interrupted_are_made_once(
    lab: Lab, session: Session, fault: str, freeze: bool
) -> None:
    before = snapshots(session)
    killed_at(lab, fault, freeze=freeze)
    resume(lab.session())
    assert len(snapshots(session)) == len(before) + 1
    assert lab.unfinished() == []


def test_a_snapshot_that_is_listed_late_is_deleted_by_a_roll_back(
    lab: Lab, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshots(session)
    killed_at(lab, "killed-after", freeze=False)
    asked_at = lab.clock.monotonic()

    def find_late(*args: Any, **options: Any) -> list[Snapshot]:
        late = lab.clock.monotonic() > asked_at + 10
        return find_snapshots(*args, **options) if late else []

    monkeypatch.setattr(disk_snapshots, "find_snapshots", find_late)
    resume(lab.session(), roll_back=True)
    assert snapshots(session).keys() == before.keys()


def test_freezing_an_instance_that_cannot_be_seen_is_refused(session: Session) -> None:
    with pytest.raises(PreconditionFailed, match="GuestNotSeen"):
        make(session, "ins-noat0001", freeze=True)


@pytest.mark.parametrize(
    ("instance", "disks", "error", "message"),
    [
        ("ins-web00001", (), PreconditionFailed, "NoDataDisk"),
        ("ins-data0001", ("disk-other001",), NotFound, "NotADataDisk"),
        ("ins-gone0001", (), NotFound, "InstanceNotFound"),
    ],
)
def test_disks_that_cannot_be_snapshotted_are_refused(
    session: Session,
    instance: str,
    disks: tuple[str, ...],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        make(session, instance, *disks)


def test_a_snapshot_in_progress_is_reported(lab: Lab, session: Session) -> None:
    cbs.create_snapshot(session.cloud, "disk-data0001", name="other")
    lab.clock.sleep(5)
    with pytest.raises(PreconditionFailed, match="DiskSnapshotInProgress"):
        make(session, "ins-data0001")


def test_a_shared_image_is_refused_before_any_image_is_changed(session: Session) -> None:
    base, web = (find_image(session.cloud, name) for name in ("base-v1", "web-v1"))
    share(session, web)
    with pytest.raises(PreconditionFailed) as caught:
        update_images(session, [base, web], UpdateRequest(family="shop", tags={"team": "shop"}))
    assert caught.value.code == "SharedImageUnchangeable"
    assert caught.value.message.params["images"] == [web.image_id]
    assert find_image(session.cloud, "base-v1") == base


def test_a_shared_image_can_be_tagged(session: Session) -> None:
    image = find_image(session.cloud, "web-v1")
    share(session, image)
    (changed,) = update_images(session, [image], UpdateRequest(tags={"team": "shop"}))
    assert changed.tag_map["team"] == "shop"


def test_where_the_sharing_may_not_be_read_the_api_decides(lab: Lab, session: Session) -> None:
    lab.sandbox.faults.add("DescribeImageSharePermission:error=UnauthorizedOperation.CamNoAuth")
    image = find_image(session.cloud, "web-v1")
    (changed,) = update_images(session, [image], UpdateRequest(description="new"))
    assert changed.image_description == "new"


class _MadeTwice(FaultyAdapter):
    """A cloud that makes a second snapshot of a request that the network delivers twice."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab.sandbox.adapter())
        self._store = lab.sandbox.store

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().send(request, *args, **kwargs)
        if call_name(request) == "CreateSnapshot":
            with self._store.transaction(write=True) as view:
                made = view.get(kinds.SNAPSHOT, answer.json()["Response"]["SnapshotId"])
                assert made is not None
                view.put({**made, "Id": "snap-second01"})
        return answer


def test_a_snapshot_that_was_made_a_second_time_is_deleted_once_it_is_created(lab: Lab) -> None:
    session = lab.session(_MadeTwice(lab))
    before = set(snapshots(session))
    (made,) = make(session, "ins-data0001")
    lab.clock.sleep(60.0)  # what is deleted is still listed for a while
    assert set(snapshots(session)) - before == {made.snapshot_id}
