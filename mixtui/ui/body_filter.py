"""Filtering the body that a pane shows: a process that runs jq, and its results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from mixtui.core.byte_source import ByteSource, BytesSource, FileSource
from mixtui.core.document import Document, read_source
from mixtui.core.errors import StorageError
from mixtui.core.filter_process import FilterProcess
from mixtui.core.filtering import Filtered
from mixtui.storage.filter_history import FilterHistory
from mixtui.ui.widgets.filter_bar import FilterBar

if TYPE_CHECKING:
    from pathlib import Path

    from textual.containers import Vertical

LIVE = 1_000_000
"""Bytes; a filter of a smaller body runs while it is typed."""


class BodyFilter:
    """One pane's filter.

    Args:
        pane: Where the line is put.
        show: Shows a result; None = the original again.
    """

    def __init__(self, pane: Vertical, show: Callable[[Document | None], None]) -> None:
        self._pane, self._show = pane, show
        self._bar: FilterBar | None = None
        self._process: FilterProcess | None = None
        self._program = ""
        self.applied = ""
        """The program whose result is shown; empty = none is."""

    @property
    def is_open(self) -> bool:
        """Whether there is a line for a filter."""
        return self._bar is not None

    async def ask(self, source: ByteSource) -> None:
        """Type a program for a body."""
        if self._bar is None:
            body = await asyncio.to_thread(_body, source)
            history = await asyncio.to_thread(FilterHistory().load)
            self._process = FilterProcess(body)
            self._bar = FilterBar(
                self._process.run,
                program=self._program,
                history=history,
                live=source.size < LIVE,
            )
            await self._pane.mount(self._bar)
        self._bar.take_focus()

    async def apply(self, event: FilterBar.Applied) -> None:
        """Show what a program gave; one that was meant is remembered."""
        document = await asyncio.to_thread(_read, event.filtered)
        if event.bar is not self._bar:
            return
        self.applied = self._program = event.program
        self._show(document)
        if not event.live:
            try:
                self._bar.history = await asyncio.to_thread(
                    FilterHistory().add, event.program
                )
            except StorageError:
                # It is filtered all the same.
                self._bar.history = (event.program, *self._bar.history)

    async def close(self) -> None:
        """Show the original again."""
        bar, self._bar = self._bar, None
        process, self._process = self._process, None
        if bar is not None:
            self._program = bar.program
            if self.applied:
                self.applied = ""
                self._show(None)
            await bar.remove()
        if process is not None:
            await process.close()


def _body(source: ByteSource) -> bytes | Path:
    """The bytes, or the file that they are in."""
    path = source.path
    return source.read(0, source.size) if path is None else path


def _read(filtered: Filtered) -> Document:
    output: ByteSource
    if isinstance(filtered.output, bytes):
        output = BytesSource(filtered.output)
    else:
        output = FileSource(filtered.output)
        filtered.output.unlink()  # Open, it is there until it is closed.
    return read_source(output, filtered.media_type)
