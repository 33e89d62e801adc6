"""Where a body goes while it comes: memory, a pipe, or a place to wait."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import stat
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from mixtui.cli.console import Console
from mixtui.cli.parsing import UsageError
from mixtui.jq.filter import Filtered
from mixtui.jq.process import FilterProcess
from mixtui.model.errors import ExitStatus, FilterError, StorageError
from mixtui.model.exchange import Exchange
from mixtui.outcome.outcome import Outcome, OutcomeKind
from mixtui.text import size

_CHUNK = 1 << 20
_IN_MEMORY = 16_000_000


@dataclass(frozen=True, slots=True)
class SinkResult:
    """What became of a body."""

    content: bytes | None = None
    """To be printed; None = it is somewhere else."""
    chunks: Iterator[bytes] | None = None
    """To be printed piece by piece, after what belongs before it."""
    path: Path | None = None
    """The file that holds it."""
    words: tuple[str, ...] = ()
    """Sentences about it."""
    media_type: str = ""
    """Of what is to be printed; empty = that of the answer."""
    exit_status: int = 0
    """What the process ends with if nothing else went wrong."""


class OutputSink:
    """Keeps the body in memory, as the client does without a file."""

    file: BinaryIO | None = None
    """What the client writes to; None = it keeps the body itself."""

    def finish(self, exchange: Exchange, ended: Outcome) -> SinkResult:
        """The body has come, or as much of it as could be had."""
        return SinkResult(exchange.response.body)

    def close(self) -> None:
        """Forget what was not finished."""

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
        self._console = console
        self._broken = False
        self.file = cast(BinaryIO, self)

    def write(self, piece: bytes) -> int:
        """One piece of the body."""
        try:
            self._console.write(piece)
            self._console.flush()
        except BrokenPipeError:
            # The client takes it for a full disk and stops; `finish` knows better.
            self._broken = True
            raise
        return len(piece)

    def finish(self, exchange: Exchange, ended: Outcome) -> SinkResult:
        """Everything is on stdout already.

        Raises:
            BrokenPipeError: Nobody read it to the end.
        """
        if self._broken:
            raise BrokenPipeError
        return SinkResult()


class SpoolSink(OutputSink):
    """Keeps the body until what belongs before it was printed."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed by close()
        self.file = cast(BinaryIO, self._spool)

    def finish(self, exchange: Exchange, ended: Outcome) -> SinkResult:
        """The body, from its start."""
        self._spool.seek(0)
        return SinkResult(chunks=iter(lambda: self._spool.read(_CHUNK), b""))

    def close(self) -> None:
        """Give the place back."""
        self._spool.close()


class OutputFile(OutputSink):
    """Writes ``FILE.part`` and gives it its name when it is whole.

    A part of a body stays as ``FILE.part``. A refusal is no content: it is printed, and
    the file stays as it was. What is no regular file (``/dev/null``, a named pipe) is
    written to as it is.
    """

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            StorageError: It cannot be written.
        """
        self._target = Path(os.path.realpath(path))
        self._path = path
        self._finished = False
        try:
            self._mode = _mode(self._target)
            if self._target.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            self._is_special = self._mode is not None and not stat.S_ISREG(self._mode)
            self._part = self._target
            if not self._is_special:
                self._part = self._target.with_name(f"{self._target.name}.part")
            self._file = self._part.open("wb")
        except OSError as error:
            raise StorageError(
                path, f"{path} cannot be written: {error.strerror}."
            ) from None
        self.file = self._file

    def finish(self, exchange: Exchange, ended: Outcome) -> SinkResult:
        """Give the file its name, or say what became of it.

        Raises:
            StorageError: It could not be given its name.
        """
        length = size(exchange.response.body_bytes)
        try:
            self._file.flush()
            if self._is_special:
                self._finished = True
                return SinkResult(path=self._path)
            if ended.kind is OutcomeKind.INCOMPLETE or exchange.response.cut_short:
                self._finished = True
                words = f"Incomplete: {length} are kept as {self._path}.part."
                return SinkResult(path=self._part, words=(words,))
            if ended.exit_status not in (ExitStatus.ACCEPTED, ExitStatus.PARTLY_STORED):
                words = f"{self._path} was not written: the answer is a refusal."
                return SinkResult(self._part.read_bytes(), words=(words,))
            self._replace()
        except OSError as error:
            raise StorageError(
                self._path,
                f"{self._path} was not written: {error.strerror}; what came is kept as "
                f"{self._part}.",
            ) from None
        return SinkResult(path=self._path, words=(f"{self._path}: {length}.",))

    def close(self) -> None:
        """Remove a part that is of no use."""
        with contextlib.suppress(OSError):  # A full disk was reported by then.
            self._file.close()
        if self._finished or self._is_special:
            return
        with contextlib.suppress(OSError):
            self._part.unlink()

    def _replace(self) -> None:
        self._finished = True  # From here on it is never thrown away.
        os.fsync(self._file.fileno())
        self._file.close()
        if self._mode is not None:
            self._part.chmod(stat.S_IMODE(self._mode))
        os.replace(self._part, self._target)


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


_CHUNK_filter_sink = 1 << 20
_REFUSALS = (ExitStatus.REFUSED, ExitStatus.CREDENTIALS, ExitStatus.QUOTA)


def check_filter(arguments: Namespace) -> None:
    """Say what is wrong with a filter while nothing was sent.

    Raises:
        UsageError: It does not go with another option.
        FilterError: It does not compile.
    """
    if arguments.filter is None:
        return
    if arguments.json:
        raise UsageError("--filter and --json exclude each other: one describes all.")
    if arguments.output and arguments.output != "-":
        raise UsageError(
            "--filter is for what goes to stdout and -o writes the body as it came: "
            "redirect stdout to keep what the filter gives."
        )
    asyncio.run(_checked(arguments.filter))


async def _checked(program: str) -> None:
    process = FilterProcess(b"")
    try:
        await process.check(program)
    finally:
        await process.close()


class FilterSink(OutputSink):
    """Keeps the body in a private file until it can be filtered."""

    def __init__(self, program: str, *, whole: bool) -> None:
        """Open the file.

        Args:
            program: In the jq language.
            whole: Deliver all at once and not piece by piece.

        Raises:
            StorageError: There is no place for it.
        """
        self._program = program
        self._whole = whole
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="mixtui-"))
            self._body = self._folder / "body"
            self._file = self._body.open("wb")
        except OSError as error:
            raise _no_room(error) from None
        self.file = self._file

    def finish(self, exchange: Exchange, ended: Outcome) -> SinkResult:
        """What the filter gives; a refusal as it came.

        Raises:
            StorageError: The body could not be kept.
        """
        try:
            self._file.close()
        except OSError as error:
            raise _no_room(error) from None
        if ended.exit_status in _REFUSALS:
            unfiltered = "The answer is a refusal: it was not filtered."
            return SinkResult(self._body.read_bytes(), words=(unfiltered,))
        try:
            filtered = asyncio.run(self._filtered())
        except FilterError as error:
            return SinkResult(words=(str(error),), exit_status=ExitStatus.USAGE)
        words = (filtered.notice,) if filtered.notice else ()
        output = filtered.output
        if isinstance(output, Path) and not self._whole:
            return SinkResult(chunks=_chunks(output), words=words)
        content = output if isinstance(output, bytes) else output.read_bytes()
        return SinkResult(content, words=words, media_type=filtered.media_type)

    async def _filtered(self) -> Filtered:
        process = FilterProcess(self._body, folder=self._folder)
        try:
            filtered = await process.run(self._program)
            if isinstance(filtered.output, bytes):
                return filtered
            # What is left in the process's folder goes with it.
            kept = filtered.output.rename(self._folder / "filtered")
            return Filtered(kept, filtered.count, filtered.notice)
        finally:
            await process.close()

    def close(self) -> None:
        """Give the place back."""
        with contextlib.suppress(OSError):  # A full disk was reported by then.
            self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _no_room(error: OSError) -> StorageError:
    folder = Path(tempfile.gettempdir())
    return StorageError(
        folder,
        f"The body cannot be kept in {folder} to be filtered: {error.strerror}; "
        "$TMPDIR names another folder.",
    )


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_CHUNK_filter_sink), b"")
