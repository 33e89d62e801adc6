"""Cut the dates of a raw export into windows, one request each.

Both dates of a request are inclusive, and days of the project's time zone
(https://developer.mixpanel.com/reference/raw-event-export). Windows share no day, so an
event is in one of them, whatever the time zone and wherever this program runs.
"""

from __future__ import annotations

import json
from datetime import date, timedelta

from msgspec import Struct

from mixtui.jobs.model import JobError
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.limits import LIMITS, Bucket
from mixtui.model.draft import Draft, Method, Pair
from mixtui.model.environment import Environment
from mixtui.model.prepared import PreparedRequest
from mixtui.request.prepare import prepare
from mixtui.text import sanitize_excerpt

MAX_EVENTS = 100_000
"""The highest ``limit`` (https://developer.mixpanel.com/reference/raw-event-export)."""


class DateWindow(Struct, frozen=True, order=True):
    """Days that are exported by one request, both inclusive."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def label(self) -> str:
        """Such as ``2026-01-01 to 2026-01-07``, or one date."""
        first, last = self.first.isoformat(), self.last.isoformat()
        return first if first == last else f"{first} to {last}"


class ExportQuery(Struct, frozen=True):
    """Which events are exported."""

    dates: DateWindow
    events: tuple[str, ...] = ()
    """Names; empty = all."""
    where: str = ""
    """An expression; empty = all."""
    limit: int = 0
    """The most events; 0 = all."""


_EXCERPT_LENGTH = 40
"""Characters of a text that is not a date."""


def read_dates(first: str, last: str) -> DateWindow:
    """Read the dates of an export.

    Raises:
        JobError: One is not a date, or they are in the wrong order.
    """
    window = DateWindow(_read_date(first), _read_date(last))
    if window.days < 1:
        raise JobError(f"{first} is later than {last}: swap the dates.")
    return window


def _read_date(text: str) -> date:
    try:
        read = date.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.isoformat() != text:
        shown = sanitize_excerpt(text, _EXCERPT_LENGTH)
        raise JobError(f"“{shown}” is not a date such as 2026-01-31.")
    return read


def cut_windows(dates: DateWindow, days: int) -> tuple[DateWindow, ...]:
    """Return windows of so many days, the last one of the rest.

    Args:
        dates: All days.
        days: Of a window, at least 1.
    """
    starts = range(0, dates.days, days)
    return tuple(
        DateWindow(
            dates.first + timedelta(start),
            dates.first + timedelta(min(start + days, dates.days) - 1),
        )
        for start in starts
    )


def days_within_quota(dates: DateWindow, left: int) -> int:
    """Return the fewest days of a window with which the requests are within the quota.

    Args:
        dates: All days.
        left: Requests; 0 = one has to wait for the quota, which then is a whole one.
    """
    return -(-dates.days // (left or LIMITS[Bucket.EXPORT].calls))


def export_request(
    query: ExportQuery, window: DateWindow, environment: Environment
) -> PreparedRequest:
    """Return the request that exports a window.

    Raises:
        CredentialError: A credential is missing.
        DraftError: The environment lacks an id.
    """
    pairs = [
        Pair("from_date", window.first.isoformat()),
        Pair("to_date", window.last.isoformat()),
    ]
    if query.events:
        pairs.append(Pair("event", json.dumps(query.events, ensure_ascii=False)))
    if query.where:
        pairs.append(Pair("where", query.where))
    if query.limit:
        pairs.append(Pair("limit", str(query.limit)))
    draft = Draft(method=Method.GET, api=Api.EXPORT, url="", query=tuple(pairs))
    return prepare(draft, environment)
