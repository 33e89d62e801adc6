"""Which file becomes the body of a record: what came, or a copy without secrets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from mixtui.core.byte_source import ByteSource
from mixtui.core.kept_body import (
    NOT_KEPT,
    BodyRedactor,
    creates_service_account,
    redact_new_token,
)
from mixtui.core.masking import Redactor
from mixtui.core.record import HistoryRecord
from mixtui.core.words import size
from mixtui.storage.body_files import BodyFolder, chunks_of

_SMALL = 1_000_000
"""Bytes up to which the answer to a new service account is looked through."""


Body = bytes | Path | ByteSource
"""A whole body, decoded: in memory or in a file."""


@dataclass(frozen=True, slots=True)
class StoredBody:
    """A record and what is to be kept as its body."""

    record: HistoryRecord
    file: Path | None = None
    """None = nothing; the record says why, or there was no body."""
    made: bool = False
    """The file was made for this alone, and is to be removed."""

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return 0 if self.file is None else self.file.stat().st_size


def stored_body(
    record: HistoryRecord,
    body: Body | None,
    masker: Redactor,
    folder: BodyFolder,
    limit: int,
) -> StoredBody:
    """The body as it may be kept.

    Args:
        record: What it is the body of.
        body: As it came, decoded; a big one in a file.
        masker: What to hide in it.
        folder: Where copies are made.
        limit: Bytes above which none is kept.
    """
    try:
        if body is not None and not isinstance(body, bytes | Path):
            body = body.path or body.read(0, body.size)
        return _kept_body(record, body, masker, folder, limit)
    except OSError as error:
        # The record is worth keeping without its body.
        reason = error.strerror or "the disk failed"
        return _without(record, f"The body could not be kept: {reason}.")


def _kept_body(
    record: HistoryRecord,
    body: bytes | Path | None,
    masker: Redactor,
    folder: BodyFolder,
    limit: int,
) -> StoredBody:
    if body is None:
        return StoredBody(record)
    length = len(body) if isinstance(body, bytes) else body.stat().st_size
    if not length:
        return StoredBody(record)
    if length > limit:
        more = f"{size(length)} are more than history.bytes in config.toml allows"
        return _without(record, f"The body is not kept: {more}.")
    if creates_service_account(record):
        safe = None
        if length <= _SMALL:
            plain = body if isinstance(body, bytes) else body.read_bytes()
            safe = redact_new_token(plain)
        if safe is None:
            return _without(record, NOT_KEPT)
        body = safe
    hiding = BodyRedactor(masker)
    if isinstance(body, bytes):
        return StoredBody(record, folder.write(hiding.masked([body])), made=True)
    if hiding.hides_in(chunks_of(body)):
        return StoredBody(
            record, folder.write(hiding.masked(chunks_of(body))), made=True
        )
    return StoredBody(record, body)


def _without(record: HistoryRecord, note: str) -> StoredBody:
    return StoredBody(replace(record, body_note=note))
