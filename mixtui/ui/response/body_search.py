"""The search of one pane's body."""

from __future__ import annotations

from textual.containers import Vertical

from mixtui.document.search import SearchQuery
from mixtui.ui.response.view import ResponseView, SearchStatus
from mixtui.ui.widgets.search_bar import SearchBar


class BodySearch:
    """One pane's search; what was looked for last stays in the line."""

    def __init__(self, pane: Vertical, view: ResponseView) -> None:
        self._pane, self._view = pane, view
        self._bar: SearchBar | None = None
        self._query: SearchQuery | None = None

    @property
    def is_open(self) -> bool:
        """Whether the search line is open."""
        return self._bar is not None

    async def ask(self) -> None:
        """Open the search line, and focus it."""
        bar = self._bar
        if bar is None:
            bar = self._bar = SearchBar(self._query, view=self._view)
            await self._pane.mount(bar)
            if bar is self._bar and bar.pattern is not None:
                self._view.search(bar.pattern, go=False)
        if bar is self._bar:
            bar.take_focus()

    @property
    def query(self) -> SearchQuery | None:
        """What is searched for; None = the line is closed."""
        return None if self._bar is None else self._bar.query_asked

    def reopen(self, query: SearchQuery) -> None:
        """Search again for what was searched for in this document, without going there."""
        self.leave()
        self._query = query
        bar = self._bar = SearchBar(query, view=self._view)
        self._pane.mount(bar)
        self._view.search(bar.pattern, go=False)

    def leave(self) -> None:
        """Close the line: another document is looked at."""
        bar, self._bar = self._bar, None
        if bar is not None:
            self._view.search(None)
            bar.remove()

    def changed(self, event: SearchBar.Changed) -> None:
        """Search for the query that is typed now."""
        self._query = event.query
        self._view.search(event.pattern)

    async def close(self) -> None:
        """Close the line and forget the matches."""
        bar, self._bar = self._bar, None
        if bar is not None:
            self._view.search(None)
            self._view.screen.set_focus(self._view)
            await bar.remove()

    def again(self) -> None:
        """Repeat the search in another document."""
        if self._bar is not None:
            self._view.search(self._bar.pattern, go=False)

    async def step(self, by: int) -> None:
        """Go by some matches, back if negative; open the line if there is no search."""
        if self._bar is None:
            await self.ask()
            if self._bar is None or self._bar.pattern is None:
                return
            self._view.screen.set_focus(self._view)
        self._view.find(by)

    def show_status(self, status: SearchStatus | None) -> None:
        if self._bar is not None and status is not None:
            self._bar.show_matches(
                status.number or 0,
                status.matches,
                complete=status.complete,
                wrapped=bool(status.wrapped),
            )
