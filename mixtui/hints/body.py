"""Hints about the body: its type, size, forms and records."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from mixtui.hints.context import HintContext
from mixtui.hints.model import (
    EXAMINED,
    BodyIndex,
    Findings,
    Hint,
    Record,
    read,
    suggest_name,
)
from mixtui.hints.records import (
    JUDGED,
    check_event,
    check_updates,
    is_merge,
    is_of_events,
    is_of_updates,
    known_keys,
    table,
)
from mixtui.hints.values import day, kind_of, wrong_json, wrong_value
from mixtui.jsontext import JsonPath, check
from mixtui.mixpanel.catalogue import BodyField, BodyPlan, Operation, Shape, ValueType
from mixtui.mixpanel.endpoints import INSERT_ID
from mixtui.model.draft import Body, BodyType, Draft, Method
from mixtui.model.errors import Field
from mixtui.request.forms import FormMistake, is_blank, parse_form
from mixtui.text import pluralise, size

_RECORD_PREFIX = "[]"


@dataclass(frozen=True, slots=True)
class Plan:
    """The fields of a body, grouped by the object that contains them."""

    groups: tuple[tuple[tuple[str, ...], dict[str, BodyField]], ...]
    added: frozenset[str]
    """Fields that the app adds."""
    also: frozenset[str]
    """Keys of a record that are documented elsewhere."""
    judged: frozenset[str] = frozenset()
    """Fields whose values are checked by other rules."""


def plan_of(context: HintContext, operation: Operation, also: frozenset[str]) -> Plan:
    """Return the fields of an operation, prepared for `check_record`."""
    body = operation.body
    fields = body.fields if body is not None else ()
    in_records = body is not None and body.shape is Shape.LIST
    groups: dict[tuple[str, ...], dict[str, BodyField]] = {}
    for field in fields:
        path = field.name.split(".")
        if in_records and path[0] == _RECORD_PREFIX:
            path = path[1:]
        groups.setdefault(tuple(path[:-1]), {})[path[-1]] = field
    added = {
        each.removeprefix("record:")
        for each in operation.adds
        if context.identifies and each.startswith("record:")
    }
    if not context.draft.options.insert_ids:
        added.discard(f"properties.{INSERT_ID}")
    return Plan(tuple(groups.items()), frozenset(added), also)


def check_record(
    context: HintContext, plan: Plan, record: Record, findings: Findings
) -> None:
    """Check one record for missing, misspelt or mistyped members."""
    for parent, fields in plan.groups:
        for path, members in _objects(record.value, parent):
            _check_members(context, plan, record, (path, members), fields, findings)


def _check_members(
    context: HintContext,
    plan: Plan,
    record: Record,
    location: tuple[JsonPath, dict[str, object]],
    fields: dict[str, BodyField],
    findings: Findings,
) -> None:
    path, members = location
    absent = [name for name in fields if name not in members]
    misspelt = set()
    for key in members if absent else ():
        # The properties of an event may have any name.
        meant = suggest_name(key, [n for n in absent if fields[n].required or not path])
        if key in fields or key in plan.also or not meant:
            continue
        misspelt.add(meant)
        findings.add(
            f"near:{_dotted(path, meant)}",
            record,
            (*path, key),
            f"{context.shown(key)} is no documented key: did you mean {meant}?",
            suggestion=_renamed(context, key, meant),
        )
    for name, field in fields.items():
        if name in members:
            dotted = _dotted(path, name)
            text = wrong_json(field, members[name])
            if text and dotted not in plan.judged:
                rule, where = f"wrong:{dotted}:{text}", (*path, name)
                findings.add(rule, record, where, f"{dotted} {text}.")
        elif field.required and name not in misspelt:
            dotted = _dotted(path, name)
            if dotted not in plan.added:
                sentence = f"{dotted} is missing: add it."
                findings.add(f"missing:{dotted}", record, path, sentence)


def _objects(
    value: object, parent: tuple[str, ...]
) -> Iterator[tuple[JsonPath, dict[str, object]]]:
    """Yield the objects at a path pattern, each with its path."""
    places: list[tuple[JsonPath, object]] = [((), value)]
    for step in parent:
        key, is_list = step.removesuffix("[]"), step.endswith("[]")
        inner: list[tuple[JsonPath, object]] = []
        for path, outer in places:
            if not isinstance(outer, dict) or key not in outer:
                continue
            if not is_list:
                inner.append(((*path, key), outer[key]))
            elif isinstance(outer[key], list):
                items = enumerate(outer[key])
                inner += [((*path, key, index), item) for index, item in items]
        places = inner
    for path, located in places:
        if isinstance(located, dict):
            yield path, located


def _dotted(path: JsonPath, name: str) -> str:
    text = ""
    for step in path:
        text += "[]" if isinstance(step, int) else f".{step}" if text else step
    return f"{text}.{name}" if text else name


def _renamed(context: HintContext, key: str, meant: str) -> Draft | None:
    """Return the draft with a key renamed, if the key occurs only once."""
    body = context.draft.body
    if body is None or body.text.count(f'"{key}"') != 1:
        return None
    text = body.text.replace(f'"{key}"', f'"{meant}"')
    return replace(context.draft, body=replace(body, text=text))


_PRIVATE = ("secret", "password", "token", "key", "credential")
_CREATE = "pipelines.create-warehouse-pipeline"
_MONTHS_BACK = 183
"""Days: a pipeline starts at most six months ago."""
_MORE = {"query.query-jql": ("format",), "query.engage-query": ("filter_by_cohort",)}
"""Parameters that official clients send although the reference does not list them."""


def form(context: HintContext, operation: Operation, text: str) -> Iterator[Hint]:
    """Check a form that can be parsed."""
    plan = operation.body
    if plan is None:
        return
    try:
        typed = parse_form(text)
    except FormMistake:
        return  # The body's own check reports the position.
    names = dict(typed)
    fields, chosen = _fields(plan, names)
    known = {field.name: field for field in fields}
    all_names = set(known) | {f.name for v in plan.variants for f in v.fields}
    added = {a.removeprefix("form:") for a in operation.adds if a.startswith("form:")}
    misspelt: set[str] = set()
    if not chosen:
        yield _unknown_variant(context, plan, text, names[plan.chosen_by])
    for name, value in typed:
        field = known.get(name)
        if field is not None:
            yield from _value(context, text, field, value)
        elif name not in all_names and name not in _MORE.get(operation.id, ()):
            absent = [each for each in known if each not in names]
            if meant := suggest_name(name, absent):
                misspelt.add(meant)
                yield Hint(
                    Field.BODY,
                    f"{context.shown(name)} is no documented field: did you mean {meant}?",
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
        yield from _start(context.today, text, names)


def _fields(
    plan: BodyPlan, names: dict[str, str]
) -> tuple[tuple[BodyField, ...], bool]:
    """Return the applicable fields, and whether the selected variant exists."""
    if not plan.variants:
        return plan.fields, True
    chosen = names.get(plan.chosen_by) if plan.chosen_by else None
    for variant in plan.variants:
        if variant.value == chosen:
            return (*plan.fields, *variant.fields), True
    common = set.intersection(*({f.name for f in v.fields} for v in plan.variants))
    shared = [f for f in plan.variants[0].fields if f.name in common]
    return (*plan.fields, *shared), chosen is None


def _unknown_variant(
    context: HintContext, plan: BodyPlan, text: str, value: str
) -> Hint:
    choices = [variant.value for variant in plan.variants]
    meant = suggest_name(value, choices)
    end = f": did you mean {meant}?" if meant else "."
    return Hint(
        Field.BODY,
        f"{plan.chosen_by} is {context.shown(value)}, but it takes one of "
        f"{', '.join(choices)}{end}",
        line=_line(text, plan.chosen_by),
    )


def _value(
    context: HintContext, text: str, field: BodyField, value: str
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
    shown = "" if private else f"{context.shown(value)}, but "
    yield Hint(
        Field.BODY,
        f"{field.name} is {shown}it {wrong.problem}."
        if shown
        else f"{field.name} {wrong.problem}.",
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
    """Return the first line of a field."""
    for number, line in enumerate(text.split("\n"), 1):
        label, equals, _ = line.partition("=")
        if equals and label.strip() == name:
            return number
    return None


_JSON = (BodyType.JSON, BodyType.NDJSON)
_MERGE = "identity.identity-merge"
_ALSO_ACCEPTED = {
    "query.engage-query": (BodyType.JSON,),
    "ingestion.track-event": (BodyType.FORM,),
}
"""Types that official clients send although the reference lists another."""


def body(context: HintContext, folder: Path | None = None) -> Iterator[Hint]:
    """Check the body; reads at most `EXAMINED` of its records."""
    typed, operation = context.draft.body, context.operation
    if typed is None or is_blank(typed):
        yield from _absent(operation)
        return
    if not context.draft.sends_body:
        yield from _unsent(context)
        return
    if typed.type is BodyType.FILE:
        yield from _file(typed, operation, folder)
        return
    filled = context.filled
    if filled is None:
        return
    yield from _other_lines(context, filled)
    if operation is None or operation.body is None:
        return
    plan = operation.body
    if typed.type not in plan.types and not _also_accepted(operation, typed.type):
        yield _wrong_type(context, operation, plan, typed)
        return
    yield from _length(plan, filled.text)
    if typed.type is BodyType.FORM:
        yield from form(context, operation, filled.text)
    elif typed.type is BodyType.CSV:
        yield from table(filled.text)
    elif typed.type in _JSON:
        body_index = read(filled.text, typed.type)
        if body_index is not None:
            yield from _json(context, operation, plan, body_index)


def _absent(operation: Operation | None) -> Iterator[Hint]:
    plan = operation.body if operation is not None else None
    if operation is None or plan is None:
        return
    if plan.mandatory or any(field.required for field in plan.fields):
        yield Hint(
            Field.BODY,
            f"«{operation.title}» takes a body of the type {plan.types[0]}, and there "
            "is none.",
        )


def _unsent(context: HintContext) -> Iterator[Hint]:
    if context.draft.method is not Method.DELETE or _is_example(context):
        return
    options = replace(context.draft.options, delete_body=True)
    yield Hint(
        Field.BODY,
        "This body is not sent: a DELETE sends one only when its options say so.",
        suggestion=replace(context.draft, options=options),
    )


def _is_example(context: HintContext) -> bool:
    """Return whether the body is the catalogue's example, not chosen yet."""
    plan = context.operation.body if context.operation is not None else None
    body = context.draft.body
    return plan is not None and body is not None and body.text == plan.example


def _file(
    typed: Body, operation: Operation | None, folder: Path | None
) -> Iterator[Hint]:
    """Check only the length of a file: it may be huge."""
    most = operation.body.most_bytes if operation and operation.body else 0
    if folder is None or not most:
        return
    try:
        length = os.stat(folder / os.path.expanduser(typed.path)).st_size
    except (OSError, ValueError):
        return  # Sending reports the reason.
    if length > most:
        yield _too_long(length, most)


def _also_accepted(operation: Operation, kind: BodyType) -> bool:
    # Plain text has whatever type its Content-Type header declares.
    return kind is BodyType.TEXT or kind in _ALSO_ACCEPTED.get(operation.id, ())


def _wrong_type(
    context: HintContext, operation: Operation, plan: BodyPlan, typed: Body
) -> Hint:
    takes = " or ".join(plan.types)
    return Hint(
        Field.BODY,
        f"«{operation.title}» takes a body of the type {takes}, and this is "
        f"{typed.type}.",
        suggestion=_retyped(context, BodyType(plan.types[0]))
        if typed.type not in _JSON and plan.types[0] not in _JSON
        else None,
    )


def _other_lines(context: HintContext, typed: Body) -> Iterator[Hint]:
    """Warn of a list where lines are expected, and of lines where a list is
    expected.
    """
    takes = (
        context.operation.body.types
        if context.operation and context.operation.body
        else ()
    )
    if typed.type is BodyType.JSON and "\n" in typed.text.strip():
        if check(typed.text) is None or read(typed.text, BodyType.NDJSON) is None:
            return
        fits = not takes or BodyType.NDJSON in takes
        yield Hint(
            Field.BODY,
            "These are JSON lines, and the type says json: "
            + ("choose ndjson." if fits else "write one list of all records."),
            suggestion=_retyped(context, BodyType.NDJSON) if fits else None,
        )
    elif typed.type is BodyType.NDJSON and typed.text.lstrip()[:1] in ("[", "{"):
        lines = read(typed.text, BodyType.NDJSON)
        if lines is not None and not any(
            isinstance(record.value, list) for record in lines.records
        ):
            return
        if check(typed.text) is None:
            yield Hint(
                Field.BODY,
                "This is one JSON document, and the type says ndjson: choose json.",
                suggestion=_retyped(context, BodyType.JSON),
            )


def _retyped(context: HintContext, kind: BodyType) -> Draft:
    assert context.draft.body is not None
    return replace(context.draft, body=replace(context.draft.body, type=kind))


def _length(plan: BodyPlan, text: str) -> Iterator[Hint]:
    if not plan.most_bytes or len(text) * 4 <= plan.most_bytes:
        return
    length = len(text.encode(errors="surrogatepass"))
    if length > plan.most_bytes:
        yield _too_long(length, plan.most_bytes)


def _too_long(length: int, most: int) -> Hint:
    return Hint(
        Field.BODY,
        f"The body has {size(length)}, and Mixpanel takes {size(most)} at once: send "
        "it in parts.",
    )


def _json(
    context: HintContext, operation: Operation, plan: BodyPlan, body_index: BodyIndex
) -> Iterator[Hint]:
    if plan.shape is Shape.LIST:
        yield from _records(context, operation, plan, body_index)
    elif plan.shape is Shape.OBJECT:
        yield from _object(context, operation, plan, body_index)


def _records(
    context: HintContext, operation: Operation, plan: BodyPlan, read: BodyIndex
) -> Iterator[Hint]:
    if plan.most_records and read.total > plan.most_records:
        yield Hint(
            Field.BODY,
            f"There are {read.total:,} records, and Mixpanel takes "
            f"{plan.most_records:,} at once: send them in parts"
            + (
                f" (the first {EXAMINED:,} were checked)."
                if read.total > EXAMINED
                else "."
            ),
        )
    findings = Findings(read)
    settled: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    if is_of_updates(operation):
        settled = check_updates(context, operation, read.records, findings)
        also = known_keys(operation)
    fields = plan_of(context, operation, also)
    judged = JUDGED if is_of_events(operation) else frozenset()
    fields = replace(fields, added=fields.added | settled, judged=judged)
    merges = sum(map(is_merge, read.records))
    for record in read.records:
        if not isinstance(record.value, dict):
            kind = kind_of(record.value)
            findings.add("kind", record, (), f"it is {kind}, and must be an object.")
            continue
        _record(context, operation, fields, record, findings)
    if 0 < merges < len(read.records):
        first = next(r for r in read.records if is_merge(r) is (merges == 1))
        findings.add(
            "mixed",
            first,
            ("event",),
            "$merge and other events are in one batch: send merges by themselves.",
        )
    yield from findings.hints()


def _record(
    context: HintContext,
    operation: Operation,
    plan: Plan,
    record: Record,
    findings: Findings,
) -> None:
    merges = operation.id == _MERGE
    if is_of_events(operation):
        check_event(context, operation, record, findings)
        if merges is not is_merge(record):
            return  # Of a different kind than the operation: it has other fields.
    check_record(context, plan, record, findings)


def _object(
    context: HintContext, operation: Operation, plan: BodyPlan, read: BodyIndex
) -> Iterator[Hint]:
    if read.is_list or not isinstance(read.records[0].value, dict):
        yield Hint(
            Field.BODY, f"«{operation.title}» takes one JSON object as its body."
        )
        return
    record = read.records[0]
    ids = record.value.get("distinct_ids") if isinstance(record.value, dict) else None
    if plan.most_records and isinstance(ids, list) and len(ids) > plan.most_records:
        yield Hint(
            Field.BODY,
            f"There are {pluralise(len(ids), 'id')}, and Mixpanel takes "
            f"{plan.most_records:,} at once: send them in parts.",
            line=read.line(record, ("distinct_ids",)),
        )
    findings = Findings(read)
    check_record(context, plan_of(context, operation, frozenset()), record, findings)
    yield from findings.hints()
