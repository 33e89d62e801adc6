"""Letters over the main screen: press one to go to its field, tab or pane."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset, Region, Size
from textual.widget import Widget
from textual.widgets import Static

from mixtui.ui.main.top_bar import TopBar
from mixtui.ui.widgets.overlay import Overlay
from mixtui.ui.widgets.tabs import TabBar

if TYPE_CHECKING:
    from mixtui.ui.main.host import PaneHost

_TABS = {
    "q": "query",
    "h": "headers",
    "b": "body",
    "t": "auth",
    "o": "options",
    "d": "docs",
}


def jump(host: PaneHost, open_activity: Callable[[], Awaitable[None]]) -> None:
    """Go to any field, tab or pane by a letter.

    Args:
        host: The screen.
        open_activity: For the letter of the first line.
    """
    pane, response = host.request_pane, host.response_pane
    tabs = pane.query_one("#request-tabs", TabBar)
    top_bar = pane.screen.query_one(TopBar)
    targets = [
        JumpTarget("m", pane.query_one("#method")),
        JumpTarget("a", pane.query_one("#api")),
        JumpTarget("u", pane.query_one("#url")),
        *(JumpTarget(k, tab, tabs.region_of(tab)) for k, tab in _TABS.items()),
        JumpTarget("s", host.saved_requests),
        JumpTarget("r", response.view),
        JumpTarget("v", response.query_one("#response-tabs")),
        JumpTarget("l", "activity", top_bar.region),
    ]

    def go(target: str | Widget | None) -> None:
        if isinstance(target, Widget):
            host.set_focus(target)
        elif target == "activity":
            host.run_guarded(open_activity())
        elif target is not None:
            host.run_guarded(pane.focus_tab(target))

    host.app.push_screen(JumpOverlay(targets), go)


_WIDTH = 3
"""Cells of a letter with a blank on each side."""


@dataclass(frozen=True, slots=True)
class JumpTarget:
    """A widget to go to, and its letter."""

    letter: str
    target: str | Widget
    """What the overlay gives back: a widget, or a name for a part of one."""
    region: Region | None = None
    """Where it is on the screen; None = where the widget is."""

    def visible_region(self) -> Region:
        """The visible part of its region; empty = hidden."""
        if self.region is not None:
            return self.region
        if not isinstance(self.target, Widget) or not self.target.is_on_screen:
            return Region()
        return self.target.screen.find_widget(self.target).visible_region


class JumpOverlay(Overlay[str | Widget | None]):
    """Letters over the screen below, which stays visible.

    The letter of a target gives that target; any other key, a click or a change of
    the terminal's size gives None, and nothing is typed anywhere.

    Args:
        targets: What can be gone to; those that cannot be seen get no letter.
    """

    DEFAULT_CSS = """
    JumpOverlay > .letter {
        position: absolute; width: 3; height: 1; text-align: center;
        background: $block-cursor-background; color: $block-cursor-foreground;
        text-style: bold;
    }
    """

    def __init__(self, targets: Iterable[JumpTarget]) -> None:
        super().__init__()
        seen = ((target, target.visible_region()) for target in targets)
        self._regions = [(target, region) for target, region in seen if region]
        self._targets = {t.letter.lower(): t.target for t, _ in self._regions}
        self._drawn_for: Size | None = None
        self._finished = False

    def compose(self) -> ComposeResult:
        corners = label_offsets([region.offset for _, region in self._regions])
        for (target, _), corner in zip(self._regions, corners, strict=True):
            letter = Static(target.letter, classes="letter", markup=False)
            letter.styles.offset = corner
            yield letter
        yield Static("Press a letter to jump; any other key cancels.", classes="hint")

    async def on_key(self, event: events.Key) -> None:
        """Go to the target of a letter; any other key cancels."""
        event.stop()
        event.prevent_default()
        if self._finished:
            # Typed right behind the letter: it is for the place gone to.
            self.app.post_message(events.Key(event.key, event.character))
            return
        self._finish(self._targets.get((event.character or "").lower()))

    def on_paste(self, event: events.Paste) -> None:
        """Cancel; the pasted text goes nowhere."""
        event.stop()
        self._finish(None)

    def on_click(self) -> None:
        self._finish(None)

    def on_resize(self, event: events.Resize) -> None:
        """Cancel: the letters would be in the wrong positions."""
        if self._drawn_for is not None and event.size != self._drawn_for:
            self._finish(None)
        self._drawn_for = event.size

    def _finish(self, target: str | Widget | None) -> None:
        if self.is_current:
            self._finished = True
            self.dismiss(target)


def label_offsets(corners: Sequence[Offset]) -> list[Offset]:
    """Move letters to the right until none covers another."""
    used: set[Offset] = set()
    free: list[Offset] = []
    for corner in corners:
        while any(
            corner.y == other.y and abs(corner.x - other.x) < _WIDTH for other in used
        ):
            corner += Offset(1, 0)
        used.add(corner)
        free.append(corner)
    return free
