"""Where a body goes while it comes: memory, a pipe, or a place to wait."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from mixtui.cli.console import Console
from mixtui.core.exchange import Exchange
from mixtui.core.outcome import Outcome

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
