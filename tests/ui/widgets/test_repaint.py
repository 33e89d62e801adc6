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


SOME_KEYS = ["c d e f g", "left left", "backspace", "home x"]
NO_CHANGE = "end right ctrl+k"


async def output_of(field: Input) -> dict[str, tuple[int, str]]:
    """What each of the keys sends, typed behind ab, and what the field holds then."""
    app = Host(field)
    outputs = {}
    async with app.run_test(size=(120, 10)) as pilot:
        for keys in (*SOME_KEYS, NO_CHANGE):
            field.value = ""
            await pilot.press("a", "b")
            await pilot.pause()
            meter = OutputMeter(app)
            await pilot.press(*keys.split())
            await pilot.pause()
            outputs[keys] = meter.characters, field.value
            shown = screen_lines(app)
            field.refresh()
            app.screen.refresh()
            await pilot.pause()
            assert shown == screen_lines(app), keys
    return outputs


async def test_a_key_sends_less_than_half_of_what_an_input_sends() -> None:
    usual = await output_of(Input(compact=True))
    frugal = await output_of(TextInput(compact=True))
    for keys in SOME_KEYS:
        assert frugal[keys][1] == usual[keys][1], keys
        assert 0 < frugal[keys][0] < usual[keys][0] / 2, keys
    assert frugal[NO_CHANGE] == (0, "ab")


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
