"""How operations are started, carried out, closed and resumed, on a toy kind."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from cvmimg.cloud import sts
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal import files
from cvmimg.durable.journal import journal as journal_module
from cvmimg.durable.journal.record import Account, OperationRecord, Origin
from cvmimg.durable.named import continue_named
from cvmimg.durable.operation import (
    AfterFailure,
    Intent,
    Resumed,
    prepare,
    resume_operation,
)
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import Outcome
from cvmimg.errors import (
    CredentialsError,
    CvmimgError,
    Interrupted,
    NotFound,
    PreconditionFailed,
    TaskFailed,
    Unreachable,
    WaitTimeout,
)
from cvmimg.message import Message
from tests.durable.house import House, HouseRequest
from tests.durable.lamp import EXPIRED, LOST, OFFLINE, REFUSED, UNKNOWN, Killed
from tests.support.session import Remembering

INSTANCE = "ins-web00001"
OWNER, NEIGHBOUR = "100000000001", "100000000002"
FAILED = TaskFailed(Message("ImageFailed", image="img-1"), code="CREATEFAILED")
LATE = WaitTimeout(Message("StillWaiting"))
STOPPED = Interrupted(Message("stopped on request"))


class Accounts:
    """What GetCallerIdentity answers; an error is raised."""

    answer: str | CvmimgError = OWNER

    def account_id(self, _: Cloud) -> str:
        if isinstance(self.answer, CvmimgError):
            raise self.answer
        return self.answer


@pytest.fixture(autouse=True)
def accounts(monkeypatch: pytest.MonkeyPatch) -> Accounts:
    accounts = Accounts()
    monkeypatch.setattr(sts, "account_id", accounts.account_id)
    return accounts


@pytest.fixture
def house() -> House:
    return House()


def run(session: Session, house: House, *instance_ids: str, seconds: float = 600) -> str:
    with prepare(session, Intent(instance_ids or (INSTANCE,))) as preparation:
        deadline = Deadline(session.clock, seconds)
        return preparation.run(house.kind(), HouseRequest("cellar"), deadline)


def resume(
    session: Session, house: House, *, roll_back: bool = False, seconds: float = 600
) -> Resumed:
    (operation_id,) = unfinished(session)
    return resume_operation(
        session, operation_id, house.kinds(), roll_back=roll_back, timeout_seconds=seconds
    )


def unfinished(session: Session) -> list[str]:
    return [record.id for record in session.journal.scan_unfinished().records]


def record(session: Session) -> OperationRecord:
    """The one operation, as the next process reads it."""
    (found,) = session.journal.scan().records
    return found


def left_open(session: Session, house: House, *troubles: BaseException) -> None:
    """Leave an operation behind whose light is on and whose blind is still down."""
    house.wait = [LATE]
    with pytest.raises(WaitTimeout):
        run(session, house)
    assert house.state == (1, 1)
    house.wait = list(troubles)


def codes(error: CvmimgError) -> list[str]:
    return [note.code for note in error.notes]


def notices(session: Session) -> list[str]:
    assert isinstance(session.progress, Remembering)
    return session.progress.codes()


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(files, "write_durably", no_space)


def fill_disk_when_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    write = journal_module.Journal.write

    def no_space(self: journal_module.Journal, written: OperationRecord) -> None:
        if written.status != "open":
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, written)

    monkeypatch.setattr(journal_module.Journal, "write", no_space)


# Running


def test_an_operation_is_carried_out_recorded_and_closed(session: Session, house: House) -> None:
    assert run(session, house) == "lit"
    assert house.state == (0, 1)
    closed = record(session)
    assert closed.status == "done"
    assert (closed.kind, closed.region) == ("house", "ap-guangzhou")
    assert closed.request == {"room": "cellar", "lumen": 800}
    assert closed.instance_ids == (INSTANCE,)
    assert closed.account.id == OWNER
    assert closed.result == {"light": {"lamp": 1}}
    assert closed.failure is None
    assert unfinished(session) == []


def test_the_operation_has_the_id_that_its_preparation_announced(
    session: Session, house: House
) -> None:
    with prepare(session, Intent((INSTANCE,))) as preparation:
        preparation.run(house.kind(), HouseRequest(), Deadline(session.clock, 60))
    assert record(session).id == preparation.operation_id


def test_what_is_only_prepared_leaves_no_record(session: Session) -> None:
    with prepare(session, Intent((INSTANCE,))):
        pass
    assert session.journal.scan().records == ()


def test_an_operation_whose_record_cannot_be_written_is_not_started(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_disk(monkeypatch)
    with pytest.raises(PreconditionFailed) as caught:
        run(session, house)
    assert caught.value.code == "JournalUnusable"
    assert house.blind.attempts == 0


def test_an_operation_on_an_instance_with_an_unfinished_one_is_refused(
    session: Session, house: House
) -> None:
    left_open(session, house)
    with pytest.raises(PreconditionFailed) as caught:
        run(session, house)
    assert caught.value.code == "OperationUnfinished"
    assert house.light.attempts == 1


def test_a_damaged_file_in_the_journal_is_named_and_does_not_stop_an_operation(
    session: Session, house: House, tmp_path: Path
) -> None:
    folder = tmp_path / "operations" / "open"
    folder.mkdir(parents=True)
    (folder / "op-20261123-abcdef.json").write_text("{")
    assert run(session, house) == "lit"
    assert "JournalFileSkipped" in notices(session)


# Interrupted at any point


@pytest.mark.parametrize("works_unseen", [True, False])
@pytest.mark.parametrize("roll_back", [False, True])
@pytest.mark.parametrize("where", ["blind", "light", "wait", "revert"])
def test_an_operation_that_is_killed_anywhere_is_finished_or_rolled_back(
    session: Session, house: House, where: str, roll_back: bool, works_unseen: bool
) -> None:
    house.blind.works_unseen = house.light.works_unseen = works_unseen
    places = {
        "blind": house.blind.trouble,
        "light": house.light.trouble,
        "wait": house.wait,
        "revert": house.blind.revert_trouble,
    }
    places[where].append(Killed())
    with pytest.raises(Killed):
        run(session, house)
    resumed = resume(session, house, roll_back=roll_back)
    assert house.blind.on == 0
    if not roll_back:
        assert (resumed.result, house.light.on) == ("lit", 1)
    elif resumed.remains:
        assert house.light.on == 1
    else:
        assert house.light.on == 0
    assert record(session).status == ("rolled-back" if roll_back else "done")


# When it fails


def test_what_fails_before_anything_is_done_is_closed_as_failed(
    session: Session, house: House
) -> None:
    house.blind.trouble = [REFUSED]
    with pytest.raises(CvmimgError) as caught:
        run(session, house)
    assert caught.value.code == REFUSED.code
    closed = record(session)
    assert closed.status == "failed"
    assert closed.failure is not None
    assert closed.failure.code == REFUSED.code


def test_a_failure_reverts_the_temporary_changes_and_says_so(
    session: Session, house: House
) -> None:
    house.light.trouble = [FAILED]
    with pytest.raises(TaskFailed) as caught:
        run(session, house)
    assert caught.value.message == FAILED.message
    assert house.state == (0, 0)
    assert record(session).status == "failed"
    assert "InstancesRestored" in codes(caught.value)
    assert caught.value.resume_command == ""


def test_a_request_to_stop_before_anything_lasting_was_done_reverts(
    session: Session, house: House
) -> None:
    house.light.trouble = [STOPPED]
    with pytest.raises(Interrupted):
        run(session, house)
    assert house.state == (0, 0)
    assert record(session).status == "interrupted"


@pytest.mark.parametrize("error", [LATE, STOPPED, OFFLINE])
def test_what_ends_early_after_something_lasting_was_done_can_be_resumed(
    session: Session, house: House, error: CvmimgError
) -> None:
    house.wait = [error]
    with pytest.raises(type(error)) as caught:
        run(session, house)
    assert caught.value.resume_command == f"cvmimg resume {record(session).id}"
    assert "BlindStaysDown" in codes(caught.value)
    assert record(session).status == "open"
    resume(session, house)
    assert house.state == (0, 1)
    assert house.light.attempts == 1


@pytest.mark.parametrize(
    ("after", "status"),
    [
        (AfterFailure.REVERT, "failed"),
        (AfterFailure.RESUME, "open"),
        (AfterFailure.DETACH, "detached"),
        (AfterFailure.KEEP, "failed"),
    ],
)
def test_a_kind_decides_what_becomes_of_a_failure(
    session: Session, house: House, after: AfterFailure, status: str
) -> None:
    house.has_blind, house.after, house.wait = False, after, [FAILED]
    with pytest.raises(TaskFailed) as caught:
        run(session, house)
    closed = record(session)
    assert closed.status == status
    assert house.light.on == 1
    if status == "open":
        assert closed.id in caught.value.resume_command
    else:
        assert closed.result == {"light": {"lamp": 1}}
        assert caught.value.resume_command == ""


@pytest.mark.parametrize("after", [AfterFailure.DETACH, AfterFailure.KEEP])
def test_no_kind_can_close_an_operation_whose_temporary_change_is_in_force(
    session: Session, house: House, after: AfterFailure
) -> None:
    house.after, house.wait = after, [FAILED]
    with pytest.raises(CvmimgError) as caught:
        run(session, house)
    assert caught.value.code == "OperationNotClosable"
    assert record(session).status == "open"


@pytest.mark.parametrize("after", list(AfterFailure))
def test_no_kind_can_close_an_operation_with_an_unknown_step(
    session: Session, house: House, after: AfterFailure
) -> None:
    house.after = after
    house.light.works_unseen = True
    house.light.trouble, house.light.check_trouble = [LOST], [UNKNOWN]
    with pytest.raises(Unreachable) as caught:
        run(session, house)
    still_open = record(session)
    assert still_open.status == "open"
    assert still_open.id in caught.value.resume_command
    assert still_open.failure is None
    house.after = None
    assert resume(session, house).result == "lit"
    assert house.state == (0, 1)


@pytest.mark.parametrize("answer", [EXPIRED, REFUSED])
def test_a_lost_answer_followed_by_a_refusal_keeps_the_operation_open(
    session: Session, house: House, answer: CvmimgError
) -> None:
    house.light.works_unseen = True
    house.light.trouble, house.light.check_trouble = [LOST], [answer]
    with pytest.raises(CvmimgError):
        run(session, house)
    assert record(session).status == "open"
    house.light.check_trouble = [EXPIRED]  # the credentials are still the wrong ones
    with pytest.raises(CredentialsError):
        resume(session, house)
    assert record(session).status == "open"
    assert resume(session, house).result == "lit"
    assert house.light.attempts == 1


@pytest.mark.parametrize("works_unseen", [True, False])
def test_an_answer_that_stays_lost_is_settled_by_the_next_process(
    session: Session, house: House, works_unseen: bool
) -> None:
    house.light.works_unseen = works_unseen
    house.light.trouble, house.light.check_trouble = [LOST], [OFFLINE] * 20
    with pytest.raises(Unreachable):
        run(session, house)
    house.light.check_trouble = []
    assert resume(session, house).result == "lit"
    assert house.state == (0, 1)


def test_credentials_that_are_locked_out_revert_nothing_and_leave_the_operation_open(
    session: Session, house: House
) -> None:
    house.light.trouble = [EXPIRED]
    with pytest.raises(CredentialsError) as caught:
        run(session, house)
    still_open = record(session)
    assert (still_open.status, still_open.failure) == ("open", None)
    assert house.blind.reverts == 0
    assert still_open.id in caught.value.resume_command
    assert resume(session, house).result == "lit"
    assert house.state == (0, 1)


# When reverting fails too


def failed_revert(session: Session, house: House) -> CvmimgError:
    house.light.trouble = [FAILED]
    house.blind.revert_trouble = [REFUSED]
    with pytest.raises(CvmimgError) as caught:
        run(session, house)
    return caught.value


def test_an_operation_that_could_not_be_reverted_stays_open(session: Session, house: House) -> None:
    error = failed_revert(session, house)
    assert error.code == REFUSED.code
    assert isinstance(error.__cause__, TaskFailed)
    assert {"RevertFailedAfter", "BlindStaysDown"} <= set(codes(error))
    still_open = record(session)
    assert still_open.status == "open"
    assert still_open.id in error.resume_command
    assert still_open.failure is not None
    assert still_open.failure.code == "CREATEFAILED"


@pytest.mark.parametrize("after", [None, *AfterFailure])
def test_a_resume_continues_to_revert_a_failed_operation(
    session: Session, house: House, after: AfterFailure | None
) -> None:
    failed_revert(session, house)
    house.after = after
    with pytest.raises(TaskFailed) as caught:
        resume(session, house)
    assert caught.value.code == "CREATEFAILED"
    assert caught.value.message == FAILED.message
    assert house.state == (0, 0)
    assert house.light.attempts == 1
    assert record(session).status == "failed"


def test_what_could_not_be_reverted_can_be_rolled_back(session: Session, house: House) -> None:
    failed_revert(session, house)
    resume(session, house, roll_back=True)
    assert house.state == (0, 0)
    assert record(session).status == "rolled-back"


# Rolling back


def test_rolling_back_reverts_what_is_temporary_and_says_what_remains(
    session: Session, house: House
) -> None:
    left_open(session, house)
    resumed = resume(session, house, roll_back=True)
    assert house.state == (0, 1)
    assert resumed.remains == (Message("LightStaysOn"),)
    assert resumed.operation.status == "rolled-back"
    assert unfinished(session) == []


def test_an_operation_with_an_unknown_step_cannot_be_rolled_back(
    session: Session, house: House
) -> None:
    house.light.trouble = [Killed()]
    with pytest.raises(Killed):
        run(session, house)
    house.light.check_trouble = [UNKNOWN]
    with pytest.raises(Unreachable) as caught:
        resume(session, house, roll_back=True)
    assert record(session).status == "open"
    assert record(session).id in caught.value.resume_command


def test_a_roll_back_that_fails_leaves_the_operation_open(session: Session, house: House) -> None:
    left_open(session, house)
    house.blind.revert_trouble = [REFUSED]
    with pytest.raises(CvmimgError) as caught:
        resume(session, house, roll_back=True)
    assert "BlindStaysDown" in codes(caught.value)
    assert record(session).status == "open"


def test_rolling_back_holds_a_request_to_stop_off(session: Session, house: House) -> None:
    left_open(session, house)
    session.interrupt.request()
    resume(session, house, roll_back=True)
    assert house.blind.on == 0


# Left open on purpose


def test_who_does_not_wait_finishes_later(session: Session, house: House) -> None:
    house.leaves_blind = True
    assert run(session, house) == "lit"
    assert record(session).status == "open"
    house.leaves_blind = False
    assert resume(session, house).result == "lit"
    assert house.state == (0, 1)


# A full disk at the end


@pytest.mark.parametrize("roll_back", [False, True])
def test_an_operation_that_cannot_be_closed_says_so_and_is_closed_later(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch, roll_back: bool
) -> None:
    left_open(session, house)
    with monkeypatch.context() as full:
        fill_disk_when_closing(full)
        resume(session, house, roll_back=roll_back)
    assert "NotClosed" in notices(session)
    assert record(session).status == "open"
    resume(session, house, roll_back=roll_back)
    assert house.light.attempts == 1
    assert house.state == (0, 1)
    assert unfinished(session) == []


def test_a_failure_that_cannot_be_recorded_says_so(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.light.trouble = [FAILED]
    fill_disk_when_closing(monkeypatch)
    with pytest.raises(TaskFailed) as caught:
        run(session, house)
    assert "JournalNotWritten" in codes(caught.value)
    assert record(session).id in caught.value.resume_command
    assert house.state == (0, 0)


def test_a_disk_that_becomes_full_stops_an_operation_before_its_next_change(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = house.blind.do

    def fill_and_do() -> Outcome:
        fill_disk(monkeypatch)
        return do()

    monkeypatch.setattr(house.blind, "do", fill_and_do)
    with pytest.raises(CvmimgError) as caught:
        run(session, house)
    assert caught.value.code == "JournalUnusable"
    assert house.light.attempts == 0
    assert house.blind.on == 0  # reverted, though that could not be written


# Resuming


def test_the_request_is_read_back_as_it_was(session: Session, house: House) -> None:
    left_open(session, house)
    resume(session, house)
    assert house.requests == [HouseRequest("cellar"), HouseRequest("cellar")]


def test_a_resume_waits_for_its_timeout(session: Session, house: House) -> None:
    left_open(session, house)
    resume(session, house, seconds=42)
    assert house.seconds_left == [600, 42]


def test_a_resume_happens_in_the_operations_own_region(session: Session, house: House) -> None:
    left_open(session, house)
    resume(session.in_region("ap-shanghai"), house)
    assert house.regions == ["ap-guangzhou", "ap-guangzhou"]


def test_an_operation_that_is_not_there_is_not_resumed(session: Session, house: House) -> None:
    with pytest.raises(NotFound):
        resume_operation(
            session, "op-20261123-abcdef", house.kinds(), roll_back=False, timeout_seconds=1
        )


def test_an_operation_of_an_unknown_kind_is_not_touched(session: Session, house: House) -> None:
    left_open(session, house)
    with pytest.raises(PreconditionFailed) as caught:
        resume_operation(session, record(session).id, {}, roll_back=True, timeout_seconds=1)
    assert caught.value.message.code == "OperationKindUnknown"
    assert record(session).status == "open"


@pytest.mark.parametrize(
    "elsewhere", [Origin(sandbox=True), Origin(endpoint="cvm.example")], ids=["sandbox", "endpoint"]
)
def test_an_operation_of_another_cloud_is_not_resumed(
    session: Session, house: House, elsewhere: Origin
) -> None:
    left_open(session, house)
    with pytest.raises(PreconditionFailed) as caught:
        resume(replace(session, origin=elsewhere), house)
    assert caught.value.code == "OtherCloud"
    assert house.state == (1, 1)


@pytest.mark.parametrize("request_", [{}, {"room": 3}, {"lumen": "many"}, {"room": None}])
def test_a_damaged_request_is_refused(
    session: Session, house: House, request_: dict[str, object]
) -> None:
    left_open(session, house)
    damaged = replace(record(session), request={"lumen": "x", **request_})
    session.journal.write(damaged)
    with pytest.raises(PreconditionFailed) as caught:
        resume(session, house)
    assert caught.value.code == "JournalUnusable"
    assert record(session).status == "open"


# Named by the user


def ask_again(session: Session, house: House) -> str | None:
    return continue_named(session, record(session).id, house.kind(), "", timeout_seconds=60)


def test_asking_again_for_a_done_operation_returns_its_result(
    session: Session, house: House
) -> None:
    run(session, house)
    assert ask_again(session, house) == "lit 1"
    assert house.light.attempts == 1


def test_asking_again_for_an_unfinished_operation_continues_it(
    session: Session, house: House
) -> None:
    left_open(session, house)
    assert ask_again(session, house) == "lit"
    assert house.state == (0, 1)


def test_changes_in_another_cloud_do_not_count_as_done_here(session: Session, house: House) -> None:
    run(session, house)
    with pytest.raises(PreconditionFailed) as caught:
        ask_again(replace(session, origin=Origin(sandbox=True)), house)
    assert caught.value.code == "OtherCloud"


def test_changes_of_another_account_do_not_count_as_done(
    session: Session, house: House, accounts: Accounts
) -> None:
    run(session, house)
    accounts.answer = NEIGHBOUR
    with pytest.raises(PreconditionFailed) as caught:
        ask_again(session, house)
    assert caught.value.code == "OtherAccount"


# Whose credentials


def with_key(session: Session, key: str) -> Session:
    """The same session with other credentials."""
    credentials = Credentials(key, "secret")
    cloud = Cloud.connect(credentials, "ap-guangzhou", clock=session.clock)
    return replace(session, cloud=cloud)


def test_an_operation_is_recorded_with_its_account_and_a_digest_of_its_key(
    session: Session, house: House
) -> None:
    run(session, house)
    account = record(session).account
    assert account.id == OWNER
    assert account.key
    assert "AKID" not in session.journal.file_of(record(session)).read_text()


@pytest.mark.parametrize("answer", ["", OFFLINE])
def test_where_the_account_is_unknown_an_operation_runs_and_says_so(
    session: Session, house: House, accounts: Accounts, answer: str | CvmimgError
) -> None:
    accounts.answer = answer
    assert run(session, house) == "lit"
    assert "AccountNotKnown" in notices(session)
    assert record(session).account.id == ""


def test_with_wrong_credentials_no_operation_is_started(
    session: Session, house: House, accounts: Accounts
) -> None:
    accounts.answer = EXPIRED
    with pytest.raises(CredentialsError):
        run(session, house)
    assert session.journal.scan().records == ()


@pytest.mark.parametrize("roll_back", [False, True])
def test_another_account_is_refused(
    session: Session, house: House, accounts: Accounts, roll_back: bool
) -> None:
    left_open(session, house)
    accounts.answer = NEIGHBOUR
    with pytest.raises(PreconditionFailed) as caught:
        resume(replace(with_key(session, "AKID2"), trust_account=True), house, roll_back=roll_back)
    assert caught.value.code == "OtherAccount"
    assert caught.value.exit_code == 3
    assert caught.value.message.params["account"] == OWNER
    assert house.state == (1, 1)
    assert record(session).status == "open"


def test_another_key_of_the_same_account_is_accepted(session: Session, house: House) -> None:
    left_open(session, house)
    assert resume(with_key(session, "AKID2"), house).result == "lit"


@pytest.mark.parametrize(("first", "now"), [("", ""), ("", OWNER), (OWNER, "")])
def test_where_an_account_is_unknown_the_same_key_is_accepted(
    session: Session, house: House, accounts: Accounts, first: str, now: str
) -> None:
    accounts.answer = first
    left_open(session, house)
    accounts.answer = now
    assert resume(session, house).result == "lit"


@pytest.mark.parametrize(("first", "now"), [("", ""), ("", OWNER), (OWNER, "")])
def test_where_an_account_is_unknown_another_key_is_accepted_only_when_the_user_confirms_it(
    session: Session, house: House, accounts: Accounts, first: str, now: str
) -> None:
    accounts.answer = first
    left_open(session, house)
    accounts.answer = now
    other = with_key(session, "AKID2")
    with pytest.raises(PreconditionFailed) as caught:
        resume(other, house)
    assert caught.value.code == "AccountUnknown"
    operation_id = record(session).id
    assert caught.value.message.params["command"] == f"cvmimg resume {operation_id} --yes"
    assert house.state == (1, 1)
    assert resume(replace(other, trust_account=True), house).result == "lit"


def test_an_operation_whose_record_names_no_account_is_continued_only_when_confirmed(
    session: Session, house: House
) -> None:
    # Version 1 did not record it.
    left_open(session, house)
    session.journal.write(replace(record(session), account=Account()))
    with pytest.raises(PreconditionFailed) as caught:
        resume(session, house)
    assert caught.value.code == "AccountUnknown"
    assert resume(replace(session, trust_account=True), house).result == "lit"


def test_with_expired_credentials_an_operation_is_not_continued(
    session: Session, house: House, accounts: Accounts
) -> None:
    left_open(session, house)
    accounts.answer = EXPIRED
    with pytest.raises(CredentialsError):
        resume(session, house)
    assert record(session).status == "open"
    assert house.blind.reverts == 0
