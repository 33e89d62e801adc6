from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.data import sample_people as sample_events
from mixtui.sandbox.data.events import Event
from mixtui.sandbox.data.identity import DAY_MS, USER, midnight

LAST = date(2026, 3, 18)
FIRST = LAST - timedelta(days=sample_events.DAYS - 1)
END = midnight(LAST) + DAY_MS


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return sample_events.events_between(0, END, FIRST, LAST)


def test_the_same_days_give_the_same_events(events: list[Event]) -> None:
    middle = midnight(date(2026, 3, 1)) + 12_345_678
    before = sample_events.events_between(0, middle, FIRST, LAST)
    after = sample_events.events_between(middle, END, date(2026, 3, 1), LAST)
    assert [*before, *after] == events


def test_every_day_of_the_sample_has_events(
    events: list[Event],
) -> None:
    days = Counter(event.time_ms // DAY_MS for event in events)
    assert len(days) == sample_events.DAYS
    assert min(days.values()) > 50


def test_fewer_people_reach_each_step_of_the_shop(events: list[Event]) -> None:
    names = Counter(event.name for event in events)
    steps = ["View product", "Add to cart", "Checkout", "Purchase", "Sign up"]
    counts = [names[step] for step in steps]
    assert counts == sorted(counts, reverse=True)
    assert set(names) == {*steps, "Search"}


def test_the_sample_has_a_few_hundred_people(events: list[Event]) -> None:
    assert 200 < len({event.distinct_id for event in events}) < 1000


def test_insert_ids_are_unique_and_valid_for_import(events: list[Event]) -> None:
    assert len({event.insert_id for event in events}) == len(events)
    assert max(len(event.insert_id) for event in events) <= 36


def test_one_person_comes_every_day(events: list[Event]) -> None:
    days = {e.time_ms // DAY_MS for e in events if e.distinct_id == USER}
    assert len(days) == sample_events.DAYS


def test_a_purchase_counts_its_products(events: list[Event]) -> None:
    purchases = [event for event in events if event.name == "Purchase"]
    for event in purchases:
        products = event.properties["products"]
        assert isinstance(products, list)
        assert event.properties["items"] == len(products)


def test_the_documentation_lists_the_ids_of_the_sample() -> None:
    text = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text("utf-8")
    table = text.partition("## Ids")[2].partition("## ")[0]
    for id_ in (
        identity.PROJECT_ID,
        identity.WORKSPACE_ID,
        identity.ORGANIZATION_ID,
        identity.PROJECT_TOKEN,
        identity.ANNOTATION_ID,
        identity.OTHER_ACCOUNT_ID,
        identity.IMPORT_ID,
        identity.FLAG_ID,
        identity.DRAFT_ID,
        identity.ACTIVE_ID,
        identity.CONCLUDED_ID,
        identity.ARCHIVED_ID,
        identity.PIPELINE_NAME,
        identity.LOOKUP_TABLE_ID,
        identity.RETRIEVAL_ID,
        identity.DELETION_ID,
        identity.INSIGHTS_ID,
        identity.FUNNEL_ID,
        identity.USER,
        identity.COHORT_ID,
        identity.COMPANY_GROUP_ID,
    ):
        assert f"`{id_}`" in table
