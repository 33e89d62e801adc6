"""The viewer of a response body, which can be folded and searched.

Whatever goes through the whole document runs in a thread, in steps, and can be stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct
from rich.cells import cell_len
from textual import work
from textual.message import Message

from mixtui.actions import Scope
from mixtui.document.document import Document
from mixtui.document.folding import Folds, folded_at
from mixtui.document.json_layout import IndentedJson
from mixtui.document.json_path import OutlineStep, enclosing_span, path
from mixtui.document.search import Match, Pattern, Search
from mixtui.model.errors import SearchError
from mixtui.system import CancelToken, run_for
from mixtui.text import sanitize
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.response.document_view import TOP, WHOLE, DocumentView, Window
from mixtui.ui.response.wrapping import Anchor
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune, run_in_thread

_OWN = ("fold", "unfold_all", "fold_level_1", "fold_level_2", "fold_level_3")


_MOST_STEPS = 1000
"""Matches that a count goes by at most."""
_BATCH = 0.02
"""Seconds of work in a thread between two looks at whether it is still wanted."""
_PAUSE = 0.25
"""Seconds until a search continues with what has arrived since."""
_MARGIN = 256
"""Characters of a long line beside the screen that a match may reach into."""
_ROUND = {1: "wrapped to top", -1: "wrapped to bottom"}


class SearchStatus(Struct, frozen=True):
    """The progress of a search."""

    number: int | None
    """Which match the cursor is at, from 1; None = not known."""
    matches: int
    complete: bool
    """Whether the whole document was looked at."""
    wrapped: str = ""
    """Shown when the search continued at the other end."""


class ResponseView(CancelsWorkersOnPrune, DocumentView, inherit_bindings=True):
    """Shows the body of a response."""

    BINDINGS = bindings(Scope.RESPONSE, only=_OWN)
    DEFAULT_CSS = """
    ResponseView > .response--match { background: $warning-muted; color: $text-warning; }
    ResponseView > .response--current { text-style: reverse bold; }
    ResponseView:ansi > .response--match {
        background: transparent; color: $text-warning; text-style: bold underline;
    }
    /* A hole in the row of the cursor, which is reversed. */
    ResponseView:ansi > .response--current { text-style: not reverse bold underline; }
    """
    COMPONENT_CLASSES = {"response--match", "response--current"}
    _search: Search | None = None
    _match: Match | None = None
    _column = 0
    """The character of its line, as shown, that the match starts at."""
    _number: int | None = None
    _complete = False
    _round = ""
    _last_status: SearchStatus | None = None
    _steps: list[int] = []
    """What was asked for and not found yet: 1 = the next match, -1 = the one before."""

    class Searched(Message):
        """Posted when more is known about the search."""

        def __init__(self, status: SearchStatus | None) -> None:
            """None = the search was closed."""
            super().__init__()
            self.status = status

    def _show(self, document: Document | None) -> None:
        """Show another document, and end the search in the old one."""
        if self._search is not None:
            self.search(None)
        super()._show(document)

    def search(self, pattern: Pattern | None, *, go: bool = True) -> None:
        """Search the document for a pattern; None = end the search.

        Args:
            pattern: What to look for, in the bytes of the lines as they are shown.
            go: Go to the first match at or behind the cursor.
        """
        document = self.document
        self._match, self._number, self._last_status = None, None, None
        self._complete, self._round = False, ""
        self._steps = []
        self.refresh()
        if pattern is None or document is None:
            self._search = None
            self.post_message(self.Searched(None))
            return
        self._search = Search(document.layout, pattern)
        self._count(self._search, document)
        if go:
            self.find(1)

    def find(self, step: int) -> None:
        """Go to the next match (1), to the third (3), or to the one before (-1)."""
        if self._search is None:
            return
        is_finding = bool(self._steps)
        one = 1 if step > 0 else -1
        self._steps += [one] * min(abs(step), _MOST_STEPS)
        if not is_finding:
            self._find_all(self._search)

    @contextmanager
    def _reports_error(self) -> Iterator[None]:
        """End the search with a message when its pattern takes too long."""
        try:
            yield
        except SearchError as error:
            self.search(None)
            self.notify(str(error), severity="error", markup=False)

    @work(group="count", exclusive=True, description="")
    async def _count(self, search: Search, document: Document) -> None:
        with self._reports_error():
            while search is self._search and not self._complete:
                complete = document.complete
                steps = search.count(complete=complete)
                done = await asyncio.to_thread(run_for, steps, _BATCH)
                if search is self._search:
                    self._complete = done and complete
                    await self._report(search)
                if done and not complete:
                    await asyncio.sleep(_PAUSE)

    @work(group="find", description="")
    async def _find_all(self, search: Search) -> None:
        """Take one step after another, including those requested in the meantime."""
        with self._reports_error():
            while search is self._search and self._steps:
                await self._find(search, self._steps[0])
                if search is self._search:
                    del self._steps[0]

    async def _find(self, search: Search, step: int) -> None:
        line, start = self.cursor_line, 0
        if self._match is not None and self._match.line == line:
            start = self._match.start + (step > 0)
        walk = search.after(line, start) if step > 0 else search.before(line, start)
        matches: list[Match | None] = []
        while search is self._search:
            if await asyncio.to_thread(run_for, map(matches.append, walk), _BATCH):
                break
            del matches[:-1]
        if search is not self._search:
            return
        match = matches[-1] if matches else None
        if match is not None:
            behind = (match.line, match.start) >= (line, start)
            self._round = "" if behind == (step > 0) else _ROUND[step]
            self._match, self._number = match, None
            self._show_match(match)
        await self._report(search)

    async def _report(self, search: Search) -> None:
        match = self._match
        if match is not None and self._number is None:
            number = await asyncio.to_thread(search.number, match)
            if match is self._match:
                self._number = number
        status = SearchStatus(self._number, search.counted, self._complete, self._round)
        if search is self._search and status != self._last_status:
            self._last_status = status
            self.post_message(self.Searched(status))

    def _show_match(self, match: Match) -> None:
        document = self.document
        assert document is not None
        self._column, cell = _position_of(document, match)
        self.reveal(match.line)
        self.go_to_line(match.line, self._column)
        left, width = round(self.scroll_x), self._text_width
        length = match.end - match.start
        if self._wrapped is None and not left <= cell < left + width - length:
            left = 0 if cell < width * 2 // 3 else max(0, cell - width // 3)
            self.scroll_to(x=left, animate=False, force=True)
        self.refresh()

    def highlights(
        self, line: int, window: Window
    ) -> list[tuple[tuple[int, int], str]]:
        """Return the matches in the visible part of a line."""
        search, document = self._search, self.document
        if search is None or document is None:
            return []
        text, first = document.line(line, 0, WHOLE + 1), 0
        begin, left = window.start, window.left
        if len(text) > WHOLE:
            begin, left = window.start or window.left, 0
            first = max(0, begin - _MARGIN)
            text = document.line(line, first, begin - first + window.width + _MARGIN)
        left += cell_len(text[: begin - first])
        stop = window.width
        if window.length is not None:
            row = text[begin - first :][: window.length]
            stop = min(stop, cell_len(row))
        current = -1
        if self._match is not None and self._match.line == line:
            current = self._column - first
        results = []
        for start, end in _in_line(search, text):
            cell = cell_len(text[:start]) - left
            cells = max(0, cell), min(stop, cell + cell_len(text[start:end]))
            if cells[0] < cells[1]:
                name = "current" if start == current else "match"
                results.append((cells, f"response--{name}"))
        return results

    @property
    def path(self) -> tuple[OutlineStep, ...] | None:
        """The steps to the value under the cursor; None = the body is not JSON."""
        document = self.document
        if document is None or not isinstance(document.layout, IndentedJson):
            return None
        return path(document.layout, self.cursor_line)

    def action_fold(self) -> None:
        """Fold or unfold the object or list at the cursor."""
        view = self.view
        if view is None or not isinstance(view.document.layout, IndentedJson):
            return
        line, above = self.cursor_line, self._rows_above()
        if view.folds.end(line) is not None:
            view.folds.open(line)
        elif (value_span := enclosing_span(view.document.layout, line)) is not None:
            view.folds.fold(value_span.start, value_span.end)
            line = value_span.start
        else:
            return
        self._folded(line, above)

    def action_unfold_all(self) -> None:
        if self.view is not None and self.view.folds:
            line, above = self.cursor_line, self._rows_above()
            self.view.folds = Folds()
            self._folded(line, above)

    def action_fold_level_1(self) -> None:
        """Fold at the level of the count, or at the first."""
        self.fold_level(self.take_count() or 1)

    def action_fold_level_2(self) -> None:
        self.fold_level(2)

    def action_fold_level_3(self) -> None:
        self.fold_level(3)

    def reveal(self, line: int) -> None:
        """Unfold what hides a line."""
        above = self._rows_above()
        if self.view is not None and self.view.folds.reveal(line):
            self._folded(line, above)

    @work(group="fold", exclusive=True)
    async def fold_level(self, level: int) -> None:
        """Fold everything at a level, and unfold what is above it."""
        view = self.view
        if view is None:
            return
        token = CancelToken()
        folds = await run_in_thread(
            lambda: folded_at(view.document, level, token), token
        )
        if view is self.view:
            line, above = self.cursor_line, self._rows_above()
            view.folds = folds
            self._folded(line, above)

    def _folded(self, line: int, above: int) -> None:
        """Show the rows after a change of the folds, with the cursor in a line.

        Args:
            line: Where the cursor is to be.
            above: Rows of the screen that were above the cursor.
        """
        view = self.view
        assert view is not None
        cursor = self._cursor = Anchor(view.row_of(line), 0)
        self._lay_out(TOP)
        self._show_from(self._moved(cursor, -above))
        self._place_cursor(cursor)
        self.post_message(self.CursorMoved())


def _in_line(search: Search, line: str) -> list[tuple[int, int]]:
    try:
        return search.in_line(line)
    except SearchError:
        return []  # It is drawn without marks; the search itself says what is wrong.


def _position_of(document: Document, match: Match) -> tuple[int, int]:
    """Return the character and the cell of its line that a match starts at, as shown."""
    text = document.line(match.line, 0, WHOLE + 1)
    if len(text) > WHOLE:
        # Of a long line, a part is drawn: a character is a cell.
        column = document.layout.column(match.line, match.start)
        return column, column
    before = document.raw(match.line)[: match.start].decode("utf-8", "replace")
    return len(sanitize(before)), cell_len(sanitize(before))
