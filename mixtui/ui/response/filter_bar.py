"""The jq filter of a body: the line with its problems, and the controller of one pane."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from mixtui.document.document import Document, read_source
from mixtui.document.source import ByteSource, BytesSource, FileSource
from mixtui.jq.filter import FilterResult
from mixtui.jq.process import FilterProcess
from mixtui.model.errors import FilterError, FilterStopped, StorageError
from mixtui.storage.recent import FilterHistory
from mixtui.text import pluralise, sanitize
from mixtui.ui.widgets.field import CommandInput
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune

PAUSE = 0.25
"""Seconds without a key after which a live filter runs."""
LIVE = 1_000_000
"""Bytes; a filter of a smaller body runs while it is typed."""
_LABEL = "filter "
_CARET = "▲"
_RUNNING = "filtering… · esc Stop"
_STOPPED = "Filter stopped."
_HINT = "enter Apply · ↑ History · esc Close"


class FilterBar(CancelsWorkersOnPrune, Vertical):
    """Asks for a program and runs it; shows no results itself."""

    DEFAULT_CSS = """
    FilterBar { height: auto; background: $background; }
    FilterBar > Horizontal { height: 1; }
    FilterBar #label { width: auto; color: $text-primary; text-style: bold; }
    FilterBar #program { width: 1fr; }
    FilterBar #said { width: 100%; height: auto; max-height: 4; color: $text-muted; }
    FilterBar #said.-error { color: $text-error; }
    """

    @dataclass
    class Applied(Message):
        """A program gave a result."""

        bar: FilterBar
        program: str
        filtered: FilterResult
        live: bool
        """While it was typed; False = by enter: it is worth remembering."""

    @dataclass
    class Closed(Message):
        """Posted when the filter is closed."""

        bar: FilterBar

    def __init__(
        self,
        run: Callable[[str], Awaitable[FilterResult]],
        *,
        program: str = "",
        history: Sequence[str] = (),
        live: bool = False,
        id: str | None = None,
    ) -> None:
        """Create a bar.

        Args:
            run: Runs a program; raises FilterError. May be cancelled.
            program: What stands in the line at first.
            history: Programs to walk through, the last used first.
            live: Run what is typed after a short pause: for small bodies.
            id: Of the widget.
        """
        super().__init__(id=id)
        self._run = run
        self._field = CommandInput(
            program, self._key, placeholder=".results[] | .name", id="program"
        )
        self._live = live
        self._pause: Timer | None = None
        self._running = False
        self._turn = 0
        """Grows with each start and stop: what was begun before has nothing to say."""
        self._last: tuple[str, FilterResult] | None = None
        """The program that gave the last result, and that."""
        self.history = tuple(history)
        self._walked = -1
        """Which program of the history is shown; -1 = the typed one."""
        self._typed = program

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(_LABEL, id="label")
            yield self._field
        yield Static(Content(_HINT), id="said")

    @property
    def program(self) -> str:
        """The program in the line."""
        return self._field.value

    def take_focus(self) -> None:
        """Focus the line, and select its text."""
        self.screen.set_focus(self._field)
        self._field.action_select_all()

    def stop(self) -> None:
        """Stop the running program, if any."""
        self._end_pause()
        if self._running:
            self.workers.cancel_node(self)
            self._running = False
            self._turn += 1
            self._set_note(_STOPPED)

    def _key(self, key: str) -> bool:
        """Handle a key of the line; return whether it was one of the bar's."""
        match key:
            case "enter":
                self._enter()
            case "escape" if self._running:
                self.stop()
            case "escape":
                self._end_pause()
                self.post_message(self.Closed(self))
            case "up" | "down":
                self._walk(1 if key == "up" else -1)
            case _:
                return False
        return True

    def _enter(self) -> None:
        program = self.program.strip()
        if not program:
            self.stop()
            self.post_message(self.Closed(self))
        elif self._last is not None and self._last[0] == program and not self._running:
            self._end_pause()
            self.post_message(self.Applied(self, *self._last, live=False))
        else:
            self._start(program, live=False)

    def _walk(self, by: int) -> None:
        walked = min(max(self._walked + by, -1), len(self.history) - 1)
        if walked == self._walked:
            return
        if self._walked == -1:
            self._typed = self.program
        self._walked = walked
        program = self.history[walked] if walked >= 0 else self._typed
        self._field.edit_text(program)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._walked >= 0 and event.value != self.history[self._walked]:
            self._walked = -1  # It was changed: it is a typed one now.
        self._end_pause()
        program = event.value.strip()
        if self._last is not None and self._last[0] == program:
            return
        if not self._running:
            self._set_note(_HINT)
        if self._live and program:
            self._pause = self.set_timer(PAUSE, lambda: self._start(program, live=True))

    def _end_pause(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    def _start(self, program: str, *, live: bool) -> None:
        self._end_pause()
        self._running = True
        self._turn += 1
        self._set_note(_RUNNING)
        self._apply(program, live, self._turn)

    @work(exclusive=True, description="")
    async def _apply(self, program: str, live: bool, turn: int) -> None:
        try:
            filtered = await self._run(program)
        except FilterError as error:
            if turn == self._turn:
                self._running = False
                self._last = None
                self._fail(error, program)
            return
        if turn != self._turn:
            return
        self._running = False
        self._last = (program, filtered)
        text = pluralise(filtered.count, "result")
        self._set_note(f"{text} · {filtered.notice}" if filtered.notice else text)
        self.post_message(self.Applied(self, program, filtered, live))

    def _set_note(self, text: str, *, is_error: bool = False) -> None:
        static = self.query_one("#said", Static)
        static.update(Content(text if is_error else sanitize(text)))
        static.set_class(is_error, "-error")

    def _fail(self, error: FilterError, program: str) -> None:
        if isinstance(error, FilterStopped):
            self._set_note(_STOPPED)
            return
        sentence = sanitize(str(error))
        if (caret := self._caret(error, program)) is not None:
            sentence = f"{' ' * caret}{_CARET}\n{sentence}"
        self._set_note(sentence, is_error=True)

    def _caret(self, error: FilterError, program: str) -> int | None:
        """Return the cell of a syntax error; None = it is not visible."""
        if error.line != 1 or error.column is None:
            return None
        if self.program.strip() != program:
            return None
        spaces = len(self.program) - len(self.program.lstrip())
        before = self.program[: spaces + error.column - 1]
        cell = cell_len(before) - round(self._field.scroll_x)
        if not 0 <= cell < max(1, self._field.size.width):
            return None
        return len(_LABEL) + cell


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
        self._turn = 0
        """Grows when the line is opened or closed."""
        self.applied = ""
        """The program whose result is shown; empty = none is."""

    @property
    def is_open(self) -> bool:
        """Whether the filter line is open."""
        return self._bar is not None

    @property
    def program(self) -> str | None:
        """What stands in the line; None = it is closed."""
        return None if self._bar is None else self._bar.program

    async def ask(self, source: ByteSource) -> None:
        """Open the line for a program, and focus it."""
        bar = self._bar or await self._open(source)
        if bar is not None and bar is self._bar:
            bar.take_focus()

    async def reopen(self, source: ByteSource, program: str, *, applied: bool) -> None:
        """Open the line as it was with this document before.

        Args:
            source: The document's.
            program: What stood in the line.
            applied: Its result is shown already.
        """
        self._program = program
        if await self._open(source) is not None and applied:
            self.applied = program

    async def _open(self, source: ByteSource) -> FilterBar | None:
        """Open the line; None = it was closed, or opened again, meanwhile."""
        self._turn += 1
        turn = self._turn
        body = await asyncio.to_thread(_body, source)
        history = await asyncio.to_thread(FilterHistory().load)
        if turn != self._turn:
            return None
        self._process = FilterProcess(body)
        bar = self._bar = FilterBar(
            self._process.run,
            program=self._program,
            history=history,
            live=source.size < LIVE,
        )
        await self._pane.mount(bar)
        return bar

    async def apply(self, event: FilterBar.Applied) -> None:
        """Show the result of a program; remember one that was entered."""
        # The line may be closed during each await: what it gets is its own.
        bar = event.bar
        document = await asyncio.to_thread(_read, event.filtered)
        if bar is not self._bar:
            return
        self.applied = self._program = event.program
        self._show(document)
        if not event.live:
            try:
                bar.history = await asyncio.to_thread(
                    FilterHistory().add, event.program
                )
            except StorageError:
                # The body is filtered anyway.
                bar.history = (event.program, *bar.history)

    async def close(self) -> None:
        """Close the line and show the original."""
        if self.applied:
            self._show(None)
        await self.leave()

    async def leave(self) -> None:
        """Close the line: another document is looked at."""
        self._turn += 1
        bar, self._bar = self._bar, None
        self.applied = ""
        if bar is not None:
            self._program = bar.program
            await bar.remove()
        await self.end()

    async def end(self) -> None:
        """End the process, and remove the results that it has in files."""
        process, self._process = self._process, None
        if process is not None:
            await process.close()


def _body(source: ByteSource) -> bytes | Path:
    """Return the bytes, or the path of their file."""
    path = source.path
    return source.read(0, source.size) if path is None else path


def _read(filtered: FilterResult) -> Document:
    output: ByteSource
    if isinstance(filtered.output, bytes):
        output = BytesSource(filtered.output)
    else:
        output = FileSource(filtered.output)
        filtered.output.unlink()  # Open, it is there until it is closed.
    return read_source(output, filtered.media_type)
