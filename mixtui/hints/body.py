"""Hints about the body: its presence, type and size, then about what it contains."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from mixtui.hints.context import HintContext, TypedParameter
from mixtui.hints.form import check_form
from mixtui.hints.lookup_table import check_lookup_table
from mixtui.hints.model import (
    MAX_CHECKED_RECORDS,
    Findings,
    Hint,
    ParsedBody,
    Record,
    parse_body,
)
from mixtui.hints.parameters import check_dates, check_rules
from mixtui.hints.record_fields import RecordFields, check_record, group_fields
from mixtui.hints.records import (
    CHECKED_FIELDS,
    TRACK_OPERATION,
    allowed_keys,
    check_event,
    check_event_token,
    check_updates,
    is_merge,
    takes_events,
    takes_updates,
)
from mixtui.hints.values import type_noun
from mixtui.jsontext import check
from mixtui.mixpanel.catalogue import BodyPlan, Operation, Shape
from mixtui.model.draft import Body, BodyType, Draft, Method
from mixtui.model.errors import Field
from mixtui.request.forms import is_blank
from mixtui.request.record_data import DATA, read_data
from mixtui.text import pluralise, size

_JSON_TYPES = (BodyType.JSON, BodyType.NDJSON)
_MERGE_OPERATION = "identity.identity-merge"
_TOKEN_FIELDS = frozenset(("$token", "properties.token"))
_UNDOCUMENTED_TYPES = {
    "query.engage-query": (BodyType.JSON,),
}
"""Types that official clients send although the reference lists another."""


def check_body(context: HintContext, folder: Path | None = None) -> Iterator[Hint]:
    """Check the body; reads at most `MAX_CHECKED_RECORDS` of its records."""
    draft_body, operation = context.draft.body, context.operation
    if draft_body is None or is_blank(draft_body):
        if _data_of_query(context) is None:
            yield from _check_absent_body(operation)
        return
    if not context.draft.sends_body:
        yield from _check_unsent_body(context)
        return
    if draft_body.type is BodyType.FILE:
        yield from _check_file_size(draft_body, operation, folder)
        return
    expanded = context.expanded_body
    if expanded is None:
        return
    yield from _check_json_or_lines(context, expanded)
    if operation is None:
        return
    if draft_body.type is BodyType.FORM and operation.accepts_form:
        yield from check_form(context, operation)
        yield from _check_data(context, operation)
        return
    documented = operation.body
    if documented is None:
        return
    if draft_body.type not in documented.types and not _accepts_undocumented(
        operation, draft_body.type
    ):
        yield _wrong_type_hint(context, operation, documented, draft_body)
        return
    yield from _check_size(documented, expanded.text)
    if draft_body.type is BodyType.CSV:
        yield from check_lookup_table(expanded.text)
    elif draft_body.type in _JSON_TYPES:
        parsed = parse_body(expanded.text, draft_body.type)
        if parsed is not None:
            yield from _check_json(context, operation, documented, parsed)


def _check_data(context: HintContext, operation: Operation) -> Iterator[Hint]:
    """Check the records in ``data`` as those of a body."""
    field = next((each for each in context.form if each.name == DATA), None)
    if field is not None and operation.takes_data:
        yield from _check_data_value(context, operation, field)


def check_query_data(context: HintContext) -> Iterator[Hint]:
    """Check the records in ``data`` of the query as those of a body."""
    parameter = _data_of_query(context)
    if parameter is not None and context.operation is not None and parameter.complete:
        yield from _check_data_value(context, context.operation, parameter)


def _data_of_query(context: HintContext) -> TypedParameter | None:
    takes_data = context.operation is not None and context.operation.takes_data
    return next((p for p in context.query if takes_data and p.name == DATA), None)


def _check_data_value(
    context: HintContext, operation: Operation, parameter: TypedParameter
) -> Iterator[Hint]:
    place = Hint(parameter.field, "", parameter.row, parameter.line)
    data = read_data(parameter.value)
    if data is None:
        message = "data must be JSON, plain or in Base64: check the value."
        yield replace(place, message=message)
        return
    parsed = parse_body(data.text, BodyType.JSON)
    if parsed is None or operation.body is None:
        return
    for hint in (
        *_check_size(operation.body, data.text),
        *_check_records(
            context,
            operation,
            operation.body,
            parsed,
            adds_tokens=parameter.field is Field.BODY,
        ),
    ):
        line = parameter.line
        if line is not None and hint.line is not None and not data.is_base64:
            line += hint.line - 1
        yield replace(place, message=hint.message, severe=hint.severe, line=line)


def _check_absent_body(operation: Operation | None) -> Iterator[Hint]:
    documented = operation.body if operation is not None else None
    if operation is None or documented is None:
        return
    if documented.mandatory or any(field.required for field in documented.fields):
        yield Hint(
            Field.BODY,
            f"“{operation.title}” needs a body of type {documented.types[0]}.",
        )


def _check_unsent_body(context: HintContext) -> Iterator[Hint]:
    if context.draft.method is not Method.DELETE or _is_example(context):
        return
    options = replace(context.draft.options, delete_body=True)
    yield Hint(
        Field.BODY,
        "This body is not sent: a DELETE sends one only if its options say so.",
        suggestion=replace(context.draft, options=options),
    )


def _is_example(context: HintContext) -> bool:
    """Return whether the body still is the catalogue's example, unedited."""
    documented = context.operation.body if context.operation is not None else None
    body = context.draft.body
    return (
        documented is not None and body is not None and body.text == documented.example
    )


def _check_file_size(
    body: Body, operation: Operation | None, folder: Path | None
) -> Iterator[Hint]:
    """Check only the size of a file, which may be too large to read."""
    max_bytes = operation.body.most_bytes if operation and operation.body else 0
    if folder is None or not max_bytes:
        return
    try:
        length = os.stat(folder / os.path.expanduser(body.path)).st_size
    except (OSError, ValueError):
        return  # Sending reports the reason.
    if length > max_bytes:
        yield _too_large_hint(length, max_bytes)


def _accepts_undocumented(operation: Operation, kind: BodyType) -> bool:
    # Plain text has whatever type its Content-Type header declares.
    return kind is BodyType.TEXT or kind in _UNDOCUMENTED_TYPES.get(operation.id, ())


def _wrong_type_hint(
    context: HintContext, operation: Operation, documented: BodyPlan, body: Body
) -> Hint:
    types = " or ".join(documented.types)
    return Hint(
        Field.BODY,
        f"“{operation.title}” needs a body of type {types}, not {body.type}.",
        suggestion=_with_type(context, BodyType(documented.types[0]))
        if body.type not in _JSON_TYPES and documented.types[0] not in _JSON_TYPES
        else None,
    )


def _check_json_or_lines(context: HintContext, body: Body) -> Iterator[Hint]:
    """Warn of JSON lines typed as json, and of a JSON document typed as ndjson."""
    types = (
        context.operation.body.types
        if context.operation and context.operation.body
        else ()
    )
    if body.type is BodyType.JSON and "\n" in body.text.strip():
        if check(body.text) is None or parse_body(body.text, BodyType.NDJSON) is None:
            return
        takes_lines = not types or BodyType.NDJSON in types
        yield Hint(
            Field.BODY,
            "The body is JSON lines, but its type is json: "
            + ("use ndjson." if takes_lines else "send one list of all records."),
            suggestion=_with_type(context, BodyType.NDJSON) if takes_lines else None,
        )
    elif body.type is BodyType.NDJSON and body.text.lstrip()[:1] in ("[", "{"):
        lines = parse_body(body.text, BodyType.NDJSON)
        if lines is not None and not any(
            isinstance(record.value, list) for record in lines.records
        ):
            return
        if check(body.text) is None:
            yield Hint(
                Field.BODY,
                "The body is one JSON document, but its type is ndjson: use json.",
                suggestion=_with_type(context, BodyType.JSON),
            )


def _with_type(context: HintContext, kind: BodyType) -> Draft:
    assert context.draft.body is not None
    return replace(context.draft, body=replace(context.draft.body, type=kind))


def _check_size(documented: BodyPlan, text: str) -> Iterator[Hint]:
    if not documented.most_bytes or len(text) * 4 <= documented.most_bytes:
        return
    length = len(text.encode(errors="surrogatepass"))
    if length > documented.most_bytes:
        yield _too_large_hint(length, documented.most_bytes)


def _too_large_hint(length: int, max_bytes: int) -> Hint:
    return Hint(
        Field.BODY,
        f"The body is {size(length)}, and Mixpanel accepts {size(max_bytes)} per "
        "request: split it.",
    )


def _check_json(
    context: HintContext, operation: Operation, documented: BodyPlan, parsed: ParsedBody
) -> Iterator[Hint]:
    if documented.shape is Shape.LIST:
        yield from _check_records(context, operation, documented, parsed)
    elif documented.shape is Shape.OBJECT:
        yield from _check_object(context, operation, documented, parsed)


def _check_records(
    context: HintContext,
    operation: Operation,
    documented: BodyPlan,
    parsed: ParsedBody,
    *,
    adds_tokens: bool = True,
) -> Iterator[Hint]:
    if documented.most_records and parsed.total > documented.most_records:
        yield Hint(
            Field.BODY,
            f"The body has {parsed.total:,} records, and Mixpanel accepts "
            f"{documented.most_records:,} per request: split it"
            + (
                f" (the first {MAX_CHECKED_RECORDS:,} were checked)."
                if parsed.total > MAX_CHECKED_RECORDS
                else "."
            ),
        )
    findings = Findings(parsed)
    mentioned: frozenset[str] = frozenset()
    other_keys: frozenset[str] = frozenset()
    if takes_updates(operation):
        mentioned = check_updates(context, operation, parsed.records, findings)
        other_keys = allowed_keys(operation)
    fields = group_fields(context, operation, other_keys)
    checked = CHECKED_FIELDS if takes_events(operation) else frozenset()
    generated = fields.generated if adds_tokens else fields.generated - _TOKEN_FIELDS
    fields = replace(fields, generated=generated | mentioned, checked_elsewhere=checked)
    merge_count = sum(map(is_merge, parsed.records))
    for record in parsed.records:
        if not isinstance(record.value, dict):
            kind = type_noun(record.value)
            findings.add("kind", record, (), f"it is {kind}, but must be an object.")
            continue
        if operation.id == TRACK_OPERATION and not adds_tokens:
            check_event_token(record, findings)
        _check_one_record(context, operation, fields, record, findings)
    if 0 < merge_count < len(parsed.records):
        odd_one = next(r for r in parsed.records if is_merge(r) is (merge_count == 1))
        findings.add(
            "mixed",
            odd_one,
            ("event",),
            "$merge and other events are in one batch: send merges separately.",
        )
    yield from findings.hints()


def _check_one_record(
    context: HintContext,
    operation: Operation,
    fields: RecordFields,
    record: Record,
    findings: Findings,
) -> None:
    expects_merge = operation.id == _MERGE_OPERATION
    if takes_events(operation):
        check_event(context, operation, record, findings)
        if expects_merge is not is_merge(record):
            return  # Merges and events have different fields.
    check_record(context, fields, record, findings)


def _check_object(
    context: HintContext, operation: Operation, documented: BodyPlan, parsed: ParsedBody
) -> Iterator[Hint]:
    if parsed.is_list or not isinstance(parsed.records[0].value, dict):
        yield Hint(
            Field.BODY, f"“{operation.title}” needs a single JSON object as its body."
        )
        return
    record = parsed.records[0]
    ids = record.value.get("distinct_ids") if isinstance(record.value, dict) else None
    if (
        documented.most_records
        and isinstance(ids, list)
        and len(ids) > documented.most_records
    ):
        yield Hint(
            Field.BODY,
            f"The body has {pluralise(len(ids), 'id')}, and Mixpanel accepts "
            f"{documented.most_records:,} per request: split it.",
            line=parsed.line(record, ("distinct_ids",)),
        )
    findings = Findings(parsed)
    check_record(
        context, group_fields(context, operation, frozenset()), record, findings
    )
    yield from findings.hints()
    if context.checks_body_as_query:
        typed = (*context.query, *_members(parsed, record))
        yield from check_dates(context, operation, typed)
        yield from check_rules(context, operation, typed)


def _members(parsed: ParsedBody, record: Record) -> Iterator[TypedParameter]:
    """Yield the members of an object as the parameters that they would be in a form."""
    members = record.value if isinstance(record.value, dict) else {}
    for name, value in members.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield TypedParameter(name, text, line=parsed.line(record, (name,)))
