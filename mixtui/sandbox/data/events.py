"""Validate, store, deduplicate and read events, and join identities.

Deduplication as at Mixpanel: of events with the same name, distinct_id, time and
``$insert_id`` queries see the latest; raw export sees them all.
https://developer.mixpanel.com/reference/event-deduplication
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import uuid4

from msgspec import Struct

from mixtui.patterns import compile_late
from mixtui.sandbox.data.json_text import Json, JsonObject, dump, parse_object
from mixtui.sandbox.data.store import Store


class Event(Struct, frozen=True):
    """One event; its identity is stored separately from the other properties."""

    name: str
    distinct_id: str
    time_ms: int
    insert_id: str
    processed_ms: int
    """Time of ingestion."""
    properties: JsonObject
    """Without time, distinct_id, $insert_id and token."""

    @property
    def seconds(self) -> int:
        """The time in whole seconds, as in Mixpanel's responses."""
        return self.time_ms // 1000


_INSERT = (
    "insert into events (project_id, name, distinct_id, time_ms, insert_id, "
    "processed_ms, properties) values (?, ?, ?, ?, ?, ?, ?)"
)


def add(store: Store, project_id: str, events: Iterable[Event]) -> None:
    """Store events; earlier ones with the same identity are superseded."""
    with store.transaction():
        aliases = _aliases(store, project_id)
        for event in events:
            distinct_id = aliases.get(event.distinct_id, event.distinct_id)
            store.write(
                "update events set superseded = 1 where project_id = ? and "
                "insert_id = ? and name = ? and distinct_id = ? and time_ms = ?",
                (project_id, event.insert_id, event.name, distinct_id, event.time_ms),
            )
            store.write(_INSERT, _row(project_id, event, distinct_id))


def add_unique(store: Store, project_id: str, events: Iterable[Event]) -> None:
    """Store events whose identities are known to be new; faster than `add`."""
    rows = (_row(project_id, event, event.distinct_id) for event in events)
    store.write_many(_INSERT, rows)


def events_between(
    store: Store,
    project_id: str,
    since_ms: int,
    until_ms: int,
    names: Sequence[str] = (),
    *,
    superseded: bool = False,
) -> list[Event]:
    """Return events in time order.

    Args:
        store: The store.
        project_id: The project.
        since_ms: The start, inclusive.
        until_ms: The end, exclusive.
        names: Only events of these names; empty = all.
        superseded: Whether to include duplicates.
    """
    sql = (
        "select name, distinct_id, time_ms, insert_id, processed_ms, properties "
        "from events where project_id = ? and time_ms >= ? and time_ms < ?"
    )
    if not superseded:
        sql += " and superseded = 0"
    if names:
        sql += f" and name in ({', '.join('?' * len(names))})"
    rows = store.rows(
        f"{sql} order by time_ms, id", (project_id, since_ms, until_ms, *names)
    )
    return [
        Event(name, distinct_id, time_ms, insert_id, processed_ms, parse_object(text))
        for name, distinct_id, time_ms, insert_id, processed_ms, text in rows
    ]


def join_identities(
    store: Store, project_id: str, distinct_id: str, alias: str
) -> None:
    """Make an alias stand for a distinct_id, in past and future events."""
    with store.transaction():
        aliases = _aliases(store, project_id)
        distinct_id = aliases.get(distinct_id, distinct_id)
        alias = aliases.get(alias, alias)
        if alias == distinct_id:
            return
        store.write(
            "update aliases set distinct_id = ? "
            "where project_id = ? and distinct_id = ?",
            (distinct_id, project_id, alias),
        )
        store.write(
            "insert or replace into aliases values (?, ?, ?)",
            (project_id, alias, distinct_id),
        )
        store.write(
            "update events set distinct_id = ? where project_id = ? and distinct_id = ?",
            (distinct_id, project_id, alias),
        )


def _aliases(store: Store, project_id: str) -> dict[str, str]:
    rows = store.rows(
        "select alias, distinct_id from aliases where project_id = ?", (project_id,)
    )
    return dict(rows)


def _row(project_id: str, event: Event, distinct_id: str) -> tuple[object, ...]:
    return (
        project_id,
        event.name,
        distinct_id,
        event.time_ms,
        event.insert_id,
        event.processed_ms,
        dump(event.properties),
    )


MAX_EVENT_BYTES = 1024 * 1024
MAX_PROPERTIES = 254
MAX_DEPTH = 3
MAX_LIST_LENGTH = 255
MAX_TEXT_LENGTH = 255
MIN_SECONDS = 31_536_000
"""1 January 1971."""
HOUR_MS = 3_600_000

_INSERT_ID = compile_late(r"[A-Za-z0-9-]+")
_INVALID_ID_TEXTS = (
    "-1 0 00000000-0000-0000-0000-000000000000 anon anonymous false n/a na nil none "
    "null true undefined unknown {} []"
)
_INVALID_IDS = frozenset(_INVALID_ID_TEXTS.split())


class InvalidRecord(Exception):
    """The reason why a record is rejected."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        """Such as ``properties.time``."""
        self.message = message


class RawEvent(Struct, frozen=True):
    """A record whose name and properties are valid; nothing else is checked yet."""

    name: str
    properties: JsonObject


def parse_record(record: Json) -> RawEvent:
    """Parse name and properties of a record; raises InvalidRecord."""
    if not isinstance(record, dict):
        raise InvalidRecord("", "the record must be an object")
    name, properties = record.get("event"), record.get("properties")
    if not isinstance(name, str) or not name.strip():
        raise InvalidRecord("event", "'event' is invalid: must not be missing or blank")
    if not isinstance(properties, dict):
        raise InvalidRecord("properties", "'properties' is invalid: must be an object")
    return RawEvent(name, properties)


def validate_import(record: Json, now_ms: int, *, strict: bool) -> Event:
    """Validate an event as ``/import`` does; raises InvalidRecord.

    Args:
        record: One record of the request.
        now_ms: The time of the request.
        strict: Whether ``$insert_id`` is required; otherwise one is made.
    """
    event = parse_record(record)
    properties = event.properties
    time_ms = _validate_time(properties.get("time"), now_ms)
    distinct_id = _validate_distinct_id(properties)
    insert_id = _validate_insert_id(properties, strict)
    _check_size(record, properties)
    return Event(
        event.name[:MAX_TEXT_LENGTH],
        distinct_id,
        time_ms,
        insert_id,
        now_ms,
        own_properties(properties),
    )


def build_tracked(event: RawEvent, now_ms: int) -> Event:
    """Build an event as ``/track`` does: missing properties are filled in."""
    properties = event.properties
    time_ms = milliseconds(properties.get("time"))
    insert_id = properties.get("$insert_id")
    return Event(
        event.name[:MAX_TEXT_LENGTH],
        text_id(properties.get("distinct_id")) or "",
        now_ms if time_ms is None else min(time_ms, now_ms),
        insert_id if isinstance(insert_id, str) and insert_id else uuid4().hex,
        now_ms,
        own_properties(properties),
    )


def own_properties(properties: JsonObject) -> JsonObject:
    """Return the properties except identity and token; long texts are truncated."""
    identity = ("time", "distinct_id", "$insert_id", "token")
    return {
        name: value[:MAX_TEXT_LENGTH] if isinstance(value, str) else value
        for name, value in properties.items()
        if name not in identity
    }


def milliseconds(time: Json) -> int | None:
    """Convert a time in seconds or milliseconds to milliseconds; None = not a time."""
    if isinstance(time, bool) or not isinstance(time, int | float):
        return None
    # 1e11 is the year 5138 in seconds, but 1973 in milliseconds, which is likelier.
    time_ms = time if abs(time) >= 1e11 else time * 1000
    return int(time_ms) if abs(time_ms) < 1e15 else None


def text_id(id: Json) -> str | None:
    """Return a distinct_id as text; numbers are accepted too. None = neither."""
    if isinstance(id, bool) or not isinstance(id, str | int):
        return None
    return str(id)


def _validate_time(time: Json, now_ms: int) -> int:
    time_ms = milliseconds(time)
    problem = ""
    if time_ms is None:
        problem = "must be specified as seconds since epoch"
    elif time_ms < MIN_SECONDS * 1000:
        problem = "must be after 1971"
    elif time_ms > now_ms + HOUR_MS:
        problem = "must not be more than 1 hour in the future"
    if problem or time_ms is None:
        raise InvalidRecord(
            "properties.time", f"'properties.time' is invalid: {problem}"
        )
    return min(time_ms, now_ms)


def _validate_distinct_id(properties: JsonObject) -> str:
    identifier = text_id(properties.get("distinct_id"))
    if identifier is None:
        problem = "must be a string"
    elif identifier.strip().lower() in _INVALID_IDS:
        problem = f"{identifier!r} does not identify a user"
    else:
        return identifier
    raise InvalidRecord(
        "properties.distinct_id", f"'properties.distinct_id' is invalid: {problem}"
    )


def _validate_insert_id(properties: JsonObject, strict: bool) -> str:
    identifier = properties.get("$insert_id")
    if not strict and identifier in (None, ""):
        return uuid4().hex
    if not isinstance(identifier, str) or not identifier:
        problem = "must not be missing or empty"
    elif len(identifier) > 36:
        problem = "must be at most 36 bytes"
    elif not _INSERT_ID.fullmatch(identifier):
        problem = "must only contain alphanumeric or hyphen '-' characters"
    elif identifier.lower() in _INVALID_IDS:
        problem = f"{identifier!r} is not unique"
    else:
        return identifier
    raise InvalidRecord("$insert_id", f"'$insert_id' is invalid: {problem}")


def _check_size(record: Json, properties: JsonObject) -> None:
    if len(properties) > MAX_PROPERTIES:
        raise InvalidRecord(
            "properties",
            f"'properties' is invalid: must have fewer than {MAX_PROPERTIES + 1} keys",
        )
    for name, value in properties.items():
        if _depth(value) > MAX_DEPTH:
            raise InvalidRecord(
                f"properties.{name}",
                f"'properties.{name}' is invalid: nested deeper than {MAX_DEPTH}",
            )
        if isinstance(value, list) and len(value) > MAX_LIST_LENGTH:
            raise InvalidRecord(
                f"properties.{name}",
                f"'properties.{name}' is invalid: more than {MAX_LIST_LENGTH} items",
            )
    if len(dump(record).encode("utf-8", "replace")) > MAX_EVENT_BYTES:
        raise InvalidRecord("", f"the event is larger than {MAX_EVENT_BYTES} bytes")


def _depth(value: Json, level: int = 0) -> int:
    if level > MAX_DEPTH or not isinstance(value, dict | list):
        return level
    members = value.values() if isinstance(value, dict) else value
    inner = level + 1 if isinstance(value, dict) else level
    return max((_depth(member, inner) for member in members), default=inner)
