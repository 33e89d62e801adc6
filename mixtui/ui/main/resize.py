"""Resize the panes with the arrow keys."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from mixtui.storage.pane_sizes import PaneSizes
from mixtui.ui.widgets.overlay import Overlay

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.widget import Widget

_SIDEBAR = 16
"""Columns of the narrowest sidebar; names of fewer say nothing."""
_WORK = 44
"""Columns that stay for request and response."""
_REQUEST_WIDTH, _RESPONSE_WIDTH = 36, 30
_REQUEST_HEIGHT, _RESPONSE_HEIGHT = 8, 6
"""The least that works: the lines of the request and a row, the tabs and a line."""
_RULES = ("width", "min_width", "max_width", "height", "min_height", "max_height")


class Edge(Enum):
    """An edge between two panes."""

    SIDEBAR = "sidebar"
    SIDE_BY_SIDE = "request | response"
    STACKED = "request"


class Panes(Struct, frozen=True):
    """The panes as they are shown, and what was chosen for them.

    Args:
        sidebar: None = it is hidden.
        request: None = it is not shown beside the response.
        area: Columns and rows of sidebar, request and response together.
        is_side_by_side: Whether request and response are beside each other.
        sizes: What was chosen.
    """

    sidebar: Widget | None
    request: Widget | None
    area: Size
    is_side_by_side: bool
    sizes: PaneSizes

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges that can be moved."""
        edges: list[Edge] = []
        if self.request is not None:
            edges.append(Edge.SIDE_BY_SIDE if self.is_side_by_side else Edge.STACKED)
        if self.sidebar is not None:
            edges.append(Edge.SIDEBAR)
        return tuple(edges)

    def length(self, edge: Edge) -> int:
        """Return the columns or rows of the pane before an edge."""
        chosen = self._chosen(edge)
        if chosen is not None:
            return chosen
        pane = self.sidebar if edge is Edge.SIDEBAR else self.request
        assert pane is not None
        size = pane.outer_size
        return size.height if edge is Edge.STACKED else size.width

    def moved(self, edge: Edge, by: int) -> PaneSizes:
        """Return the sizes with an edge some columns or rows further on."""
        length = self._clamp(edge, self.length(edge) + by)
        match edge:
            case Edge.SIDEBAR:
                return replace(self.sizes, sidebar=length)
            case Edge.SIDE_BY_SIDE:
                return replace(self.sizes, width_share=length / self._room(edge))
            case Edge.STACKED:
                return replace(self.sizes, height_share=length / self._room(edge))

    def apply(self) -> None:
        """Give the panes the sizes that were chosen, as far as there is room."""
        for edge in self.edges:
            pane = self.sidebar if edge is Edge.SIDEBAR else self.request
            length = self._chosen(edge)
            if pane is None or length is None:
                continue
            styles = pane.styles
            if edge is Edge.STACKED:
                styles.height = styles.min_height = styles.max_height = length
            else:
                styles.width = styles.min_width = styles.max_width = length

    def _chosen(self, edge: Edge) -> int | None:
        """Return the length that was chosen, as far as there is room; None = none was."""
        match edge:
            case Edge.SIDEBAR:
                length: float | None = self.sizes.sidebar
            case Edge.SIDE_BY_SIDE:
                length = _part(self.sizes.width_share, self._room(edge))
            case Edge.STACKED:
                length = _part(self.sizes.height_share, self._room(edge))
        return None if length is None else self._clamp(edge, round(length))

    def _room(self, edge: Edge) -> int:
        """Return the columns or rows of both panes at an edge."""
        if edge is Edge.STACKED:
            return self.area.height
        if edge is Edge.SIDEBAR or self.sidebar is None:
            return self.area.width
        return self.area.width - self.length(Edge.SIDEBAR)

    def _clamp(self, edge: Edge, length: int) -> int:
        work = _REQUEST_WIDTH + _RESPONSE_WIDTH if self.is_side_by_side else _WORK
        least, rest = {
            Edge.SIDEBAR: (_SIDEBAR, work),
            Edge.SIDE_BY_SIDE: (_REQUEST_WIDTH, _RESPONSE_WIDTH),
            Edge.STACKED: (_REQUEST_HEIGHT, _RESPONSE_HEIGHT),
        }[edge]
        return max(least, min(length, self._room(edge) - rest))


def _part(share: float | None, room: int) -> float | None:
    return None if share is None else share * room


def clear(pane: Widget) -> None:
    """Give a pane the size of the style sheet."""
    changed = [pane.styles.clear_rule(rule) for rule in _RULES]
    if any(changed):
        pane.refresh(layout=True)


_MOVES = {
    "left": (-1, 0),
    "h": (-1, 0),
    "right": (1, 0),
    "l": (1, 0),
    "up": (0, -1),
    "k": (0, -1),
    "down": (0, 1),
    "j": (0, 1),
}
_COLUMNS = 2
"""Columns of a step; a row is about as high."""


class ResizeOverlay(Overlay[PaneSizes]):
    """Moves the edges of the panes below; gives the sizes that were chosen.

    Args:
        panes: Returns the panes as they are shown.
        show: Shows other sizes.
        start: The edge to begin with, if it is there.
    """

    def __init__(
        self,
        panes: Callable[[], Panes],
        show: Callable[[PaneSizes], None],
        start: Edge,
    ) -> None:
        super().__init__()
        self._panes = panes
        self._show = show
        self._edge = start

    def compose(self) -> ComposeResult:
        yield Static(self._hint(), classes="hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Move an edge; any other key ends it."""
        event.stop()
        event.prevent_default()
        panes = self._panes()
        if event.key in _MOVES:
            columns, rows = _MOVES[event.key]
            edge = self._column_edge if columns else self._row_edge
            if edge is not None:
                self._show(panes.moved(edge, columns * _COLUMNS + rows))
        elif event.key == "0":
            self._show(PaneSizes())
        elif event.key == "tab":
            others = [e for e in panes.edges if e not in (self._edge, Edge.STACKED)]
            self._edge = others[0] if others else self._edge
        elif self.is_current:
            self.dismiss(panes.sizes)
            return
        self.call_after_refresh(self._show_hint)

    def on_resize(self) -> None:
        """Name the edges that there are now."""
        self.call_after_refresh(self._show_hint)

    def _show_hint(self) -> None:
        self.query_one(Static).update(self._hint(), layout=False)

    @property
    def _column_edge(self) -> Edge | None:
        """The edge that left and right move."""
        edges = [each for each in self._panes().edges if each is not Edge.STACKED]
        return self._edge if self._edge in edges else next(iter(edges), None)

    @property
    def _row_edge(self) -> Edge | None:
        """The edge that up and down move."""
        return next((e for e in self._panes().edges if e is Edge.STACKED), None)

    def _hint(self) -> str:
        panes = self._panes()
        parts = []
        if (edge := self._column_edge) is not None:
            parts.append(f"← → {edge.value} {panes.length(edge)} columns")
        if (edge := self._row_edge) is not None:
            parts.append(f"↑ ↓ {edge.value} {panes.length(edge)} rows")
        if Edge.SIDE_BY_SIDE in panes.edges and Edge.SIDEBAR in panes.edges:
            parts.append("tab Other edge")
        if not parts:
            parts.append("Only one pane is shown")
        return "  ".join([*parts, "0 Reset", "esc Done"])
