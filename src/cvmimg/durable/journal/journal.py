"""The journal: one file an operation, written before and after each step.

``open/`` holds the operations that are not finished, ``done/`` the others, ``locks/`` a lock for
each operation and instance at work. Telling how many are unfinished reads one folder.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cvmimg.clock import Clock
from cvmimg.durable.journal.durable_file import remove_durably, write_durably
from cvmimg.errors import CvmimgError, NotFound, PreconditionFailed

if TYPE_CHECKING:
    from cvmimg.durable.journal.record import OperationRecord, Origin, Status, StepStatus

_OPERATION_ID = re.compile(r"op-\d{8}-[0-9a-f]{6}")
_UNUSABLE = "JournalUnusable"

Request = TypeVar("Request")


def unfinished(state_dir: Path) -> list[str]:
    """The ids of the operations that are not finished, oldest first; reads no file.

    Args:
        state_dir: the folder for what must survive.
    """
    folder = state_dir / "operations"
    try:
        names = os.listdir(folder / "open")
    except OSError:
        return []
    # An operation in both folders was finished and killed before its old file was removed.
    return sorted(
        name.removesuffix(".json")
        for name in names
        if name.endswith(".json")
        and not name.startswith(".")
        and not (folder / "done" / name).exists()
    )


class Journal:
    """The operations of one user on one machine.

    Args:
        state_dir: the folder for what must survive; made when something is written.
        clock: for the times in the records.
    """

    def __init__(self, state_dir: Path, clock: Clock) -> None:
        self.state_dir = state_dir
        self.clock = clock
        self._folder = state_dir / "operations"

    @contextmanager
    def claim(self, instance_ids: Iterable[str]) -> Iterator[Claim]:
        """Keep every other operation off these instances while the context lasts.

        Raises:
            PreconditionFailed: another operation works on one of them or is not finished, or the
                journal cannot be used.
        """
        wanted = tuple(dict.fromkeys(instance_ids))
        self._make_folders()
        with ExitStack() as locks:
            for instance_id in sorted(wanted):
                if not self._lock(instance_id, locks):
                    raise self._taken(instance_id)
            for record in self.unfinished_records():
                for instance_id in set(record.instance_ids) & set(wanted):
                    raise _unfinished_on(instance_id, record)
            yield Claim(self, wanted, locks)

    @contextmanager
    def take_up(self, operation_id: str) -> Iterator[OperationLog]:
        """Go on writing an unfinished operation, with its locks.

        Raises:
            NotFound: there is no unfinished operation of this id.
            PreconditionFailed: another process works on it, or it cannot be read.
        """
        self._require_unfinished(operation_id)
        self._make_folders()
        with ExitStack() as locks:
            if not self._lock(operation_id, locks):
                raise PreconditionFailed(
                    f"another cvmimg is working on {operation_id}",
                    code="OperationBusy",
                    hint="let it finish, or stop it first",
                )
            # The other process may have finished it between the first look and the lock.
            self._require_unfinished(operation_id)
            record = self.read(operation_id)
            for instance_id in sorted(record.instance_ids):
                if not self._lock(instance_id, locks):
                    raise self._taken(instance_id)
            yield OperationLog(self, record)

    def read(self, operation_id: str) -> OperationRecord:
        """The record of an operation, finished or not.

        Raises:
            NotFound: there is none.
            PreconditionFailed: the file is damaged, or of a newer version.
        """
        path = self.path_of(operation_id)
        if path is None:
            raise NotFound(
                f"operation {operation_id} is not in the journal",
                code="OperationNotFound",
                hint="see `cvmimg operations list`",
            )
        return _read(path)

    def unfinished_ids(self) -> list[str]:
        """The ids of the operations that are not finished, oldest first."""
        return unfinished(self.state_dir)

    def unfinished_records(self) -> list[OperationRecord]:
        """The operations that are not finished, oldest first; raises as ``read`` does."""
        return [self.read(operation_id) for operation_id in self.unfinished_ids()]

    def records(self) -> list[OperationRecord]:
        """All operations, newest first; raises as ``read`` does."""
        names = {path.stem for part in ("open", "done") for path in self._files(part)}
        return sorted(map(self.read, names), key=lambda record: record.created, reverse=True)

    def forget(self, operation_id: str) -> None:
        """Remove an operation from the journal, whatever its state; the cloud is not asked.

        Raises:
            NotFound: there is none.
            PreconditionFailed: another process works on it.
        """
        path = self.path_of(operation_id)
        if path is None:
            raise NotFound(f"operation {operation_id} is not in the journal")
        self._make_folders()
        with ExitStack() as locks:
            if not self._lock(operation_id, locks):
                raise PreconditionFailed(f"another cvmimg is working on {operation_id}")
            with _explained("cannot be written"):
                for part in ("open", "done"):
                    remove_durably(self._folder / part / f"{operation_id}.json")

    def path_of(self, operation_id: str) -> Path | None:
        """The file of an operation, or None."""
        if not _OPERATION_ID.fullmatch(operation_id):
            return None
        # ``done`` first: a kill between the two writes of ``write`` leaves both.
        paths = [self._folder / part / f"{operation_id}.json" for part in ("done", "open")]
        return next((path for path in paths if path.exists()), None)

    def write(self, record: OperationRecord) -> None:
        """Have ``record`` on the disk, in the folder that fits its status.

        Raises:
            OSError: it could not be written; the old record is whole.
        """
        write_durably(self.file_of(record), record.to_json())
        if record.status == "open":
            return
        remove_durably(self._folder / "open" / f"{record.id}.json")
        # Nobody locks a finished operation; its lock file would stay for ever.
        self._lock_file(record.id).unlink(missing_ok=True)

    def file_of(self, record: OperationRecord) -> Path:
        """The file of a record, in the folder that fits its status."""
        part = "open" if record.status == "open" else "done"
        return self._folder / part / f"{record.id}.json"

    def new_id(self) -> str:
        """An id that no other operation has."""
        today = datetime.fromtimestamp(self.clock.now(), timezone.utc)
        return f"op-{today:%Y%m%d}-{secrets.token_hex(3)}"

    def lock_operation(self, operation_id: str, locks: ExitStack) -> None:
        """Keep other processes off an operation until ``locks`` is closed."""
        self._lock(operation_id, locks)

    def _files(self, part: str) -> list[Path]:
        try:
            return [path for path in (self._folder / part).iterdir() if path.suffix == ".json"]
        except FileNotFoundError:
            return []

    def _require_unfinished(self, operation_id: str) -> None:
        if operation_id in self.unfinished_ids():
            return
        raise NotFound(
            f"there is no unfinished operation {operation_id}",
            code="OperationNotFound",
            hint="see `cvmimg operations list`",
        )

    def _make_folders(self) -> None:
        with _explained("cannot be written"):
            for part in ("open", "done", "locks"):
                (self._folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)

    def _lock(self, name: str, locks: ExitStack) -> bool:
        """Lock ``name`` until ``locks`` is closed; False if another process has it."""
        from filelock import FileLock, Timeout

        try:
            with _explained("cannot be written"):
                locks.enter_context(FileLock(self._lock_file(name), timeout=0, mode=0o600))
        except Timeout:
            return False
        return True

    def _lock_file(self, name: str) -> Path:
        return self._folder / "locks" / f"{name}.lock"

    def _taken(self, instance_id: str) -> PreconditionFailed:
        for record in self.unfinished_records():
            if instance_id in record.instance_ids:
                return PreconditionFailed(
                    f"operation {record.id} ({record.kind}) is working on {instance_id}",
                    code="InstanceBusy",
                    hint="let it finish, or stop it first",
                )
        return PreconditionFailed(
            f"another cvmimg is working on {instance_id}",
            code="InstanceBusy",
            hint="let it finish, then try again",
        )


class Claim:
    """Instances that no other operation may touch; what an operation begins from.

    Attributes:
        operation_id: the id of the operation that may begin.
    """

    def __init__(self, journal: Journal, instance_ids: tuple[str, ...], locks: ExitStack) -> None:
        self._journal = journal
        self._instance_ids = instance_ids
        self._locks = locks
        self.operation_id = journal.new_id()

    def begin(
        self, kind: str, *, region: str, origin: Origin, request: dict[str, Any]
    ) -> OperationLog:
        """Write an operation's first record. Nothing may be changed before this.

        Args:
            kind: the workflow, such as "create".
            region: where.
            origin: how the cloud was reached.
            request: all that the workflow needs to go on after a crash; JSON, no secrets.

        Raises:
            PreconditionFailed: the journal cannot be written.
        """
        from cvmimg.durable.journal.record import OperationRecord

        record = OperationRecord(
            id=self.operation_id,
            kind=kind,
            region=region,
            created=_utc(self._journal.clock),
            origin=origin,
            instance_ids=self._instance_ids,
            request=request,
        )
        self._journal.lock_operation(record.id, self._locks)
        with _explained("cannot be written"):
            self._journal.write(record)
        return OperationLog(self._journal, record)


class OperationLog:
    """The journal's page of one operation at work."""

    def __init__(self, journal: Journal, record: OperationRecord) -> None:
        self._journal = journal
        self.record = record

    @property
    def id(self) -> str:
        """The operation's id."""
        return self.record.id

    def read_request(self, read: Callable[[dict[str, Any]], Request]) -> Request:
        """What was asked for, as ``read`` reads it.

        Raises:
            PreconditionFailed: ``read`` finds a field missing, or not of its type.
        """
        try:
            return read(self.record.request)
        except ValueError as error:
            raise _damaged(self._journal.file_of(self.record)) from error

    def note_intent(self, step: str) -> None:
        """Have it on the disk that ``step`` is about to be done.

        Raises:
            CvmimgError: it could not be written, so the step must not be done.
        """
        record = self._with_step(step, "started", {})
        try:
            self._journal.write(record)
        except OSError as error:
            raise CvmimgError(
                f"the journal cannot be written ({error.strerror}), so `{step}` was not begun",
                code=_UNUSABLE,
                hint=f"make room or permit writing in {self._journal.state_dir},"
                f" then `cvmimg resume {self.id}`",
            ) from error
        self.record = record

    def note_outcome(self, step: str, status: StepStatus, outcome: dict[str, Any]) -> bool:
        """Note what came of a step; False if it could not be written.

        The intent is on the disk, so a resume would look for itself.
        """
        self.record = self._with_step(step, status, outcome)
        return self._written()

    def note_giving_up(self, error: str) -> bool:
        """Note that the operation has failed and is being put back; False if not written."""
        self.record = replace(self.record, giving_up=True, error=error)
        return self._written()

    def close(
        self, status: Status, *, result: dict[str, Any] | None = None, error: str = ""
    ) -> bool:
        """Finish the operation; False if that could not be written."""
        self.record = replace(self.record, status=status, result=result or {}, error=error)
        return self._written()

    def _with_step(self, name: str, status: StepStatus, outcome: dict[str, Any]) -> OperationRecord:
        from cvmimg.durable.journal.record import StepRecord

        at = _utc(self._journal.clock)
        return self.record.with_step(StepRecord(name=name, status=status, at=at, outcome=outcome))

    def _written(self) -> bool:
        try:
            self._journal.write(self.record)
        except OSError:
            return False
        return True


def _utc(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock.now(), timezone.utc)


def _read(path: Path) -> OperationRecord:
    from cvmimg.durable.journal.record import VERSION, OperationRecord

    with _explained("cannot be read"):
        data = path.read_bytes()
    try:
        fields = json.loads(data)
        version = fields["version"]
        if isinstance(version, int) and version > VERSION:
            raise PreconditionFailed(
                f"{path} was written by a newer cvmimg (format {version}, known is {VERSION})",
                code=_UNUSABLE,
                hint="use the newer version",
            )
        return OperationRecord.from_json(fields)
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> PreconditionFailed:
    return PreconditionFailed(
        f"{path} is damaged: what it says of an operation cannot be read",
        code=_UNUSABLE,
        hint="look into it; if nothing is left to put back, remove it with"
        f" `cvmimg operations forget {path.stem}`",
    )


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn trouble with the disk into an error before anything is changed."""
    try:
        yield
    except TimeoutError:
        raise  # filelock's own: the lock is taken
    except OSError as error:
        raise PreconditionFailed(
            f"the journal {what}: {error.strerror} ({error.filename})",
            code=_UNUSABLE,
            hint="make room, permit it, or name another folder with CVMIMG_STATE_DIR",
        ) from error


def _unfinished_on(instance_id: str, record: OperationRecord) -> PreconditionFailed:
    return PreconditionFailed(
        f"operation {record.id} ({record.kind}) on {instance_id} is not finished",
        code="OperationUnfinished",
        hint=f"finish it with `cvmimg resume {record.id}`,"
        f" or put the instance back with `cvmimg resume {record.id} --undo`",
    )
