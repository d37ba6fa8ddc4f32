"""``resume`` without an id: all operations of this cloud that no process works on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cvmimg.cloud import sts
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.record import Origin
from cvmimg.durable.operation import Intent, prepare
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, Interrupted, NotFound, PreconditionFailed, WaitTimeout
from cvmimg.message import Message
from cvmimg.workflows import resume as resume_module
from cvmimg.workflows.resume import resume
from tests.durable.house import House, HouseRequest
from tests.durable.lamp import REFUSED
from tests.support.clock import FakeClock
from tests.support.session import Remembering, new_session

SANDBOX = Origin(sandbox=True)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(sts, "account_id", lambda cloud: "100000000001")
    cloud = Cloud.connect(Credentials("AKID", "key"), "ap-guangzhou", clock=FakeClock())
    return new_session(cloud, tmp_path)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    house = House()
    monkeypatch.setattr(resume_module, "KINDS", house.kinds())
    return house


def leave(session: Session, house: House, *instance_ids: str) -> str:
    """Leave an operation behind; return its id."""
    house.wait = [WaitTimeout(Message("not yet"))]
    with prepare(session, Intent(instance_ids)) as preparation, pytest.raises(WaitTimeout):
        preparation.run(house.kind(), HouseRequest(), Deadline(session.clock, 60))
    return preparation.operation_id


def unfinished(session: Session) -> set[str]:
    return {record.id for record in session.journal.scan_unfinished().records}


def notices(session: Session) -> list[str]:
    assert isinstance(session.progress, Remembering)
    return session.progress.codes()


def test_nothing_to_resume_is_no_error(session: Session) -> None:
    assert resume(session) == []


def test_one_that_is_named_has_to_be_there(session: Session) -> None:
    with pytest.raises(NotFound):
        resume(session, "op-20261123-abcdef")


def test_all_are_finished_oldest_first(session: Session, house: House) -> None:
    first = leave(session, house, "ins-1")
    session.clock.sleep(60)
    second = leave(session, house, "ins-2")
    assert [one.operation.id for one in resume(session)] == [first, second]
    assert unfinished(session) == set()


def test_all_are_rolled_back(session: Session, house: House) -> None:
    leave(session, house, "ins-1")
    leave(session, house, "ins-2")
    statuses = [one.operation.status for one in resume(session, roll_back=True)]
    assert statuses == ["rolled-back", "rolled-back"]


def test_one_that_fails_does_not_keep_the_others_from_being_finished(
    session: Session, house: House
) -> None:
    first = leave(session, house, "ins-1")
    session.clock.sleep(60)
    leave(session, house, "ins-2")
    house.blind.revert_trouble = [REFUSED, REFUSED]  # finishing it, and rolling it back
    with pytest.raises(CvmimgError) as caught:
        resume(session)
    assert caught.value.code == REFUSED.code
    assert unfinished(session) == {first}
    assert "OperationNotResumed" in notices(session)


def test_a_request_to_stop_ends_it(session: Session, house: House) -> None:
    ids = {leave(session, house, "ins-1"), leave(session, house, "ins-2")}
    house.wait = [Interrupted(Message("stopped on request"))]
    with pytest.raises(Interrupted):
        resume(session)
    assert unfinished(session) == ids


def test_operations_of_another_cloud_are_left_alone(session: Session, house: House) -> None:
    elsewhere = leave(replace(session, origin=SANDBOX), house, "ins-1")
    here = leave(session, house, "ins-1")
    assert [one.operation.id for one in resume(session)] == [here]
    assert unfinished(session) == {elsewhere}
    with pytest.raises(PreconditionFailed) as caught:
        resume(session, elsewhere)
    assert caught.value.code == "OtherCloud"


def test_a_damaged_file_is_named_and_passed_over(session: Session, house: House) -> None:
    left = leave(session, house, "ins-1")
    folder = session.journal.state_dir / "operations" / "open"
    (folder / f"{left} (1).json").write_text("{")
    assert [one.operation.id for one in resume(session)] == [left]
    assert "JournalFileSkipped" in notices(session)


def test_an_operation_of_a_kind_of_a_newer_version_is_passed_over(
    session: Session, house: House
) -> None:
    newer, left = leave(session, house, "ins-1"), leave(session, house, "ins-2")
    session.journal.write(replace(session.journal.read(newer), kind="clone"))
    with pytest.raises(PreconditionFailed) as caught:
        resume(session)
    assert caught.value.message.code == "OperationKindUnknown"
    assert left not in unfinished(session)
    assert session.journal.read(newer).status == "open"


# An operation that another process works on

HOLD = """
import sys
from contextlib import ExitStack
from pathlib import Path
from cvmimg.durable.journal.journal import Journal
from tests.support.clock import FakeClock
with Journal(Path(sys.argv[1]), FakeClock()).take_up(sys.argv[2]):
    print("taken up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def running(session: Session, house: House) -> Iterator[str]:
    """The id of an operation that another process works on."""
    operation_id = leave(session, house, "ins-1")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(session.journal.state_dir), operation_id],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "taken up"
        yield operation_id
        process.communicate("")


def test_an_operation_of_another_process_is_left_alone(
    session: Session, house: House, running: str
) -> None:
    left = leave(session, house, "ins-2")
    assert [one.operation.id for one in resume(session)] == [left]
    assert unfinished(session) == {running}
    with pytest.raises(PreconditionFailed) as caught:
        resume(session, running)
    assert caught.value.code == "OperationBusy"
