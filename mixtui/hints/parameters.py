"""Rules that hold for parameters wherever they stand: in the URL, in rows, in a form.

Mixpanel reads all of them as one set of parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain

from mixtui.hints.context import HintContext, TypedParameter
from mixtui.hints.model import Hint, closest_name
from mixtui.hints.values import check_value, parse_date
from mixtui.mixpanel.catalogue import (
    BodyField,
    Needs,
    NotBoth,
    OneOf,
    Operation,
    Parameter,
    ParameterLocation,
    ValueType,
)
from mixtui.mixpanel.limits import Bucket
from mixtui.model.draft import Draft
from mixtui.model.errors import Field
from mixtui.request.secret_names import is_secret_name

Documented = Mapping[str, Parameter | BodyField]

CLIENT_PARAMETERS = ("ip", "verbose", "img", "callback", "redirect")
"""Names that official clients send with records to each path, though not all are listed."""

_UNDOCUMENTED_VALUES = {("query.segmentation-query", "unit"): ("week",)}
"""Values that official clients send although the reference does not list them."""


def query_parameters(operation: Operation) -> dict[str, Parameter]:
    """Return the documented parameters of the query, by name."""
    return {
        p.name: p for p in operation.parameters if p.location is ParameterLocation.QUERY
    }


def grouped_names(operation: Operation) -> frozenset[str]:
    """Return the names of which some are required: `check_rules` misses them."""
    groups = chain.from_iterable(
        r.groups for r in operation.rules if isinstance(r, OneOf)
    )
    return frozenset(map(_name_of, chain.from_iterable(groups)))


def check_documented(
    context: HintContext,
    operation: Operation,
    documented: Parameter | BodyField,
    parameter: TypedParameter,
) -> Iterator[Hint]:
    """Check the value of a documented parameter."""
    name, value = parameter.name, parameter.value
    if not parameter.complete:
        return
    if not value.strip():
        if documented.required or documented.type is not ValueType.STRING:
            message = f"{name} is empty: set a value or remove it."
            yield _hint(parameter, message)
        return
    if value in _UNDOCUMENTED_VALUES.get((operation.id, name), ()):
        return
    mistake = check_value(documented, value)
    if mistake is None:
        return
    if is_secret_name(name):
        yield _hint(parameter, f"{name} {mistake.problem}.")
        return
    correction = mistake.correction
    proposal = correction if mistake.asks else None
    question = f": did you mean {context.excerpt(proposal)}?" if proposal else "."
    subject = "it" if mistake.problem.startswith("must") else "that"
    yield _hint(
        parameter,
        f"{name} is {context.excerpt(value)}, but {subject} {mistake.problem}{question}",
        suggestion=context.with_value(parameter, correction) if correction else None,
    )


def unknown_hint(
    context: HintContext, parameter: TypedParameter, documented: Documented
) -> tuple[Hint, str]:
    """Return the hint about a name that is not documented, and the name that was meant.

    The name is empty if none is similar.
    """
    name = context.excerpt(parameter.name)
    closest = closest_name(parameter.name, documented)
    noun = "parameter" if parameter.line is None else "field"
    if not closest:
        message = (
            f"{name} is not a documented {noun} of this operation: check the name or "
            "remove it."
        )
        return _hint(parameter, message), ""
    return (
        _hint(
            parameter,
            f"{name} is not a {noun} of this operation: did you mean {closest}?",
            suggestion=context.with_name(parameter, closest),
        ),
        closest,
    )


def check_repeated(
    context: HintContext, parameters: tuple[TypedParameter, ...], documented: Documented
) -> Iterator[Hint]:
    """Check that a name stands only once, unless it may be repeated."""
    first_by_name: dict[str, TypedParameter] = {}
    for parameter in parameters:
        earlier = first_by_name.setdefault(parameter.name, parameter)
        described = documented.get(parameter.name)
        is_repeatable = described is not None and described.type is ValueType.REPEATED
        if earlier is parameter or is_repeatable:
            continue
        name = context.excerpt(parameter.name)
        if earlier.field is Field.URL and parameter.field is not Field.URL:
            message = f"{name} is in the URL and here: keep one of them."
        elif parameter.field is Field.BODY and earlier.field is Field.QUERY:
            message = f"{name} is in the query and here: keep one of them."
        elif parameter.field is Field.BODY:
            message = f"{name} is a duplicate: keep one."
        else:
            message = f"{name} is a duplicate: keep one, or disable one."
        yield _hint(parameter, message)


def check_rules(
    context: HintContext, operation: Operation, parameters: tuple[TypedParameter, ...]
) -> Iterator[Hint]:
    """Check what the catalogue says of parameters that depend on each other."""
    by_name = {parameter.name: parameter for parameter in parameters}

    def holds(condition: str, *, unknown: bool = True) -> bool:
        """Return whether a name, or a name with a value, is there."""
        name, mark, value = condition.partition("=")
        parameter = by_name.get(name)
        if parameter is None or not mark:
            return parameter is not None
        return parameter.value == value if parameter.complete else unknown

    for rule in operation.rules:
        match rule:
            case OneOf(groups) if not any(all(map(holds, g)) for g in groups):
                yield _one_of_hint(context, operation, groups, by_name)
            case NotBoth(kept, dropped) if holds(kept, unknown=False) and holds(
                dropped
            ):
                parameter = by_name[_name_of(dropped)]
                yield _hint(
                    parameter,
                    f"{kept} and {dropped} are mutually exclusive: remove {dropped}.",
                    suggestion=context.without(parameter),
                )
            case Needs(name, needed, harmless) if holds(name, unknown=False):
                parameter = by_name[_name_of(name)]
                is_due = parameter.complete and parameter.value not in ("", harmless)
                if is_due and not holds(needed):
                    yield _hint(
                        parameter,
                        f"{needed} is missing, and {name} requires it: add it, or "
                        f"remove {_name_of(name)}.",
                    )


def _name_of(condition: str) -> str:
    return condition.partition("=")[0]


def _one_of_hint(
    context: HintContext,
    operation: Operation,
    groups: tuple[tuple[str, ...], ...],
    by_name: Mapping[str, TypedParameter],
) -> Hint:
    """Return what is missing: of the group that was begun, else of the first."""
    begun = next((g for g in groups if by_name.keys() & set(g)), groups[0])
    missing = next(name for name in begun if name not in by_name)
    others = [" with ".join(group) for group in groups if group is not begun]
    documented = query_parameters(operation).get(missing)
    value = (documented.suggested or documented.default) if documented else ""
    place = "query" if documented else "form"
    return Hint(
        Field.QUERY if documented else Field.BODY,
        f"{missing} is missing, and this operation requires it or "
        f"{' or '.join(others)}: add it to the {place}.",
        suggestion=context.with_added(missing, value) if value else None,
    )


_DATE_RANGES = (("from_date", "to_date"), ("fromDate", "toDate"))
_RETENTION_YEARS = 5
"""The maximum; two for projects created since September 2025."""


def check_dates(
    context: HintContext, operation: Operation, parameters: tuple[TypedParameter, ...]
) -> Iterator[Hint]:
    """Check the range of dates."""
    by_name = {parameter.name: parameter for parameter in parameters}
    for first_name, last_name in _DATE_RANGES:
        first, last = by_name.get(first_name), by_name.get(last_name)
        start, end = _date_of(first), _date_of(last)
        if first and last and start and end and start > end:
            yield _hint(
                last,
                f"{first_name} ({start}) is after {last_name} ({end}): swap them.",
                suggestion=_swap_values(context, first, last),
            )
        elif operation.bucket in (Bucket.QUERY, Bucket.EXPORT):
            yield from _check_future_dates(context, operation, first, last)
            oldest = _years_before(context.today, _RETENTION_YEARS)
            if first and start and start < oldest:
                yield _hint(
                    first,
                    f"{first.name} ({start}) is more than five years ago: Mixpanel "
                    "keeps events for two or five years, and may reject older dates.",
                    severe=False,
                )


def _check_future_dates(
    context: HintContext,
    operation: Operation,
    first: TypedParameter | None,
    last: TypedParameter | None,
) -> Iterator[Hint]:
    start, end = _date_of(first), _date_of(last)
    is_export = operation.bucket is Bucket.EXPORT
    if first and start and start > context.today:
        yield _hint(
            first,
            f"{first.name} ({start}) is in the future: use an earlier date.",
        )
    elif last and end and end > context.today and is_export:
        yield _hint(
            last,
            f"{last.name} ({end}) is after today, which the export rejects: use today "
            "or an earlier date.",
            suggestion=context.with_typed_value(last, "{{today}}"),
        )


def _swap_values(
    context: HintContext, first: TypedParameter, last: TypedParameter
) -> Draft | None:
    start, end = context.typed_value(first), context.typed_value(last)
    swapped = context.with_typed_value(first, end)
    return swapped and context.on(swapped).with_typed_value(last, start)


def _date_of(parameter: TypedParameter | None) -> date | None:
    is_known = parameter is not None and parameter.complete
    return parse_date(parameter.value) if parameter and is_known else None


def _years_before(today: date, years: int) -> date:
    # The 28th exists in every month and year.
    return today.replace(year=today.year - years, day=min(today.day, 28))


def _hint(
    parameter: TypedParameter,
    message: str,
    *,
    suggestion: Draft | None = None,
    severe: bool = True,
) -> Hint:
    return Hint(
        parameter.field, message, parameter.row, parameter.line, suggestion, severe
    )
