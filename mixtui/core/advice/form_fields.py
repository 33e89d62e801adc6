"""A form against the fields that its operation documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from mixtui.core.advice.call import HintContext
from mixtui.core.advice.model import Hint
from mixtui.core.advice.near import suggest_name
from mixtui.core.advice.values import day, wrong_value
from mixtui.core.errors import Field
from mixtui.core.forms import FormMistake, parse_form
from mixtui.mixpanel.operations import BodyField, BodyPlan, Operation, ValueType

_PRIVATE = ("secret", "password", "token", "key", "credential")
_CREATE = "pipelines.create-warehouse-pipeline"
_MONTHS_BACK = 183
"""Days: a pipeline starts at most six months back."""
_MORE = {"query.query-jql": ("format",), "query.engage-query": ("filter_by_cohort",)}
"""What official clients send, though the reference does not list it."""


def form(call: HintContext, operation: Operation, text: str) -> Iterator[Hint]:
    """What is wrong with a form that is whole."""
    plan = operation.body
    if plan is None:
        return
    try:
        typed = parse_form(text)
    except FormMistake:
        return  # The body's own check says where.
    names = dict(typed)
    fields, chosen = _fields(plan, names)
    known = {field.name: field for field in fields}
    every = set(known) | {f.name for v in plan.variants for f in v.fields}
    added = {a.removeprefix("form:") for a in operation.adds if a.startswith("form:")}
    misspelt: set[str] = set()
    if not chosen:
        yield _unknown_variant(call, plan, text, names[plan.chosen_by])
    for name, value in typed:
        field = known.get(name)
        if field is not None:
            yield from _value(call, text, field, value)
        elif name not in every and name not in _MORE.get(operation.id, ()):
            absent = [each for each in known if each not in names]
            if meant := suggest_name(name, absent):
                misspelt.add(meant)
                yield Hint(
                    Field.BODY,
                    f"{call.shown(name)} is no documented field: did you mean {meant}?",
                    line=_line(text, name),
                )
    yield from _twice(text, typed, known)
    for field in fields:
        absent_now = field.name not in names and field.name not in misspelt
        if field.required and absent_now and field.name not in added:
            yield Hint(
                Field.BODY,
                f"The field {field.name} is missing, and «{operation.title}» needs "
                f"it: add a line {field.name}=…",
            )
    if operation.id == _CREATE:
        yield from _start(call.today, text, names)


def _fields(
    plan: BodyPlan, names: dict[str, str]
) -> tuple[tuple[BodyField, ...], bool]:
    """The fields that hold, and whether the variant that was chosen exists."""
    if not plan.variants:
        return plan.fields, True
    chosen = names.get(plan.chosen_by) if plan.chosen_by else None
    for variant in plan.variants:
        if variant.value == chosen:
            return (*plan.fields, *variant.fields), True
    common = set.intersection(*({f.name for f in v.fields} for v in plan.variants))
    shared = [f for f in plan.variants[0].fields if f.name in common]
    return (*plan.fields, *shared), chosen is None


def _unknown_variant(call: HintContext, plan: BodyPlan, text: str, value: str) -> Hint:
    choices = [variant.value for variant in plan.variants]
    meant = suggest_name(value, choices)
    end = f": did you mean {meant}?" if meant else "."
    return Hint(
        Field.BODY,
        f"{plan.chosen_by} is {call.shown(value)}, but it takes one of "
        f"{', '.join(choices)}{end}",
        line=_line(text, plan.chosen_by),
    )


def _value(
    call: HintContext, text: str, field: BodyField, value: str
) -> Iterator[Hint]:
    if not value.strip():
        if field.required:
            yield Hint(
                Field.BODY,
                f"{field.name} is empty: give it a value.",
                line=_line(text, field.name),
            )
        return
    wrong = wrong_value(field, value)
    if wrong is None:
        return
    private = any(part in field.name for part in _PRIVATE)
    shown = "" if private else f"{call.shown(value)}, but "
    yield Hint(
        Field.BODY,
        f"{field.name} is {shown}it {wrong.words}."
        if shown
        else f"{field.name} {wrong.words}.",
        line=_line(text, field.name),
    )


def _twice(
    text: str, typed: tuple[tuple[str, str], ...], known: dict[str, BodyField]
) -> Iterator[Hint]:
    seen: set[str] = set()
    for name, _ in typed:
        repeated = name in known and known[name].type is ValueType.REPEATED
        if name in seen and name in known and not repeated:
            yield Hint(
                Field.BODY,
                f"The field {name} is there twice: keep one.",
                line=_line(text, name),
            )
        seen.add(name)


def _start(today: date, text: str, names: dict[str, str]) -> Iterator[Hint]:
    start = day(names.get("from_date", ""))
    end = day(names.get("to_date", ""))
    if start and end and start > end:
        yield Hint(
            Field.BODY,
            f"from_date ({start}) is after to_date ({end}): swap them.",
            line=_line(text, "to_date"),
        )
    if start and start < today - timedelta(days=_MONTHS_BACK):
        yield Hint(
            Field.BODY,
            f"from_date ({start}) is more than six months back, which is as far as a "
            "pipeline goes.",
            line=_line(text, "from_date"),
        )


def _line(text: str, name: str) -> int | None:
    """The first line of a field."""
    for number, line in enumerate(text.split("\n"), 1):
        found, equals, _ = line.partition("=")
        if equals and found.strip() == name:
            return number
    return None
