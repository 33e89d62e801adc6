"""What a job reads, sends and accounts for."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from mixtui.model.errors import MixtuiError
from mixtui.text import pluralise


class JobError(MixtuiError):
    """A job cannot start, or stopped; the text says how to go on."""

    def __init__(self, message: str, exit_status: int | None = None) -> None:
        super().__init__(message)
        if exit_status is not None:
            self.exit_status = exit_status


class InvalidRecord(Exception):
    """A record that must not be sent; the text says why, as a clause."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
        """Such as ``properties.time``; empty = the record."""


class RejectedBy(StrEnum):
    """Who found that a record cannot be stored."""

    CHECK = "check"
    """mixtui, before anything was sent."""
    SERVER = "server"
    NOBODY = "nobody"
    """It was sent, and may be stored: the response did not come, or was unclear."""


class RejectedRecord(Struct, frozen=True):
    """A record that is not known to be stored, where it is from, and why."""

    by: RejectedBy
    line: int
    """In its source, from 1."""
    record: bytes
    """As it was sent or, if it could not be made into one, as it was read."""
    reason: str
    field: str = ""

    @property
    def label(self) -> str:
        """Field and reason."""
        return f"{self.field}: {self.reason}" if self.field else self.reason


class SourceRange(Struct, frozen=True, order=True):
    """A part of a source that begins and ends between records."""

    start: int
    """Bytes from the start of its decompressed text."""
    end: int
    end_line: int
    """The line that begins at `end`, from 1."""


class Batch(Struct, frozen=True):
    """Consecutive records of one source, as they are sent."""

    source: int
    """Index of the source."""
    range: SourceRange
    records: tuple[bytes, ...]
    """JSON, complete."""
    lines: tuple[int, ...]
    """Of each record."""
    size: int
    """Bytes of its body, uncompressed."""
    invalid: tuple[RejectedRecord, ...] = ()
    """Those in the range that are not sent."""

    @property
    def count(self) -> int:
        """How many records were read for it, invalid ones included."""
        return len(self.records) + len(self.invalid)


class BatchResult(Struct, frozen=True):
    """What became of the records of a batch."""

    stored: int
    rejected: tuple[RejectedRecord, ...] = ()
    """By the server, and by the check."""
    unknown: tuple[RejectedRecord, ...] = ()
    """By nobody: they may be stored, and must not be sent again unseen."""


class Account(Struct, frozen=True):
    """What became of the records that a job has read.

    ``read == stored + rejected + unknown + not_sent``
    """

    read: int = 0
    stored: int = 0
    rejected: int = 0
    bytes: int = 0
    """Of the decompressed sources."""
    unknown: int = 0
    """Those that may be stored; only of records that must not be sent twice."""

    @property
    def not_sent(self) -> int:
        """Those that were read and not sent, or will be sent again."""
        return self.read - self.stored - self.rejected - self.unknown

    def with_result(self, result: BatchResult) -> Account:
        """Return the account after a batch whose records were counted as read."""
        return Account(
            self.read,
            self.stored + result.stored,
            self.rejected + len(result.rejected),
            self.bytes,
            self.unknown + len(result.unknown),
        )

    @property
    def summary(self) -> str:
        """One line: ``1,000 records read = 990 stored + 10 rejected + 0 not sent``."""
        unknown = f"{self.unknown:,} unknown + " if self.unknown else ""
        return (
            f"{pluralise(self.read, 'record')} read = {self.stored:,} stored + "
            f"{self.rejected:,} rejected + {unknown}{self.not_sent:,} not sent"
        )


class Limit(StrEnum):
    """What a job waits for at the moment."""

    READING = "reading"
    """The disk, or the processor, which checks."""
    SERVER = "server"
    PACE = "pace"
    RETRY = "retry"
    QUOTA = "quota"
    WRITING = "writing"
    """The output."""


class JobProgress(Struct, frozen=True):
    """How far a job is."""

    account: Account
    done: int
    """In the unit that the job measures itself in: bytes of files, days, pages."""
    retries: int
    limit: Limit
    problem: str = ""
    """Why something is sent again, in a sentence."""
    total: int = 0
    """What `done` ends with, if that was unknown when the job began; 0 = it still is."""


class Job(Protocol):
    """Something that moves many records, under way."""

    @property
    def progress(self) -> JobProgress:
        """How far it is."""
        ...

    @property
    def was_stopped(self) -> bool:
        """Whether `stop` was called."""
        ...

    def stop(self) -> None:
        """Finish what was sent, and end. Any thread may say so."""
        ...

    async def run(self) -> Account:
        """Do everything that the journal does not have; return the account.

        Raises:
            JobError: It stopped; what was done is in the journal.
            MixtuiError: As `dispatch`.
        """
        ...


class RecordChecker(Protocol):
    """Knows what may be sent."""

    def accepts(self, records: Sequence[bytes]) -> bool:
        """Return whether `complete` certainly returns each of many records as it is.

        That is quicker than to ask of each. False = some may be invalid, or incomplete.

        Args:
            records: Texts in UTF-8.
        """
        ...

    def complete(self, text: bytes) -> bytes:
        """Return a record as it is sent.

        Raises:
            InvalidRecord: It must not be sent.
        """
        ...
