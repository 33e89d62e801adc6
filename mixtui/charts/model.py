"""Charts as data: the figures of a response, in the order in which they are drawn.

A response may be looked at in several ways. Each `Chart` is one of them: charts of one
`title` are the same view of different parts (a funnel on each of its dates).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from math import isfinite

Number = int | float


class Unit(Enum):
    """What a figure counts, and so how it is written."""

    NUMBER = auto()
    FRACTION = auto()
    """1 is all of it: shown as 100 %."""
    CHANGE = auto()
    """A fraction more or less than before: shown as +12 % or −36 %."""
    SECONDS = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A series."""

    name: str
    values: tuple[Number | None, ...]
    """One for each point of the chart; None = the response has none."""
    apart: bool = False
    """A whole beside its parts (``$overall``): never added to them."""

    @property
    def total(self) -> Number:
        """The sum of what is there."""
        return total(self.values)


@dataclass(frozen=True, slots=True)
class LineChart:
    """Series over dates."""

    title: str
    points: tuple[str, ...]
    """Dates in order, or what else the values belong to."""
    lines: tuple[Line, ...]
    """The largest first, unless their names have an order of their own."""
    unit: Unit = Unit.NUMBER
    part: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure with a name."""

    label: str
    value: Number | None
    rate: float | None = None
    """What `BarChart.rate_name` says."""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class BarChart:
    """Figures side by side."""

    title: str
    bars: tuple[Bar, ...]
    unit: Unit = Unit.NUMBER
    rate_name: str = ""
    """What the rates are; empty = there are none."""
    rate_unit: Unit = Unit.FRACTION
    part: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeatRow:
    """Those of one date, and how many of them did it again."""

    label: str
    base: Number | None
    """What 100 % is."""
    counts: tuple[Number | None, ...]
    rates: tuple[float | None, ...]
    """Fractions; rows differ in length."""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class HeatTable:
    """Rates by date and interval."""

    title: str
    base_name: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    part: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step of a funnel."""

    label: str
    count: Number | None
    step_rate: float | None
    """Of those in the step before."""
    overall_rate: float | None
    """Of those in the first step."""
    seconds: Number | None
    """From the step before, on average."""
    seconds_from_start: Number | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """A funnel."""

    title: str
    steps: tuple[FunnelStep, ...]
    part: str = ""
    notes: tuple[str, ...] = ()


Chart = LineChart | BarChart | HeatTable | Steps


def largest(lines: Sequence[Line], count: int | None) -> tuple[Line, ...]:
    """Return the largest series in the order they have, and every whole beside them.

    Args:
        count: How many; None = all.
    """
    chosen = _chosen_indexes(
        [line.apart for line in lines], [_size(x) for x in lines], count
    )
    return tuple(lines[position] for position in chosen)


def largest_bars(bars: Sequence[Bar], count: int | None) -> tuple[Bar, ...]:
    """Return the same of bars."""
    sizes = [abs(bar.value or 0) for bar in bars]
    chosen = _chosen_indexes([bar.apart for bar in bars], sizes, count)
    return tuple(bars[position] for position in chosen)


def _size(line: Line) -> Number:
    return total(abs(value) for value in line.values if value is not None)


def _chosen_indexes(
    apart: Sequence[bool], sizes: Sequence[Number], count: int | None
) -> list[int]:
    parts = [index for index, complete in enumerate(apart) if not complete]
    parts.sort(key=lambda place: -sizes[place])
    chosen = set(parts[:count])
    return [
        place for place, is_total in enumerate(apart) if is_total or place in chosen
    ]


def total(values: Iterable[Number | None]) -> Number:
    """Return the sum of what is there."""
    return sum(value for value in values if value is not None)


def rate(part: Number | None, total_value: Number | None) -> float | None:
    """Return a part of a whole as a fraction; None where it means nothing."""
    if part is None or not total_value:
        return None
    fraction = part / total_value
    return fraction if isfinite(fraction) else None


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
    """Return a figure, or None for null and for what no chart can hold.

    Raises:
        Mismatch: It is something else.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Mismatch
    return value if abs(value) <= _LARGEST else None


def numbers(value: object) -> tuple[Number | None, ...]:
    """Return a list of figures.

    Raises:
        Mismatch: It is something else.
    """
    if not isinstance(value, list):
        raise Mismatch
    return tuple(number(item) for item in value)


def mapping(value: object) -> Mapping[str, object]:
    """Return an object with something in it.

    Raises:
        Mismatch: It is something else.
    """
    if not isinstance(value, dict) or not value:
        raise Mismatch
    if not all(isinstance(key, str) for key in value):
        raise Mismatch
    return value


def text(value: object) -> str:
    """Return a name: text, or a number in words.

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
    """Return whether it is text that says a day, or a time on a day."""
    return isinstance(value, str) and _DATE.fullmatch(value) is not None


def are_dates(keys: Iterable[object]) -> bool:
    """Return whether there are any, and all are dates."""
    results = list(keys)
    return bool(results) and all(is_date(key) for key in results)


def date_labels(keys: Iterable[str]) -> dict[str, str]:
    """Dates as they are shown, in order: days, with the time where it tells them apart.

    Two times an offset keeps apart (an hour that comes twice) stay as they came.
    """
    results = sorted(set(keys))
    for short in (_day, _minute):
        labels = {key: short(key) for key in results}
        if len(set(labels.values())) == len(results):
            return labels
    return {key: key for key in results}


def _day(key: str) -> str:
    return key[:10]


def _minute(key: str) -> str:
    match = _DATE.fullmatch(key)
    return f"{match[1]} {match[2] or '00:00'}" if match else key


def sort_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Wholes first; then number ranges by their first number, other names by size."""
    all_lines = list(lines)
    ranges = are_ranges(line.name for line in all_lines if not line.apart)

    def sort_key(line: Line) -> tuple[object, ...]:
        return (not line.apart, range_key(line.name) if ranges else -line.total)

    return tuple(sorted(all_lines, key=sort_key))


def sort_bars(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """Return the same of bars; those without a figure last."""
    all_bars = list(bars)
    ranges = are_ranges(bar.label for bar in all_bars if not bar.apart)

    def sort_key(bar: Bar) -> tuple[object, ...]:
        size = (bar.value is None, -(bar.value or 0))
        return (not bar.apart, range_key(bar.label) if ranges else size)

    return tuple(sorted(all_bars, key=sort_key))


def are_ranges(names: Iterable[str]) -> bool:
    """Return whether names are ranges of numbers: ``2,000 - 2,100``."""
    results = [name for name in names if name not in _NO_RANGE]
    return bool(results) and all(_RANGE.fullmatch(name) for name in results)


def range_key(name: str) -> tuple[bool, float]:
    """Sorts ranges by their first number, and other names behind them."""
    match = _RANGE.fullmatch(name)
    if match is None:
        return True, 0
    return False, float(match[1].replace(",", ""))
