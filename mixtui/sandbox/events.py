"""Stored events: adding, deduplicating, joining identities, reading.

Deduplication as at Mixpanel: of events with the same name, distinct_id, time and
``$insert_id`` queries see the latest; raw export sees them all.
https://developer.mixpanel.com/reference/event-deduplication
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mixtui.sandbox.json_text import JsonObject, dump, parse_object
from mixtui.sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Event:
    """One event; its identity stands beside its other properties."""

    name: str
    distinct_id: str
    time_ms: int
    insert_id: str
    processed_ms: int
    """When Mixpanel took it in."""
    properties: JsonObject
    """Without time, distinct_id, $insert_id and token."""

    @property
    def seconds(self) -> int:
        """Its time in whole seconds, as Mixpanel answers it."""
        return self.time_ms // 1000


_INSERT = (
    "insert into events (project_id, name, distinct_id, time_ms, insert_id, "
    "processed_ms, properties) values (?, ?, ?, ?, ?, ?, ?)"
)


def add(store: Store, project_id: str, events: Iterable[Event]) -> None:
    """Store events; earlier ones with the same identity are superseded."""
    with store.transaction():
        known = _aliases(store, project_id)
        for event in events:
            distinct_id = known.get(event.distinct_id, event.distinct_id)
            store.write(
                "update events set superseded = 1 where project_id = ? and "
                "insert_id = ? and name = ? and distinct_id = ? and time_ms = ?",
                (project_id, event.insert_id, event.name, distinct_id, event.time_ms),
            )
            store.write(_INSERT, _row(project_id, event, distinct_id))


def add_unique(store: Store, project_id: str, events: Iterable[Event]) -> None:
    """Store events whose identities are known to be new: the fast way."""
    rows = (_row(project_id, event, event.distinct_id) for event in events)
    store.write_many(_INSERT, rows)


def between(
    store: Store,
    project_id: str,
    since_ms: int,
    until_ms: int,
    names: Sequence[str] = (),
    *,
    superseded: bool = False,
) -> list[Event]:
    """Events in time order.

    Args:
        store: Where.
        project_id: Whose.
        since_ms: The first millisecond.
        until_ms: The first one that is too late.
        names: Only events of these names; empty = all.
        superseded: Duplicates as well.
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


def join(store: Store, project_id: str, distinct_id: str, alias: str) -> None:
    """Make alias another name of distinct_id, for past and coming events."""
    with store.transaction():
        known = _aliases(store, project_id)
        distinct_id = known.get(distinct_id, distinct_id)
        alias = known.get(alias, alias)
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
