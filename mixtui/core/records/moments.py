"""The date that a unix time of Mixpanel's stands for."""

from __future__ import annotations

from datetime import UTC, datetime

from mixtui.core.records.cells import Cell, Kind, Path

_NAMES = ("time", "$time", "start_time", "end_time", "computed_at", "created")
_SINCE, _UNTIL = 315_532_800, 4_102_444_800
"""1980 and 2100: what lies outside is no unix time."""


def moment(path: Path, cell: Cell) -> str:
    """``2026-11-23 00:00:00 UTC`` for a number of seconds or milliseconds, or nothing.

    Only for columns that Mixpanel gives times in: a price may be as large.
    """
    name = path[-1] if path else ""
    if cell.kind is not Kind.NUMBER or len(cell.text) > 20:
        return ""
    if not isinstance(name, str) or not (name in _NAMES or name.endswith("_ms")):
        return ""
    seconds = float(cell.text)
    if seconds >= _SINCE * 1000:
        seconds /= 1000
    if not _SINCE <= seconds < _UNTIL:
        return ""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
