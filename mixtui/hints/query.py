"""Hints about the query: names, values, dates, and rules of single operations."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from mixtui.hints.context import HintContext, TypedParameter
from mixtui.hints.model import Hint, closest_name
from mixtui.hints.parameters import (
    CLIENT_PARAMETERS,
    check_dates,
    check_documented,
    check_repeated,
    check_rules,
    grouped_names,
    query_parameters,
    unknown_hint,
)
from mixtui.hints.values import decode_encoded
from mixtui.mixpanel.catalogue import (
    BodyField,
    Operation,
    Parameter,
    ParameterLocation,
    ValueType,
)
from mixtui.model.draft import Pair
from mixtui.model.errors import Field
from mixtui.request.forms import form_fields
from mixtui.request.record_data import DATA

_SECRET_NAMES = frozenset(
    ("token", "access_token", "api_secret", "secret", "password", "api_key", "sig")
)
_ACCEPTED_EVERYWHERE = frozenset(("project_id", "workspace_id"))
_UNDOCUMENTED_PARAMETERS = {
    "identity.create-identity": ("verbose",),
    "identity.identity-create-alias": ("verbose",),
}
"""Parameters that official clients send although the reference does not list them."""

_STRICT = "strict"
"""Chooses between answers to a JSON body: official clients send ``data`` without it."""
_REQUIRED_ONLY_ON_PAPER = {("query.query-events-top-properties", "event")}
"""Parameters that official clients leave out although the reference requires them."""


def check_parameters(context: HintContext) -> Iterator[Hint]:
    """Check the names and values of the query."""
    operation = context.operation
    if operation is None:
        yield from check_repeated(context, context.query, {})
        yield from _check_encoding(context)
        return
    documented = query_parameters(operation)
    yield from check_repeated(context, context.query, documented)
    in_forms = _documented_form_fields(operation)
    accepted = {
        *in_forms,
        *((DATA, *CLIENT_PARAMETERS) if operation.takes_data else ()),
        *_ACCEPTED_EVERYWHERE,
        *_UNDOCUMENTED_PARAMETERS.get(operation.id, ()),
    }
    misspelt: set[str] = set()
    for parameter in context.query:
        described = documented.get(parameter.name)
        if described is not None:
            yield from check_documented(context, operation, described, parameter)
        elif parameter.name in _SECRET_NAMES:
            yield _misplaced_credential_hint(context, parameter)
        elif parameter.name not in accepted:
            hint, closest = unknown_hint(context, parameter, documented | in_forms)
            misspelt.add(closest)
            yield hint
    yield from _check_missing(context, operation, misspelt)
    if not context.checks_body_as_query:  # Else both are checked together.
        yield from check_dates(context, operation, context.query)
        yield from check_rules(context, operation, context.query)
    yield from _check_ip(context)


def _documented_form_fields(operation: Operation) -> dict[str, Parameter | BodyField]:
    """Return the fields of its form, which may stand in the query as well."""
    if operation.body is None or "form" not in operation.body.types:
        return {}
    return {field.name: field for field in operation.body.fields}


def _check_missing(
    context: HintContext, operation: Operation, misspelt: set[str]
) -> Iterator[Hint]:
    names = {parameter.name for parameter in context.query} | misspelt
    if context.sends_form and context.draft.body is not None:
        for name, _ in form_fields(context.draft.body):
            # A misspelt name is told with the form.
            names |= {name, closest_name(name, query_parameters(operation))}
    if operation.takes_data and DATA in names:
        names.add(_STRICT)
    names |= grouped_names(operation)
    names |= {name for op, name in _REQUIRED_ONLY_ON_PAPER if op == operation.id}
    for parameter in query_parameters(operation).values():
        is_due = parameter.required and not parameter.generated
        if is_due and parameter.name not in names:
            yield _missing_hint(context, parameter)


def _missing_hint(context: HintContext, parameter: Parameter) -> Hint:
    name, rows = parameter.name, context.draft.query
    disabled_row = next((i for i, row in enumerate(rows) if row.name == name), None)
    if disabled_row is not None:
        return Hint(
            Field.QUERY,
            f"{name} is disabled, but this operation requires it: enable it.",
            row=disabled_row,
            suggestion=context.with_row(
                disabled_row, replace(rows[disabled_row], enabled=True)
            ),
        )
    value = parameter.suggested or parameter.default
    return Hint(
        Field.QUERY,
        f"{name} is missing, and this operation requires it: add it to the query.",
        suggestion=context.with_added(name, value) if value else None,
    )


def _misplaced_credential_hint(context: HintContext, parameter: TypedParameter) -> Hint:
    """Warn of a credential in the URL, because URLs are logged."""
    return Hint(
        parameter.field,
        f"{parameter.name} does not belong in this query: remove it. mixtui adds "
        "credentials where they belong.",
        parameter.row,
        suggestion=context.without(parameter),
    )


def _check_encoding(context: HintContext) -> Iterator[Hint]:
    """Warn of values that are percent-encoded already, for undocumented operations."""
    for parameter in context.query:
        decoded = decode_encoded(ValueType.EXPRESSION, parameter.value)
        if decoded is not None:
            yield Hint(
                parameter.field,
                f"{context.excerpt(parameter.name)} is already percent-encoded and "
                "would be encoded twice: enter plain text.",
                parameter.row,
                suggestion=context.with_value(parameter, decoded),
            )


def _check_ip(context: HintContext) -> Iterator[Hint]:
    """Warn that the profile will be located at this machine, which sends the request."""
    operation = context.operation
    documented = (
        operation.parameter("ip", ParameterLocation.QUERY) if operation else None
    )
    if documented is None or documented.suggested != "0":
        return
    # A disabled row is a choice of the user.
    names = {parameter.name for parameter in context.query}
    names |= {row.name for row in context.draft.query}
    if context.sends_form and context.draft.body is not None:
        names |= {name for name, _ in form_fields(context.draft.body)}
    if "ip" not in names:
        yield Hint(
            Field.QUERY,
            "ip is missing, so Mixpanel sets the profile's city and country to those "
            "of this machine: add ip=0.",
            suggestion=replace(
                context.draft, query=(*context.draft.query, Pair("ip", "0"))
            ),
            severe=False,
        )
