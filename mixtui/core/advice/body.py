"""The body: of the right type, sent at all, not too much at once, and its records."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mixtui.core.advice import events, profiles
from mixtui.core.advice.body_fields import Plan, check_record, plan_of
from mixtui.core.advice.call import HintContext
from mixtui.core.advice.findings import Findings
from mixtui.core.advice.form_fields import form
from mixtui.core.advice.json_values import kind_of
from mixtui.core.advice.model import Hint
from mixtui.core.advice.reading import EXAMINED, BodyIndex, Record, read
from mixtui.core.advice.tables import table
from mixtui.core.errors import Field
from mixtui.core.filling import is_blank
from mixtui.core.json_text import check
from mixtui.core.requests import Body, BodyType, Draft, Method
from mixtui.core.words import pluralise, size
from mixtui.mixpanel.operations import BodyPlan, Operation, Shape

_JSON = (BodyType.JSON, BodyType.NDJSON)
_MERGE = "identity.identity-merge"
_TAKEN_TOO = {
    "query.engage-query": (BodyType.JSON,),
    "ingestion.track-event": (BodyType.FORM,),
}
"""Types that official clients send, though the reference lists another."""


def body(call: HintContext, folder: Path | None = None) -> Iterator[Hint]:
    """Everything about the body; reads at most `EXAMINED` of its records."""
    typed, operation = call.draft.body, call.operation
    if typed is None or is_blank(typed):
        yield from _absent(operation)
        return
    if not call.draft.sends_body:
        yield from _unsent(call)
        return
    if typed.type is BodyType.FILE:
        yield from _file(typed, operation, folder)
        return
    filled = call.filled
    if filled is None:
        return
    yield from _other_lines(call, filled)
    if operation is None or operation.body is None:
        return
    plan = operation.body
    if typed.type not in plan.types and not _also_taken(operation, typed.type):
        yield _wrong_type(call, operation, plan, typed)
        return
    yield from _length(plan, filled.text)
    if typed.type is BodyType.FORM:
        yield from form(call, operation, filled.text)
    elif typed.type is BodyType.CSV:
        yield from table(filled.text)
    elif typed.type in _JSON:
        found = read(filled.text, typed.type)
        if found is not None:
            yield from _json(call, operation, plan, found)


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


def _unsent(call: HintContext) -> Iterator[Hint]:
    if call.draft.method is not Method.DELETE or _is_example(call):
        return
    options = replace(call.draft.options, delete_body=True)
    yield Hint(
        Field.BODY,
        "This body is not sent: a DELETE sends one only when its options say so.",
        suggestion=replace(call.draft, options=options),
    )


def _is_example(call: HintContext) -> bool:
    """Whether the body is the one that the catalogue offers, not yet chosen."""
    plan = call.operation.body if call.operation is not None else None
    body = call.draft.body
    return plan is not None and body is not None and body.text == plan.example


def _file(
    typed: Body, operation: Operation | None, folder: Path | None
) -> Iterator[Hint]:
    """Its length is all that is looked at: a file may be huge."""
    most = operation.body.most_bytes if operation and operation.body else 0
    if folder is None or not most:
        return
    try:
        length = os.stat(folder / os.path.expanduser(typed.path)).st_size
    except (OSError, ValueError):
        return  # Sending says why.
    if length > most:
        yield _too_long(length, most)


def _also_taken(operation: Operation, kind: BodyType) -> bool:
    # Plain text is whatever its Content-Type header says.
    return kind is BodyType.TEXT or kind in _TAKEN_TOO.get(operation.id, ())


def _wrong_type(
    call: HintContext, operation: Operation, plan: BodyPlan, typed: Body
) -> Hint:
    takes = " or ".join(plan.types)
    return Hint(
        Field.BODY,
        f"«{operation.title}» takes a body of the type {takes}, and this is "
        f"{typed.type}.",
        suggestion=_retyped(call, BodyType(plan.types[0]))
        if typed.type not in _JSON and plan.types[0] not in _JSON
        else None,
    )


def _other_lines(call: HintContext, typed: Body) -> Iterator[Hint]:
    """A list is not lines, and lines are not a list."""
    takes = call.operation.body.types if call.operation and call.operation.body else ()
    if typed.type is BodyType.JSON and "\n" in typed.text.strip():
        if check(typed.text) is None or read(typed.text, BodyType.NDJSON) is None:
            return
        fits = not takes or BodyType.NDJSON in takes
        yield Hint(
            Field.BODY,
            "These are JSON lines, and the type says json: "
            + ("choose ndjson." if fits else "write one list of all records."),
            suggestion=_retyped(call, BodyType.NDJSON) if fits else None,
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
                suggestion=_retyped(call, BodyType.JSON),
            )


def _retyped(call: HintContext, kind: BodyType) -> Draft:
    assert call.draft.body is not None
    return replace(call.draft, body=replace(call.draft.body, type=kind))


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
    call: HintContext, operation: Operation, plan: BodyPlan, found: BodyIndex
) -> Iterator[Hint]:
    if plan.shape is Shape.LIST:
        yield from _records(call, operation, plan, found)
    elif plan.shape is Shape.OBJECT:
        yield from _object(call, operation, plan, found)


def _records(
    call: HintContext, operation: Operation, plan: BodyPlan, read: BodyIndex
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
    if profiles.is_of_updates(operation):
        settled = profiles.check_updates(call, operation, read.records, findings)
        also = profiles.known_keys(operation)
    fields = plan_of(call, operation, also)
    judged = events.JUDGED if events.is_of_events(operation) else frozenset()
    fields = replace(fields, added=fields.added | settled, judged=judged)
    merges = sum(map(events.is_merge, read.records))
    for record in read.records:
        if not isinstance(record.value, dict):
            kind = kind_of(record.value)
            findings.add("kind", record, (), f"it is {kind}, and must be an object.")
            continue
        _record(call, operation, fields, record, findings)
    if 0 < merges < len(read.records):
        first = next(r for r in read.records if events.is_merge(r) is (merges == 1))
        findings.add(
            "mixed",
            first,
            ("event",),
            "$merge and other events are in one batch: send merges by themselves.",
        )
    yield from findings.advice()


def _record(
    call: HintContext, operation: Operation, plan: Plan, record: Record, found: Findings
) -> None:
    merges = operation.id == _MERGE
    if events.is_of_events(operation):
        events.check_event(call, operation, record, found)
        if merges is not events.is_merge(record):
            return  # Of another kind than the operation: it has other fields.
    check_record(call, plan, record, found)


def _object(
    call: HintContext, operation: Operation, plan: BodyPlan, read: BodyIndex
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
    check_record(call, plan_of(call, operation, frozenset()), record, findings)
    yield from findings.advice()
