"""Repaint only what changed.

Textual repaints a whole widget whenever one of its reactives changes: a key typed into
a field sends the complete field, borders included, and a key typed into an editor
sends every line of it. Over a slow line that is felt. `MinimalRepaint` compares each line with
what was painted last and repaints the cells between the first and the last difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from typing import Self

    from textual.widget import Widget

    _Base = Widget
else:
    # Textual takes a widget's CSS from its first base that is a DOM node. That must be
    # the widget this is mixed into.
    _Base = object


class MinimalRepaint(_Base):
    """Mix into a widget that is drawn line by line, before its base class."""

    _painted: dict[int, Strip] | None = None
    """Lines on the screen; None = unknown, repaint all."""
    _painted_frame: object = None
    """Size and titles as painted."""
    _comparing = False

    def render_line(self, y: int) -> Strip:
        """Draw a line, and remember it as what is on the screen."""
        strip = self.draw_line(y)
        if self._painted is None:
            self._painted = {}
            self._painted_frame = self._frame()
        self._painted[y] = strip
        return strip

    def draw_line(self, y: int) -> Strip:
        """Draw a line; a widget that draws itself overrides this."""
        return super().render_line(y)

    def notify_style_update(self) -> None:
        """Repaint everything next: a new style changes every cell."""
        self._painted = None
        super().notify_style_update()

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Request a repaint of some regions; of none = of what turns out different."""
        complete = not regions or self.size.region in regions
        if not complete or layout or recompose or not repaint or self._painted is None:
            return super().refresh(
                *regions, repaint=repaint, layout=layout, recompose=recompose
            )
        if not self._comparing:
            self._comparing = True
            self.call_next(self._refresh_changes)
        return self

    def _refresh_changes(self) -> None:
        self._comparing = False
        if self._painted is None or self._frame() != self._painted_frame:
            self._painted = None
            super().refresh()
        elif changes := list(self._changes(self._painted)):
            super().refresh(*changes)

    def _frame(self) -> object:
        return self.border_title, self.border_subtitle, self.size

    def _changes(self, painted: dict[int, Strip]) -> Iterable[Region]:
        width, height = self.scrollable_content_region.size
        for y in range(height):
            if y not in painted:
                yield Region(0, y, width, 1)
            elif span := changed_span(list(painted[y]), list(self.draw_line(y))):
                start, end = span
                yield Region(start, y, end - start, 1)


def changed_span(old: list[Segment], new: list[Segment]) -> tuple[int, int] | None:
    """Return the half-open range of cells that differ, by segments; None = none does.

    Blank ends of one style are compared by the cell: they only ever differ in length.
    """
    if old == new:
        return None
    start = head = 0
    shortest = min(len(old), len(new))
    while head < shortest and old[head] == new[head]:
        start += new[head].cell_length
        head += 1
    old_length, end = _length(old), _length(new)
    if old_length != end:
        return start, max(old_length, end)
    tail = 1
    while tail <= shortest - head and old[-tail] == new[-tail]:
        end -= new[-tail].cell_length
        tail += 1
    if tail <= shortest - head:
        end -= _common_blank(old[-tail], new[-tail])
    return start, max(end, start + 1)


def _common_blank(old: Segment, new: Segment) -> int:
    if old.style == new.style and old.text.isspace() and new.text.isspace():
        return min(len(old.text), len(new.text))
    return 0


def _length(segments: list[Segment]) -> int:
    return sum(segment.cell_length for segment in segments)
