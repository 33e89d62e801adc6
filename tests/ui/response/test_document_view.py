from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection

from mixtui.document.document import Document, Language, read
from mixtui.document.folding import FoldedView
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.response.document_view import DocumentView
from mixtui.ui.response.wrapping import EXACT_LINES, Anchor, Wrapping
from mixtui.ui.themes import load_themes, shipped_folder
from tests.document.growing import GrowingBody
from tests.ui.driver import OutputMeter, post_keys

NUMBERED = "\n".join(f"line {i}" for i in range(1, 1001)).encode()
LONG = "\n".join(f"{i}:" + "0123456789" * 30 for i in range(1, 21)).encode()


class Counted(Document):
    """A document that knows which of its lines were asked for."""

    requested: list[int] = []

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        self.requested.append(index)
        return super().line(index, start, width)


def counted(document: Document) -> Counted:
    made = Counted(document.source, document.language, document.layout)
    made.requested.clear()
    return made


class Host(OrderedInputApp[None]):
    def __init__(self, document: Document | None) -> None:
        super().__init__()
        self.view = DocumentView()
        self.view.document = document

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.focus()

    def rows(self) -> list[str]:
        """What is on the screen, without scroll bars."""
        height = self.view.scrollable_content_region.height
        return [self.view.render_line(y).text.rstrip() for y in range(height)]

    async def begin_anew(self, pilot: Pilot[None], document: Document) -> None:
        """Show another document, from its top."""
        self.view.document = document
        await pilot.pause()

    def first(self) -> str:
        return self.rows()[0].split(maxsplit=1)[0]

    def marked(self) -> list[int]:
        """The rows of the screen that are drawn as the cursor's."""
        height = self.view.scrollable_content_region.height
        strips = [self.view.render_line(y) for y in range(height)]
        bold = [[s for s in strip if s.style and s.style.bold] for strip in strips]
        return [y for y, segments in enumerate(bold) if segments]


async def test_a_document_is_shown_with_line_numbers() -> None:
    app = Host(read(b'{"a": [1, true]}'))
    async with app.run_test(size=(40, 8)):
        assert app.rows()[:4] == ["1  {", '2    "a": [', "3      1,", "4      true"]


async def test_nothing_is_shown_without_a_document() -> None:
    app = Host(None)
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.press("w", "G", "pagedown", "w", "up", "end")
        assert set(app.rows()) == {""}


async def test_another_document_starts_at_its_top() -> None:
    app = Host(read(NUMBERED, "text/plain"))
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.press("G", "w")
        app.view.document = read(b"other", "text/plain")
        await pilot.pause()
        assert app.rows()[0] == "1  other"
        app.view.document = None
        await pilot.pause()
        assert set(app.rows()) == {""}


both = pytest.mark.parametrize("wrap", [False, True], ids=["scrolled", "wrapped"])


KEYS_AND_LINES = [
    ("down", 1, 2),
    ("j j k", 1, 2),
    ("up", 1, 1),
    ("down " * 9, 1, 10),
    ("down " * 10, 2, 11),
    ("down " * 12 + "up " * 3, 4, 10),
    ("down " * 12 + "up " * 10, 3, 3),
    ("pagedown", 10, 10),
    ("down down pagedown", 10, 12),
    ("pagedown pagedown pageup", 10, 10),
    ("down pagedown pageup", 1, 2),
    ("pagedown g", 1, 1),
    ("pagedown ctrl+home", 1, 1),
    ("G", 991, 1000),
    ("ctrl+end down", 991, 1000),
    ("G pageup", 982, 991),
    ("G up up pagedown", 991, 1000),
]


@both
async def test_keys_move_the_cursor_and_the_text_as_far_as_needed(wrap: bool) -> None:
    app = Host(None)
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.wrap = wrap
        for keys, first, cursor in KEYS_AND_LINES:
            await app.begin_anew(pilot, read(NUMBERED, "text/plain"))
            post_keys(app, *keys.split())
            await pilot.pause()
            assert app.rows()[0] == f"{first:>4}  line {first}", keys
            assert app.rows()[-1] == f"{first + 9:>4}  line {first + 9}", keys
            assert app.view.cursor_line == cursor - 1, keys
            assert app.marked() == [cursor - first], keys


LINES_AND_TOPS = [
    ("", 4, 0),
    ("", 9, 0),
    ("", 10, 7),
    ("", 500, 497),
    ("G", 0, 0),
    ("G", 990, 990),
    ("", 999, 990),
    ("", 5000, 990),
    ("G", -3, 0),
]


@both
async def test_going_to_a_line_shows_what_is_above_it(wrap: bool) -> None:
    app = Host(None)
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.wrap = wrap
        for start, line, first in LINES_AND_TOPS:
            await app.begin_anew(pilot, read(NUMBERED, "text/plain"))
            await pilot.press(*start)
            app.view.go_to_line(line)
            await pilot.pause()
            assert app.view.cursor_line == max(0, min(line, 999)), (start, line)
            assert app.first() == str(first + 1), (start, line)


async def test_going_to_a_character_of_a_broken_line_finds_its_row() -> None:
    app = Host(read(LONG, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("w")
        app.view.go_to_line(9, 200)
        await pilot.pause()
        assert app.view._cursor == (9, 200 // app.view._text_width)
        assert len(app.marked()) == 1


@both
async def test_a_message_is_posted_when_the_cursor_is_in_another_line(
    wrap: bool,
) -> None:
    class Listening(Host):
        moved = 0

        @on(DocumentView.CursorMoved)
        def _moved(self) -> None:
            self.moved += 1

    app = Listening(read(LONG, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.wrap = wrap
        await pilot.pause()
        told = app.moved
        await pilot.press("down")
        assert app.moved == told + (not wrap), "a row of the same line is not reported"
        told = app.moved
        await pilot.press("g", "g", "l", "w", "w")
        assert app.moved == told + (not wrap)
        await pilot.press("G", "G")
        assert app.moved == told + (not wrap) + 1


@both
async def test_a_click_puts_the_cursor_there(wrap: bool) -> None:
    app = Host(read(NUMBERED, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.wrap = wrap
        await pilot.press("pagedown")
        await pilot.click(offset=(8, 4))
        await pilot.pause()
        assert app.view.cursor_line == 13
        assert app.first() == "10"


@both
async def test_the_cursor_stays_in_sight_when_the_screen_gets_smaller(
    wrap: bool,
) -> None:
    app = Host(read(NUMBERED, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.wrap = wrap
        await pilot.press(*["down"] * 9)
        await pilot.resize_terminal(40, 7)
        await pilot.pause()
        assert app.view.cursor_line == 9
        assert app.marked() == [6]


async def test_breaking_lines_keeps_the_cursor_in_sight() -> None:
    app = Host(read(LONG, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press(*["down"] * 5)
        for _ in range(2):
            await pilot.press("w")
            await pilot.pause()
            assert app.view.cursor_line == 5
            assert len(app.marked()) == 1


async def test_keys_move_sideways_under_the_line_numbers() -> None:
    app = Host(None)
    async with app.run_test(size=(40, 10)) as pilot:
        for keys, start, end in (
            ("l", "678", ""),
            ("right right", "456", ""),
            ("l h", "1:0", ""),
            ("end", "", "789"),
            ("end home", "1:0", ""),
        ):
            await app.begin_anew(pilot, read(LONG.splitlines()[0], "text/plain"))
            await pilot.press(*keys.split())
            await pilot.pause()
            number, text = app.rows()[0].split()
            assert number == "1", keys
            assert text.startswith(start), keys
            assert text.endswith(end), keys


async def test_a_long_line_is_broken_and_walked_through_by_rows() -> None:
    app = Host(read(LONG, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("w")
        await pilot.pause()
        rows = app.rows()
        assert rows[0].split()[0] == "1"
        assert rows[1].strip().isdigit()
        joined = "".join(row[4:] for row in rows)
        assert (b"1:" + b"0123456789" * 30).decode().startswith(joined[:300])
        await pilot.press(*["down"] * 10)
        await pilot.pause()
        assert app.rows()[:-1] == rows[1:]
        assert app.view.cursor_line == 1
        await pilot.press("w")
        await pilot.pause()
        assert app.rows()[0].startswith(" 1  1:012")


async def test_the_end_of_broken_lines_is_at_the_bottom() -> None:
    app = Host(read(LONG, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("w", "G")
        await pilot.pause()
        assert app.rows()[-1].endswith("789")
        bottom = app.rows()
        await pilot.press("pagedown")
        await pilot.pause()
        assert app.rows() == bottom
        assert app.view.scroll_y == app.view.max_scroll_y


async def test_breaking_lines_keeps_the_line_at_the_top() -> None:
    app = Host(read(NUMBERED, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("pagedown", "pagedown")
        for _ in range(2):
            await pilot.press("w")
            await pilot.pause()
            assert app.rows()[0] == "  19  line 19"


async def test_a_new_width_breaks_lines_anew() -> None:
    app = Host(read(LONG, "text/plain"))
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("w", *["pagedown"] * 3)
        await pilot.pause()
        line = app.view._top.line
        for width in (40, 33, 120):
            await pilot.resize_terminal(width, 12)
            await pilot.pause()
            assert app.first() == str(line + 1)
            assert all(cell_len(row) < width for row in app.rows())


@both
async def test_rows_fill_a_screen_that_becomes_wider(wrap: bool) -> None:
    app = Host(read(LONG, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.wrap = wrap
        await pilot.pause()
        app.rows()
        await pilot.resize_terminal(80, 10)
        await pilot.pause()
        width = app.view.scrollable_content_region.width
        height = app.view.scrollable_content_region.height
        strips = [app.view.render_line(y) for y in range(height)]
        assert {strip.cell_length for strip in strips} == {width}
        assert len(app.rows()[0]) == width


async def test_the_wheel_and_the_scroll_bar_move_broken_lines() -> None:
    app = Host(read(LONG, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("w")
        before = app.rows()
        wheel = {"x": 5, "y": 5, "delta_x": 0, "delta_y": 0, "button": 0}
        keys = {"shift": False, "meta": False, "ctrl": False}
        app.view.post_message(events.MouseScrollDown(app.view, **wheel, **keys))
        await pilot.pause()
        assert app.rows()[:3] == before[3:6]
        app.view.post_message(events.MouseScrollUp(app.view, **wheel, **keys))
        await pilot.pause()
        assert app.rows() == before
        app.view.scroll_to(y=app.view.max_scroll_y, animate=False, force=True)
        await pilot.pause()
        assert app.rows()[-1].endswith("789")


async def test_only_the_lines_that_show_are_looked_at() -> None:
    document = counted(read(b"[" + b"1,\n" * 450_000 + b"1]"))
    assert document.line_count > 450_000
    app = Host(document)
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("pagedown", "G", "pageup", "w", "pagedown", "G", "g")
        await pilot.pause()
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert len(set(document.requested)) < 400


async def test_a_line_that_is_drawn_is_not_looked_at_again() -> None:
    document = counted(read(NUMBERED, "text/plain"))
    app = Host(document)
    async with app.run_test(size=(80, 30)) as pilot:
        for key in ("pagedown", "pageup"):
            await pilot.press(key)
            await pilot.pause()
        assert document.requested
        document.requested.clear()
        for key in ("pagedown", "pageup"):
            await pilot.press(key)
            await pilot.pause()
        assert document.requested == []


async def test_one_endless_line_is_scrolled_and_broken() -> None:
    text = "x" + "0123456789" * 200_000
    app = Host(read(text.encode(), "text/plain"))
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert app.rows()[0].endswith("789")
        await pilot.press("w", "G")
        await pilot.pause()
        assert app.rows()[-1].endswith("789")
        await pilot.press("g")
        await pilot.pause()
        assert app.rows()[0].startswith("1  x0123")


async def test_json_is_coloured_by_the_theme_and_anew_with_another() -> None:
    themes, _ = load_themes(shipped_folder())
    app = Host(read(b'{"key": "text", "n": 12, "t": null}'))
    for theme in themes.values():
        app.register_theme(theme)
    async with app.run_test(size=(40, 8)) as pilot:
        seen = []
        for name in ("mixtui-dark", "mixtui-light"):
            app.theme = name
            await pilot.pause()
            strip = app.view.render_line(1)
            colours = {
                s.text.strip(): s.style.color.name
                for s in strip
                if s.style and s.style.color
            }
            variables = themes[name].variables
            assert colours['"key"'] == variables["text-primary"]
            assert colours['"text"'] == variables["text-success"]
            seen.append(colours)
        assert seen[0] != seen[1]


async def test_text_from_a_server_is_neither_markup_nor_a_command() -> None:
    app = Host(read("[bold]x[/nope] \x1b[2J\x9b\x07\u202e\t|".encode(), "text/plain"))
    async with app.run_test(size=(60, 8)):
        row = app.rows()[0]
        assert "[bold]x[/nope]" in row
        assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in row)
        assert "\u202e" not in row


async def test_every_row_is_exactly_as_wide_as_the_screen() -> None:
    records = [{"日本": "テキスト" * 30, "e": "é🎉" * 40}] * 5
    body = json.dumps(records, ensure_ascii=False).encode()
    app = Host(read(body))
    async with app.run_test(size=(41, 12)) as pilot:
        width = app.view.scrollable_content_region.width
        for keys in (["l"], ["l"], ["home", "w"], ["down"], ["G"]):
            await pilot.press(*keys)
            await pilot.pause()
            height = app.view.scrollable_content_region.height
            strips = [app.view.render_line(y) for y in range(height)]
            assert {strip.cell_length for strip in strips} == {width}
            assert {cell_len(strip.text) for strip in strips} == {width}


async def test_line_numbers_can_be_hidden() -> None:
    app = Host(read(b"text", "text/plain"))
    async with app.run_test(size=(40, 8)) as pilot:
        app.view.line_numbers = False
        await pilot.pause()
        assert app.rows()[0] == "text"


async def test_selected_text_is_what_is_shown() -> None:
    app = Host(read(NUMBERED, "text/plain"))
    async with app.run_test(size=(40, 8)) as pilot:
        selection = Selection(Offset(2, 1), Offset(4, 3))
        app.screen.selections = {app.view: selection}
        await pilot.pause()
        assert app.screen.get_selected_text() == "ne 2\nline 3\nline"
        marked = [
            "".join(
                s.text for s in app.view.render_line(y) if s.style and s.style.bgcolor
            )
            for y in range(5)
        ]
        assert marked[0] != marked[1]


async def test_keys_that_change_nothing_paint_nothing() -> None:
    app = Host(read(b"short", "text/plain"))
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.pause()
        meter = OutputMeter(app)
        for first in ("up", "g", "G", "l", "w"):
            await pilot.press(first)
            await pilot.pause()
            meter.rows.clear()
            for key in ("down", "up", "pagedown", "pageup", "l", "h", "G", "g"):
                await pilot.press(key)
                await pilot.pause()
                assert meter.rows == set(), (first, key)


@both
async def test_a_step_of_the_cursor_paints_two_rows(wrap: bool) -> None:
    app = Host(read(NUMBERED, "text/plain"))
    async with app.run_test(size=(40, 8)) as pilot:
        app.view.wrap = wrap
        await pilot.pause()
        meter = OutputMeter(app)
        await pilot.press("down")
        await pilot.pause()
        assert meter.rows == {0, 1}


# While a body comes


@both
async def test_lines_that_come_are_painted_and_no_others(wrap: bool) -> None:
    body = GrowingBody(b"".join(b"line %d\n" % i for i in range(1, 4)), "text/csv")
    app = Host(body.document)
    async with app.run_test(size=(40, 8)) as pilot:
        app.view.wrap = wrap
        await pilot.pause()
        meter = OutputMeter(app)
        body.append(b"line 4\nli")
        app.view.grown()
        await pilot.pause()
        assert app.rows()[2:6] == ["3  line 3", "4  line 4", "5  li", ""]
        assert meter.rows <= {3, 4}
        meter.rows.clear()
        body.append(b"ne 5")
        app.view.grown()
        await pilot.pause()
        assert app.rows()[3:6] == ["4  line 4", "5  line 5", ""]
        assert meter.rows <= {4}


async def test_lines_that_come_below_the_screen_paint_no_text() -> None:
    body = GrowingBody(b"".join(b"line %d\n" % i for i in range(100, 150)), "text/csv")
    app = Host(body.document)
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.pause()
        drawn: list[int] = []
        draw = app.view.render_line
        app.view.render_line = lambda y: (drawn.append(y), draw(y))[1]
        for _ in range(3):
            body.append(b"more\n")
            app.view.grown()
            await pilot.pause()
        assert drawn == []
        assert app.view.max_scroll_y == 53 - 8
        await pilot.press("G")
        await pilot.pause()
        assert app.rows()[-1] == "53  more"


@both
async def test_line_numbers_get_room_while_lines_come(wrap: bool) -> None:
    app = Host(None)
    async with app.run_test(size=(40, 12)) as pilot:
        app.view.wrap = wrap
        for before, after in ((9, 1), (8, 2), (99, 900)):
            body = GrowingBody(b"x" * 99 + b"\n", "text/csv")
            body.append(b"y\n" * (before - 1))
            await app.begin_anew(pilot, body.document)
            app.rows()
            body.append(b"z\n" * after)
            # A thread knows more already: what is drawn stays as it was until it is
            # told.
            assert app.rows()[0].startswith(f"{1:>{len(str(before))}}  x"), before
            app.view.grown()
            await pilot.pause()
            lines = before + after
            assert app.rows()[0].startswith(f"{1:>{len(str(lines))}}  "), before
            height, width = app.view._page.height, app.view._page.width
            strips = [app.view.render_line(y) for y in range(height)]
            assert {strip.cell_length for strip in strips} == {width}, before
            await pilot.press("G")
            await pilot.pause()
            assert any(row == f"{lines}  z" for row in app.rows()), before


@both
async def test_keys_act_on_what_is_known_while_a_thread_reads_on(wrap: bool) -> None:
    body = GrowingBody(b"a\n" * 30, "text/csv")
    app = Host(body.document)
    async with app.run_test(size=(40, 8)) as pilot:
        app.view.wrap = wrap
        await pilot.pause()
        body.append(b"b\n" * 5000)
        await pilot.press("G", "pageup", "G")
        assert app.view.cursor_line == 29
        app.view.go_to_line(5029)
        await pilot.pause()
        assert app.view.cursor_line == 5029
        assert app.rows()[-1] == "5030  b"


async def test_lines_are_wrapped_from_the_first_line_on() -> None:
    body = GrowingBody(b'{"a":\n')
    assert body.document.line_count == 0
    app = Host(body.document)
    async with app.run_test(size=(40, 8)) as pilot:
        app.view.wrap = True
        await pilot.pause()
        body.append(b'"%b"}' % (b"0123456789" * 10), final=True)
        app.view.grown()
        await pilot.pause()
        assert app.rows()[2].strip().isdigit()


texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=60)
wide_texts = st.text("ab 日本é🙂", max_size=60)


@given(
    st.lists(texts | wide_texts, min_size=1, max_size=8), st.integers(1, 20), st.data()
)
def test_rows_hold_every_character_once(
    lines: list[str], width: int, data: st.DataObject
) -> None:
    document = read(b"x\n" + "\n".join(lines).encode() + b"\nx", "text/plain")
    view = FoldedView(document)
    wrapping = Wrapping(view, width, view.row_count)
    every = wrapping.visible(Anchor(0, 0), 10_000)
    for line in range(document.line_count):
        spans = [wrapping.span(a) for a in every if a.line == line]
        text = document.line(line)
        pieces = [text[s : None if n is None else s + n] for s, n in spans]
        assert "".join(pieces) == text
        # A character that is too wide stands alone, with the marks that belong to it.
        assert all(cell_len(p) <= max(width, cell_len(p[:1])) for p in pieces)
    assert every == sorted(every)
    assert wrapping.height == len(every)
    for y, anchor in enumerate(every):
        assert wrapping.from_scroll(y) == anchor
        assert wrapping.to_scroll(anchor) == y
    for one, next_one in pairwise(every):
        assert wrapping.moved(one, 1) == next_one
        assert wrapping.moved(next_one, -1) == one
    height = data.draw(st.integers(1, 30))
    assert wrapping.last(height) == every[max(0, len(every) - height)]


def test_the_scroll_bar_of_a_long_document_measures_lines() -> None:
    document = read(
        b"\n".join(b"x" * 100 for _ in range(EXACT_LINES + 1)), "text/plain"
    )
    wrapping = Wrapping(FoldedView(document), 10, document.line_count)
    assert wrapping.height == document.line_count
    assert wrapping.from_scroll(7) == Anchor(7, 0)
    assert wrapping.to_scroll(Anchor(7, 3)) == 7


def test_the_languages_that_need_no_lexer_are_shown_as_they_are() -> None:
    assert read(b"a,b\n1,2", "text/csv").language is Language.CSV
