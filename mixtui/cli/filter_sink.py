"""``--filter JQ``: the body waits in a private file and is printed filtered."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from mixtui.cli.parsing import UsageError
from mixtui.cli.sinks import OutputSink, SinkResult
from mixtui.core.errors import ExitStatus, FilterError, StorageError
from mixtui.core.exchange import Exchange
from mixtui.core.filter_process import FilterProcess
from mixtui.core.filtering import Filtered
from mixtui.core.outcome import Outcome

_CHUNK = 1 << 20
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
        yield from iter(lambda: file.read(_CHUNK), b"")
