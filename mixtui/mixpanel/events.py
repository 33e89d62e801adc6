"""The documented rules for events, as constants.

https://developer.mixpanel.com/reference/import-events
"""

from __future__ import annotations

from mixtui.patterns import compile_late

MAX_BATCH_RECORDS = 2000
MAX_BATCH_BYTES = 10_000_000
"""Uncompressed."""
SMALL_BATCH_BYTES = 2_097_152
"""The limit that the sample of a 413 states."""
MAX_EVENT_BYTES = 1_000_000
MAX_PROPERTIES = 254
MAX_DEPTH = 3
"""Of objects in each other, the properties included."""
MAX_LIST_ITEMS = 255
MAX_ID_BYTES = 36
ID_CHARACTERS = compile_late(r"[A-Za-z0-9-]*")
INVALID_IDS = frozenset(
    ("", "0", "-1", "null", "none", "nil", "undefined", "anonymous", "unknown")
) | {"00000000-0000-0000-0000-000000000000"}
"""Of ``distinct_id`` and ``$insert_id``, in lower case."""
MIN_MILLISECONDS = 1e11
"""Times from here on are in milliseconds: in seconds they would be after the year 5138."""
MIN_TIME = 365 * 86400
"""The year 1971, in seconds: no event is older."""
MAX_AHEAD = 3600
"""Seconds that an event may be ahead of the clock."""


def finer_unit(milliseconds_as_seconds: float, now: float) -> str:
    """Return the unit that makes a time far ahead one of the past; empty = none does."""
    for unit, factor in (("microseconds", 1e3), ("nanoseconds", 1e6)):
        if MIN_TIME <= milliseconds_as_seconds / factor <= now + MAX_AHEAD:
            return unit
    return ""
