"""The search of an editor's text."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from textual.containers import Vertical
from textual.document._document import Location

from mixtui.document.search import Pattern, SearchQuery, Span
from mixtui.model.errors import SearchError
from mixtui.ui.widgets.code_area import CodeArea
from mixtui.ui.widgets.search_bar import SearchBar

_AT_ONCE = 1_000_000
"""Characters; a longer text is searched in a thread."""


class EditorSearch:
    """Searches the text of an area; the current match is selected there.

    Args:
        editor: Where the search line is mounted.
        area: What is searched.
    """

    def __init__(self, editor: Vertical, area: CodeArea) -> None:
        self._editor, self._area = editor, area
        self._bar: SearchBar | None = None
        self._query = SearchQuery("")
        self._pattern: Pattern | None = None
        self._origin: Location = (0, 0)
        """Where the cursor was when the line was opened."""
        self._matches: list[Span] | None = None
        """All matches, in characters of the text; None = not searched for yet."""
        self._line_starts: list[int] = [0]
        """The offset of each line of the text that was searched."""
        self._steps = 0
        """Matches to go on by once they are known; negative = back."""

    @property
    def is_open(self) -> bool:
        """Whether the search line is open."""
        return self._bar is not None

    async def ask(self) -> None:
        """Open the search line, and focus it."""
        self._origin = min(self._area.selection)
        selected = self._area.selected_text
        if selected and "\n" not in selected and not self._is_match(selected):
            self._query = SearchQuery(selected)
            await self.remove()
        bar = self._bar
        if bar is None:
            bar = self._bar = SearchBar(self._query)
            await self._editor.mount(bar, after=self._area)
            self._look_for(bar.pattern)
        if bar is self._bar:
            bar.take_focus()

    def changed(self, event: SearchBar.Changed) -> None:
        """Search for the query that is typed now."""
        self._query = event.query
        self._look_for(event.pattern)

    def step(self, by: int) -> None:
        """Go to the next match (1) or the previous one (-1)."""
        self._steps += by
        if self._matches is not None:
            self._go(self._matches)

    async def close(self) -> None:
        """Close the line, and go to the match, which stays selected."""
        await self.remove()
        self._area.focus()

    async def remove(self) -> None:
        """Close the line without moving the focus."""
        bar, self._bar = self._bar, None
        self._pattern = self._matches = self._area.searched = None
        self._steps = 0
        if bar is not None:
            await bar.remove()

    def again(self) -> None:
        """Search again: the text has changed."""
        if self._bar is not None and self._pattern is not None:
            self._search(self._pattern)

    def _is_match(self, text: str) -> bool:
        """Whether a text is found as a whole by what was searched for last."""
        if not self._query.text:
            return False
        try:
            spans = list(self._query.pattern().spans_in_text(text))
        except SearchError:
            return False
        return spans == [(0, len(text))]

    def _look_for(self, pattern: Pattern | None) -> None:
        """Search for a pattern, and go to its first match behind the cursor."""
        self._pattern = self._area.searched = pattern
        self._matches, self._steps = None, 1
        self._area.move_cursor(self._origin)
        if pattern is not None:
            self._search(pattern)

    def _search(self, pattern: Pattern) -> None:
        text = self._area.text
        if len(text) <= _AT_ONCE:
            self._found(pattern, _find_all(pattern, text))
        else:
            work = self._search_in_thread(pattern, text)
            self._editor.run_worker(work, group="search", exclusive=True)

    async def _search_in_thread(self, pattern: Pattern, text: str) -> None:
        self._found(pattern, await asyncio.to_thread(_find_all, pattern, text))

    def _found(self, pattern: Pattern, matches: list[Span] | SearchError) -> None:
        if pattern is not self._pattern:
            return  # Something else is searched for now.
        if isinstance(matches, SearchError):
            self._pattern = self._area.searched = None
            self._editor.notify(str(matches), severity="error", markup=False)
            return
        lengths = (len(line) + 1 for line in self._area.document.lines)
        self._line_starts = list(accumulate(lengths, initial=0))
        self._matches = matches
        self._go(matches)

    def _go(self, matches: Sequence[Span]) -> None:
        """Take the steps that were asked for, and show where they lead."""
        steps, self._steps = self._steps, 0
        index, wrapped = -1, False
        if matches and steps:
            index = self._index_after(matches, steps)
            wrapped = not 0 <= index < len(matches)
            index %= len(matches)
            self._select(matches[index])
        if self._bar is not None:
            self._bar.show_matches(index + 1, len(matches), wrapped=wrapped)

    def _index_after(self, matches: Sequence[Span], steps: int) -> int:
        """Return the index of the match some steps from the selection, even past an end."""
        start, end = map(self._offset, sorted(self._area.selection))
        index = bisect_left(matches, (start, 0))
        is_at_match = matches[index : index + 1] == [(start, end)]
        return index + steps - (steps > 0 and not is_at_match)

    def _select(self, match: Span) -> None:
        start, end = map(self._location, match)
        self._area.move_cursor(start)
        self._area.move_cursor(end, select=True)

    def _offset(self, location: Location) -> int:
        return self._line_starts[location[0]] + location[1]

    def _location(self, offset: int) -> Location:
        row = bisect_right(self._line_starts, offset) - 1
        return row, offset - self._line_starts[row]


def _find_all(pattern: Pattern, text: str) -> list[Span] | SearchError:
    """Return all matches in a text, in characters."""
    try:
        return list(pattern.spans_in_text(text))
    except SearchError as error:
        return error
