"""Receive the events of one window into a file, and check them on the way.

A raw export is a JSON object a line. One that was ended early is a 200 as well: its last
line says so, or is half a line (mixpanel/mixpanel-utils#5). So the lines are checked, and
the file of a window that failed is written anew from its start.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from http import HTTPStatus
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from mixtui.client.body import BodySink
from mixtui.dispatch.recording import BodyLocation
from mixtui.jobs.property_types import PropertyTypes
from mixtui.model.errors import StorageError
from mixtui.system import CancelToken

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from mixtui.model.exchange import Exchange
    from mixtui.outcome.outcome import Outcome

_BUFFER = 1 << 16
"""Bytes. What comes in larger pieces is written without a copy."""
_CHECKED = 1 << 20
"""Bytes of which every line is checked: most days have no more."""
_BLOCK = 1 << 18
"""Bytes that are read at once: they stay in the cache of the processor."""
_LONGEST_LINE = 50_000_000
"""Bytes. An event has at most 1 MB
(https://developer.mixpanel.com/reference/import-events)."""


class _Line(Struct, gc=False):
    """What a line must have; the rest is checked to be JSON, and skipped."""

    event: msgspec.Raw
    properties: msgspec.Raw


_read_line = msgspec.json.Decoder(_Line).decode_lines


def count_events(lines: bytes | memoryview) -> int:
    """Return how many events are in whole lines.

    Raises:
        ValueError: A line is not an event.
    """
    return len(_read_line(lines))


class LineChecker:
    """Checks that what comes piece by piece are events, one a line."""

    def __init__(
        self, read: Callable[[bytes | memoryview], int] = count_events
    ) -> None:
        """Begin with nothing.

        Args:
            read: As `count_events`.
        """
        self.count = 0
        """Events so far."""
        self.problem = ""
        """A sentence: what is not an event; empty = all are."""
        self.longest = 0
        """Bytes; no line is longer."""
        self._rest = bytearray()
        """The beginning of a line."""
        self._read = read

    def feed(self, piece: bytes) -> None:
        """Check the lines that the piece completes."""
        end = piece.rfind(b"\n") + 1
        if self.problem:
            return
        self.longest = max(self.longest, len(self._rest) + len(piece))
        if end:
            # What was begun before is completed first, so that the rest need not be copied.
            start = piece.index(b"\n") + 1 if self._rest else 0
            if start:
                self._check(bytes(self._rest) + piece[:start])
                self._rest.clear()
            if start < end and not self.problem:
                self._check(memoryview(piece)[start:end])
        self._rest += piece[end:]
        if len(self._rest) > _LONGEST_LINE:
            self.problem = f"{self._where()} has no end."
            self._rest.clear()

    def finish(self) -> bytes:
        """Check the last line, which may lack its end; return the end that is missing."""
        if self.problem or not self._rest.strip():
            return b""
        self._check(bytes(self._rest))
        return b"\n"

    def _check(self, lines: bytes | memoryview) -> None:
        try:
            self.count += self._read(lines)
        except ValueError:
            self._find(bytes(lines))

    def _find(self, lines: bytes) -> None:
        """Find the first line that is not an event."""
        for line in lines.split(b"\n"):
            try:
                self.count += self._read(line)
            except ValueError:
                break
        self.problem = f"{self._where()} is not an event."

    def _where(self) -> str:
        return f"The export is incomplete: line {self.count + 1:,}"


class TypeChecker(LineChecker):
    """Checks every line, and learns the types of the properties."""

    def __init__(self, types: PropertyTypes) -> None:
        """Go on from what is known."""
        super().__init__(types.learn)
        self.types = types


class QuickChecker(LineChecker):
    """Checks the first megabyte line by line, and of the rest the last line of each piece.

    A response that ends early says so in its last line, and an error in its first. To read
    every line takes as long as to receive it from this machine.
    """

    def __init__(self) -> None:
        super().__init__()
        self._checked = 0
        self._is_plain = True
        """Whether each line so far was an event, so that counting them is enough."""

    def feed(self, piece: bytes) -> None:
        """Check the lines that the piece completes, or count them."""
        end = piece.rfind(b"\n") + 1
        if self._checked < _CHECKED or not end or not self._is_plain or self.problem:
            super().feed(piece)
            return
        start = piece.rfind(b"\n", 0, end - 1) + 1
        last = piece[start:end] if start else bytes(self._rest) + piece[:end]
        try:
            is_plain = self._read(last) == 1
        except ValueError:
            is_plain = False
        if not is_plain:
            super().feed(piece)
            return
        self.count += piece.count(b"\n")
        self.longest = max(self.longest, len(self._rest) + len(piece))
        self._rest[:] = piece[end:]

    def _check(self, lines: bytes | memoryview) -> None:
        before = self.count
        super()._check(lines)
        self._checked += len(lines)
        self._is_plain &= self.count - before == bytes(lines).count(b"\n")


def check_file(path: Path, checker: LineChecker, token: CancelToken) -> bool:
    """Check a file that was received; return whether it is whole. Blocking.

    Raises:
        Cancelled: By the token.
    """
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                token.raise_if_cancelled()
                checker.feed(block)
    except OSError:
        return False
    return not (checker.finish() or checker.problem)


class _CheckedFile(BufferedWriter):
    """Checks what is written to it. A file, as the client gives those larger pieces."""

    def __init__(self, path: Path, checker: LineChecker) -> None:
        super().__init__(FileIO(path, "w"), _BUFFER)
        self.lines = checker
        self.failure: OSError | None = None
        self.size = 0

    def write(self, piece: ReadableBuffer, /) -> int:
        try:
            super().write(piece)
        except OSError as error:
            self.failure = error
            raise
        content = _content(piece)
        self.size += len(content)
        self.lines.feed(content)
        return len(content)


def _content(piece: ReadableBuffer) -> bytes:
    """Return what a piece holds, copied only if it is a part of something else."""
    whole = piece.obj if isinstance(piece, memoryview) else piece
    if isinstance(whole, bytes) and len(whole) == memoryview(piece).nbytes:
        return whole
    return bytes(piece)


class WindowSink:
    """Writes a window to a file. A `dispatch.ResponseSink`."""

    stores_body = True

    def __init__(self, path: Path, checker: LineChecker) -> None:
        """Open the file.

        Args:
            path: Of the complete window; until then it is ``PATH.part``.
            checker: Checks what is received.

        Raises:
            StorageError: It cannot be written.
        """
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        try:
            self._file = _CheckedFile(self._part, checker)
        except OSError as error:
            raise self._error(error) from None

    @property
    def file(self) -> BodySink:
        """What the client writes to."""
        return self._file

    @property
    def checker(self) -> LineChecker:
        """What checks the lines."""
        return self._file.lines

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._file.size

    @property
    def count(self) -> int:
        """Events so far."""
        return self._file.lines.count

    @property
    def problem(self) -> str:
        """Why a response with a good status is incomplete; empty = it is complete."""
        return self._file.lines.problem

    async def finish(self, exchange: Exchange, outcome: Outcome) -> BodyLocation:
        """Check the end.

        Raises:
            StorageError: The file could not be written.
        """
        if self._file.failure is not None:
            raise self._error(self._file.failure)
        is_complete = not exchange.response.cut_short
        if exchange.response.status == HTTPStatus.OK and is_complete:
            end = self._file.lines.finish()
            try:
                self._file.write(end)
            except OSError as error:
                raise self._error(error) from None
        return BodyLocation()

    def keep(self) -> None:
        """Give the file its name: the window is complete. Blocking.

        Raises:
            StorageError: It could not be written.
        """
        try:
            # A resumed job checks it again, so the disk need not be waited for.
            self._file.close()
            os.replace(self._part, self._path)
        except OSError as error:
            raise self._error(error) from None

    def close(self) -> None:
        """Remove a file that was not kept."""
        with contextlib.suppress(OSError):  # A full disk was reported by then.
            self._file.close()
        with contextlib.suppress(OSError):
            self._part.unlink()

    def _error(self, error: OSError) -> StorageError:
        return StorageError(
            self._path,
            f"The events cannot be written to {self._path.parent}: {error.strerror}.",
        )
