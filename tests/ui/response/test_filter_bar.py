"""The line for a filter: typing, applying, the history, stopping."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input, Static

from mixtui.jq.filter import FilterResult
from mixtui.jq.process import FilterProcess
from mixtui.model.errors import FilterError, FilterStopped
from mixtui.ui.response import filter_bar
from mixtui.ui.response.filter_bar import FilterBar
from tests.ui.driver import screen_lines, type_text, workers_done

HISTORY = (".new", ".old")


class Host(App[None]):
    """A bar whose programs give what a test says."""

    def __init__(
        self,
        *,
        result: FilterResult | FilterError | None = None,
        history: Sequence[str] = HISTORY,
        live: bool = False,
    ) -> None:
        super().__init__()
        self.result = result
        self.asked: list[str] = []
        self.heard: list[Message] = []
        self.cancelled = 0
        self.bar = FilterBar(self.run_program, history=history, live=live)

    def compose(self) -> ComposeResult:
        yield self.bar

    async def run_program(self, program: str) -> FilterResult:
        self.asked.append(program)
        match self.result:
            case FilterError() as error:
                raise error
            case FilterResult() as filtered:
                return filtered
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        raise AssertionError

    def on_filter_bar_applied(self, message: FilterBar.Applied) -> None:
        self.heard.append(message)

    def on_filter_bar_closed(self, message: FilterBar.Closed) -> None:
        self.heard.append(message)

    @property
    def note(self) -> str:
        return str(self.bar.query_one("#said", Static).content)


async def applied(pilot: Pilot[None]) -> None:
    """Wait until what runs has ended, and its messages were heard."""
    await workers_done(pilot.app)
    await pilot.pause()


TWO = FilterResult(b"1\n2\n", 2)


async def test_enter_applies_what_was_typed() -> None:
    app = Host(result=TWO)
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.note.startswith("enter Apply")
        await type_text(pilot, ".a[]")
        assert app.asked == []
        await pilot.press("enter")
        await applied(pilot)
        (message,) = app.heard
        assert isinstance(message, FilterBar.Applied)
        assert (message.program, message.filtered) == (".a[]", TWO)
        assert not message.live
        assert app.note == "2 results"


async def test_a_notice_stands_behind_the_count() -> None:
    app = Host(result=FilterResult(b"1\n", 1, "Line 2 is \x1bnot JSON."))
    async with app.run_test() as pilot:
        await pilot.press(".", "enter")
        await applied(pilot)
        assert app.note == "1 result · Line 2 is ␛not JSON."


async def test_a_live_filter_runs_after_a_pause_and_enter_keeps_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filter_bar, "PAUSE", 0.01)
    app = Host(result=TWO, live=True)
    async with app.run_test() as pilot:
        await type_text(pilot, ".ab")
        while not app.heard:
            await pilot.pause(0.01)
        assert app.asked[-1] == ".ab"
        await pilot.press("enter")
        await pilot.pause()
        live, kept = app.heard[-2:]
        assert isinstance(live, FilterBar.Applied)
        assert isinstance(kept, FilterBar.Applied)
        assert (live.live, kept.live) == (True, False)
        assert app.asked.count(".ab") == 1


ERRORS = [
    (
        ".a | x",
        FilterError("The function x is not defined (column 6).", 1, 6),
        f"{' ' * 12}▲\nThe function x is not defined (column 6).",
    ),
    (
        '  "日" | x',
        FilterError("The function x is not defined (column 7).", 1, 7),
        f"{' ' * 16}▲\nThe function x is not defined (column 7).",
    ),
    (".", FilterError('Cannot index "\x1b[31m".'), 'Cannot index "␛[31m".'),
]


async def test_a_syntax_error_is_shown_with_a_caret() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for typed, error, said in ERRORS:
            app.result = error
            await pilot.press("ctrl+u")
            await type_text(pilot, typed)
            await pilot.press("enter")
            await applied(pilot)
            assert app.note == said, typed
            assert app.heard == [], typed
            await pilot.press("x")
            assert app.note.startswith("enter Apply"), typed


async def test_a_caret_points_at_the_character_on_the_screen() -> None:
    program = f"{'.a | ' * 20}x"
    column = len(program)
    app = Host(result=FilterError("No.", 1, column))
    async with app.run_test(size=(40, 10)) as pilot:
        await type_text(pilot, program)
        await pilot.press("enter")
        await applied(pilot)
        rows = screen_lines(app)
        assert rows[0][rows[1].index("▲")] == "x"
        await pilot.press("home", "enter")
        await applied(pilot)
        assert app.note == "No."


async def test_escape_stops_what_runs_and_then_closes() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press(".", "enter")
        await pilot.pause()
        assert app.note == "filtering… · esc Stop"
        await pilot.press("escape")
        await pilot.pause()
        assert (app.cancelled, app.note) == (1, "Filter stopped.")
        assert app.heard == []
        await pilot.press("escape")
        await pilot.pause()
        assert [type(message) for message in app.heard] == [FilterBar.Closed]


async def test_a_filter_that_something_else_stopped_is_over() -> None:
    app = Host(result=FilterStopped("Filter stopped."))
    async with app.run_test() as pilot:
        await pilot.press(".", "enter")
        await applied(pilot)
        assert app.note == "Filter stopped."


async def test_the_program_of_before_is_replaced_by_typing_or_kept_by_end() -> None:
    for keys, program in (("x", "x"), ("end x", ".oldx"), ("right x", ".oldx")):
        app = Host()
        async with app.run_test() as pilot:
            app.bar.query_one(Input).value = ".old"
            app.bar.take_focus()
            await pilot.press(*keys.split())
            assert app.bar.program == program, keys


async def test_enter_without_a_program_closes() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("space", "enter")
        await pilot.pause()
        assert [type(message) for message in app.heard] == [FilterBar.Closed]
        assert app.asked == []


KEYS_AND_PROGRAMS = [
    ("up", ".new"),
    ("up up", ".old"),
    ("up up up", ".old"),
    ("up up down", ".new"),
    ("x up down", "x"),
    ("down", ""),
    ("up y up", ".new"),
    ("up y up down", ".newy"),
]


async def test_up_and_down_walk_the_history() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for keys, program in KEYS_AND_PROGRAMS:
            await pilot.press("ctrl+u", *keys.split())
            await pilot.pause()
            assert app.bar.program == program, keys


async def test_a_real_filter_is_applied_and_stopped() -> None:
    process = FilterProcess(b'{"a":[1.00,2]}')
    app = Host()
    app.bar._run = process.run
    async with app.run_test() as pilot:
        await type_text(pilot, ".a[]")
        await pilot.press("enter")
        await applied(pilot)
        (message,) = app.heard
        assert isinstance(message, FilterBar.Applied)
        assert message.filtered.output == b"1.00\n2\n"
        await pilot.press("ctrl+u")
        await type_text(pilot, "def f: f; f")
        await pilot.press("enter")
        await pilot.pause()
        assert app.note == "filtering… · esc Stop"
        await pilot.press("escape")
        await pilot.pause()
        assert app.note == "Filter stopped."
    await process.close()
