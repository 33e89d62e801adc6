"""Medians, percentiles, and the formatting of samples."""

from __future__ import annotations

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
