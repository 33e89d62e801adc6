"""A draft of an operation of the catalogue, ready to be sent or nearly so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixtui.mixpanel.catalogue import Operation, Parameter, Place
from mixtui.model.draft import Body, BodyType, Draft, Method, Options, Pair
from mixtui.model.errors import DraftError
from mixtui.request.templates import Values, fill_placeholders
from mixtui.request.urls import encode_component

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.model.draft import Draft
    from mixtui.model.environment import Environment


def draft_from_operation(operation: Operation) -> Draft:
    """The operation as a draft.

    Required parameters come first and are on, also those that are required as long as
    nothing is changed, and those for which something better than the server's default
    is known (``ip=0``); the others are there and off. What the app adds is left out.
    Placeholders of the path that the environment does not fill stay: they are the
    person's to replace.
    """
    rows = [p for p in operation.parameters if p.place is Place.QUERY and not p.given]
    required = [row for row in rows if row.required or row.required_when]
    better = [row for row in rows if row.suggested and row not in required]
    optional = [row for row in rows if row not in (*required, *better)]
    method = Method(operation.method)
    body = operation.body
    return Draft(
        name=operation.title,
        method=method,
        api=operation.api,
        url=operation.url,
        query=(
            *(Pair(row.name, _value(row)) for row in (*required, *better)),
            *(Pair(row.name, _value(row), enabled=False) for row in optional),
        ),
        body=Body(BodyType(body.types[0]), body.example) if body else None,
        options=Options(delete_body=body is not None and body.mandatory)
        if method is Method.DELETE
        else Options(),
    )


def _value(parameter: Parameter) -> str:
    """The value to begin with."""
    if parameter.example or parameter.suggested:
        return parameter.example or parameter.suggested
    if parameter.default:
        return parameter.default
    return parameter.allowed[0] if parameter.allowed else ""


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
