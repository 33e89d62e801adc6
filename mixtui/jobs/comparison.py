"""Compare two files of raw events by day and name of the event."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from mixtui.jobs.model import JobError
from mixtui.jobs.sources import SourceStream, describe
from mixtui.mixpanel.endpoints import INSERT_ID
from mixtui.mixpanel.events import MIN_MILLISECONDS
from mixtui.model.errors import StorageError

_DAY = 86_400

Counts = Mapping[tuple[int, str], int]
"""Events of a day, in days since 1970 (UTC), and a name."""


class Difference(Struct, frozen=True, order=True):
    """A day on which two projects have not the same number of an event."""

    day: str
    """2026-01-31, in UTC."""
    event: str
    source: int
    target: int


class _Properties(Struct, frozen=True):
    time: float = 0
    distinct_id: Any = None
    insert_id: Any = field(name=INSERT_ID, default=None)


class _Event(Struct, frozen=True):
    event: str = ""
    properties: _Properties = _Properties()


def count_events(path: Path) -> Counts:
    """Count the distinct events of a raw export, which is not deduplicated. Blocking.

    Events are the same if event, distinct_id, time and ``$insert_id`` are
    (https://developer.mixpanel.com/reference/event-deduplication). They are counted on
    disk, in a file that has no name.

    Raises:
        JobError: It cannot be read, or has a line that is not an event.
        StorageError: The disk is full.
    """
    try:
        with contextlib.closing(sqlite3.connect("")) as counted:
            counted.execute("CREATE TABLE event (day INTEGER, name TEXT, id INTEGER)")
            counted.executemany("INSERT INTO event VALUES (?, ?, ?)", _rows(path))
            found = counted.execute(
                "SELECT day, name, count(DISTINCT id) FROM event GROUP BY day, name"
            )
            return {(day, name): count for day, name, count in found}
    except sqlite3.Error as error:
        raise StorageError(path, f"The events cannot be counted: {error}.") from None


def _rows(path: Path) -> Iterator[tuple[int, str, int]]:
    """Yield the day, name and identity of each event."""
    decode = msgspec.json.Decoder(_Event).decode
    for number, line in enumerate(_lines(path), 1):
        try:
            event = decode(line)
        except ValueError:
            raise JobError(f"{path.name}, line {number} is not an event.") from None
        properties = event.properties
        seconds = properties.time
        if abs(seconds) >= MIN_MILLISECONDS:
            seconds /= 1_000
        identity = line
        if properties.insert_id is not None:
            identity = msgspec.json.encode(
                (event.event, properties.distinct_id, seconds, properties.insert_id)
            )
        digest = hashlib.blake2b(identity, digest_size=8).digest()
        yield int(seconds // _DAY), event.event, int.from_bytes(digest, signed=True)


def _lines(path: Path) -> Iterator[bytes]:
    stream = SourceStream(describe(str(path)))
    rest = b""
    try:
        while block := stream.read():
            *lines, rest = (rest + block).split(b"\n")
            yield from filter(None, lines)
        if rest:
            yield rest
    finally:
        stream.close()


def differences(source: Counts, target: Counts) -> list[Difference]:
    """Return where the target has not what the source has, in order.

    What only the target has is none of the source's business and is left out.
    """
    found = [
        Difference(
            f"{datetime.fromtimestamp(day * _DAY, UTC):%Y-%m-%d}",
            event,
            count,
            target.get((day, event), 0),
        )
        for (day, event), count in source.items()
        if target.get((day, event), 0) != count
    ]
    return sorted(found)
