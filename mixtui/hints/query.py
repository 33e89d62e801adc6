"""Hints about the query: names, values, dates, and rules of single operations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from mixtui.hints.context import HintContext, QueryParameter
from mixtui.hints.model import Hint, closest_name
from mixtui.hints.values import check_value, decode_encoded, parse_date
from mixtui.mixpanel.catalogue import Operation, Parameter, ParameterLocation, ValueType
from mixtui.mixpanel.limits import Bucket
from mixtui.model.draft import Draft, Pair
from mixtui.model.errors import Field

_SECRET_NAMES = frozenset(
    ("token", "access_token", "api_secret", "secret", "password", "api_key", "sig")
)
_ACCEPTED_EVERYWHERE = frozenset(("project_id", "workspace_id"))
_UNDOCUMENTED_PARAMETERS = {
    "identity.create-identity": ("verbose",),
    "identity.identity-create-alias": ("verbose",),
}
"""Parameters that official clients send although the reference does not list them."""
_UNDOCUMENTED_VALUES = {("query.segmentation-query", "unit"): ("week",)}
"""Values that official clients send although the reference does not list them."""
_DATES_OR_INTERVAL = ("query.list-recent-events", "query.query-event-properties")
"""Operations that accept an interval instead of dates."""
_DATES = ("from_date", "to_date")


def check_parameters(context: HintContext) -> Iterator[Hint]:
    """Check the names and values of the query."""
    operation = context.operation
    yield from _check_repeated(context)
    if operation is None:
        yield from _check_encoding(context)
        return
    documented_parameters = {
        p.name: p for p in operation.parameters if p.location is ParameterLocation.QUERY
    }
    form_fields = _form_fields(operation)
    misspelt: set[str] = set()
    for parameter in context.query:
        documented = documented_parameters.get(parameter.name)
        if documented is not None:
            yield from _check_parameter(context, operation, documented, parameter)
        elif parameter.name in _SECRET_NAMES:
            yield _misplaced_credential_hint(context, parameter)
        elif (
            parameter.name
            not in (
                *_ACCEPTED_EVERYWHERE,
                *_UNDOCUMENTED_PARAMETERS.get(operation.id, ()),
            )
            and parameter.name not in form_fields
        ):
            closest = closest_name(
                parameter.name, [*documented_parameters, *form_fields]
            )
            misspelt.add(closest)
            yield _unknown_parameter_hint(context, parameter, closest)
    yield from _check_missing(context, operation, misspelt)


def _check_missing(
    context: HintContext, operation: Operation, misspelt: set[str]
) -> Iterator[Hint]:
    names = {parameter.name for parameter in context.query} | misspelt
    for parameter in operation.parameters:
        if parameter.location is not ParameterLocation.QUERY or parameter.generated:
            continue
        name = parameter.name
        if not parameter.required or name in names:
            continue
        if (
            name in _DATES
            and operation.id in _DATES_OR_INTERVAL
            and "interval" in names
        ):
            continue
        yield _missing_hint(context, parameter)


def _missing_hint(context: HintContext, parameter: Parameter) -> Hint:
    name, rows = parameter.name, context.draft.query
    disabled_row = next((i for i, row in enumerate(rows) if row.name == name), None)
    if disabled_row is not None:
        return Hint(
            Field.QUERY,
            f"{name} is switched off, and this operation needs it: switch it on.",
            row=disabled_row,
            suggestion=context.with_row(
                disabled_row, replace(rows[disabled_row], enabled=True)
            ),
        )
    value = parameter.suggested or parameter.default
    added = replace(context.draft, query=(*rows, Pair(name, value))) if value else None
    return Hint(
        Field.QUERY,
        f"{name} is missing, and this operation needs it: add it to the query.",
        suggestion=added,
    )


def _check_parameter(
    context: HintContext,
    operation: Operation,
    documented: Parameter,
    parameter: QueryParameter,
) -> Iterator[Hint]:
    if not parameter.complete:
        return
    if not parameter.value.strip():
        if documented.required or documented.type is not ValueType.STRING:
            yield Hint(
                parameter.field,
                f"{parameter.name} is empty: give it a value, or leave it out.",
                parameter.row,
            )
        return
    undocumented = _UNDOCUMENTED_VALUES.get((operation.id, documented.name), ())
    mistake = (
        None
        if parameter.value in undocumented
        else check_value(documented, parameter.value)
    )
    if mistake is not None:
        correction = mistake.correction
        proposal = correction if mistake.asks else None
        question = f": did you mean {context.excerpt(proposal)}?" if proposal else "."
        yield Hint(
            parameter.field,
            f"{parameter.name} is {context.excerpt(parameter.value)}, but {_with_subject(mistake.problem)}"
            f"{question}",
            parameter.row,
            suggestion=None
            if correction is None
            else context.with_value(parameter, correction),
        )


def _with_subject(predicate: str) -> str:
    return f"it {predicate}" if predicate.startswith("takes") else f"that {predicate}"


def _unknown_parameter_hint(
    context: HintContext, parameter: QueryParameter, closest: str
) -> Hint:
    name = context.excerpt(parameter.name)
    if not closest:
        return Hint(
            parameter.field,
            f"{name} is no documented parameter of this operation: check the name, or "
            "leave it out.",
            parameter.row,
        )
    suggestion = None
    if parameter.row is not None:
        row = replace(context.draft.query[parameter.row], name=closest)
        suggestion = context.with_row(parameter.row, row)
    return Hint(
        parameter.field,
        f"{name} is no parameter of this operation: did you mean {closest}?",
        parameter.row,
        suggestion=suggestion,
    )


def _misplaced_credential_hint(context: HintContext, parameter: QueryParameter) -> Hint:
    """Warn of a credential in the URL, because URLs are logged."""
    return Hint(
        parameter.field,
        f"{parameter.name} has no place in this query: mixtui sends credentials where "
        "they belong; take it out.",
        parameter.row,
        suggestion=None
        if parameter.row is None
        else context.with_row_disabled(parameter.row),
    )


def _check_repeated(context: HintContext) -> Iterator[Hint]:
    first_by_name: dict[str, QueryParameter] = {}
    repeatable = {
        p.name
        for p in (context.operation.parameters if context.operation else ())
        if p.type is ValueType.REPEATED
    }
    for parameter in context.query:
        earlier = first_by_name.setdefault(parameter.name, parameter)
        if earlier is parameter or parameter.name in repeatable:
            continue
        name = context.excerpt(parameter.name)
        if earlier.row is None and parameter.row is not None:
            message = f"{name} stands in the URL and here: keep one of them."
        else:
            message = f"{name} is there twice: keep one, or switch one off."
        yield Hint(parameter.field, message, parameter.row)


def _check_encoding(context: HintContext) -> Iterator[Hint]:
    """Warn of values that are percent-encoded already, for undocumented operations."""
    for parameter in context.query:
        decoded = decode_encoded(ValueType.EXPRESSION, parameter.value)
        if decoded is not None:
            yield Hint(
                parameter.field,
                f"{context.excerpt(parameter.name)} is percent-encoded already, and would be "
                "encoded again: type the plain text.",
                parameter.row,
                suggestion=context.with_value(parameter, decoded),
            )


def _form_fields(operation: Operation) -> frozenset[str]:
    """Return the form fields, which older clients put into the query."""
    if operation.body is None or "form" not in operation.body.types:
        return frozenset()
    return frozenset(field.name for field in operation.body.fields)


_DATE_RANGES = (("from_date", "to_date"), ("fromDate", "toDate"))
_RETENTION_YEARS = 5
"""The maximum; two for projects created since September 2025."""


def check_dates(context: HintContext) -> Iterator[Hint]:
    """Check the dates of a query."""
    if context.operation is None:
        return
    parameters = {parameter.name: parameter for parameter in context.query}
    for first_name, last_name in _DATE_RANGES:
        first, last = parameters.get(first_name), parameters.get(last_name)
        start, end = _date_of(first), _date_of(last)
        if first and last and start and end and start > end:
            yield Hint(
                last.field,
                f"{first_name} ({start}) is after {last_name} ({end}): swap them.",
                last.row,
                suggestion=_swap_values(context, first, last),
            )
        elif context.operation.bucket in (Bucket.QUERY, Bucket.EXPORT):
            yield from _check_future_dates(context, first, last)
            if (
                first
                and start
                and start < _years_before(context.today, _RETENTION_YEARS)
            ):
                yield _too_old_hint(first, start)


def _check_future_dates(
    context: HintContext, first: QueryParameter | None, last: QueryParameter | None
) -> Iterator[Hint]:
    start, end = _date_of(first), _date_of(last)
    if first and start and start > context.today:
        yield Hint(
            first.field,
            f"{first.name} ({start}) is in the future: there is nothing to find yet.",
            first.row,
        )
    elif last and end and end > context.today and _is_export(context):
        yield Hint(
            last.field,
            f"{last.name} ({end}) is after today, which the export refuses: end with "
            "today or before.",
            last.row,
            suggestion=context.with_value(last, "{{today}}"),
        )


def _is_export(context: HintContext) -> bool:
    return context.operation is not None and context.operation.bucket is Bucket.EXPORT


def _too_old_hint(first: QueryParameter, start: date) -> Hint:
    return Hint(
        first.field,
        f"{first.name} ({start}) is more than five years back: Mixpanel keeps events "
        "for two or five years, and may refuse older days.",
        first.row,
        severe=False,
    )


def _swap_values(
    context: HintContext, first: QueryParameter, last: QueryParameter
) -> Draft | None:
    if first.row is None or last.row is None:
        return None
    rows = list(context.draft.query)
    first_row, last_row = rows[first.row], rows[last.row]
    rows[first.row] = replace(first_row, value=last_row.value)
    rows[last.row] = replace(last_row, value=first_row.value)
    return replace(context.draft, query=tuple(rows))


def _date_of(parameter: QueryParameter | None) -> date | None:
    return (
        parse_date(parameter.value)
        if parameter is not None and parameter.complete
        else None
    )


def _years_before(today: date, years: int) -> date:
    # The 28th exists in every month and year.
    return today.replace(year=today.year - years, day=min(today.day, 28))


def check_operation_rules(context: HintContext) -> Iterator[Hint]:
    """Check what single operations require of their parameters."""
    yield from _check_retention(context)
    yield from _check_ip(context)


def _check_retention(context: HintContext) -> Iterator[Hint]:
    if context.operation is None or context.operation.id != "query.retention-query":
        return
    parameters = {parameter.name: parameter for parameter in context.query}
    interval = parameters.get("interval")
    if interval is not None and "unit" in parameters:
        row = interval.row
        yield Hint(
            interval.field,
            "unit and interval are both there, and retention takes one of them: leave "
            "interval out.",
            row,
            suggestion=None if row is None else context.with_row_disabled(row),
        )
    retention_type = parameters.get("retention_type")
    if (
        retention_type is not None
        and retention_type.value == "birth"
        and "born_event" not in parameters
    ):
        yield Hint(
            retention_type.field,
            "born_event is missing, which retention_type=birth needs: add the event "
            "that a person begins with.",
            retention_type.row,
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
    if any(parameter.name == "ip" for parameter in context.query) or any(
        row.name == "ip" for row in context.draft.query
    ):
        return
    rows = (*context.draft.query, Pair("ip", "0"))
    yield Hint(
        Field.QUERY,
        "ip is missing, so the profile's city and country become those of this "
        "machine: add ip=0.",
        suggestion=replace(context.draft, query=rows),
        severe=False,
    )
