"""The list of differences between two responses: in the head, then in the body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from mixtui.actions import DIFF_MOVES, Scope
from mixtui.diff.comparison import HeadChange
from mixtui.diff.json_diff import (
    Added,
    Change,
    Changed,
    JsonDiff,
    Moved,
    NotComparable,
    Removed,
    delta_label,
    percent_label,
)
from mixtui.diff.text_diff import TextDiff
from mixtui.document.json_path import jq_path
from mixtui.text import pluralise, sanitize
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.widgets.cells import truncate_end, truncate_start
from mixtui.ui.widgets.row_list import RowList

_MAX_VALUE = 4_096
"""Bytes of a value that are ever drawn."""


class DiffRow(Struct, frozen=True):
    """One difference."""

    sign: str
    """``+`` added, ``-`` removed, ``~`` changed, ``>`` moved."""
    label: str
    """The path in jq notation, or the name of a header."""
    old: str | None = None
    """None = it was absent."""
    new: str | None = None
    delta: str = ""
    """How a number changed: ``+106  +8.8 %``."""
    note: str = ""
    """Where the value was before, if elsewhere."""

    @property
    def text(self) -> str:
        """The row as a line of text: ``~ .a: 4 → 5 (+1, +25 %)``."""
        values = " → ".join(v for v in (self.old, self.new) if v is not None)
        delta = f" ({self.delta.replace('  ', ', ')})" if self.delta else ""
        note = f" ({self.note})" if self.note else ""
        return f"{self.sign} {self.label}: {values}{delta}{note}"


class DiffRows:
    """All rows of a comparison; each is built when it is requested."""

    def __init__(
        self, heads: Sequence[HeadChange] = (), body: JsonDiff | None = None
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

    def row(self, index: int, *, complete: bool = False) -> DiffRow:
        """Return a row; long values are cut unless they are wanted complete."""
        if index < len(self._heads):
            head = self._heads[index]
            old = head.old if head.sign != "+" else None
            new = head.new if head.sign != "-" else None
            return DiffRow(head.sign, head.name, old, new)
        change = self._changes[index - len(self._heads)]
        return _row(change, self.labels[index], None if complete else _MAX_VALUE)

    def path(self, index: int) -> str | None:
        """Return the path of a row; None = it is not about the body."""
        return self.labels[index] if index >= len(self._heads) else None

    def matching(self, text: str) -> Sequence[int]:
        """Return the rows whose path contains every word, ignoring case."""
        wanted = text.casefold().split()
        if not wanted:
            return range(len(self.labels))
        return [
            index
            for index, label in enumerate(self._folded)
            if all(word in label for word in wanted)
        ]

    @property
    def summary(self) -> str:
        """Counts such as ``3 added, 1 removed, 12 changed``, and further facts."""
        signs = Counter[str](head.sign for head in self._heads)
        signs.update(_SIGNS[type(change)] for change in self._changes)
        names = (("+", "added"), ("-", "removed"), ("~", "changed"), (">", "moved"))
        counts = ", ".join(f"{signs[s]:,} {name}" for s, name in names if signs[s])
        facts = [counts] if counts else []
        if self._body is not None:
            if not self._changes:
                facts.append("Bodies are equal")
            if self._body.respelled:
                values = pluralise(self._body.respelled, "value")
                facts.append(f"{values} equal but formatted differently")
            if not self._body.is_complete:
                facts.append("more changes not shown")
        return " · ".join(facts)


_SIGNS: dict[type[Change], str] = {Added: "+", Removed: "-", Changed: "~", Moved: ">"}


def as_text(rows: DiffRows, indexes: Iterable[int]) -> str:
    """Format rows as lines of text, values in full."""
    return "\n".join(rows.row(index, complete=True).text for index in indexes)


def text_summary(diff: TextDiff | NotComparable | None) -> str:
    """Format ``5 lines added, 3 removed, in 2 places``; None = not compared yet."""
    if diff is None:
        return "Comparing as text…"
    if isinstance(diff, NotComparable):
        return "Not compared"
    if not diff.row_count:
        return "No differences"
    hunks = pluralise(len(diff.hunks), "place")
    return (
        f"{pluralise(diff.added, 'line')} added, {diff.removed:,} removed, in {hunks}"
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
            parts = (delta_label(by), percent_label(by)) if by else ()
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
_MIN_PATH = 8
_MAX_PATH_PERCENT = 45
_MAX_DELTA = 26
_MIN_WIDTH_FOR_DELTA = 60
_SAMPLE = 500
"""Rows by which the widths of the columns are chosen."""
_MOVES = ("up", "down", "page_up", "page_down", "top", "bottom")


class ChangeList(RowList):
    """Lists differences by path, one of them under the cursor."""

    DEFAULT_CSS = """
    ChangeList > .change--added { color: $text-success; }
    ChangeList > .change--removed { color: $text-error; }
    ChangeList > .change--changed { color: $text-warning; }
    ChangeList > .change--moved { color: $text-accent; }
    ChangeList > .change--old { color: $text-muted; }
    ChangeList > .change--delta { color: $text-primary; }
    """
    COMPONENT_CLASSES = {*_SIGN_CLASSES.values(), "change--old", "change--delta"}
    BINDINGS = bindings(Scope.DIFF, DIFF_MOVES, only=_MOVES)

    def __init__(self) -> None:
        super().__init__()
        self._rows = DiffRows()
        self._listed: Sequence[int] = ()
        self._path_width = self._delta_width = 0

    @property
    def row_count(self) -> int:
        return len(self._listed)

    @property
    def listed(self) -> Sequence[int]:
        """The indexes of the differences that are listed."""
        return self._listed

    @property
    def selected_index(self) -> int | None:
        """The index of the difference under the cursor; None = there is none."""
        return None if self.cursor is None else self._listed[self.cursor]

    def show(self, rows: DiffRows, listed: Sequence[int]) -> None:
        """List differences; the cursor stays on its own where that is still listed.

        Args:
            rows: All of them.
            listed: The indexes of those to list.
        """
        before = self.selected_index if rows is self._rows else None
        self._rows, self._listed = rows, listed
        self._measure()
        stays = before is not None and before in listed
        self.show_rows(listed.index(before) if stays else 0)

    def on_resize(self) -> None:
        self._measure()
        self.refresh()

    def _measure(self) -> None:
        width = self.scrollable_content_region.width
        sample = self._listed[:_SAMPLE]
        labels = (cell_len(sanitize(self._rows.labels[i])) for i in sample)
        share = (width - _LEFT) * _MAX_PATH_PERCENT // 100
        self._path_width = max(_MIN_PATH, min(max(labels, default=0), share))
        deltas = max((len(self._rows.row(i).delta) for i in sample), default=0)
        has_room = width >= _MIN_WIDTH_FOR_DELTA
        self._delta_width = min(deltas, _MAX_DELTA) if has_room else 0

    # Drawing

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        row = self._rows.row(self._listed[index])
        style = self.foreground_style(_SIGN_CLASSES[row.sign])
        delta = f"{row.delta:>{self._delta_width}}" if self._delta_width else ""
        fits = delta.strip() and len(delta) <= _MAX_DELTA
        right = f"{' ' * _GAP}{delta} " if fits else ""
        room = max(0, width - _LEFT - self._path_width - _GAP - len(right))
        cursor = "›" if selected else " "
        yield Segment(f"{cursor} {row.sign} ", style + Style(bold=True))
        yield Segment(truncate_start(row.label, self._path_width) + " " * _GAP, style)
        yield from self._values(row, room)
        yield Segment(right, self.foreground_style("change--delta"))

    def _values(self, row: DiffRow, room: int) -> Iterable[Segment]:
        plain, old_style = self.rich_style, self.foreground_style("change--old")
        old, new = row.old, row.new
        if row.sign == ">":
            yield Segment(truncate_end(row.note, room), old_style)
        elif old is None or new is None:
            value = old if new is None else new
            yield Segment(truncate_end(value or "", room), plain)
        else:
            room = max(2, room - len(_ARROW))
            old_width, new_width = (
                min(cell_len(sanitize(v)), room) for v in (old, new)
            )
            half = room // 2
            if old_width + new_width > room and old_width > half:
                old_width = max(half, room - new_width)
            yield Segment(truncate_end(old, old_width), old_style)
            yield Segment(_ARROW, old_style)
            yield Segment(truncate_end(new, room - old_width), plain)
