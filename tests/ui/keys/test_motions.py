"""Vim's motions and counts, in everything that there is to move in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Static

from mixtui.actions import ACTIONS, HISTORY_MOVES, Scope, in_scope
from mixtui.document.document import read
from mixtui.keymap import check_keys
from mixtui.model.draft import Pair
from mixtui.storage.tree import Folder, RequestEntry
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.keys.keymap import bindings, keymap
from mixtui.ui.keys.motions import Motions
from mixtui.ui.response.view import ResponseView
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.rows.model import GeneratedRow, RowsModel
from mixtui.ui.sidebar.tree import CollectionTree
from mixtui.ui.widgets.option_list import MotionList, ScrollPage
from mixtui.ui.widgets.row_list import RowList
from mixtui.ui.widgets.tabs import Tab, TabBar

ROWS = 40


class Names(RowList):
    """A list of rows with a cursor."""

    BINDINGS = bindings(Scope.HISTORY, HISTORY_MOVES)

    @property
    def row_count(self) -> int:
        return ROWS

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        yield Segment(str(index))

    def on_mount(self) -> None:
        self.show_rows()


class Page(ScrollPage):
    """A page of text without a cursor."""

    def compose(self) -> ComposeResult:
        yield Static("\n".join(map(str, range(ROWS))))


def request_rows() -> EditableRows:
    """Rows of a request: the last ten are generated."""
    pairs = [Pair(f"n{number}", "") for number in range(ROWS - 10)]
    widget = EditableRows(RowsModel(pairs), "=", "")
    widget._generated.replace([GeneratedRow(f"g{n}", "") for n in range(10)])
    return widget


def tree() -> CollectionTree:
    """A folder with requests in it, and requests below."""
    inside = tuple(RequestEntry(Path(f"/c/f/{n:02}.toml"), str(n)) for n in range(9))
    below = (RequestEntry(Path(f"/c/{n:02}.toml"), str(n)) for n in range(ROWS - 10))
    folder = Folder(Path("/c/f"), "f", (), inside)
    widget = CollectionTree()
    widget.fill(Folder(Path("/c"), "c", (folder,), tuple(below)))
    return widget


def response() -> ResponseView:
    widget = ResponseView()
    widget.document = read("\n".join(map(str, range(ROWS))).encode())
    return widget


MOVERS: dict[str, tuple[Callable[[], Widget], Callable[[Widget], object]]] = {
    "a list": (Names, lambda w: w.cursor),
    "options": (
        lambda: MotionList(*map(str, range(ROWS))),
        lambda w: w.highlighted or 0,
    ),
    "a page": (Page, lambda w: round(w.scroll_y)),
    "rows of a request": (request_rows, lambda w: w._line),
    "saved requests": (tree, lambda w: max(0, w.cursor_line)),
    "a response": (response, lambda w: w.cursor_line),
}
KEYS_AND_ROWS = [
    ("j j k", 1),
    ("5 j", 5),
    ("1 2 j 2 k", 10),
    ("1 0 j", 10),
    ("1 2 G", 11),
    ("1 2 g g", 11),
    ("7 j g", 0),
    ("7 j g g", 0),
    ("2 z j", 1),
    ("5 escape j", 1),
    ("3 j 9 9 9 k", 0),
    ("down 2 up", 0),
    ("G 3 8 k", 1),
]


class Host(App[None]):
    """A widget to move in, and a line of keys."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget
        yield KeyHints()

    @property
    def count(self) -> str:
        """The count in the last line."""
        return self.query_one(KeyHints).count


async def started(pilot: Pilot[None]) -> None:
    await pilot.pause()
    assert isinstance(pilot.app, Host)
    pilot.app.widget.focus()
    await pilot.pause()


@pytest.mark.parametrize(("make", "row"), MOVERS.values(), ids=MOVERS)
async def test_motions_and_counts_mean_the_same_everywhere(
    make: Callable[[], Widget], row: Callable[[Widget], object]
) -> None:
    app = Host(make())
    async with app.run_test(size=(30, 6)) as pilot:
        await started(pilot)
        for keys, wanted in KEYS_AND_ROWS:
            await pilot.press("home", "g")
            assert row(app.widget) == 0
            await pilot.press(*keys.split())
            # The last page of a text without a cursor is its last place.
            is_page = isinstance(app.widget, Page)
            if is_page and "G" in keys.split() and "1" not in keys.split():
                wanted -= app.widget.size.height - 1
            assert row(app.widget) == max(0, wanted), keys


@pytest.mark.parametrize("scope", Scope)
def test_whatever_is_moved_in_has_all_the_motions(scope: Scope) -> None:
    keys = {key for action in in_scope(scope) for key in action.keys}
    if "down" in keys and not scope.takes_text:
        assert keys >= {"j", "k", "g", "G", "up"}, scope
    if {"left", "right"} <= keys:
        assert keys >= {"h", "l"}, scope


def test_a_motion_of_a_list_cannot_be_a_command_where_the_list_is() -> None:
    _, problems = check_keys({"environments.edit": "j"})
    assert len(problems) == 1
    assert "list.down" in problems[0]


async def test_the_count_is_shown_until_it_is_used_or_cancelled() -> None:
    app = Host(Names())
    async with app.run_test(size=(30, 6)) as pilot:
        await started(pilot)
        await pilot.press("0")
        assert app.count == ""
        await pilot.press("1", "0")
        assert app.count == "10"
        assert " 10 " in app.query_one(KeyHints).render_line(0).text
        await pilot.press("j")
        assert (app.count, app.widget.cursor) == ("", 10)
        await pilot.press("4")
        app.set_focus(None)
        await pilot.pause()
        assert app.count == ""
        app.widget.focus()
        await pilot.press("j")
        assert app.widget.cursor == 11


async def test_a_digit_that_is_a_command_is_not_a_count() -> None:
    app = Host(Names())
    async with app.run_test(size=(30, 6)) as pilot:
        await started(pilot)
        actions, problems = check_keys({"history.bottom": "4"})
        assert not problems
        app.set_keymap(keymap(actions))
        await pilot.press("4")
        assert app.widget.cursor == ROWS - 1


async def test_a_digit_and_a_letter_of_a_dialog_answer_it() -> None:
    answers = [("1", "One", 1), ("j", "J", 2), ("k", "K", 3)]
    for keys, answer in (("1", 1), ("j", 2), ("G enter", 3), ("down down enter", 3)):
        given: list[int | None] = []
        app = App[None]()
        async with app.run_test(size=(60, 20)) as pilot:
            app.push_screen(ChoiceDialog("Which?", answers), given.append)
            await pilot.pause()
            await pilot.press(*keys.split())
            await pilot.pause()
            assert given == [answer], keys


async def test_h_and_l_go_through_tabs() -> None:
    tabs = TabBar([Tab(name, name) for name in "abc"])
    async with Host(tabs).run_test() as pilot:
        await started(pilot)
        for key, active in (("l", "b"), ("l", "c"), ("h", "b")):
            await pilot.press(key)
            assert tabs.active == active


async def test_a_huge_count_ends_at_the_end() -> None:
    app = Host(response())
    async with app.run_test(size=(30, 6)) as pilot:
        await started(pilot)
        app.widget.wrap = True
        await pilot.press(*"9" * 30, "j")
        assert app.widget.cursor_line == ROWS - 1
        await pilot.press(*"9" * 30, "pageup")
        assert app.widget.cursor_line == 0


async def test_h_and_l_close_and_open_folders_in_the_tree() -> None:
    app = Host(tree())
    async with app.run_test(size=(30, 20)) as pilot:
        await started(pilot)
        folder = app.widget.root.children[0]
        await pilot.press("g", "3", "j", "h")
        assert app.widget.cursor_node is folder
        await pilot.press("h")
        await pilot.pause()
        assert not folder.is_expanded
        await pilot.press("h")
        assert app.widget.cursor_node is folder
        await pilot.press("l")
        await pilot.pause()
        assert folder.is_expanded
        await pilot.press("l")
        assert app.widget.cursor_node is folder.children[0]
        await pilot.press("l")
        assert app.widget.cursor_node is folder.children[0]


def test_every_widget_that_moves_binds_its_motions() -> None:
    known = {action.id for action in ACTIONS}
    for kind in _subclasses(Motions):
        bound = {
            binding.id
            for each in kind._merge_bindings().key_to_bindings.values()
            for binding in each
        }
        # `RowList` is abstract, and the fields of forms and searches keep the focus.
        if kind.can_focus and kind is not RowList:
            assert bound & known, kind


def _subclasses(kind: type[Motions]) -> Iterable[type[Widget]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("mixtui."):
            yield each
        yield from _subclasses(each)
