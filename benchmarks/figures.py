"""Medians, percentiles, and the formatting of samples."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value below which a part (0 to 1) of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def spread(values: Sequence[float], digits: int) -> str:
    """Median, the range in brackets if there are several, and how many."""
    text = f"{statistics.median(values):.{digits}f}"
    if len(values) > 1:
        text += f" [{min(values):.{digits}f}–{max(values):.{digits}f}]"
    return f"{text} n={len(values)}"


def ratios(above: Mapping[int, float], below: Mapping[int, float]) -> tuple[float, ...]:
    """Values through those of the same repetition."""
    return tuple(above[rep] / below[rep] for rep in above if below.get(rep))
