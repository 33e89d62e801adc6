"""Which panes are seen, and which keys the last line names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from mixtui.ui.action import Action, Scope
from mixtui.ui.state import InFlight
from mixtui.ui.value_actions import offered
from mixtui.ui.widgets.key_hints import KeyHints

if TYPE_CHECKING:
    from mixtui.ui.main_screen import MainScreen

MIN_SIZE = Size(40, 12)
_SIDEBAR_FROM = 100
"""Columns; a narrower terminal shows the sidebar only when asked."""
_SCOPES = {
    "CollectionTree": Scope.TREE,
    "PairsEditor": Scope.ROWS,
    "BodyEditor": Scope.BODY,
    "OperationDocs": Scope.DOCS,
    "TableView": Scope.TABLE,
    "ChartView": Scope.CHART,
    "ResponsePane": Scope.RESPONSE,
    # Text is typed there: letters are no commands.
    "SearchBar": None,
    "FilterBar": None,
}
"""What the nearest widget of these around the focus is; some are not imported yet."""


class PaneLayout:
    """The screen's layout: what the size and the person ask for."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._sidebar_asked: bool | None = None
        """None = as there is room."""

    def toggle_sidebar(self) -> bool:
        """Show or hide the sidebar; returns whether it is seen now."""
        self._sidebar_asked = not self._sidebar.display
        self._show()
        return self._sidebar.display

    def show_sidebar(self) -> None:
        """Show the sidebar, whatever else there is room for."""
        if not self._sidebar.display:
            self.toggle_sidebar()

    def toggle_maximised(self) -> None:
        """Give the whole screen to the pane in use, or take it back.

        In a terminal with room for one pane only: show the other.
        """
        screen = self._screen
        if screen.has_class("-squat"):
            self._read(not screen.has_class("-reading"))
            return
        maximised = [p for p in self._panes if p.has_class("-maximised")]
        pane = next((p for p in self._panes if p.has_focus_within), None)
        for each in maximised:
            each.remove_class("-maximised")
        one = not maximised and pane is not None
        if one and pane is not None:
            pane.add_class("-maximised")
        screen.set_class(one, "-one-pane")
        self._show()

    def show_response(self) -> None:
        """An answer comes: show it where there is room for one pane only."""
        self._read(True)

    def show_request(self) -> None:
        """The request is wanted: show it where there is room for one pane only."""
        self._read(False)

    def on_resize(self, size: Size) -> None:
        """Fit the panes to the terminal, or say that it is too small."""
        tiny = size.width < MIN_SIZE.width or size.height < MIN_SIZE.height
        self._screen.set_class(tiny, "-tiny")
        if tiny:
            self._screen.query_one("#too-small", Static).update(
                f"mixtui needs {MIN_SIZE.width}×{MIN_SIZE.height};\n"
                f"this terminal has {size.width}×{size.height}.\nNothing is lost."
            )
        self._show()

    def update_footer(self, actions: Sequence[Action]) -> None:
        """Name the keys that matter where the focus is."""
        screen = self._screen
        scope = self._scope()
        local = [a for a in actions if a.in_footer and a.scope is scope]
        local = offered(local, screen.request_pane.value_hint)
        common = [a for a in actions if a.in_footer and a.scope is Scope.APP]
        if isinstance(screen.response, InFlight):
            common.sort(key=lambda action: action.id != "cancel")
        else:
            common = [a for a in common if a.id != "cancel"]
        common.sort(key=lambda action: action.id == "help")
        screen.query_one(KeyHints).show([*common[:2], *local, *common[2:]])
        content = screen.request_pane.query_one("#request-content")
        screen.set_class(content.has_focus_within, "-editing")

    def _read(self, reading: bool) -> None:
        screen = self._screen
        screen.set_class(reading, "-reading")
        if not screen.has_class("-squat"):
            return
        url = screen.query_one("#url")
        target = screen.response_pane.view if reading else url
        screen.call_after_refresh(target.focus)

    @property
    def _sidebar(self) -> Widget:
        return self._screen.query_one("#sidebar")

    @property
    def _panes(self) -> tuple[Widget, ...]:
        return self._sidebar, self._screen.request_pane, self._screen.response_pane

    def _show(self) -> None:
        asked = self._sidebar_asked
        room = self._screen.size.width >= _SIDEBAR_FROM
        one = self._screen.has_class("-one-pane")
        sidebar = self._sidebar
        if one:
            sidebar.display = sidebar.has_class("-maximised")
        else:
            sidebar.display = room if asked is None else asked
        self._screen.query_one("#work").display = not one or not sidebar.display

    def _scope(self) -> Scope | None:
        """Where the focus is; None = where text is typed, or nowhere special."""
        focused = self._screen.focused
        around = focused.ancestors_with_self if focused is not None else []
        names = (type(widget).__name__ for widget in around)
        return next((_SCOPES[name] for name in names if name in _SCOPES), None)
