"""The editor of code: where its characters are drawn, and what a key moves over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from textual.app import App, ComposeResult

from mixtui.text import sanitize
from mixtui.ui.frame import split_between_characters
from mixtui.ui.widgets.code_area import CodeArea, LineWindow, cell_starts
from tests.ui.driver import screen_lines

FAMILY = "👩\u200d👩\u200d👧"
PARTS = [
    "a",
    "日",
    "\u0301",
    "👩",
    "\u200d",
    "\ufe0f",
    "❤",
    "🏽",
    "🇩🇪",
    "1",
    "\u20e3",
    "\t",
]
texts = st.lists(st.sampled_from(PARTS)).map(lambda parts: f"a{''.join(parts)}")


@given(texts, st.integers(0, 10), st.integers(1, 12))
def test_a_line_is_drawn_in_the_cells_that_its_characters_start_at(
    text: str, left: int, width: int
) -> None:
    split_between_characters()
    starts = cell_starts(text, 2)
    marks = [(i, i + 1, Style(bold=bool(i % 2))) for i in range(len(text))]
    window = LineWindow(text, 2, left, width)
    strip = window.strip(Style(), [], marks, width)
    assert len(starts) == len(text) + 1
    assert sum(cell_len(segment.text) for segment in strip) == width
    if not left and starts[-1] < width and "\t" not in text:
        assert strip.text.rstrip() == sanitize(text)


class Host(App[None]):
    """An editor of one line, which holds a family."""

    def compose(self) -> ComposeResult:
        """Lay the editor out."""
        yield CodeArea(f"a{FAMILY}b", line_numbers=False)

    @property
    def area(self) -> CodeArea:
        """The editor."""
        return self.query_one(CodeArea)


async def test_an_emoji_is_drawn_as_one_and_moved_over_as_one() -> None:
    app = Host()
    async with app.run_test(size=(20, 3)) as pilot:
        assert screen_lines(app)[0].strip() == f"a{FAMILY}b"
        await pilot.press("right", "right")
        assert app.area.cursor_location == (0, 1 + len(FAMILY))
        await pilot.press("left")
        assert app.area.cursor_location == (0, 1)
        await pilot.press("right", "X")
        assert app.area.text == f"a{FAMILY}Xb"


@pytest.mark.parametrize(
    ("keys", "text"),
    [(("end", "left", "backspace"), "ab"), (("right", "delete"), "ab")],
)
async def test_an_emoji_is_deleted_as_one(keys: tuple[str, ...], text: str) -> None:
    app = Host()
    async with app.run_test(size=(20, 3)) as pilot:
        await pilot.press(*keys)
        assert app.area.text == text
