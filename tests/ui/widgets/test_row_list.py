from __future__ import annotations

from collections.abc import Iterable

import pytest
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.strip import Strip

from mixtui.actions import DIFF_MOVES, Scope
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.themes import TERMINAL, load_themes, shipped_folder
from mixtui.ui.widgets.row_list import RowList, RowView
from tests.ui.driver import OutputMeter, screen_lines, widget_lines

SIZE = (30, 6)
KEYS = bindings(Scope.DIFF, DIFF_MOVES)


class Names(RowList):
    """Lists names; those in capitals are headings."""

    DEFAULT_CSS = "Names > .name--quiet { color: $text-muted; }"
    COMPONENT_CLASSES = {"name--quiet"}
    BINDINGS = KEYS

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.names = names

    @property
    def row_count(self) -> int:
        return len(self.names)

    def is_selectable(self, index: int) -> bool:
        return not self.names[index].isupper()

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        yield Segment("› " if selected else "  ", self.rich_style)
        yield Segment(self.names[index], self.foreground_style("name--quiet"))


class Lines(RowView, can_focus=True):
    """Shows lines without a cursor."""

    BINDINGS = KEYS
    names = [f"line {number}" for number in range(20)]

    @property
    def row_count(self) -> int:
        return len(self.names)

    def draw_row(self, index: int, width: int) -> Strip:
        segment = Segment(self.names[index], self.rich_style)
        return Strip([segment]).adjust_cell_length(width, self.rich_style)


class Host(App[None]):
    """Shows a view alone, and records its messages."""

    CSS = "RowList { border-top: solid $panel; padding-left: 1; }"

    def __init__(self, view: Names | Lines) -> None:
        super().__init__()
        self.view = view
        self.cursors: list[int | None] = []
        self.selected = 0

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.show_rows()
        self.view.focus()

    def on_row_list_cursor_moved(self) -> None:
        assert isinstance(self.view, Names)
        self.cursors.append(self.view.cursor)

    def on_row_list_selected(self) -> None:
        self.selected += 1


def names(count: int) -> Names:
    return Names([f"name {number}" for number in range(count)])


KEYS_AND_CURSORS = [
    ("down", 1),
    ("down j k", 1),
    ("up", 0),
    ("pagedown", 4),
    ("pagedown pagedown pageup down", 5),
    ("G", 19),
    ("end down", 19),
    ("G home", 0),
    ("G g", 0),
]


async def test_keys_move_the_cursor_and_keep_it_in_view() -> None:
    app = Host(names(20))
    async with app.run_test(size=SIZE) as pilot:
        for keys, cursor in KEYS_AND_CURSORS:
            app.view.show_rows()
            await pilot.press(*keys.split())
            assert app.view.cursor == cursor, keys
            assert [line for line in widget_lines(app.view) if "›" in line] == [
                f"› name {cursor}"
            ], keys


async def test_each_move_is_reported_once_and_none_where_nothing_moves() -> None:
    app = Host(names(3))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert app.cursors == [0]
        await pilot.press("up", "down", "G", "G")
        assert app.cursors == [0, 1, 2]


async def test_other_rows_are_reported_though_the_cursor_has_the_same_index() -> None:
    app = Host(names(3))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.view.names = ["other"]
        app.view.show_rows()
        await pilot.pause()
        assert app.cursors == [0, 0]
        assert screen_lines(app)[1].strip() == "› other"


async def test_the_cursor_can_start_anywhere_and_stays_within_the_rows() -> None:
    app = Host(names(20))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for wanted, cursor in ((7, 7), (99, 19), (-1, 0), (None, None)):
            app.view.show_rows(wanted)
            await pilot.pause()
            assert app.view.cursor == cursor


async def test_without_rows_there_is_not_a_cursor_and_no_key_harms() -> None:
    app = Host(names(0))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "up", "pagedown", "G", "g")
        assert app.view.cursor is None
        assert app.cursors == [None]
        assert not "".join(widget_lines(app.view)).strip()


async def test_the_cursor_never_stands_on_a_heading() -> None:
    app = Host(Names(["FIRST", "a", "b", "SECOND", "c", "THIRD"]))
    async with app.run_test(size=SIZE) as pilot:
        for keys, cursor in (
            ("", 1),
            ("down down", 4),
            ("down down up", 2),
            ("home", 1),
            ("end", 4),
        ):
            app.view.show_rows()
            await pilot.press(*keys.split())
            assert app.view.cursor == cursor, keys
        app.view.show_rows(5)
        assert app.view.cursor == 4, "the last heading is followed by nothing"


async def test_headings_alone_have_no_cursor() -> None:
    app = Host(Names(["FIRST", "SECOND"]))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down")
        assert app.view.cursor is None


async def test_a_click_moves_the_cursor_and_a_second_one_selects() -> None:
    app = Host(Names(["a", "b", "HEADING"]))
    async with app.run_test(size=SIZE) as pilot:
        # The first line of the widget is its border.
        await pilot.click(Names, offset=(4, 2))
        assert (app.view.cursor, app.selected) == (1, 0)
        await pilot.click(Names, offset=(4, 1), times=2)
        assert (app.view.cursor, app.selected) == (0, 1)
        for nothing in ((4, 0), (4, 3), (4, 4)):
            await pilot.click(Names, offset=nothing, times=2)
        assert (app.view.cursor, app.selected) == (0, 1)


async def test_a_smaller_screen_keeps_the_cursor_in_view() -> None:
    app = Host(names(20))
    async with app.run_test(size=(30, 20)) as pilot:
        await pilot.press(*["down"] * 12)
        await pilot.resize_terminal(*SIZE)
        await pilot.pause()
        assert any("› name 12" in line for line in screen_lines(app))


@pytest.mark.parametrize("theme", ["mixtui-dark", TERMINAL])
async def test_the_row_under_the_cursor_is_highlighted_to_its_end(theme: str) -> None:
    app = Host(names(3))
    for shipped in load_themes(shipped_folder())[0].values():
        app.register_theme(shipped)
    app.theme = theme
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        first, second = app.view.render_line(0), app.view.render_line(1)
        assert first.cell_length == second.cell_length
        looks = [
            [(s.style.bgcolor, s.style.reverse) for s in strip if s.style]
            for strip in (first, second)
        ]
        assert len(set(looks[0])) == len(set(looks[1])) == 1
        assert set(looks[0]) != set(looks[1])


async def test_an_arrow_writes_two_rows_and_a_key_without_effect_nothing() -> None:
    app = Host(Names([f"name {number} " + "x" * 20 for number in range(20)]))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        meter = OutputMeter(app)
        await pilot.press("down")
        await pilot.pause()
        top = app.view.content_region.y
        assert meter.rows == {top, top + 1}
        await pilot.press("down", "up")
        before = meter.characters
        await pilot.press("z", "f4")
        await pilot.pause()
        assert meter.characters == before


async def test_a_view_without_a_cursor_scrolls() -> None:
    app = Host(Lines())
    async with app.run_test(size=SIZE) as pilot:
        for keys, top in (
            ("down", 1),
            ("pagedown", 5),
            ("G", 14),
            ("G up g", 0),
            ("j j k", 1),
        ):
            app.view.move_to(0)
            await pilot.press(*keys.split())
            assert widget_lines(app.view)[0] == f"line {top}", keys


async def test_a_view_with_fewer_rows_than_lines_is_blank_below() -> None:
    view = Lines()
    view.names = ["one"]
    app = Host(view)
    async with app.run_test(size=SIZE):
        assert widget_lines(view) == ["one", "", "", "", "", ""]
