"""A screen to choose from what a search line finds, in a list below it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input

from mixtui.actions import Action
from mixtui.editing.finder import marks
from mixtui.text import sanitize
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.keys.input_queue import InputGate
from mixtui.ui.widgets.cells import marked_segments, truncate_end
from mixtui.ui.widgets.field import CommandInput
from mixtui.ui.widgets.row_list import RowList
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune, StyledOnce

T = TypeVar("T")

_BACK = Action("search.close", ("escape",), "Back", "Go back.", "")
"""For the hints alone: escape goes back everywhere, whatever keys people choose."""


class SearchScreen(
    StyledOnce, CancelsWorkersOnPrune, InputGate, ModalScreen[T | None], Generic[T]
):
    """Gives what was chosen; None = nothing.

    The search line keeps the focus; the keys of the actions move the cursor of the list.
    A subclass overrides `prepare`, `list_matches`, `chosen` and, for what explains the
    row under the cursor, `explain`.

    Args:
        results: The list.
        text: What is searched at first.
        title: In the border.
        placeholder: Shown while the search line is empty.
        own_actions: Those of the screen; each has a method here.
        actions: Every action, with the person's own keys; empty = the usual ones.
    """

    DEFAULT_CSS = """
    SearchScreen > #box {
        width: 100%; height: 100%;
        border: round $border; border-title-color: $text-primary;
        border-title-style: bold; border-subtitle-color: $text-accent;
        background: $background;
    }
    SearchScreen CommandInput { background: $panel; width: 1fr; margin: 0 1; }
    SearchScreen RowList { width: 100%; padding: 0 0 0 1; }
    SearchScreen KeyHints { dock: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back", show=False)
    ]

    def __init__(
        self,
        results: RowList,
        text: str,
        *,
        title: str,
        placeholder: str,
        own_actions: Sequence[Action],
        actions: Sequence[Action],
    ) -> None:
        super().__init__()
        self._title = title
        by_id = {action.id: action for action in actions}
        self._actions = tuple(by_id.get(each.id, each) for each in own_actions)
        self._by_key = {key: a.name for a in self._actions for key in a.keys}
        self._results = results
        self.field = CommandInput(
            text, self._takes, placeholder=placeholder, id="words"
        )
        self._listed: str | None = None
        """The text that the list answers; None = nothing is listed yet."""
        self._ready = asyncio.Event()
        """Unset while the choice waits for what is searched to be read."""
        self._ready.set()

    # What a subclass overrides

    async def prepare(self) -> None:
        """Read what is searched; the keys of the search line act in the meantime."""

    def list_matches(self, text: str) -> str:
        """List what a text finds; return how many, in words."""
        raise NotImplementedError

    @property
    def chosen(self) -> T | None:
        """What is under the cursor."""
        raise NotImplementedError

    def explain(self) -> None:
        """Show what is known of the row under the cursor."""

    def compose_results(self) -> ComposeResult:
        """Lay out the list, and what stands beside it."""
        yield self._results

    # The screen

    def compose(self) -> ComposeResult:
        box = Vertical(id="box")
        box.border_title = self._title
        with box:
            yield self.field
            yield from self.compose_results()
            yield KeyHints()

    def on_mount(self) -> None:
        """Focus the search line at once; read what is searched in the meantime."""
        self.field.focus()
        self.field.cursor_position = len(self.field.value)
        hints = [action for action in self._actions if action.in_footer]
        self.query_one(KeyHints).show([*hints, _BACK])
        self._read()

    @work
    async def _read(self) -> None:
        await self.prepare()
        self.search()
        if not self._ready.is_set():
            self._ready.set()
            self.action_take()

    async def wait_until_ready(self) -> None:
        """Wait for the choice: the next keys are meant for the request."""
        await self._ready.wait()

    # Finding

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._listed is not None:
            self.search()

    def search(self, *, again: bool = False) -> None:
        """List what the text finds.

        Args:
            again: Also if it is listed already: there is more to search now.
        """
        text = self.field.value
        if text == self._listed and not again:
            return
        self._listed = text
        count = self.list_matches(text)
        self.query_one("#box").border_subtitle = Content(count).markup
        self.explain()

    @on(RowList.CursorMoved)
    def _moved(self, event: RowList.CursorMoved) -> None:
        event.stop()
        self.explain()

    # Keys, while the search line has the focus

    def _takes(self, key: str) -> bool:
        name = self._by_key.get(key)
        if name is None:
            return False
        getattr(self, f"action_{name}")()
        return True

    def action_take(self) -> None:
        """Choose what is under the cursor."""
        if self._listed is None:
            self._ready.clear()
            return
        self.search()
        if self.chosen is not None:
            self._finish(self.chosen)

    @on(RowList.Selected)
    def _clicked(self, event: RowList.Selected) -> None:
        event.stop()
        self.action_take()

    def action_up(self) -> None:
        self._move(-1)

    def action_down(self) -> None:
        self._move(1)

    def action_page_up(self) -> None:
        self._move(-self._results.page_rows)

    def action_page_down(self) -> None:
        self._move(self._results.page_rows)

    def _move(self, rows: int) -> None:
        if self._listed is not None:
            self.search()
            self._results.move_by(rows)

    def action_top(self) -> None:
        self._results.move_to(0)

    def action_bottom(self) -> None:
        self._results.move_to_end()

    # Leaving

    def _finish(self, choice: T | None) -> None:
        if self.is_current:
            self.dismiss(choice)

    def action_close(self) -> None:
        self._finish(None)


class MatchList(RowList, Generic[T], can_focus=False):
    """Lists what a search finds; the search line above it keeps the focus.

    A subclass overrides `row_segments`.
    """

    DEFAULT_CSS = "MatchList > .match--none { color: $text-muted; }"
    COMPONENT_CLASSES = {"match--none"}
    empty_text = "No matches. Try fewer letters or another word."
    """Shown where nothing is listed, once something was searched."""

    def __init__(self) -> None:
        super().__init__()
        self._is_listed = False
        self._matches: Sequence[T] = ()
        self.searched = ""
        """What they were found by."""

    @property
    def row_count(self) -> int:
        return len(self._matches)

    @property
    def chosen(self) -> T | None:
        """The match under the cursor; None = there is none."""
        return None if self.cursor is None else self._matches[self.cursor]

    def match(self, index: int) -> T:
        """Return what a row shows."""
        return self._matches[index]

    def show(self, matches: Sequence[T], searched: str, cursor: int) -> None:
        """List matches.

        Args:
            matches: In the order to list them.
            searched: What they were found by.
            cursor: The row to put the cursor on.
        """
        self._matches, self.searched, self._is_listed = matches, searched, True
        self.show_rows(cursor)

    def render_line(self, y: int) -> Strip:
        if y or self._matches or not self._is_listed:
            return super().render_line(y)
        width = self.scrollable_content_region.width
        text = truncate_end(f"  {self.empty_text}", width)
        return Strip([Segment(text, self.foreground_style("match--none"))])

    def marked(
        self, text: str, width: int, style: Style, *, is_path: bool = False
    ) -> Iterable[Segment]:
        """Return a cell with what was searched marked; of a path, the end is kept."""
        shown = sanitize(text)
        spans = marks(shown, self.searched, is_path=is_path)
        return marked_segments(shown, spans, width, style, keep_end=is_path)
