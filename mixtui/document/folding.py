"""Folded objects and lists of a document, and the lines that remain visible."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from itertools import accumulate

from mixtui.document.document import Document
from mixtui.document.json_fragment import INDENT
from mixtui.document.json_layout import IndentedJson
from mixtui.document.json_path import ValueSpan, span_of
from mixtui.system import CancelToken
from mixtui.text import pluralise


class Folds:
    """The folds of a document. A row is a visible line.

    A fold may hide another, which is still folded when the outer one is opened; folds
    never overlap otherwise. Folding many objects is done once, in a thread; each later
    change costs no more than a walk through an array, even with a million folded
    objects.
    """

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        """Start with these folds: the first and last line of each."""
        self._ends = dict(spans)
        """The last line of each fold, by its first."""
        self._all = sorted(self._ends)
        """The first lines of all of them."""
        self._starts: list[int] = []
        """Of the folds that no other one hides, in order."""
        self._hidden = array("q", [0])
        """How many lines are hidden before each of these, and by all."""
        if self._all:
            self._recompute(self._all[0], self._all[-1])

    def __bool__(self) -> bool:
        return bool(self._ends)

    @property
    def hidden(self) -> int:
        """Return the number of hidden lines."""
        return self._hidden[-1]

    def fold(self, start: int, end: int) -> None:
        """Hide the lines after `start`, up to and including `end`."""
        if start not in self._ends:
            insort(self._all, start)
        self._ends[start] = end
        if self._hiding(start) is None:
            self._recompute(start, end)

    def open(self, start: int) -> None:
        """Open the fold that starts on a line."""
        hidden = self._hiding(start) is not None
        end = self._ends.pop(start)
        del self._all[bisect_left(self._all, start)]
        if not hidden:
            self._recompute(start, end)

    def reveal(self, line: int) -> bool:
        """Open the folds that hide a line; returns whether there were any."""
        opened = False
        while (start := self._hiding(line)) is not None:
            self.open(start)
            opened = True
        return opened

    def end(self, line: int) -> int | None:
        """Return the last line of the fold that starts on a line."""
        return self._ends.get(line)

    def line(self, row: int) -> int:
        """Return the line at a row."""
        starts, hidden = self._starts, self._hidden
        index = bisect_left(
            range(len(starts)), row, key=lambda i: starts[i] - hidden[i]
        )
        return row + hidden[index]

    def row(self, line: int) -> int:
        """Return the row of a line, or of the fold that hides it."""
        start = self._hiding(line)
        line = line if start is None else start
        return line - self._hidden[bisect_left(self._starts, line)]

    def _hiding(self, line: int) -> int | None:
        """Return the outermost fold that hides a line."""
        index = bisect_left(self._starts, line) - 1
        if index < 0 or line > self._ends[self._starts[index]]:
            return None
        return self._starts[index]

    def _recompute(self, first: int, last: int) -> None:
        """Recompute the outermost folds that start between two lines."""
        begin = bisect_left(self._starts, first)
        end = bisect_right(self._starts, last)
        starts = list(self._outermost(first, last))
        lengths = (self._ends[start] - start for start in starts)
        hidden = array("q", accumulate(lengths, initial=self._hidden[begin]))
        added = hidden[-1] - self._hidden[end]
        hidden.extend(before + added for before in self._hidden[end + 1 :])
        self._starts[begin:end] = starts
        self._hidden[begin:] = hidden

    def _outermost(self, first: int, last: int) -> Iterator[int]:
        index = bisect_left(self._all, first)
        while index < len(self._all) and (start := self._all[index]) <= last:
            yield start
            index = bisect_right(self._all, self._ends[start], index + 1)


class FoldedView:
    """The rows of a document: its lines without the folded ones."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.folds = Folds()

    @property
    def row_count(self) -> int:
        """Return the current number of rows."""
        return self.document.line_count - self.folds.hidden

    def line_of(self, row: int) -> int:
        """Return the line at a row."""
        return self.folds.line(row) if self.folds else row

    def row_of(self, line: int) -> int:
        """Return the row of a line, or of the fold that hides it."""
        return self.folds.row(line) if self.folds else line

    def text(self, row: int, start: int = 0, width: int | None = None) -> str:
        """Return the text of a row, or a part of it, safe for the terminal."""
        return self.document.line(self.line_of(row), start, width)

    def hidden_text(self, row: int) -> str:
        """Return the placeholder for the lines folded at a row."""
        line = self.line_of(row)
        end = self.folds.end(line) if self.folds else None
        layout = self.document.layout
        if end is None or not isinstance(layout, IndentedJson):
            return ""
        closing = layout.raw(end).strip().decode("ascii", "replace")
        value_span = span_of(layout, line)
        return (
            f" … {_count_label(value_span)} {closing}"
            if value_span
            else f" … {closing}"
        )


def _count_label(value_span: ValueSpan) -> str:
    return pluralise(value_span.children, "key" if value_span.is_object else "item")


def folded_at(document: Document, level: int, token: CancelToken) -> Folds:
    """Return a fold for every object and list at a nesting level; 0 = the root.

    Scans the entire document: call it in a thread.

    Args:
        document: The document to scan; nothing is folded unless it is formatted JSON.
        level: The nesting level to fold.
        token: Cancels the scan.

    Raises:
        Cancelled: The token was cancelled.
    """
    return Folds(_spans(document, level, token))


def _spans(
    document: Document, level: int, token: CancelToken
) -> Iterator[tuple[int, int]]:
    """Return the first and last line of every object and list at a level."""
    layout = document.layout
    if not isinstance(layout, IndentedJson):
        return
    indent = b" " * (INDENT * level)
    # Lines at that level that may open a container: an item, or a member.
    openers = (indent + b"{", indent + b"[", indent + b'"')
    closers = (indent + b"}", indent + b"]")
    start: int | None = None
    for number in range(len(layout.fragments)):
        token.raise_if_cancelled()
        part = layout.part(number)
        for line, text in enumerate(part.text.split(b"\n"), part.first_line):
            if text.startswith(openers) and text.endswith((b"{", b"[")):
                start = line
            elif start is not None and text.startswith(closers):
                yield start, line
                start = None
