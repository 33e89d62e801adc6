"""The filter of the history: parsed from what is typed, or made of the options of a command."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from msgspec import Struct
from msgspec.structs import replace

from mixtui.history.record import Identity
from mixtui.model.errors import MixtuiError
from mixtui.patterns import compile_late
from mixtui.spelling import closest_name

QUERY_SYNTAX = "words  status:4xx  after:today-7d  request:name  env:prod"
NO_RESPONSE = (0, 0)
"""The status of a request without a response."""
FILTER_NAMES = (
    *("status", "after", "since", "before", "until", "on"),
    *("method", "request", "env", "environment"),
)
"""Some are the names of options of ``mixtui history list``."""
_TERM = compile_late(r'(?:(\w+):)?(?:"([^"]*)"?|(\S+))')
_STATUS = compile_late(r"([1-5])(?:xx|(\d\d))", re.IGNORECASE)
_TODAY = compile_late(r"today(?:-(\d{1,4})([dw]))?")


class InvalidQuery(MixtuiError):
    """Raised for an invalid filter; its text is a sentence."""


class HistoryQuery(Struct, frozen=True):
    """A filter of entries: those that match every field that is set."""

    terms: tuple[str, ...] = ()
    """Each occurs in the name or the URL, in whatever case."""
    status: tuple[int, int] | None = None
    """The lowest and the highest; `NO_RESPONSE` = requests without a response."""
    since: datetime | None = None
    """From this moment on; aware of its time zone."""
    until: datetime | None = None
    """Before this moment; aware of its time zone."""
    method: str = ""
    request: str = ""
    """A part of the name or of the path of the saved request."""
    environment: str = ""
    """Its complete name."""
    identity: Identity | None = None
    """Only this request."""


def parse_query(text: str, now: datetime | None = None) -> HistoryQuery:
    """Parse a filter as it is typed: terms, and ``name:value`` for the rest.

    Args:
        text: Such as ``sign-ups status:4xx after:2026-01-31``.
        now: The moment that “today” refers to; None = now.

    Raises:
        InvalidQuery: A value is invalid, or a name misspelt.
    """
    query, terms = HistoryQuery(), []
    for match in _TERM.finditer(text):
        name, quoted, plain = match.groups()
        value = plain if quoted is None else quoted
        match (name or "").lower():
            case "status":
                query = replace(query, status=parse_status(value))
            case "after" | "since":
                query = replace(query, since=parse_day(value, now))
            case "before":
                query = replace(query, until=parse_day(value, now))
            case "until":
                query = replace(query, until=day_after(parse_day(value, now)))
            case "on":
                day = parse_day(value, now)
                query = replace(query, since=day, until=day_after(day))
            case "method":
                query = replace(query, method=value.upper())
            case "request":
                query = replace(query, request=value)
            case "env" | "environment":
                query = replace(query, environment=value)
            case _:
                if name and (meant := closest_name(name, FILTER_NAMES)):
                    raise InvalidQuery(
                        f"“{name}:” is not a filter. Did you mean {meant}:? To search "
                        f"for the text, quote it."
                    )
                terms.append(f"{name}:{value}" if name else value)
    return replace(query, terms=tuple(filter(None, terms)))


def parse_status(text: str) -> tuple[int, int]:
    """Parse ``404``, ``4xx``, or ``none`` for requests without a response.

    Raises:
        InvalidQuery: It is none of these.
    """
    if text.lower() == "none":
        return NO_RESPONSE
    match = _STATUS.fullmatch(text)
    if match is None:
        raise InvalidQuery(
            "The status must be a number such as 404, a class such as 4xx, or none."
        )
    family, rest = match.groups()
    if rest is None:
        return int(family) * 100, int(family) * 100 + 99
    return int(family + rest), int(family + rest)


def parse_day(text: str, now: datetime | None = None) -> datetime:
    """Return the start of a local day: ``2026-01-31``, ``today``, ``today-7d``, ``today-2w``.

    Raises:
        InvalidQuery: It is not a day.
    """
    today = (now or datetime.now()).date()
    try:
        if match := _TODAY.fullmatch(text.lower()):
            days = int(match[1] or 0) * (7 if match[2] == "w" else 1)
            return _start_of_day(today - timedelta(days=days))
        return _start_of_day(date.fromisoformat(text))
    except (ValueError, OverflowError):
        raise InvalidQuery(
            "The day must be a date such as 2026-01-31, today, or today-7d."
        ) from None


def day_after(start: datetime) -> datetime:
    """Return the start of the next local day."""
    return _start_of_day(start.date() + timedelta(days=1))


def _start_of_day(day: date) -> datetime:
    # `astimezone` takes a datetime without a zone for local time.
    return datetime.combine(day, time.min).astimezone()
