"""Write a response body while it is received: to memory, a pipe or a file."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from mixtui.cli.console import Console
from mixtui.client.body import BodySink
from mixtui.dispatch.recording import BodyLocation
from mixtui.document.source import Spool
from mixtui.model.errors import ExitStatus, StorageError
from mixtui.model.exchange import Exchange
from mixtui.outcome.outcome import Outcome, OutcomeKind
from mixtui.storage.files import closing_part, open_part
from mixtui.system import real_path
from mixtui.temporary import sweep
from mixtui.text import size

_CHUNK = 1 << 20
_REFUSAL_STATUSES = (ExitStatus.REFUSED, ExitStatus.CREDENTIALS, ExitStatus.QUOTA)


class SinkResult(Struct, frozen=True):
    """What became of a body."""

    content: bytes | None = None
    """To be printed; None = it is in `chunks` or `path`, or already written."""
    chunks: Iterator[bytes] | None = None
    """To be printed piece by piece, after what belongs before it."""
    path: Path | None = None
    """The file that holds it."""
    messages: tuple[str, ...] = ()
    """Sentences about it."""
    media_type: str = ""
    """The media type of what is printed; empty = that of the response."""
    exit_status: int = 0
    """The exit status of the process if nothing else fails."""


class OutputSink:
    """Holds the body in memory. A `dispatch.ResponseSink`, as its subclasses are."""

    file: BodySink | None = None
    """What the client writes to; None = it holds the body itself."""
    stores_body = False

    def __init__(self) -> None:
        self.has_response = False
        """Whether the response has come, complete or not."""
        self.result = SinkResult()
        """What became of the body, once it is finished."""

    async def finish(self, exchange: Exchange, outcome: Outcome) -> BodyLocation:
        """Set `result`.

        Raises:
            MixtuiError: The body could not be put where it belongs.
        """
        self.has_response = True
        self.result = await self._finish(exchange, outcome)
        return BodyLocation(self.result.content, self.result.path)

    async def _finish(self, exchange: Exchange, outcome: Outcome) -> SinkResult:
        return SinkResult(exchange.response.body)

    def close(self) -> None:
        """Remove what was not finished."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class PipeSink(OutputSink):
    """Passes the body on to stdout as it comes, however big it is."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._broken = False
        self.file = self

    def write(self, piece: bytes, /) -> int:
        """Write one piece of the body."""
        try:
            self._console.write(piece)
            self._console.flush()
        except BrokenPipeError:
            # The client reports this as a full disk; `finish` raises the error itself again.
            self._broken = True
            raise
        return len(piece)

    async def _finish(self, exchange: Exchange, outcome: Outcome) -> SinkResult:
        if self._broken:
            raise BrokenPipeError
        return SinkResult()


class SpoolSink(OutputSink):
    """Holds the body until status line and headers are printed."""

    def __init__(self) -> None:
        import tempfile

        super().__init__()
        folder = Path(tempfile.gettempdir())
        sweep(folder)
        self._spool = Spool(folder)
        self.file = self._spool

    async def _finish(self, exchange: Exchange, outcome: Outcome) -> SinkResult:
        starts = range(0, self._spool.size, _CHUNK)
        read = self._spool.read
        return SinkResult(chunks=(read(start, start + _CHUNK) for start in starts))


class OutputFile(OutputSink):
    """Writes ``FILE.part`` and renames it when it is complete.

    A partial body stays as ``FILE.part``. A rejection is printed, and the file stays
    unchanged. A special file (``/dev/null``, a named pipe) is written to directly.
    """

    stores_body = True

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            StorageError: It cannot be written.
        """
        super().__init__()
        self._target = real_path(path)
        self._path = path
        self._finished = False
        try:
            self._mode = _file_mode(self._target)
            if self._target.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            self._is_special = self._mode is not None and not stat.S_ISREG(self._mode)
            if self._is_special:
                self._part, self._file = self._target, self._target.open("wb")
            else:
                self._part = self._target.with_name(f"{self._target.name}.part")
                self._file = open_part(self._part)
        except OSError as error:
            raise StorageError(
                path, f"Cannot write {path}: {error.strerror}."
            ) from None
        self.file = self._file

    async def _finish(self, exchange: Exchange, outcome: Outcome) -> SinkResult:
        """Rename the file, or report why it was not.

        Raises:
            StorageError: It could not be renamed.
        """
        length = size(exchange.response.body_bytes)
        try:
            self._file.flush()
            if self._is_special:
                self._finished = True
                return SinkResult(path=self._path)
            if outcome.kind is OutcomeKind.INCOMPLETE or exchange.response.cut_short:
                self._finished = True
                message = f"Incomplete response: saved {length} as {self._path}.part."
                return SinkResult(path=self._part, messages=(message,))
            if outcome.exit_status not in (
                ExitStatus.ACCEPTED,
                ExitStatus.PARTLY_STORED,
            ):
                message = f"{self._path} was not written: the request was rejected."
                return SinkResult(self._part.read_bytes(), messages=(message,))
            self._replace_target()
        except OSError as error:
            raise StorageError(
                self._path,
                f"Cannot write {self._path}: {error.strerror}. The response is in "
                f"{self._part}.",
            ) from None
        return SinkResult(
            path=self._path, messages=(f"Saved {self._path} ({length}).",)
        )

    def close(self) -> None:
        """Remove an unfinished part."""
        with contextlib.suppress(OSError):  # A full disk was reported by then.
            if self._file.closed or self._finished or self._is_special:
                self._file.close()
                return
            with closing_part(self._file):
                self._part.unlink()

    def _replace_target(self) -> None:
        self._finished = True  # From here on it is never deleted.
        if self._mode is None:
            # A network folder says at a close what it could not store. To wait for the
            # disk, too, would cost a large download a third of its time, and a new file
            # is only there to be downloaded again after a power cut.
            os.close(os.dup(self._file.fileno()))
        else:
            os.fsync(
                self._file.fileno()
            )  # It may be the only copy of what it replaces.
        with closing_part(self._file):
            if self._mode is not None:
                self._part.chmod(stat.S_IMODE(self._mode))
            os.replace(self._part, self._target)


def _file_mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None
