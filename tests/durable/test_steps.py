"""Durable steps, on a toy: a lamp that a step switches on and its revert switches off."""

from __future__ import annotations

import pytest

from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.log import OperationLog
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, Unknown
from cvmimg.durable.steps import StageTitle, Step, StepRunner
from cvmimg.errors import (
    CloudRefused,
    CredentialsError,
    CvmimgError,
    Interrupted,
    OutcomeUnknown,
    TaskFailed,
    Unreachable,
    WaitTimeout,
)
from cvmimg.message import Message
from tests.durable.lamp import (
    BUSY,
    EXPIRED,
    LOST,
    OFFLINE,
    REFUSED,
    TAKEN,
    UNKNOWN,
    Killed,
    Lamp,
)
from tests.support.session import Remembering


def runner(session: Session, log: OperationLog, *, seconds: float = 600) -> StepRunner:
    return StepRunner(session, log, Deadline(session.clock, seconds))


def run(session: Session, log: OperationLog, lamp: Lamp) -> Outcome:
    return runner(session, log).run(lamp.step())


def revert(session: Session, log: OperationLog, lamp: Lamp) -> None:
    runner(session, log).revert(lamp.step())


def status(session: Session, log: OperationLog) -> str:
    """The step's status as the next process reads it."""
    step = session.journal.read(log.id).step("lamp")
    return step.status if step else "not started"


def reopened(session: Session, log: OperationLog) -> OperationLog:
    """The log as the next process has it."""
    return OperationLog(session.journal, session.journal.read(log.id))


def killed_while_done(session: Session, log: OperationLog, lamp: Lamp) -> OperationLog:
    lamp.trouble.append(Killed())
    with pytest.raises(Killed):
        run(session, log, lamp)
    return reopened(session, log)


def test_a_step_is_done_once_and_its_outcome_kept(session: Session, log: OperationLog) -> None:
    lamp = Lamp()
    assert run(session, log, lamp) == run(session, log, lamp) == {"lamp": 1}
    assert (lamp.on, lamp.checks) == (1, 0)
    assert status(session, log) == "done"


def test_the_intent_is_on_the_disk_while_the_step_is_done(
    session: Session, log: OperationLog
) -> None:
    seen = []

    def do() -> Outcome:
        seen.append(status(session, log))
        return {}

    runner(session, log).run(Step("lamp", do, Happened))
    assert seen == ["pending"]


def test_the_intent_says_whether_the_change_is_temporary(
    session: Session, log: OperationLog
) -> None:
    runner(session, log).run(Lamp().step(temporary=True))
    step = session.journal.read(log.id).step("lamp")
    assert step is not None
    assert step.temporary


def test_a_step_is_shown_as_its_own_stage_and_its_revert_as_another(
    session: Session, log: OperationLog
) -> None:
    step = Lamp().step(stage=StageTitle("light"), revert_stage=StageTitle("darken"))
    runner(session, log).run(step)
    runner(session, log).revert(step)
    assert isinstance(session.progress, Remembering)
    assert [name for name, outcome in session.progress.stages if outcome == "done"] == [
        "light",
        "darken",
    ]


def test_a_step_that_only_starts_something_is_settled_each_time(
    session: Session, log: OperationLog
) -> None:
    settled: list[Outcome] = []
    step = Lamp().step(settle=lambda outcome, _: settled.append(outcome))
    runner(session, log).run(step)
    runner(session, reopened(session, log)).run(step)
    assert settled == [{"lamp": 1}, {"lamp": 1}]


# Lost answers and crashes


@pytest.mark.parametrize("works_unseen", [True, False])
def test_after_a_lost_answer_it_is_done_exactly_once(
    session: Session, log: OperationLog, works_unseen: bool
) -> None:
    lamp = Lamp([LOST], works_unseen)
    assert run(session, log, lamp) == {"lamp": 1}
    assert lamp.on == 1


@pytest.mark.parametrize("works_unseen", [True, False])
def test_after_a_kill_the_next_process_checks_before_it_acts(
    session: Session, log: OperationLog, works_unseen: bool
) -> None:
    lamp = Lamp(works_unseen=works_unseen)
    again = killed_while_done(session, log, lamp)
    assert run(session, again, lamp) == {"lamp": 1}
    assert (lamp.on, lamp.checks) == (1, 1)


def test_a_refusal_of_the_second_request_that_the_first_one_caused_is_a_success(
    session: Session, log: OperationLog
) -> None:
    # The first request was carried out, and what it made is listed late.
    lamp = Lamp([LOST, TAKEN], works_unseen=True, check_trouble=[DidNotHappen()])
    assert run(session, log, lamp) == {"lamp": 1}


def test_a_refusal_without_doubt_is_believed_and_leaves_nothing_to_revert(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp([REFUSED])
    with pytest.raises(CloudRefused):
        run(session, log, lamp)
    assert lamp.checks == 0
    assert status(session, log) == "reverted"


def test_a_refusal_of_one_of_several_calls_does_not_prove_that_nothing_changed(
    session: Session, log: OperationLog
) -> None:
    with pytest.raises(CloudRefused):
        runner(session, log).run(Lamp([REFUSED]).step(single_call=False))
    assert status(session, log) == "pending"


def test_a_step_that_the_cloud_never_carries_out_fails_with_certainty(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp([LOST] * 10)
    with pytest.raises(Unreachable) as caught:
        run(session, log, lamp)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert caught.value.message.code == "StepNotCarriedOut"
    assert (lamp.on, lamp.attempts) == (0, 3)
    assert status(session, log) == "reverted"


def test_several_calls_that_the_cloud_never_carries_out_may_have_changed_a_part(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp([LOST] * 10)
    step = lamp.step(single_call=False, temporary=True)
    with pytest.raises(Unreachable):
        runner(session, log).run(step)
    assert status(session, log) == "pending"
    runner(session, log).revert(step)
    assert lamp.reverts == 1


# Unknown


@pytest.mark.parametrize("works_unseen", [True, False])
@pytest.mark.parametrize("answer", [UNKNOWN, EXPIRED, REFUSED, TaskFailed(Message("no answer"))])
def test_while_the_check_is_unsure_the_step_is_not_done_again(
    session: Session, log: OperationLog, works_unseen: bool, answer: CvmimgError | Unknown
) -> None:
    lamp = Lamp([LOST], works_unseen, check_trouble=[answer])
    with pytest.raises(CvmimgError) as caught:
        run(session, log, lamp)
    expected = answer.error if isinstance(answer, Unknown) else answer
    assert caught.value.code == expected.code
    assert lamp.attempts == 1
    assert status(session, log) == "pending"


@pytest.mark.parametrize("answer", [UNKNOWN, EXPIRED])
def test_a_resume_that_cannot_find_out_leaves_the_step_pending(
    session: Session, log: OperationLog, answer: CvmimgError | Unknown
) -> None:
    lamp = Lamp(works_unseen=True)
    again = killed_while_done(session, log, lamp)
    lamp.check_trouble = [answer] * 2
    with pytest.raises(CvmimgError):
        run(session, again, lamp)
    with pytest.raises(CvmimgError):
        runner(session, again).known_outcome(lamp.step())
    assert lamp.attempts == 1
    assert status(session, log) == "pending"


@pytest.mark.parametrize("trouble", [EXPIRED, REFUSED])
def test_after_a_lost_answer_a_refusal_proves_nothing_by_itself(
    session: Session, log: OperationLog, trouble: CvmimgError
) -> None:
    # The first check sees nothing yet, the second request is refused, and then nothing is seen.
    lamp = Lamp([LOST, trouble], works_unseen=True, check_trouble=[DidNotHappen(), UNKNOWN])
    with pytest.raises(type(trouble)):
        run(session, log, lamp)
    assert status(session, log) == "pending"
    assert lamp.attempts == 2


def test_credentials_that_expire_after_a_lost_answer_leave_the_step_pending(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp([LOST], works_unseen=True, check_trouble=[EXPIRED] * 5)
    with pytest.raises(CredentialsError):
        run(session, log, lamp)
    assert status(session, log) == "pending"


def test_a_step_without_a_revert_that_is_unknown_cannot_be_cleared_up(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp(works_unseen=True)
    again = killed_while_done(session, log, lamp)
    lamp.check_trouble = [UNKNOWN]
    with pytest.raises(Unreachable):
        runner(session, again).revert(lamp.step(revert=None))
    assert status(session, log) == "pending"


@pytest.mark.parametrize(("works_unseen", "then"), [(True, "done"), (False, "reverted")])
def test_a_step_without_a_revert_is_cleared_up_by_its_check(
    session: Session, log: OperationLog, works_unseen: bool, then: str
) -> None:
    lamp = Lamp(works_unseen=works_unseen)
    again = killed_while_done(session, log, lamp)
    runner(session, again).revert(lamp.step(revert=None))
    assert status(session, log) == then
    assert lamp.attempts == 1


@pytest.mark.parametrize("temporary", [False, True])
def test_an_operation_with_an_unknown_step_cannot_be_closed(
    session: Session, log: OperationLog, temporary: bool
) -> None:
    log.note_intent("lamp", temporary=temporary)
    with pytest.raises(CvmimgError) as caught:
        log.close("failed")
    assert caught.value.code == "OperationNotClosable"
    assert session.journal.read(log.id).status == "open"


def test_an_operation_with_a_temporary_change_in_force_cannot_be_closed(
    session: Session, log: OperationLog
) -> None:
    step = Lamp().step(temporary=True)
    runner(session, log).run(step)
    with pytest.raises(CvmimgError) as caught:
        log.close("done")
    assert caught.value.message.params["steps"] == ("lamp",)
    assert session.journal.read(log.id).status == "open"
    runner(session, log).revert(step)
    assert log.close("done")
    assert session.journal.read(log.id).status == "done"


def test_a_temporary_change_that_is_to_stay_no_longer_keeps_the_operation_open(
    session: Session, log: OperationLog
) -> None:
    runner(session, log).run(Lamp().step(temporary=True))
    log.note_kept("lamp")
    assert log.close("done")


# Requests that the network delivers twice


def test_a_refusal_caused_by_the_first_delivery_of_the_same_request_is_a_success(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp([TAKEN], on=1)
    assert runner(session, log).run(lamp.step(conflicts=(TAKEN.code,))) == {"lamp": 1}
    assert status(session, log) == "done"


def test_a_conflict_with_something_else_is_believed(session: Session, log: OperationLog) -> None:
    lamp = Lamp([TAKEN])
    with pytest.raises(CloudRefused):
        runner(session, log).run(lamp.step(conflicts=(TAKEN.code,)))
    assert lamp.checks == 1
    assert status(session, log) == "reverted"


def test_a_conflict_that_cannot_be_explained_leaves_the_step_pending(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp([TAKEN], check_trouble=[UNKNOWN, UNKNOWN])
    with pytest.raises(CvmimgError):
        runner(session, log).run(lamp.step(conflicts=(TAKEN.code,)))
    assert status(session, log) == "pending"
    assert lamp.attempts == 1


def test_a_busy_refusal_caused_by_the_first_delivery_is_not_retried(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp([BUSY], on=1)
    runner(session, log).run(lamp.step(conflicts=(BUSY.code,)))
    assert (lamp.on, lamp.attempts) == (1, 1)


# What passes by itself


def test_a_busy_instance_is_waited_for(session: Session, log: OperationLog) -> None:
    assert run(session, log, Lamp([BUSY] * 8)) == {"lamp": 1}
    assert session.clock.monotonic() > 20


def test_a_busy_instance_is_waited_for_until_the_timeout(
    session: Session, log: OperationLog
) -> None:
    with pytest.raises(CloudRefused) as caught:
        runner(session, log, seconds=100).run(Lamp([BUSY] * 1000).step())
    assert caught.value.code == BUSY.code
    assert session.clock.monotonic() == pytest.approx(100)
    assert status(session, log) == "reverted"


@pytest.mark.parametrize(
    "trouble",
    [OFFLINE, CloudRefused(Message("busy"), code="RequestLimitExceeded.IPLimit")],
)
def test_an_outage_is_waited_for(session: Session, log: OperationLog, trouble: CvmimgError) -> None:
    lamp = Lamp([trouble] * 5)
    assert run(session, log, lamp) == {"lamp": 1}


def test_a_long_outage_fails_the_step_before_the_timeout(
    session: Session, log: OperationLog
) -> None:
    with pytest.raises(Unreachable):
        runner(session, log, seconds=7200).run(Lamp([OFFLINE] * 1000).step())
    assert session.clock.monotonic() < 300
    assert status(session, log) == "reverted"


def test_a_check_is_repeated_while_the_network_is_down(session: Session, log: OperationLog) -> None:
    lamp = Lamp([LOST], works_unseen=True, check_trouble=[OFFLINE] * 4)
    assert run(session, log, lamp) == {"lamp": 1}
    assert (lamp.on, lamp.checks) == (1, 5)


def test_a_user_learns_once_why_a_step_is_retried(session: Session, log: OperationLog) -> None:
    run(session, log, Lamp([BUSY] * 5))
    assert isinstance(session.progress, Remembering)
    assert session.progress.codes() == ["Retrying"]


# Reverting


def test_what_was_done_is_reverted_once(session: Session, log: OperationLog) -> None:
    lamp = Lamp()
    run(session, log, lamp)
    revert(session, log, lamp)
    revert(session, log, lamp)
    assert (lamp.on, lamp.reverts) == (0, 1)
    assert status(session, log) == "reverted"


def test_what_may_have_been_done_is_reverted_too(session: Session, log: OperationLog) -> None:
    lamp = Lamp(works_unseen=True)
    revert(session, killed_while_done(session, log, lamp), lamp)
    assert lamp.on == 0


def test_what_was_never_started_is_not_reverted(session: Session, log: OperationLog) -> None:
    lamp = Lamp()
    revert(session, log, lamp)
    assert lamp.reverts == 0


def test_a_revert_may_leave_another_outcome(session: Session, log: OperationLog) -> None:
    step = Lamp().step(revert=lambda outcome: {**outcome, "held": True})
    runner(session, log).run(step)
    runner(session, log).revert(step)
    assert log.outcome("lamp") == {"lamp": 1, "held": True}


@pytest.mark.parametrize(
    "trouble",
    [BUSY, LOST, OFFLINE, CloudRefused(Message("oh"), code="InternalError")],
)
def test_a_revert_is_retried_for_as_long_as_the_trouble_passes(
    session: Session, log: OperationLog, trouble: CvmimgError
) -> None:
    lamp = Lamp(revert_trouble=[trouble] * 20)
    run(session, log, lamp)
    revert(session, log, lamp)
    assert lamp.on == 0


@pytest.mark.parametrize("trouble", [EXPIRED, REFUSED, *[[OFFLINE] * 1000]])
def test_a_revert_that_fails_leaves_the_step_in_force(
    session: Session, log: OperationLog, trouble: CvmimgError | list[CvmimgError]
) -> None:
    lamp = Lamp(revert_trouble=list(trouble) if isinstance(trouble, list) else [trouble])
    run(session, log, lamp)
    with pytest.raises(CvmimgError):
        revert(session, log, lamp)
    assert status(session, log) == "done"


def test_a_revert_has_time_though_the_deadline_has_passed(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp(revert_trouble=[BUSY] * 20)
    run(session, log, lamp)
    runner(session, log, seconds=0).revert(lamp.step())
    assert lamp.on == 0
    assert session.clock.monotonic() < 20 * 60


def test_a_revert_holds_a_request_to_stop_off(session: Session, log: OperationLog) -> None:
    lamp = Lamp(revert_trouble=[BUSY] * 3)
    run(session, log, lamp)
    session.interrupt.request()
    revert(session, log, lamp)
    assert lamp.on == 0
    with pytest.raises(Interrupted):
        session.interrupt.check()


def test_a_request_to_stop_is_honored_before_a_step(session: Session, log: OperationLog) -> None:
    session.interrupt.request()
    with pytest.raises(Interrupted):
        run(session, log, Lamp())
    assert status(session, log) == "not started"


def test_a_request_to_stop_is_honored_in_the_pauses_of_a_step(
    session: Session, log: OperationLog
) -> None:
    def do() -> Outcome:
        session.interrupt.request()
        raise BUSY

    with pytest.raises(Interrupted):
        runner(session, log).run(Step("lamp", do, DidNotHappen, single_call=True))
    assert session.clock.monotonic() < 10


def test_a_request_to_stop_after_a_lost_answer_leaves_the_step_pending(
    session: Session, log: OperationLog
) -> None:
    def do() -> Outcome:
        session.interrupt.request()
        raise LOST

    def check() -> DidNotHappen:
        session.interrupt.check()
        return DidNotHappen()

    with pytest.raises(Interrupted):
        runner(session, log).run(Step("lamp", do, check, single_call=True))
    assert status(session, log) == "pending"


# Temporary changes that an earlier process made


def two_lamps(session: Session, log: OperationLog) -> tuple[list[Lamp], list[Step]]:
    lamps = [Lamp(), Lamp()]
    steps = [
        Step(f"lamp {number}", lamp.do, lamp.check, lamp.revert, temporary=True)
        for number, lamp in enumerate(lamps)
    ]
    for step in steps:
        runner(session, log).run(step)
    return lamps, steps


def test_what_a_process_reverted_without_recording_it_is_done_again(
    session: Session, log: OperationLog
) -> None:
    lamps, steps = two_lamps(session, log)
    lamps[0].on = lamps[1].on = 0
    again = runner(session, reopened(session, log))
    again.verify_temporary(steps)
    for step in steps:
        again.run(step)
    assert [lamp.on for lamp in lamps] == [1, 1]


def test_what_is_still_in_force_is_not_done_again(session: Session, log: OperationLog) -> None:
    lamps, steps = two_lamps(session, log)
    again = runner(session, reopened(session, log))
    again.verify_temporary(steps)
    for step in steps:
        again.run(step)
    assert [lamp.attempts for lamp in lamps] == [1, 1]
    assert lamps[0].checks == 0  # the last one suffices


def test_the_first_change_is_checked_by_itself_where_only_the_last_was_reverted(
    session: Session, log: OperationLog
) -> None:
    lamps, steps = two_lamps(session, log)
    lamps[1].on = 0
    again = runner(session, reopened(session, log))
    again.verify_temporary(steps)
    for step in steps:
        again.run(step)
    assert [lamp.on for lamp in lamps] == [1, 1]
    assert lamps[0].attempts == 1


def test_where_it_is_unknown_whether_a_change_is_in_force_nothing_is_done(
    session: Session, log: OperationLog
) -> None:
    lamps, steps = two_lamps(session, log)
    lamps[1].check_trouble = [UNKNOWN]
    again = reopened(session, log)
    with pytest.raises(Unreachable):
        runner(session, again).verify_temporary(steps)
    assert [again.status(step.name) for step in steps] == ["done", "done"]


def test_where_nothing_was_started_there_is_nothing_to_verify(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp()
    runner(session, log).verify_temporary([lamp.step(temporary=True)])
    assert lamp.checks == 0


# Doubt that a timeout ends


def test_a_check_that_runs_out_of_time_leaves_the_step_pending(
    session: Session, log: OperationLog
) -> None:
    lamp = Lamp([LOST], check_trouble=[WaitTimeout(Message("not resolved"))])
    with pytest.raises(WaitTimeout):
        run(session, log, lamp)
    assert status(session, log) == "pending"
