"""The visible panes, and the keys that the footer names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from mixtui.actions import Action, Scope, row_footer_actions
from mixtui.storage.pane_sizes import PaneSizes
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.main.resize import Panes, clear
from mixtui.ui.request.pane import RequestPane
from mixtui.ui.response.pane import ResponsePane
from mixtui.ui.response.state import InFlight, ResponseState

MIN_SIZE = Size(40, 12)
_LINES = 2
"""Rows above and below the panes."""
_SIDEBAR_FROM = 100
"""Columns; a narrower terminal shows the sidebar only when asked."""
_SCOPES = {
    "CollectionTree": Scope.TREE,
    "DraftRows": Scope.ROWS,
    "InputsEditor": Scope.INPUTS,
    "BodyEditor": Scope.BODY,
    "OperationDocs": Scope.DOCS,
    "TableView": Scope.TABLE,
    "ChartView": Scope.CHART,
    "ResponsePane": Scope.RESPONSE,
    # Letters are not commands in these.
    "SearchBar": None,
    "FilterBar": None,
}
"""What the nearest widget of these around the focus is; some are not imported yet."""


class PaneLayout:
    """Shows and hides panes, as the terminal's size and the user ask for."""

    def __init__(self, screen: Screen[None], sizes: PaneSizes) -> None:
        self._screen = screen
        self._sizes = sizes
        """What the user made of the panes."""
        self._sidebar_requested: bool | None = None
        """None = as there is room."""
        self._is_reading = False
        """Where there is room for one pane only: the response is in front."""
        self._focused: Widget | None = None
        """What had the focus before the terminal became too small."""

    def toggle_sidebar(self) -> bool:
        """Show or hide the sidebar; return whether it is visible."""
        self._sidebar_requested = not self._sidebar.display
        self._show()
        return self._sidebar.display

    def show_sidebar(self) -> None:
        """Show the sidebar even where there is little room."""
        if not self._sidebar.display:
            self.toggle_sidebar()

    def toggle_maximised(self) -> None:
        """Maximise the pane in focus, or restore the layout.

        In a terminal with room for one pane only: show the other.
        """
        screen = self._screen
        if self._has_room_for_one:
            self._show_reading(not self._is_reading)
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

    def leave_maximised(self) -> None:
        """Restore the layout if a pane is maximised."""
        if self._screen.has_class("-one-pane"):
            self.toggle_maximised()

    @property
    def panes(self) -> Panes:
        """The panes as they are shown."""
        screen, sidebar = self._screen, self._sidebar
        request, response = (
            screen.query_one(RequestPane),
            screen.query_one(ResponsePane),
        )
        is_one = screen.has_class("-one-pane")
        is_split = not is_one and request.display and response.display
        return Panes(
            sidebar=sidebar if sidebar.display and not is_one else None,
            request=request if is_split else None,
            area=screen.size - Size(0, _LINES),
            is_side_by_side=screen.has_class("-wide"),
            sizes=self._sizes,
        )

    def resize(self, sizes: PaneSizes) -> None:
        """Show the panes in other sizes."""
        self._sizes = sizes
        self._apply_sizes()

    def _apply_sizes(self) -> None:
        for pane in self._panes:
            clear(pane)
        self.panes.apply()

    def show_response(self) -> None:
        """Bring the response forward where there is room for one pane only."""
        self._show_reading(True)

    def show_request(self) -> None:
        """Bring the request forward where there is room for one pane only."""
        self._show_reading(False)

    async def bring_request_forward(self) -> None:
        """Show the request; wait until it is in front, if it was not."""
        self.show_request()
        if self._has_room_for_one:
            # The pane comes to the front at the next refresh, and takes the focus.
            await self._focus_settled()

    def on_resize(self, size: Size) -> None:
        """Fit the panes to the terminal, or report that it is too small."""
        tiny = size.width < MIN_SIZE.width or size.height < MIN_SIZE.height
        self._screen.set_class(self._is_reading, "-reading")
        message = self._screen.query_one("#too-small", Static)
        was_tiny = message.display
        if tiny and not was_tiny:
            self._focused = self._screen.focused
        for shown in self._screen.query("#panes, TopBar, KeyHints"):
            _display(shown, not tiny)
        _display(message, tiny)
        if was_tiny and not tiny:
            # What is hidden loses the focus, and at the start it gets none.
            self._screen.set_focus(self._focused or self._screen.query_one("#url"))
        if tiny:
            message.update(
                f"mixtui needs at least {MIN_SIZE.width}×{MIN_SIZE.height};\n"
                f"this terminal is {size.width}×{size.height}.\nEnlarge it to continue."
            )
        self._show()

    def update_footer(self, actions: Sequence[Action], state: ResponseState) -> None:
        """Name the keys that apply to the widget in focus.

        Args:
            actions: With the person's own keys.
            state: What the response pane shows.
        """
        screen = self._screen
        scope = self._scope()
        scope_actions = [a for a in actions if a.in_footer and a.scope is scope]
        request = screen.query_one(RequestPane)
        scope_actions = row_footer_actions(scope_actions, request.value_hint)
        if not request.can_format:
            scope_actions = [a for a in scope_actions if a.id != "body.format"]
        app_actions = [a for a in actions if a.in_footer and a.scope is Scope.APP]
        if isinstance(state, InFlight):
            app_actions.sort(key=lambda action: action.id != "cancel")
        else:
            app_actions = [a for a in app_actions if a.id != "cancel"]
        app_actions.sort(key=lambda action: action.id == "help")
        screen.query_one(KeyHints).show(
            [*app_actions[:2], *scope_actions, *app_actions[2:]]
        )
        request.set_class(request.switcher.has_focus_within, "-editing")

    @property
    def _has_room_for_one(self) -> bool:
        """Whether only the request or the response is shown: few rows, few columns."""
        screen = self._screen
        return screen.has_class("-squat") and not screen.has_class("-wide")

    def _show_reading(self, reading: bool) -> None:
        self._is_reading = reading
        screen = self._screen
        if not self._has_room_for_one:
            return  # Every widget would be styled again for nothing.
        screen.set_class(reading, "-reading")
        url = screen.query_one("#url")
        target = screen.query_one(ResponsePane).view if reading else url
        screen.call_after_refresh(target.focus)

    async def refreshed(self) -> None:
        """Wait for the next layout."""
        done = asyncio.Event()
        self._screen.call_after_refresh(done.set)
        await done.wait()

    async def _focus_settled(self) -> None:
        done = asyncio.Event()
        # A widget that asks for the focus gets it in a turn of the app.
        app = self._screen.app
        self._screen.call_after_refresh(lambda: app.call_later(done.set))
        await done.wait()

    @property
    def _sidebar(self) -> Widget:
        return self._screen.query_one("#sidebar")

    @property
    def _panes(self) -> tuple[Widget, ...]:
        screen = self._screen
        return (
            self._sidebar,
            screen.query_one(RequestPane),
            screen.query_one(ResponsePane),
        )

    def _show(self) -> None:
        is_requested = self._sidebar_requested
        has_room = self._screen.size.width >= _SIDEBAR_FROM
        maximised = self._screen.has_class("-one-pane")
        sidebar = self._sidebar
        if maximised:
            _display(sidebar, sidebar.has_class("-maximised"))
        else:
            _display(sidebar, has_room if is_requested is None else is_requested)
        work = self._screen.query_one("#work")
        _display(work, not maximised or not sidebar.display)
        self._apply_sizes()

    def _scope(self) -> Scope | None:
        """The scope of the focus; None = a text field, or no scope of its own."""
        focused = self._screen.focused
        if focused is None:
            return None
        names = (type(widget).__name__ for widget in focused.ancestors_with_self)
        scope = next((_SCOPES[name] for name in names if name in _SCOPES), None)
        is_text = focused.check_consume_key("a", "a")
        return None if is_text and scope and not scope.takes_text else scope


def _display(widget: Widget, is_shown: bool) -> None:
    """Show or hide a widget; Textual lays out and paints also what stays as it is."""
    if widget.display is not is_shown:
        widget.display = is_shown
