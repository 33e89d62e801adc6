"""A draft of an operation of the catalogue, ready to be sent or nearly so."""

from __future__ import annotations

from mixtui.core.requests import Body, BodyType, Draft, Method, Options, Pair
from mixtui.mixpanel.operations import Operation, Parameter, Place


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
