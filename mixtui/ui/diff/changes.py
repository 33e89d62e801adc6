"""The rows of a comparison: what differs outside the body, then in it, as words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mixtui.diff.comparison import HeaderChange
from mixtui.diff.json_diff import (
    Added,
    Change,
    Changed,
    JsonDiff,
    Moved,
    NotComparable,
    Removed,
    delta_words,
    percent_words,
)
from mixtui.diff.text_diff import TextDiff
from mixtui.document.json_path import jq_path
from mixtui.text import pluralise, sanitize
from mixtui.ui.widgets.cells import truncate_end, truncate_start
from mixtui.ui.widgets.repaint import MinimalRepaint
from mixtui.ui.widgets.text_page import MOVEMENT_BINDINGS, CursorMovement

_SHOWN = 4_096
"""Bytes of a value that are ever drawn."""


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One difference."""

    sign: str
    """``+`` came, ``-`` went, ``~`` changed, ``>`` moved."""
    label: str
    """The path in jq notation, or what else it is."""
    old: str | None = None
    """None = it was not there."""
    new: str | None = None
    by: str = ""
    """How a number changed: ``+106  +8.8 %``."""
    note: str = ""
    """What else is to be said about where it stood."""

    @property
    def text(self) -> str:
        """The row as a line of text: ``~ .a: 4 → 5 (+1, +25 %)``."""
        values = " → ".join(v for v in (self.old, self.new) if v is not None)
        by = f" ({self.by.replace('  ', ', ')})" if self.by else ""
        note = f" ({self.note})" if self.note else ""
        return f"{self.sign} {self.label}: {values}{by}{note}"


class DiffRows:
    """All rows of a comparison; each is made when it is asked for."""

    def __init__(
        self, heads: Sequence[HeaderChange] = (), body: JsonDiff | None = None
    ) -> None:
        self._heads = heads
        self._body = body
        self._changes = body.changes if body else ()
        self.labels = [
            *(head.name for head in heads),
            *(jq_path(change.path) for change in self._changes),
        ]
        """Path or name of each row."""
        self._folded = [label.casefold() for label in self.labels]

    def __len__(self) -> int:
        return len(self.labels)

    def row(self, index: int, *, whole: bool = False) -> DiffRow:
        """A row; long values are cut unless the whole is wanted."""
        if index < len(self._heads):
            head = self._heads[index]
            old = head.old if head.sign != "+" else None
            new = head.new if head.sign != "-" else None
            return DiffRow(head.sign, head.name, old, new)
        change = self._changes[index - len(self._heads)]
        return _row(change, self.labels[index], None if whole else _SHOWN)

    def path(self, index: int) -> str | None:
        """The path of a row; None = it is not about the body."""
        return self.labels[index] if index >= len(self._heads) else None

    def matching(self, words: str) -> Sequence[int]:
        """The rows whose path holds every word, without regard to case."""
        wanted = words.casefold().split()
        if not wanted:
            return range(len(self.labels))
        return [
            index
            for index, label in enumerate(self._folded)
            if all(word in label for word in wanted)
        ]

    @property
    def summary(self) -> str:
        """``3 added, 1 removed, 12 changed``, and what else there is to know."""
        signs = Counter[str](head.sign for head in self._heads)
        signs.update(_SIGNS[type(change)] for change in self._changes)
        names = (("+", "added"), ("-", "removed"), ("~", "changed"), (">", "moved"))
        counts = ", ".join(f"{signs[s]:,} {name}" for s, name in names if signs[s])
        facts = [counts] if counts else []
        if self._body is not None:
            if not self._changes:
                facts.append("The bodies hold the same values")
            if self._body.respelled:
                values = pluralise(self._body.respelled, "value")
                facts.append(f"{values} written differently, yet equal")
            if not self._body.complete:
                facts.append("there are more: these are the first")
        return " · ".join(facts)


_SIGNS: dict[type[Change], str] = {Added: "+", Removed: "-", Changed: "~", Moved: ">"}


def as_text(rows: DiffRows, indexes: Iterable[int]) -> str:
    """Rows as lines of text, values in full."""
    return "\n".join(rows.row(index, whole=True).text for index in indexes)


def text_summary(lines: TextDiff | NotComparable | None) -> str:
    """``5 lines added, 3 removed, in 2 places``; None = it is not known yet."""
    if lines is None:
        return "Comparing as text …"
    if isinstance(lines, NotComparable):
        return "Not compared"
    if not lines.row_count:
        return "The texts are the same"
    hunks = pluralise(len(lines.hunks), "place")
    return (
        f"{pluralise(lines.added, 'line')} added, {lines.removed:,} removed, in {hunks}"
    )


def _row(change: Change, label: str, limit: int | None) -> DiffRow:
    sign = _SIGNS[type(change)]
    match change:
        case Added(value=value):
            return DiffRow(sign, label, new=_text(value, limit))
        case Removed(value=value):
            return DiffRow(sign, label, old=_text(value, limit))
        case Moved(old_path=old_path, value=value):
            note = f"moved from {jq_path(old_path)}"
            return DiffRow(sign, label, new=_text(value, limit), note=note)
        case Changed(path, old_path, old, new, by):
            parts = (delta_words(by), percent_words(by)) if by else ()
            note = f"was at {jq_path(old_path)}" if path != old_path else ""
            return DiffRow(
                sign,
                label,
                _text(old, limit),
                _text(new, limit),
                "  ".join(filter(None, parts)),
                note,
            )


def _text(value: bytes, limit: int | None) -> str:
    text = value[:limit].decode("utf-8", "replace")
    return text if limit is None or len(value) <= limit else f"{text}…"


_SIGN_CLASSES = {
    "+": "change--added",
    "-": "change--removed",
    "~": "change--changed",
    ">": "change--moved",
}
_ARROW = " → "
_LEFT = 4
"""Cells of the cursor, the sign and the space behind each."""
_GAP = 2
_BY_WIDEST = 26
_SAMPLE = 500
"""Rows by whose paths the columns are made."""


class ChangeList(CursorMovement, MinimalRepaint, ScrollView, inherit_bindings=False):
    """Shows rows by path, one of them under the cursor."""

    DEFAULT_CSS = """
    ChangeList {
        background: transparent; color: $foreground; height: 1fr;
        scrollbar-size: 1 1; scrollbar-gutter: stable; overflow-x: hidden;
    }
    ChangeList > .change--added { color: $text-success; }
    ChangeList > .change--removed { color: $text-error; }
    ChangeList > .change--changed { color: $text-warning; }
    ChangeList > .change--moved { color: $text-accent; }
    ChangeList > .change--old { color: $text-muted; }
    ChangeList > .change--by { color: $text-primary; }
    ChangeList > .change--cursor { background: $primary-muted; }
    ChangeList:ansi > .change--cursor { background: transparent; text-style: reverse; }
    """
    COMPONENT_CLASSES = {
        *_SIGN_CLASSES.values(),
        "change--old",
        "change--by",
        "change--cursor",
    }
    BINDINGS = MOVEMENT_BINDINGS

    class Moved(Message):
        """Another row is under the cursor, or none."""

    def __init__(self) -> None:
        super().__init__()
        self._rows = DiffRows()
        self._shown: Sequence[int] = ()
        self._cursor = 0
        self._path_width = self._by_width = 0

    @property
    def chosen(self) -> int | None:
        """The index of the row under the cursor; None = there is none."""
        return self._shown[self._cursor] if self._shown else None

    @property
    def shown(self) -> Sequence[int]:
        """The indexes of the rows that are listed."""
        return self._shown

    def show(self, rows: DiffRows, shown: Sequence[int]) -> None:
        """List some rows; the cursor stays on its row where that is listed still."""
        before = self.chosen if rows is self._rows else None
        self._rows, self._shown = rows, shown
        self._cursor = 0
        if before is not None and before in shown:
            self._cursor = shown.index(before)
        self._measure()
        self.virtual_size = Size(0, len(shown))
        self.go(self._cursor)

    def go(self, cursor: int) -> None:
        """Put the cursor on a row, and bring it into view."""
        self._cursor = max(0, min(cursor, len(self._shown) - 1))
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved())

    def move(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self.go(self._cursor + rows)

    @property
    def page(self) -> int:
        """The rows of a page, less one to go on reading from."""
        return max(1, self.scrollable_content_region.height - 1)

    def to_end(self) -> None:
        """Go to the last row."""
        self.go(len(self._shown) - 1)

    def on_resize(self) -> None:
        """Make the columns anew, and keep the cursor in view."""
        self._measure()
        self.go(self._cursor)

    def on_click(self, event: events.Click) -> None:
        """Go to the row under the mouse."""
        event.stop()
        row = event.y + round(self.scroll_y)
        if row < len(self._shown):
            self.go(row)

    def _measure(self) -> None:
        width = self.scrollable_content_region.width
        sample = self._shown[:_SAMPLE]
        paths = max(
            (cell_len(sanitize(self._rows.labels[i])) for i in sample), default=0
        )
        self._path_width = max(8, min(paths, (width - _LEFT) * 45 // 100))
        by = max((len(self._rows.row(i).by) for i in sample), default=0)
        self._by_width = min(by, _BY_WIDEST) if width >= 60 else 0

    # Drawing

    def draw_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.scrollable_content_region.width
        at = y + round(self.scroll_y)
        if at >= len(self._shown):
            return Strip.blank(width, self.rich_style)
        here = at == self._cursor
        strip = self._strip(self._rows.row(self._shown[at]), width, here=here)
        return self._lit(strip) if here else strip

    def _strip(self, row: DiffRow, width: int, *, here: bool) -> Strip:
        plain = self.rich_style
        sign = self._style(_SIGN_CLASSES[row.sign])
        left = f"{'›' if here else ' '} {row.sign} "
        by = f"{row.by:>{self._by_width}}" if self._by_width else ""
        right = f"{' ' * _GAP}{by} " if by.strip() and len(by) <= _BY_WIDEST else ""
        room = max(0, width - _LEFT - self._path_width - _GAP - len(right))
        segments = [
            Segment(left, sign + Style(bold=True)),
            Segment(truncate_start(row.label, self._path_width) + " " * _GAP, sign),
            *self._values(row, room),
            Segment(right, self._style("change--by")),
        ]
        return Strip(segments).adjust_cell_length(width, plain)

    def _values(self, row: DiffRow, room: int) -> list[Segment]:
        plain, old_style = self.rich_style, self._style("change--old")
        if row.sign == ">":
            return [Segment(truncate_end(row.note, room), old_style)]
        old, new = row.old, row.new
        if old is None or new is None:
            text = old if new is None else new
            return [Segment(truncate_end(text or "", room), plain)]
        room = max(2, room - len(_ARROW))
        old_width, new_width = (min(cell_len(sanitize(v)), room) for v in (old, new))
        if old_width + new_width > room:
            half = room // 2
            old_width = max(half, room - new_width) if old_width > half else old_width
        return [
            Segment(truncate_end(old, old_width), old_style),
            Segment(_ARROW, old_style),
            Segment(truncate_end(new, room - old_width), plain),
        ]

    def _style(self, name: str) -> Style:
        # Only the colour: the ground is that of the list, or of the cursor.
        whole = self.get_component_rich_style(name)
        return self.rich_style + Style(color=whole.color, dim=whole.dim)

    def _lit(self, strip: Strip) -> Strip:
        cursor = self.get_component_rich_style("change--cursor")
        if cursor.reverse:  # One colour for all: the terminal has few.
            plain = Strip([Segment(s.text, self.rich_style + cursor) for s in strip])
            return plain.simplify()
        light = Style(bgcolor=cursor.bgcolor)
        return Strip([Segment(s.text, (s.style or Style()) + light) for s in strip])
