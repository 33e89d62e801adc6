"""The journal of a job: what was sent, and what became of it.

A SQLite file in the state folder, changed by one program at a time: a batch is in it as soon
as its response is known, together with the records that were rejected. A killed job goes on
behind that; what it sent without writing it down is sent again, which changes nothing: an event
with the same ``$insert_id`` is stored once. A batch that must not be sent twice is written down
before it is sent, as one of which nothing is known.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from mixtui.jobs.model import (
    Account,
    BatchResult,
    JobError,
    JobProgress,
    RejectedBy,
    RejectedRecord,
    SourceRange,
)
from mixtui.model.errors import StorageError
from mixtui.storage.files import FileIdentity
from mixtui.storage.paths import private_folder, slug
from mixtui.system import Lock, try_lock

_S = TypeVar("_S", bound=Struct)

FOLDER = "jobs"
"""In the state folder."""
SUFFIX = ".db"
"""Of a journal."""
_SCHEMA = """
CREATE TABLE job (
    description TEXT NOT NULL,
    state TEXT NOT NULL,
    changed REAL NOT NULL,
    command TEXT NOT NULL,          -- JSON: see JobStart
    progress TEXT NOT NULL,         -- JSON; empty = not started
    problem TEXT NOT NULL           -- why it stopped; empty = nothing went wrong
);
CREATE TABLE source (id INTEGER PRIMARY KEY, description TEXT NOT NULL);
CREATE TABLE batch (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    end_line INTEGER NOT NULL,
    records INTEGER NOT NULL,       -- read, invalid ones included
    stored INTEGER NOT NULL,
    rejected INTEGER NOT NULL       -- by the check and by the server; the rest is unknown
);
CREATE TABLE rejected (
    batch INTEGER NOT NULL,
    source INTEGER NOT NULL,
    line INTEGER NOT NULL,
    rejected_by TEXT NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    record BLOB NOT NULL
);
CREATE INDEX rejected_batch ON rejected (batch);
CREATE TABLE output (path TEXT PRIMARY KEY, identity TEXT NOT NULL);
PRAGMA user_version = 1;
"""


ACCOUNT_QUERY = (
    "SELECT coalesce(sum(records), 0), coalesce(sum(stored), 0), "
    "coalesce(sum(rejected), 0), coalesce(sum(end - start), 0), "
    "coalesce(sum(records - stored - rejected), 0) FROM batch"
)
"""Selects the fields of an `Account`."""


class JobState(StrEnum):
    """Whether a job goes on."""

    RUNNING = "running"
    """Or killed: then nobody holds its lock."""
    STOPPED = "stopped"
    """By a person or an error; it can be resumed."""
    FINISHED = "finished"


class JobDescription(Struct, frozen=True):
    """What a job does. One that is resumed must do the same."""

    kind: str
    """Such as "events import"."""
    environment: str
    project: str
    region: str
    target: str
    """The URL that it sends to."""
    options: str
    """JSON: what changes which records are sent, or how."""


class JobStart(Struct, frozen=True):
    """How a job was started, so that it can be started again."""

    arguments: tuple[str, ...]
    """Of the command line, without the program's name."""
    folder: str
    """What relative paths in it are relative to."""
    total: int = 0
    """What `JobProgress.done` ends with; 0 = unknown."""
    unit: str = "bytes"
    """Of that."""
    outputs: tuple[str, ...] = ()
    """The files that it writes, absolute."""

    @property
    def resuming(self) -> tuple[str, ...]:
        """The arguments that continue it; it was confirmed once."""
        kept = [
            a for a in self.arguments if a not in ("--restart", "--resume", "--yes")
        ]
        return (*kept, "--resume", "--yes")


UNKNOWN_START = JobStart((), "")
"""Of a job that no command line started."""


class Journal:
    """One journal, open and locked. Blocks: call it off the event loop."""

    def __init__(self, path: Path, lock: int, connection: sqlite3.Connection) -> None:
        """Use `create_journal` or `resume_journal`."""
        self.path = path
        self._lock = lock
        self._connection = connection
        self._threads = threading.Lock()

    @property
    def name(self) -> str:
        """The name of the job."""
        return self.path.name.removesuffix(SUFFIX)

    def description(self) -> JobDescription:
        """Return what the job does.

        Raises:
            StorageError: The database failed.
        """
        with self._work() as connection:
            ((text,),) = connection.execute("SELECT description FROM job").fetchall()
            return msgspec.json.decode(text, type=JobDescription)

    def sources(self, kind: type[_S]) -> tuple[_S, ...]:
        """Return what the job reads, as it was when the job began.

        Args:
            kind: What the job was created with.

        Raises:
            StorageError: The database failed.
        """
        with self._work() as connection:
            rows = connection.execute("SELECT description FROM source ORDER BY id")
            return tuple(msgspec.json.decode(text, type=kind) for (text,) in rows)

    def replace_source(self, source: int, parts: Sequence[Struct]) -> None:
        """Replace a source by its parts: the first takes its place, the others come last.

        Raises:
            StorageError: The database failed; nothing was written.
        """
        first, *others = map(_text, parts)
        with self._work() as connection:
            connection.execute(
                "UPDATE source SET description = ? WHERE id = ?", (first, source)
            )
            connection.executemany(
                "INSERT INTO source (description) VALUES (?)", ((o,) for o in others)
            )

    def forget(self, source: int) -> None:
        """Forget what was written down of a source: it is read again.

        Raises:
            StorageError: The database failed; nothing was forgotten.
        """
        with self._work() as connection:
            connection.execute("DELETE FROM batch WHERE source = ?", (source,))

    def add_output(self, path: Path, identity: FileIdentity) -> None:
        """Write down that a file is complete, before it gets its name.

        Raises:
            StorageError: The database failed.
        """
        with self._work() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO output VALUES (?, ?)",
                (str(path), _text(identity)),
            )

    def has_written(self, path: Path) -> bool:
        """Return whether a file that is there is an output of the job, complete.

        Raises:
            StorageError: The database failed.
        """
        try:
            found = FileIdentity.of(path.stat())
        except OSError:
            return False
        with self._work() as connection:
            rows = connection.execute(
                "SELECT identity FROM output WHERE path = ?", (str(path),)
            ).fetchall()
        return rows == [(_text(found),)]

    def done(self, source: int) -> list[SourceRange]:
        """Return the ranges of a source that need not be read again, joined, in order.

        Raises:
            StorageError: The database failed.
        """
        with self._work() as connection:
            rows = connection.execute(
                "SELECT start, end, end_line FROM batch WHERE source = ? ORDER BY start",
                (source,),
            )
            joined: list[SourceRange] = []
            for row in rows:
                each = SourceRange(*row)
                if joined and joined[-1].end == each.start:
                    each = SourceRange(joined[-1].start, each.end, each.end_line)
                    joined.pop()
                joined.append(each)
            return joined

    def account(self) -> Account:
        """Return what became of the records so far.

        Raises:
            StorageError: The database failed.
        """
        with self._work() as connection:
            (row,) = connection.execute(ACCOUNT_QUERY).fetchall()
            return Account(*row)

    def add(
        self,
        source: int,
        part: SourceRange,
        records: int,
        result: BatchResult,
        *,
        replaces: int | None = None,
    ) -> int:
        """Write down what became of a part of a source; return the number of the entry.

        Args:
            source: Index of the source.
            part: What need not be read again.
            records: How many were read in it.
            result: What became of them.
            replaces: The entry that said less.

        Raises:
            StorageError: The database failed; nothing was written.
        """
        with self._work() as connection:
            if result.unknown and replaces is None:
                # It must be on the disk before the batch is sent.
                connection.execute("PRAGMA synchronous = FULL")
            if replaces is not None:
                _remove(connection, replaces)
            cursor = connection.execute(
                "INSERT INTO batch (source, start, end, end_line, records, stored, "
                "rejected) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    source,
                    part.start,
                    part.end,
                    part.end_line,
                    records,
                    result.stored,
                    len(result.rejected),
                ),
            )
            connection.executemany(
                "INSERT INTO rejected VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        cursor.lastrowid,
                        source,
                        each.line,
                        each.by,
                        each.field,
                        each.reason,
                        each.record,
                    )
                    for each in (*result.rejected, *result.unknown)
                ),
            )
            assert cursor.lastrowid is not None  # Of an INSERT.
            return cursor.lastrowid

    def remove(self, entry: int) -> None:
        """Forget what was written down of a part of a source.

        Raises:
            StorageError: The database failed; it is still there.
        """
        with self._work() as connection:
            _remove(connection, entry)

    def clear(self) -> None:
        """Forget what was written down of all parts: the job starts over.

        Raises:
            StorageError: The database failed; everything is still there.
        """
        with self._work() as connection:
            connection.execute("DELETE FROM batch")
            connection.execute("DELETE FROM rejected")

    def rejected(self) -> Iterator[tuple[int, RejectedRecord]]:
        """Yield the rejected records with the index of their source, in its order.

        Raises:
            StorageError: The database failed.
        """
        return self._records("rejected_by != ?")

    def unknown(self) -> Iterator[tuple[int, RejectedRecord]]:
        """Yield the records that may be stored, as `rejected`.

        Raises:
            StorageError: The database failed.
        """
        return self._records("rejected_by = ?")

    def _records(self, condition: str) -> Iterator[tuple[int, RejectedRecord]]:
        """Yield rejected records.

        Args:
            condition: In SQL, with a mark for `RejectedBy.NOBODY`.
        """
        with self._work() as connection:
            rows = connection.execute(
                "SELECT source, rejected_by, line, record, reason, field FROM rejected "
                f"WHERE {condition} ORDER BY source, line",
                (RejectedBy.NOBODY,),
            )
            for source, by, line, record, reason, field in rows:
                yield (
                    source,
                    RejectedRecord(RejectedBy(by), line, record, reason, field),
                )

    def set_start(self, start: JobStart) -> None:
        """Write down how the job was started last.

        Raises:
            StorageError: The database failed.
        """
        with self._work() as connection:
            connection.execute("UPDATE job SET command = ?", (_text(start),))

    def set_state(self, state: JobState, problem: str = "") -> None:
        """Write down whether the job goes on, and why not.

        Raises:
            StorageError: The database failed.
        """
        with self._work() as connection:
            connection.execute(
                "UPDATE job SET state = ?, problem = ?, changed = ?",
                (state, problem, time.time()),
            )

    def set_progress(self, progress: JobProgress) -> None:
        """Write down how far the job is, for whoever watches it.

        Raises:
            StorageError: The database failed.
        """
        with self._work() as connection:
            connection.execute(
                "UPDATE job SET progress = ?, changed = ?",
                (_text(progress), time.time()),
            )

    def close(self) -> None:
        """Close and unlock it."""
        self._connection.close()
        os.close(self._lock)

    @contextlib.contextmanager
    def _work(self) -> Iterator[sqlite3.Connection]:
        """Hold the database, in a transaction."""
        try:
            with self._threads, self._connection:
                yield self._connection
        except sqlite3.Error as error:
            raise _failure(self.path, error) from None


def _remove(connection: sqlite3.Connection, entry: int) -> None:
    connection.execute("DELETE FROM batch WHERE id = ?", (entry,))
    connection.execute("DELETE FROM rejected WHERE batch = ?", (entry,))


def job_name(title: str, *what: object) -> str:
    """Return the name of a job: readable, and another for anything else that it does.

    Args:
        title: What people call what it reads.
        what: JSON values that tell it from other jobs.
    """
    digest = hashlib.blake2b(msgspec.json.encode(what), digest_size=4).hexdigest()
    return f"{slug(title)}-{digest}"


def journal_path(state: Path, name: str) -> Path:
    """Return the path of the journal of a name."""
    return state / FOLDER / f"{name}{SUFFIX}"


def received_folder(journal: Path) -> Path:
    """Return the private folder of what an export has received."""
    return journal.with_suffix(".parts")


def remove_received(journal: Path) -> None:
    """Remove what an export has received: it is finished, or starts over."""
    shutil.rmtree(received_folder(journal), ignore_errors=True)


def create_journal(
    path: Path,
    description: JobDescription,
    sources: Sequence[Struct],
    start: JobStart = UNKNOWN_START,
) -> Journal:
    """Create and lock a journal; replace that of an earlier job.

    Args:
        path: As of `journal_path`.
        description: What the job does.
        sources: What it reads.
        start: How it was started.

    Raises:
        JobError: A program is running the job.
        StorageError: It cannot be written.
    """
    lock = lock_journal(path)
    new = path.with_name(f"{path.name}.new")
    _remove_files(new)
    try:
        connection = _connect(new)
        with connection:
            connection.executescript(_SCHEMA)
            connection.execute(
                "INSERT INTO job VALUES (?, ?, ?, ?, '', '')",
                (
                    _text(description),
                    JobState.RUNNING,
                    time.time(),
                    _text(start),
                ),
            )
            connection.executemany(
                "INSERT INTO source (id, description) VALUES (?, ?)",
                ((number, _text(each)) for number, each in enumerate(sources)),
            )
        connection.close()
        # A journal that is there is whole, whenever the program is killed; the earlier
        # one stays until there is room for another.
        _finish_log(path)
        os.replace(new, path)
        connection = _connect(path)
    except (sqlite3.Error, OSError) as error:
        os.close(lock)
        raise _failure(path, error) from None
    return Journal(path, lock, connection)


def _remove_files(path: Path, *suffixes: str) -> None:
    """Remove a database, or files of it."""
    for suffix in suffixes or ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{path}{suffix}")


def _finish_log(path: Path) -> None:
    """Write the log of a database into it, so that no other database gets that log."""
    if path.exists():
        with contextlib.suppress(sqlite3.Error):
            _connect(path).close()
    _remove_files(path, "-wal", "-shm")


def resume_journal(path: Path) -> Journal:
    """Open and lock the journal of a job that is not finished.

    Raises:
        JobError: There is none, or a program is running the job.
        StorageError: It cannot be read.
    """
    if not path.exists():
        raise JobError("There is nothing to resume: start the job without --resume.")
    lock = lock_journal(path)
    try:
        return Journal(path, lock, _connect(path))
    except sqlite3.Error as error:
        os.close(lock)
        raise _failure(path, error) from None


def job_state(path: Path) -> JobState | None:
    """Return the state of a job; None = there is no journal.

    Raises:
        StorageError: The journal cannot be read.
    """
    if not path.exists():
        return None
    try:
        with contextlib.closing(
            sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        ) as it:
            ((state,),) = it.execute("SELECT state FROM job").fetchall()
            return JobState(state)
    except (sqlite3.Error, ValueError) as error:
        raise _failure(path, error) from None


def lock_path(path: Path) -> Path:
    """Return the file that is locked while a program runs the job of a journal."""
    return path.with_name(f"{path.name}.lock")


def lock_journal(path: Path) -> int:
    """Lock the journal until the result is closed.

    A file of its own: to close another descriptor of the database would end SQLite's locks.

    Raises:
        JobError: A program is running the job.
        StorageError: The folder cannot be written.
    """
    private_folder(path.parent)
    try:
        lock = os.open(lock_path(path), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StorageError(
            path, f"The journal {path} cannot be written: {error.strerror}."
        ) from None
    if try_lock(lock) is Lock.TAKEN:
        os.close(lock)
        name = path.name.removesuffix(SUFFIX)
        raise JobError(f"The job {name} is running in another program.")
    return lock


def _connect(path: Path) -> sqlite3.Connection:
    # The lock says that nobody else writes; the threads of one job take turns.
    connection = sqlite3.connect(path, check_same_thread=False, timeout=10.0)
    try:
        os.chmod(path, 0o600)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except BaseException:
        connection.close()
        raise
    return connection


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _failure(path: Path, error: Exception) -> StorageError:
    return StorageError(path, f"The journal {path} failed: {error}.")
