"""Byte sources with random access: memory, or a file of any size.

A file is read with ``pread`` and never mapped: mapped pages count as the program's own
memory, and truncating a mapped file kills the process.
"""

from __future__ import annotations

import errno
import io
import os
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from mixtui.system import try_lock
from mixtui.temporary import temporary_name


class ByteSource(Protocol):
    """Bytes that may still grow at their end; read from any thread."""

    @property
    def size(self) -> int:
        """Return the current number of bytes."""
        ...

    @property
    def path(self) -> Path | None:
        """Return the file that holds them; None = they are in memory."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes between two offsets, as far as they are available."""
        ...


def read_chunks(source: ByteSource, size: int = 1 << 20) -> Iterator[bytes]:
    """Yield the currently available bytes in chunks.

    Raises:
        OSError: The disk failed, or the source was truncated.
    """
    end = source.size
    for start in range(0, end, size):
        stop = min(end, start + size)
        chunk = source.read(start, stop)
        if len(chunk) != stop - start:
            raise OSError(errno.EIO, "the body cannot be read completely")
        yield chunk


class BytesSource:
    """Bytes in memory."""

    path = None
    """They are in no file."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return len(self._data)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes between two offsets."""
        return self._data[start:end]


class FileSource:
    """The bytes of a file, which stays open as long as this object is alive."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            OSError: It cannot be read.
        """
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self.close = weakref.finalize(self, os.close, self._descriptor)
        """Close the file now; nothing can be read afterwards."""
        self.path = path
        """Where it was when it was opened."""
        self.size = os.fstat(self._descriptor).st_size
        """How many bytes there were when it was opened."""

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes between two offsets.

        Raises:
            OSError: The disk failed.
        """
        return read_at(self._descriptor, start, min(end, self.size))


def read_at(descriptor: int, start: int, end: int) -> bytes:
    """Read an open file from an offset up to another, or to its end.

    Raises:
        OSError: The disk failed.
    """
    pieces: list[bytes] = []
    while start < end and (piece := os.pread(descriptor, end - start, start)):
        pieces.append(piece)
        start += len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


IN_MEMORY = 10_000_000
"""Bytes; a larger body is written to a file."""


class Spool:
    """A body that grows at its end. Can be used in place of a file to write to.

    Its file is removed with the spool, unless it was handed over.
    """

    def __init__(self, folder: Path, *, in_memory: int = IN_MEMORY) -> None:
        """Create an empty spool; nothing is written to disk yet.

        Args:
            folder: The folder for its file, which only its owner can read (0600).
            in_memory: How many bytes may stay in memory.
        """
        self._folder = folder
        self._limit = in_memory
        # It hands out all that it holds without a copy.
        self._memory = io.BytesIO()
        self._file: _File | None = None
        self._lock = threading.Lock()
        self.size = 0
        """How many bytes there are by now."""

    @property
    def path(self) -> Path | None:
        """Return the file of the bytes; None = they are in memory."""
        return None if self._file is None else self._file.path

    def write(self, data: bytes, /) -> int:
        """Append bytes; returns how many.

        Raises:
            OSError: The disk is full or failed. Earlier bytes are still available.
        """
        with self._lock:
            if self._file is None and self.size + len(data) > self._limit:
                self._move_to_file()
            if self._file is None:
                self._memory.seek(self.size)
                self._memory.write(data)
            else:
                self._append(self._file.descriptor, data)
            self.size += len(data)
        return len(data)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes between two offsets, as far as they are available.

        Raises:
            OSError: The disk failed.
        """
        end = min(end, self.size)
        with self._lock:
            if self._file is None:
                self._memory.seek(start)
                return self._memory.read(max(0, end - start))
        return read_at(self._file.descriptor, start, end)

    def tail(self, size: int) -> bytes:
        """Return the last bytes; all of them are shared, not copied, if in memory.

        Raises:
            OSError: The disk failed.
        """
        with self._lock:
            if self._file is None and size >= self.size:
                return self._memory.getvalue()
        return self.read(max(0, self.size - size), self.size)

    def hand_over(self, path: Path) -> None:
        """Record that the file has a new path and owner: it is no longer removed here."""
        if self._file is not None:
            self._file.path, self._file.persistent = path, True

    def _append(self, descriptor: int, data: bytes) -> None:
        try:
            _write(descriptor, data)
        except OSError:
            # The file is authoritative, and more may still be written.
            os.ftruncate(descriptor, self.size)
            os.lseek(descriptor, self.size, os.SEEK_SET)
            raise

    def _move_to_file(self) -> None:
        path = self._folder / temporary_name()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        file = _File(os.open(path, flags, 0o600), path)
        try_lock(file.descriptor)
        try:
            with self._memory.getbuffer() as view:
                _write(file.descriptor, view)
        except OSError:
            # The body stays in memory: the bytes received so far are not lost.
            file.end()
            raise
        weakref.finalize(self, file.end)
        self._file = file
        self._memory = io.BytesIO()


class _File(Struct):
    descriptor: int
    path: Path
    persistent: bool = False

    def end(self) -> None:
        os.close(self.descriptor)
        if not self.persistent:
            self.path.unlink(missing_ok=True)


def _write(descriptor: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
