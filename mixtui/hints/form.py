"""Hints about form bodies: names, values and variants of their fields."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from mixtui import jsonbytes
from mixtui.hints.context import HintContext
from mixtui.hints.model import Hint, closest_name
from mixtui.hints.values import check_value, parse_date
from mixtui.mixpanel.catalogue import BodyField, BodyPlan, Operation, ValueType
from mixtui.mixpanel.limits import is_uuid4
from mixtui.model.errors import Field
from mixtui.request.forms import FormMistake, parse_form
from mixtui.request.secret_values import is_secret_name

_CREATE_IDENTITY = "identity.create-identity"
_CREATE_PIPELINE = "pipelines.create-warehouse-pipeline"


_MAX_PIPELINE_DAYS = 183
"""A pipeline starts at most six months ago."""


_UNDOCUMENTED_FIELDS = {
    "query.query-jql": ("format",),
    "query.engage-query": ("filter_by_cohort",),
}
"""Fields that official clients send although the reference does not list them."""


def check_form(context: HintContext, operation: Operation, text: str) -> Iterator[Hint]:
    """Check the fields of a form; one that does not parse has no hints."""
    plan = operation.body
    if plan is None:
        return
    try:
        form_fields = parse_form(text)
    except FormMistake:
        return  # The check of the body reports the position.
    values = dict(form_fields)
    documented_fields, variant_exists = _applicable_fields(plan, values)
    documented = {field.name: field for field in documented_fields}
    all_documented_names = set(documented) | {
        f.name for v in plan.variants for f in v.fields
    }
    generated = {
        a.removeprefix("form:") for a in operation.adds if a.startswith("form:")
    }
    misspelt: set[str] = set()
    if not variant_exists:
        yield _unknown_variant_hint(context, plan, text, values[plan.chosen_by])
    for name, value in form_fields:
        field = documented.get(name)
        if field is not None:
            yield from _check_field(context, text, field, value)
        elif name not in all_documented_names and name not in _UNDOCUMENTED_FIELDS.get(
            operation.id, ()
        ):
            absent = [each for each in documented if each not in values]
            if closest := closest_name(name, absent):
                misspelt.add(closest)
                yield Hint(
                    Field.BODY,
                    f"{context.excerpt(name)} is no documented field: did you mean {closest}?",
                    line=_line_of_field(text, name),
                )
    yield from _check_repeated(text, form_fields, documented)
    for field in documented_fields:
        is_absent = field.name not in values and field.name not in misspelt
        if field.required and is_absent and field.name not in generated:
            yield Hint(
                Field.BODY,
                f"The field {field.name} is missing, and «{operation.title}» needs "
                f"it: add a line {field.name}=…",
            )
    if operation.id == _CREATE_IDENTITY:
        yield from _check_anonymous_id(context, text, values)
    if operation.id == _CREATE_PIPELINE:
        yield from _check_pipeline_dates(context.today, text, values)


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


def _unknown_variant_hint(
    context: HintContext, plan: BodyPlan, text: str, value: str
) -> Hint:
    choices = [variant.value for variant in plan.variants]
    closest = closest_name(value, choices)
    question = f": did you mean {closest}?" if closest else "."
    return Hint(
        Field.BODY,
        f"{plan.chosen_by} is {context.excerpt(value)}, but it takes one of "
        f"{', '.join(choices)}{question}",
        line=_line_of_field(text, plan.chosen_by),
    )


def _check_field(
    context: HintContext, text: str, field: BodyField, value: str
) -> Iterator[Hint]:
    if not value.strip():
        if field.required:
            yield Hint(
                Field.BODY,
                f"{field.name} is empty: give it a value.",
                line=_line_of_field(text, field.name),
            )
        return
    mistake = check_value(field, value)
    if mistake is None:
        return
    is_secret = is_secret_name(field.name)
    shown_value = "" if is_secret else f"{context.excerpt(value)}, but "
    yield Hint(
        Field.BODY,
        f"{field.name} is {shown_value}it {mistake.problem}."
        if shown_value
        else f"{field.name} {mistake.problem}.",
        line=_line_of_field(text, field.name),
    )


def _check_repeated(
    text: str,
    form_fields: tuple[tuple[str, str], ...],
    documented: dict[str, BodyField],
) -> Iterator[Hint]:
    seen: set[str] = set()
    for name, _ in form_fields:
        is_repeatable = (
            name in documented and documented[name].type is ValueType.REPEATED
        )
        if name in seen and name in documented and not is_repeatable:
            yield Hint(
                Field.BODY,
                f"The field {name} is there twice: keep one.",
                line=_line_of_field(text, name),
            )
        seen.add(name)


def _check_anonymous_id(
    context: HintContext, text: str, values: dict[str, str]
) -> Iterator[Hint]:
    """Check the id that Mixpanel links only if it is a UUID v4.

    https://developer.mixpanel.com/reference/create-identity
    """
    try:
        event = jsonbytes.decode(values.get("data", "").encode("utf-8", "replace"))
    except jsonbytes.NotJson:
        return
    properties = event.get("properties") if isinstance(event, dict) else None
    if not isinstance(properties, dict) or "$anon_id" not in properties:
        return
    anonymous_id = properties["$anon_id"]
    if not isinstance(anonymous_id, str) or not is_uuid4(anonymous_id):
        shown_value = context.excerpt(str(anonymous_id))
        yield Hint(
            Field.BODY,
            f"$anon_id is {shown_value}, but it must be a UUID v4: Mixpanel links no "
            "other.",
            line=_line_of_field(text, "data"),
        )


def _check_pipeline_dates(
    today: date, text: str, values: dict[str, str]
) -> Iterator[Hint]:
    start = parse_date(values.get("from_date", ""))
    end = parse_date(values.get("to_date", ""))
    if start and end and start > end:
        yield Hint(
            Field.BODY,
            f"from_date ({start}) is after to_date ({end}): swap them.",
            line=_line_of_field(text, "to_date"),
        )
    if start and start < today - timedelta(days=_MAX_PIPELINE_DAYS):
        yield Hint(
            Field.BODY,
            f"from_date ({start}) is more than six months back, which is as far as a "
            "pipeline goes.",
            line=_line_of_field(text, "from_date"),
        )


def _line_of_field(text: str, name: str) -> int | None:
    """Return the first line that sets a field, from 1; None = no line does."""
    for number, line in enumerate(text.split("\n"), 1):
        label, equals, _ = line.partition("=")
        if equals and label.strip() == name:
            return number
    return None
