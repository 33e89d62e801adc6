"""Receive the events of one window into a file, and check them on the way.

A raw export is a JSON object a line. One that was ended early is a 200 as well: its last
line says so, or is half a line (mixpanel/mixpanel-utils#5). So each line is checked, and
the file of a window that failed is written anew from its start.
"""

from __future__ import annotations

import contextlib
import os
from http import HTTPStatus
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from mixtui.client.body import BodySink
from mixtui.dispatch.recording import BodyLocation
from mixtui.model.errors import StorageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from mixtui.model.exchange import Exchange
    from mixtui.outcome.outcome import Outcome

_BUFFER = 1 << 20
_LONGEST_LINE = 50_000_000
"""Bytes. An event has at most 1 MB
(https://developer.mixpanel.com/reference/import-events)."""


class _Line(Struct, gc=False):
    """What a line must have; the rest is checked to be JSON, and skipped."""

    event: msgspec.Raw
    properties: msgspec.Raw


class LineChecker:
    """Checks that what comes piece by piece are events, one a line."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.count = 0
        """Events so far."""
        self.problem = ""
        """A sentence: what is not an event; empty = all are."""
        self._rest = bytearray()
        """The beginning of a line."""
        self._decode = msgspec.json.Decoder(_Line).decode_lines

    def feed(self, piece: bytes) -> None:
        """Check the lines that the piece completes."""
        end = piece.rfind(b"\n") + 1
        if self.problem:
            return
        if end:
            self._check(bytes(self._rest) + piece[:end])
            self._rest.clear()
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

    def _check(self, lines: bytes) -> None:
        try:
            self.count += len(self._decode(lines))
        except ValueError:
            self._find(lines)

    def _find(self, lines: bytes) -> None:
        """Find the first line that is not an event."""
        for line in lines.split(b"\n"):
            try:
                self.count += len(self._decode(line))
            except ValueError:
                break
        self.problem = f"{self._where()} is not an event."

    def _where(self) -> str:
        return f"The export is incomplete: line {self.count + 1:,}"


class _CheckedFile(BufferedWriter):
    """Checks what is written to it. A file, as the client gives those larger pieces."""

    def __init__(self, path: Path) -> None:
        super().__init__(FileIO(path, "w"), _BUFFER)
        self.lines = LineChecker()
        self.failure: OSError | None = None
        self.size = 0

    def write(self, piece: ReadableBuffer, /) -> int:
        content = bytes(piece)
        try:
            super().write(content)
        except OSError as error:
            self.failure = error
            raise
        self.size += len(content)
        self.lines.feed(content)
        return len(content)


class WindowSink:
    """Writes a window to a file. A `dispatch.ResponseSink`."""

    stores_body = True

    def __init__(self, path: Path) -> None:
        """Open the file.

        Args:
            path: Of the complete window; until then it is ``PATH.part``.

        Raises:
            StorageError: It cannot be written.
        """
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        try:
            self._file = _CheckedFile(self._part)
        except OSError as error:
            raise self._error(error) from None

    @property
    def file(self) -> BodySink:
        """What the client writes to."""
        return self._file

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
            self._file.flush()
            os.fsync(self._file.fileno())
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
