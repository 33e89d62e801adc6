"""Check an event against the documented rules, and give it an ``$insert_id``.

https://developer.mixpanel.com/reference/import-events and event-deduplication.

A valid event is sent as it is written: no number, key or order is touched. Most are valid,
so what they must not exceed is first estimated from above, by counting characters; only an
event that may exceed it is examined.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

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
_REJECTED_KEY = f'"{REJECTED}"'.encode()
_FEW_BRACKETS = 3
"""Objects and lists in an event that is nested deeply need more."""
_FEW_COMMAS = 250
"""So many properties, or items of a list, need more."""
_SHORT = 100_000
"""Bytes."""
_HASH_BYTES = 16


class _Properties(Struct, gc=False):
    time: Any = UNSET
    distinct_id: Any = UNSET
    insert_id: Any = field(name=INSERT_ID, default=UNSET)


class _Event(Struct, gc=False):
    event: Any = UNSET
    properties: _Properties | UnsetType = UNSET


class _RawEvent(Struct, gc=False):
    event: Raw
    properties: Raw


class EventChecker:
    """Checks events, one after the other."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Look at the clock once: a job is over before that matters.

        Args:
            clock: Returns Unix seconds.
        """
        self._now = clock()
        self._decode = msgspec.json.Decoder(_Event).decode
        self._decode_raw = msgspec.json.Decoder(_RawEvent).decode
        self._latest = self._now + MAX_AHEAD

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
        moment = properties.time
        if type(moment) is not int or not MIN_TIME <= moment <= self._latest:
            self._check_time(moment)
        _check_distinct_id(properties.distinct_id)
        if (
            len(text) > _SHORT
            or text.count(b"{") + text.count(b"[") > _FEW_BRACKETS
            or text.count(b",") > _FEW_COMMAS
        ):
            _check_extent(text)
        insert_id = properties.insert_id
        if insert_id is UNSET or insert_id is None:
            return self._with_insert_id(text)
        _check_insert_id(insert_id)
        if _REJECTED_KEY in text:
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
        seconds = value / 1000 if abs(value) >= MIN_MILLISECONDS else value
        if seconds < MIN_TIME:
            raise InvalidRecord("is before 1971", "properties.time")
        if unit := finer_unit(seconds, self._now):
            raise InvalidRecord(
                f"is in {unit}: use seconds or milliseconds", "properties.time"
            )
        if seconds > self._latest:
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
