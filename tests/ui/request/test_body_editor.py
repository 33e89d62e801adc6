from __future__ import annotations

import json
import string
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, Static
from textual.widgets.text_area import Selection

from mixtui.document.document import Language
from mixtui.document.search import Pattern
from mixtui.editing import reformat
from mixtui.model.draft import Body, BodyType
from mixtui.model.errors import SearchError
from mixtui.request.body import BodyCheck, check_body
from mixtui.ui.request import body_editor, body_search
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.widgets.code_area import CodeArea
from mixtui.ui.widgets.tabs import TabBar
from tests.ui.driver import type_text, workers_done

PRINTABLE = string.digits + string.ascii_letters + string.punctuation + " "


class Host(App[None]):
    """An editor with a field before and one behind it."""

    def __init__(self, body: Body | None, folder: Path | None = None) -> None:
        super().__init__()
        self.checks: list[Body] = []
        self.editor = BodyEditor(check=self.check)
        self.editor.folder = folder or Path()
        self.editor.body = body
        self.changes: list[Body | None] = []

    def check(self, body: Body) -> BodyCheck:
        self.checks.append(body)
        return check_body(body)

    def compose(self) -> ComposeResult:
        yield Input(id="before")
        yield self.editor
        yield Input(id="behind")

    def on_body_editor_changed(self, event: BodyEditor.Changed) -> None:
        assert event.control is self.editor
        self.changes.append(event.body)

    @property
    def area(self) -> CodeArea:
        return self.query_one(CodeArea)

    @property
    def line(self) -> str:
        return " ".join(str(self.editor.query_one(Static).render()).split())

    def rows(self) -> list[str]:
        height = self.area.size.height
        return [self.area.render_line(y).text.rstrip() for y in range(height)]


def json_body(text: str) -> Body:
    return Body(BodyType.JSON, text)


@asynccontextmanager
async def running(
    app: Host, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[None]]:
    """The app with the focus in the text."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.editor.focus_content()
        await pilot.pause()
        yield pilot


async def begin_anew(pilot: Pilot[None], body: Body | None) -> None:
    """Show another body, with the focus in its text."""
    app = pilot.app
    assert isinstance(app, Host)
    app.editor.body = body
    await pilot.pause()
    app.editor.focus_content()
    await pilot.pause()


async def resting(pilot: Pilot[None]) -> None:
    """Wait for the check that waits for the next key."""
    app = pilot.app
    assert isinstance(app, Host)
    await pilot.pause()
    while app.editor._timer is not None:
        await pilot.pause()
    await pilot.pause()


async def checked(pilot: Pilot[None]) -> None:
    """Let the check run that waits for the next key."""
    app = pilot.app
    assert isinstance(app, Host)
    app.editor._check_text()
    await pilot.pause()


async def test_a_body_is_shown_and_read_as_it_was_set() -> None:
    app = Host(None)
    async with running(app) as pilot:
        for kind in (*BodyType, None):
            text = "a\r\n\u2028b\tc\x0b\x85d\n"
            body = None if kind is None else Body(kind, text, "x.csv")
            await begin_anew(pilot, body)
            assert app.editor.body == body
            await pilot.press("right", "left")
            await pilot.pause()
            assert app.editor.body == body
            if kind not in (None, BodyType.FILE):
                assert app.area.text == text, kind


async def test_setting_a_body_says_nothing() -> None:
    app = Host(json_body("{}"))
    async with running(app) as pilot:
        for body in (None, Body(BodyType.FILE, path="a"), json_body("[]"), None):
            app.editor.body = body
            await pilot.pause()
            assert app.editor.body == body
        assert app.changes == []


async def test_every_character_is_typed_and_none_is_a_command() -> None:
    app = Host(None)
    async with running(app) as pilot:
        for body in (
            Body(BodyType.TEXT, PRINTABLE),
            json_body(PRINTABLE + '"'),  # Its quote has closed itself.
            Body(BodyType.FILE, path=PRINTABLE),
        ):
            await begin_anew(pilot, Body(body.type))
            await type_text(pilot, PRINTABLE)
            await pilot.pause()
            assert app.editor.body == body
            assert app.changes[-1] == body


async def test_a_type_is_chosen_and_the_text_stays() -> None:
    app = Host(json_body("{}"))
    async with running(app) as pilot:
        app.editor.query_one(TabBar).focus()
        await pilot.press("right")
        await pilot.pause()
        assert app.editor.body == Body(BodyType.NDJSON, "{}")
        assert app.area.code is Language.JSON_LINES
        await pilot.press("left", "left")
        await pilot.pause()
        assert app.editor.body is None
        assert "No body" in app.line
        await pilot.press("right")
        await pilot.pause()
        assert app.editor.body == json_body("{}")
        assert app.area.text == "{}"
        assert app.changes == [
            Body(BodyType.NDJSON, "{}"),
            json_body("{}"),
            None,
            json_body("{}"),
        ]


async def test_enter_leads_from_the_types_to_the_text_and_tab_through() -> None:
    app = Host(json_body("{}"))
    async with running(app) as pilot:
        app.query_one("#before").focus()
        await pilot.press("tab")
        assert app.focused is app.editor.query_one(TabBar)
        await pilot.press("enter")
        assert app.focused is app.area
        await pilot.press("tab")
        assert app.focused is app.query_one("#behind")
        assert app.area.text == "{}"


async def test_the_text_is_checked_once_typing_rests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body_editor, "CHECK_DELAY", 0.001)
    app = Host(json_body(""))
    async with running(app) as pilot:
        app.post_message(events.Paste('{"a": tru}'))
        await resting(pilot)
        assert app.line.startswith("✗ line 1, column 7")
        assert app.area.mistake == (1, 7)
        await pilot.press("left", "e")
        await resting(pilot)
        assert app.line == "✓ Valid JSON"
        assert app.area.mistake is None


async def test_f12_goes_to_the_mistake() -> None:
    app = Host(json_body('{\n  "a": 1\n  "b": 2\n}'))
    async with running(app) as pilot:
        await pilot.press("f12")
        await pilot.pause()
        assert app.area.cursor_location == (2, 2)
        number = app.area.render_line(2)
        assert next(iter(number)).style == app.area._read_styles()["mistake"]


async def test_a_big_body_is_checked_when_it_is_sent() -> None:
    app = Host(json_body("[" + "1," * 500_001))
    async with running(app) as pilot:
        await checked(pilot)
        assert "validated on send" in app.line
        assert app.checks == []


async def test_a_file_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_bytes(b"x" * 1500)
    app = Host(Body(BodyType.FILE), tmp_path)
    async with running(app) as pilot:
        assert "folder" in app.line
        for typed, text in (
            ("events.csv", "✓ 1.5 KB"),
            ("events", "✗ events does not exist: /"),
            (".", "✗ . is a folder: /"),
            ("a\0b", "does not exist"),
            ("~nobody-of-that-name/x", "does not exist"),
        ):
            app.editor.body = Body(BodyType.FILE, path=typed)
            await pilot.pause()
            assert text in app.line


async def test_an_external_editor_hands_a_text_back() -> None:
    app = Host(json_body("{}"))
    async with running(app) as pilot:
        app.editor.set_text("[1]\n")
        await pilot.pause()
        assert app.editor.body == json_body("[1]\n")
        assert app.changes == [json_body("[1]\n")]
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert app.editor.body == json_body("{}")


KEYS_AND_TEXTS = [
    ("{ enter", "{\n  \n}"),
    ("{ enter }", "{\n}"),
    ("[ enter { enter 1 enter } enter ]", "[\n  {\n    1\n  }\n]"),
    ("space space 1 enter 2", "  1\n  2"),
    ("a [ enter", "a[\n  \n]"),
    ("{ } left enter 1", "{\n  1\n}"),
    ("1 }", "1}"),
    ("enter ctrl+z", ""),
    ("{ enter ctrl+z ctrl+y", "{\n  \n}"),
    ("{ backspace", ""),
    ('{ " backspace backspace', ""),
    ('{ " a " : 1 }', '{"a":1}'),
    ('[ " a , " , 2 ]', '["a,",2]'),
    ("[ { { n } } ]", "[{{n}}]"),
    ('[ " { { n } } " ]', '["{{n}}"]'),
    ("{ ctrl+z", ""),
    ("{ ctrl+z ctrl+y", "{}"),
    ("[ delete [ 1 ] left ]", "[[1]]"),
    ("[ delete 1 { } home [ end ]", "[[1{}]"),
    ("{ enter 1 }", "{\n  1\n}"),
    ("{ enter 1 enter enter }", "{\n  1\n  \n}"),
    ("{ enter 1 ] }", "{\n  1]\n}"),
]


async def test_json_closes_its_brackets_and_keeps_its_indentation() -> None:
    app = Host(None)
    async with running(app) as pilot:
        for keys, text in KEYS_AND_TEXTS:
            await begin_anew(pilot, json_body(""))
            await pilot.press(*keys.split())
            await pilot.pause()
            assert app.area.text == text, keys


TYPED = [
    '{"a": [1, {"b": "x y"}], "c": {}}',
    '{\n  "a": [1,\n  {"b": "x y"}\n  ]\n}',
    '[\n  {\n    "a": "[{\\"]",\n    "b": []\n  },\n  {}\n]',
    '{\n"a":\n{\n"b":\n[\n]\n}\n}\n',
    '[{"a": {"b": [[1, 2], [3]]}}, "}", "{"]',
]


@pytest.mark.parametrize("text", TYPED)
async def test_json_that_comes_key_by_key_is_the_same_json(text: str) -> None:
    app = Host(json_body(""))
    async with running(app) as pilot:
        for line in text.split("\n")[:-1]:
            await type_text(pilot, line)
            await pilot.press("enter")
        await type_text(pilot, text.split("\n")[-1])
        assert json.loads(app.area.text) == json.loads(text)


@pytest.mark.parametrize("kind", [BodyType.TEXT, BodyType.CSV, BodyType.FORM])
async def test_other_texts_are_typed_character_by_character(kind: BodyType) -> None:
    app = Host(Body(kind))
    async with running(app) as pilot:
        await pilot.press("space", "{", "enter", '"', "[", "backspace", "}")
        assert app.area.text == ' {\n"}'


async def test_enter_only_ends_the_line_of_a_record() -> None:
    app = Host(Body(BodyType.NDJSON))
    async with running(app) as pilot:
        await pilot.press("{", "}", "enter", "{")
        assert app.area.text == "{}\n{}"


async def test_a_paste_is_inserted_unchanged_and_once() -> None:
    app = Host(json_body(""))
    async with running(app) as pilot:
        lines = ["{", '  "a": [', "\t1", "]", "}", "\u2028", '[{"']
        app.post_message(events.Paste("\n".join(lines)))
        await pilot.pause()
        assert app.area.text == "\n".join(lines)
        await pilot.press("ctrl+z")
        assert app.area.text == ""


async def test_the_partner_of_a_bracket_is_marked_but_not_one_in_a_text() -> None:
    app = Host(json_body('{"a": "}{",\n "b": [1]}'))
    async with running(app) as pilot:
        await pilot.press("ctrl+home", "home")
        app.area.move_cursor((0, 0))
        assert app.area.matching_bracket_location == (1, 9)
        app.area.move_cursor((1, 9))
        assert app.area.matching_bracket_location == (0, 0)
        app.area.move_cursor((0, 7))
        assert app.area.matching_bracket_location is None


async def test_what_shows_is_the_text_with_numbers_and_colours() -> None:
    app = Host(json_body('{\n\t"日本": "x",\n  "b": null\x1b\n}'))
    async with running(app, size=(60, 24)):
        rows = app.rows()
        assert rows[0] == "1  {"
        assert rows[1].startswith('2      "日本": "x",')
        assert rows[2] == '3    "b": null␛'
        colours = {s.text: s.style.color for s in app.area.render_line(1) if s.style}
        assert colours['"日本"'] != colours['"x"']


async def test_long_lines_are_scrolled_to_the_cursor() -> None:
    app = Host(Body(BodyType.TEXT, "0123456789" * 20 + "end\n" + "日本" * 60 + "END"))
    async with running(app, size=(60, 24)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert app.rows()[0].rstrip().endswith("789end")
        assert app.area.render_line(0).cell_length == 60
        await pilot.press("down", "end")
        await pilot.pause()
        assert "日本END" in app.rows()[1]
        assert app.area.render_line(1).cell_length == 60
        await pilot.press("home")
        await pilot.pause()
        assert app.rows()[0].startswith("1  0123")


async def test_a_click_puts_the_cursor_where_it_hits() -> None:
    app = Host(Body(BodyType.TEXT, "ab\n\t日本x\n"))
    async with running(app, size=(60, 24)) as pilot:
        gutter = app.area.gutter_width
        for x, column in ((0, 0), (5, 1), (6, 2), (8, 3), (40, 4)):
            await pilot.click(CodeArea, offset=(gutter + x, 1))
            assert app.area.cursor_location == (1, column)


async def test_selected_text_is_shown_over_line_ends() -> None:
    app = Host(Body(BodyType.TEXT, "one\n\ntwo"))
    async with running(app, size=(60, 24)) as pilot:
        await pilot.press("f7")
        await pilot.pause()
        assert app.area.selected_text == "one\n\ntwo"
        look = app.area._read_styles()["selection"].bgcolor
        for y in range(3):
            strip = app.area.render_line(y)
            assert any(s.style and s.style.bgcolor == look for s in strip)


async def test_a_big_body_is_drawn_by_the_lines_that_show() -> None:
    text = "[\n" + '  {"event": "Sign up", "properties": {"time": 1}},\n' * 20_000 + "]"
    app = Host(json_body(text))
    async with running(app, size=(80, 24)) as pilot:
        drawn = []
        draw = app.area.render_line
        app.area.render_line = lambda y: (drawn.append(y), draw(y))[1]
        await pilot.press("ctrl+end", "x", "enter", "y", "backspace")
        await pilot.pause()
        assert app.area.document.line_count == 20_003
        assert len(drawn) < 500


async def test_a_resized_screen_shows_the_text_still() -> None:
    app = Host(json_body('{"a": 1}'))
    async with running(app, size=(80, 24)) as pilot:
        for size in ((30, 8), (12, 5), (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert app.rows()[0] == '1  {"a": 1}'


async def test_an_empty_body_says_what_belongs_there() -> None:
    app = Host(Body(BodyType.FORM))
    async with running(app):
        assert "name=value" in app.rows()[0]


FORMAT, MINIFY = "ctrl+right_square_bracket", "ctrl+circumflex_accent"


async def test_a_body_is_formatted_and_minified_as_one_step_of_undo() -> None:
    app = Host(json_body('{"a":{{now}},"a":1.10}'))
    async with running(app) as pilot:
        app.area.move_cursor((0, 20))
        await pilot.press(FORMAT)
        await pilot.pause()
        assert app.area.text == '{\n  "a": {{now}},\n  "a": 1.10\n}'
        assert app.area.cursor_location == (2, 10)
        assert app.changes[-1] == json_body(app.area.text)
        await pilot.press(FORMAT)
        assert app.line == "✓ Already formatted."
        await pilot.press(MINIFY)
        assert app.area.text == '{"a":{{now}},"a":1.10}'
        assert app.area.cursor_location == (0, 20)
        await pilot.press("ctrl+z", "ctrl+z")
        assert app.area.text == '{"a":{{now}},"a":1.10}'


async def test_keys_are_sorted_and_the_cursor_stays_in_its_line() -> None:
    app = Host(json_body('{\n  "b": 1,\n  "a": 2\n}'))
    async with running(app) as pilot:
        app.area.move_cursor((1, 3))
        await pilot.press("shift+f7")
        await pilot.pause()
        assert app.area.text == '{\n  "a": 2,\n  "b": 1\n}'
        assert app.area.cursor_location == (2, 3)


async def test_a_comment_is_rejected_with_its_position_and_not_dropped() -> None:
    text = '{\n  "a": 1 // why\n}'
    app = Host(json_body(text))
    async with running(app) as pilot:
        await pilot.press(MINIFY)
        assert app.area.text == text
        assert app.line.startswith("✗ Not minified: line 2, column 10: JSON has no com")
        assert app.area.mistake == (2, 10)


@pytest.mark.parametrize("kind", [BodyType.FORM, BodyType.CSV, BodyType.TEXT])
async def test_only_json_is_formatted(kind: BodyType) -> None:
    app = Host(Body(kind, "[ ]"))
    async with running(app) as pilot:
        await pilot.press(FORMAT)
        assert app.area.text == "[ ]"
        assert app.line == "✗ Only JSON bodies can be formatted."


async def test_a_long_body_is_formatted_unless_it_was_edited_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_edited, really = Event(), reformat.reformat

    def wait_and_reformat(*arguments: Any) -> Any:
        is_edited.wait(10)
        return really(*arguments)

    monkeypatch.setattr(reformat, "reformat", wait_and_reformat)
    text = "[" + "1," * 500_001 + "1]"
    app = Host(json_body(text))
    async with running(app) as pilot:
        await pilot.press("end", FORMAT, "space")
        is_edited.set()
        await workers_done(app)
        assert app.area.text == text + " "
        await pilot.press(FORMAT)
        await workers_done(app)
        assert app.area.text.startswith("[\n  1,\n  1,")
        assert app.area.text.endswith("\n  1\n]")


async def search(pilot: Pilot[None], text: str) -> None:
    """Open the search, and type a text."""
    await pilot.press("ctrl+f")
    await pilot.pause()
    await type_text(pilot, text)
    await pilot.pause()


def count(app: Host) -> str:
    """The count in the search line."""
    return str(app.query_one("SearchBar #count", Static).render())


async def test_the_body_is_searched_from_the_cursor_and_around() -> None:
    app = Host(json_body('["one",\n "two", "one",\n "One"]'))
    async with running(app) as pilot:
        app.area.move_cursor((1, 0))
        await search(pilot, "one")
        assert (app.area.selected_text, count(app)) == ("one", "2 of 3")
        for key, number in (
            ("enter", 3),
            ("down", 1),
            ("down", 2),
            ("up", 1),
            ("up", 3),
        ):
            await pilot.press(key)
            await pilot.pause()
            assert count(app).startswith(f"{number} of 3"), key
        await pilot.press("escape")
        await pilot.pause()
        assert app.focused is app.area
        assert app.area.selected_text == "One"
        assert not app.query("SearchBar")
        await pilot.press("x")
        assert app.area.text.endswith(' "x"]')


async def test_what_is_searched_for_changes_as_it_is_typed() -> None:
    app = Host(json_body("a ab abc"))
    async with running(app) as pilot:
        app.area.move_cursor((0, 1))
        await search(pilot, "a")
        assert app.area.selection == ((0, 2), (0, 3))
        await type_text(pilot, "bc")
        assert app.area.selected_text == "abc"
        await type_text(pilot, "d")
        assert (app.area.selected_text, count(app)) == ("", "no matches")
        await pilot.press("ctrl+z")
        assert app.area.cursor_location == (0, 1)


async def test_a_selected_text_is_searched_for() -> None:
    app = Host(json_body("Ab ab Ab"))
    async with running(app) as pilot:
        app.area.selection = Selection((0, 0), (0, 2))
        await pilot.press("ctrl+f")
        await pilot.pause()
        assert count(app) == "1 of 2"
        await pilot.press("enter")
        assert app.area.selection == Selection((0, 6), (0, 8))


async def test_the_last_search_comes_back_from_its_match() -> None:
    app = Host(json_body("Ab ab"))
    async with running(app) as pilot:
        await search(pilot, "ab")
        await pilot.press("escape")
        assert app.area.selected_text == "Ab"
        await pilot.press("ctrl+f")
        await pilot.pause()
        assert count(app) == "1 of 2"


async def test_an_edit_is_searched_too() -> None:
    app = Host(json_body("ab"))
    async with running(app) as pilot:
        await search(pilot, "ab")
        app.area.focus()
        await pilot.press("end", "a", "b")
        await checked(pilot)
        assert count(app) == "2"


async def test_matches_are_marked_even_far_in_a_long_line() -> None:
    app = Host(json_body("x" * 5000 + "needle" + "x" * 5000))
    async with running(app) as pilot:
        await search(pilot, "needle")
        await pilot.pause()
        mark = app.area._read_styles()["match"].bgcolor
        assert mark is not None
        app.area.selection = Selection.cursor((0, 5000))
        await pilot.pause()
        cells = [
            s for s in app.area.render_line(0) if s.style and s.style.bgcolor == mark
        ]
        assert "eedle" in "".join(s.text for s in cells)


async def test_another_type_or_body_ends_the_search() -> None:
    app = Host(json_body("ab"))
    async with running(app) as pilot:
        await search(pilot, "a")
        await begin_anew(pilot, json_body("b"))
        assert not app.query("SearchBar")
        await search(pilot, "b")
        assert count(app) == "1 of 1"
        app.editor.query_one(TabBar).focus()
        await pilot.press("left")
        await pilot.pause()
        assert not app.query("SearchBar")


async def test_a_long_body_is_searched_in_a_thread() -> None:
    app = Host(json_body("x" * 1_000_000 + "\nneedle"))
    async with running(app) as pilot:
        await search(pilot, "needle")
        await pilot.press("down")
        await workers_done(app)
        assert app.area.selected_text == "needle"


async def test_a_search_that_was_closed_reports_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Host(json_body("x" * 1_000_000 + "\nneedle"))
    async with running(app) as pilot:
        wait = Event()

        def slow(*_: object) -> SearchError:
            wait.wait(30)
            return SearchError("It takes too long.")

        monkeypatch.setattr(body_search, "_find_all", slow)
        await search(pilot, "needle")
        await pilot.press("escape")
        wait.set()
        await workers_done(app)
        assert not app._notifications


async def test_a_regular_expression_that_takes_too_long_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> list[object]:
        raise SearchError("It takes too long.")

    app = Host(json_body("a"))
    async with running(app) as pilot:
        monkeypatch.setattr(Pattern, "spans_in_text", fail)
        await search(pilot, "a")
        assert [notice.message for notice in app._notifications] == [
            "It takes too long."
        ]


@pytest.mark.parametrize(
    ("pasted", "kind"),
    [
        ('{"a": 1}', BodyType.JSON),
        ('[\n {"a": 1}\n]\n', BodyType.JSON),
        ('{"a": 1}\n{"a": 2}\n', BodyType.NDJSON),
        ("data=1\nverbose=1", BodyType.FORM),
        ("$distinct_id,plan\n1,pro\n", BodyType.CSV),
        ("plain", BodyType.TEXT),
        ("\n", BodyType.TEXT),
    ],
)
async def test_what_is_pasted_where_no_type_is_chosen_becomes_the_body(
    pasted: str, kind: BodyType
) -> None:
    app = Host(None)
    async with running(app) as pilot:
        app.post_message(events.Paste(pasted))
        await pilot.pause()
        assert app.editor.body == app.changes[-1] == Body(kind, pasted)
        assert app.focused is app.area


async def test_what_is_pasted_over_the_types_goes_into_the_text_that_there_is() -> None:
    app = Host(json_body("[1]"))
    async with running(app) as pilot:
        await pilot.press("end", "left")
        app.editor.query_one(TabBar).focus()
        app.post_message(events.Paste(", 2"))
        await pilot.pause()
        assert app.area.text == "[1, 2]"
        await pilot.press("ctrl+z")
        assert app.area.text == "[1]"


async def test_the_path_of_a_file_is_pasted_over_the_types() -> None:
    app = Host(Body(BodyType.FILE))
    async with running(app) as pilot:
        app.editor.query_one(TabBar).focus()
        app.post_message(events.Paste("events.json\n"))
        await pilot.pause()
        assert app.editor.body == Body(BodyType.FILE, path="events.json")


@pytest.mark.parametrize(("bracket", "text"), [("{", "{}"), ("[", "[]")])
async def test_a_bracket_typed_over_the_types_begins_a_json_body(
    bracket: str, text: str
) -> None:
    app = Host(None)
    async with running(app) as pilot:
        await pilot.press(bracket)
        assert app.editor.body == json_body(text)
        await pilot.press("1")
        assert app.area.text == f"{bracket}1{text[1]}"
