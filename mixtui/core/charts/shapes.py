"""Small questions about a value of an answer; whoever wrote it, none of them fails."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mixtui.core.charts.model import Bar, Line, Number

OVERALL = "$overall"
AVERAGE = "$average"
ALL = "all"
"""The key of a figure that belongs to no date."""

_LARGEST = 1e200
"""Beyond it sums and products of figures would not be numbers any more."""
_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_RANGE = re.compile(r"(-?[\d,]*\.?\d+)\s*[-–]\s*-?[\d,]*\.?\d+", re.ASCII)
_NO_RANGE = frozenset({OVERALL, "undefined", "null", ""})


class Mismatch(Exception):
    """A level is not what the shape says: this is another shape."""


def number(value: object) -> Number | None:
    """A figure, or None for null and for what no chart can hold.

    Raises:
        Mismatch: It is something else.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Mismatch
    return value if abs(value) <= _LARGEST else None


def numbers(value: object) -> tuple[Number | None, ...]:
    """A list of figures.

    Raises:
        Mismatch: It is something else.
    """
    if not isinstance(value, list):
        raise Mismatch
    return tuple(number(item) for item in value)


def mapping(value: object) -> Mapping[str, object]:
    """An object with something in it.

    Raises:
        Mismatch: It is something else.
    """
    if not isinstance(value, dict) or not value:
        raise Mismatch
    if not all(isinstance(key, str) for key in value):
        raise Mismatch
    return value


def text(value: object) -> str:
    """A name: text, or a number in words.

    Raises:
        Mismatch: It is something else.
    """
    if isinstance(value, str):
        return value
    figure = number(value)
    if figure is None:
        raise Mismatch
    return str(figure)


def is_date(value: object) -> bool:
    """Whether it is text that says a day, or a time on a day."""
    return isinstance(value, str) and _DATE.fullmatch(value) is not None


def are_dates(keys: Iterable[object]) -> bool:
    """Whether there are any, and all are dates."""
    found = list(keys)
    return bool(found) and all(is_date(key) for key in found)


def date_labels(keys: Iterable[str]) -> dict[str, str]:
    """Dates as they are shown, in order: days, with the time where it tells them apart.

    Two times an offset keeps apart (an hour that comes twice) stay as they came.
    """
    found = sorted(set(keys))
    for short in (_day, _minute):
        labels = {key: short(key) for key in found}
        if len(set(labels.values())) == len(found):
            return labels
    return {key: key for key in found}


def _day(key: str) -> str:
    return key[:10]


def _minute(key: str) -> str:
    match = _DATE.fullmatch(key)
    return f"{match[1]} {match[2] or '00:00'}" if match else key


def in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Wholes first; then number ranges by their first number, other names by size."""
    found = list(lines)
    ranges = are_ranges(line.name for line in found if not line.apart)

    def place(line: Line) -> tuple[object, ...]:
        return (not line.apart, range_key(line.name) if ranges else -line.total)

    return tuple(sorted(found, key=place))


def bars_in_order(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """The same of bars; those without a figure last."""
    found = list(bars)
    ranges = are_ranges(bar.label for bar in found if not bar.apart)

    def place(bar: Bar) -> tuple[object, ...]:
        size = (bar.value is None, -(bar.value or 0))
        return (not bar.apart, range_key(bar.label) if ranges else size)

    return tuple(sorted(found, key=place))


def are_ranges(names: Iterable[str]) -> bool:
    """Whether names are ranges of numbers: ``2,000 - 2,100``."""
    found = [name for name in names if name not in _NO_RANGE]
    return bool(found) and all(_RANGE.fullmatch(name) for name in found)


def range_key(name: str) -> tuple[bool, float]:
    """Sorts ranges by their first number, and other names behind them."""
    match = _RANGE.fullmatch(name)
    if match is None:
        return True, 0
    return False, float(match[1].replace(",", ""))
