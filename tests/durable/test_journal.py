"""The journal: what is on the disk, who may write it, and what happens when the disk is full."""

from __future__ import annotations

import errno
import json
import os
import secrets
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cvmimg.durable.journal import files
from cvmimg.durable.journal import journal as journal_module
from cvmimg.durable.journal.folders import has_unfinished
from cvmimg.durable.journal.journal import Journal
from cvmimg.durable.journal.log import OperationLog
from cvmimg.durable.journal.record import Account, Failure, OperationRecord, Origin
from cvmimg.durable.locks import instance_lock
from cvmimg.errors import CvmimgError, NotFound, PreconditionFailed, TaskFailed
from cvmimg.message import Message
from cvmimg.workflows import operations
from tests.durable.records import CREATED, begin
from tests.support.clock import FakeClock

INSTANCE = "ins-web00001"
CLOUD = "tencentcloud"


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path, FakeClock())


@pytest.fixture
def other(journal: Journal) -> Journal:
    """The journal as another process sees it."""
    return Journal(journal.state_dir, journal.clock)


def interrupted(
    journal: Journal, *instance_ids: str, cloud: str = CLOUD, **fields: Any
) -> OperationLog:
    """An operation whose process has ended before it was closed."""
    with journal.claim(cloud, instance_ids) as claim:
        return begin(claim, **fields)


def file_of(journal: Journal, log: OperationLog) -> Path:
    path = journal.path_of(log.id)
    assert path is not None
    return path


def unfinished(journal: Journal) -> list[str]:
    return [record.id for record in journal.scan_unfinished().records]


def no_space(path: Path, text: str) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


# Records


def test_an_operation_is_on_the_disk_before_its_first_step(journal: Journal) -> None:
    log = interrupted(journal, INSTANCE)
    record = json.loads(file_of(journal, log).read_text())
    assert record["version"] == 2
    assert record["kind"] == "lamp"
    assert record["instance_ids"] == [INSTANCE]
    assert record["status"] == "open"
    assert log.id.startswith("op-2026")


def test_a_record_is_read_back_as_it_was_written(journal: Journal) -> None:
    log = interrupted(
        journal,
        INSTANCE,
        request={"disks": {"disk-1": 20}, "name": "nächtlich", "wait": True, "fix": None},
        origin=Origin(profile="prod", endpoint="cvm.example"),
        account=Account("100000000001", "f00d"),
    )
    log.note_intent("stop", temporary=True)
    log.note_outcome("stop", "done", {"request_id": "r-1"})
    log.note_failure(TaskFailed(Message("DisksFailed", reasons=[Message("Busy", disk="d")])))
    assert journal.read(log.id) == log.record


def test_a_record_is_readable_by_its_owner_alone(journal: Journal) -> None:
    path = file_of(journal, interrupted(journal))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_another_process_sees_a_step_first_as_intent_then_with_its_outcome(
    journal: Journal,
) -> None:
    log = interrupted(journal)
    log.note_intent("image", temporary=False)
    step = journal.read(log.id).step("image")
    assert step is not None
    assert (step.status, step.outcome) == ("pending", {})
    log.note_outcome("image", "done", {"image_id": "img-1"})
    step = journal.read(log.id).step("image")
    assert step is not None
    assert (step.status, step.outcome) == ("done", {"image_id": "img-1"})


def test_an_outcome_leaves_a_temporary_step_temporary(journal: Journal) -> None:
    log = interrupted(journal)
    log.note_intent("stop", temporary=True)
    log.note_outcome("stop", "done", {})
    assert log.record.left_to_do == ("stop",)
    log.note_outcome("stop", "reverted", {})
    assert log.record.left_to_do == ()


def test_a_failure_is_recorded_as_a_code_and_a_message(journal: Journal) -> None:
    log = interrupted(journal)
    log.note_failure(TaskFailed(Message("ImageFailed", image="img-1"), code="CREATEFAILED"))
    expected = {"code": "ImageFailed", "params": {"image": "img-1"}}
    assert journal.read(log.id).failure == Failure("CREATEFAILED", expected)


def test_a_failure_in_plain_words_is_recorded_too(journal: Journal) -> None:
    log = interrupted(journal)
    log.note_failure(TaskFailed(Message("it broke"), code="Broken"))
    failure = journal.read(log.id).failure
    assert failure is not None
    assert Message.from_json(failure.message) == Message("it broke")


# Closing


def test_a_closed_operation_is_no_longer_unfinished_but_still_listed(journal: Journal) -> None:
    log = interrupted(journal)
    assert unfinished(journal) == [log.id]
    assert has_unfinished(journal.state_dir)
    log.close("done", result={"image_id": "img-1"})
    assert unfinished(journal) == []
    assert not has_unfinished(journal.state_dir)
    (record,) = operations.list_operations(journal).records
    assert (record.status, record.result) == ("done", {"image_id": "img-1"})
    assert record.ended is not None
    assert operations.list_operations(journal, unfinished=True).records == ()


def test_a_kill_between_the_two_writes_of_closing_leaves_it_closed(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = interrupted(journal, INSTANCE)
    monkeypatch.setattr(files, "remove_durably", lambda path: None)
    log.close("done")
    assert journal.read(log.id).status == "done"
    assert unfinished(journal) == []
    assert [record.status for record in journal.scan().records] == ["done"]


def test_a_closed_operation_leaves_no_lock_file_behind(journal: Journal) -> None:
    with journal.claim(CLOUD, []) as claim:
        log = begin(claim)
        assert journal.is_running(log.id)
        log.close("done")
    locks = journal.state_dir / "operations" / "locks"
    assert [path.name for path in locks.iterdir() if log.id in path.name] == []


def test_a_closed_operation_cannot_be_taken_up(journal: Journal) -> None:
    log = interrupted(journal)
    log.close("done")
    with pytest.raises(NotFound), journal.take_up(log.id):
        pass


# Who may work on what


def test_a_second_operation_on_an_instance_is_refused_and_names_the_first(
    journal: Journal,
) -> None:
    log = interrupted(journal, INSTANCE)
    with pytest.raises(PreconditionFailed) as caught, journal.claim(CLOUD, [INSTANCE]):
        pass
    assert caught.value.code == "OperationUnfinished"
    assert caught.value.message.params["operation"] == log.id
    assert caught.value.message.params["instance"] == INSTANCE


def test_while_one_process_checks_another_is_kept_off_the_instance(
    journal: Journal, other: Journal
) -> None:
    with (
        journal.claim(CLOUD, [INSTANCE]),
        pytest.raises(PreconditionFailed) as caught,
        other.claim(CLOUD, [INSTANCE]),
    ):
        pass
    assert caught.value.code == "InstanceBusy"


def test_while_an_operation_runs_another_learns_which(journal: Journal, other: Journal) -> None:
    with journal.claim(CLOUD, [INSTANCE]) as claim:
        log = begin(claim)
        with pytest.raises(PreconditionFailed) as caught, other.claim(CLOUD, [INSTANCE]):
            pass
    assert caught.value.code == "InstanceBusy"
    assert caught.value.message.params["operation"] == log.id


def test_operations_on_different_instances_run_concurrently(
    journal: Journal, other: Journal
) -> None:
    with journal.claim(CLOUD, [INSTANCE]), other.claim(CLOUD, ["ins-old00001"]) as claim:
        assert claim.operation_id


def test_several_instances_are_locked_in_one_order(journal: Journal, other: Journal) -> None:
    with journal.claim(CLOUD, ["ins-b", "ins-a", "ins-b"]) as claim:
        assert claim.instance_ids == ("ins-b", "ins-a")
        with pytest.raises(PreconditionFailed), other.claim(CLOUD, ["ins-c", "ins-a"]):
            pass
    with other.claim(CLOUD, ["ins-c", "ins-a"]) as claim:
        assert claim.operation_id


def test_only_one_process_takes_up_an_operation(journal: Journal, other: Journal) -> None:
    log = interrupted(journal, INSTANCE)
    with (
        journal.take_up(log.id),
        pytest.raises(PreconditionFailed) as caught,
        other.take_up(log.id),
    ):
        pass
    assert caught.value.code == "OperationBusy"


def test_an_operation_is_not_taken_up_while_its_instance_is_in_use(
    journal: Journal, other: Journal
) -> None:
    log = interrupted(journal, INSTANCE)
    # Another process of this machine works on it though the journal says it must not.
    with journal.claim(CLOUD, []) as claim:
        assert journal.acquire(
            instance_lock(CLOUD, INSTANCE),
            claim._held,
        )
        with pytest.raises(PreconditionFailed) as caught, other.take_up(log.id):
            pass
    assert caught.value.code == "InstanceBusy"


def test_an_operation_that_is_closed_while_it_is_being_taken_up_is_not_found(
    journal: Journal, other: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = interrupted(journal)
    acquire = journal_module.Journal.acquire

    def close_first(self: Journal, name: str, held: Any) -> bool:
        log.close("done")
        return acquire(self, name, held)

    monkeypatch.setattr(journal_module.Journal, "acquire", close_first)
    with pytest.raises(NotFound), other.take_up(log.id):
        pass


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "op-1", "", "op-20261123-zzzzzz", "op-20261123-abcdef\n"]
)
def test_an_invalid_operation_id_is_not_found(journal: Journal, name: str) -> None:
    interrupted(journal)
    for work in (journal.read, journal.forget):
        with pytest.raises(NotFound):
            work(name)
    with pytest.raises(NotFound), journal.take_up(name):
        pass


# Two clouds in one journal


def test_a_new_operation_does_not_get_the_id_of_another(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = interrupted(journal, INSTANCE).id
    ends = iter([taken.rpartition("-")[2], "abcdef"])
    monkeypatch.setattr(secrets, "token_hex", lambda _: next(ends))
    assert journal.new_id() == f"{taken.rpartition('-')[0]}-abcdef"


def test_instances_of_the_same_id_in_two_clouds_do_not_block_each_other(
    journal: Journal, other: Journal
) -> None:
    interrupted(journal, INSTANCE, cloud="sandbox", origin=Origin(sandbox=True))
    with journal.claim(CLOUD, [INSTANCE]), other.claim("cvm.example", [INSTANCE]) as claim:
        assert claim.operation_id


def test_an_operation_of_another_cloud_is_not_named_as_the_one_in_the_way(
    journal: Journal, other: Journal
) -> None:
    interrupted(journal, INSTANCE, cloud="sandbox", origin=Origin(sandbox=True))
    with (
        journal.claim(CLOUD, [INSTANCE]),
        pytest.raises(PreconditionFailed) as caught,
        other.claim(CLOUD, [INSTANCE]),
    ):
        pass
    assert caught.value.message.code == "InstanceBusy"


def test_an_operation_locks_its_instance_in_its_own_cloud_when_it_is_taken_up(
    journal: Journal, other: Journal
) -> None:
    log = interrupted(journal, INSTANCE, cloud="sandbox", origin=Origin(sandbox=True))
    with journal.take_up(log.id):
        with other.claim(CLOUD, [INSTANCE]) as claim:
            assert claim.operation_id
        with pytest.raises(PreconditionFailed), other.claim("sandbox", [INSTANCE]):
            pass


# A full or forbidden disk


def test_a_full_disk_refuses_the_operation_before_anything_is_changed(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "write_durably", no_space)
    with pytest.raises(PreconditionFailed) as caught:
        interrupted(journal, INSTANCE)
    assert caught.value.code == "JournalUnusable"
    assert caught.value.message.params["reason"] == "No space left on device"
    assert unfinished(journal) == []


def test_a_full_disk_after_the_first_record_refuses_the_first_step(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = interrupted(journal)
    monkeypatch.setattr(files, "write_durably", no_space)
    with pytest.raises(PreconditionFailed) as caught:
        log.note_intent("stop", temporary=True)
    assert caught.value.code == "JournalUnusable"
    assert log.record.step("stop") is None


def test_a_full_disk_refuses_a_later_step_but_not_the_outcome_of_one_that_was_done(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = interrupted(journal)
    log.note_intent("stop", temporary=True)
    monkeypatch.setattr(files, "write_durably", no_space)
    log.note_outcome("stop", "done", {})
    assert log.status("stop") == "done"
    with pytest.raises(CvmimgError) as caught:
        log.note_intent("image", temporary=False)
    assert caught.value.exit_code == 1  # something was changed
    assert caught.value.code == "JournalUnusable"
    assert log.status("image") is None
    step = journal.read(log.id).step("stop")
    assert step is not None
    assert step.status == "pending"  # so a resume checks it


def test_a_full_disk_keeps_an_operation_open_that_changed_something(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = interrupted(journal)
    log.note_intent("image", temporary=False)
    log.note_outcome("image", "done", {})
    monkeypatch.setattr(files, "write_durably", no_space)
    assert not log.close("done")
    assert unfinished(journal) == [log.id]


def test_a_full_disk_does_not_leave_a_record_of_an_operation_that_changed_nothing(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = interrupted(journal)
    monkeypatch.setattr(files, "write_durably", no_space)
    assert log.close("failed", error=TaskFailed(Message("x")))
    assert unfinished(journal) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "operations").write_text("a file")
    with (
        pytest.raises(PreconditionFailed) as caught,
        Journal(tmp_path, FakeClock()).claim(CLOUD, []),
    ):
        pass
    assert caught.value.code == "JournalUnusable"
    assert str(tmp_path) in caught.value.message.params["path"]


# Damaged and foreign files


def foreign_copy(path: Path, text: str) -> Path:
    copy = path.with_name(f"{path.stem} (1).json")
    copy.write_text(text)
    return copy


def fifo(path: Path, _: str) -> Path:
    path.unlink()
    os.mkfifo(path)
    return path


def folder(path: Path, _: str) -> Path:
    path.unlink()
    path.mkdir()
    return path


def symlink(path: Path, text: str) -> Path:
    target = path.with_name("elsewhere")
    target.write_text(text)
    path.unlink()
    path.symlink_to(target)
    return path


def dangling_symlink(path: Path, _: str) -> Path:
    path.unlink()
    path.symlink_to("/nowhere")
    return path


def holding(content: str | bytes) -> Any:
    def write(path: Path, _: str) -> Path:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def changed(**fields: Any) -> Any:
    def write(path: Path, text: str) -> Path:
        path.write_text(json.dumps(json.loads(text) | fields))
        return path

    return write


def replaced(old: str, new: str) -> Any:
    def write(path: Path, text: str) -> Path:
        assert old in text
        path.write_text(text.replace(old, new))
        return path

    return write


def halved(path: Path, text: str) -> Path:
    path.write_text(text[: len(text) // 2])
    return path


DAMAGES = {
    "copy": foreign_copy,
    "fifo": fifo,
    "folder": folder,
    "symlink": symlink,
    "dangling symlink": dangling_symlink,
    "empty": holding(""),
    "brace": holding("{"),
    "list": holding("[]"),
    "null": holding("null"),
    "number": holding("3"),
    "nothing but a version": holding('{"version": 2}'),
    "version 1 without fields": holding('{"version": 1, "id": 3}'),
    "binary": holding(b"\x00\xff\xfe"),
    "not UTF-8": holding(b'{"version": 2, "id": "\xe9"}'),
    "deep": holding('{"version": 2, "request": ' + "[" * 100_000 + "]" * 100_000 + "}"),
    "rather deep": replaced('"request": {}', '"request": {"a": ' + "[" * 500 + "]" * 500 + "}"),
    "9 MB": holding('{"version": 2, "id": "' + "x" * 9_000_000 + '"}'),
    "half written": halved,
    "id of another": changed(id="op-20261123-ffffff"),
    "id that is a path": changed(id="../../etc/passwd"),
    "no steps": changed(steps=None),
    "unknown status": changed(status="half done"),
    "unknown step status": changed(
        steps=[{"name": "a", "status": "odd", "at": "2026-11-23T08:30:00Z"}]
    ),
    "steps not a list": changed(steps={"a": 1}),
    "failure without a message": changed(failure={"code": "x", "message": {}}),
    "failure with odd parameters": changed(
        failure={"code": "x", "message": {"code": "y", "params": [1]}}
    ),
    "request not an object": changed(request=["a"]),
    "created no time": changed(created="yesterday"),
    "created without a time zone": changed(created="2026-11-23T08:30:00"),
    "version 0": changed(version=0),
    "version true": changed(version=True),
    "version in words": changed(version="2"),
    "version 3": changed(version=3),
    "version huge": changed(version=10**300),
    "NaN": changed(request={"timeout_seconds": float("nan")}),
    "infinity": changed(request={"timeout_seconds": float("inf")}),
    "a number beyond all": replaced('"request": {}', '"request": {"seconds": 1e999}'),
    "an integer beyond all": replaced('"request": {}', '"request": {"n": ' + "9" * 5000 + "}"),
}


@pytest.fixture(params=list(DAMAGES.values()), ids=list(DAMAGES))
def damaged_file(journal: Journal, request: pytest.FixtureRequest) -> Path:
    """A file in the journal's folder that is no readable record."""
    path = file_of(journal, interrupted(journal, INSTANCE))
    path_of_damage: Path = request.param(path, path.read_text())
    if path_of_damage != path:
        path.unlink()
    return path_of_damage


def test_a_damaged_file_is_named_and_passed_over(journal: Journal, damaged_file: Path) -> None:
    good = interrupted(journal, "ins-old00001")
    for scan in (journal.scan_unfinished(), journal.scan()):
        assert [record.id for record in scan.records] == [good.id]
        (file,) = scan.unreadable
        assert file.path == damaged_file
        assert isinstance(file.error, PreconditionFailed)
        assert file.error.code == "JournalUnusable"
        assert file.error.message.params["path"] == str(damaged_file)


def test_a_damaged_file_does_not_keep_other_operations_from_beginning(
    journal: Journal, damaged_file: Path
) -> None:
    with journal.claim(CLOUD, [INSTANCE]) as claim:
        assert [file.path for file in claim.unreadable] == [damaged_file]
        assert begin(claim).close("done")


def test_a_damaged_operation_cannot_be_taken_up(journal: Journal, damaged_file: Path) -> None:
    # What is not named like an operation's file is no operation.
    expected = NotFound if " " in damaged_file.name else PreconditionFailed
    with pytest.raises(expected), journal.take_up(damaged_file.stem):
        pass


def test_a_damaged_file_can_be_forgotten(journal: Journal, damaged_file: Path) -> None:
    refused = NotFound if " " in damaged_file.name else PreconditionFailed
    if damaged_file.is_dir() or refused is NotFound:  # not the tool's own files
        with pytest.raises(refused):
            operations.forget_operation(journal, damaged_file.stem, force=True)
        return
    operations.forget_operation(journal, damaged_file.stem, force=True)
    assert not os.path.lexists(damaged_file)
    assert journal.scan().unreadable == ()


def test_a_file_that_no_operation_has_is_not_offered_to_be_forgotten(journal: Journal) -> None:
    path = file_of(journal, interrupted(journal))
    copy = foreign_copy(path, path.read_text())
    (file,) = journal.scan().unreadable
    assert file.error.message == Message("JournalFileForeign", path=str(copy))


def test_a_file_of_a_newer_version_asks_for_the_newer_version(journal: Journal) -> None:
    path = file_of(journal, interrupted(journal))
    path.write_text(json.dumps({"version": 3, "something": "else"}))
    (file,) = journal.scan().unreadable
    assert file.error.message.code == "JournalTooNew"
    assert file.error.message.params["version"] == 3


def test_drafts_and_other_files_are_not_taken_for_records(journal: Journal) -> None:
    path = file_of(journal, interrupted(journal))
    path.with_name(f".{path.name}.1234.tmp").write_text("{")
    path.with_name("README").write_text("hello")
    path.with_name(".DS_Store.json").write_text("hello")
    assert len(journal.scan().records) == 1
    assert journal.scan().unreadable == ()


def test_a_record_that_is_closed_by_another_process_during_a_scan_is_not_reported_as_damaged(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = interrupted(journal)
    read = journal_module.read_record

    def close_first(path: Path) -> OperationRecord:
        log.close("done")
        return read(path)

    monkeypatch.setattr(journal_module, "read_record", close_first)
    assert journal.scan_unfinished() == journal_module.Scan((), ())


def test_a_scan_leaves_no_file_open(journal: Journal) -> None:
    path = file_of(journal, interrupted(journal))
    folder(path, "")
    next_handle = os.dup(0)
    os.close(next_handle)
    journal.scan()
    handle = os.dup(0)
    os.close(handle)
    assert handle == next_handle


def test_records_are_sorted_by_when_they_began(journal: Journal) -> None:
    late = interrupted(journal, id="op-20261123-000001", created=CREATED)
    early = interrupted(journal, id="op-20261123-ffffff", created=CREATED.replace(hour=1))
    late.close("done")
    assert [one.id for one in journal.scan().records] == [early.id, late.id]
    assert [one.id for one in operations.list_operations(journal).records] == [late.id, early.id]


# Other processes

HOLD = """
import sys
from pathlib import Path
from cvmimg.durable.journal.journal import Journal
from tests.durable.records import begin
from tests.support.clock import FakeClock
journal = Journal(Path(sys.argv[1]), FakeClock())
with journal.claim("tencentcloud", ["ins-web00001"]) as claim:
    print(begin(claim).id, flush=True)
    sys.stdin.read()
"""


def test_an_operation_is_running_for_as_long_as_its_process_lives(journal: Journal) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(journal.state_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        operation_id = process.stdout.readline().strip()
        assert journal.is_running(operation_id)
        with pytest.raises(PreconditionFailed) as caught, journal.take_up(operation_id):
            pass
        assert caught.value.code == "OperationBusy"
        with pytest.raises(PreconditionFailed) as caught:
            operations.forget_operation(journal, operation_id, force=True)
        assert caught.value.code == "OperationBusy"
        process.kill()
    assert not journal.is_running(operation_id)
    assert unfinished(journal) == [operation_id]
    with journal.take_up(operation_id) as log:
        assert log.close("failed")


def test_whether_an_operation_runs_does_not_disturb_a_process_that_takes_it_up(
    journal: Journal, other: Journal
) -> None:
    log = interrupted(journal)
    assert not journal.is_running(log.id)
    with other.take_up(log.id):
        assert journal.is_running(log.id)


# Forgetting


def test_an_unfinished_operation_is_forgotten_only_on_purpose(journal: Journal) -> None:
    log = interrupted(journal)
    with pytest.raises(PreconditionFailed) as caught:
        operations.forget_operation(journal, log.id)
    assert caught.value.code == "OperationUnfinished"
    operations.forget_operation(journal, log.id, force=True)
    with pytest.raises(NotFound):
        operations.show_operation(journal, log.id)


def test_a_closed_operation_is_forgotten_without_force(journal: Journal) -> None:
    log = interrupted(journal)
    log.close("done")
    operations.forget_operation(journal, log.id)
    assert journal.scan().records == ()


# What it costs


def test_whether_anything_is_unfinished_costs_no_import_of_pydantic(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from cvmimg.durable.journal.folders import has_unfinished\n"
        f"has_unfinished(Path({str(tmp_path)!r}))\n"
        "print(sorted({'pydantic', 'cvmimg.durable.journal.journal'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_closed_operations_do_not_slow_the_next_one_down(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = interrupted(journal)
    log.close("done")
    path = file_of(journal, log)
    for number in range(1_000):
        path.with_name(f"op-20250101-{number:06x}.json").touch()

    def fail(path: Path) -> OperationRecord:
        raise AssertionError(path)

    monkeypatch.setattr(journal_module, "read_record", fail)
    interrupted(journal, INSTANCE)
