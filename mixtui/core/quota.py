"""What a 429 says about the quota: the counters in its text, and when to come back."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mixtui.core.exchange import Exchange

# "1/5 queries running concurrently and 61/60 queries running in the last hour."
_COUNTER = re.compile(
    r"(\d{1,9})/(\d{1,9}) [a-z ]{0,40}?(concurrently|in the last hour)", re.IGNORECASE
)
_PERIODS = {"concurrently": " at once", "in the last hour": ""}


def quota_words(exchange: Exchange, text: str) -> str:
    """The counters and the wait, in brackets: `` (61/60; next in 12 min)``.

    Empty if the answer tells neither.
    """
    parts = [_counter(text), _wait(exchange)]
    known = "; ".join(filter(None, parts))
    return f" ({known})" if known else ""


def hour_counter(text: str) -> tuple[int, int] | None:
    """Calls of the last hour and how many are allowed, as a 429's text says."""
    for count, limit, period in _COUNTER.findall(text):
        if period.lower() == "in the last hour":
            return int(count), int(limit)
    return None


def retry_after(exchange: Exchange) -> float | None:
    """Seconds to wait by the ``Retry-After`` header (RFC 9110, section 10.2.3)."""
    value = (exchange.response.header("retry-after") or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max((until - _answered(exchange)).total_seconds(), 0.0)


def _answered(exchange: Exchange) -> datetime:
    return exchange.timing.started + timedelta(seconds=exchange.timing.total)


def _counter(text: str) -> str:
    """The counter that is over its limit, or else the fullest one."""
    best, words = 0.0, ""
    for count, limit, period in _COUNTER.findall(text):
        share = int(count) / max(int(limit), 1)
        if share > best:
            best, words = share, f"{count}/{limit}{_PERIODS[period.lower()]}"
    return words


def _wait(exchange: Exchange) -> str:
    seconds = retry_after(exchange)
    if seconds is None:
        return ""
    if seconds < 60:
        return f"next in {math.ceil(seconds)} s"
    minutes = math.ceil(seconds / 60)
    return f"next in {minutes} min" if minutes < 120 else f"next in {minutes // 60} h"
