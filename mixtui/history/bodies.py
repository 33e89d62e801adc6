"""The bodies of the history: a private folder, one file each.

``<random>.body`` belongs to a row of the database. Anything else is on its way: its
writer holds a lock on it, which goes with the process.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from mixtui.document.source import ByteSource
from mixtui.history.record import MIN_SECRET_LENGTH, HistoryRecord
from mixtui.model.secrets import REDACTED, Redactor, Secret
from mixtui.storage.paths import private_folder
from mixtui.system import try_lock
from mixtui.text import size

_CHUNK = 1 << 20
_GRACE_SECONDS = 600
"""Seconds; what was written to since then may be about to be locked."""


class BodyFolder:
    """The folder. Blocking; every method raises OSError or StorageError."""

    def __init__(self, path: Path) -> None:
        """Nothing is made yet."""
        self.path = path

    def spool(self) -> BinaryIO:
        """A new private file for a body that is still coming.

        It is yours: `keep` gives it another name as well, and what you do not remove
        goes when nobody has it open any more.
        """
        private_folder(self.path)
        path = self.path / f"{os.urandom(16).hex()}.spool"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        file = os.open(path, flags, 0o600)
        try_lock(file)
        return open(path, "r+b", opener=lambda _, __: file)

    def write(self, chunks: Iterable[bytes]) -> Path:
        """A new file with this content, to be kept and then removed."""
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
        """Give a file a name in the history too; it stays where it is."""
        private_folder(self.path)
        name = f"{os.urandom(16).hex()}.body"
        target = self.path / name
        try:
            os.link(source, target)
        except OSError:
            # Another disk, or one that knows no links.
            shutil.copyfile(source, target)
        target.chmod(0o600)
        return name

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; fine when they are gone. Who has one open can still read it."""
        for name in names:
            with contextlib.suppress(OSError):
                (self.path / name).unlink()

    def sweep(self, kept: Container[str]) -> None:
        """Remove what crashed programs left.

        No other program may be adding to the database meanwhile.

        Args:
            kept: The names that rows of the database have.
        """
        try:
            names = os.listdir(self.path)
        except FileNotFoundError:
            return
        self.remove(
            name
            for name in names
            if (
                name not in kept
                if name.endswith(".body")
                else _is_abandoned(self.path / name)
            )
        )


def chunks_of(path: Path) -> Iterator[bytes]:
    """A file's content, piece by piece.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _is_abandoned(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        age = time.time() - os.fstat(file).st_mtime
        return age > _GRACE_SECONDS and try_lock(file)
    finally:
        os.close(file)


NOT_STORED = "The body is not kept: it may hold the secret of a new service account."
_TOKEN = re.compile(rb'("token"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\Z)', re.DOTALL)
_ACCOUNTS = "/service-accounts"


def creates_service_account(record: HistoryRecord) -> bool:
    """Whether the answer may hold a new secret, told once and never again.

    https://developer.mixpanel.com/reference/create-service-account
    """
    path = record.identity.path.rstrip("/")
    return record.sent.method == "POST" and path.endswith(_ACCOUNTS)


def redact_new_token(body: bytes) -> bytes | None:
    """A body with every ``token`` in it masked; None = that cannot be made sure of."""
    tokens = _tokens(body)
    if tokens is None:
        return None
    masked = _TOKEN.sub(rb'\1"' + REDACTED.encode() + b'"', body)
    masked = Redactor(map(Secret, tokens)).redact_bytes(masked)
    # A token or its name may be written with escapes that nobody thought of.
    left = _tokens(masked)
    if left is None or left - {REDACTED} or any(t in _texts(masked) for t in tokens):
        return None
    return masked


class BodyRedactor:
    """Masks what a request's masker hides, in a body of any size.

    What is shorter than `SHORTEST` is left: it stands in an answer by chance.
    """

    def __init__(self, masker: Redactor) -> None:
        forms = [
            form.encode() for form in masker.forms if len(form) >= MIN_SECRET_LENGTH
        ]
        self._longest = max(map(len, forms), default=0)
        self._pattern = re.compile(b"|".join(map(re.escape, forms)))
        self._forms = forms

    def finds_in(self, chunks: Iterable[bytes]) -> bool:
        """Whether there is anything to hide."""
        before = b""
        for chunk in chunks if self._forms else ():
            both = before + chunk
            if any(form in both for form in self._forms):
                return True
            before = both[-self._longest :]
        return False

    def redacted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The body, masked; chunks in, chunks out."""
        if not self._forms:
            yield from chunks
            return
        held = b""
        for chunk in chunks:
            held += chunk
            masked, index = self._redact_until(
                held, max(0, len(held) - self._longest + 1)
            )
            yield masked
            held = held[index:]
        yield self._redact_until(held, len(held))[0]

    def _redact_until(self, data: bytes, end: int) -> tuple[bytes, int]:
        """What starts before a position, masked, and where the rest begins."""
        parts, index = [], 0
        for match in self._pattern.finditer(data):
            if match.start() >= end:
                break
            parts += [data[index : match.start()], REDACTED.encode()]
            index = match.end()
        stop = max(index, end)
        return b"".join([*parts, data[index:stop]]), stop


def _tokens(body: bytes) -> set[str] | None:
    """Every ``token`` in a JSON body; None = it is no JSON, or one is no text."""
    import msgspec

    try:
        values = list(_values(msgspec.json.decode(body)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
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
    """Every text in a JSON body, one after another."""
    import msgspec

    values = _values(msgspec.json.decode(body))
    return "\0".join(value for value in values if isinstance(value, str))


def _values(document: object) -> Iterator[object]:
    """Every value in a document, names of objects included."""
    todo: list[object] = [document]
    while todo:
        value = todo.pop()
        yield value
        if isinstance(value, dict):
            todo += [*value, *value.values()]
        elif isinstance(value, list):
            todo += value


_MAX_PARSED_BYTES = 1_000_000
"""Bytes up to which the answer to a new service account is looked through."""


Body = bytes | Path | ByteSource
"""A whole body, decoded: in memory or in a file."""


@dataclass(frozen=True, slots=True)
class StoredBody:
    """A record and what is to be kept as its body."""

    record: HistoryRecord
    file: Path | None = None
    """None = nothing; the record says why, or there was no body."""
    temporary: bool = False
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
        return _prepare_body(record, body, masker, folder, limit)
    except OSError as error:
        # The record is worth keeping without its body.
        reason = error.strerror or "the disk failed"
        return _without_body(record, f"The body could not be kept: {reason}.")


def _prepare_body(
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
        return _without_body(record, f"The body is not kept: {more}.")
    if creates_service_account(record):
        safe = None
        if length <= _MAX_PARSED_BYTES:
            plain = body if isinstance(body, bytes) else body.read_bytes()
            safe = redact_new_token(plain)
        if safe is None:
            return _without_body(record, NOT_STORED)
        body = safe
    hiding = BodyRedactor(masker)
    if isinstance(body, bytes):
        return StoredBody(record, folder.write(hiding.redacted([body])), temporary=True)
    if hiding.finds_in(chunks_of(body)):
        return StoredBody(
            record, folder.write(hiding.redacted(chunks_of(body))), temporary=True
        )
    return StoredBody(record, body)


def _without_body(record: HistoryRecord, note: str) -> StoredBody:
    return StoredBody(replace(record, body_note=note))
