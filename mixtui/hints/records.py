"""Hints about records: events, profile updates and lookup tables.

https://developer.mixpanel.com/reference/import-events, track-event,
event-deduplication, identity-merge
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from mixtui.hints.context import HintContext
from mixtui.hints.model import Findings, Hint, Record
from mixtui.jsontext import Number
from mixtui.mixpanel.catalogue import Operation, family_operations
from mixtui.model.draft import Draft
from mixtui.model.errors import Field

IMPORT = ("ingestion.import-events", "identity.identity-merge")
TRACK = "ingestion.track-event"
JUDGED = frozenset(("properties.time",))
"""Fields whose values are checked here."""
_ID = "$insert_id"
_ID_BYTES = 36
_ID_CHARACTERS = re.compile(r"[A-Za-z0-9-]*")
_NO_IDS = frozenset(("", "0", "-1", "null", "none", "nil", "undefined", "anonymous"))
_NO_IDS |= {"unknown", "00000000-0000-0000-0000-000000000000"}
_MILLISECONDS_FROM = 1e11
"""Larger times are in milliseconds: in seconds they would be after the year 5138."""
_FIRST_TIME = 365 * 86400
"""1971."""
_HOUR, _DAY = 3600, 86400
_TRACK_DAYS = 5
_MOST_PROPERTIES = 255
_MOST_BYTES = 1_000_000


def is_of_events(operation: Operation) -> bool:
    """Return whether the records of an operation are events."""
    return operation.id in IMPORT or operation.id == TRACK


def check_event(
    context: HintContext, operation: Operation, record: Record, findings: Findings
) -> None:
    """Check one event, beyond its documented fields."""
    event = record.value
    if not isinstance(event, dict):
        return
    if record.end - record.start > _MOST_BYTES:
        findings.add("large", record, (), "it is over 1 MB, which Mixpanel refuses.")
    properties = event.get("properties")
    if not isinstance(properties, dict):
        return
    if event.get("event") == "$merge":
        _merge(record, properties, findings)
        return
    if len(properties) >= _MOST_PROPERTIES:
        findings.add(
            "properties",
            record,
            ("properties",),
            f"it has {len(properties)} properties, and Mixpanel takes fewer than 255.",
        )
    _ids(context, record, properties, findings)
    if "time" in properties:
        _time(context, operation, record, properties["time"], findings)


def is_merge(record: Record) -> bool:
    """Return whether a record merges two users instead of being an event."""
    return isinstance(record.value, dict) and record.value.get("event") == "$merge"


def _merge(record: Record, properties: dict[str, object], findings: Findings) -> None:
    ids = properties.get("$distinct_ids")
    if isinstance(ids, list) and len(ids) != 2:
        findings.add(
            "merged",
            record,
            ("properties", "$distinct_ids"),
            f"$distinct_ids holds {len(ids)} ids, and a merge joins two.",
        )


def _ids(
    context: HintContext,
    record: Record,
    properties: dict[str, object],
    findings: Findings,
) -> None:
    for name in ("distinct_id", _ID):
        value = properties.get(name)
        if isinstance(value, str) and value.strip().lower() in _NO_IDS and value:
            findings.add(
                f"no-id:{name}",
                record,
                ("properties", name),
                f"{name} is «{value.strip()}», which Mixpanel refuses as no id: give "
                "a real one, or leave it out."
                if name != _ID
                else f"{name} is «{value.strip()}», which Mixpanel refuses as no id: "
                "give each event its own.",
            )
    value = properties.get(_ID)
    if not isinstance(value, str):
        return
    length = len(value.encode(errors="surrogatepass"))
    if length > _ID_BYTES:
        findings.add(
            "id-length",
            record,
            ("properties", _ID),
            f"{_ID} has {length} bytes, and Mixpanel takes 36 at most.",
        )
    elif not _ID_CHARACTERS.fullmatch(value):
        wrong = next(c for c in value if not _ID_CHARACTERS.fullmatch(c))
        findings.add(
            "id-characters",
            record,
            ("properties", _ID),
            f"{_ID} holds «{wrong}», and Mixpanel takes letters, digits and - only.",
        )


def _time(
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
            "time is no number: write seconds or milliseconds since 1970, without "
            "quotes.",
        )
        return
    seconds = float(value)
    if abs(seconds) >= _MILLISECONDS_FROM:
        seconds /= 1000
    now = context.values.now().timestamp()
    sentence = ""
    if seconds < _FIRST_TIME:
        sentence = "time is before 1971, which Mixpanel refuses."
    elif seconds > now + _HOUR:
        sentence = "time is more than an hour ahead: Mixpanel refuses it or takes now."
    elif operation.id == TRACK and seconds < now - _TRACK_DAYS * _DAY:
        sentence = (
            "time is more than 5 days back, and /track drops such events without a "
            "word: send it to /import."
        )
    if sentence:
        findings.add(sentence, record, ("properties", "time"), sentence)


PATHS = ("/engage", "/groups")
_ALSO = frozenset(
    (
        "$token",
        "$distinct_id",
        "$group_key",
        "$group_id",
        "$ip",
        "$time",
        "$ignore_time",
        "$ignore_alias",
        "$latitude",
        "$longitude",
    )
)
_IDS = {"/engage": ("$distinct_id",), "/groups": ("$group_key", "$group_id")}


def is_of_updates(operation: Operation) -> bool:
    """Return whether the records of an operation change profiles."""
    return operation.family == "ingestion" and operation.path in PATHS


def operators(operation: Operation) -> tuple[str, ...]:
    """Return the operator keys on the path of an operation."""
    return tuple(_by_key(operation))


def known_keys(operation: Operation) -> frozenset[str]:
    """Return the keys that a record may have."""
    return _ALSO | frozenset(_by_key(operation))


def check_updates(
    context: HintContext,
    operation: Operation,
    records: Sequence[Record],
    findings: Findings,
) -> frozenset[str]:
    """Check the operators of each record against the fragment.

    Returns:
        Fields that need not be reported as missing, because a hint already mentions
        them.
    """
    known = _by_key(operation)
    key = operation.body.key if operation.body is not None else ""
    done = [_done(record, known) for record in records]
    first = {names[0] for names in done if len(names) == 1}
    instead = known[first.pop()] if len(first) == 1 and all(done) else None
    for record, names in zip(records, done, strict=True):
        if not isinstance(record.value, dict):
            continue
        if len(names) > 1:
            findings.add(
                "several",
                record,
                (names[1],),
                f"{' and '.join(names)} are in one record: give each its own.",
            )
        elif key and names and names[0] != key:
            findings.add(
                "fragment",
                record,
                (names[0],),
                f"it holds {names[0]}, while #{operation.fragment} stands for {key}: "
                "the server sees the body only, and does what it says.",
                suggestion=_other_fragment(context, instead),
            )
        elif not key:
            _check_batch(operation, record, names, findings)
    return frozenset((key,)) if any(n and key not in n for n in done) else frozenset()


def _check_batch(
    operation: Operation, record: Record, names: list[str], findings: Findings
) -> None:
    """Check a mixed batch, which documents no fields of its own."""
    assert isinstance(record.value, dict)
    if not names:
        some = ", ".join(list(operators(operation))[:3])
        findings.add("none", record, (), f"it changes nothing: add {some} or another.")
    for name in _IDS[operation.path]:
        if name not in record.value:
            findings.add(f"missing:{name}", record, (), f"{name} is missing: add it.")


def _done(record: Record, known: dict[str, Operation]) -> list[str]:
    value = record.value
    return [key for key in known if key in value] if isinstance(value, dict) else []


def _by_key(operation: Operation) -> dict[str, Operation]:
    return {
        each.body.key: each
        for each in family_operations("ingestion")
        if each.path == operation.path and each.body is not None and each.body.key
    }


def _other_fragment(context: HintContext, instead: Operation | None) -> Draft | None:
    before, mark, _ = context.draft.url.partition("#")
    if instead is None or not mark:
        return None
    return replace(context.draft, url=f"{before}#{instead.fragment}")


_ROWS = 5000
"""The number of rows checked."""
_NO_NAME = re.compile(
    r"[-+]?[0-9][0-9.,eE+-]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9a-fA-F-]{36}"
)


def table(text: str) -> Iterator[Hint]:
    """Check the table."""
    reader = csv.reader(text.split("\n"))
    try:
        rows = [(row, reader.line_num) for row in islice(reader, _ROWS) if row]
    except csv.Error:
        return
    if not rows:
        return
    header, line = rows[0]
    if any(_NO_NAME.fullmatch(cell.strip()) for cell in header):
        yield Hint(
            Field.BODY,
            "The first row holds values and no names: begin with a row that names the "
            "columns, the key first.",
            line=line,
        )
        return
    if "" in [cell.strip() for cell in header]:
        yield Hint(Field.BODY, "A column has no name: name it.", line=line)
    if len({cell.strip() for cell in header}) < len(header):
        yield Hint(Field.BODY, "Two columns have the same name: rename one.", line=line)
    yield from _rows(rows[1:], len(header))


def _rows(rows: list[tuple[list[str], int]], columns: int) -> Iterator[Hint]:
    seen: dict[str, int] = {}
    uneven = twice = False
    for row, line in rows:
        if len(row) != columns and not uneven:
            uneven = True
            yield Hint(
                Field.BODY,
                f"This row has {len(row)} cells, and the first row names {columns}.",
                line=line,
            )
        first = seen.setdefault(row[0], line)
        if first != line and not twice:
            twice = True
            yield Hint(
                Field.BODY,
                f"The key of this row stands in line {first} as well: the first "
                "column must be unique.",
                line=line,
            )
