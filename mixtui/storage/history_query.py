"""What to look for in the history, and how people write it on one line."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from mixtui.core.errors import MixtuiError
from mixtui.core.record import Identity

HINT = "words  status:4xx  after:today-7d  request:name  env:prod"
NO_ANSWER = (0, 0)
"""The status of what got no answer."""
_TERM = re.compile(r'(?:(\w+):)?(?:"([^"]*)"?|(\S+))')
_STATUS = re.compile(r"([1-5])(?:xx|(\d\d))", re.IGNORECASE)
_TODAY = re.compile(r"today(?:-(\d{1,4})([dw]))?")


class WrongFilter(MixtuiError):
    """A filter that cannot be; its text is a sentence."""


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Exchanges that have all of this; nothing given = every one."""

    words: tuple[str, ...] = ()
    """Each is somewhere in the name or the URL, whatever its case."""
    status: tuple[int, int] | None = None
    """The first and the last; `NO_ANSWER` = there was none."""
    since: datetime | None = None
    """The first moment, with its time zone."""
    until: datetime | None = None
    """The moment after the last, with its time zone."""
    method: str = ""
    request: str = ""
    """A part of the name or of the path of the saved request."""
    environment: str = ""
    """Its name, whole."""
    identity: Identity | None = None
    """The same request alone."""


def parse_query(text: str, now: datetime | None = None) -> HistoryQuery:
    """A filter as it is typed: words, and ``name:value`` for the rest.

    Args:
        text: Such as ``sign-ups status:4xx after:2026-01-31``.
        now: What "today" means; None = the clock of this machine.

    Raises:
        WrongFilter: A value means nothing.
    """
    query, words = HistoryQuery(), []
    for found in _TERM.finditer(text):
        name, quoted, plain = found.groups()
        value = plain if quoted is None else quoted
        match (name or "").lower():
            case "status":
                query = replace(query, status=parse_status(value))
            case "after":
                query = replace(query, since=parse_day(value, now))
            case "before":
                query = replace(query, until=parse_day(value, now))
            case "on":
                day = parse_day(value, now)
                query = replace(query, since=day, until=day_after(day))
            case "method":
                query = replace(query, method=value.upper())
            case "request":
                query = replace(query, request=value)
            case "env":
                query = replace(query, environment=value)
            case _:
                words.append(f"{name}:{value}" if name else value)
    return replace(query, words=tuple(filter(None, words)))


def parse_status(text: str) -> tuple[int, int]:
    """``404``, ``4xx``, or ``none`` for what got no answer.

    Raises:
        WrongFilter: It is none of these.
    """
    if text.lower() == "none":
        return NO_ANSWER
    found = _STATUS.fullmatch(text)
    if found is None:
        raise WrongFilter(
            "A status is a number such as 404, a class such as 4xx, or none: "
            "write one of these."
        )
    family, rest = found.groups()
    if rest is None:
        return int(family) * 100, int(family) * 100 + 99
    return int(family + rest), int(family + rest)


def parse_day(text: str, now: datetime | None = None) -> datetime:
    """The start of a day here: ``2026-01-31``, ``today``, ``today-7d``, ``today-2w``.

    Raises:
        WrongFilter: It is no day.
    """
    today = (now or datetime.now()).date()
    try:
        if found := _TODAY.fullmatch(text.lower()):
            days = int(found[1] or 0) * (7 if found[2] == "w" else 1)
            return _start(today - timedelta(days=days))
        return _start(date.fromisoformat(text))
    except (ValueError, OverflowError):
        raise WrongFilter(
            "A day is a date such as 2026-01-31, today, or today-7d: "
            "write one of these."
        ) from None


def day_after(start: datetime) -> datetime:
    """The start of the next day here."""
    return _start(start.date() + timedelta(days=1))


def _start(day: date) -> datetime:
    # Without a zone until now: `astimezone` takes it for this machine's.
    return datetime.combine(day, time.min).astimezone()
