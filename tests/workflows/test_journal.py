"""The journal: what is on the disk, who may write, and what happens if the disk does not play."""

from __future__ import annotations

import errno
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cvmimg.durable.journal import journal as journal_module
from cvmimg.durable.journal.journal import Journal, OperationLog, unfinished
from cvmimg.durable.journal.record import Origin
from cvmimg.errors import CvmimgError, NotFound, PreconditionFailed
from cvmimg.workflows import operations
from tests.support.clock import FakeClock

INSTANCE = "ins-web00001"


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path, FakeClock())


def begin(journal: Journal, *instance_ids: str) -> OperationLog:
    with journal.claim(instance_ids) as claim:
        return claim.begin("create", region="ap-guangzhou", origin=Origin(), request={"a": 1})


def file_of(journal: Journal, log: OperationLog) -> Path:
    path = journal.path_of(log.id)
    assert path is not None
    return path


def test_an_operation_is_on_the_disk_before_its_first_step(journal: Journal) -> None:
    log = begin(journal, INSTANCE)
    record = json.loads(file_of(journal, log).read_text())
    assert record["version"] == 1
    assert record["kind"] == "create"
    assert record["instance_ids"] == [INSTANCE]
    assert record["status"] == "open"
    assert log.id.startswith("op-2026")


def test_only_its_owner_can_read_it(journal: Journal) -> None:
    path = file_of(journal, begin(journal))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_step_is_seen_by_another_process_first_as_intent_then_with_its_outcome(
    journal: Journal,
) -> None:
    log = begin(journal)
    log.note_intent("image")
    step = journal.read(log.id).step("image")
    assert step is not None
    assert (step.status, step.outcome) == ("started", {})
    log.note_outcome("image", "done", {"image_id": "img-1"})
    step = journal.read(log.id).step("image")
    assert step is not None
    assert (step.status, step.outcome) == ("done", {"image_id": "img-1"})


def test_a_finished_operation_is_no_longer_unfinished_but_still_listed(journal: Journal) -> None:
    log = begin(journal)
    assert unfinished(journal.state_dir) == [log.id]
    log.close("done", result={"image_id": "img-1"})
    assert unfinished(journal.state_dir) == []
    assert [record.status for record in operations.list_operations(journal)] == ["done"]


def test_a_kill_between_the_two_writes_of_closing_leaves_it_finished(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = begin(journal, INSTANCE)
    monkeypatch.setattr(journal_module, "remove_durably", lambda path: None)
    log.close("done")
    assert journal.read(log.id).status == "done"
    assert unfinished(journal.state_dir) == []
    assert len(operations.list_operations(journal)) == 1


def test_a_second_operation_on_an_instance_is_refused_and_names_the_first(
    journal: Journal,
) -> None:
    log = begin(journal, INSTANCE)
    with pytest.raises(PreconditionFailed, match=log.id) as caught, journal.claim([INSTANCE]):
        pass
    assert f"cvmimg resume {log.id}" in caught.value.hint


def test_while_one_process_checks_another_is_kept_off_the_instance(journal: Journal) -> None:
    other = Journal(journal.state_dir, journal.clock)
    with (
        journal.claim([INSTANCE]),
        pytest.raises(PreconditionFailed, match=INSTANCE),
        other.claim([INSTANCE]),
    ):
        pass


def test_operations_on_different_instances_go_on_side_by_side(journal: Journal) -> None:
    other = Journal(journal.state_dir, journal.clock)
    with journal.claim([INSTANCE]), other.claim(["ins-old00001"]) as claim:
        assert claim.operation_id


def test_only_one_process_resumes_an_operation(journal: Journal) -> None:
    log = begin(journal)
    other = Journal(journal.state_dir, journal.clock)
    with (
        journal.take_up(log.id),
        pytest.raises(PreconditionFailed, match="another cvmimg"),
        other.take_up(log.id),
    ):
        pass


def test_a_finished_operation_cannot_be_resumed(journal: Journal) -> None:
    log = begin(journal)
    log.close("done")
    with pytest.raises(NotFound), journal.take_up(log.id):
        pass


@pytest.mark.parametrize("name", ["../../etc/passwd", "op-1", "", "op-20261123-zzzzzz"])
def test_what_is_no_operation_id_is_not_found(journal: Journal, name: str) -> None:
    with pytest.raises(NotFound):
        journal.read(name)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"version": 1}', '{"version": 1, "id": 3}', "\x00\xff"]
)
def test_a_damaged_file_is_named_and_stops_everything_that_would_change_something(
    journal: Journal, content: str
) -> None:
    path = file_of(journal, begin(journal, INSTANCE))
    path.write_text(content)
    with pytest.raises(PreconditionFailed, match="damaged") as caught, journal.claim(["ins-x"]):
        pass
    assert str(path) in caught.value.message
    assert f"forget {path.stem}" in caught.value.hint


def test_a_file_of_a_newer_version_asks_for_the_newer_version(journal: Journal) -> None:
    path = file_of(journal, begin(journal))
    path.write_text(json.dumps({"version": 2, "something": "else"}))
    with pytest.raises(PreconditionFailed, match="newer"), journal.claim([]):
        pass


def no_space(path: Path, text: str) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


def test_a_full_disk_refuses_the_operation_before_anything_is_changed(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "write_durably", no_space)
    with pytest.raises(PreconditionFailed, match="No space left"):
        begin(journal, INSTANCE)
    assert unfinished(journal.state_dir) == []


def test_a_full_disk_refuses_a_step_but_not_the_word_that_it_was_done(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = begin(journal)
    monkeypatch.setattr(journal_module, "write_durably", no_space)
    with pytest.raises(CvmimgError, match="not begun"):
        log.note_intent("stop")
    assert log.record.step("stop") is None
    assert not log.note_outcome("image", "done", {"image_id": "img-1"})
    assert log.record.step("image") is not None


def test_a_folder_that_cannot_be_made_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "operations").write_text("in the way")
    with (
        pytest.raises(PreconditionFailed, match="cannot be written") as caught,
        Journal(tmp_path, FakeClock()).claim([]),
    ):
        pass
    assert "CVMIMG_STATE_DIR" in caught.value.hint


def test_an_unfinished_operation_is_forgotten_only_on_purpose(journal: Journal) -> None:
    log = begin(journal)
    with pytest.raises(PreconditionFailed, match="not finished"):
        operations.forget_operation(journal, log.id)
    operations.forget_operation(journal, log.id, force=True)
    with pytest.raises(NotFound):
        operations.show_operation(journal, log.id)


def test_a_damaged_file_can_be_forgotten(journal: Journal) -> None:
    log = begin(journal, INSTANCE)
    file_of(journal, log).write_text("{")
    operations.forget_operation(journal, log.id, force=True)
    with journal.claim([INSTANCE]) as claim:
        assert claim.operation_id


def test_the_number_of_unfinished_operations_costs_no_import_of_pydantic(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from cvmimg.durable.journal.journal import unfinished\n"
        f"unfinished(Path({str(tmp_path)!r}))\n"
        "print(sorted({'pydantic', 'requests', 'tencentcloud', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_10_000_finished_operations_do_not_slow_the_next_one_down(journal: Journal) -> None:
    log = begin(journal)
    log.close("done")
    text = file_of(journal, log).read_text()
    folder = file_of(journal, log).parent
    for number in range(10_000):
        (folder / f"op-20250101-{number:06x}.json").write_text(text)
    reads: list[str] = []
    journal.read = lambda operation_id: reads.append(operation_id)  # type: ignore[method-assign,assignment,return-value]
    begin(journal, INSTANCE)
    assert reads == []
