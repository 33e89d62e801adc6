from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.selection import Selection

from mixtui.core.document import Document, Language, read
from mixtui.ui.themes import load_themes, shipped_folder
from mixtui.ui.widgets.document_view import DocumentView
from mixtui.ui.widgets.wrapping import EXACT_LINES, Anchor, Wrapping

NUMBERED = "\n".join(f"line {i}" for i in range(1, 1001)).encode()
LONG = "\n".join(f"{i}:" + "0123456789" * 30 for i in range(1, 21)).encode()


class Counted(Document):
    """A document that knows which of its lines were asked for."""

    asked: list[int] = []

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        self.asked.append(index)
        return super().line(index, start, width)


def counted(document: Document) -> Counted:
    made = Counted(document.source, document.language, document.lines, document.notice)
    made.asked.clear()
    return made


class Host(App[None]):
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

    def first(self) -> str:
        return self.rows()[0].split(maxsplit=1)[0]


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


@pytest.mark.parametrize("wrap", [False, True], ids=["scrolled", "wrapped"])
@pytest.mark.parametrize(
    ("keys", "first"),
    [
        ("down", 2),
        ("j j k", 2),
        ("up", 1),
        ("pagedown", 10),
        ("pagedown pagedown pageup", 10),
        ("pagedown g", 1),
        ("pagedown ctrl+home", 1),
        ("G", 991),
        ("ctrl+end down", 991),
        ("G pageup", 982),
    ],
)
async def test_keys_move(keys: str, first: int, wrap: bool) -> None:
    app = Host(read(NUMBERED, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.wrap = wrap
        await pilot.pause()
        await pilot.press(*keys.split())
        await pilot.pause()
        assert app.rows()[0] == f"{first:>4}  line {first}"
        assert app.rows()[-1] == f"{first + 9:>4}  line {first + 9}"


@pytest.mark.parametrize(
    ("keys", "starts"),
    [
        ("l", "678"),
        ("right right", "456"),
        ("l h", "1:0"),
        ("end", "789"),
        ("end home", "1:0"),
    ],
)
async def test_keys_move_sideways_under_the_line_numbers(
    keys: str, starts: str
) -> None:
    app = Host(read(LONG, "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press(*keys.split())
        await pilot.pause()
        number, text = app.rows()[0].split()
        assert number == "1"
        if keys != "end":
            assert text.startswith(starts)
        else:
            assert text.endswith(starts)


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
        await pilot.press("down")
        await pilot.pause()
        assert app.rows()[:-1] == rows[1:]
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
        assert len(set(document.asked)) < 400


async def test_a_line_that_is_drawn_is_not_looked_at_again() -> None:
    document = counted(read(NUMBERED, "text/plain"))
    app = Host(document)
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("pagedown", "pageup")
        await pilot.pause()
        document.asked.clear()
        await pilot.press("pagedown", "pageup")
        await pilot.pause()
        assert document.asked == []


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


async def test_line_numbers_can_be_left_out() -> None:
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


@pytest.mark.parametrize("keys", ["down", "pagedown", "up", "l", "w"])
async def test_keys_that_change_nothing_paint_nothing(keys: str) -> None:
    app = Host(read(b"short\ntext", "text/plain"))
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.press(keys)
        await pilot.pause()
        painted = []
        display = app._display
        app._display = lambda *args: (painted.append(args), display(*args))[1]
        await pilot.press("down", "up", "pagedown", "l", "h")
        await pilot.pause()
        assert [update for _, update in painted if update is not None] == []


texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=60)


@given(st.lists(texts, min_size=1, max_size=8), st.integers(1, 20), st.data())
def test_rows_hold_every_character_once(
    lines: list[str], width: int, data: st.DataObject
) -> None:
    document = read(b"x\n" + "\n".join(lines).encode() + b"\nx", "text/plain")
    wrapping = Wrapping(document, width)
    every = wrapping.visible(Anchor(0, 0), 10_000)
    for line in range(document.line_count):
        spans = [wrapping.span(a) for a in every if a.line == line]
        text = document.line(line)
        pieces = [text[s : None if n is None else s + n] for s, n in spans]
        assert "".join(pieces) == text
        assert all(cell_len(p) <= width or len(p) == 1 for p in pieces)
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
    wrapping = Wrapping(document, 10)
    assert wrapping.height == document.line_count
    assert wrapping.from_scroll(7) == Anchor(7, 0)
    assert wrapping.to_scroll(Anchor(7, 3)) == 7


def test_the_languages_that_need_no_lexer_are_shown_as_they_are() -> None:
    assert read(b"a,b\n1,2", "text/csv").language is Language.CSV
