"""The viewer of an answer's body: what `DocumentView` shows can be folded, searched and
asked for the path of a value.

Whatever goes through the whole document runs in a thread, in steps, and can be stopped.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.widget import Widget

from mixtui.core.folding import spans_at_level
from mixtui.core.json_layout import IndentedJson
from mixtui.core.json_outline import Step, around, path
from mixtui.core.searching import Match, Search
from mixtui.core.steps import for_a_while
from mixtui.ui.action import Scope
from mixtui.ui.keymap import bindings
from mixtui.ui.widgets.document_view import DocumentView
from mixtui.ui.widgets.handing_over import handed_over
from mixtui.ui.widgets.wrapping import Anchor

_BATCH = 0.02
"""Seconds of work in a thread between two looks at whether it is still wanted."""
_PAUSE = 0.25
"""Seconds until a search looks for what has come meanwhile."""
_ROUND = {1: "from the top again", -1: "from the end again"}
_COUNTING, _FINDING, _FOLDING = "count", "find", "fold"
_OWN = ("fold", "unfold_all", "fold_level_1", "fold_level_2", "fold_level_3")


@dataclass(frozen=True, slots=True)
class SearchStatus:
    """What is known about a search."""

    number: int | None
    """Which match the cursor is at, from 1; None = not known."""
    found: int
    complete: bool
    """Whether the whole document was looked at."""
    wrapped: str = ""
    """Said when the search went on at the other end."""


class AnswerView(DocumentView, inherit_bindings=True):
    """Shows the body of an answer."""

    DEFAULT_CSS = """
    AnswerView > .answer--match { background: $warning-muted; color: $text-warning; }
    AnswerView > .answer--current { text-style: reverse bold; }
    """
    COMPONENT_CLASSES = {"answer--match", "answer--current"}
    BINDINGS = bindings(Scope.RESPONSE, only=_OWN)

    class Searched(Message):
        """There is news about the search."""

        def __init__(self, status: SearchStatus | None) -> None:
            """None = there is no search any more."""
            super().__init__()
            self.status = status

    opening_keys: Mapping[str, str] = {}
    """Keys that open a line to type in, with the action of the widget around this."""
    _search: Search | None = None
    _match: Match | None = None
    _complete = False
    _round = ""
    _steps: list[int] = []
    """What was asked for and not found yet: 1 = the next match, -1 = the one before."""

    async def _on_key(self, event: events.Key) -> None:
        """A key that opens a line acts before the next key is looked at."""
        if handed_over(self, event):
            return
        name, around = self.opening_keys.get(event.key), self.parent
        if name is None or not isinstance(around, Widget):
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        await around.run_action(name)

    # Where the cursor is

    @property
    def path(self) -> tuple[Step, ...] | None:
        """The steps to the value under the cursor; None = it is in no JSON."""
        document = self.document
        if document is None or not isinstance(document.layout, IndentedJson):
            return None
        return path(document.layout, self.cursor_line)

    # Folding

    def action_fold(self) -> None:
        """Fold the object or list at the cursor away, or open it."""
        view = self.view
        if view is None or not isinstance(view.document.layout, IndentedJson):
            return
        line = self.cursor_line
        if view.folds.end(line) is not None:
            view.folds.open(line)
        elif (found := around(view.document.layout, line)) is not None:
            view.folds.fold(found.start, found.end)
            line = found.start
        self._folded(line)

    def action_unfold_all(self) -> None:
        """Open everything."""
        if self.view is not None and self.view.folds:
            line = self.cursor_line
            self.view.folds.clear()
            self._folded(line)

    def action_fold_level_1(self) -> None:
        """Fold everything within the root."""
        self.fold_level(1)

    def action_fold_level_2(self) -> None:
        """Fold everything but the first two levels."""
        self.fold_level(2)

    def action_fold_level_3(self) -> None:
        """Fold everything but the first three levels."""
        self.fold_level(3)

    def fold_level(self, level: int) -> None:
        """Fold what is at a level away, and open everything above it."""
        self.run_worker(self._fold_level(level), group=_FOLDING, exclusive=True)

    async def _fold_level(self, level: int) -> None:
        view = self.view
        if view is None:
            return
        going_on = True
        work = asyncio.to_thread(spans_at_level, view.document, level, lambda: going_on)
        try:
            found = await work
        finally:
            going_on = False
        if view is self.view:
            line = self.cursor_line
            view.folds.fold_all(iter(found))
            self._folded(line)

    def _folded(self, line: int) -> None:
        """The rows are other ones: show them, with the cursor in the same line."""
        view = self.view
        assert view is not None
        above = self._cursor.line - round(self.scroll_y)
        cursor = Anchor(view.row_of(line), 0)
        self._lay_out(Anchor(max(0, cursor.line - above), 0))
        if self._wrapped is None:
            self.scroll_to(y=cursor.line - above, animate=False, force=True)
        self._place(cursor)
        self.post_message(self.CursorMoved())

    # Searching

    @property
    def searching(self) -> bool:
        """Whether there is a search."""
        return self._search is not None

    def search(self, pattern: re.Pattern[bytes] | None, *, go: bool = True) -> None:
        """Search the document for a pattern; None = no more.

        Args:
            pattern: What to look for, in the bytes of the lines as they are shown.
            go: Go to the first match at or behind the cursor.
        """
        document = self.document
        self._match, self._complete, self._round = None, False, ""
        self._steps = []
        if pattern is None or document is None:
            self._search = None
            self.refresh()
            self.post_message(self.Searched(None))
            return
        self._search = Search(document.layout, pattern)
        self.refresh()
        self.run_worker(self._count(self._search), group=_COUNTING, exclusive=True)
        if go:
            self.find(1)

    def find(self, step: int) -> None:
        """Go to the next match (1) or the one before (-1)."""
        if self._search is None:
            return
        self._steps.append(step)
        if len(self._steps) == 1:
            self.run_worker(self._find_all(self._search), group=_FINDING)

    async def _count(self, search: Search) -> None:
        while search is self._search and not self._complete:
            document = self.document
            whole = document is not None and document.complete
            done = await asyncio.to_thread(for_a_while, search.count(), _BATCH)
            self._complete = done and whole
            self._tell(search)
            if done and not whole:
                await asyncio.sleep(_PAUSE)

    async def _find_all(self, search: Search) -> None:
        """Take one step after the other, also those asked for meanwhile."""
        while search is self._search and self._steps:
            await self._find(search, self._steps[0])
            if search is self._search:
                del self._steps[0]

    async def _find(self, search: Search, step: int) -> None:
        line, start = self.cursor_line, 0
        if self._match is not None and self._match.line == line:
            start = self._match.start + (step > 0)
        walk = search.after(line, start) if step > 0 else search.before(line, start)
        found: list[Match | None] = []
        while search is self._search:
            if await asyncio.to_thread(for_a_while, map(found.append, walk), _BATCH):
                break
            del found[:-1]
        if search is not self._search:
            return
        match = found[-1] if found else None
        if match is not None:
            behind = (match.line, match.start) >= (line, start)
            self._round = "" if behind == (step > 0) else _ROUND[step]
            self._match = match
            self._show_match(match)
        self._tell(search)

    def _tell(self, search: Search) -> None:
        if search is not self._search:
            return
        number = search.number(self._match) if self._match else None
        status = SearchStatus(number, search.counted, self._complete, self._round)
        self.post_message(self.Searched(status))

    def _show_match(self, match: Match) -> None:
        view = self.view
        if view is None:
            return
        if view.folds.reveal(match.line):
            self._folded(match.line)
        self.go_to_line(match.line)
        column = view.document.layout.column(match.line, match.start)
        if self._wrapped is not None:
            row = view.row_of(match.line)
            self._place(self._wrapped.row_with(row, column))
            return
        left = round(self.scroll_x)
        if not left <= column < left + self._text_width - (match.end - match.start):
            left = max(0, column - self._text_width // 3)
            left = 0 if column < self._text_width * 2 // 3 else left
            self.scroll_to(x=left, animate=False, force=True)
        self.refresh()

    def highlights(
        self, line: int, start: int, width: int
    ) -> list[tuple[tuple[int, int], str]]:
        """The matches in the part of a line that is seen."""
        search, document = self._search, self.document
        if search is None or document is None:
            return []
        text = document.line(line, start, width)
        data = text.encode("utf-8", "replace")
        current = None
        if self._match is not None and self._match.line == line:
            current = document.layout.column(line, self._match.start) - start
        found = []
        for begin, end in search.in_line(data):
            before = data[:begin].decode("utf-8", "replace")
            match = data[begin:end].decode("utf-8", "replace")
            cell = start + cell_len(before)
            name = "current" if len(before) == current else "match"
            found.append(((cell, cell + cell_len(match)), f"answer--{name}"))
        return found
