"""A row of tabs on one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

_PEEK = 4
"""Cells of the tab behind the active one that stay in sight."""


class Tab(Struct, frozen=True):
    """One tab."""

    id: str
    label: str
    note: str = ""
    """A count or mark behind the label."""


class TabBar(Widget, can_focus=True):
    """Tabs with an optional note each; left and right change the active one."""

    DEFAULT_CSS = """
    TabBar { height: 1; color: $text-muted; }
    TabBar > .tab--active { color: $text-primary; text-style: bold underline; }
    TabBar > .tab--note { color: $text-secondary; }
    TabBar:focus > .tab--active {
        background: $block-cursor-background; color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    """
    COMPONENT_CLASSES = {"tab--active", "tab--note"}
    BINDINGS = [
        Binding("left,h", "step(-1)", "Previous tab", show=False),
        Binding("right,l", "step(1)", "Next tab", show=False),
    ]

    active: reactive[str] = reactive("", init=False)

    @dataclass
    class Activated(Message):
        """Another tab is active."""

        bar: TabBar
        tab: str

        @property
        def control(self) -> TabBar:
            """The row of tabs."""
            return self.bar

    def __init__(self, tabs: Sequence[Tab], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs = list(tabs)
        self.set_reactive(TabBar.active, tabs[0].id)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the tabs, in order."""
        return tuple(tab.id for tab in self._tabs)

    def note(self, tab_id: str, text: str) -> None:
        """Show a count or mark behind a label."""
        for index, tab in enumerate(self._tabs):
            if tab.id == tab_id and tab.note != text:
                self._tabs[index] = Tab(tab.id, tab.label, text)
                self.refresh()

    def watch_active(self, active: str) -> None:
        self.post_message(self.Activated(self, active))

    def action_step(self, by: int) -> None:
        """Activate the tab some steps on, round the ends."""
        ids = self.ids
        self.active = ids[(ids.index(self.active) + by) % len(ids)]

    def region_of(self, tab_id: str) -> Region:
        """Return the region of a tab on the screen; empty if it cannot be seen."""
        for tab, start, width in self._spans():
            if tab.id == tab_id:
                x = self.region.x + start - self._left
                region = Region(x, self.region.y, width, 1)
                return region.intersection(self.region)
        return Region()

    @property
    def _left(self) -> int:
        """The first cell that is shown, so that the active tab is, and its neighbour."""
        spans = [(start, width) for _, start, width in self._spans()]
        index = self.ids.index(self.active)
        start, width = spans[index]
        is_last = index == len(spans) - 1
        end = start + width if is_last else spans[index + 1][0] + _PEEK
        return max(0, min(end - self.size.width, start - 1))

    def on_click(self, event: events.Click) -> None:
        for tab, start, width in self._spans():
            if start <= event.x + self._left < start + width:
                self.active = tab.id

    def _spans(self) -> Iterator[tuple[Tab, int, int]]:
        """Yield each tab with its first cell and its width."""
        start = 0
        for tab in self._tabs:
            width = sum(len(text) for text, _ in self._parts(tab))
            yield tab, start, width
            start += width + 1

    def render_line(self, y: int) -> Strip:
        """Draw all tabs, the active one marked by more than colour."""
        plain = self.rich_style
        segments: list[Segment] = []
        for tab in self._tabs:
            for text, style in self._parts(tab):
                segments.append(Segment(text, plain + style))
            segments.append(Segment(" ", plain))
        strip, width, left = Strip(segments), self.size.width, self._left
        if strip.cell_length - 1 > width or left:
            strip = self._cut(strip, left, width)
        return strip.adjust_cell_length(width, plain)

    def _cut(self, strip: Strip, left: int, width: int) -> Strip:
        """Crop the tabs, with “…” where some are not shown."""
        dots = Strip([Segment("…", self.rich_style)])
        shown = strip.crop(left, left + width)
        if left:
            shown = Strip.join([dots, shown.crop(1)])
        if strip.cell_length - 1 > left + width:
            shown = Strip.join([shown.crop(0, width - 1), dots])
        return shown

    def _parts(self, tab: Tab) -> list[tuple[str, Style]]:
        if tab.id == self.active:
            style = self.get_component_rich_style("tab--active")
            return [(f" {tab.label}{' ' + tab.note if tab.note else ''} ", style)]
        parts = [(f" {tab.label}", Style())]
        if tab.note:
            parts.append((f" {tab.note}", self.get_component_rich_style("tab--note")))
        return [*parts, (" ", Style())]
