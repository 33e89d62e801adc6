from __future__ import annotations

import string
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, Static

from mixtui.document.document import Language
from mixtui.model.draft import Body, BodyType
from mixtui.request.body import BodyCheck, check_body
from mixtui.ui.request import body_editor
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.widgets.code_area import CodeArea
from mixtui.ui.widgets.tabs import TabBar
from tests.ui.driver import type_text

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
        return str(self.editor.query_one(Static).render())

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
            json_body(PRINTABLE),
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
        assert app.line == "✓ valid JSON"
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
            ("events", "there is no such file"),
            (".", "it is a folder"),
            ("a\0b", "there is no such file"),
            ("~nobody-of-that-name/x", "there is no such file"),
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
    ("{ enter", "{\n  "),
    ("{ enter }", "{\n}"),
    ("[ enter { enter 1 enter } enter ]", "[\n  {\n    1\n  }\n]"),
    ("space space 1 enter 2", "  1\n  2"),
    ("a [ enter", "a[\n  "),
    ("{ } left enter 1", "{\n  1\n}"),
    ("1 }", "1}"),
    ("enter ctrl+z", ""),
    ("{ enter ctrl+z ctrl+y", "{\n  "),
]


async def test_enter_keeps_the_indentation_of_json() -> None:
    app = Host(None)
    async with running(app) as pilot:
        for keys, text in KEYS_AND_TEXTS:
            await begin_anew(pilot, json_body(""))
            await pilot.press(*keys.split())
            await pilot.pause()
            assert app.area.text == text, keys


async def test_enter_only_breaks_the_line_of_a_text() -> None:
    app = Host(Body(BodyType.TEXT))
    async with running(app) as pilot:
        await pilot.press("space", "{", "enter", "}")
        assert app.area.text == " {\n}"


async def test_a_paste_is_taken_as_it_is_and_once() -> None:
    app = Host(json_body(""))
    async with running(app) as pilot:
        lines = ["{", '  "a": [', "\t1", "]", "}", "\u2028", ""]
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
        draw = app.area.draw_line
        app.area.draw_line = lambda y: (drawn.append(y), draw(y))[1]
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
