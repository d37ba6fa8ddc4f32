"""Durable steps, on a toy: a lamp that a step switches on and its undoing switches off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.journal import OperationLog
from cvmimg.durable.journal.record import Origin
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Outcome, Runner, Step
from cvmimg.errors import CloudRefused, CvmimgError, Interrupted, OutcomeUnknown, Unreachable
from tests.support.clock import FakeClock
from tests.support.session import new_session

BUSY = CloudRefused("busy", code="OperationDenied.InstanceOperationInProgress")
LOST = OutcomeUnknown("the answer was lost")


class Killed(BaseException):
    """What SIGKILL would do: nothing catches it."""


@dataclass
class Lamp:
    """Switching it on fails as ``trouble`` says, in turn; None means that it works.

    A lost answer comes with the lamp on or off, as ``works_unseen`` says.
    """

    trouble: list[BaseException | None] = field(default_factory=list)
    works_unseen: bool = False
    on: int = 0
    looks: int = 0
    undone: int = 0

    def do(self) -> Outcome:
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble is None or (trouble is not BUSY and self.works_unseen):
            self.on += 1
        if trouble is not None:
            raise trouble
        return {"lamp": self.on}

    def look(self) -> Outcome | None:
        self.looks += 1
        return {"lamp": self.on} if self.on else None

    def undo(self, _: Outcome) -> None:
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble is not None:
            raise trouble
        self.on = 0
        self.undone += 1

    def step(self, *, one_call: bool = True) -> Step:
        return Step("lamp", self.do, self.look, self.undo, one_call=one_call)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    cloud = Cloud.connect(Credentials("AKID", "key"), "ap-guangzhou", clock=FakeClock())
    return new_session(cloud, tmp_path)


@pytest.fixture
def log(session: Session) -> Iterator[OperationLog]:
    with session.journal.claim([]) as claim:
        yield claim.begin("create", region="ap-guangzhou", origin=Origin(), request={})


def run(session: Session, log: OperationLog, lamp: Lamp, *, seconds: float = 600) -> Outcome:
    return Runner(session, log, Deadline(session.clock, seconds)).run(lamp.step())


def put_back(session: Session, log: OperationLog, lamp: Lamp) -> None:
    Runner(session, log, Deadline(session.clock, 600)).put_back(lamp.step())


def status(session: Session, log: OperationLog) -> str:
    step = session.journal.read(log.id).step("lamp")
    return step.status if step else "not begun"


def test_a_step_is_done_once_and_its_outcome_kept(session: Session, log: OperationLog) -> None:
    lamp = Lamp()
    assert run(session, log, lamp) == run(session, log, lamp) == {"lamp": 1}
    assert (lamp.on, lamp.looks) == (1, 0)
    assert status(session, log) == "done"


def test_the_intent_is_on_the_disk_while_the_step_is_done(
    session: Session, log: OperationLog
) -> None:
    seen = []

    def do() -> Outcome:
        seen.append(status(session, log))
        return {}

    Runner(session, log, Deadline(session.clock, 1)).run(Step("lamp", do, lambda: None))
    assert seen == ["started"]


@pytest.mark.parametrize("works_unseen", [True, False])
def test_after_a_lost_answer_it_is_done_exactly_once(
    session: Session, log: OperationLog, works_unseen: bool
) -> None:
    lamp = Lamp([LOST], works_unseen)
    assert run(session, log, lamp) == {"lamp": 1}
    assert lamp.on == 1


@pytest.mark.parametrize("works_unseen", [True, False])
def test_after_a_kill_the_next_process_looks_before_it_acts(
    session: Session, log: OperationLog, works_unseen: bool
) -> None:
    lamp = Lamp([Killed()], works_unseen)
    with pytest.raises(Killed):
        run(session, log, lamp)
    again = OperationLog(session.journal, session.journal.read(log.id))
    assert run(session, again, lamp) == {"lamp": 1}
    assert (lamp.on, lamp.looks) == (1, 1)


def test_a_refusal_of_the_second_request_that_the_first_one_caused_is_a_success(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp([LOST, CloudRefused("taken", code="InvalidImageName.Duplicate")])
    shown_late = iter([None, {"lamp": 7}])
    step = Step("lamp", lamp.do, lambda: next(shown_late), one_call=True)
    assert Runner(session, log, Deadline(session.clock, 60)).run(step) == {"lamp": 7}


def test_a_refusal_without_doubt_is_believed_and_leaves_nothing_to_put_back(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp([CloudRefused("taken", code="InvalidImageName.Duplicate")])
    with pytest.raises(CloudRefused):
        run(session, log, lamp)
    assert lamp.looks == 0
    assert status(session, log) == "undone"


def test_a_busy_instance_is_waited_for(session: Session, log: OperationLog) -> None:
    lamp = Lamp([BUSY] * 8)
    assert run(session, log, lamp) == {"lamp": 1}
    assert session.clock.monotonic() > 20


def test_a_busy_instance_is_waited_for_until_the_timeout(
    session: Session, log: OperationLog
) -> None:
    with pytest.raises(CloudRefused, match="busy"):
        run(session, log, Lamp([BUSY] * 1000), seconds=100)
    assert session.clock.monotonic() == pytest.approx(100)


def test_a_step_that_the_cloud_never_carries_out_is_given_up(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp([LOST] * 10)
    with pytest.raises(Unreachable, match="not carried out") as caught:
        run(session, log, lamp)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert lamp.on == 0
    assert status(session, log) == "undone"


def test_what_was_done_is_put_back_once(session: Session, log: OperationLog) -> None:
    lamp = Lamp()
    run(session, log, lamp)
    put_back(session, log, lamp)
    put_back(session, log, lamp)
    assert (lamp.on, lamp.undone) == (0, 1)
    assert status(session, log) == "undone"


def test_what_may_have_been_done_is_put_back_too(session: Session, log: OperationLog) -> None:
    lamp = Lamp([Killed()], works_unseen=True)
    with pytest.raises(Killed):
        run(session, log, lamp)
    put_back(session, log, lamp)
    assert lamp.on == 0


def test_what_was_never_begun_is_not_put_back(session: Session, log: OperationLog) -> None:
    lamp = Lamp()
    put_back(session, log, lamp)
    assert lamp.undone == 0


@pytest.mark.parametrize(
    "trouble", [BUSY, LOST, Unreachable("no network"), CloudRefused("oh", code="InternalError")]
)
def test_putting_back_is_tried_for_as_long_as_the_trouble_goes_by(
    session: Session, log: OperationLog, trouble: CvmimgError
) -> None:
    lamp = Lamp()
    run(session, log, lamp)
    lamp.trouble = [trouble] * 20
    put_back(session, log, lamp)
    assert lamp.on == 0


def test_putting_back_holds_a_request_to_stop_off(session: Session, log: OperationLog) -> None:
    lamp = Lamp()
    run(session, log, lamp)
    session.interrupt.request()
    lamp.trouble = [BUSY] * 3
    put_back(session, log, lamp)
    assert lamp.on == 0
    with pytest.raises(Interrupted):
        session.interrupt.check()


def test_a_request_to_stop_is_honoured_before_a_step_and_in_its_pauses(
    session: Session, log: OperationLog
) -> None:
    session.interrupt.request()
    lamp = Lamp()
    with pytest.raises(Interrupted):
        run(session, log, lamp)
    assert status(session, log) == "not begun"


def test_what_a_process_put_back_without_writing_it_down_is_done_anew(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp()
    run(session, log, lamp)
    lamp.on = 0
    runner = Runner(session, log, Deadline(session.clock, 600))
    runner.doubt([lamp.step()])
    assert runner.run(lamp.step()) == {"lamp": 1}


def test_what_is_still_in_force_is_not_done_again(session: Session, log: OperationLog) -> None:
    lamp = Lamp()
    run(session, log, lamp)
    runner = Runner(session, log, Deadline(session.clock, 600))
    runner.doubt([lamp.step()])
    runner.run(lamp.step())
    assert lamp.on == 1
