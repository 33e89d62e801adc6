"""Write a response body while it is received: to memory, a pipe, a file or a jq filter."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from mixtui.cli.console import Console
from mixtui.cli.parsing import UsageError
from mixtui.client.body import BodySink
from mixtui.dispatch.recording import BodyLocation
from mixtui.document.source import Spool
from mixtui.jq.filter import FilterResult
from mixtui.jq.process import FilterProcess
from mixtui.model.errors import ExitStatus, FilterError, StorageError
from mixtui.model.exchange import Exchange
from mixtui.outcome.outcome import Outcome, OutcomeKind
from mixtui.storage.files import open_part
from mixtui.system import real_path
from mixtui.temporary import TemporaryFolder, sweep
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
            self._file.close()
        if self._finished or self._is_special:
            return
        with contextlib.suppress(OSError):
            self._part.unlink()

    def _replace_target(self) -> None:
        self._finished = True  # From here on it is never deleted.
        os.fsync(self._file.fileno())
        self._file.close()
        if self._mode is not None:
            self._part.chmod(stat.S_IMODE(self._mode))
        os.replace(self._part, self._target)


class FilterSink(OutputSink):
    """Holds the body in a private file until it is complete and can be filtered."""

    def __init__(self, program: str, *, at_once: bool) -> None:
        """Open the file.

        Args:
            program: In the jq language.
            at_once: Deliver the result in one piece.

        Raises:
            StorageError: The temporary folder cannot be written.
        """
        super().__init__()
        self._program = program
        self._at_once = at_once
        try:
            self._folder = TemporaryFolder()
            self._body = self._folder.path / "body"
            self._file = self._body.open("wb")
        except OSError as error:
            raise _no_space_error(error) from None
        self.file = self._file

    async def _finish(self, exchange: Exchange, outcome: Outcome) -> SinkResult:
        """Filter the body; that of a rejection stays raw.

        Raises:
            StorageError: The body could not be written.
        """
        try:
            self._file.close()
        except OSError as error:
            raise _no_space_error(error) from None
        if outcome.exit_status in _REFUSAL_STATUSES:
            unfiltered = "The request was rejected, so its response was not filtered."
            return SinkResult(self._body.read_bytes(), messages=(unfiltered,))
        try:
            filtered = await self._filter()
        except FilterError as error:
            message = exchange.redactor.redact(str(error))
            return SinkResult(messages=(message,), exit_status=ExitStatus.USAGE)
        notice = exchange.redactor.redact(filtered.notice)
        messages = (notice,) if notice else ()
        output = filtered.output
        if isinstance(output, Path) and not self._at_once:
            return SinkResult(
                chunks=_read_chunks(output),
                messages=messages,
                exit_status=filtered.exit_status,
            )
        content = output if isinstance(output, bytes) else output.read_bytes()
        return SinkResult(
            content,
            messages=messages,
            media_type=filtered.media_type,
            exit_status=filtered.exit_status,
        )

    async def _filter(self) -> FilterResult:
        process = FilterProcess(self._body, folder=self._folder.path)
        try:
            filtered = await process.run(self._program)
            if isinstance(filtered.output, bytes):
                return filtered
            # What is left in the process's folder is removed with it.
            path = filtered.output.rename(self._folder.path / "filtered")
            return replace(filtered, output=path)
        finally:
            await process.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # A full disk was reported by then.
            self._file.close()
        self._folder.remove()


def check_filter(arguments: Namespace) -> None:
    """Check the filter before anything is sent.

    Raises:
        UsageError: It contradicts another option.
        FilterError: It does not compile.
    """
    if arguments.filter is None:
        return
    if arguments.json:
        raise UsageError("--filter and --json cannot be combined.")
    if arguments.output and arguments.output != "-":
        raise UsageError(
            "--filter cannot be combined with -o, which saves the raw response body. "
            "Redirect stdout to save the filtered one."
        )
    asyncio.run(_compile(arguments.filter))


async def _compile(program: str) -> None:
    process = FilterProcess(b"")
    try:
        await process.check(program)
    finally:
        await process.close()


def _file_mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _no_space_error(error: OSError) -> StorageError:
    import tempfile

    folder = Path(tempfile.gettempdir())
    return StorageError(
        folder,
        f"Cannot store the response body in {folder} for --filter: {error.strerror}. "
        "Set $TMPDIR to another folder.",
    )


def _read_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_CHUNK), b"")
