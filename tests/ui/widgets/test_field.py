"""One-line text fields."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

from mixtui.editing.suggestions import Suggestion
from mixtui.ui.widgets.completing_field import CompletingField
from mixtui.ui.widgets.field import TextInput
from tests.ui.driver import OutputMeter, screen_lines


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


async def test_a_letter_neither_lays_out_nor_styles_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    lay_out, style = Screen._refresh_layout, Stylesheet.update_nodes

    def laid_out(*arguments: Any, **options: Any) -> None:
        done.append("layout")
        lay_out(*arguments, **options)

    def styled(*arguments: Any, **options: Any) -> None:
        done.append("styles")
        style(*arguments, **options)

    app = Host()
    async with app.run_test() as pilot:
        await app.mount(field := TextInput(placeholder="empty"))
        field.focus()
        await pilot.pause()
        monkeypatch.setattr(Screen, "_refresh_layout", laid_out)
        monkeypatch.setattr(Stylesheet, "update_nodes", styled)
        await pilot.press("a")
        await pilot.pause()
        await pilot.press("b", "left")
        await pilot.pause()
        assert (field.value, done) == ("ab", [])


class Completing(CompletingField):
    """A field that knows one word."""

    def suggestions(self, typed: str) -> list[Suggestion]:
        """Return the word, if it begins so."""
        known = "segmentation"
        return [Suggestion(known, known)] if known.startswith(typed) else []


class TwoFields(App[None]):
    """A field that completes, and one to go to."""

    def compose(self) -> ComposeResult:
        """Lay the fields out."""
        yield Completing()
        yield TextInput("elsewhere", select_on_focus=False)

    @property
    def field(self) -> Completing:
        """The field that completes."""
        return self.query_one(Completing)


PASTE = "paste:"
UNDONE: dict[str, tuple[list[str], list[str]]] = {
    "what is typed at once is one step": (["a", "b", "c"], ["abc", ""]),
    "deleting is a step of its own": (["a", "b", "backspace"], ["a", "ab", ""]),
    "typing elsewhere is a step of its own": (
        ["a", "b", "left", "x", "y"],
        ["axyb", "ab", ""],
    ),
    "a paste is one step": (["a", PASTE + "b c", "d"], ["ab cd", "ab c", "a", ""]),
    "a paste of one character is one step": (
        ["a", PASTE + "b", "c"],
        ["abc", "ab", "a", ""],
    ),
    "a completion by → is one step": (
        ["s", "e", "right", "!"],
        ["segmentation!", "segmentation", "se", ""],
    ),
    "a completion from the list is one step": (
        ["s", "down", "enter", "!"],
        ["segmentation!", "segmentation", "s", ""],
    ),
    "a word deleted comes back": (["a", " ", "b", "ctrl+w"], ["a ", "a b", ""]),
    "the focus may go and come back": (
        ["a", "tab", "shift+tab", "end", "b"],
        ["ab", "a", ""],
    ),
}


@pytest.mark.parametrize(("keys", "texts"), UNDONE.values(), ids=UNDONE)
async def test_undo_and_redo_go_through_the_steps(
    keys: list[str], texts: list[str]
) -> None:
    app = TwoFields()
    async with app.run_test() as pilot:
        for key in keys:
            if key.startswith(PASTE):
                app.post_message(events.Paste(key.removeprefix(PASTE)))
            else:
                await pilot.press(key)
            await pilot.pause()
        assert app.field.value == texts[0]
        for text in [*texts[1:], texts[-1]]:
            await pilot.press("ctrl+z")
            assert app.field.value == text
        for text in [*texts[-2::-1], texts[0]]:
            await pilot.press("ctrl+y")
            assert app.field.value == text


async def test_undo_restores_the_selection_and_redo_ends_where_an_edit_does() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("x")
        assert app.field.value == "x"
        await pilot.press("ctrl+z")
        assert app.field.selected_text == "old"
        await pilot.press("home", "ctrl+y")
        assert (app.field.value, app.field.cursor_position) == ("x", 1)


async def test_an_edit_after_undo_forgets_what_was_undone() -> None:
    app = TwoFields()
    async with app.run_test() as pilot:
        await pilot.press("a", "ctrl+z", "b", "ctrl+y")
        assert app.field.value == "b"


@pytest.mark.parametrize("loads", [True, False], ids=["load_text", "value"])
async def test_undo_never_brings_back_the_text_of_something_else(loads: bool) -> None:
    app = TwoFields()
    async with app.run_test() as pilot:
        await pilot.press("a")
        if loads:
            app.field.load_text("a")
        else:
            app.field.value = "another"
        await pilot.press("ctrl+z", "ctrl+y")
        assert app.field.value == ("a" if loads else "another")


async def test_an_edit_of_a_text_that_was_set_begins_a_history_of_its_own() -> None:
    app = TwoFields()
    async with app.run_test() as pilot:
        await pilot.press("a")
        app.field.value = "another"
        await pilot.press("end", "!", "ctrl+z", "ctrl+z")
        assert app.field.value == "another"


async def test_a_large_paste_is_undone_and_redone_whole() -> None:
    text = "0123456789" * 20_000
    app = TwoFields()
    async with app.run_test() as pilot:
        await pilot.press("a")
        app.post_message(events.Paste(text))
        await pilot.pause()
        await pilot.press("b", "ctrl+z", "ctrl+z")
        assert app.field.value == "a"
        await pilot.press("ctrl+y", "ctrl+y")
        assert app.field.value == f"a{text}b"


async def test_undo_tells_the_owner_once() -> None:
    class Owner(TwoFields):
        seen: list[str] = []

        def on_input_changed(self, event: TextInput.Changed) -> None:
            """Note the text."""
            self.seen.append(event.value)

    app = Owner()
    async with app.run_test() as pilot:
        await pilot.press("a", "b", "c")
        app.seen.clear()
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert app.seen == [""]


async def test_what_was_edited_is_in_no_traceback() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("s3cret"))
        await pilot.pause()
        assert "s3cret" not in repr(app.field._edits)


async def test_a_field_scrolls_a_text_that_is_too_long() -> None:
    app = Host()
    async with app.run_test(size=(20, 5)) as pilot:
        app.field.value = ""
        await pilot.press(*"0123456789abcdefghijklmnop")
        await pilot.pause()
        assert "mnop" in screen_lines(app)[1]
        await pilot.press("home")
        await pilot.pause()
        assert "0123" in screen_lines(app)[1]


async def test_a_letter_at_the_end_writes_one_row() -> None:
    app = Host()
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        meter = OutputMeter(app)
        await pilot.press("x")
        await pilot.pause()
        assert (meter.rows, meter.characters) == ({1}, 2), "the letter and the cursor"
