"""Sizes, durations and counts as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta

_UNITS = ("KB", "MB", "GB", "TB", "PB")


def size(count: int) -> str:
    """A number of bytes, in powers of 1,000: ``812 B``, ``1.2 KB``, ``34 MB``."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in _UNITS:
        value /= 1000
        if value < 9.95:
            return f"{value:.1f} {unit}"
        if value < 999.5:
            return f"{value:.0f} {unit}"
    return f"{value:,.0f} {_UNITS[-1]}"


def duration(seconds: float) -> str:
    """A time span: ``38 ms``, ``1.24 s``, ``12.4 s``, ``2 min 5 s``, ``1 h 2 min``."""
    if seconds < 0.0005:
        return "0 ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def pluralise(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun: ``1 record``, ``1,200 records``, ``2 entries``."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {plural or noun + 's'}"


def format_time(moment: datetime, now: datetime | None = None) -> str:
    """A moment by the clock of this machine: ``today 14:02:11``, ``yesterday …``.

    Args:
        moment: With its time zone.
        now: None = now.
    """
    local, today = moment.astimezone(), (now or datetime.now()).astimezone().date()
    day = f"{local:%Y-%m-%d}"
    if local.date() == today:
        day = "today"
    elif local.date() == today - timedelta(days=1):
        day = "yesterday"
    return f"{day} {local:%H:%M:%S}"
