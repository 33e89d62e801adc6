"""Check an event against the documented rules, and give it an ``$insert_id``.

https://developer.mixpanel.com/reference/import-events and event-deduplication.

A valid event is sent as it is written: no number, key or order is touched. Most are valid,
so `EventChecker.accepts` looks at many at once, in C: what they must not exceed is estimated
from above, by counting characters. Only an event that may be none of these is examined
(`EventChecker.complete`), which says what is wrong.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from mixtui.jobs.model import InvalidRecord
from mixtui.jobs.readers import describe_malformed
from mixtui.mixpanel.endpoints import INSERT_ID
from mixtui.mixpanel.events import (
    ID_CHARACTERS,
    INVALID_IDS,
    MAX_AHEAD,
    MAX_DEPTH,
    MAX_EVENT_BYTES,
    MAX_ID_BYTES,
    MAX_LIST_ITEMS,
    MAX_PROPERTIES,
    MIN_MILLISECONDS,
    MIN_TIME,
    finer_unit,
)

REJECTED = "mixtui_rejected"
"""A member of a record in a file of rejected records: where it was, and why. Not sent."""
_FEW_BYTES = 1500
"""Shorter than any event with 255 properties, whose names differ."""
_FEW_LIST_BYTES = 500
"""Shorter than any list of 256 items."""
_FEW_BRACES = 4
"""Objects that are nested too deeply are more, with the event and its properties."""
_FEW_COMMAS = 250
"""So many properties, or items of a list, need more."""
_FAR = 1e30
"""A time that no unit makes one of the past."""
_HASH_BYTES = 16


class _Properties(Struct, gc=False):
    time: Any = UNSET
    distinct_id: Any = UNSET
    insert_id: Any = field(name=INSERT_ID, default=UNSET)


class _Event(Struct, gc=False):
    event: Any = UNSET
    properties: _Properties | UnsetType = UNSET
    note: Any = field(name=REJECTED, default=UNSET)


class _UsualProperties(Struct, gc=False):
    time: int | float
    distinct_id: str | int | float
    insert_id: str = field(name=INSERT_ID)


class _UsualEvent(Struct, gc=False):
    """An event that has everything, in the right types; whatever else fails to decode."""

    event: Annotated[str, Meta(min_length=1)]
    properties: _UsualProperties
    note: UnsetType = field(name=REJECTED, default=UNSET)


class _RawEvent(Struct, gc=False):
    event: Raw
    properties: Raw


_distinct_id = attrgetter("distinct_id")


class EventChecker:
    """Checks events, one after the other."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Look at the clock once: a job is over before that matters.

        Args:
            clock: Returns Unix seconds.
        """
        self._now = clock()
        self._decode = msgspec.json.Decoder(_Event).decode
        self._decode_usual = msgspec.json.Decoder(_UsualEvent).decode
        self._decode_raw = msgspec.json.Decoder(_RawEvent).decode
        self._latest = self._now + MAX_AHEAD

    def accepts(self, records: Sequence[bytes]) -> bool:
        """Return whether `complete` certainly returns each of many events as it is."""
        try:
            events = list(map(self._decode_usual, records))
        except (ValueError, RecursionError):
            return False
        found = [each.properties for each in events]
        times = [each.time for each in found]
        distinct_ids = [i for i in map(_distinct_id, found) if type(i) is str]
        insert_ids = [each.insert_id for each in found]
        return (
            self._are_times(min(times), max(times))
            and INVALID_IDS.isdisjoint(map(str.lower, map(str.strip, distinct_ids)))
            and INVALID_IDS.isdisjoint(map(str.lower, insert_ids))
            and max(map(len, insert_ids)) <= MAX_ID_BYTES
            and bool(ID_CHARACTERS.fullmatch("".join(insert_ids)))
            and all(map(_is_within, _suspects(records)))
        )

    def _are_times(self, first: float, last: float) -> bool:
        """Return whether times are Unix seconds, or else milliseconds, that are taken."""
        factor = 1000 if first >= MIN_MILLISECONDS else 1
        return first >= MIN_TIME * factor and last <= self._latest * factor

    def complete(self, text: bytes) -> bytes:
        """Return an event as it is sent: checked, with an ``$insert_id``.

        Args:
            text: One JSON value.

        Raises:
            InvalidRecord: It must not be sent.
        """
        try:
            event = self._decode(text)
        except (ValueError, RecursionError):
            raise InvalidRecord(
                describe_malformed(text) or "properties is not an object"
            ) from None
        properties = event.properties
        if not (type(event.event) is str and event.event):
            raise InvalidRecord(_missing_or(event.event, "a text"), "event")
        if properties is UNSET:
            raise InvalidRecord("is missing", "properties")
        self._check_time(properties.time)
        _check_distinct_id(properties.distinct_id)
        if _may_exceed(text):
            _check_extent(text)
        insert_id = properties.insert_id
        if insert_id is UNSET or insert_id is None:
            return self._with_insert_id(text)
        _check_insert_id(insert_id)
        if event.note is not UNSET:
            return self._without_note(text)
        return text

    def _check_time(self, value: Any) -> None:
        """Refuse a time that Mixpanel does not take; milliseconds are one."""
        if value is UNSET or value is None:
            raise InvalidRecord("is missing", "properties.time")
        if type(value) not in (int, float):
            raise InvalidRecord(
                "must be a number (Unix seconds or milliseconds)", "properties.time"
            )
        if self._are_times(value, value):
            return
        factor = 1000 if value >= MIN_MILLISECONDS else 1
        if value < MIN_TIME * factor:
            raise InvalidRecord("is before 1971", "properties.time")
        # A number of hundreds of digits is more than a float holds.
        if unit := finer_unit(min(value, _FAR) / factor, self._now):
            raise InvalidRecord(
                f"is in {unit}: use seconds or milliseconds", "properties.time"
            )
        raise InvalidRecord("is more than an hour in the future", "properties.time")

    def _with_insert_id(self, text: bytes) -> bytes:
        """Return an event with an id made from its content, however that is spelled."""
        raw = self._decode_raw(text)
        event, properties = bytes(raw.event), bytes(raw.properties)
        content = msgspec.json.decode(b"[" + event + b"," + properties + b"]")
        content[1].pop(INSERT_ID, None)
        canonical = msgspec.json.encode(content, order="sorted")
        digest = hashlib.blake2b(canonical, digest_size=_HASH_BYTES).hexdigest()
        # The last of a key counts: what is inserted stands behind a null that is there.
        closed = properties.rstrip()[:-1].rstrip()
        return b'{"event":%b,"properties":%b,"%b":"%b"}}' % (
            event,
            closed,
            INSERT_ID.encode(),
            digest.encode(),
        )

    def _without_note(self, text: bytes) -> bytes:
        raw = self._decode_raw(text)
        return b'{"event":%b,"properties":%b}' % (
            bytes(raw.event),
            bytes(raw.properties),
        )


def _missing_or(value: Any, expected: str) -> str:
    missing = value is UNSET or value is None or value == ""
    return "is missing" if missing else f"must be {expected}"


def _check_distinct_id(value: Any) -> None:
    """Refuse an id that Mixpanel does not take; an empty text is an event of nobody."""
    field = "properties.distinct_id"
    if value is UNSET or value is None:
        raise InvalidRecord("is missing", field)
    if type(value) is str:
        if value and value.strip().lower() in INVALID_IDS:
            raise InvalidRecord(f"is “{value.strip()}”, which is not an id", field)
    elif type(value) not in (int, float):
        raise InvalidRecord("must be a text or a number", field)


def _check_insert_id(value: Any) -> None:
    field = f"properties.{INSERT_ID}"
    if type(value) is not str:
        raise InvalidRecord("must be a text", field)
    if value.lower() in INVALID_IDS:
        raise InvalidRecord(f"is “{value}”, which is not an id", field)
    if len(value.encode(errors="surrogatepass")) > MAX_ID_BYTES:
        raise InvalidRecord(f"is longer than {MAX_ID_BYTES} bytes", field)
    if not ID_CHARACTERS.fullmatch(value):
        raise InvalidRecord("must have only letters, digits and -", field)


def _suspects(records: Sequence[bytes]) -> list[bytes]:
    """Return the events that may be larger, wider or deeper than Mixpanel takes."""
    text = b"".join(records)
    # An event has two braces; with no more, nothing is nested. To remove braces is twice as
    # fast as to count them.
    braces = len(text) - len(text.replace(b"{", b""))
    few = _FEW_LIST_BYTES if b"[" in text else _FEW_BYTES
    if braces == 2 * len(records) and max(map(len, records)) <= few:
        return []
    return list(filter(_may_exceed, records))


def _may_exceed(text: bytes) -> bool:
    return (
        text.count(b"{") > _FEW_BRACES
        or text.count(b",") > _FEW_COMMAS
        or len(text) > MAX_EVENT_BYTES
    )


def _is_within(text: bytes) -> bool:
    try:
        _check_extent(text)
    except InvalidRecord:
        return False
    return True


def _check_extent(text: bytes) -> None:
    """Refuse an event that is larger, wider or deeper than Mixpanel takes."""
    if len(text) > MAX_EVENT_BYTES:
        raise InvalidRecord(f"is {len(text):,} bytes long; Mixpanel takes 1 MB")
    properties = msgspec.json.decode(text)["properties"]
    if len(properties) > MAX_PROPERTIES:
        raise InvalidRecord(
            f"has {len(properties)} properties; Mixpanel takes fewer than 255",
            "properties",
        )
    for name, value in properties.items():
        _check_value(value, f"properties.{name}", 1)


def _check_value(value: Any, field: str, depth: int) -> None:
    if isinstance(value, dict):
        if depth >= MAX_DEPTH:
            raise InvalidRecord(f"is nested more than {MAX_DEPTH} objects deep", field)
        for each in value.values():
            _check_value(each, field, depth + 1)
    elif isinstance(value, list):
        if len(value) > MAX_LIST_ITEMS:
            raise InvalidRecord(
                f"has {len(value)} items; Mixpanel takes {MAX_LIST_ITEMS}", field
            )
        for each in value:
            _check_value(each, field, depth)
