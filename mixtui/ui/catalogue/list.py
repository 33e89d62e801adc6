"""The operations that were found: drawn by the line, one of them under the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mixtui.mixpanel.catalogue import Operation
from mixtui.mixpanel.docs import SAFETY, stage
from mixtui.mixpanel.endpoints import Safety
from mixtui.mixpanel.search import Found
from mixtui.ui.widgets.cells import truncate_end
from mixtui.ui.widgets.repaint import MinimalRepaint

_METHOD, _FAMILY, _SAFETY, _STAGE = 6, 20, 7, 11
_GAP = 2
_LEFT = 2
"""Cells of the cursor."""
_ROOM_FOR_FAMILY = 84
_COLOURS = {
    Safety.READ: "read",
    Safety.WRITE: "write",
    Safety.DESTRUCTIVE: "destructive",
}
_Heading = str


class OperationList(MinimalRepaint, ScrollView, inherit_bindings=False):
    """Lists operations, by family if asked; takes no focus."""

    DEFAULT_CSS = """
    OperationList {
        background: transparent; color: $foreground; width: 1fr; height: 1fr;
        scrollbar-size: 1 1; scrollbar-gutter: stable; overflow-x: hidden;
    }
    OperationList > .operation--method { color: $text-primary; }
    OperationList > .operation--quiet { color: $text-muted; }
    OperationList > .operation--read { color: $text-success; }
    OperationList > .operation--write { color: $text-warning; }
    OperationList > .operation--destructive { color: $text-error; }
    OperationList > .operation--heading { color: $text-secondary; }
    OperationList > .operation--cursor { background: $primary-muted; }
    OperationList:ansi > .operation--cursor {
        background: transparent; text-style: reverse;
    }
    """
    COMPONENT_CLASSES = {
        "operation--method",
        "operation--quiet",
        "operation--read",
        "operation--write",
        "operation--destructive",
        "operation--heading",
        "operation--cursor",
    }
    can_focus = False

    class Moved(Message):
        """Another operation is under the cursor, or none."""

    class Chosen(Message):
        """An operation was clicked twice."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Found | _Heading] = []
        self._cursor = 0
        self._by_family = False

    @property
    def chosen(self) -> Operation | None:
        """The operation under the cursor; None = there is none."""
        row = self._rows[self._cursor] if self._rows else None
        return row.operation if isinstance(row, Found) else None

    def show(self, found: Sequence[Found], *, by_family: bool, at: str = "") -> None:
        """List what was found.

        Args:
            found: In the order to list it.
            by_family: Under a heading for each family.
            at: The id of the operation to put the cursor on; the first one otherwise.
        """
        before = self.chosen
        self._by_family = by_family
        self._rows = list(_under_headings(found)) if by_family else list(found)
        self.virtual_size = Size(0, len(self._rows))
        self._cursor = 0
        where = (i for i, row in enumerate(self._rows) if _id(row) == at)
        self._go(next(where, 0) if at else 0, +1)
        if self.chosen is before:
            self.refresh()

    # Moving

    @property
    def page(self) -> int:
        """The rows of a page, less one to go on reading from."""
        return max(1, self.scrollable_content_region.height - 1)

    def move(self, rows: int) -> None:
        """Move the cursor by some rows, over headings."""
        self._go(self._cursor + rows, 1 if rows > 0 else -1)

    def to_top(self) -> None:
        """Go to the first one."""
        self._go(0, +1)

    def to_end(self) -> None:
        """Go to the last one."""
        self._go(len(self._rows) - 1, -1)

    def step_family(self, by: int) -> None:
        """Go to the first operation of the next family, or of the one before."""
        if (here := self.chosen) is None:
            return
        families = list(dict.fromkeys(_family(row) for row in self._rows))
        if not self._by_family or len(families) < 2:
            self.move(by)
            return
        at = (families.index(here.family_title) + by) % len(families)
        self._go(self._rows.index(families[at]), +1)

    def _go(self, row: int, direction: int) -> None:
        """Put the cursor on a row; from a heading, on the next one in a direction."""
        before = self.chosen
        row = max(0, min(row, len(self._rows) - 1))
        for way in (direction, -direction):
            at = row
            while 0 <= at < len(self._rows) and not isinstance(self._rows[at], Found):
                at += way
            if 0 <= at < len(self._rows):
                self._cursor = at
                break
        # A heading above the cursor is seen with it.
        top = self._cursor - (self._cursor > 0 and self._heading_at(self._cursor - 1))
        region = Region(0, top, 1, self._cursor - top + 1)
        self.scroll_to_region(region, animate=False, force=True)
        self.refresh()
        if self.chosen is not before:
            self.post_message(self.Moved())

    def _heading_at(self, row: int) -> bool:
        return not isinstance(self._rows[row], Found)

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        if self._rows:
            self._go(self._cursor, +1)

    def on_click(self, event: events.Click) -> None:
        """Go to the row under the mouse; take it at the second click."""
        event.stop()
        row = event.y + round(self.scroll_y)
        if row < len(self._rows) and isinstance(self._rows[row], Found):
            self._go(row, +1)
            if event.chain == 2:
                self.post_message(self.Chosen())

    # Drawing

    def draw_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.scrollable_content_region.width
        at = y + round(self.scroll_y)
        if at >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[at]
        if not isinstance(row, Found):
            style = self._style("heading") + Style(bold=True)
            return Strip([Segment(truncate_end(row, width), style)])
        here = at == self._cursor
        strip = Strip(list(self._cells(row, width, here=here)))
        strip = strip.adjust_cell_length(width, self.rich_style)
        return self._lit(strip) if here else strip

    def _cells(self, found: Found, width: int, *, here: bool) -> Iterable[Segment]:
        each, plain = found.operation, self.rich_style
        family = 0
        if not self._by_family and width >= _ROOM_FOR_FAMILY:
            family = _FAMILY + _GAP
        right = family + _SAFETY + _GAP + _STAGE
        title = max(12, width - _LEFT - _METHOD - 2 * _GAP - right)
        yield Segment("› " if here else "  ", plain + Style(bold=True))
        yield Segment(f"{each.method:<{_METHOD}}", self._style("method"))
        yield Segment(" " * _GAP, plain)
        yield from self._title(found, title, here=here)
        yield Segment(" " * _GAP, plain)
        if family:
            text = truncate_end(each.family_title, _FAMILY) + " " * _GAP
            yield Segment(text, self._style("quiet"))
        mark = f"{SAFETY[each.safety]:<{_SAFETY + _GAP}}"
        yield Segment(mark, self._style(_COLOURS[each.safety]))
        yield Segment(f"{stage(each):<{_STAGE}}", self._style("quiet"))

    def _title(self, found: Found, width: int, *, here: bool) -> Iterable[Segment]:
        """The title, what was found of it in bold and underlined."""
        text = truncate_end(found.operation.title, width)
        plain = self.rich_style + Style(bold=here)
        hit = plain + Style(bold=True, underline=True)
        end = 0
        for start, stop in found.spans:
            stop = min(stop, len(text))
            if start < stop:
                yield Segment(text[end:start], plain)
                yield Segment(text[start:stop], hit)
                end = stop
        yield Segment(text[end:], plain)
        if (missing := width - cell_len(text)) > 0:
            yield Segment(" " * missing, plain)

    def _style(self, name: str) -> Style:
        # Only the colour: the ground is that of the list, or of the cursor.
        whole = self.get_component_rich_style(f"operation--{name}")
        return self.rich_style + Style(color=whole.color, dim=whole.dim)

    def _lit(self, strip: Strip) -> Strip:
        cursor = self.get_component_rich_style("operation--cursor")
        if cursor.reverse:  # One colour for all: the terminal has few.
            plain = Strip([Segment(s.text, self.rich_style + cursor) for s in strip])
            return plain.simplify()
        light = Style(bgcolor=cursor.bgcolor)
        return Strip([Segment(s.text, (s.style or Style()) + light) for s in strip])


def _under_headings(found: Iterable[Found]) -> Iterable[Found | _Heading]:
    family = ""
    for each in found:
        if each.operation.family_title != family:
            family = each.operation.family_title
            yield family
        yield each


def _family(row: Found | _Heading) -> str:
    return row.operation.family_title if isinstance(row, Found) else row


def _id(row: Found | _Heading) -> str:
    return row.operation.id if isinstance(row, Found) else ""
