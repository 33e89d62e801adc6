"""The people of the sample shop: who they are, and on which day they came.

Everything is drawn from a generator seeded with the day, so a day always has the same
people, whenever it is generated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import TypeVar

from mixtui.sandbox.identity import USER
from mixtui.sandbox.json_text import JsonObject

Chosen = TypeVar("Chosen")

SEED = "mixtui sandbox"
REMEMBERED_DAYS = 45
"""How long after signing up people may come back."""

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


@dataclass(frozen=True, slots=True)
class Person:
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
    """About 1; how often this person comes, compared with others."""

    @property
    def event_properties(self) -> JsonObject:
        """What every event of this person says."""
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
    """Those who sign up on a day; fewer at weekends."""
    random = Random(f"{SEED} people {day}")
    usual = 5 if day.weekday() >= 5 else 8
    return tuple(
        _person(random, day, number)
        for number in range(usual + random.randrange(-2, 3))
    )


def known_people(day: date) -> list[Person]:
    """Those who may come on a day, `ADA` first."""
    people = [ADA]
    for age in range(REMEMBERED_DAYS, -1, -1):
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
"""Comes every day, so that there is always someone to look up."""
