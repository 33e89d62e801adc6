"""By how much a number changed, exactly, however large it is or however it is written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal

_DIGITS = 100
_LONGEST = 2_000
"""Characters; a longer number is only ever compared by its text."""
_PLAIN = 21
"""Places before the point, or digits in all, up to which a number is written out."""
# Traps nothing: what does not fit becomes an infinity or no number, and is left out.
_CONTEXT = Context(prec=_DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


@dataclass(frozen=True, slots=True)
class NumberChange:
    """The difference of two numbers."""

    delta: Decimal
    """New less old; exact up to 100 digits, rounded beyond."""
    percent: Decimal | None
    """Of the size of the old one; None where that is 0, or none that can be counted."""


def number_change(old: bytes, new: bytes) -> NumberChange | None:
    """The difference of two JSON numbers; None where it cannot be counted."""
    before, after = _number(old), _number(new)
    if before is None or after is None:
        return None
    delta = _CONTEXT.subtract(after, before)
    if not delta.is_finite():
        return None
    percent = None
    if before:
        share = _CONTEXT.divide(delta, _CONTEXT.abs(before))
        percent = _CONTEXT.multiply(share, Decimal(100))
        percent = percent if percent.is_finite() else None
    return NumberChange(delta, percent)


def same_number(old: bytes, new: bytes) -> bool:
    """Whether two JSON numbers are one, written differently: ``1.0`` and ``1e0``."""
    before, after = _number(old), _number(new)
    return before is not None and after is not None and before == after


def delta_words(change: NumberChange) -> str:
    """``+1,200``, ``-0.25``, ``+1e+400``."""
    return _signed(change.delta)


def percent_words(change: NumberChange) -> str:
    """``+3.4 %``, ``-100 %``, ``+1,250 %``; empty where there is none."""
    percent = change.percent
    if percent is None:
        return ""
    if not percent:
        return "0 %"
    size = percent.adjusted()
    if size < -3:
        return "under 0.001 %"
    places = 0 if size >= 2 else max(1, -size)
    if Decimal(-100) < percent < Decimal("-99.9"):
        return "-99.9 %"  # Rounded it would say that nothing is left.
    if size > _PLAIN:
        return f"{_signed(percent)} %"
    return f"{f'{percent:+,.{places}f}'.removesuffix('.0')} %"


def _number(text: bytes) -> Decimal | None:
    if len(text) > _LONGEST:
        return None
    # An exponent beyond what decimal counts to makes it no number.
    number = Decimal(text.decode("ascii"), _CONTEXT)
    return number if number.is_finite() else None


def _signed(number: Decimal) -> str:
    plain = _CONTEXT.normalize(number)
    digits = len(plain.as_tuple().digits)
    if -_PLAIN < plain.adjusted() < _PLAIN and digits <= _PLAIN * 2:
        return f"{plain:+,f}"
    return f"{plain:+.5e}".replace(".00000e", "e")
