"""Objects and lists of a document that are folded away, and what is left to show."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator

from mixtui.core.document import Document
from mixtui.core.json_fragment import INDENT
from mixtui.core.json_layout import IndentedJson
from mixtui.core.json_outline import Span, span
from mixtui.core.words import counted


class Folds:
    """Which lines are hidden. A row is a line that is not.

    One fold may hide another, which is still there when the outer one is opened.
    """

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}
        """The last line of each fold, by its first."""
        self._starts: list[int] = []
        """Of the folds that no other one hides, in order."""
        self._rows = array("q")
        """The rows where they stand."""
        self._hidden = array("q", [0])
        """How many lines are hidden before each of them, and by all."""

    def __bool__(self) -> bool:
        return bool(self._ends)

    @property
    def hidden(self) -> int:
        """How many lines are hidden."""
        return self._hidden[-1]

    def fold(self, start: int, end: int) -> None:
        """Hide the lines behind the first up to the last."""
        self._ends[start] = end
        self._work_out()

    def fold_all(self, spans: Iterator[tuple[int, int]]) -> None:
        """These folds and no others."""
        self._ends = dict(spans)
        self._work_out()

    def open(self, start: int) -> None:
        """Show what a fold hides."""
        del self._ends[start]
        self._work_out()

    def clear(self) -> None:
        """Hide nothing."""
        self._ends.clear()
        self._work_out()

    def reveal(self, line: int) -> bool:
        """Open what hides a line; returns whether anything did."""
        hiding = [s for s, e in self._ends.items() if s < line <= e]
        for start in hiding:
            del self._ends[start]
        if hiding:
            self._work_out()
        return bool(hiding)

    def end(self, line: int) -> int | None:
        """The last line of the fold that starts on a line."""
        return self._ends.get(line)

    def line(self, row: int) -> int:
        """The line that stands in a row."""
        at = bisect_left(self._rows, row)
        return row + self._hidden[at]

    def row(self, line: int) -> int:
        """The row of a line, or of the fold that hides it."""
        at = bisect_left(self._starts, line) - 1
        if at >= 0 and line <= self._ends[self._starts[at]]:
            line = self._starts[at]
            return line - self._hidden[at]
        return line - self._hidden[at + 1]

    def _work_out(self) -> None:
        self._starts = []
        last, hidden = -1, 0
        self._rows, self._hidden = array("q"), array("q", [0])
        for start in sorted(self._ends):
            if start <= last:
                continue
            last = self._ends[start]
            self._starts.append(start)
            self._rows.append(start - hidden)
            hidden += last - start
            self._hidden.append(hidden)


class FoldedView:
    """The rows of a document: its lines without those that are folded away."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.folds = Folds()

    @property
    def row_count(self) -> int:
        """How many rows there are by now."""
        return self.document.line_count - self.folds.hidden

    def line_of(self, row: int) -> int:
        """The line that stands in a row."""
        return self.folds.line(row) if self.folds else row

    def row_of(self, line: int) -> int:
        """The row of a line, or of the fold that hides it."""
        return self.folds.row(line) if self.folds else line

    def text(self, row: int, start: int = 0, width: int | None = None) -> str:
        """The text of a row, or a part of it, fit for the terminal."""
        return self.document.line(self.line_of(row), start, width)

    def hidden_text(self, row: int) -> str:
        """What stands for the lines that are folded away behind a row."""
        line = self.line_of(row)
        end = self.folds.end(line) if self.folds else None
        layout = self.document.layout
        if end is None or not isinstance(layout, IndentedJson):
            return ""
        closing = layout.raw(end).strip().decode("ascii", "replace")
        found = span(layout, line)
        return f" … {_count(found)} {closing}" if found else f" … {closing}"


def _count(found: Span) -> str:
    return counted(found.children, "key" if found.is_object else "item")


def spans_at_level(
    document: Document, level: int, going_on: Callable[[], bool]
) -> list[tuple[int, int]]:
    """First and last line of every object and list at a level; 0 = the root.

    Goes through the whole document: call it in a thread.

    Args:
        document: What to look at; has none unless it is laid-out JSON.
        level: How deeply they are nested.
        going_on: Asked often; False ends it.
    """
    layout = document.layout
    found: list[tuple[int, int]] = []
    if not isinstance(layout, IndentedJson):
        return found
    indent = b" " * (INDENT * level)
    # Lines at that level that may open something: an item, or a member.
    openers = (indent + b"{", indent + b"[", indent + b'"')
    closers = (indent + b"}", indent + b"]")
    start: int | None = None
    for part in range(len(layout.fragments)):
        if not going_on():
            break
        for number, text in enumerate(
            layout.part(part).text.split(b"\n"), layout.part(part).first_line
        ):
            if text.startswith(openers) and text.endswith((b"{", b"[")):
                start = number
            elif start is not None and text.startswith(closers):
                found.append((start, number))
                start = None
    return found
