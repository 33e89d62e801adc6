"""The list of operations in the catalogue: matches of a search, or all by group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region

from mixtui.mixpanel.catalogue import Operation
from mixtui.mixpanel.docs import SAFETY_LABELS, stage_label
from mixtui.mixpanel.endpoints import Safety
from mixtui.mixpanel.search import OperationMatch
from mixtui.ui.widgets.cells import marked_segments, truncate_end
from mixtui.ui.widgets.row_list import RowList

_METHOD, _GROUP, _SAFETY, _STAGE = 6, 20, 7, 11
"""Cells of the columns."""
_GAP = 2
_LEFT = 2
"""Cells of the cursor."""
_MIN_TITLE = 12
_MIN_WIDTH_FOR_GROUP = 84
_MIN_WIDTH_FOR_SAFETY = 46
_MIN_WIDTH_FOR_STAGE = 60
_SAFETY_CLASSES = {
    Safety.READ: "operation--read",
    Safety.WRITE: "operation--write",
    Safety.DESTRUCTIVE: "operation--destructive",
}
_Heading = str


class OperationList(RowList, can_focus=False):
    """Lists operations; the field above it keeps the focus."""

    DEFAULT_CSS = """
    OperationList > .operation--method { color: $text-primary; }
    OperationList > .operation--quiet { color: $text-muted; }
    OperationList > .operation--read { color: $text-success; }
    OperationList > .operation--write { color: $text-warning; }
    OperationList > .operation--destructive { color: $text-error; }
    OperationList > .operation--heading { color: $text-secondary; }
    """
    COMPONENT_CLASSES = {
        "operation--method",
        "operation--quiet",
        "operation--read",
        "operation--write",
        "operation--destructive",
        "operation--heading",
    }

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[OperationMatch | _Heading] = []
        self._by_group = False

    @property
    def row_count(self) -> int:
        return len(self._rows)

    @property
    def selected_operation(self) -> Operation | None:
        """The operation under the cursor; None = there is none."""
        row = self._rows[self.cursor] if self.cursor is not None else None
        return row.operation if isinstance(row, OperationMatch) else None

    def show(
        self, matches: Sequence[OperationMatch], *, by_group: bool, cursor_id: str = ""
    ) -> None:
        """List matches of a search.

        Args:
            matches: In the order to list them.
            by_group: List them under a heading for each group.
            cursor_id: The id of the operation to put the cursor on, if it is listed.
        """
        self._by_group = by_group
        self._rows = list(_with_headings(matches)) if by_group else list(matches)
        ids = [_operation_id(row) for row in self._rows]
        self.show_rows(ids.index(cursor_id) if cursor_id in ids else 0)

    # Movement

    def is_selectable(self, index: int) -> bool:
        return isinstance(self._rows[index], OperationMatch)

    def move_by_group(self, step: int) -> None:
        """Move to the first operation of the next group, or of an earlier one."""
        if (operation := self.selected_operation) is None:
            return
        groups = list(dict.fromkeys(_group(row) for row in self._rows))
        if not self._by_group or len(groups) < 2:
            self.move_by(step)
            return
        index = (groups.index(operation.family_title) + step) % len(groups)
        self.move_to(self._rows.index(groups[index]))

    def scroll_to_cursor(self) -> None:
        # A heading right above the cursor stays in sight.
        bottom = top = self.cursor or 0
        if top > 0 and not self.is_selectable(top - 1):
            top -= 1
        region = Region(0, top, 1, bottom - top + 1)
        self.scroll_to_region(region, animate=False, force=True)

    # Drawing

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        row = self._rows[index]
        if not isinstance(row, OperationMatch):
            style = self.foreground_style("operation--heading") + Style(bold=True)
            yield Segment(truncate_end(row, width), style)
            return
        operation, plain = row.operation, self.rich_style
        quiet = self.foreground_style("operation--quiet")
        group = ""
        if not self._by_group and width >= _MIN_WIDTH_FOR_GROUP:
            group = truncate_end(operation.family_title, _GROUP) + " " * _GAP
        safety = stage = ""
        if width >= _MIN_WIDTH_FOR_SAFETY:
            safety = f"{SAFETY_LABELS[operation.safety]:<{_SAFETY + _GAP}}"
        if width >= _MIN_WIDTH_FOR_STAGE:
            stage = f"{stage_label(operation):<{_STAGE}}"
        right = (_GROUP + _GAP if group else 0) + len(safety) + len(stage)
        title_width = max(_MIN_TITLE, width - _LEFT - _METHOD - 2 * _GAP - right)
        yield Segment("› " if selected else "  ", plain + Style(bold=True))
        method = f"{operation.method:<{_METHOD}}"
        yield Segment(method, self.foreground_style("operation--method"))
        yield Segment(" " * _GAP, plain)
        yield from self._title(row, title_width, selected=selected)
        yield Segment(" " * _GAP, plain)
        if group:
            yield Segment(group, quiet)
        yield Segment(safety, self.foreground_style(_SAFETY_CLASSES[operation.safety]))
        yield Segment(stage, quiet)

    def _title(
        self, match: OperationMatch, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        style = self.rich_style + Style(bold=selected)
        return marked_segments(match.operation.title, match.spans, width, style)


def _with_headings(
    matches: Iterable[OperationMatch],
) -> Iterable[OperationMatch | _Heading]:
    group = ""
    for match in matches:
        if match.operation.family_title != group:
            group = match.operation.family_title
            yield group
        yield match


def _group(row: OperationMatch | _Heading) -> str:
    return row.operation.family_title if isinstance(row, OperationMatch) else row


def _operation_id(row: OperationMatch | _Heading) -> str:
    return row.operation.id if isinstance(row, OperationMatch) else ""
