"""The people of the sample shop, and the days on which they visit.

Everything is drawn from a generator seeded with the day, so that a day always has the
same people, whenever it is generated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import TypeVar

from msgspec import Struct

from mixtui.sandbox.data.events import Event
from mixtui.sandbox.data.identity import USER, midnight
from mixtui.sandbox.data.json_text import JsonObject

Chosen = TypeVar("Chosen")

SEED = "mixtui sandbox"
ACTIVE_DAYS = 45
"""Days after sign-up during which people may return."""

_FIRST_NAMES = (
    "Amara Ben Chiara Dmitri Elif Farid Greta Hana Igor Jonas Kavya Lena Mateo Nadia "
    "Omar Priya Quentin Rosa Sven Tomoko Uma Viktor Wanda Xiu Yusuf Zofia"
)
_LAST_NAMES = (
    "Andersen Baker Costa Dubois Evans Fischer Garcia Haddad Ivanov Jansen Kowalski "
    "Lindqvist Mehta Nakamura Okafor Patel Rossi Silva Tanaka Ueda Vargas Weber Young"
)
_FIRST, _LAST = _FIRST_NAMES.split(), _LAST_NAMES.split()
_COUNTRIES = (
    ("US", "Austin", 34),
    ("DE", "Berlin", 18),
    ("IN", "Pune", 16),
    ("GB", "Leeds", 12),
    ("FR", "Lyon", 9),
    ("BR", "Recife", 7),
    ("JP", "Osaka", 4),
)
_PLANS = (("free", 62), ("plus", 27), ("pro", 11))
_SYSTEMS = (("iOS", 34), ("Android", 30), ("Windows", 20), ("Mac OS X", 16))
_BROWSERS = (("Chrome", 55), ("Safari", 25), ("Firefox", 12), ("Edge", 8))
_CAMPAIGNS = (("organic", 50), ("newsletter", 20), ("spring-sale", 18), ("partner", 12))
COMPANIES = tuple(
    f"{name} {kind}"
    for name in ("Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite")
    for kind in ("Works", "Labs")
)


class Person(Struct, frozen=True):
    """A customer."""

    id: str
    first_name: str
    last_name: str
    plan: str
    country: str
    city: str
    system: str
    browser: str
    campaign: str
    company: str
    """Empty = none."""
    signed_up: date
    eagerness: float
    """About 1; how often this person visits, relative to others."""

    @property
    def event_properties(self) -> JsonObject:
        """The properties of every event of this person."""
        properties: JsonObject = {
            "plan": self.plan,
            "country": self.country,
            "$city": self.city,
            "$os": self.system,
            "$browser": self.browser,
        }
        if self.company:
            properties["company"] = self.company
        return properties


@cache
def people_of(day: date) -> tuple[Person, ...]:
    """Return the people who sign up on a day; fewer at weekends."""
    random = Random(f"{SEED} people {day}")
    usual = 5 if day.weekday() >= 5 else 8
    return tuple(
        _person(random, day, number)
        for number in range(usual + random.randrange(-2, 3))
    )


def known_people(day: date) -> list[Person]:
    """Return those who may come on a day, `ADA` first."""
    people = [ADA]
    for age in range(ACTIVE_DAYS, -1, -1):
        people += people_of(day - timedelta(days=age))
    return people


def _person(random: Random, day: date, number: int) -> Person:
    country, city = _pick(random, tuple(((c, t), w) for c, t, w in _COUNTRIES))
    return Person(
        id=f"user-{day:%y%m%d}-{number:02d}",
        first_name=random.choice(_FIRST),
        last_name=random.choice(_LAST),
        plan=_pick(random, _PLANS),
        country=country,
        city=city,
        system=_pick(random, _SYSTEMS),
        browser=_pick(random, _BROWSERS),
        campaign=_pick(random, _CAMPAIGNS),
        company=random.choice(COMPANIES) if random.random() < 0.3 else "",
        signed_up=day,
        eagerness=random.uniform(0.3, 1.7),
    )


def _pick(random: Random, weighted: tuple[tuple[Chosen, int], ...]) -> Chosen:
    values, weights = zip(*weighted, strict=True)
    chosen: Chosen = random.choices(values, weights)[0]
    return chosen


ADA = Person(
    id=USER,
    first_name="Ada",
    last_name="Lovelace",
    plan="pro",
    country="GB",
    city="London",
    system="Mac OS X",
    browser="Firefox",
    campaign="organic",
    company=COMPANIES[0],
    signed_up=date(2025, 12, 10),
    eagerness=100.0,
)
"""Visits every day, so that there is always someone to look up."""


DAYS = 42
"""Days of events in a new sandbox, including today."""

PRODUCTS = (
    ("P-100", "Field notebook", "stationery", 9.5),
    ("P-101", "Fountain pen", "stationery", 34.0),
    ("P-102", "Desk lamp", "home", 59.0),
    ("P-103", "Wool blanket", "home", 79.0),
    ("P-104", "Espresso cups", "kitchen", 24.0),
    ("P-105", "Chef's knife", "kitchen", 95.0),
    ("P-106", "Moka pot", "kitchen", 32.0),
    ("P-107", "Trail backpack", "outdoor", 120.0),
    ("P-108", "Steel bottle", "outdoor", 22.5),
    ("P-109", "Head torch", "outdoor", 41.0),
)
"""Id, name, category, price."""
_POPULARITY = (20, 9, 12, 6, 15, 5, 11, 7, 18, 8)
_SEARCHES = ("gift", "coffee", "lamp", "travel", "sale", "blanket", "pen")
_PAYMENTS = ("card", "card", "card", "wallet", "invoice")
# Visits start in the hours 0 to 22, so that they end before midnight.
_HOURS = (1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 10, 11, 9, 8, 8, 9, 10, 12, 14, 13, 9, 4)


def events_between(
    since_ms: int, until_ms: int, first: date, last: date
) -> list[Event]:
    """Return the events of the days first to last with times in ``[since, until)``."""
    events: list[Event] = []
    day = first
    while day <= last:
        events += [e for e in _day(day) if since_ms <= e.time_ms < until_ms]
        day += timedelta(days=1)
    return events


def _day(day: date) -> list[Event]:
    random = Random(f"{SEED} day {day}")
    events: list[Event] = []
    for person in known_people(day):
        if random.random() < _chance(person, day):
            events += _Visit(random, person, day).events()
    return sorted(events, key=lambda event: event.time_ms)


def _chance(person: Person, day: date) -> float:
    """Return the chance of a visit: people visit often at first, then less and less."""
    age = (day - person.signed_up).days
    if age == 0:
        return 1.0
    weekend = 0.75 if day.weekday() >= 5 else 1.0
    return person.eagerness * weekend * (0.36 * math.exp(-age / 12) + 0.05)


class _Visit(Struct):
    """One person's visit to the shop on one day."""

    random: Random
    person: Person
    day: date
    time_ms: int = 0

    def events(self) -> Iterator[Event]:
        random = self.random
        (hour,) = random.choices(range(len(_HOURS)), _HOURS)
        self.time_ms = (
            midnight(self.day) + hour * 3_600_000 + random.randrange(3_000_000)
        )
        if self.person.signed_up == self.day:
            yield self._event("Sign up", {"campaign": self.person.campaign})
        if random.random() < 0.35:
            json_object: JsonObject = {
                "query": random.choice(_SEARCHES),
                "results": random.randrange(12),
            }
            yield self._event("Search", json_object)
        cart: list[JsonObject] = []
        for product in self._view_product():
            yield self._event("View product", product)
            if random.random() < 0.38:
                line = {**product, "quantity": random.choice((1, 1, 1, 2, 3))}
                cart.append(line)
                yield self._event("Add to cart", line)
        if cart:
            yield from self._order(cart)

    def _view_product(self) -> list[JsonObject]:
        count = 1 + self.random.choice((0, 0, 1, 1, 2, 3))
        return [
            {
                "product_id": identifier,
                "product": name,
                "category": category,
                "price": price,
            }
            for identifier, name, category, price in self.random.choices(
                PRODUCTS, _POPULARITY, k=count
            )
        ]

    def _order(self, cart: list[JsonObject]) -> Iterator[Event]:
        amount = round(sum(_amount(line) for line in cart), 2)
        order: JsonObject = {
            "items": len(cart),
            "amount": amount,
            "currency": "EUR",
        }
        if self.random.random() < 0.72 or self.person is ADA:
            yield self._event("Checkout", order)
            if self.random.random() < 0.78:
                payment = {"payment": self.random.choice(_PAYMENTS)}
                products = [line["product"] for line in cart]
                yield self._event(
                    "Purchase", {**order, **payment, "products": products}
                )

    def _event(self, name: str, properties: JsonObject) -> Event:
        # About 55 minutes at most from the first event to the last.
        self.time_ms += 4_000 + self.random.randrange(200_000)
        return Event(
            name=name,
            distinct_id=self.person.id,
            time_ms=self.time_ms // 1000 * 1000,
            insert_id=f"{self.random.getrandbits(128):032x}",
            processed_ms=self.time_ms + 1_500,
            properties={**self.person.event_properties, **properties},
        )


def _amount(line: JsonObject) -> float:
    price, quantity = line["price"], line["quantity"]
    assert isinstance(price, float)
    assert isinstance(quantity, int)
    return price * quantity
