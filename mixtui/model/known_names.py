"""The names that exist in a project, and the queries that look them up."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from mixtui.mixpanel.catalogue import NameKind


class NameQuery(Struct, frozen=True):
    """What to look up in a project: names of one kind."""

    kind: NameKind
    event: str = ""
    """The event whose properties or values are looked up."""
    property_name: str = ""
    """The property whose values are looked up."""

    @property
    def label(self) -> str:
        """What is looked up: ``event names``."""
        match self.kind:
            case NameKind.EVENT:
                return "event names"
            case NameKind.PROPERTY:
                return f"properties of {self.event}" if self.event else "property names"
            case NameKind.VALUE:
                return (
                    f"values of {self.property_name}"
                    if self.property_name
                    else "values"
                )
            case NameKind.FUNNEL:
                return "funnels"
            case NameKind.COHORT:
                return "cohorts"


class KnownName(Struct, frozen=True):
    """A name of an event, property, value, funnel or cohort."""

    value: str
    """The value to put into the request."""
    label: str = ""
    """The display name, if it differs."""


class KnownNames(Struct, frozen=True):
    """The result of a look-up."""

    names: tuple[KnownName, ...]
    requested_at: datetime
    """Timezone-aware."""
