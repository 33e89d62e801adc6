"""Searching the body that a pane shows: the line that asks, and the viewer that looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixtui.core.search_query import SearchQuery
from mixtui.ui.widgets.answer_view import AnswerView, SearchStatus
from mixtui.ui.widgets.search_bar import SearchBar

if TYPE_CHECKING:
    from textual.containers import Vertical


class BodySearch:
    """One pane's search; what was looked for last stays in the line."""

    def __init__(self, pane: Vertical, view: AnswerView) -> None:
        self._pane, self._view = pane, view
        self._bar: SearchBar | None = None
        self._query: SearchQuery | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a search."""
        return self._bar is not None

    async def ask(self) -> None:
        """Type what to search for."""
        if self._bar is None:
            self._bar = SearchBar(self._query, view=self._view)
            await self._pane.mount(self._bar)
            if self._bar.pattern is not None:
                self._view.search(self._bar.pattern, go=False)
        self._bar.take_focus()

    def changed(self, event: SearchBar.Changed) -> None:
        """Something else is typed: look for that."""
        self._query = event.query
        self._view.search(event.pattern)

    async def close(self) -> None:
        """Search no more."""
        bar, self._bar = self._bar, None
        if bar is not None:
            self._view.search(None)
            self._view.screen.set_focus(self._view)
            await bar.remove()

    def again(self) -> None:
        """Search another document for the same."""
        if self._bar is not None:
            self._view.search(self._bar.pattern, go=False)

    async def step(self, by: int) -> None:
        """Go to the next match, or the one before; asks if there is no search yet."""
        if self._bar is None:
            await self.ask()
            if self._bar is None or self._bar.pattern is None:
                return
            self._view.screen.set_focus(self._view)
        self._view.find(by)

    def tell(self, status: SearchStatus | None) -> None:
        """Show what is known about the search."""
        if self._bar is not None and status is not None:
            self._bar.show_matches(
                status.number or 0,
                status.found,
                complete=status.complete,
                wrapped=bool(status.wrapped),
            )
