from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.widgets import Input

from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.repaint import changed_span
from tests.ui.driver import OutputMeter, screen_lines

RED, BLUE = Style(color="red"), Style(color="blue")


def segments(*parts: tuple[str, Style]) -> list[Segment]:
    return [Segment(text, style) for text, style in parts]


@pytest.mark.parametrize(
    ("old", "new", "cells"),
    [
        ([("ab", RED)], [("ab", RED)], None),
        ([("ab", RED)], [("ab", BLUE)], (0, 2)),
        ([("a", RED), ("b", RED)], [("a", RED), ("c", RED)], (1, 2)),
        ([("a", RED), ("b", RED)], [("c", RED), ("b", RED)], (0, 1)),
        ([("日", RED), ("b", RED)], [("日", RED), ("c", RED)], (2, 3)),
        ([("a", RED), ("    ", RED)], [("ab", RED), ("   ", RED)], (0, 2)),
        ([("ab", RED), ("   ", RED)], [("a", RED), ("    ", RED)], (0, 2)),
        ([("a", RED), ("  ", RED)], [("a", RED), ("  ", BLUE)], (1, 3)),
        ([("a", RED)], [("a", RED), ("b", RED)], (1, 2)),
        ([("a", RED), ("b", RED)], [("a", RED)], (1, 2)),
        ([], [("a", RED)], (0, 1)),
    ],
)
def test_the_cells_that_differ_are_found(
    old: list[tuple[str, Style]],
    new: list[tuple[str, Style]],
    cells: tuple[int, int] | None,
) -> None:
    assert changed_span(segments(*old), segments(*new)) == cells


class Host(App[None]):
    def __init__(self, field: Input) -> None:
        super().__init__()
        self.field = field

    def compose(self) -> ComposeResult:
        yield self.field


async def bytes_of(field: Input, *keys: str) -> tuple[int, Host]:
    app = Host(field)
    async with app.run_test(size=(120, 10)) as pilot:
        await pilot.press("a", "b")
        await pilot.pause()
        meter = OutputMeter(app)
        await pilot.press(*keys)
        await pilot.pause()
        sent = meter.characters
        shown = screen_lines(app)
        app.field.refresh()
        app.screen.refresh()
        await pilot.pause()
        assert shown == screen_lines(app)
    return sent, app


@pytest.mark.parametrize(
    "keys", ["cdefg", ["left"] * 2, ["backspace"], ["home", "x"]], ids=str
)
async def test_a_key_sends_less_than_half_of_what_an_input_sends(keys: str) -> None:
    plain, one = await bytes_of(Input(compact=True), *keys)
    frugal, other = await bytes_of(TextInput(compact=True), *keys)
    assert one.field.value == other.field.value
    assert 0 < frugal < plain / 2


async def test_a_key_that_changes_nothing_sends_nothing() -> None:
    sent, _ = await bytes_of(TextInput(compact=True), "end", "right", "ctrl+k")
    assert sent == 0


async def test_a_field_scrolls_a_text_that_is_too_long() -> None:
    app = Host(TextInput(compact=True))
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.press(*"0123456789abcdefghijklmnop")
        await pilot.pause()
        assert app.field.render_line(0).text.rstrip().endswith("mnop")
        await pilot.press("home")
        await pilot.pause()
        assert app.field.render_line(0).text.startswith("0123")


async def test_a_title_that_changes_is_shown() -> None:
    field = TextInput()
    app = Host(field)
    async with app.run_test(size=(40, 5)) as pilot:
        field.border_title = "one"
        await pilot.pause()
        field.border_title = "two"
        await pilot.pause()
        assert "two" in screen_lines(app)[0]
