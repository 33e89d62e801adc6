"""Bytes that are read by position: in memory, or in a file of any size.

A file is read with ``pread`` and never mapped: mapped pages count as the program's own
memory, and a file that is cut short under a mapping kills the process.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol


class ByteSource(Protocol):
    """Bytes that may still grow at their end; read from any thread."""

    @property
    def size(self) -> int:
        """How many bytes there are by now."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """The bytes from a position up to another, as far as there are any."""
        ...


class BytesSource:
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return len(self._data)

    def read(self, start: int, end: int) -> bytes:
        """The bytes from a position up to another."""
        return self._data[start:end]


class FileSource:
    """The bytes of a file, which stays open until `close`."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            OSError: It cannot be read.
        """
        self.path = path
        self._file = path.open("rb", buffering=0)
        self.size = os.fstat(self._file.fileno()).st_size
        """How many bytes there were when it was opened."""

    def read(self, start: int, end: int) -> bytes:
        """The bytes from a position up to another.

        Raises:
            OSError: The disk failed.
        """
        return read_at(self._file.fileno(), start, min(end, self.size))

    def close(self) -> None:
        """Close the file; nothing can be read any more."""
        self._file.close()


def read_at(descriptor: int, start: int, end: int) -> bytes:
    """The bytes of an open file from a position up to another, or to its end.

    Raises:
        OSError: The disk failed.
    """
    pieces: list[bytes] = []
    while start < end and (piece := os.pread(descriptor, end - start, start)):
        pieces.append(piece)
        start += len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
