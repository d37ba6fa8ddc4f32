"""A damaged request of any kind of operation is refused, and the operation stays unchanged."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from cvmimg.cloud import sts
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.durable.journal.migrate import migrate
from cvmimg.durable.journal.record import OperationRecord
from cvmimg.durable.operation import Operation, resume_operation
from cvmimg.durable.session import Session
from cvmimg.errors import PreconditionFailed
from cvmimg.workflows.create.operation import create
from cvmimg.workflows.create.plan import CreatePlan
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.launch.operation import DataDisk, DataSource
from cvmimg.workflows.resume import KINDS, resume
from tests.durable import version_1
from tests.support.clock import FakeClock
from tests.support.lab import Lab
from tests.support.session import new_session

DELETED = {
    "id": "img-1a2b3c4d",
    "name": "web-v1",
    "snapshot_ids": ["snap-1"],
    "kept_snapshot_ids": ["snap-2"],
    "freed_gib": 20,
    "shared_with": ["100000000002"],
}
EDIT = {
    "image_id": "img-1a2b3c4d",
    "name": "web-v1",
    "attributes": {"ImageDeprecated": True},
    "tags": {"team": "shop"},
    "old_attributes": {"ImageDeprecated": False},
    "old_tags": {"team": "web"},
}
SHARING = {"image_id": "img-1a2b3c4d", "accounts": ["100000000002"]}
REQUESTS: dict[str, dict[str, Any]] = {
    "copy": {
        "image_id": "img-1a2b3c4d",
        "name": "web-copy",
        "gib": 50,
        "regions": ["ap-beijing", "ap-nanjing"],
        "description": "The shop's web server.",
        "family": "web",
        "tags": {"team": "shop"},
        "encrypt": True,
        "kms_key": "key-1",
        "wait": True,
        "copy_ids": {"ap-nanjing": "img-2a2b3c4d"},
    },
    "share": SHARING,
    "unshare": SHARING,
    "prune": {
        "request": {
            "retention": {"keep": 2, "older_than_seconds": 60.0, "grace_seconds": 60.0},
            "selection": {"families": ["db"], "names": ["db-*"], "tags": [["a", "b"]]},
            "snapshots": True,
            "all_regions": True,
        },
        "regions": [
            {
                "region": "ap-guangzhou",
                "deletions": [DELETED],
                "deprecations": [EDIT],
                "snapshot_ids": ["snap-3"],
            }
        ],
    },
    "family": {"family": "web", "after": "img-1a2b3c4d", "edits": [EDIT]},
    "recover": {
        "instance_id": "ins-old00001",
        "operation_id": "op-20261123-1a2b3c",
        "changes": ["fstab", "stop"],
        "tag": {
            "operation_id": "op-20261123-1a2b3c",
            "changes": ["stop"],
            "since": "2026-11-23T08:30:00+00:00",
        },
        "undo": False,
        "access": {"ssh": {"host": "web", "port": 22}},
    },
    "terminate-probe": {"instance_id": "ins-1", "operation_id": "op-20261123-1a2b3c"},
    "verify": {
        "image_id": "img-1a2b3c4d",
        "request": {"command": "true", "http_port": 80, "skip_probes": ["boot"]},
        "tag": True,
    },
}
"""Requests of the kinds that version 1 of the journal did not have."""
VERSION_1 = ["create_fstab_fixed_and_stopped", "launch", "snapshot_frozen", "delete", "update"]
GOOD = [*VERSION_1, *REQUESTS]
FEW_FIELDS = ("share", "unshare", "terminate-probe")
DEEP: list[Any] = []
for _ in range(200):
    DEEP = [DEEP]
JUNK: list[Any] = [None, True, -1, 2.5, 10**400, "", "\ud800", [], [3], {"x": 1}, DEEP]
MISSING = object()


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    monkeypatch.setattr(sts, "account_id", lambda cloud: "100000000001")
    cloud = Cloud.connect(Credentials("AKID", "key"), "ap-guangzhou", clock=FakeClock())
    return replace(new_session(cloud, tmp_path), trust_account=True)


def good(name: str) -> OperationRecord:
    """A record of this version whose request uses all that its kind knows."""
    if name in REQUESTS:
        return OperationRecord(
            id="op-20261123-1a2b3c",
            kind=name,
            region="ap-guangzhou",
            created=datetime(2026, 11, 23, tzinfo=timezone.utc),
            request=REQUESTS[name],
        )
    record = OperationRecord.from_json(migrate(version_1.record(name)))
    if record.kind == "launch":
        source = DataSource("ins-data0001", (DataDisk("disk-1", "CLOUD_SSD", 20),))
        data_from = {
            "instance_id": source.instance_id,
            "disks": [vars(disk) for disk in source.disks],
        }
        record.request.update(data_from=data_from, delete_snapshots=True)
    if record.kind == "create":
        image = migrate(version_1.record("delete"))["request"]["images"][0]
        record.request.update(replaces=image, access={"ssh": {"host": "web", "port": 22}})
        record.request["fix"]["units"] = [{"path": "/etc/systemd/system/a.mount", "sha256": "0"}]
    return record


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """All places of a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(inner, (*path, key))


def with_junk(request: dict[str, Any], path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return {} if junk is MISSING else {"junk": junk}
    damaged = copy.deepcopy(request)
    place: Any = damaged
    for key in path[:-1]:
        place = place[key]
    if junk is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = junk
    return damaged


def without_cloud(kind: type[Operation[Any, Any]]) -> type[Operation[Any, Any]]:
    """The kind, whose operations only work out their steps."""

    class Idle(kind):  # type: ignore[misc,valid-type]
        def finish(self) -> Any:
            if isinstance(self.request, CreatePlan):
                assert self.request.check_results is not None
            return [step.name for step in self.steps]

    return Idle


def test_there_is_a_request_of_every_kind() -> None:
    assert {good(name).kind for name in GOOD} == KINDS.keys()


@pytest.mark.parametrize("name", GOOD)
def test_a_good_request_is_read(session: Session, name: str) -> None:
    record = good(name)
    kind = without_cloud(KINDS[record.kind])
    assert attempt(session, replace(record, steps=()), kind) is None


@pytest.mark.parametrize("name", GOOD)
def test_whatever_is_damaged_in_a_request_it_is_read_or_refused(
    session: Session, name: str
) -> None:
    record = good(name)
    kind = without_cloud(KINDS[record.kind])
    refused = 0
    for path in paths(record.request):
        for junk in [*JUNK, MISSING]:
            request = with_junk(record.request, path, junk)
            error = attempt(session, replace(record, request=request, steps=()), kind)
            if error is not None:
                assert error.code == "JournalUnusable"
                assert session.journal.is_open(record.id)
                refused += 1
    assert refused > (30 if name in FEW_FIELDS else 50)


def attempt(
    session: Session, record: OperationRecord, kind: type[Operation[Any, Any]]
) -> PreconditionFailed | None:
    """Resume an operation with this record; return how it was refused."""
    folder = session.journal.state_dir / "operations"
    for part in ("open", "done"):
        (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / part / f"{record.id}.json").unlink(missing_ok=True)
    (folder / "open" / f"{record.id}.json").write_text(record.to_json())
    try:
        resume_operation(
            session, record.id, {record.kind: kind}, roll_back=False, timeout_seconds=60
        )
    except PreconditionFailed as error:
        return error
    return None


def test_an_outcome_that_lacks_its_image_is_refused_and_no_second_image_is_created() -> None:
    with Lab() as lab:
        create(lab.session(), CreateRequest("web-v2", "ins-old00001", stop=True, wait=False))
        (path,) = lab.state_dir.glob("operations/open/op-*.json")
        record = json.loads(path.read_text())
        (step,) = [step for step in record["steps"] if step["name"] == "image"]
        step["outcome"] = {}
        path.write_text(json.dumps(record))

        with pytest.raises(PreconditionFailed) as caught:
            resume(lab.session())

        assert caught.value.code == "JournalUnusable"
        assert [image.image_name for image in lab.images()].count("web-v2") == 1
        assert len(lab.unfinished()) == 1
