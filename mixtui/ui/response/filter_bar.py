"""A line for a filter in the jq language, and what came of it under it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import Worker

from mixtui.jq.filter import Filtered
from mixtui.model.errors import FilterError, FilterStopped
from mixtui.text import pluralise, sanitize
from mixtui.ui.widgets.field import CommandInput
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune

PAUSE = 0.25
"""Seconds without a key after which a live filter runs."""
_LABEL = "filter "
_CARET = "▲"
_RUNNING = "filtering… esc stops"
_STOPPED = "The filter was stopped."
_HINT = "enter applies · ↑ earlier · esc closes"


class FilterBar(CancelsWorkersOnPrune, Vertical):
    """Asks for a program and runs it; shows no results itself."""

    DEFAULT_CSS = """
    FilterBar { height: auto; background: $surface; }
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
        filtered: Filtered
        live: bool
        """While it was typed; False = by enter: it is worth remembering."""

    @dataclass
    class Closed(Message):
        """The original is wanted back."""

        bar: FilterBar

    def __init__(
        self,
        run: Callable[[str], Awaitable[Filtered]],
        *,
        program: str = "",
        history: Sequence[str] = (),
        live: bool = False,
        id: str | None = None,
    ) -> None:
        """A bar that has run nothing yet.

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
        self._last: tuple[str, Filtered] | None = None
        """The program that gave the last result, and that."""
        self.history = tuple(history)
        self._walked = -1
        """Which program of the history is shown; -1 = the typed one."""
        self._typed = program

    def compose(self) -> ComposeResult:
        """The line, and what there is to say about it."""
        with Horizontal():
            yield Static(_LABEL, id="label")
            yield self._field
        yield Static(Content(_HINT), id="said")

    @property
    def program(self) -> str:
        """What stands in the line."""
        return self._field.value

    @property
    def is_running(self) -> bool:
        """Whether a program runs."""
        return self._running

    def take_focus(self) -> None:
        """Type into the line."""
        self.screen.set_focus(self._field)

    def stop(self) -> None:
        """Stop the program that runs, if one does."""
        self._end_pause()
        if self._running:
            self.workers.cancel_node(self)
            self._running = False
            self._turn += 1
            self._set_note(_STOPPED)

    def _key(self, key: str) -> bool:
        """Whether a key of the line is the bar's."""
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
        self._field.value = program
        self._field.cursor_position = len(program)

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
        run = partial(self._work, program, live, self._turn)
        _: Worker[None] = self.run_worker(run, exclusive=True)

    async def _work(self, program: str, live: bool, turn: int) -> None:
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
        """The cell under which the mistake stands; None = it cannot be pointed at."""
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
