"""Create a draft from an operation of the catalogue, and find what it still lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from mixtui.mixpanel.operation import ParameterLocation
from mixtui.model.draft import Body, BodyType, Draft, Method, Options, Pair
from mixtui.request.path_parameters import unfilled_parameters
from mixtui.request.templates import Values

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.model.environment import Environment


def draft_from_operation(operation: Operation) -> Draft:
    """Create a draft of an operation.

    Its path parameters are rows without a value: the id of an example belongs to
    another project. The environment fills its own ids.
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
        path=tuple(
            Pair(each.name, each.suggested or each.default or "".join(each.allowed[:1]))
            for each in operation.parameters
            if each.location is ParameterLocation.PATH and not each.generated
        ),
        query=query,
        body=Body(BodyType(body.types[0]), body.example) if body else None,
        options=Options(delete_body=body is not None and body.mandatory)
        if method is Method.DELETE
        else Options(),
    )


class MissingPathValue(Struct, frozen=True):
    """A path parameter that the environment has no value for."""

    name: str


class MissingRow(Struct, frozen=True):
    """A required query row without a value, or with the id of an example."""

    index: int


def find_first_missing(
    draft: Draft, operation: Operation, environment: Environment
) -> MissingPathValue | MissingRow | None:
    """Return the first value that must be filled in; None if the draft can be sent."""
    for name in unfilled_parameters(draft, Values(environment)):
        return MissingPathValue(name)
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
