"""Hints about events and profile updates, beyond their documented fields.

https://developer.mixpanel.com/reference/import-events, track-event,
event-deduplication, identity-merge
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from mixtui.hints.context import HintContext
from mixtui.hints.model import Findings, Record
from mixtui.hints.values import type_noun
from mixtui.jsontext import Number
from mixtui.mixpanel.catalogue import Operation
from mixtui.mixpanel.events import (
    ID_CHARACTERS,
    INVALID_IDS,
    MAX_AHEAD,
    MAX_EVENT_BYTES,
    MAX_ID_BYTES,
    MAX_PROPERTIES,
    MIN_MILLISECONDS,
    MIN_TIME,
    finer_unit,
)
from mixtui.mixpanel.limits import is_uuid4
from mixtui.mixpanel.profiles import (
    COMMON_MEMBERS,
    GROUPS,
    USERS,
    operations_by_member,
)
from mixtui.model.draft import Draft

IMPORT_OPERATIONS = ("ingestion.import-events", "identity.identity-merge")
TRACK_OPERATION = "ingestion.track-event"
CHECKED_FIELDS = frozenset(("properties.time",))
"""Fields whose values `check_event` checks."""
_INSERT_ID = "$insert_id"
_DAY = 86400
_MAX_TRACK_DAYS = 5


def takes_events(operation: Operation) -> bool:
    """Return whether the records of an operation are events."""
    return operation.id in IMPORT_OPERATIONS or operation.id == TRACK_OPERATION


def check_event(
    context: HintContext, operation: Operation, record: Record, findings: Findings
) -> None:
    """Check one event, beyond its documented fields."""
    event = record.value
    if not isinstance(event, dict):
        return
    if record.end - record.start > MAX_EVENT_BYTES:
        findings.add(
            "large", record, (), "it is larger than 1 MB, which Mixpanel rejects."
        )
    properties = event.get("properties")
    if not isinstance(properties, dict):
        return
    if event.get("event") == "$merge":
        _check_merge(record, properties, findings)
        return
    if len(properties) > MAX_PROPERTIES:
        findings.add(
            "properties",
            record,
            ("properties",),
            f"it has {len(properties)} properties, and Mixpanel accepts fewer than "
            "255.",
        )
    if event.get("event") == "$identify":
        problem = anonymous_id_problem(context, properties)
        if problem:
            findings.add("anon-id", record, ("properties", "$anon_id"), problem)
    _check_ids(context, record, properties, findings)
    if "time" in properties:
        _check_time(context, operation, record, properties["time"], findings)


def anonymous_id_problem(context: HintContext, properties: dict[str, object]) -> str:
    """Return what is wrong with the anonymous id that an event links; empty = nothing.

    https://developer.mixpanel.com/reference/create-identity
    """
    value = properties.get("$anon_id")
    if "$anon_id" not in properties or (isinstance(value, str) and is_uuid4(value)):
        return ""
    return (
        f"$anon_id is {context.excerpt(str(value))}, but must be a UUID v4: Mixpanel "
        "does not link other ids."
    )


def check_event_token(record: Record, findings: Findings) -> None:
    """Check that an event names its project, where mixtui adds no token."""
    event = record.value
    properties = event.get("properties") if isinstance(event, dict) else None
    if isinstance(properties, dict) and not properties.get("token"):
        findings.add(
            "token",
            record,
            ("properties",),
            "properties.token is missing, and mixtui only adds it to the body as a "
            "whole: add it.",
        )


def is_merge(record: Record) -> bool:
    """Return whether a record merges two users instead of being an event."""
    return isinstance(record.value, dict) and record.value.get("event") == "$merge"


def _check_merge(
    record: Record, properties: dict[str, object], findings: Findings
) -> None:
    ids = properties.get("$distinct_ids")
    if isinstance(ids, list) and len(ids) != 2:
        findings.add(
            "merged",
            record,
            ("properties", "$distinct_ids"),
            f"$distinct_ids has {len(ids)} ids, but a merge joins exactly two.",
        )


def _check_ids(
    context: HintContext,
    record: Record,
    properties: dict[str, object],
    findings: Findings,
) -> None:
    for name in ("distinct_id", _INSERT_ID):
        value = properties.get(name)
        if isinstance(value, str) and value.strip().lower() in INVALID_IDS and value:
            findings.add(
                f"no-id:{name}",
                record,
                ("properties", name),
                f"{name} is “{value.strip()}”, which Mixpanel rejects as an id: use a "
                "real one, or remove it."
                if name != _INSERT_ID
                else f"{name} is “{value.strip()}”, which Mixpanel rejects as an id: "
                "give each event its own.",
            )
    value = properties.get(_INSERT_ID)
    if not isinstance(value, str):
        return
    length = len(value.encode(errors="surrogatepass"))
    if length > MAX_ID_BYTES:
        findings.add(
            "id-length",
            record,
            ("properties", _INSERT_ID),
            f"{_INSERT_ID} is {length} bytes long, but must be at most 36.",
        )
    elif not ID_CHARACTERS.fullmatch(value):
        invalid = next(c for c in value if not ID_CHARACTERS.fullmatch(c))
        findings.add(
            "id-characters",
            record,
            ("properties", _INSERT_ID),
            f"{_INSERT_ID} contains “{invalid}”, but must only contain letters, "
            "digits and -.",
        )


def _check_time(
    context: HintContext,
    operation: Operation,
    record: Record,
    value: object,
    findings: Findings,
) -> None:
    if not isinstance(value, Number):
        findings.add(
            "time-kind",
            record,
            ("properties", "time"),
            "time must be a number (Unix seconds or milliseconds), without quotes.",
        )
        return
    seconds = float(value)
    if abs(seconds) >= MIN_MILLISECONDS:
        seconds /= 1000
    now = context.values.now().timestamp()
    message = ""
    if seconds < MIN_TIME:
        message = "time is before 1971, which Mixpanel rejects."
    elif unit := finer_unit(seconds, now):
        message = f"time is in {unit}: use Unix seconds or milliseconds."
    elif seconds > now + MAX_AHEAD:
        message = (
            "time is more than an hour in the future: Mixpanel rejects it or "
            "uses the current time."
        )
    elif operation.id == TRACK_OPERATION and seconds < now - _MAX_TRACK_DAYS * _DAY:
        message = (
            "time is more than 5 days ago, and /track silently drops such events: "
            "send them to /import."
        )
    if message:
        findings.add(message, record, ("properties", "time"), message)


PROFILE_PATHS = (USERS.path, GROUPS.path)
_OPERANDS: dict[str, tuple[type, str]] = {
    "$add": (Number, "numbers"),
    "$union": (list, "lists"),
}
_ID_KEYS = {USERS.path: USERS.ids, GROUPS.path: GROUPS.ids}


def takes_updates(operation: Operation) -> bool:
    """Return whether the records of an operation change profiles."""
    return operation.family == "ingestion" and operation.path in PROFILE_PATHS


def operators_of(operation: Operation) -> tuple[str, ...]:
    """Return the operator keys (``$set``, ``$append``) for the path of an operation."""
    return tuple(operations_by_member(operation.path))


def allowed_keys(operation: Operation) -> frozenset[str]:
    """Return all keys that an update may have."""
    return COMMON_MEMBERS | frozenset(operations_by_member(operation.path))


def check_updates(
    context: HintContext,
    operation: Operation,
    records: Sequence[Record],
    findings: Findings,
) -> frozenset[str]:
    """Check that each record uses one operator, and the one that the fragment names.

    Returns:
        Fields that need not be reported as missing, as a hint mentions them already.
    """
    operations = operations_by_member(operation.path)
    key = operation.body.key if operation.body is not None else ""
    operators = [_operators_in(record, operations) for record in records]
    distinct = {names[0] for names in operators if len(names) == 1}
    replacement = (
        operations[distinct.pop()] if len(distinct) == 1 and all(operators) else None
    )
    for record, names in zip(records, operators, strict=True):
        if not isinstance(record.value, dict):
            continue
        _check_operands(record, names, findings)
        if len(names) > 1:
            findings.add(
                "several",
                record,
                (names[1],),
                f"{' and '.join(names)} are in one record: use a record for each.",
            )
        elif key and names and names[0] != key:
            findings.add(
                "fragment",
                record,
                (names[0],),
                f"it contains {names[0]}, but #{operation.fragment} stands for {key}: "
                "the server only sees the body and follows it.",
                suggestion=_with_fragment(context, replacement),
            )
        elif not key:
            _check_batch(operation, record, names, findings)
    return (
        frozenset((key,)) if any(n and key not in n for n in operators) else frozenset()
    )


def _check_operands(record: Record, names: list[str], findings: Findings) -> None:
    """Check the types of the values that operators work with."""
    assert isinstance(record.value, dict)
    for name in names:
        expected, operands = _OPERANDS.get(name), record.value[name]
        if expected is None or not isinstance(operands, dict):
            continue
        kind, noun = expected
        for key, value in operands.items():
            if not isinstance(value, kind):
                message = (
                    f"{name} requires {noun}, but one of its values is "
                    f"{type_noun(value)}."
                )
                findings.add(f"operand:{name}", record, (name, key), message)
                break


def _check_batch(
    operation: Operation, record: Record, names: list[str], findings: Findings
) -> None:
    """Check a record of a batch with mixed operators, which has no documented fields."""
    assert isinstance(record.value, dict)
    if not names:
        examples = ", ".join(list(operators_of(operation))[:3])
        findings.add(
            "none",
            record,
            (),
            f"it changes nothing: add {examples} or another operator.",
        )
    for name in _ID_KEYS[operation.path]:
        if name not in record.value:
            findings.add(f"missing:{name}", record, (), f"{name} is missing: add it.")


def _operators_in(record: Record, operations: Mapping[str, Operation]) -> list[str]:
    value = record.value
    return (
        [key for key in operations if key in value] if isinstance(value, dict) else []
    )


def _with_fragment(context: HintContext, operation: Operation | None) -> Draft | None:
    before, mark, _ = context.draft.url.partition("#")
    if operation is None or not mark:
        return None
    return replace(context.draft, url=f"{before}#{operation.fragment}")
