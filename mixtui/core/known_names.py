"""Names that a project knows: events, properties, values, funnels, cohorts.

They are asked for when a person wants them, and carry the date of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mixtui.mixpanel.operations import Names


@dataclass(frozen=True, slots=True)
class NameQuery:
    """A question to the project: which names are there?"""

    kind: Names
    event: str = ""
    """Whose properties; needed for properties and values."""
    property_name: str = ""
    """Whose values; needed for values."""

    @property
    def words(self) -> str:
        """What is looked up: ``event names``."""
        match self.kind:
            case Names.EVENT:
                return "event names"
            case Names.PROPERTY:
                return f"properties of {self.event}" if self.event else "property names"
            case Names.VALUE:
                return (
                    f"values of {self.property_name}"
                    if self.property_name
                    else "values"
                )
            case Names.FUNNEL:
                return "funnels"
            case Names.COHORT:
                return "cohorts"


@dataclass(frozen=True, slots=True)
class KnownName:
    """One of them."""

    value: str
    """What goes into the request."""
    label: str = ""
    """What people call it, where that differs."""


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The answer to a look-up."""

    names: tuple[KnownName, ...]
    asked: datetime
    """When; with its time zone."""


def as_of(asked: datetime, now: datetime) -> str:
    """``as of today 14:02``, ``as of yesterday 9:30``, ``as of 2026-03-14``."""
    there = asked.astimezone(now.tzinfo)
    time = f"{there:%H:%M}"
    if there.date() == now.date():
        return f"as of today {time}"
    if there.date() == now.date() - timedelta(days=1):
        return f"as of yesterday {time}"
    return f"as of {there:%Y-%m-%d}"
