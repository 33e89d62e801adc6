"""The bodies of history entries: a private folder with one file each, secrets masked.

``<random>.body`` belongs to a row of the database. Any other file is temporary.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from mixtui import jsonbytes
from mixtui.document.source import ByteSource, BytesSource, read_chunks
from mixtui.history.record import HistoryRecord
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import REDACTED, Secret
from mixtui.patterns import compile_late
from mixtui.storage.paths import private_folder
from mixtui.system import try_lock
from mixtui.temporary import remove_abandoned, temporary_name
from mixtui.text import size

_CHUNK = 1 << 17

NEW_SECRET_NOTE = (
    "The body was not stored: it may contain the secret of a new service account."
)
_TOKEN = compile_late(rb'("token"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\Z)', re.DOTALL)
_ACCOUNTS = "/service-accounts"
_MAX_PARSED_BYTES = 1_000_000
"""Bytes up to which the response to a new service account is parsed."""
Body = bytes | Path | ByteSource
"""A complete body, decoded: in memory or in a file."""


class BodyFolder:
    """The folder of the bodies. Blocks; every method may raise OSError or StorageError."""

    def __init__(self, path: Path) -> None:
        """Create nothing yet."""
        self.path = path

    def spool(self) -> BinaryIO:
        """Create a private file for a body that is still coming.

        It belongs to the caller: `store` links it, and one that is not removed is swept
        once nothing has it open.
        """
        private_folder(self.path)
        path = self.path / temporary_name()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        file = os.open(path, flags, 0o600)
        try_lock(file)
        return open(path, "r+b", opener=lambda _, __: file)

    def write(self, chunks: Iterable[bytes]) -> Path:
        """Write a new file, which the caller stores and then removes."""
        with self.spool() as file:
            path = Path(file.name)
            try:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return path

    def store(self, source: Path) -> str:
        """Add a file to the history under a unique name; return that name.

        The file itself stays where it is.
        """
        private_folder(self.path)
        name = f"{os.urandom(16).hex()}.body"
        target = self.path / name
        try:
            os.link(source, target)
        except OSError:
            # Another disk, or a file system without links.
            import shutil

            shutil.copyfile(source, target)
        target.chmod(0o600)
        return name

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, if they exist. One that is open can still be read."""
        for name in names:
            with contextlib.suppress(OSError):
                (self.path / name).unlink()

    def sweep(self, referenced: Container[str]) -> None:
        """Remove files that crashed programs left.

        Call it in a transaction, so that no other program adds to the database meanwhile.

        Args:
            referenced: The names in the rows of the database.
        """
        try:
            names = os.listdir(self.path)
        except FileNotFoundError:
            return
        for name in names:
            if not name.endswith(".body"):
                remove_abandoned(self.path / name)
            elif name not in referenced:
                self.remove([name])


def read_file_chunks(path: Path) -> Iterator[bytes]:
    """Read a file in chunks.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def creates_service_account(record: HistoryRecord) -> bool:
    """Return whether the response may hold a new secret, which Mixpanel shows only once.

    https://developer.mixpanel.com/reference/create-service-account
    """
    path = record.identity.path.rstrip("/")
    return record.sent.method == "POST" and path.endswith(_ACCOUNTS)


def redact_new_token(body: bytes) -> bytes | None:
    """Mask every ``token`` in a body; None = it is not certain that none is left."""
    tokens = _tokens(body)
    if tokens is None:
        return None
    masked = _TOKEN.sub(rb'\1"' + REDACTED.encode() + b'"', body)
    masked = Redactor(map(Secret, tokens)).redact_bytes(masked)
    # A token or its name may be written with unforeseen escapes.
    remaining = _tokens(masked)
    if (
        remaining is None
        or remaining - {REDACTED}
        or any(t in _texts(masked) for t in tokens)
    ):
        return None
    return masked


def _tokens(body: bytes) -> set[str] | None:
    """Return every ``token`` in a JSON body; None = not JSON, or one is not a string."""
    try:
        values = list(_values(jsonbytes.decode(body)))
    except jsonbytes.NotJson:
        return None
    results: set[str] = set()
    for value in values:
        token = value.get("token") if isinstance(value, dict) else None
        if token is not None and not isinstance(token, str):
            return None
        if token:
            results.add(token)
    return results


def _texts(body: bytes) -> str:
    """Return every string in a JSON body, joined by NUL."""
    values = _values(jsonbytes.decode(body))
    return "\0".join(value for value in values if isinstance(value, str))


def _values(document: object) -> Iterator[object]:
    """Yield every value in a document, the names of members included."""
    pending: list[object] = [document]
    while pending:
        value = pending.pop()
        yield value
        if isinstance(value, dict):
            pending += [*value, *value.values()]
        elif isinstance(value, list):
            pending += value


class StoredBody(Struct, frozen=True):
    """A record and the file to store as its body."""

    record: HistoryRecord
    file: Path | None = None
    """None = there was no body, or it is not stored and the record says why."""
    temporary: bool = False
    """The file was created for this and must be removed."""

    @property
    def size(self) -> int:
        """Size of the file in bytes."""
        return 0 if self.file is None else self.file.stat().st_size


def prepare_body(
    record: HistoryRecord,
    body: Body | None,
    redactor: Redactor,
    folder: BodyFolder,
    limit: int,
) -> StoredBody:
    """Prepare a body for the history: within the limit, secrets masked.

    Args:
        record: The record that it belongs to.
        body: The decoded body; a big one is in a file.
        redactor: Masks the secrets of the request.
        folder: Where copies are made.
        limit: Bytes of the largest body that is stored.
    """
    try:
        if isinstance(body, bytes):
            body = BytesSource(body)
        elif body is not None and not isinstance(body, Path) and body.path:
            body = body.path
        return _redacted_body(record, body, redactor, folder, limit)
    except OSError as error:
        # The record is worth storing without its body.
        reason = error.strerror or "disk error"
        return _without_body(record, f"The body could not be stored: {reason}.")


def _redacted_body(
    record: HistoryRecord,
    body: Path | ByteSource | None,
    redactor: Redactor,
    folder: BodyFolder,
    limit: int,
) -> StoredBody:
    if body is None:
        return StoredBody(record)
    length = body.stat().st_size if isinstance(body, Path) else body.size
    if not length:
        return StoredBody(record)
    if length > limit:
        more = f"{size(length)} exceeds history.bytes in config.toml"
        return _without_body(record, f"The body was not stored: {more}.")
    if creates_service_account(record):
        safe = None
        if length <= _MAX_PARSED_BYTES:
            plain = (
                body.read_bytes() if isinstance(body, Path) else body.read(0, length)
            )
            safe = redact_new_token(plain)
        if safe is None:
            return _without_body(record, NEW_SECRET_NOTE)
        body = BytesSource(safe)
    if not isinstance(body, Path):
        chunks = redactor.redact_chunks(read_chunks(body, _CHUNK))
    elif redactor.has_match(read_file_chunks(body)):
        chunks = redactor.redact_chunks(read_file_chunks(body))
    else:
        return StoredBody(record, body)
    return StoredBody(record, folder.write(chunks), temporary=True)


def _without_body(record: HistoryRecord, note: str) -> StoredBody:
    return StoredBody(replace(record, body_note=note))
