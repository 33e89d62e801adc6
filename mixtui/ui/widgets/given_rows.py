"""Rows that the app adds, and where the cursor is among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mixtui.core.additions import Addition, Part
from mixtui.core.leaving_out import AUTHORIZATION
from mixtui.core.visible import sanitize


@dataclass(frozen=True, slots=True)
class GeneratedRow:
    """A row that the app adds, or would if it were not switched off."""

    name: str
    value: str
    reason: str = ""
    """Where it comes from."""
    off: bool = False
    own: str | None = None
    """The value of a row of the person's own; None = the same."""


@dataclass(slots=True)
class GeneratedRows:
    """The rows, and the one under the cursor."""

    rows: tuple[GeneratedRow, ...] = ()
    cursor: int | None = None
    """None = it is on none of these."""

    @property
    def current(self) -> GeneratedRow | None:
        """The row under the cursor."""
        return None if self.cursor is None else self.rows[self.cursor]

    def put(self, rows: Iterable[GeneratedRow]) -> None:
        """Other rows; the cursor stays on its name if that is still there."""
        name = self.current.name if self.current is not None else None
        self.rows = tuple(rows)
        names = [each.name for each in self.rows]
        self.cursor = names.index(name) if name in names else None

    def down(self) -> bool:
        """Go to the first, or to the next; whether there is one."""
        after = 0 if self.cursor is None else self.cursor + 1
        if after >= len(self.rows):
            return False
        self.cursor = after
        return True

    def up(self) -> bool:
        """Go to the one above, or out of the first; whether the cursor was here."""
        if self.cursor is None:
            return False
        self.cursor = self.cursor - 1 if self.cursor else None
        return True


def generated_rows(additions: Iterable[Addition], part: Part) -> list[GeneratedRow]:
    """What is added to a part of a request, as rows."""
    return [
        GeneratedRow(
            each.name,
            each.value,
            sanitize(each.origin),
            each.left_out,
            # The secret stays where it is: a row would be saved with the request.
            f"{each.value.partition(' ')[0]} " if each.name == AUTHORIZATION else None,
        )
        for each in additions
        if each.part is part
    ]
