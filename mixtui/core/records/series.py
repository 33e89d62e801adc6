"""A series, ``{NAME: {date: number}}``, turned round: a row a date, a column a name."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mixtui.core.records.cells import KEY, Path, text_of
from mixtui.core.records.laid_out import LaidOutRecords
from mixtui.core.records.readers import JsonReader, divided

LARGEST = 300_000
"""Numbers; a series of more stays a table of its names."""


class Series:
    """Records by date, sorted; a date that a name lacks counts as 0.

    Args:
        names: The series by name.
        base: Where they stand in the document.
    """

    def __init__(self, names: LaidOutRecords, base: Path) -> None:
        read = JsonReader().values
        self._base = base
        self._values: dict[str, dict[str, bytes]] = {}
        for member in names.texts():
            name, value = divided(member)
            numbers = {str(p[-1]): raw for p, raw in read(value).items() if p}
            self._values[text_of(name)] = numbers
        dates = {date for numbers in self._values.values() for date in numbers}
        self._dates = sorted(dates)
        self._keys = [json.dumps(name, ensure_ascii=False) for name in self._values]

    @property
    def names(self) -> list[str]:
        """The names, in the order of the document."""
        return list(self._values)

    @property
    def count(self) -> int:
        """How many dates there are."""
        return len(self._dates)

    def text(self, number: int) -> bytes:
        """What the server wrote about a date, as a member of an object.

        Raises:
            IndexError: There is no such date.
        """
        if not 0 <= number < len(self._dates):
            raise IndexError(f"There is no date {number}.")
        date = self._dates[number]
        named = zip(self._keys, self._values.values(), strict=True)
        parts = [f"{k}:".encode() + numbers.get(date, b"0") for k, numbers in named]
        return json.dumps(date).encode() + b": {" + b",".join(parts) + b"}"

    def texts(self, start: int = 0) -> Iterator[bytes]:
        """The dates from one on."""
        return map(self.text, range(start, len(self._dates)))

    def path(self, number: int, column: Path) -> Path:
        """Where a number stands; a date itself stands in each series."""
        if column == KEY:
            return self._base
        return (*self._base, *column, self._dates[number])
