"""Medians, percentiles, and the formatting of samples."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value below which a part (0 to 1) of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def spread(values: Sequence[float], digits: int) -> str:
    """Format the median, the range in brackets if there are several, and the count."""
    text = f"{statistics.median(values):.{digits}f}"
    if len(values) > 1:
        text += f" [{min(values):.{digits}f}–{max(values):.{digits}f}]"
    return f"{text} n={len(values)}"


def ratios(above: Mapping[int, float], below: Mapping[int, float]) -> tuple[float, ...]:
    """Divide each value by the one of the same repetition."""
    return tuple(above[rep] / below[rep] for rep in above if below.get(rep))


_NOISE = 0.25
"""The part of the first of a series that a difference must have to mean something."""


def growth(series: Sequence[float]) -> str:
    """Say how values grow, each measured with ten times as much as the one before.

    Flat: half more at most over all. Logarithmic: each ten-fold adds about the same.
    Linear: the last one adds more, as where a cost of ten times as much begins to show
    above a fixed one. The number is the exponent of the last ten-fold: 0 flat, 1 linear.
    """
    if len(series) < 3 or not all(value > 0 for value in series):
        return "–"
    first, *_, before, last = series
    exponent = math.log10(last / before)
    added = max(before - series[-3], _NOISE * first)
    if last <= 1.5 * first:
        name = "flat"
    elif last - before <= 2 * added:
        name = "logarithmic"
    else:
        name = "linear" if exponent <= 1.15 else "more than linear"
    return f"{name} ({exponent:+.2f})"
