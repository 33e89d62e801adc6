"""Compare two bodies line by line, within a bounded time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

from mixtui.diff.alignment import MatchRun, align
from mixtui.diff.json_diff import NotComparable
from mixtui.document.document import read
from mixtui.document.json_layout import IndentedJson
from mixtui.system import CancelToken
from mixtui.text import size

MAX_BYTES = 20_000_000
MAX_LINES = 1_000_000
"""A body with more lines (JSON: formatted) is not compared."""
_CONTEXT = 3
"""Lines of context around a change."""


class DiffRun(NamedTuple):
    """Consecutive rows with the same sign."""

    sign: str
    """`` `` in both bodies, ``-`` only in the old one, ``+`` only in the new one; ``@``
    a hunk heading.
    """
    old: int
    """The first line in the old body, from 0."""
    new: int
    length: int


class Row(NamedTuple):
    """A row of the diff."""

    sign: str
    old: int | None
    """The line number in the old body, from 1; None = it is not there."""
    new: int | None
    text: bytes


class TextDiff:
    """A diff of lines; rows are built on demand."""

    def __init__(
        self,
        old: Sequence[bytes],
        new: Sequence[bytes],
        runs: Sequence[DiffRun],
    ) -> None:
        self._old = old
        self._new = new
        self.runs = tuple(runs)
        self._starts = list(accumulate((s.length for s in runs), initial=0))

    @property
    def row_count(self) -> int:
        """Rows of the diff."""
        return self._starts[-1]

    @property
    def line_count(self) -> int:
        """Lines of the longer body."""
        return max(len(self._old), len(self._new))

    @cached_property
    def added(self) -> int:
        """How many lines are only in the new body."""
        return sum(s.length for s in self.runs if s.sign == "+")

    @cached_property
    def removed(self) -> int:
        """How many lines are only in the old body."""
        return sum(s.length for s in self.runs if s.sign == "-")

    @cached_property
    def hunks(self) -> list[int]:
        """The first row of each hunk."""
        pairs = zip(self.runs, self._starts, strict=False)
        return [start for stretch, start in pairs if stretch.sign == "@"]

    @cached_property
    def width(self) -> int:
        """The length in bytes of the longest line in the diff."""
        widest = 0
        for sign, old, new, length in self.runs:
            if sign != "@":
                side, index = (self._new, new) if sign == "+" else (self._old, old)
                widest = max(widest, *map(len, side[index : index + length]))
        return widest

    @property
    def text(self) -> str:
        """The complete unified diff."""
        rows = map(self.row, range(self.row_count))
        return "\n".join(
            (row.sign if row.sign != "@" else "") + row.text.decode("utf-8", "replace")
            for row in rows
        )

    def row(self, index: int) -> Row:
        """Return a row.

        Raises:
            IndexError: There is no such row.
        """
        if not 0 <= index < self.row_count:
            raise IndexError(index)
        run_index = bisect_right(self._starts, index) - 1
        sign, old, new, _ = self.runs[run_index]
        old, new = (
            old + index - self._starts[run_index],
            new + index - self._starts[run_index],
        )
        match sign:
            case "@":
                return Row(sign, None, None, self._heading(run_index).encode())
            case "-":
                return Row(sign, old + 1, None, self._old[old])
            case "+":
                return Row(sign, None, new + 1, self._new[new])
            case _:
                return Row(sign, old + 1, new + 1, self._old[old])

    def _heading(self, index: int) -> str:
        """Return a hunk heading: ``@@ -3,7 +3,8 @@``."""
        old = new = 0
        for stretch in self.runs[index + 1 :]:
            if stretch.sign == "@":
                break
            old += stretch.length if stretch.sign != "+" else 0
            new += stretch.length if stretch.sign != "-" else 0
        _, first_old, first_new, _ = self.runs[index]
        return f"@@ -{_span(first_old, old)} +{_span(first_new, new)} @@"


def diff_text(
    old: bytes, new: bytes, token: CancelToken | None = None
) -> TextDiff | NotComparable:
    """Compare two bodies line by line. Slow for large bodies: call it in a thread.

    JSON is formatted first, one value per line, regardless of its original layout.

    Args:
        old: The decoded body.
        new: The decoded body.
        token: Cancels the comparison.

    Raises:
        Cancelled: The token was cancelled.
    """
    token = token or CancelToken()
    longest = max(len(old), len(new))
    if longest > MAX_BYTES:
        return NotComparable(
            f"Too large to compare as text: {size(longest)}; the limit is "
            f"{size(MAX_BYTES)}."
        )
    sides = []
    for body in (old, new):
        document = read(body)
        is_json = isinstance(document.layout, IndentedJson)
        count = document.line_count if is_json else body.count(b"\n") + 1
        if count > MAX_LINES:
            return NotComparable(
                f"Too long to compare as text: {count:,} lines; the limit is "
                f"{MAX_LINES:,}."
            )
        # JSON formatted, other bodies byte for byte.
        raw = map(document.raw, range(count))
        sides.append([*raw] if is_json else body.split(b"\n"))
    token.raise_if_cancelled()
    old_lines, new_lines = sides
    return TextDiff(old_lines, new_lines, [*_diff_runs(old_lines, new_lines, token)])


def _diff_runs(
    old: Sequence[bytes], new: Sequence[bytes], token: CancelToken
) -> Iterator[DiffRun]:
    matches = align(old, new, token)
    edges = [MatchRun(0, 0, 0), *matches, MatchRun(len(old), len(new), 0)]
    gaps = [
        (before.old + before.length, after.old, before.new + before.length, after.new)
        for before, after in pairwise(edges)
        if before.old + before.length < after.old
        or before.new + before.length < after.new
    ]
    for hunk in _hunks(gaps):
        # Before the first change both sides have the same lines, perhaps fewer than the
        # context.
        lead = min(_CONTEXT, hunk[0][0], hunk[0][2])
        i, j = hunk[0][0] - lead, hunk[0][2] - lead
        yield DiffRun("@", i, j, 1)
        for start, end, new_start, new_end in hunk:
            yield from _if_any(DiffRun(" ", i, j, start - i))
            yield from _if_any(DiffRun("-", start, new_start, end - start))
            yield from _if_any(DiffRun("+", end, new_start, new_end - new_start))
            i, j = end, new_end
        yield from _if_any(
            DiffRun(" ", i, j, min(_CONTEXT, len(old) - i, len(new) - j))
        )


_Gap = tuple[int, int, int, int]


def _hunks(gaps: Iterable[_Gap]) -> Iterator[list[_Gap]]:
    """Group gaps whose contexts touch."""
    hunk: list[_Gap] = []
    for gap in gaps:
        if hunk and gap[0] - hunk[-1][1] > 2 * _CONTEXT:
            yield hunk
            hunk = []
        hunk.append(gap)
    if hunk:
        yield hunk


def _if_any(run: DiffRun) -> Iterator[DiffRun]:
    if run.length:
        yield run


def _span(first: int, count: int) -> str:
    return str(first + 1) if count == 1 else f"{first + 1},{count}"
