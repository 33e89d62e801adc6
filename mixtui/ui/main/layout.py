"""Which panes are seen, and which keys the last line names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset, Region, Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from mixtui.actions import Action, Scope, offered
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.response.state import InFlight

if TYPE_CHECKING:
    from mixtui.ui.main.screen import MainScreen


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


_WIDTH = 3
"""Cells of a letter with a blank on each side."""


@dataclass(frozen=True, slots=True)
class JumpTarget:
    """A place to go to."""

    letter: str
    target: str | Widget
    """What the overlay gives back: a widget, or a name for a part of one."""
    region: Region | None = None
    """Where it is on the screen; None = where the widget is."""

    def place(self) -> Region:
        """Its part of the screen that can be seen; empty = none of it."""
        if self.region is not None:
            return self.region
        if not isinstance(self.target, Widget) or not self.target.is_on_screen:
            return Region()
        return self.target.screen.find_widget(self.target).visible_region


class JumpOverlay(ModalScreen[str | Widget | None]):
    """Letters over the screen below, which stays as it is.

    The letter of a target gives that target; any other key, a click or a change of
    the terminal's size gives None, and nothing is typed anywhere.

    Args:
        targets: What can be gone to; those that cannot be seen get no letter.
    """

    DEFAULT_CSS = """
    JumpOverlay { background: transparent; }
    JumpOverlay > .letter {
        position: absolute; width: 3; height: 1; text-align: center;
        background: $block-cursor-background; color: $block-cursor-foreground;
        text-style: bold;
    }
    JumpOverlay > .hint {
        dock: bottom; height: 1; background: $panel; color: $text-muted; padding: 0 1;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def __init__(self, targets: Iterable[JumpTarget]) -> None:
        super().__init__()
        seen = ((target, target.place()) for target in targets)
        self._places = [(target, place) for target, place in seen if place]
        self._targets = {t.letter.lower(): t.target for t, _ in self._places}
        self._drawn_for: Size | None = None
        self._finished = False

    def compose(self) -> ComposeResult:
        """A letter at the top left of each target."""
        corners = place_labels([place.offset for _, place in self._places])
        for (target, _), corner in zip(self._places, corners, strict=True):
            letter = Static(target.letter, classes="letter", markup=False)
            letter.styles.offset = corner
            yield letter
        yield Static("A letter goes there; any other key stays here.", classes="hint")

    async def on_key(self, event: events.Key) -> None:
        """Every key ends it."""
        event.stop()
        event.prevent_default()
        if self._finished:
            # Typed right behind the letter: it is for the place gone to.
            self.app.post_message(events.Key(event.key, event.character))
            return
        self._finish(self._targets.get((event.character or "").lower()))

    def on_paste(self, event: events.Paste) -> None:
        """A paste ends it, and goes nowhere."""
        event.stop()
        self._finish(None)

    def on_click(self) -> None:
        """A click ends it."""
        self._finish(None)

    def on_resize(self, event: events.Resize) -> None:
        """The letters would stand in the wrong places."""
        if self._drawn_for is not None and event.size != self._drawn_for:
            self._finish(None)
        self._drawn_for = event.size

    def _finish(self, target: str | Widget | None) -> None:
        if self.is_current:
            self._finished = True
            self.dismiss(target)


def place_labels(corners: Sequence[Offset]) -> list[Offset]:
    """Moves letters to the right until none covers another."""
    taken: set[Offset] = set()
    free: list[Offset] = []
    for corner in corners:
        while any(
            corner.y == other.y and abs(corner.x - other.x) < _WIDTH for other in taken
        ):
            corner += Offset(1, 0)
        taken.add(corner)
        free.append(corner)
    return free
