"""Find the sources of a job, and read their bytes: files, globs, folders, stdin.

What is compressed is recognised by its first bytes, not by its name, and read as if it were
not.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, cast

from msgspec import Struct

from mixtui.client.decoding import zstd_library
from mixtui.delimiters import find_delimiter
from mixtui.jobs.model import JobError
from mixtui.jobs.remote import RemoteFile, find_remote, is_remote, name_of
from mixtui.system import real_path

STDIN = "-"
BLOCK = 1 << 18
"""Bytes that are read at once."""
_EDGE = 1 << 16
"""Bytes at either end of a file that tell whether it changed."""
_GZIP, _ZSTD, _PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"


class Format(StrEnum):
    """How the records of a source are written."""

    LINES = "ndjson"
    JSON = "json"
    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"


_FORMATS = {
    ".ndjson": Format.LINES,
    ".jsonl": Format.LINES,
    ".json": Format.JSON,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".tab": Format.TSV,
    ".parquet": Format.PARQUET,
}
_COMPRESSED = (".gz", ".zst", ".zstd")


class Source(Struct, frozen=True):
    """Something that records are read from."""

    path: str
    """Absolute, the address of a remote file, or ``-`` for stdin."""
    size: int = 0
    """Bytes, compressed or not; 0 = unknown."""
    modified: int = 0
    """Nanoseconds since 1970."""
    digest: str = ""
    """Of both ends of the file."""
    title: str = ""
    """A name for people; empty = that of the file."""

    @property
    def name(self) -> str:
        """For people."""
        if self.title:
            return self.title
        return "stdin" if self.path == STDIN else _name(self.path)

    @property
    def is_file(self) -> bool:
        """Whether it can be read again."""
        return self.path != STDIN


def find_sources(patterns: Sequence[str], folder: Path) -> tuple[Source, ...]:
    """Return the files that patterns name, each once, those of a folder by name.

    Args:
        patterns: Paths, globs (``**`` for folders in folders), folders, or ``-``.
        folder: What relative ones are relative to.

    Raises:
        JobError: One names no file.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        found.update(dict.fromkeys(_matching(pattern, folder)))
    return tuple(describe(path) for path in found)


def _matching(pattern: str, folder: Path) -> list[str]:
    if pattern == STDIN:
        return [STDIN]
    if is_remote(pattern):
        return [p for p in find_remote(pattern) if p == pattern or _is_data(_name(p))]
    path = folder / os.path.expanduser(pattern)
    if path.is_dir():
        files = [p for p in sorted(path.rglob("*")) if p.is_file() and _is_data(p.name)]
        if not files:
            raise JobError(
                f"The folder {pattern} has no JSON, CSV, TSV or Parquet file."
            )
        return [str(p) for p in files]
    if path.exists():
        return [str(real_path(path))]
    matches = sorted(glob.glob(str(path), recursive=True))
    files = [Path(match) for match in matches if os.path.isfile(match)]
    if files:
        return [str(real_path(p)) for p in files]
    if glob.has_magic(pattern):
        raise JobError(f"No file matches {pattern}.")
    raise JobError(f"The file {pattern} does not exist.")


def _is_data(name: str) -> bool:
    return not name.startswith(".") and _suffix(name) in _FORMATS


def _name(path: str) -> str:
    return name_of(path) if is_remote(path) else os.path.basename(path)


def _suffix(name: str) -> str:
    stem, suffix = os.path.splitext(name.lower())
    return os.path.splitext(stem)[1] if suffix in _COMPRESSED else suffix


def describe(path: str, title: str = "") -> Source:
    """Return a file as it is now, or stdin.

    Raises:
        JobError: It cannot be read.
    """
    if path == STDIN:
        return Source(STDIN)
    try:
        modified = 0 if is_remote(path) else os.stat(path).st_mtime_ns
        with io.BufferedReader(_open(path), _EDGE) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            digest = hashlib.blake2b(file.read(_EDGE), digest_size=16)
            if size > _EDGE:
                file.seek(max(_EDGE, size - _EDGE))
                digest.update(file.read(_EDGE))
    except OSError as error:
        raise _unreadable(path, error) from None
    return Source(path, size, modified, digest.hexdigest(), title)


def _open(path: str) -> io.RawIOBase:
    """Open a file, on this machine or not.

    Raises:
        OSError: It cannot be opened.
        JobError: As `RemoteFile`.
    """
    return RemoteFile(path) if is_remote(path) else io.FileIO(path)


def has_changed(before: Source, now: Source) -> bool:
    """Return whether a file is not what it was; a new time alone does not count."""
    return (before.size, before.digest) != (now.size, now.digest)


def _unreadable(path: str, error: OSError) -> JobError:
    return JobError(f"{_name(path)} cannot be read: {error.strerror or error}.")


class SourceStream:
    """The decompressed bytes of a source, read forward."""

    def __init__(self, source: Source, stdin: BinaryIO | None = None) -> None:
        """Open it.

        Args:
            source: What to read.
            stdin: Where ``-`` reads from.

        Raises:
            JobError: It cannot be opened.
        """
        self._source = source
        self.position = 0
        """Bytes from the start of the decompressed text."""
        try:
            if source.is_file:
                raw = _open(source.path)
            else:
                assert stdin is not None
                raw = cast(io.RawIOBase, stdin)
            self._raw = file = io.BufferedReader(raw, BLOCK)
            head = file.peek(4)[:4]
        except OSError as error:
            raise _unreadable(source.path, error) from None
        self._is_plain = False
        self._damages: tuple[type[Exception], ...] = (EOFError, zlib.error, ValueError)
        if head.startswith(_GZIP):
            self._file: io.BufferedIOBase = gzip.GzipFile(fileobj=file)
        elif head == _ZSTD:
            library = _zstd()
            self._file = library.open(file)
            self._damages += (library.ZstdError,)
        else:
            self._file, self._is_plain = file, source.is_file

    @property
    def raw_position(self) -> int:
        """Bytes read of the file, compressed or not; 0 where that is unknown."""
        try:
            return self._raw.tell()
        except (OSError, ValueError):
            return 0

    def read(self, count: int = BLOCK) -> bytes:
        """Read on; empty = the end.

        Raises:
            JobError: The file is damaged, or cannot be read.
        """
        try:
            block = self._file.read(count)
        except OSError as error:
            if error.errno is None:
                raise self._damaged(error) from None
            raise _unreadable(self._source.path, error) from None
        except self._damages as error:
            raise self._damaged(error) from None
        self.position += len(block)
        return block

    def skip_to(self, position: int) -> None:
        """Move forward to a position.

        Raises:
            JobError: As `read`.
        """
        if self._is_plain:
            self._file.seek(position)
            self.position = position
        while self.position < position:
            if not self.read(min(BLOCK, position - self.position)):
                return

    def close(self) -> None:
        """Close the file; stdin stays open."""
        if self._file is not self._raw:
            self._file.close()
        if self._source.is_file:
            self._raw.close()
        else:
            self._raw.detach()

    def _damaged(self, error: Exception) -> JobError:
        return JobError(
            f"{self._source.name} is compressed and damaged after {self.position:,} "
            f"decompressed bytes: {str(error).rstrip('.')}."
        )


def _zstd() -> Any:
    """Return the module that reads zstd, as in Python 3.14.

    Raises:
        JobError: There is none.
    """
    name = zstd_library()
    if name is None:
        raise JobError(
            "The file is compressed with zstd: install mixtui[encodings] to read it."
        )
    return import_module(name)


def is_parquet(source: Source) -> bool:
    """Return whether a source is a Parquet file.

    Raises:
        JobError: It cannot be read.
    """
    if not source.is_file:
        return False
    try:
        with io.BufferedReader(_open(source.path), BLOCK) as file:
            return file.read(len(_PARQUET)) == _PARQUET
    except OSError as error:
        raise _unreadable(source.path, error) from None


def sniff_file(source: Source) -> Format:
    """Return the format of a file, as `sniff_format`.

    Raises:
        JobError: It cannot be read, or looks like none.
    """
    stream = SourceStream(source)
    try:
        return sniff_format(source, stream.read())
    finally:
        stream.close()


def sniff_format(source: Source, head: bytes) -> Format:
    """Return the format of a source, by its name or else its first bytes.

    Raises:
        JobError: It looks like none.
    """
    if head.startswith(_PARQUET):
        return Format.PARQUET
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    named = _FORMATS.get(_suffix(source.name)) if source.is_file else None
    if named in (Format.CSV, Format.TSV):
        return named
    first_line = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    # An object over several lines begins with a line of its own in every formatter.
    if start == b"[" or first_line.strip() == b"{":
        return Format.JSON
    if start == b"{" or (named is not None and not start):
        return Format.LINES
    if named is None and not start:
        return Format.LINES
    if named is not None:
        return Format.LINES  # Each line will be reported.
    if delimiter := find_delimiter(head):
        return Format.TSV if delimiter == "\t" else Format.CSV
    raise JobError(
        f"{source.name} looks neither like JSON nor like CSV or Parquet: add --format."
    )
