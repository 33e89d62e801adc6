"""Create a draft from an operation of the catalogue, and find what it still lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixtui.model.draft import Body, BodyType, Draft, Method, Options, Pair
from mixtui.model.errors import DraftError
from mixtui.request.templates import PLACEHOLDER, Values, fill_placeholders
from mixtui.request.urls import encode_component

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.model.environment import Environment


def draft_from_operation(operation: Operation) -> Draft:
    """Create a draft of an operation.

    Path placeholders that the environment cannot fill stay, for the user to replace.
    """
    method = Method(operation.method)
    body = operation.body
    query = tuple(
        Pair(parameter.name, parameter.initial_value, enabled)
        for parameter, enabled in operation.initial_query()
    )
    if operation.family == "identity" and operation.url.startswith("/track#"):
        # Its page does not list what the official clients send to /track.
        query = (*query, Pair("verbose", "1"))
    return Draft(
        name=operation.title,
        method=method,
        api=operation.api,
        url=operation.url,
        query=query,
        body=Body(BodyType(body.types[0]), body.example) if body else None,
        options=Options(delete_body=body is not None and body.mandatory)
        if method is Method.DELETE
        else Options(),
    )


@dataclass(frozen=True, slots=True)
class MissingUrlPart:
    """A placeholder in the URL that the environment has no value for."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MissingRow:
    """A required query row without a value, or with the id of an example."""

    index: int


def find_first_missing(
    draft: Draft, operation: Operation, environment: Environment
) -> MissingUrlPart | MissingRow | None:
    """Return the first value that must be filled in; None if the draft can be sent."""
    values = Values(environment)
    for match in PLACEHOLDER.finditer(draft.url):
        try:
            fill_placeholders(match[0], values, encode_component)
        except DraftError:
            return MissingUrlPart(match.start(), match.end())
    required = {each.name: each for each in operation.parameters if each.required}
    for index, pair in enumerate(draft.query):
        parameter = required.get(pair.name)
        if parameter is None or not pair.enabled:
            continue
        # An id belongs to one project, so that of an example is never valid.
        is_example_id = pair.name.endswith("_id") and pair.value == parameter.example
        if not pair.value or is_example_id:
            return MissingRow(index)
    return None
