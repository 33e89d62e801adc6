"""Dates of a query: parsed, moved by day, week and month, formatted.

A day is fixed (``2026-01-31``) or relative to today (``{{today-7d}}``); either can be
converted into the other. Nothing is clamped silently: a day that a month does not have
is reported, and remembered for the next month.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from mixtui.patterns import compile_late
from mixtui.request.templates import days_from_today, sole_reference
from mixtui.text import pluralise

_FIXED = compile_late(r"\d{4}-\d{2}-\d{2}")
_FARTHEST = 99_999
"""Days from today that a template can express."""


class DateStep(StrEnum):
    """The step of a key."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class OutOfRange(Exception):
    """There is no such day, or no notation for it. The message is a sentence."""


class Day(Struct, frozen=True):
    """A day and its notation."""

    day: date
    is_relative: bool = False
    """Whether it is written relative to today."""
    preferred: int = 0
    """The day of the month to return to when moving by months; 0 = its own."""

    def text(self, today: date) -> str:
        """Return the text for a query."""
        if not self.is_relative:
            return self.day.isoformat()
        days = (self.day - today).days
        if not days:
            return "{{today}}"
        return f"{{{{today{'+' if days > 0 else '-'}{abs(days)}d}}}}"

    @property
    def weekday(self) -> str:
        """Return the day of the week, in English."""
        return _WEEKDAYS[self.day.weekday()]

    @property
    def shortened_note(self) -> str:
        """Return a note if the preferred day of the month does not exist in this month."""
        if not self.preferred or self.preferred == self.day.day:
            return ""
        return f"{self.day:%B %Y} has no day {self.preferred}: using its last day"


def read_day(text: str, today: date) -> Day | None:
    """Return the day that a value denotes, or None if it is not a single day."""
    text = text.strip()
    if _FIXED.fullmatch(text):
        try:
            return Day(date.fromisoformat(text))
        except ValueError:
            return None
    name = sole_reference(text)
    if name == "month_start":
        return Day(today.replace(day=1), is_relative=True)
    days = days_from_today(name)
    if days is None or abs(days) > _FARTHEST:
        return None
    try:
        return Day(today + timedelta(days), is_relative=True)
    except OverflowError:
        return None


def shift(day: Day, by: int, step: DateStep, today: date) -> Day:
    """Move a day by days, weeks or months; backwards if ``by`` is negative.

    Raises:
        OutOfRange: There is no such day.
    """
    try:
        if step is DateStep.MONTH:
            after = _months_later(day, by)
        else:
            days = timedelta(by * (7 if step is DateStep.WEEK else 1))
            after = Day(day.day + days, day.is_relative)
    except (ValueError, OverflowError):
        raise OutOfRange("Dates must be between year 1 and year 9999.") from None
    _check_distance(after, today)
    return after


def toggle_relative(day: Day, today: date) -> Day:
    """Convert a fixed day into a relative one, and the reverse.

    Raises:
        OutOfRange: It is too far from today.
    """
    after = replace(day, is_relative=not day.is_relative)
    _check_distance(after, today)
    return after


def _check_distance(day: Day, today: date) -> None:
    if day.is_relative and abs((day.day - today).days) > _FARTHEST:
        raise OutOfRange(
            f"Templates are limited to {_FARTHEST:,} days from today: use a date."
        )


def _months_later(day: Day, by: int) -> Day:
    preferred = day.preferred or day.day.day
    months = day.day.year * 12 + day.day.month - 1 + by
    year, month = months // 12, months % 12 + 1
    if not date.min.year <= year <= date.max.year:
        raise OverflowError
    last = monthrange(year, month)[1]
    return Day(date(year, month, min(preferred, last)), day.is_relative, preferred)


class End(StrEnum):
    """One of the two days of a window."""

    FROM = "from"
    TO = "to"

    @property
    def opposite(self) -> End:
        """Return the opposite end."""
        return End.TO if self is End.FROM else End.FROM


class Window(Struct, frozen=True):
    """A range of days, both inclusive."""

    start: Day
    end: Day

    def day(self, end: End) -> Day:
        """Return the day at an end."""
        return self.start if end is End.FROM else self.end

    def with_day(self, end: End, day: Day) -> Window:
        """Return the window with another day at an end."""
        return Window(day, self.end) if end is End.FROM else Window(self.start, day)

    @property
    def days(self) -> int:
        """Return the number of days; below 1 if it starts after its end."""
        return (self.end.day - self.start.day).days + 1

    @property
    def is_valid(self) -> bool:
        """Return whether it does not end before it starts."""
        return self.days >= 1

    @property
    def problem(self) -> str:
        """Its length: ``7 days, both inclusive``."""
        if self.is_valid:
            return f"{pluralise(self.days, 'day')}, both inclusive"
        return f"the start is {pluralise(1 - self.days, 'day')} after the end"


def move_window(window: Window, by: int, step: DateStep, today: date) -> Window:
    """Move both days. By months, the length may change because months differ in length.

    Raises:
        OutOfRange: One of the days would not exist.
    """
    return Window(
        shift(window.start, by, step, today), shift(window.end, by, step, today)
    )


def drag_other_end(window: Window, end: End, days: int, today: date) -> Window:
    """Move the opposite day so that the window has a length in days.

    Raises:
        OutOfRange: That day would not exist.
    """
    offset = max(days, 1) - 1
    by = offset if end is End.FROM else -offset
    opposite = replace(
        window.day(end), is_relative=window.day(end.opposite).is_relative, preferred=0
    )
    return window.with_day(end.opposite, shift(opposite, by, DateStep.DAY, today))


_PARTNERS = {
    "from_date": "to_date",
    "fromDate": "toDate",
    "from": "to",
    "start_date": "end_date",
    "startDate": "endDate",
}


def other_end(name: str) -> tuple[End, str] | None:
    """Return the end that a parameter sets and the parameter of the other end; None =
    neither.
    """
    if name in _PARTNERS:
        return End.FROM, _PARTNERS[name]
    other = next((start for start, end in _PARTNERS.items() if end == name), None)
    return None if other is None else (End.TO, other)


_WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
