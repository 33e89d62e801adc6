"""Rows being edited, with a cursor and a way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mixtui.core.requests import Pair

_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows at one moment; the cursor is on a row, or 0 when there is none."""

    pairs: tuple[Pair, ...] = ()
    cursor: int = 0

    def at(self, cursor: int) -> Rows:
        """The same with the cursor on a row, the first and the last being the ends."""
        return replace(self, cursor=max(0, min(cursor, len(self.pairs) - 1)))

    @property
    def current(self) -> Pair | None:
        """The row under the cursor."""
        return self.pairs[self.cursor] if self.pairs else None

    def with_pair(self, index: int, pair: Pair) -> Rows:
        """Another pair in a row."""
        return Rows((*self.pairs[:index], pair, *self.pairs[index + 1 :]), index)

    def inserted(self, index: int, pairs: Sequence[Pair]) -> Rows:
        """More rows before a row; the cursor on the last of them."""
        rows = (*self.pairs[:index], *pairs, *self.pairs[index:])
        return Rows(rows).at(index + len(pairs) - 1)

    def without(self, index: int) -> Rows:
        """One row less; the cursor where it was."""
        return Rows((*self.pairs[:index], *self.pairs[index + 1 :])).at(index)

    def moved(self, by: int) -> Rows:
        """The row under the cursor moved, and the cursor with it."""
        target = self.cursor + by
        if self.current is None or not 0 <= target < len(self.pairs):
            return self
        return self.without(self.cursor).inserted(target, [self.current]).at(target)

    def switched(self) -> Rows:
        """The row under the cursor switched off or on."""
        if self.current is None:
            return self
        pair = replace(self.current, enabled=not self.current.enabled)
        return self.with_pair(self.cursor, pair)


class PairsModel:
    """Rows and their history."""

    def __init__(self, pairs: Sequence[Pair] = ()) -> None:
        self.rows = Rows(tuple(pairs))
        self._past: list[Rows] = []

    def reset(self, pairs: Sequence[Pair]) -> None:
        """Start anew with other rows."""
        self.rows = Rows(tuple(pairs))
        self._past.clear()

    def change(self, rows: Rows, *, since: Rows | None = None) -> bool:
        """Make rows the present ones; whether anything but the cursor is different.

        Args:
            rows: The new ones.
            since: What `undo` goes back to, if it is not the present.
        """
        before = since or self.rows
        self.rows = rows
        if rows.pairs == before.pairs:
            return False
        self._past.append(before)
        del self._past[:-_DEPTH]
        return True

    def undo(self) -> bool:
        """Go back by one change; False if there is none."""
        if not self._past:
            return False
        self.rows = self._past.pop()
        return True
