"""Hints about form bodies: names, values and variants of their fields."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from mixtui import jsonbytes
from mixtui.hints.context import HintContext
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
from mixtui.hints.records import anonymous_id_problem
from mixtui.hints.values import parse_date
from mixtui.mixpanel.catalogue import BodyField, BodyPlan, Operation, Parameter
from mixtui.model.errors import Field
from mixtui.request.record_data import DATA, read_data

_CREATE_IDENTITY = "identity.create-identity"
_CREATE_PIPELINE = "pipelines.create-warehouse-pipeline"
_MAX_PIPELINE_DAYS = 183
"""A pipeline starts at most six months ago."""
_UNDOCUMENTED_FIELDS = {
    "query.query-jql": ("format",),
    "query.engage-query": ("filter_by_cohort",),
}
"""Fields that official clients send although the reference does not list them."""


def check_form(context: HintContext, operation: Operation) -> Iterator[Hint]:
    """Check the fields of a form; one that does not parse has no hints."""
    typed = context.form
    values = {parameter.name: parameter.value for parameter in typed}
    plan = operation.body if operation.body and "form" in operation.body.types else None
    fields: tuple[BodyField, ...] = ()
    of_variants: set[str] = set()
    if plan is not None:
        fields, variant_exists = _applicable_fields(plan, values)
        of_variants = {f.name for v in plan.variants for f in v.fields}
        if not variant_exists:
            yield _unknown_variant_hint(context, plan)
    documented: dict[str, Parameter | BodyField] = {**query_parameters(operation)}
    documented |= {field.name: field for field in fields}
    accepted = {
        *of_variants,
        *((DATA, *CLIENT_PARAMETERS) if operation.takes_data else ()),
        *_UNDOCUMENTED_FIELDS.get(operation.id, ()),
    }
    misspelt: set[str] = set()
    for parameter in typed:
        described = documented.get(parameter.name)
        if parameter.name == DATA and _is_base64(parameter.value):
            continue  # Its type is that of what it encodes.
        if described is not None:
            yield from check_documented(context, operation, described, parameter)
        elif parameter.name not in accepted:
            absent = {n: each for n, each in documented.items() if n not in values}
            hint, closest = unknown_hint(context, parameter, absent)
            misspelt.add(closest)
            yield hint
    everything = (*context.query, *typed)
    in_query = {parameter.name for parameter in context.query}
    yield from _only_of_form(check_repeated(context, everything, documented))
    generated = {
        a.removeprefix("form:") for a in operation.adds if a.startswith("form:")
    }
    grouped = grouped_names(operation)
    present = {*values, *in_query, *misspelt, *generated, *grouped}
    for field in fields:
        if field.required and field.name not in present:
            yield Hint(
                Field.BODY,
                f"The field {field.name} is missing, and “{operation.title}” requires "
                f"it: add a line {field.name}=…",
            )
    yield from check_dates(context, operation, everything)
    yield from check_rules(context, operation, everything)
    if operation.id == _CREATE_IDENTITY:
        yield from _check_anonymous_id(context)
    if operation.id == _CREATE_PIPELINE:
        yield from _check_pipeline_start(context)


def _is_base64(value: str) -> bool:
    data = read_data(value)
    return data is not None and data.is_base64


def _only_of_form(hints: Iterator[Hint]) -> Iterator[Hint]:
    """Leave out what is about the query, which is checked with the query."""
    return (hint for hint in hints if hint.field is Field.BODY)


def _applicable_fields(
    plan: BodyPlan, values: dict[str, str]
) -> tuple[tuple[BodyField, ...], bool]:
    """Return the applicable fields, and whether the selected variant exists."""
    if not plan.variants:
        return plan.fields, True
    chosen = values.get(plan.chosen_by) if plan.chosen_by else None
    for variant in plan.variants:
        if variant.value == chosen:
            return (*plan.fields, *variant.fields), True
    common_names = set.intersection(
        *({f.name for f in v.fields} for v in plan.variants)
    )
    common_fields = [f for f in plan.variants[0].fields if f.name in common_names]
    return (*plan.fields, *common_fields), chosen is None


def _unknown_variant_hint(context: HintContext, plan: BodyPlan) -> Hint:
    chosen = next(each for each in context.form if each.name == plan.chosen_by)
    choices = [variant.value for variant in plan.variants]
    closest = closest_name(chosen.value, choices)
    question = f": did you mean {closest}?" if closest else "."
    return Hint(
        Field.BODY,
        f"{plan.chosen_by} is {context.excerpt(chosen.value)}, but must be one of "
        f"{', '.join(choices)}{question}",
        line=chosen.line,
        suggestion=context.with_value(chosen, closest) if closest else None,
    )


def _check_anonymous_id(context: HintContext) -> Iterator[Hint]:
    """Check the id that Mixpanel links only if it is a UUID v4.

    https://developer.mixpanel.com/reference/create-identity
    """
    field = next((each for each in context.form if each.name == DATA), None)
    data = read_data(field.value) if field is not None else None
    if field is None or data is None:
        return
    event = jsonbytes.decode(data.text.encode("utf-8", "replace"))
    properties = event.get("properties") if isinstance(event, dict) else None
    if isinstance(properties, dict):
        problem = anonymous_id_problem(context, properties)
        if problem:
            yield Hint(Field.BODY, problem, line=field.line)


def _check_pipeline_start(context: HintContext) -> Iterator[Hint]:
    for field in context.form:
        start = parse_date(field.value) if field.name == "from_date" else None
        if start and start < context.today - timedelta(days=_MAX_PIPELINE_DAYS):
            yield Hint(
                Field.BODY,
                f"from_date ({start}) is more than six months ago, the earliest a "
                "pipeline can start.",
                line=field.line,
            )
