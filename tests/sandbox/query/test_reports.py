from __future__ import annotations

import httpx
import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.data.events import Event
from mixtui.sandbox.query import funnels
from tests.sandbox.helpers import Rows, import_rows, query_api

MINUTE = 60_000
STEPS = ["A", "B", "C"]


def event_at(name: str, minute: int) -> Event:
    return Event(name, "ada", minute * MINUTE, f"{name}-{minute}", 0, {})


@pytest.mark.parametrize(
    ("events", "minutes"),
    [
        ([event_at("A", 0), event_at("B", 1), event_at("C", 2)], [0, 1, 2]),
        ([event_at("A", 0), event_at("C", 1), event_at("B", 2)], [0, 2]),
        ([event_at("A", 0), event_at("A", 1), event_at("B", 2)], [0, 2]),
        ([event_at("A", 0), event_at("B", 61)], [0]),
        ([event_at("A", 0), event_at("B", 60)], [0, 60]),
        ([event_at("A", 0)], [0]),
    ],
    ids=["all", "order", "again", "too late", "just in time", "one"],
)
def test_steps_count_only_in_order_and_in_time(
    events: list[Event], minutes: list[int]
) -> None:
    times = funnels.step_times(events, STEPS, 60 * MINUTE)
    assert times == [minute * MINUTE for minute in minutes]


FUNNEL: Rows = [
    ("View product", "ada", "2026-03-16 09:00", {"plan": "pro"}),
    ("Add to cart", "ada", "2026-03-16 09:10", {}),
    ("Checkout", "ada", "2026-03-17 09:00", {}),
    ("View product", "bob", "2026-03-16 10:00", {"plan": "free"}),
    ("Add to cart", "bob", "2026-03-16 10:20", {}),
    ("View product", "bob", "2026-03-17 10:00", {"plan": "free"}),
    ("Purchase", "cyd", "2026-03-17 10:00", {}),
]


@pytest.fixture
def funnel(frozen_client: httpx.Client) -> httpx.Client:
    """A client of a sandbox with extra events for the funnel of the sample."""
    rows = [
        (name, f"test-{user}", time_text, properties)
        for name, user, time_text, properties in FUNNEL
    ]
    import_rows(frozen_client, rows)
    return frozen_client


WHERE = "event[\"$name\"] != '' and " + 'not defined(properties["country"])'


def test_a_funnel_counts_users_and_times_per_step(funnel: httpx.Client) -> None:
    response = query_api(
        funnel,
        "/funnels",
        funnel_id=identity.FUNNEL_ID,
        where=WHERE,
        to_date="2026-03-17",
    )
    assert response["meta"] == {"dates": ["2026-03-16", "2026-03-17"]}
    first = response["data"]["2026-03-16"]
    assert first["analysis"] == {
        "completion": 0,
        "starting_amount": 2,
        "steps": 4,
        "worst": 3,
    }
    assert first["steps"][1] == {
        "count": 2,
        "avg_time": 900,
        "avg_time_from_start": 900,
        "step_conv_ratio": 1.0,
        "goal": "Add to cart",
        "overall_conv_ratio": 1.0,
        "event": "Add to cart",
        "step_label": "Add to cart",
    }
    assert first["steps"][0]["avg_time"] is None
    assert [step["count"] for step in first["steps"]] == [2, 2, 1, 0]
    assert first["steps"][2]["avg_time_from_start"] == 24 * 3600
    second = response["data"]["2026-03-17"]["steps"]
    assert [step["count"] for step in second] == [1, 0, 0, 0]


def test_a_funnel_can_be_split_and_have_a_shorter_window(funnel: httpx.Client) -> None:
    response = query_api(
        funnel,
        "/funnels",
        funnel_id=identity.FUNNEL_ID,
        where=WHERE,
        on='properties["plan"]',
        unit="week",
        length=15,
        length_unit="minute",
    )
    assert response["meta"]["dates"] == ["2026-03-16"]
    counts = {
        name: [step["count"] for step in steps]
        for name, steps in response["data"]["2026-03-16"].items()
    }
    assert counts == {
        "$overall": [2, 1, 0, 0],
        "free": [1, 0, 0, 0],
        "pro": [1, 1, 0, 0],
    }


def test_saved_funnels_are_listed(client: httpx.Client) -> None:
    assert query_api(client, "/funnels/list")[0] == {
        "funnel_id": identity.FUNNEL_ID,
        "name": "Shop: from product to purchase",
    }


RETENTION: Rows = [
    ("Join", "ada", "2026-03-14 12:00", {}),
    ("Visit", "ada", "2026-03-14 13:00", {}),
    ("Visit", "ada", "2026-03-16 13:00", {}),
    ("Join", "bob", "2026-03-14 12:00", {}),
    ("Visit", "bob", "2026-03-15 13:00", {}),
    ("Join", "cyd", "2026-03-17 12:00", {}),
    ("Join", "ada", "2026-03-17 12:00", {}),
]
BIRTH = {
    "born_event": "Join",
    "event": "Visit",
    "interval_count": 3,
    "from_date": "2026-03-14",
    "to_date": "2026-03-17",
}


@pytest.mark.parametrize(
    ("parameters", "rows"),
    [
        pytest.param(
            {},
            {
                "2026-03-14": {"first": 2, "counts": [1, 1, 1, 0]},
                "2026-03-15": {"first": 0, "counts": [0, 0, 0, 0]},
                "2026-03-16": {"first": 0, "counts": [0, 0, 0]},
                "2026-03-17": {"first": 1, "counts": [0, 0]},
            },
            id="birth",
        ),
        pytest.param(
            {"unbounded_retention": "true", "to_date": "2026-03-14"},
            {"2026-03-14": {"first": 2, "counts": [2, 2, 1, 0]}},
            id="unbounded",
        ),
        pytest.param(
            {"interval": 2, "interval_count": 1},
            {
                "2026-03-14": {"first": 2, "counts": [2, 1]},
                "2026-03-16": {"first": 1, "counts": [0, 0]},
            },
            id="two days",
        ),
        pytest.param(
            {"unit": "week", "interval_count": 1, "to_date": "2026-03-18"},
            {
                "2026-03-09": {"first": 2, "counts": [2, 0]},
                "2026-03-16": {"first": 1, "counts": [0]},
            },
            id="weeks",
        ),
        pytest.param(
            {"retention_type": "compounded", "to_date": "2026-03-17", "event": "Join"},
            {
                "2026-03-14": {"first": 2, "counts": [0, 0, 0, 1]},
                "2026-03-15": {"first": 0, "counts": [0, 0, 0, 0]},
                "2026-03-16": {"first": 0, "counts": [0, 0, 0]},
                "2026-03-17": {"first": 2, "counts": [0, 0]},
            },
            id="compounded",
        ),
        pytest.param(
            {"born_where": 'event["$time"] > 1773700000', "to_date": "2026-03-14"},
            {"2026-03-14": {"first": 0, "counts": [0, 0, 0, 0]}},
            id="born where",
        ),
    ],
)
def test_retention_counts_who_comes_back_in_intervals_that_have_begun(
    empty_client: httpx.Client, parameters: dict[str, object], rows: object
) -> None:
    import_rows(empty_client, RETENTION)
    assert query_api(empty_client, "/retention", **{**BIRTH, **parameters}) == rows


def test_addiction_counts_users_by_how_often_they_come(
    empty_client: httpx.Client,
) -> None:
    import_rows(empty_client, RETENTION)
    response = query_api(
        empty_client,
        "/retention/addiction",
        unit="week",
        addiction_unit="day",
        from_date="2026-03-09",
        to_date="2026-03-15",
    )
    assert response == {"data": {"2026-03-09": [2, 1, 0, 0, 0, 0, 0]}}
    hours = query_api(
        empty_client,
        "/retention/addiction",
        unit="day",
        addiction_unit="hour",
        event="Visit",
        from_date="2026-03-14",
        to_date="2026-03-14",
    )
    assert hours["data"]["2026-03-14"] == [1] + [0] * 23


def test_a_trend_has_days_with_their_offset(client: httpx.Client) -> None:
    response = query_api(client, "/insights", bookmark_id=identity.INSIGHTS_ID)
    assert response["headers"] == ["$event"]
    assert set(response["series"]) == {"Sign up", "Purchase"}
    days = list(response["series"]["Purchase"])
    assert len(days) == 14
    assert days[0] == response["date_range"]["from_date"]
    assert days[0].endswith("T00:00:00+00:00")
    assert {"computed_at", "date_range", "headers", "series"} == set(response)


def test_a_breakdown_has_another_level_with_the_sum(client: httpx.Client) -> None:
    response = query_api(client, "/insights", bookmark_id=identity.BREAKDOWN_ID)
    assert response["headers"] == ["$event", "plan"]
    levels = response["series"]["Purchase"]
    overall = levels.pop("$overall")["all"]
    assert set(levels) == {"free", "plus", "pro"}
    assert overall == sum(level["all"] for level in levels.values()) > 0


def test_a_funnel_report_numbers_its_steps(client: httpx.Client) -> None:
    response = query_api(client, "/insights", bookmark_id=identity.FUNNEL_REPORT_ID)
    (measures,) = response["series"].values()
    assert set(measures) == {
        "count",
        "step_conv_ratio",
        "overall_conv_ratio",
        "avg_time",
    }
    assert list(measures["count"]) == [
        "1. View product",
        "2. Add to cart",
        "3. Checkout",
        "4. Purchase",
    ]


def test_a_retention_report_has_rates_and_an_average(client: httpx.Client) -> None:
    response = query_api(client, "/insights", bookmark_id=identity.RETENTION_REPORT_ID)
    rows = response["series"]["Sign up and then View product"]
    average = rows.pop("$average")
    assert average["first"] == sum(row["first"] for row in rows.values())
    for row in rows.values():
        # A week that has just begun may have nobody yet.
        first = row["first"] or 1
        assert row["rates"] == [count / first for count in row["counts"]]
