from __future__ import annotations

import string
from itertools import product

import pytest
from textual import events
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from mixtui.model.draft import Pair
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.rows.editor import RowsEditor
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.rows.model import GeneratedRow, Rows, RowsModel
from mixtui.ui.rows.row_edit import RowEdit
from tests.ui.driver import post_keys, type_text

A, B, C = Pair("a", "1"), Pair("b", "2"), Pair("c", "3")


class Host(OrderedInputApp[None]):
    """An editor with a field before and one behind it."""

    def __init__(self, *pairs: Pair, headers: bool = False) -> None:
        super().__init__()
        self.editor = RowsEditor(headers=headers)
        self.editor.rows = pairs
        self.changes: list[tuple[Pair, ...]] = []

    def compose(self) -> ComposeResult:
        yield Input(id="before")
        yield self.editor
        yield Input(id="behind")

    def on_mount(self) -> None:
        self.query_one(EditableRows).focus()

    def on_rows_editor_changed(self, event: RowsEditor.Changed) -> None:
        assert event.control is self.editor
        self.changes.append(event.rows)

    @property
    def rows(self) -> EditableRows:
        return self.query_one(EditableRows)

    @property
    def cursor(self) -> int:
        return self.editor._model.rows.cursor

    def lines(self) -> list[str]:
        """What the list shows."""
        height = self.rows.size.height
        return [self.rows.render_line(y).text.rstrip() for y in range(height)]


KEYS_AND_ROWS = [
    ("space", (Pair("a", "1", enabled=False), B, C)),
    ("space space", (A, B, C)),
    ("x", (B, C)),
    ("x u", (A, B, C)),
    ("x x x", ()),
    ("x x x u u", (B, C)),
    ("x x x x u u u u", (A, B, C)),
    ("down x", (A, C)),
    ("end x", (A, B)),
    ("G x", (A, B)),
    ("G g x", (B, C)),
    ("j j k x", (A, C)),
    ("shift+down", (B, A, C)),
    ("J J", (B, C, A)),
    ("J J J", (B, C, A)),
    ("K", (A, B, C)),
    ("down shift+up", (B, A, C)),
    ("down shift+up u", (A, B, C)),
    ("a x 9 enter 8 enter escape", (A, Pair("x9", "8"), B, C)),
    ("a escape", (A, B, C)),
    ("a x escape", (A, B, C)),
    ("a enter", (A, B, C)),
    (
        "a x enter 1 enter y enter 2 enter enter",
        (A, Pair("x", "1"), Pair("y", "2"), B, C),
    ),
    ("a x enter enter escape u", (A, B, C)),
    ("enter 0 enter", (Pair("a", "10"), B, C)),
    ("enter 0 escape", (A, B, C)),
    ("enter 0 enter u", (A, B, C)),
    ("enter 0 down x", (Pair("a", "10"), C)),
    ("enter shift+tab z enter", (Pair("az", "1"), B, C)),
    ("enter backspace shift+tab backspace enter", (B, C)),
    ("a x tab 1 tab", (A, Pair("x", "1"), B, C)),
    ("enter = : # ? enter", (Pair("a", "1=:#?"), B, C)),
]


async def begin_anew(pilot: Pilot[None], *pairs: Pair) -> None:
    """Show other rows, with the focus on the first of them."""
    app = pilot.app
    assert isinstance(app, Host)
    app.editor.rows = ()
    app.editor.rows = pairs
    app.rows.focus()
    await pilot.pause()
    app.changes.clear()


async def test_keys_change_the_rows() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for keys, pairs in KEYS_AND_ROWS:
            await begin_anew(pilot, A, B, C)
            await pilot.press(*keys.split())
            await pilot.pause()
            assert app.editor.rows == pairs, keys
            assert app.changes[-1:] in ([], [pairs]), keys


async def test_what_is_typed_counts_while_it_is_typed() -> None:
    app = Host(A)
    async with app.run_test() as pilot:
        await pilot.press("enter", "0")
        await pilot.pause()
        assert app.editor.rows == (Pair("a", "10"),)
        assert app.changes == [(Pair("a", "10"),)]


KEYS_IN_ONE_BURST = [
    ("a x b enter 1 x enter escape", (A, Pair("xb", "1x"), B)),
    ("a x tab 1 enter y tab 2 enter enter", (A, Pair("x", "1"), Pair("y", "2"), B)),
    ("a x tab 1 shift+tab y enter enter escape", (A, Pair("xy", "1"), B)),
    ("x a y enter enter enter", (B, Pair("y"))),
    ("enter 0 enter x", (B,)),
    ("enter 0 escape x", (B,)),
    ("enter 0 down x", (Pair("a", "10"),)),
    ("b x = 1 escape x", (B,)),
    ("a b escape u x", (B,)),
]


async def test_keys_that_arrive_together_go_where_they_were_meant() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for keys, pairs in KEYS_IN_ONE_BURST:
            await begin_anew(pilot, A, B)
            post_keys(app, *keys.split())
            await pilot.pause()
            await pilot.pause()
            assert app.editor.rows == pairs, keys


async def test_other_rows_that_come_meanwhile_leave_nothing_waiting() -> None:
    app = Host(A, B)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        edit = app.query_one(RowEdit)
        edit.take_key("enter", edit.first_field)
        app.editor.rows = (C, B, A)
        await pilot.pause()
        await pilot.press("x")
        await pilot.pause()
        assert app.editor.rows == (B, A)


async def test_rows_set_while_a_field_is_being_opened_are_kept() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for keys, pairs in product(
            ("enter 9 escape", "a escape", "b escape"), ((), (C,))
        ):
            await begin_anew(pilot, A, B)
            await pilot.press("down")
            post_keys(app, *keys.split())
            app.rows.action_edit()
            app.editor.rows = pairs
            await pilot.pause()
            await pilot.pause()
            await pilot.press("escape")
            await pilot.pause()
            assert app.editor.rows == pairs, keys


async def test_a_new_row_counts_once_something_is_in_it() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("a")
        await pilot.pause()
        assert app.editor.rows == ()
        await pilot.press("x")
        await pilot.pause()
        assert app.editor.rows == (Pair("x"),)


async def test_no_letter_is_a_command_in_a_field_of_a_row() -> None:
    app = Host()
    async with app.run_test() as pilot:
        characters = string.digits + string.ascii_letters + string.punctuation + " "
        await pilot.press("a")
        await type_text(pilot, characters)
        await pilot.press("enter")
        await type_text(pilot, characters)
        await pilot.press("enter", "escape")
        await pilot.pause()
        assert app.editor.rows == (Pair(characters, characters),)


async def test_no_letter_is_a_command_in_the_text_of_all_rows() -> None:
    app = Host()
    async with app.run_test() as pilot:
        characters = string.ascii_letters + string.digits + string.punctuation + " "
        await pilot.press("b")
        await type_text(pilot, f"name={characters}")
        await pilot.pause()
        assert app.query_one(TextArea).text == f"name={characters}"
        await pilot.press("escape")
        await pilot.pause()
        assert app.editor.rows == (Pair("name", characters),)


async def test_setting_rows_says_nothing_and_ends_what_was_edited() -> None:
    app = Host(A)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        app.editor.rows = (B, C)
        await pilot.pause()
        assert not app.query("RowEdit")
        assert app.changes == []
        await pilot.press("u")
        assert app.editor.rows == (B, C)


async def test_setting_rows_ends_the_text_of_all_rows() -> None:
    app = Host(A)
    async with app.run_test() as pilot:
        await pilot.press("b")
        app.editor.rows = (B,)
        await pilot.pause()
        assert not app.query("BulkEditor")
        assert app.rows.display
        assert app.editor.rows == (B,)


async def test_the_focus_that_goes_on_keeps_what_was_typed() -> None:
    app = Host(A)
    async with app.run_test() as pilot:
        await pilot.press("enter", "0")
        app.query_one("#before").focus()
        await pilot.pause()
        assert app.editor.rows == (Pair("a", "10"),)
        assert app.focused is app.query_one("#before")
        assert not app.query("RowEdit")


async def test_tab_passes_through() -> None:
    app = Host(A)
    async with app.run_test() as pilot:
        await pilot.press("tab")
        assert app.focused is app.query_one("#behind")
        await pilot.press("shift+tab", "shift+tab")
        assert app.focused is app.query_one("#before")
        await pilot.press("tab", "enter", "tab")
        await pilot.pause()
        assert app.focused is app.query_one("#behind")


DISABLED = Pair("a", "1", enabled=False)


@pytest.mark.parametrize("headers", [False, True], ids=["query", "headers"])
async def test_an_edit_enables_a_disabled_row_and_one_undo_reverts_both(
    headers: bool,
) -> None:
    app = Host(headers=headers)
    async with app.run_test() as pilot:
        for keys, row in (
            ("enter 0 enter", Pair("a", "0")),
            ("enter end 0 enter", Pair("a", "10")),
            ("enter shift+tab z enter", Pair("az", "1")),
            ("enter backspace enter", Pair("a", "")),
            ("enter end 0 tab", Pair("a", "10")),
            ("enter enter", DISABLED),
            ("enter end 0 backspace enter", DISABLED),
            ("enter 0 escape", DISABLED),
            ("enter tab", DISABLED),
            ("space", Pair("a", "1")),
            ("b end 0 escape", Pair("a", "10", enabled=False)),
        ):
            await begin_anew(pilot, DISABLED)
            await pilot.press(*keys.split())
            await pilot.pause()
            assert app.editor.rows == (row,), keys
            app.rows.focus()
            await pilot.press("u")
            await pilot.pause()
            assert app.editor.rows == (DISABLED,), keys


async def test_a_disabled_row_is_sent_from_its_first_letter_on() -> None:
    app = Host(DISABLED)
    async with app.run_test() as pilot:
        await pilot.press("enter", "0")
        await pilot.pause()
        assert app.changes[-1] == (Pair("a", "0"),)


PASTED_LINES = [
    ("x=1\ny=2", (A, Pair("x", "1"), Pair("y", "2"), B)),
    ("x=1\ny=2\n", (A, Pair("x", "1"), Pair("y", "2"), B)),
    ("# x=1\n\ny==2", (A, Pair("x", "1", enabled=False), Pair("y", "=2"), B)),
]


@pytest.mark.parametrize("keys", ["", "a"], ids=["list", "new row"])
async def test_pasted_lines_become_rows(keys: str) -> None:
    app = Host()
    async with app.run_test() as pilot:
        for text, pairs in PASTED_LINES:
            await begin_anew(pilot, A, B)
            await pilot.press(*keys)
            await pilot.pause()
            app.post_message(events.Paste(text))
            await pilot.pause()
            assert app.editor.rows == pairs, text
            assert app.focused is app.rows, text
            await pilot.press("u")
            assert app.editor.rows == (A, B), text


async def test_lines_pasted_over_a_name_are_rows_that_follow_it() -> None:
    app = Host(A, B)
    async with app.run_test() as pilot:
        await pilot.press("enter", "0", "shift+tab")
        app.post_message(events.Paste("x=1\ny=2"))
        await pilot.pause()
        wanted = (Pair("a", "10"), Pair("x", "1"), Pair("y", "2"), B)
        assert app.editor.rows == wanted


async def test_lines_pasted_into_a_value_are_the_value() -> None:
    app = Host(Pair("event", ""), B)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        app.post_message(events.Paste('\n[\n  "a=1",\n  "b"\n]\n'))
        await pilot.press("enter")
        await pilot.pause()
        assert app.editor.rows == (Pair("event", '[\n  "a=1",\n  "b"\n]'), B)


async def test_one_pasted_line_goes_into_the_field_once() -> None:
    app = Host(A)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        app.post_message(events.Paste("\tx=1\n"))
        await pilot.pause()
        assert app.editor.rows == (Pair("a", "1\tx=1"),)
        assert "\t" not in app.query("RowInput").last(Input).value


async def test_a_value_of_several_lines_survives_the_field() -> None:
    pair = Pair("where", 'a == "\n\x1b" and b')
    app = Host(pair)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert not any(ord(c) < 32 for c in app.query("RowInput").last(Input).value)
        await pilot.press("x", "enter")
        await pilot.pause()
        assert app.editor.rows == (Pair("where", pair.value + "x"),)


async def test_a_header_with_a_control_character_is_refused() -> None:
    app = Host(Pair("X-A", "1"), headers=True)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        app.post_message(events.Paste("a\tb"))
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert app.query("RowEdit")
        assert len(app._notifications) == 1
        await pilot.press("escape")
        await pilot.pause()
        assert app.editor.rows == (Pair("X-A", "1"),)


@pytest.mark.parametrize(
    ("headers", "text"), [(False, "a=1\n# b=2"), (True, "a: 1\n# b: 2")]
)
async def test_all_rows_are_edited_as_text(headers: bool, text: str) -> None:
    app = Host(A, Pair("b", "2", enabled=False), headers=headers)
    async with app.run_test() as pilot:
        await pilot.press("b")
        area = app.query_one(TextArea)
        assert area.text == text
        area.load_text(text + "\nc" + ("=:" if not headers else ": ="))
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        added = Pair("c", ":" if not headers else "=")
        assert app.editor.rows == (A, Pair("b", "2", enabled=False), added)
        assert app.focused is app.rows
        await pilot.press("u")
        assert app.editor.rows == (A, Pair("b", "2", enabled=False))


async def test_a_look_at_the_text_changes_nothing() -> None:
    odd = (Pair("a=b", " x \n"), Pair("# c", "\\"), Pair("", ""), Pair("d", "", False))
    app = Host(*odd)
    async with app.run_test() as pilot:
        await pilot.press("b", "escape")
        await pilot.pause()
        assert app.editor.rows == odd
        await pilot.press("u")
        assert app.editor.rows == odd


async def test_rows_show_names_values_and_what_is_off() -> None:
    app = Host(A, Pair("limit", "10", enabled=False), Pair("long", "x" * 200))
    async with app.run_test(size=(60, 14)):
        lines = app.lines()
        assert lines[0].split() == ["[x]", "a", "1"]
        assert lines[1].split() == ["[", "]", "limit", "10"]
        assert lines[2].endswith("x…")
        assert len(lines[2]) == 60
        off = app.rows.render_line(1)
        assert any(s.style and s.style.strike and "limit" in s.text for s in off)


async def test_long_and_wide_names_leave_room_for_values() -> None:
    app = Host(Pair("n" * 80, "value"), Pair("日本語" * 20, "value"))
    async with app.run_test(size=(60, 14)):
        assert all("…" in line and "value" in line for line in app.lines()[:2])
        assert app.rows.render_line(1).cell_length == 60


async def test_control_characters_of_a_row_do_not_reach_the_terminal() -> None:
    app = Host(Pair("\x1b[2J", "\x9b\x07\n[bold]"))
    async with app.run_test():
        line = app.lines()[0]
        assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in line)
        assert "[bold]" in line


async def test_an_empty_list_says_what_to_do() -> None:
    app = Host()
    async with app.run_test() as pilot:
        assert "a Add" in app.lines()[0]
        await pilot.press("x", "space", "J", "K", "u", "up", "down")
        await pilot.press("enter", "n")
        await pilot.pause()
        assert app.editor.rows == (Pair("n"),)


async def test_rows_that_the_app_adds_are_shown_and_not_edited() -> None:
    app = Host(A)
    async with app.run_test(size=(80, 14)) as pilot:
        app.editor.generated = [
            GeneratedRow("project_id", "123", "from the environment")
        ]
        await pilot.pause()
        assert "project_id" in app.lines()[1]
        assert app.lines()[1].endswith("from the environment")
        await pilot.press("x")
        await pilot.pause()
        assert app.editor.rows == ()
        assert "project_id" in app.lines()[1]


async def test_the_cursor_stays_in_view_and_the_fields_over_their_row() -> None:
    app = Host(*(Pair(f"n{i}", str(i)) for i in range(40)))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert app.rows.scroll_y > 0
        await pilot.press("enter")
        await pilot.pause()
        edit = app.query_one("RowEdit")
        assert edit.region.y == app.rows.region.y + 39 - app.rows.scroll_y
        await pilot.resize_terminal(60, 11)
        await pilot.pause()
        assert edit.region.y == app.rows.region.y + 39 - app.rows.scroll_y
        assert app.rows.region.contains_region(edit.region)


async def test_a_click_goes_to_a_row_and_on_its_mark_switches_it() -> None:
    app = Host(A, B)
    async with app.run_test() as pilot:
        await pilot.click(EditableRows, offset=(20, 1))
        assert app.cursor == 1
        await pilot.click(EditableRows, offset=(2, 0))
        await pilot.pause()
        assert app.editor.rows == (Pair("a", "1", enabled=False), B)
        await pilot.click(EditableRows, offset=(20, 1), times=2)
        await pilot.pause()
        assert app.query("RowEdit")


def test_moving_past_the_ends_changes_nothing() -> None:
    rows = Rows((A, B))
    assert rows.moved(-1) is rows
    assert rows.with_cursor(1).moved(1).pairs == (A, B)
    assert Rows().moved(1) == Rows()
    assert Rows().with_current_toggled() == Rows()


def test_the_way_back_is_long_but_not_endless() -> None:
    model = RowsModel([A])
    for _ in range(500):
        model.change(model.rows.with_current_toggled())
    steps = 0
    while model.undo():
        steps += 1
    assert steps == 200
