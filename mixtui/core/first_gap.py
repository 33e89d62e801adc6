"""The first thing in a draft that only the person can fill in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixtui.core.errors import DraftError
from mixtui.core.templates import Values, fill_placeholders
from mixtui.core.urls import encode_component

if TYPE_CHECKING:
    from mixtui.core.environments import Environment
    from mixtui.core.requests import Draft
    from mixtui.mixpanel.operations import Operation

_PLACEHOLDER = re.compile(r"\{[A-Za-z][\w -]*\}")


@dataclass(frozen=True, slots=True)
class MissingUrlPart:
    """A placeholder in the URL that the environment has no value for."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MissingRow:
    """A required row of the query without a value, or with the id of an example."""

    index: int


def first_missing(
    draft: Draft, operation: Operation, environment: Environment
) -> MissingUrlPart | MissingRow | None:
    """What must be filled in first; None = it can be sent as it is."""
    values = Values(environment)
    for found in _PLACEHOLDER.finditer(draft.url):
        try:
            fill_placeholders(found.group(), values, encode_component)
        except DraftError:
            return MissingUrlPart(found.start(), found.end())
    required = {each.name: each for each in operation.parameters if each.required}
    for index, pair in enumerate(draft.query):
        parameter = required.get(pair.name)
        if parameter is None or not pair.enabled:
            continue
        # An id belongs to one project: that of an example is nobody's.
        made_up = pair.name.endswith("_id") and pair.value == parameter.example
        if not pair.value or made_up:
            return MissingRow(index)
    return None
