"""What a chart is: the figures of an answer, as they came, in the order to draw them.

An answer may be looked at in several ways. Each `Chart` is one of them: charts of one
`title` are the same view of different parts (a funnel on each of its dates).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    """One for each point of the chart; None = the answer has none."""
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
    """The largest series in the order they have, and every whole beside them.

    Args:
        count: How many; None = all.
    """
    chosen = _places([line.apart for line in lines], [_size(x) for x in lines], count)
    return tuple(lines[place] for place in chosen)


def largest_bars(bars: Sequence[Bar], count: int | None) -> tuple[Bar, ...]:
    """The same of bars."""
    sizes = [abs(bar.value or 0) for bar in bars]
    chosen = _places([bar.apart for bar in bars], sizes, count)
    return tuple(bars[place] for place in chosen)


def _size(line: Line) -> Number:
    return total(abs(value) for value in line.values if value is not None)


def _places(
    apart: Sequence[bool], sizes: Sequence[Number], count: int | None
) -> list[int]:
    parts = [place for place, whole in enumerate(apart) if not whole]
    parts.sort(key=lambda place: -sizes[place])
    chosen = set(parts[:count])
    return [place for place, whole in enumerate(apart) if whole or place in chosen]


def total(values: Iterable[Number | None]) -> Number:
    """The sum of what is there."""
    return sum(value for value in values if value is not None)


def rate(part: Number | None, whole: Number | None) -> float | None:
    """A part of a whole as a fraction; None where it means nothing."""
    if part is None or not whole:
        return None
    fraction = part / whole
    return fraction if isfinite(fraction) else None
