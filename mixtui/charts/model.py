"""Charts as data, in drawing order, and how to read their figures from a response.

A response may have several views, each a `Chart`. Charts with the same `title` are the
same view of different parts (a funnel on each of its dates).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto
from math import isfinite

from msgspec import Struct

from mixtui.patterns import compile_late

Number = int | float
JsonPath = tuple[str | int, ...]
"""Keys and indexes from a response to one of its values."""


class Unit(Enum):
    """The unit of a figure, which determines its format."""

    NUMBER = auto()
    FRACTION = auto()
    """A share; 1 is displayed as 100 %."""
    CHANGE = auto()
    """A relative change; displayed as +12 % or −36 %."""
    SECONDS = auto()


class Line(Struct, frozen=True):
    """A series."""

    name: str
    values: tuple[Number | None, ...]
    """One for each point of the chart; None = missing in the response."""
    is_total: bool = False
    """A total (``$overall``), shown apart from its parts and never added to them."""

    @property
    def total(self) -> Number:
        """The sum of the values."""
        return total(self.values)


class LineChart(Struct, frozen=True):
    """Series over dates."""

    title: str
    points: tuple[str, ...]
    """Dates in order, or other categories of the values."""
    lines: tuple[Line, ...]
    """The largest first, unless the names have an order of their own."""
    unit: Unit = Unit.NUMBER
    part: str = ""
    notes: tuple[str, ...] = ()


class Bar(Struct, frozen=True):
    """A named figure."""

    label: str
    value: Number | None
    rate: float | None = None
    """The rate described by `BarChart.rate_name`."""
    is_total: bool = False


class BarChart(Struct, frozen=True):
    """Named figures side by side."""

    title: str
    bars: tuple[Bar, ...]
    unit: Unit = Unit.NUMBER
    rate_name: str = ""
    """The meaning of the rates; empty = there are none."""
    rate_unit: Unit = Unit.FRACTION
    part: str = ""
    notes: tuple[str, ...] = ()


class HeatRow(Struct, frozen=True):
    """The cohort of one date, and how many of its users returned."""

    label: str
    base: Number | None
    """The count that is 100 %."""
    counts: tuple[Number | None, ...]
    rates: tuple[float | None, ...]
    """Fractions; rows differ in length."""
    is_total: bool = False
    path: JsonPath | None = None
    """Where it is in the response; None = it is computed."""


class HeatTable(Struct, frozen=True):
    """Rates by date and interval."""

    title: str
    base_name: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    part: str = ""
    notes: tuple[str, ...] = ()


class FunnelStep(Struct, frozen=True):
    """A step of a funnel."""

    label: str
    count: Number | None
    step_rate: float | None
    """As a fraction of the previous step."""
    overall_rate: float | None
    """As a fraction of the first step."""
    seconds: Number | None
    """Average seconds since the previous step."""
    seconds_from_start: Number | None = None


class Steps(Struct, frozen=True):
    """A funnel."""

    title: str
    steps: tuple[FunnelStep, ...]
    part: str = ""
    notes: tuple[str, ...] = ()
    report: str = ""
    """The funnel, which other charts may show for other values."""
    value: str = ""
    """The property value; empty = all values."""
    path: JsonPath | None = None
    """Where the list of its steps is; None = there is none, or it is computed."""


Chart = LineChart | BarChart | HeatTable | Steps


def largest(lines: Sequence[Line], count: int | None) -> tuple[Line, ...]:
    """Return the largest series and every total, in the order of the chart.

    Args:
        count: The maximum number; None = all.
    """
    chosen = _largest_indexes(
        [line.is_total for line in lines], [_size(x) for x in lines], count
    )
    return tuple(lines[position] for position in chosen)


def largest_bars(bars: Sequence[Bar], count: int | None) -> tuple[Bar, ...]:
    """Return the largest bars and every total, in the order of the chart."""
    sizes = [abs(bar.value or 0) for bar in bars]
    chosen = _largest_indexes([bar.is_total for bar in bars], sizes, count)
    return tuple(bars[position] for position in chosen)


def _size(line: Line) -> Number:
    return total(abs(value) for value in line.values if value is not None)


def _largest_indexes(
    are_totals: Sequence[bool], sizes: Sequence[Number], count: int | None
) -> list[int]:
    parts = [index for index, is_total in enumerate(are_totals) if not is_total]
    parts.sort(key=lambda place: -sizes[place])
    chosen = set(parts[:count])
    return [
        index
        for index, is_total in enumerate(are_totals)
        if is_total or index in chosen
    ]


def total(values: Iterable[Number | None]) -> Number:
    """Return the sum of the values that exist."""
    return sum(value for value in values if value is not None)


def rate(part: Number | None, total_value: Number | None) -> float | None:
    """Return a part of a total as a fraction; None if it is undefined."""
    if part is None or not total_value:
        return None
    fraction = part / total_value
    return fraction if isfinite(fraction) else None


OVERALL = "$overall"
AVERAGE = "$average"
ALL = "all"
"""The key of figures that have no date."""

_MAX_FIGURE = 1e200
"""Beyond it, sums and products of figures would overflow."""
_DATE = compile_late(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_RANGE = compile_late(r"(-?[\d,]*\.?\d+)\s*[-–]\s*-?[\d,]*\.?\d+", re.ASCII)
_NAMES_BESIDE_RANGES = frozenset({OVERALL, "undefined", "null", ""})


class Mismatch(Exception):
    """The response does not have the shape of this chart."""


def number(value: object) -> Number | None:
    """Return a figure, or None for null and for numbers that cannot be charted.

    Raises:
        Mismatch: It is not a number.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Mismatch
    return value if abs(value) <= _MAX_FIGURE else None


def numbers(value: object) -> tuple[Number | None, ...]:
    """Return a list of figures.

    Raises:
        Mismatch: It is not a list of numbers.
    """
    if not isinstance(value, list):
        raise Mismatch
    return tuple(number(item) for item in value)


def mapping(value: object) -> Mapping[str, object]:
    """Return a non-empty object.

    Raises:
        Mismatch: It is not an object, or empty.
    """
    if not isinstance(value, dict) or not value:
        raise Mismatch
    if not all(isinstance(key, str) for key in value):
        raise Mismatch
    return value


def name_text(value: object) -> str:
    """Return a name: text, or a number as text.

    Raises:
        Mismatch: It is neither.
    """
    if isinstance(value, str):
        return value
    figure = number(value)
    if figure is None:
        raise Mismatch
    return str(figure)


def is_date(value: object) -> bool:
    """Return whether a value is text that starts with a date."""
    return isinstance(value, str) and _DATE.fullmatch(value) is not None


def are_dates(keys: Iterable[object]) -> bool:
    """Return whether there are keys and all are dates."""
    keys_ = list(keys)
    return bool(keys_) and all(is_date(key) for key in keys_)


def date_labels(keys: Iterable[str]) -> dict[str, str]:
    """Label dates in ascending order: by day, or by minute where days repeat.

    If minutes repeat too (the hour that occurs twice in autumn), the keys are the labels.
    """
    dates = sorted(set(keys))
    for format_key in (_day, _minute):
        labels = {key: format_key(key) for key in dates}
        if len(set(labels.values())) == len(dates):
            return labels
    return {key: key for key in dates}


def _day(key: str) -> str:
    return key[:10]


def _minute(key: str) -> str:
    match = _DATE.fullmatch(key)
    return f"{match[1]} {match[2] or '00:00'}" if match else key


def sort_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Sort totals first, then number ranges by their start, and other names by size."""
    all_lines = list(lines)
    ranges = are_ranges(line.name for line in all_lines if not line.is_total)

    def sort_key(line: Line) -> tuple[object, ...]:
        return (not line.is_total, range_key(line.name) if ranges else -line.total)

    return tuple(sorted(all_lines, key=sort_key))


def sort_bars(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """Sort bars as `sort_lines` does; those without a figure last."""
    all_bars = list(bars)
    ranges = are_ranges(bar.label for bar in all_bars if not bar.is_total)

    def sort_key(bar: Bar) -> tuple[object, ...]:
        size = (bar.value is None, -(bar.value or 0))
        return (not bar.is_total, range_key(bar.label) if ranges else size)

    return tuple(sorted(all_bars, key=sort_key))


def are_ranges(names: Iterable[str]) -> bool:
    """Return whether all names are number ranges: ``2,000 - 2,100``."""
    candidates = [name for name in names if name not in _NAMES_BESIDE_RANGES]
    return bool(candidates) and all(_RANGE.fullmatch(name) for name in candidates)


def range_key(name: str) -> tuple[bool, float]:
    """Return a key that sorts ranges by their start, and other names after them."""
    match = _RANGE.fullmatch(name)
    if match is None:
        return True, 0
    return False, float(match[1].replace(",", ""))
