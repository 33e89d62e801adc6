"""Figures as people read them: whole numbers whole, rates in percent."""

from __future__ import annotations

from mixtui.core.charts.model import Number, Unit
from mixtui.core.words import duration

NONE = "–"
"""Stands where the answer has no figure."""
MINUS = "\N{MINUS SIGN}"

_PLAIN = 1e15
"""Beyond it a number is written with an exponent."""
_LONGEST = 1e10
"""Seconds; longer is no time span but a mistake."""
_SUFFIXES = ("", "k", "M", "B", "T")


def figure(value: Number | None, unit: Unit = Unit.NUMBER) -> str:
    """A figure: ``12,345``, ``8.65``, ``82.4 %``, ``+3.1 %``, ``1 h 2 min``."""
    if value is None:
        return NONE
    sign = MINUS if value < 0 else ""
    size = abs(value)
    match unit:
        case Unit.NUMBER:
            return sign + _number(size)
        case Unit.FRACTION:
            return sign + percent(size)
        case Unit.CHANGE:
            return (sign or ("+" if value else "±")) + percent(size)
        case Unit.SECONDS:
            return sign + (duration(size) if size < _LONGEST else f"{size:.3g} s")


def percent(fraction: Number) -> str:
    """A fraction with one decimal; what is small but there is never 0."""
    hundredths = fraction * 100
    if 0 < hundredths < 0.05:
        return "<0.1 %"
    return f"{hundredths:,.1f} %" if hundredths < _PLAIN else f"{hundredths:.3g} %"


def short_percent(fraction: Number | None) -> str:
    """At most four characters where it is no more than 100 %: ``82%``, ``<1%``."""
    if fraction is None:
        return NONE
    hundredths = fraction * 100
    if 0 < hundredths < 0.5:
        return "<1%"
    return f"{hundredths:.0f}%" if hundredths < 9999.5 else "≫"


def short(value: Number, unit: Unit = Unit.NUMBER) -> str:
    """A figure for an axis: ``1.2k``, ``30M``, ``40%``."""
    if unit in (Unit.FRACTION, Unit.CHANGE):
        return f"{value * 100:.3g}%"
    size, power = abs(float(value)), 0
    while size >= 999.5 and power < len(_SUFFIXES) - 1:
        size, power = size / 1000, power + 1
    return f"{MINUS if value < 0 else ''}{size:.3g}{_SUFFIXES[power]}"


def _number(size: Number) -> str:
    if size >= _PLAIN:
        return f"{size:.4g}"
    if isinstance(size, int) or size.is_integer():
        return f"{size:,.0f}"
    if size < 0.01:
        return f"{size:.3g}"
    return f"{size:,.2f}"
