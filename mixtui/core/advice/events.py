"""Events that Mixpanel refuses, drops or counts twice.

https://developer.mixpanel.com/reference/import-events, track-event,
event-deduplication, identity-merge
"""

from __future__ import annotations

import re

from mixtui.core.advice.call import HintContext
from mixtui.core.advice.findings import Findings
from mixtui.core.advice.reading import Number, Record
from mixtui.mixpanel.operations import Operation

IMPORT = ("ingestion.import-events", "identity.identity-merge")
TRACK = "ingestion.track-event"
JUDGED = frozenset(("properties.time",))
"""Fields whose values are judged here."""
_ID = "$insert_id"
_ID_BYTES = 36
_ID_CHARACTERS = re.compile(r"[A-Za-z0-9-]*")
_NO_IDS = frozenset(("", "0", "-1", "null", "none", "nil", "undefined", "anonymous"))
_NO_IDS |= {"unknown", "00000000-0000-0000-0000-000000000000"}
_MILLISECONDS_FROM = 1e11
"""A larger time counts milliseconds: as seconds it would be the year 5138."""
_FIRST_TIME = 365 * 86400
"""1971."""
_HOUR, _DAY = 3600, 86400
_TRACK_DAYS = 5
_MOST_PROPERTIES = 255
_MOST_BYTES = 1_000_000


def is_of_events(operation: Operation) -> bool:
    """Whether the records of an operation are events."""
    return operation.id in IMPORT or operation.id == TRACK


def check_event(
    call: HintContext, operation: Operation, record: Record, found: Findings
) -> None:
    """What is wrong with one event, beyond its documented fields."""
    event = record.value
    if not isinstance(event, dict):
        return
    if record.end - record.start > _MOST_BYTES:
        found.add("large", record, (), "it is over 1 MB, which Mixpanel refuses.")
    properties = event.get("properties")
    if not isinstance(properties, dict):
        return
    if event.get("event") == "$merge":
        _merge(record, properties, found)
        return
    if len(properties) >= _MOST_PROPERTIES:
        found.add(
            "properties",
            record,
            ("properties",),
            f"it has {len(properties)} properties, and Mixpanel takes fewer than 255.",
        )
    _ids(call, record, properties, found)
    if "time" in properties:
        _time(call, operation, record, properties["time"], found)


def is_merge(record: Record) -> bool:
    """Whether a record joins two users instead of being an event."""
    return isinstance(record.value, dict) and record.value.get("event") == "$merge"


def _merge(record: Record, properties: dict[str, object], found: Findings) -> None:
    ids = properties.get("$distinct_ids")
    if isinstance(ids, list) and len(ids) != 2:
        found.add(
            "merged",
            record,
            ("properties", "$distinct_ids"),
            f"$distinct_ids holds {len(ids)} ids, and a merge joins two.",
        )


def _ids(
    call: HintContext, record: Record, properties: dict[str, object], found: Findings
) -> None:
    for name in ("distinct_id", _ID):
        value = properties.get(name)
        if isinstance(value, str) and value.strip().lower() in _NO_IDS and value:
            found.add(
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
        found.add(
            "id-length",
            record,
            ("properties", _ID),
            f"{_ID} has {length} bytes, and Mixpanel takes 36 at most.",
        )
    elif not _ID_CHARACTERS.fullmatch(value):
        wrong = next(c for c in value if not _ID_CHARACTERS.fullmatch(c))
        found.add(
            "id-characters",
            record,
            ("properties", _ID),
            f"{_ID} holds «{wrong}», and Mixpanel takes letters, digits and - only.",
        )


def _time(
    call: HintContext,
    operation: Operation,
    record: Record,
    value: object,
    found: Findings,
) -> None:
    if not isinstance(value, Number):
        found.add(
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
    now = call.values.now().timestamp()
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
        found.add(sentence, record, ("properties", "time"), sentence)
