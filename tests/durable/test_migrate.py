"""Records of version 1 are read as if this version had written them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from cvmimg.checks.result import Status
from cvmimg.durable.journal.journal import Journal
from cvmimg.durable.journal.record import OperationRecord
from cvmimg.errors import PreconditionFailed
from cvmimg.guest.access import AccessMethod
from cvmimg.guest.ssh import SshTarget
from cvmimg.message import Message
from cvmimg.workflows.create.plan import CreatePlan
from cvmimg.workflows.delete.operation import DeletedImage, DeletionOrder
from cvmimg.workflows.launch.operation import LaunchOrder
from cvmimg.workflows.resume import KINDS
from cvmimg.workflows.snapshot.disk_snapshots import DiskSnapshotOrder
from cvmimg.workflows.snapshot.operation import SnapshotOrder
from cvmimg.workflows.update import UpdateOrder
from tests.durable import version_1
from tests.support.clock import FakeClock


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path, FakeClock())


def read(journal: Journal, name: str, **changes: Any) -> OperationRecord:
    return journal.read(version_1.write(name, journal.state_dir, **changes))


def request(record: OperationRecord) -> Any:
    return TypeAdapter(KINDS[record.kind].request_type).validate_python(record.request)


@pytest.mark.parametrize("name", version_1.NAMES)
def test_every_record_is_read_and_written_again_as_version_2(journal: Journal, name: str) -> None:
    migrated = read(journal, name)
    assert migrated.version == 2
    old = version_1.record(name)
    assert (migrated.id, migrated.kind, migrated.region) == (old["id"], old["kind"], old["region"])
    pairs = zip(migrated.steps, old["steps"], strict=True)
    assert all(step.name.startswith(before["name"]) for step, before in pairs)
    journal.write(migrated)
    assert journal.read(migrated.id) == migrated


@pytest.mark.parametrize("name", version_1.NAMES)
def test_every_request_is_one_of_its_kind(journal: Journal, name: str) -> None:
    migrated = read(journal, name)
    assert isinstance(request(migrated), KINDS[migrated.kind].request_type)


def test_all_kinds_of_version_1_are_covered() -> None:
    kinds = {version_1.record(name)["kind"] for name in version_1.NAMES}
    assert kinds == {"create", "launch", "snapshot", "delete", "update"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("open", "open"),
        ("done", "done"),
        ("failed", "failed"),
        ("undone", "rolled-back"),
        ("left", "detached"),
    ],
)
def test_the_status_is_renamed(journal: Journal, old: str, new: str) -> None:
    assert read(journal, "create_done", status=old).status == new


@pytest.mark.parametrize(
    ("old", "new"), [("started", "pending"), ("done", "done"), ("undone", "reverted")]
)
def test_the_status_of_a_step_is_renamed(journal: Journal, old: str, new: str) -> None:
    steps = [{"name": "stop", "status": old, "at": "2026-11-18T11:07:08+00:00", "outcome": {}}]
    (step,) = read(journal, "create_stop_unknown", steps=steps).steps
    assert step.status == new


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("create_online_image_unknown", ("image",)),
        ("create_stop_unknown", ("stop",)),
        ("create_stopped_image_unknown", ("stop", "image")),
        ("create_fstab_fixed_and_stopped", ("fstab", "stop", "image")),
        ("create_failed_and_being_reverted", ("stop",)),
        ("create_done", ()),
        ("snapshot_frozen", ("freeze", "snapshot disk-data0001")),
        ("delete", ("image img-webv1000",)),
        ("launch", ("run",)),
        ("update", ("attributes img-webv1000",)),
    ],
)
def test_what_was_temporary_then_keeps_the_operation_open_now(
    journal: Journal, name: str, left: tuple[str, ...]
) -> None:
    assert read(journal, name).left_to_do == left


def test_a_failure_that_was_being_reverted_is_remembered(journal: Journal) -> None:
    failure = read(journal, "create_failed_and_being_reverted").failure
    assert failure is not None
    text = "image img-6ny0ce0s: CREATEFAILED"
    assert Message.from_json(failure.message) == Message("PlainText", text=text)


def test_an_operation_that_did_not_fail_has_no_failure(journal: Journal) -> None:
    assert read(journal, "create_done").failure is None


def test_the_account_is_unknown(journal: Journal) -> None:
    account = read(journal, "create_stop_unknown").account
    assert (account.id, account.key) == ("", "")


def test_a_plan_of_an_image_is_kept_with_its_checks(journal: Journal) -> None:
    plan: CreatePlan = request(read(journal, "create_fstab_fixed_and_stopped"))
    assert plan.request.instance_id == "ins-data0001"
    assert plan.shut_down
    assert plan.fix is not None
    assert plan.access == AccessMethod()
    assert [(check.id, check.status) for check in plan.check_results] == [
        ("instance", Status.PASS),
        ("name", Status.PASS),
        ("quota", Status.PASS),
    ]


def test_the_login_that_a_fix_was_made_through_is_kept(journal: Journal) -> None:
    old = version_1.record("create_fstab_fixed_and_stopped")["request"]
    ssh = {"host": "web", "user": "ops", "port": 2222, "key": "/home/ops/.ssh/id"}
    plan: CreatePlan = request(
        read(journal, "create_fstab_fixed_and_stopped", request=old | {"ssh": ssh})
    )
    assert plan.access == AccessMethod(ssh=SshTarget("web", "ops", 2222, "/home/ops/.ssh/id"))


def test_a_launch_keeps_its_client_token_and_the_snapshots_it_deletes(journal: Journal) -> None:
    order: LaunchOrder = request(read(journal, "launch"))
    assert order.run["ClientToken"] == "74c0776eb223418796731ab2727ad3d1"
    assert order.delete_snapshot_ids == ("snap-old00001",)
    assert order.wait
    assert order.known_instance_ids is None


def test_snapshots_are_of_the_operations_instance(journal: Journal) -> None:
    order: SnapshotOrder = request(read(journal, "snapshot_frozen"))
    assert order == SnapshotOrder(
        DiskSnapshotOrder(
            "ins-data0001", {"disk-data0001": 200}, "nightly", {"team": "shop"}, ("/data",)
        )
    )


def test_a_deletion_keeps_the_accounts_the_image_was_shared_with(journal: Journal) -> None:
    order: DeletionOrder = request(read(journal, "delete"))
    image = DeletedImage(
        "img-webv1000", "web-v1", ("snap-o83tshsd",), (), 50, shared_with=("100000000002",)
    )
    assert order == DeletionOrder((image,))


def test_an_update_is_as_it_was(journal: Journal) -> None:
    order: UpdateOrder = request(read(journal, "update"))
    assert order == UpdateOrder(
        ("img-webv1000",),
        {"ImageName": "web-old"},
        {"team": "shop"},
        ("cvmimg-source-instance",),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "odd"},
        {"steps": [{"name": "stop", "status": "odd", "at": "2026-11-18T11:07:08+00:00"}]},
        {"steps": [{"status": "done"}]},
        {"steps": [3]},
        {"request": 3},
        {"request": None},
        {"kind": ["create"]},
        {"instance_ids": 3},
    ],
)
@pytest.mark.parametrize("name", ["create_online_image_unknown", "snapshot", "launch", "delete"])
def test_a_damaged_record_of_version_1_is_refused(
    journal: Journal, name: str, changes: dict[str, Any]
) -> None:
    operation_id = version_1.write(name, journal.state_dir, **changes)
    path = journal.path_of(operation_id) or journal.state_dir
    with pytest.raises(PreconditionFailed) as caught:
        journal.read(operation_id)
    assert caught.value.code == "JournalUnusable"
    assert caught.value.message.params["path"] == str(path)
