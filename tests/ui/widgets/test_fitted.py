from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.content import Content

from mixtui.ui.widgets.fitted import FittedText, fit_lines
from tests.ui.driver import widget_lines


@pytest.mark.parametrize(
    ("text", "width", "height", "lines"),
    [
        ("one two", 10, 1, ["one two"]),
        ("one two three", 10, 2, ["one two", "three"]),
        ("one two three four", 10, 1, ["one two t…"]),
        ("one two three four five", 10, 2, ["one two", "three fou…"]),
        ("one\n\ntwo", 10, 2, ["one", "two…"]),
        ("one\ntwo", 10, 1, ["one two…"]),
        ("verylongword", 5, 2, ["veryl", "ongw…"]),
        ("日本語日本語", 4, 1, ["日…"]),
        ("", 4, 1, [""]),
        ("about 8 ms", 9, 2, ["about", "8 ms"]),
        ("1.2 MB · 12 min", 8, 3, ["1.2 MB ·", "12 min"]),
        ("12 millimeters", 8, 3, ["12", "millimet", "ers"]),
    ],
)
def test_a_text_that_is_cut_ends_in_a_mark(
    text: str, width: int, height: int, lines: list[str]
) -> None:
    fitted = fit_lines(Content(text), width, height)
    assert [line.plain.rstrip() for line in fitted] == lines


@given(st.text("ab \n日", max_size=60), st.integers(2, 20), st.integers(1, 4))
def test_no_line_is_too_long_and_a_cut_is_marked(
    text: str, width: int, height: int
) -> None:
    lines = fit_lines(Content(text), width, height)
    assert len(lines) <= height
    assert all(line.rstrip().cell_length <= width for line in lines)
    shown = "".join("".join(line.plain for line in lines).split())
    assert shown == "".join(text.split()) or lines[-1].plain.endswith("…")


class Host(App[None]):
    """A text in at most two lines; fewer where a class says so."""

    CSS = "FittedText { height: auto; max-height: 2; } FittedText.-one { height: 1; }"

    def compose(self) -> ComposeResult:
        yield FittedText()


async def test_it_fits_again_at_another_width_and_by_other_styles() -> None:
    app = Host()
    async with app.run_test(size=(10, 5)) as pilot:
        text = app.query_one(FittedText)
        text.show(Content("one two three four five"))
        await pilot.pause()
        assert widget_lines(text) == ["one two", "three fou…"]
        text.add_class("-one")
        await pilot.pause()
        assert widget_lines(text) == ["one two t…"]
        text.remove_class("-one")
        await pilot.resize_terminal(40, 5)
        await pilot.pause()
        assert widget_lines(text) == ["one two three four five"]
