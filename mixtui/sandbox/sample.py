"""Fills a new sandbox with a believable shop, and an older one with the days since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from mixtui.sandbox import (
    events,
    profiles,
    sample_events,
)
from mixtui.sandbox.clock import milliseconds, moment
from mixtui.sandbox.events import Event
from mixtui.sandbox.identity import SHOP
from mixtui.sandbox.json_text import JsonObject
from mixtui.sandbox.profiles import Profile
from mixtui.sandbox.sample_documents import add_documents
from mixtui.sandbox.sample_management import add_management
from mixtui.sandbox.sample_people import ADA, COMPANIES, Person, people_of
from mixtui.sandbox.store import Store

_UNTIL = "sample_until_ms"
_MANAGEMENT = "sample_management"
"""A folder from before there were experiments lacks this fact."""


def fill(store: Store, now: datetime) -> None:
    """Add the sample up to now; what is there already is never touched."""
    until_ms = milliseconds(now)
    with store.transaction():
        rows = store.rows("select value from facts where name = ?", (_UNTIL,))
        if not rows:
            add_documents(store, now.date())
        if not store.rows("select value from facts where name = ?", (_MANAGEMENT,)):
            add_management(store, now.date())
            store.write("insert into facts values (?, ?)", (_MANAGEMENT, "1"))
        start = now.date() - timedelta(days=sample_events.DAYS - 1)
        since_ms = int(rows[0][0]) if rows else 0
        if since_ms:
            start = max(start, moment(since_ms).date())
        found = sample_events.events_between(since_ms, until_ms, start, now.date())
        events.add_unique(store, SHOP.id, found)
        _add_profiles(store, found, start)
        store.write("insert or replace into facts values (?, ?)", (_UNTIL, until_ms))


def _add_profiles(store: Store, found: Iterable[Event], start: date) -> None:
    by_user: defaultdict[str, list[Event]] = defaultdict(list)
    for event in found:
        by_user[event.distinct_id].append(event)
    people = _people(start, by_user)
    profiles.add_new(
        store,
        SHOP.id,
        profiles.USERS,
        (Profile(p.id, _user(p, by_user[p.id])) for p in people),
    )
    members = {company: 0 for company in COMPANIES}
    for person in people:
        if person.company:
            members[person.company] += 1
    profiles.add_new(
        store,
        SHOP.id,
        "company",
        (
            Profile(name, {"$name": name, "members": count, "contract": "annual"})
            for name, count in members.items()
        ),
    )


def _people(start: date, by_user: dict[str, list[Event]]) -> list[Person]:
    """Those of the events."""
    found = [ADA] if ADA.id in by_user else []
    span = sample_events.DAYS + 60
    for age in range(span):
        day = start + timedelta(days=sample_events.DAYS - age)
        found += [person for person in people_of(day) if person.id in by_user]
    return found


def _user(person: Person, visits: list[Event]) -> JsonObject:
    amounts = [
        amount
        for event in visits
        if event.name == "Purchase"
        and isinstance(amount := event.properties["amount"], float)
    ]
    name = f"{person.first_name} {person.last_name}"
    properties: JsonObject = {
        "$name": name,
        "$email": f"{name.replace(' ', '.').lower()}.{person.id[-9:]}@example.com",
        "$created": f"{person.signed_up}T00:00:00",
        "$last_seen": f"{moment(visits[-1].time_ms):%Y-%m-%dT%H:%M:%S}",
        "$city": person.city,
        "country": person.country,
        "plan": person.plan,
        "campaign": person.campaign,
    }
    if person.company:
        properties["company"] = person.company
    if amounts:
        properties["orders"] = len(amounts)
        properties["spent"] = round(sum(amounts), 2)
    return properties
