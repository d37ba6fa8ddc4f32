"""Keep other machines off an instance, and leave them what they need to restore it: a tag.

The tag is written before the first temporary change and removed when all is restored. It is also
the lock between machines: whoever finds the instance without it writes its own, waits until
everybody who found it so too has written, and reads again. If several did, the oldest operation
stays. The cloud has no lock, so this is best effort: an operation whose request took longer than
the others waited can interfere.
"""

from __future__ import annotations

from dataclasses import replace

from cvmimg.cloud import cvm, tag
from cvmimg.cloud.errors import BUSY, MFA, is_outage, locked_out, matches
from cvmimg.cloud.models import Instance
from cvmimg.cloud.operation_tag import OperationTag
from cvmimg.cloud.own_tags import OPERATION_TAG
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.operation import Execution
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.errors import CvmimgError, NotFound, PreconditionFailed
from cvmimg.message import Message

STEP = "tag"
_WAIT_SECONDS = 1.5
_SLOWEST = 3.0
"""How many times slower than this process's own request another one's may be."""
_READS = 2
_ROUNDS = 10


class UsedElsewhere(PreconditionFailed):
    """Another operation, on whatever machine, works on the instance."""


def require_free(session: Session, instance: Instance) -> None:
    """Refuse an instance on which another operation works, on whatever machine.

    Args:
        session: makes the command that restores the instance.
        instance: as it was read.

    Raises:
        UsedElsewhere: another operation works on it; the message says where.
    """
    value = instance.tag_map.get(OPERATION_TAG)
    if value is None:
        return
    found = OperationTag.parse(value)
    if found is None:
        raise UsedElsewhere(
            Message(
                "OperationTagUnknown", instance=instance.instance_id, key=OPERATION_TAG, value=value
            )
        )
    raise _in_use(session, instance.instance_id, found)


class InstanceTag:
    """The tag of one operation.

    Args:
        execution: what the operation runs with.
        instance_id: which instance.
        changes: what the operation changes; of ``operation_tag.CHANGES``.
        required: refuse where the tag may not be set, instead of a warning.
        on_behalf_of: the operation of another machine whose changes this one reverts.
        takes_over: the tag of the instance whose place the own one takes.
    """

    def __init__(
        self,
        execution: Execution,
        instance_id: str,
        changes: tuple[str, ...],
        *,
        required: bool = False,
        on_behalf_of: str = "",
        takes_over: OperationTag | None = None,
    ) -> None:
        self._session = execution.session
        self._log = execution.log
        self._instance_id = instance_id
        self._required = required
        self._takes_over = takes_over
        self._own = _own_tag(execution, changes, on_behalf_of)
        self.step = Step(
            STEP,
            self._acquire,
            self._check,
            self.release,
            temporary=True,
            stage=StageTitle("tag", instance_id),
        )

    def require_ours(self) -> None:
        """Refuse to continue the operation if another one has taken the instance over.

        Raises:
            UsedElsewhere: another operation works on the instance.
        """
        if self._log.status(STEP) in ("pending", "done") and self._value() is not None:
            self._read()

    def is_held(self, outcome: Outcome) -> bool:
        """Return whether the instance is this operation's, although its tag may be missing.

        Args:
            outcome: of the step; empty if it is not known whether the tag was written.
        """
        value = self._value()
        return value == self._own.value if value else bool(outcome)

    def release(self, outcome: Outcome) -> None:
        """Remove the tag, unless it is another operation's; the step's ``revert``.

        Args:
            outcome: of the step; empty if it is not known whether the tag was written.

        Raises:
            CvmimgError: it could not be removed.
        """
        if outcome.get("tagged") is False:
            return
        value = self._value()
        # What is not listed yet may come, if its request was sent and nothing is known of it.
        is_gone = not value and (value is None or bool(outcome))
        if is_gone or (value and value != self._own.value):
            return
        try:
            tag.untag_resource(self._session.cloud, self._resource, [OPERATION_TAG])
        except NotFound:
            if self._value() is not None:
                raise

    def _acquire(self) -> Outcome:
        for number in range(_ROUNDS):
            tag.await_turn(self._session.cloud)
            request = Deadline(self._session.clock, 0)
            self._read(after_own=number > 0)
            try:
                own = {OPERATION_TAG: self._own.value}
                tag.tag_resource(self._session.cloud, self._resource, own)
            except CvmimgError as error:
                if _passes(error):
                    raise
                return self._not_tagged(error)
            if self._stays(max(_WAIT_SECONDS, _SLOWEST * request.elapsed)):
                return {"tagged": True}
        raise UsedElsewhere(Message("InstanceContested", instance=self._instance_id))

    def _stays(self, pause: float) -> bool:
        """Return whether the own tag stays; a younger operation that comes between does not.

        Raises:
            UsedElsewhere: an older operation has written its tag.
        """
        for _ in range(_READS):
            self._session.clock.sleep(pause)
            if self._read(after_own=True) != self._own.value:
                return False
        return True

    def _read(self, *, after_own: bool = False) -> str:
        """Return the value of the instance's tag, or "", unless it forbids to change the instance.

        Args:
            after_own: the own tag was written before. Only an operation that is older forbids
                the change, also the one whose place is to be taken, because it still runs.

        Raises:
            UsedElsewhere: another operation works on the instance.
            NotFound: the instance does not exist.
        """
        instance = cvm.describe_instance(self._session.cloud, self._instance_id)
        value = instance.tag_map.get(OPERATION_TAG, "")
        found = OperationTag.parse(value)
        if after_own:
            gives_way = found is not None and found.age > self._own.age
        else:
            gives_way = self._is_taken_over(found)
        if value != self._own.value and not gives_way:
            require_free(self._session, instance)
        return value

    def _is_taken_over(self, found: OperationTag | None) -> bool:
        """Whether the instance has the tag whose place this one is to take."""
        before = self._log.status(STEP) != "done"
        return before and found is not None and found == self._takes_over

    def _not_tagged(self, error: CvmimgError) -> Outcome:
        """Explain what it means that the instance cannot be tagged, or refuse to continue.

        Raises:
            PreconditionFailed: the tag is required.
        """
        message = Message("InstanceNotTagged", instance=self._instance_id, error=error.message)
        if self._required:
            raise PreconditionFailed(message, code="TagRequired", request_id=error.request_id)
        self._session.progress.notice(message)
        return {"tagged": False}

    def _check(self) -> StepCheck:
        for _ in range(_READS):
            if self._value() != self._own.value:
                return DidNotHappen()
            self._session.clock.sleep(_WAIT_SECONDS)
        return Happened({"tagged": True})

    def _value(self) -> str | None:
        """Return the value of the instance's tag, or ""; None if the instance does not exist."""
        try:
            instance = cvm.describe_instance(self._session.cloud, self._instance_id)
        except NotFound:
            return None
        return instance.tag_map.get(OPERATION_TAG, "")

    @property
    def _resource(self) -> str:
        account = self._log.record.account.id
        return tag.instance_resource(self._session.cloud.region, account, self._instance_id)


def _own_tag(execution: Execution, changes: tuple[str, ...], on_behalf_of: str) -> OperationTag:
    record, actor = execution.log.record, execution.log.record.actor
    own = OperationTag(record.id, changes, record.created, actor.host, actor.user, actor.run_url)
    if not on_behalf_of:
        return own
    return replace(own, operation_id=on_behalf_of, taken_over_by=record.id)


def _in_use(session: Session, instance_id: str, found: OperationTag) -> UsedElsewhere:
    options = ("--from-cloud", "--take-over")
    return UsedElsewhere(
        Message(
            "InstanceUsedElsewhere",
            instance=instance_id,
            operation=found.holder,
            place=found.place,
            command=session.command("resume", found.operation_id, *options),
        )
    )


def _passes(error: CvmimgError) -> bool:
    """Whether an error does not mean that tags may not be set."""
    return locked_out(error.code) or is_outage(error) or matches(error.code, (*BUSY, *MFA))
