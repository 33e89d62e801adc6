"""One-line text fields."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult

from mixtui.ui.widgets.field import TextInput


class Host(App[None]):
    """A field with a selected text."""

    def compose(self) -> ComposeResult:
        """Lay the field out."""
        yield TextInput("old")

    @property
    def field(self) -> TextInput:
        """The field."""
        return self.query_one(TextInput)


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("one", "one"),
        (" one  blank ", " one  blank "),
        ("a line end behind it\n", "a line end behind it"),
        ("two\n  lines\n", "two lines"),
        ("a\n\nb", "a b"),
        ("a\u2028b\x85c\x0bd", "a b c d"),
        ("", "old"),
        ("\n", "old"),
    ],
)
@pytest.mark.parametrize("key", ["", "ctrl+v"], ids=["terminal", "ctrl+v"])
async def test_no_line_of_a_paste_is_lost(pasted: str, text: str, key: str) -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.field.select_all()
        if key:
            app.copy_to_clipboard(pasted)
            await pilot.press(key)
        else:
            app.post_message(events.Paste(pasted))
            await pilot.pause()
        assert app.field.value == text


async def test_a_paste_goes_where_the_cursor_is() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.field.cursor_position = 1
        app.post_message(events.Paste("a\nb"))
        await pilot.pause()
        assert app.field.value == "oa bld"
