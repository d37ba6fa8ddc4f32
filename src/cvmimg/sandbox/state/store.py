"""The simulated cloud's state: documents in SQLite, safe for threads and processes.

A document is a mapping that is never changed in place: ``view.put({**document, "Name": "new"})``
writes a new version. These members are the columns by which documents are found:

=========  ====================================================================================
Kind       "instance", "image", "disk", "snapshot", …
Id         unique within its kind
Account    UIN of its owner
Region     its region
Name       optional
Parent     optional: id of the parent document (a disk's instance, a snapshot's disk)
Created    seconds since the epoch, in the sandbox's time
Listed     optional: time from which it is listed; immediately, if absent
Gone       optional: time from which it no longer exists
Due        optional: time at which it acts by itself; see ``services.agenda``
=========  ====================================================================================
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cvmimg.file_lock import file_lock
from cvmimg.sandbox.state.kinds import D, Document, Kind, base

_BUSY_SECONDS = 30
_CACHE_SIZE = 50_000

_SCHEMA = """
CREATE TABLE documents (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    parent TEXT NOT NULL,
    created REAL NOT NULL,
    listed REAL NOT NULL,
    gone REAL NOT NULL,
    due REAL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX listing ON documents (kind, account, region, created DESC, id, listed, gone);
CREATE INDEX naming ON documents (kind, account, region, name);
CREATE INDEX family ON documents (kind, parent);
CREATE INDEX agenda ON documents (due) WHERE due IS NOT NULL;
CREATE TABLE changes (number INTEGER NOT NULL);
INSERT INTO changes VALUES (0);
PRAGMA user_version = 3;
"""
VERSION = 3
"""Of what the documents hold: one of an older version lacks what is read from it now."""

FOREVER = 1e18
PERMANENT_KINDS = ("clock", "faults")
"""Documents that belong to the sandbox, not to its world."""
_NOT_PERMANENT = f"kind NOT IN {PERMANENT_KINDS}"
_COUNT = """
SELECT SUM(listed <= :now AND gone > :now),
    MIN(CASE WHEN listed > :now THEN listed ELSE :forever END),
    MIN(CASE WHEN gone > :now THEN gone ELSE :forever END)
FROM documents WHERE kind = :kind AND account = :account AND region = :region
"""


@dataclass(frozen=True)
class _Count:
    """A number of listed documents, and the change and period that it is valid for."""

    number: int
    change: int
    since: float
    until: float


@dataclass
class _Cache:
    """Cache: documents by version, and counts by kind, account and region."""

    documents: dict[int, Document] = field(default_factory=dict)
    counts: dict[tuple[str, str, str], _Count] = field(default_factory=dict)

    def keep(self, version: int, body: str) -> Any:
        """Decode a committed document, and keep it."""
        if len(self.documents) >= _CACHE_SIZE:
            self.documents.clear()
        document = self.documents[version] = json.loads(body)
        return document


class StoreError(OSError):
    """The database cannot be read or written."""


class Store:
    """The database; open it with ``Store.open`` and close it after use."""

    def __init__(self, path: Path, temporary: tempfile.TemporaryDirectory[str] | None) -> None:
        self._path = path
        self._temporary = temporary
        self._idle: list[sqlite3.Connection] = []
        self._cache = _Cache()
        # SQLite does not wait for another process that switches the same file to WAL mode.
        with file_lock(path.with_name(f"{path.name}.lock")):
            connection = self._connect()
            self._idle.append(connection)
            try:
                _make_tables(connection)
            except sqlite3.Error:
                connection.close()  # releases its lock
                raise

    @classmethod
    def open(cls, path: Path | None) -> Store:
        """Open the store in the file ``path``, created if necessary; a temporary one for None.

        Raises:
            OSError: the folder cannot be created.
            sqlite3.Error: the file cannot be used.
        """
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls(path, None)
        temporary = tempfile.TemporaryDirectory(prefix="cvmimg-store-")
        return cls(Path(temporary.name) / "state.sqlite", temporary)

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[View]:
        """Begin a transaction; the view is consistent until the context ends.

        Args:
            write: hold the write lock from the start; changes are committed if the context ends
                without an exception.

        Raises:
            OSError: the file cannot be read or written, for example because the disk is full.
        """
        with self._borrowed() as connection:
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield View(connection, self._cache, committed=not write)
                if write:
                    connection.execute("UPDATE changes SET number = number + 1")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # some failures have ended it already
                    connection.execute("ROLLBACK")
                raise

    def permanent(self, kind: Kind[D]) -> D | None:
        """Return the document of a permanent kind, or None."""
        row = self._one("SELECT version, body FROM documents WHERE kind = ? AND id = ?", kind, kind)
        if row is None:
            return None
        version, body = row
        known: Any = self._cache.documents.get(version)
        found: D = known or self._cache.keep(version, body)
        return found

    def next_due(self) -> float | None:
        """Return when a document acts by itself next, or None."""
        row = self._one("SELECT MIN(due) FROM documents WHERE due IS NOT NULL")
        return row[0] if row else None

    def close(self) -> None:
        """Close all connections."""
        while self._idle:
            self._idle.pop().close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _one(self, statement: str, *values: str) -> Any:
        """Return the row that one statement finds: it is a transaction by itself, and fast."""
        with self._borrowed() as connection:
            return connection.execute(statement, values).fetchone()

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        except sqlite3.OperationalError as error:
            raise StoreError(f"{self._path}: {error}") from error
        finally:
            self._idle.append(connection)

    def _connect(self) -> sqlite3.Connection:
        # Create the file for its owner only; SQLite gives its other files the same mode. If it
        # exists it is not opened: closing it would drop the locks of this process's connections.
        with suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            # Killed processes lose nothing; only a power cut could, which a simulation can afford.
            connection.execute(f"PRAGMA synchronous = {'OFF' if self._temporary else 'NORMAL'}")
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    """Create the tables if they do not exist; another process may be doing the same."""
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
    elif version != VERSION:
        raise sqlite3.DatabaseError(
            f"the format of the file is {version}; this version supports {VERSION}"
        )
    connection.execute("COMMIT")


class View:
    """The store inside one transaction.

    Decoded documents are cached by version. A committed version never changes, so a view that may
    write reads from the cache but adds nothing to it.
    """

    def __init__(self, connection: sqlite3.Connection, cache: _Cache, *, committed: bool) -> None:
        self._connection = connection
        self._cache = cache
        self._committed = committed

    def get(self, kind: Kind[D], identifier: str) -> D | None:
        """Return the document of that kind and id, or None."""
        return self._first("kind = ? AND id = ?", kind, identifier)

    def single(self, kind: Kind[D]) -> D | None:
        """Return the only document of a kind, whose id is its kind, or None."""
        return self.get(kind, kind)

    def page(
        self,
        kind: Kind[D],
        account: str,
        region: str,
        now: float,
        *,
        offset: int = 0,
        limit: int = -1,
    ) -> list[D]:
        """Return the documents listed ``now``, newest first.

        Args:
            kind: of the documents.
            account: UIN of their owner.
            region: their region.
            now: the sandbox's time.
            offset: how many to skip.
            limit: how many to return at most; -1 for all.
        """
        living = "kind = ? AND account = ? AND region = ? AND listed <= ? AND gone > ?"
        return self._find(
            f"{living} ORDER BY created DESC, id LIMIT ? OFFSET ?",
            kind,
            account,
            region,
            now,
            now,
            limit,
            offset,
        )

    def count(self, kind: str, account: str, region: str, now: float) -> int:
        """Return how many documents are listed ``now``."""
        place = (kind, account, region)
        (change,) = self._connection.execute("SELECT number FROM changes").fetchone()
        known = self._cache.counts.get(place)
        if (
            self._committed
            and known is not None
            and known.change == change
            and known.since <= now < known.until
        ):
            return known.number
        counted = self._count(place, now, change)
        if self._committed:
            self._cache.counts[place] = counted
        return counted.number

    def all(self, kind: Kind[D], account: str, region: str) -> list[D]:
        """Return all documents of that kind, account and region, listed or not."""
        return self._find("kind = ? AND account = ? AND region = ?", kind, account, region)

    def named(self, kind: Kind[D], account: str, region: str, name: str) -> list[D]:
        """Return the documents of exactly that name, listed or not."""
        where = "kind = ? AND account = ? AND region = ? AND name = ?"
        return self._find(where, kind, account, region, name)

    def children(self, kind: Kind[D], parent: str) -> list[D]:
        """Return the documents that belong to ``parent``, oldest first, listed or not."""
        return self._find("kind = ? AND parent = ? ORDER BY created, id", kind, parent)

    def due(self, now: float) -> Document | None:
        """Return the document that is due first, at ``now`` or before, or None."""
        return self._first("due <= ? ORDER BY due, id LIMIT 1", now)

    def put(self, document: Document) -> None:
        """Write a document; it replaces the one with the same kind and id."""
        self._connection.execute(
            "INSERT OR REPLACE INTO documents"
            " (kind, id, account, region, name, parent, created, listed, gone, due, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document["Kind"],
                document["Id"],
                document["Account"],
                document["Region"],
                document.get("Name", ""),
                document.get("Parent", ""),
                document["Created"],
                document.get("Listed", 0),
                document.get("Gone", FOREVER),
                document.get("Due"),
                json.dumps(document, separators=(",", ":")),
            ),
        )

    def put_single(self, kind: str, created: float = 0.0, **members: Any) -> None:
        """Write the only document of a kind."""
        self.put({**base(kind, kind, "", "", created), **members})

    def delete(self, kind: str, identifier: str) -> None:
        """Delete a document if it exists."""
        self._connection.execute(
            "DELETE FROM documents WHERE kind = ? AND id = ?", (kind, identifier)
        )

    def counts(self) -> dict[str, int]:
        """Return the number of documents of each kind."""
        return dict(
            self._connection.execute(
                f"SELECT kind, COUNT(*) FROM documents WHERE {_NOT_PERMANENT}"  # noqa: S608
                " AND kind != 'settings' GROUP BY kind"
            )
        )

    def every(self) -> list[Document]:
        """Return all documents except the permanent ones, in the order they were written."""
        return self._find(f"{_NOT_PERMANENT} ORDER BY version")

    def clear(self) -> None:
        """Delete everything except the permanent documents."""
        self._connection.execute(f"DELETE FROM documents WHERE {_NOT_PERMANENT}")  # noqa: S608

    def _first(self, where: str, *values: object) -> Any | None:
        return next(iter(self._find(where, *values)), None)

    def _find(self, where: str, *values: object) -> list[Any]:
        """Return the documents that a condition, which may end in an order, selects."""
        rows = self._connection.execute(
            f"SELECT version FROM documents WHERE {where}",  # noqa: S608 - constants of this module
            values,
        )
        return [self._document(version) for (version,) in rows]

    def _document(self, version: int) -> Any:
        known = self._cache.documents.get(version)
        if known is not None:
            return known
        (body,) = self._connection.execute(
            "SELECT body FROM documents WHERE version = ?", (version,)
        ).fetchone()
        return self._cache.keep(version, body) if self._committed else json.loads(body)

    def _count(self, place: tuple[str, str, str], now: float, change: int) -> _Count:
        names = dict(zip(("kind", "account", "region"), place, strict=True))
        number, listing, going = self._connection.execute(
            _COUNT, {**names, "now": now, "forever": FOREVER}
        ).fetchone()
        if number is None:
            return _Count(0, change, now, FOREVER)
        return _Count(number, change, now, min(listing, going))
