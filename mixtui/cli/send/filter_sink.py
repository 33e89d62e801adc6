"""Filter a response body with a jq program, once it is complete."""

from __future__ import annotations

import asyncio
import contextlib
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from mixtui.cli.parsing import UsageError
from mixtui.cli.send.sinks import OutputSink, SinkResult
from mixtui.jq.filter import FilterResult
from mixtui.jq.process import FilterProcess
from mixtui.model.errors import ExitStatus, FilterError, StorageError
from mixtui.model.exchange import Exchange
from mixtui.outcome.outcome import Outcome
from mixtui.temporary import TemporaryFolder

_CHUNK = 1 << 20
_REFUSAL_STATUSES = (ExitStatus.REFUSED, ExitStatus.CREDENTIALS, ExitStatus.QUOTA)


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
    """Check the filter of ``--filter`` before anything is sent.

    Raises:
        UsageError: It contradicts another option.
        FilterError: It does not compile.
    """
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
