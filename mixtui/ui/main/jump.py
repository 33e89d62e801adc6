"""Letters over the main screen: press one to go to its field, tab or pane."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset, Region, Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from mixtui.ui.frame import split_cells
from mixtui.ui.main.top_bar import TopBar
from mixtui.ui.widgets.overlay import Overlay
from mixtui.ui.widgets.tabs import TabBar

if TYPE_CHECKING:
    from mixtui.ui.main.host import PaneHost

_REQUEST_TABS = {
    "q": "query",
    "p": "path",
    "h": "headers",
    "b": "body",
    "t": "auth",
    "o": "options",
    "i": "inputs",
    "d": "docs",
}
"""Those of the response have their numbers."""


def jump(host: PaneHost, open_activity: Callable[[], Awaitable[None]]) -> None:
    """Go to any field, tab or pane by a letter.

    Args:
        host: The screen.
        open_activity: For the letter of the first line.
    """
    pane, response = host.request_pane, host.response_pane
    tabs = pane.query_one("#request-tabs", TabBar)
    actions: dict[str, Callable[[], Awaitable[None]]] = {"activity": open_activity}
    targets = [
        JumpTarget("m", pane.query_one("#method")),
        JumpTarget("a", pane.query_one("#api")),
        JumpTarget("u", pane.query_one("#url")),
        JumpTarget("s", host.saved_requests),
        JumpTarget("r", response.view),
        JumpTarget("l", "activity", pane.screen.query_one(TopBar).region),
    ]
    for key, tab in _REQUEST_TABS.items():
        actions[f"request {tab}"] = partial(pane.focus_tab, tab)
        targets.append(JumpTarget(key, f"request {tab}", tabs.region_of(tab)))
    for number, tab in enumerate(response.tabs.ids, 1):
        actions[f"response {tab}"] = partial(response.focus_tab, tab)
        region = response.tabs.region_of(tab)
        targets.append(JumpTarget(str(number), f"response {tab}", region))

    def go(target: str | Widget | None) -> None:
        if isinstance(target, Widget):
            host.set_focus(target)
        elif target is not None:
            host.run_guarded(actions[target]())

    host.app.push_screen(JumpOverlay(targets, pane.screen), go)


class JumpTarget(Struct, frozen=True):
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
        below: The screen that they are on.
    """

    DEFAULT_CSS = """
    JumpOverlay > .letter {
        position: absolute; width: 1; height: 1;
        background: $block-cursor-background; color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    """

    def __init__(self, targets: Iterable[JumpTarget], below: Screen[Any]) -> None:
        super().__init__()
        seen = ((target, target.visible_region()) for target in targets)
        self._regions = [(target, region) for target, region in seen if region]
        self._below = below
        self._targets = {t.letter.lower(): t.target for t, _ in self._regions}
        self._drawn_for: Size | None = None
        self._finished = False

    def compose(self) -> ComposeResult:
        lines = [strip.text for strip in self._below._compositor.render_strips()]
        cells = [split_cells(line) for line in lines]
        offsets = label_offsets([region for _, region in self._regions], cells)
        for (target, _), offset in zip(self._regions, offsets, strict=True):
            letter = Static(target.letter, classes="letter", markup=False)
            letter.styles.offset = offset
            yield letter
        yield Static(
            "Press a highlighted key to jump; any other key cancels.", classes="hint"
        )

    async def on_key(self, event: events.Key) -> None:
        """Go to the target of a letter; any other key cancels."""
        event.stop()
        event.prevent_default()
        if self._finished:
            # Typed right after the letter: it is for the new focus.
            self.app.post_message(events.Key(event.key, event.character))
            return
        self._finish(self._targets.get((event.character or "").lower()))

    def on_paste(self, event: events.Paste) -> None:
        """Cancel; the pasted text is discarded."""
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


_FREE = frozenset(" ─━│┃╭╮╰╯▁▔▏▕")
"""Cells that may be covered: nothing is written there."""


def label_offsets(
    regions: Sequence[Region], cells: Sequence[Sequence[str]]
) -> list[Offset]:
    """Place a letter at each region, where it covers nothing that is written.

    It stands in front of the first text of the region, else on the line above, such as
    a border, else behind the text. Two letters never touch.

    Args:
        regions: What is labelled, all of it on the screen.
        cells: What the screen shows, by rows.
    """
    used: set[Offset] = set()

    def is_free(offset: Offset) -> bool:
        x, y = offset
        if not (0 <= y < len(cells) and 0 <= x < len(cells[y])):
            return False
        near = {Offset(x - 1, y), offset, Offset(x + 1, y)}
        return cells[y][x] in _FREE and not near & used

    result: list[Offset] = []
    for region in regions:
        places = _places(region, cells)
        offset = next(filter(is_free, places), region.offset)
        used.add(offset)
        result.append(offset)
    return result


def _places(region: Region, cells: Sequence[Sequence[str]]) -> Iterator[Offset]:
    """Yield where the letter of a region may stand, the best place first."""
    left, top, right, bottom = region.corners
    row = cells[top][left:right] if top < len(cells) else ()
    text = next((x for x, cell in enumerate(row, left) if cell not in _FREE), left)
    yield Offset(text - 1, top)
    for x in range(left, right):
        yield Offset(x, top - 1)
    for y in range(top, bottom):
        for x in range(left, right):
            yield Offset(x, y)
