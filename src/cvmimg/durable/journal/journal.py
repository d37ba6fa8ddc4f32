"""The journal: one file for each operation, written before and after each of its steps.

``open/`` holds the operations that are not finished, ``done/`` the others, ``locks/`` a lock for
each operation and each instance in use. A file that cannot be read is reported and passed over.
"""

from __future__ import annotations

import json
import math
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cvmimg.clock import Clock
from cvmimg.durable.journal.damaged import damaged
from cvmimg.durable.journal.files import JournalFiles
from cvmimg.durable.journal.folders import DONE, FILE_NAME, OPEN
from cvmimg.durable.journal.log import OperationLog
from cvmimg.durable.locks import instance_lock
from cvmimg.errors import CvmimgError, NotFound, PreconditionFailed
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.durable.journal.record import OperationRecord

_LARGEST_FILE = 8 * 1024 * 1024
_DEEPEST = 50
"""How deep a record may be nested: one that is read must be possible to write again."""


@dataclass(frozen=True)
class UnreadableFile:
    """A file in the journal's folder that is not a readable record."""

    path: Path
    error: CvmimgError


@dataclass(frozen=True)
class Scan:
    """The records of the journal, oldest first, and the files that could not be read."""

    records: tuple[OperationRecord, ...]
    unreadable: tuple[UnreadableFile, ...]


class Journal(JournalFiles):
    """The operations of one user on one machine.

    Attributes:
        used: the ids of the operations that were started or continued through this object.
    """

    def __init__(self, state_dir: Path, clock: Clock) -> None:
        super().__init__(state_dir, clock)
        self.used: list[str] = []

    @contextmanager
    def claim(
        self, cloud: str, instance_ids: Iterable[str], operation_id: str = ""
    ) -> Iterator[Claim]:
        """Keep every other operation off these instances while the context lasts.

        Args:
            cloud: the name of the cloud that they are in.
            instance_ids: which; may be empty.
            operation_id: the id of the operation that may begin; a new one by default.

        Raises:
            PreconditionFailed: another operation uses one of them or is not finished, or the
                journal cannot be written.
        """
        wanted = tuple(dict.fromkeys(instance_ids))
        self._make_folders()
        with ExitStack() as held:
            for instance_id in sorted(wanted):
                self._lock_instance(cloud, instance_id, held)
            scan = self.scan_unfinished()
            for record in scan.records:
                for instance_id in set(record.instance_ids) & set(wanted):
                    if record.origin.cloud == cloud:
                        raise PreconditionFailed(
                            Message(
                                "OperationUnfinished",
                                instance=instance_id,
                                operation=record.id,
                                kind=record.kind,
                            )
                        )
            yield Claim(self, held, wanted, scan.unreadable, operation_id or self.new_id())

    @contextmanager
    def take_up(self, operation_id: str) -> Iterator[OperationLog]:
        """Continue an unfinished operation, with its locks.

        Raises:
            NotFound: no unfinished operation has this id.
            PreconditionFailed: another process works on it, or it cannot be read.
        """
        self._require_unfinished(operation_id)
        self._make_folders()
        with ExitStack() as held:
            if not self.acquire(operation_id, held):
                raise PreconditionFailed(Message("OperationBusy", operation=operation_id))
            # The other process may have finished it between the first look and the lock.
            self._require_unfinished(operation_id)
            record = self.read(operation_id)
            for instance_id in sorted(record.instance_ids):
                self._lock_instance(record.origin.cloud, instance_id, held)
            self.used.append(record.id)
            yield OperationLog(self, record)

    def read(self, operation_id: str) -> OperationRecord:
        """Return the record of an operation, finished or not.

        Raises:
            NotFound: there is none.
            PreconditionFailed: its file is damaged, or of a newer version.
        """
        path = self.path_of(operation_id)
        if path is None:
            raise NotFound(Message("OperationNotFound", operation=operation_id))
        return read_record(path)

    def scan_unfinished(self) -> Scan:
        """Read the operations that are not finished."""
        done = self._folder / DONE
        return _scan(path for path in self._files(OPEN) if not os.path.lexists(done / path.name))

    def scan(self) -> Scan:
        """Read all operations."""
        # ``done`` wins: a kill between the two writes of ``write`` leaves both.
        newest = {path.name: path for part in (OPEN, DONE) for path in self._files(part)}
        return _scan(newest.values())

    def is_running(self, operation_id: str) -> bool:
        """Return whether a process works on the operation."""
        return self._locks.is_held(operation_id)

    def is_open(self, operation_id: str) -> bool:
        """Return whether an operation is in the journal and not finished; reads no file."""
        name = f"{operation_id}.json"
        finished = os.path.lexists(self._folder / DONE / name)
        return os.path.lexists(self._folder / OPEN / name) and not finished

    def forget(self, operation_id: str) -> None:
        """Remove an operation from the journal, whatever its state; the cloud is not asked.

        Raises:
            NotFound: there is none.
            PreconditionFailed: another process works on it.
        """
        if self.path_of(operation_id) is None:
            raise NotFound(Message("OperationNotFound", operation=operation_id))
        self._make_folders()
        with ExitStack() as held:
            if not self.acquire(operation_id, held):
                raise PreconditionFailed(Message("OperationBusy", operation=operation_id))
            with _journal_errors(self._folder):
                self.discard(operation_id)

    def new_id(self) -> str:
        """Return an id that no other operation has."""
        while True:
            new = f"op-{self.now():%Y%m%d}-{secrets.token_hex(3)}"
            if self.path_of(new) is None:
                return new

    def acquire(self, name: str, held: ExitStack) -> bool:
        """Hold a lock until ``held`` is closed; return whether it was free.

        Raises:
            PreconditionFailed: the journal cannot be written.
        """
        with _journal_errors(self._folder):
            return self._locks.acquire(name, held)

    def _files(self, part: str) -> list[Path]:
        try:
            entries = list((self._folder / part).iterdir())
        except OSError:
            return []
        visible = (path for path in entries if not path.name.startswith("."))
        return sorted(path for path in visible if path.name.endswith(".json"))

    def _require_unfinished(self, operation_id: str) -> None:
        if not FILE_NAME.fullmatch(f"{operation_id}.json") or not self.is_open(operation_id):
            raise NotFound(Message("NoUnfinishedOperation", operation=operation_id))

    def _make_folders(self) -> None:
        with _journal_errors(self._folder):
            for part in (OPEN, DONE, "locks"):
                (self._folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)

    def _lock_instance(self, cloud: str, instance_id: str, held: ExitStack) -> None:
        if not self.acquire(instance_lock(cloud, instance_id), held):
            raise self._in_use(cloud, instance_id)

    def _in_use(self, cloud: str, instance_id: str) -> PreconditionFailed:
        for record in self.scan_unfinished().records:
            if instance_id in record.instance_ids and record.origin.cloud == cloud:
                return PreconditionFailed(
                    Message(
                        "InstanceInUse",
                        instance=instance_id,
                        operation=record.id,
                        kind=record.kind,
                    ),
                    code="InstanceBusy",
                )
        return PreconditionFailed(Message("InstanceBusy", instance=instance_id))


@dataclass(frozen=True)
class Claim:
    """Instances that no other operation may touch; what an operation begins from.

    Attributes:
        instance_ids: these instances.
        unreadable: files of the journal that were passed over.
        operation_id: the id of the operation that may begin.
    """

    _journal: Journal
    _held: ExitStack
    instance_ids: tuple[str, ...]
    unreadable: tuple[UnreadableFile, ...]
    operation_id: str

    def begin(self, record: OperationRecord) -> OperationLog:
        """Write an operation's first record. Nothing may be changed before this.

        Raises:
            PreconditionFailed: the journal cannot be written, or another process has started an
                operation of the same id.
        """
        is_free = self._journal.acquire(record.id, self._held)
        if not is_free or self._journal.path_of(record.id) is not None:
            raise PreconditionFailed(Message("OperationBusy", operation=record.id))
        path = self._journal.file_of(record)
        with _journal_errors(path):
            self._journal.write(record)
        self._journal.used.append(record.id)
        return OperationLog(self._journal, record)


def read_record(path: Path) -> OperationRecord:
    """Read the file of an operation, in this or an earlier format.

    Raises:
        PreconditionFailed: it cannot be read, is damaged, or is of a newer version.
    """
    from cvmimg.durable.journal.migrate import migrate
    from cvmimg.durable.journal.record import VERSION, OperationRecord

    with _journal_errors(path):
        data = _read_regular_file(path)
    try:
        fields = json.loads(data, parse_constant=_finite, parse_float=_finite)
        _require_shallow(fields, _DEEPEST)
        version = fields["version"]
        if type(version) is not int:
            raise damaged(path)
        if version > VERSION:
            raise PreconditionFailed(
                Message("JournalTooNew", path=str(path), version=version, known=VERSION),
                code="JournalUnusable",
            )
        record = OperationRecord.from_json(migrate(fields))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(path) from error
    if path.name != f"{record.id}.json":
        raise damaged(path)
    return record


def _read_regular_file(path: Path) -> bytes:
    # O_NONBLOCK: opening a FIFO must not wait for a writer.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise damaged(path)
        with open(handle, "rb", closefd=False) as file:
            return file.read(_LARGEST_FILE)
    finally:
        os.close(handle)


def _require_shallow(value: Any, levels: int) -> None:
    if levels == 0:
        raise ValueError("nested too deeply")
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            _require_shallow(inner, levels - 1)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def _scan(paths: Iterable[Path]) -> Scan:
    records, unreadable = [], []
    for path in paths:
        try:
            records.append(read_record(path))
        except CvmimgError as error:
            # A file that is gone was closed or forgotten by another process meanwhile.
            if os.path.lexists(path):
                unreadable.append(UnreadableFile(path, error))
    return Scan(tuple(sorted(records, key=lambda record: record.created)), tuple(unreadable))


@contextmanager
def _journal_errors(path: Path) -> Iterator[None]:
    """Turn trouble with the disk into an error."""
    try:
        yield
    except OSError as error:
        raise PreconditionFailed(
            Message(
                "JournalUnusable", path=str(error.filename or path), reason=error.strerror or "?"
            )
        ) from error
