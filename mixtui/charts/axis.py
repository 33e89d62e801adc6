"""Fit the axes of a chart to its data: round ticks, and dates that do not overlap."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import count, pairwise
from math import ceil, floor, log10

from msgspec import Struct

from mixtui.charts.model import Number, Unit
from mixtui.charts.summary import MINUS

_MAX_TICKS = 8
_MIN_TICKS = 3
_HEADROOM = 0.05
"""The part of the range that is left free beyond the data, if no tick is nearer."""
_SAME = 1e-9
"""A range smaller than this part of the values is drawn as a constant."""
_ROUNDING = 1e-9
_MANTISSAS = (1, 2, 5)


class Axis(Struct, frozen=True):
    """The range of an axis of figures, and its ticks in ascending order."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    def share(self, value: float) -> float:
        """Return where a value is: 0 at the low end, 1 at the high end."""
        share = (value - self.low) / (self.high - self.low)
        return min(max(share, 0.0), 1.0)

    def row(self, value: float, rows: int) -> int:
        """Return the row of a value, from 0 at the bottom."""
        # As plotext does for braille: each row has four places.
        return floor(0.5 + (4 * rows - 1) * self.share(value)) // 4


def fit_axis(values: Iterable[Number], rows: int, unit: Unit = Unit.NUMBER) -> Axis:
    """Fit an axis to values.

    Counts start at 0. Other figures do if 0 is near, or if all are the same.

    Args:
        values: What is drawn; there may be none.
        rows: The rows of the plot.
        unit: The unit of the values.
    """
    figures = [float(value) for value in values]
    are_counts = unit is Unit.NUMBER and all(value.is_integer() for value in figures)
    low, high = min(figures, default=0.0), max(figures, default=0.0)
    size, span = max(abs(low), abs(high)), high - low
    if are_counts or span <= size * _SAME or min(abs(low), abs(high)) <= span / 2:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < sys.float_info.min * 1e10:
        high = 1.0  # So little that a step would not be a normal number.
    wanted = min(max((rows + 1) // 2, 2), _MAX_TICKS)
    previous: Axis | None = None
    for mantissa, power in _steps((high - low) / (4 * _MAX_TICKS)):
        if are_counts and power < 0:
            continue
        axis = _axis(low, high, mantissa, power, unit)
        if len(axis.ticks) <= wanted:
            is_sparse = len(axis.ticks) < _MIN_TICKS
            if is_sparse and previous is not None and _has_room(previous, rows):
                return previous
            return axis
        previous = axis
    raise AssertionError("A step larger than the range leaves one tick.")


def _steps(least: float) -> Iterator[tuple[int, int]]:
    """Yield the round numbers from about `least` on, as mantissas and powers of ten."""
    for power in count(floor(log10(least))):
        for mantissa in _MANTISSAS:
            yield mantissa, power


def _axis(low: float, high: float, mantissa: int, power: int, unit: Unit) -> Axis:
    step = _multiple(mantissa, power)
    pad = (high - low) * _HEADROOM
    before = floor(low / step + _ROUNDING) * step
    after = ceil(high / step - _ROUNDING) * step
    start = min(low, max(before, low - pad))
    end = max(high, min(after, high + pad))
    first, last = ceil(start / step - _ROUNDING), floor(end / step + _ROUNDING)
    ticks = tuple(_multiple(mantissa * n, power) for n in range(first, last + 1))
    return Axis(start, end, ticks, tuple(format_tick(t, step, unit) for t in ticks))


def _multiple(number: int, power: int) -> float:
    """Return ``number * 10**power``, rounded once."""
    scale: int = 10 ** abs(power)
    return float(number * scale) if power >= 0 else number / scale


def _has_room(axis: Axis, rows: int) -> bool:
    """Return whether each tick has a row of its own."""
    return len({axis.row(tick, rows) for tick in axis.ticks}) == len(axis.ticks)


_SUFFIXES = ("", " k", " M", " B", " T")
_MAX_DECIMALS = 4
"""Smaller steps are written with an exponent."""


def format_tick(value: float, step: float, unit: Unit = Unit.NUMBER) -> str:
    """Format a tick as briefly as its step allows: ``50``, ``1.2 k``, ``3.4 M``, ``40 %``."""
    sign, size, suffix = MINUS if value < 0 else "", abs(value), ""
    if unit in (Unit.FRACTION, Unit.CHANGE):
        size, step, suffix = size * 100, step * 100, " %"
    elif size < 1e15:
        power = 0
        while size >= 1000 and power < len(_SUFFIXES) - 1:
            size, step, power = size / 1000, step / 1000, power + 1
        suffix = _SUFFIXES[power]
    if not size:
        return f"0{suffix}"
    decimals = max(0, -floor(log10(step) + _ROUNDING))
    if size >= 1e15 or (decimals > _MAX_DECIMALS and size < 1):
        digits = floor(log10(size) + _ROUNDING) - floor(log10(step) + _ROUNDING) + 1
        return f"{sign}{size:.{digits}g}{suffix}"
    text = f"{size:.{decimals}f}"
    return sign + (text.rstrip("0").rstrip(".") if decimals else text) + suffix


class DateTick(Struct, frozen=True):
    """A label below a plot."""

    index: int
    """The point that it names."""
    start: int
    """The column of its first character."""
    label: str


_LABEL_GAP = 2
"""Columns between labels, at least."""
_PLAIN_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_HOUR_STEPS = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 672)
_DAY_STEPS = (1, 2, 3, 4, 5, 7, 14, 21, 28, 56, 91, 182, 364, 728)
_WEEK_STEPS = (1, 2, 4, 8, 13, 26, 52, 104)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_DAY_SECONDS = 86_400


def point_column(index: int, points: int, width: int) -> int:
    """Return the column of a point; the first and the last are at the ends."""
    # As plotext does for braille: each column has two places.
    return floor(0.5 + (2 * width - 1) * index / max(points - 1, 1)) // 2


def date_ticks(points: Sequence[str], width: int, margin: int = 0) -> list[DateTick]:
    """Label as many points as fit, evenly, in the unit of the dates.

    Args:
        points: Dates in order, which are ASCII.
        width: Columns of the plot.
        margin: Columns to the left of it, into which a label may reach.
    """
    scale = _scale(points)
    for step in _extended(scale.steps):
        places = list(range(scale.offset(step), len(points), step))
        if not places:
            if step < len(points):
                continue
            places = [0]
        labels = scale.labels(places, step)
        if len(places) == 1 and len(labels[0]) > width + margin:
            labels = [labels[0][: width + margin - 1] + "…"]
        ticks = [
            DateTick(index, _start(index, len(points), label, width, margin), label)
            for index, label in zip(places, labels, strict=True)
        ]
        if all(
            one.start + len(one.label) + _LABEL_GAP <= other.start
            for one, other in pairwise(ticks)
        ):
            return ticks
    return []


def _start(index: int, points: int, label: str, width: int, margin: int) -> int:
    start = point_column(index, points, width) - len(label) // 2
    return max(-margin, min(start, width - len(label)))


def _extended(steps: Sequence[int]) -> Iterator[int]:
    yield from steps
    step = steps[-1]
    while True:
        step *= 2
        yield step


class _Dates:
    """Dates at any intervals."""

    steps: Sequence[int] = _PLAIN_STEPS
    """Points between labels that may be chosen."""

    def __init__(self, points: Sequence[str]) -> None:
        self._points = points
        years = {point[:5] for point in points}
        self._cut = 5 if len(years) == 1 and years.pop()[4:] == "-" else 0

    def offset(self, step: int) -> int:
        """Return the first point that is labelled."""
        return 0

    def labels(self, places: Iterable[int], step: int) -> list[str]:
        """Return the labels of some points, without the year if all have the same."""
        return [self._points[place][self._cut :] for place in places]


class _Days(_Dates):
    steps = _DAY_STEPS


class _Weeks(_Dates):
    steps = _WEEK_STEPS


class _Hours(_Dates):
    steps = _HOUR_STEPS

    def __init__(self, points: Sequence[str], times: Sequence[datetime]) -> None:
        super().__init__(points)
        self._times = times
        self._is_one_day = times[0].date() == times[-1].date()

    def offset(self, step: int) -> int:
        """Start at an hour that the step divides: 00:00, 06:00, 12:00."""
        return -self._times[0].hour % min(step, 24)

    def labels(self, places: Iterable[int], step: int) -> list[str]:
        """Return times of one day, days for midnights, or else both."""
        if self._is_one_day:
            return [f"{self._times[place]:%H:%M}" for place in places]
        labels = super().labels(places, step)
        return [label[:-6] for label in labels] if step % 24 == 0 else labels


class _Months(_Dates):
    steps = _MONTH_STEPS

    def __init__(self, points: Sequence[str], times: Sequence[datetime]) -> None:
        super().__init__(points)
        self._first = times[0]

    def offset(self, step: int) -> int:
        """Start so that Januaries are labelled."""
        return (1 - self._first.month) % min(step, 12)

    def labels(self, places: Iterable[int], step: int) -> list[str]:
        """Return years and months."""
        return [self._points[place][:7] for place in places]


def _scale(points: Sequence[str]) -> _Dates:
    """Return the labels that fit the interval of the points."""
    try:
        times = [datetime.fromisoformat(point) for point in points]
        gaps = {
            (other - one).total_seconds() / _DAY_SECONDS
            for one, other in pairwise(times)
        }
    except (ValueError, TypeError):
        return _Dates(points)
    if not gaps:
        return _Dates(points)
    lengths = {len(point) for point in points}
    if lengths == {len("2026-01-01 00:00")} and gaps == {1 / 24}:
        return _Hours(points, times)
    if lengths != {len("2026-01-01")}:
        return _Dates(points)
    if min(gaps) >= 28 and max(gaps) <= 31 and all(time.day == 1 for time in times):
        return _Months(points, times)
    return _Weeks(points) if gaps == {7} else _Days(points)
