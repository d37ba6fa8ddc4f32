"""The record of one operation in progress. Nothing closes an operation but ``close`` here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cvmimg.durable.journal.damaged import RecordedOutcome
from cvmimg.durable.journal.files import JournalFiles
from cvmimg.errors import CvmimgError, PreconditionFailed
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.durable.journal.record import OperationRecord, Status, StepStatus


class OperationLog:
    """Writes the record of one operation."""

    def __init__(self, files: JournalFiles, record: OperationRecord) -> None:
        self._files = files
        self.record = record

    @property
    def id(self) -> str:
        """The operation's id."""
        return self.record.id

    def status(self, step: str) -> StepStatus | None:
        """Return the status of a step; None if it has not started."""
        known = self.record.step(step)
        return known.status if known else None

    def outcome(self, step: str) -> dict[str, Any]:
        """Return the result of a step; empty if that is not known.

        A part that the record lacks though it should have it is refused as damage when it is read.
        """
        known = self.record.step(step)
        outcome = known.outcome if known else {}
        return RecordedOutcome(outcome, self._files.file_of(self.record))

    def attempts(self, step: str) -> int:
        """Return how often a step was about to be done, whatever came of it."""
        known = self.record.step(step)
        return known.attempts if known else 0

    def note_intent(self, step: str, *, temporary: bool) -> None:
        """Write to the disk that ``step`` is about to be done.

        Raises:
            CvmimgError: it could not be written, so the step must not be done.
        """
        record = self._with_step(
            step,
            status="pending",
            outcome={},
            temporary=temporary,
            attempts=self.attempts(step) + 1,
        )
        try:
            self._files.write(record)
        except OSError as error:
            raise self._unwritable(error) from error
        self.record = record

    def note_outcome(self, step: str, status: StepStatus, outcome: dict[str, Any]) -> None:
        """Write the result of a step.

        If that cannot be written, the intent is still on the disk, and a resume checks the step.
        """
        self.record = self._with_step(step, status=status, outcome=outcome)
        self._write_if_possible()

    def note_requests(self, step: str, request_ids: Iterable[str]) -> None:
        """Remember the ids of requests of a step; the next note writes them."""
        known = self.record.step(step)
        if known is not None:
            ids = (*known.request_ids, *request_ids)
            self.record = self.record.with_step(replace(known, request_ids=ids))

    def note_kept(self, step: str) -> None:
        """Write that a temporary change was asked to stay."""
        known = self.record.step(step)
        if known is not None:
            self.record = self.record.with_step(replace(known, temporary=False))
            self._write_if_possible()

    def note_failure(self, error: CvmimgError) -> None:
        """Write that the operation has failed and its changes are being reverted."""
        self.record = replace(self.record, failure=_failure(error))
        self._write_if_possible()

    def close(
        self,
        status: Status,
        *,
        result: dict[str, Any] | None = None,
        error: CvmimgError | None = None,
    ) -> bool:
        """Finish the operation.

        Returns:
            Whether that could be written.

        Raises:
            CvmimgError: a step is unknown, or a temporary change is not proven reverted.
        """
        left = self.record.left_to_do
        if left:
            raise CvmimgError(Message("OperationNotClosable", operation=self.id, steps=left))
        self.record = replace(
            self.record,
            status=status,
            result=result or self.record.result,
            failure=_failure(error) if error else self.record.failure,
            ended=self._files.now(),
        )
        return self._write_if_possible() or self._discard_if_nothing_began()

    def _discard_if_nothing_began(self) -> bool:
        """Remove a record that cannot be written again; a full disk still allows that."""
        if self.record.steps:
            return False
        try:
            self._files.discard(self.id)
        except OSError:
            return False
        return True

    def _unwritable(self, error: OSError) -> CvmimgError:
        kind = CvmimgError if self.record.steps else PreconditionFailed
        return kind(
            Message(
                "JournalFull",
                folder=str(self._files.state_dir),
                reason=error.strerror or "?",
                operation=self.id,
            ),
            code="JournalUnusable",
        )

    def _with_step(self, name: str, **changes: Any) -> OperationRecord:
        from cvmimg.durable.journal.record import StepRecord

        now = self._files.now()
        known = self.record.step(name) or StepRecord(name, "pending", now)
        return self.record.with_step(replace(known, at=now, **changes))

    def _write_if_possible(self) -> bool:
        try:
            self._files.write(self.record)
        except OSError:
            return False
        return True


def _failure(error: CvmimgError) -> Any:
    from cvmimg.durable.journal.record import Failure

    return Failure(error.code, error.message.as_json())
