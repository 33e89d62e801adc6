from __future__ import annotations

import csv
import io

import httpx
import pytest

from tests.sandbox.helpers import COUNTED, DAYS, VISITS, import_rows, query_api


@pytest.fixture
def visits(empty_client: httpx.Client) -> httpx.Client:
    import_rows(empty_client, VISITS)
    return empty_client


def test_the_older_prefix_gives_the_same_response(visits: httpx.Client) -> None:
    names = [
        visits.get(f"{prefix}/events/names?type=general").json()
        for prefix in ("/api/query", "/api/2.0")
    ]
    assert names == [["Visit", "Buy"]] * 2


@pytest.mark.parametrize(
    ("count_type", "values"),
    [
        ("general", {"2026-03-16": 3, "2026-03-18": 2}),
        ("unique", {"2026-03-16": 2, "2026-03-18": 2}),
        ("average", {"2026-03-16": 1.5, "2026-03-18": 1}),
    ],
)
def test_events_counts_events_users_or_events_per_user(
    visits: httpx.Client, count_type: str, values: dict[str, float]
) -> None:
    response = query_api(
        visits, "/events", event='["Visit", "None"]', type=count_type, unit="day"
    )
    assert response == {
        "data": {
            "series": ["2026-03-16", "2026-03-17", "2026-03-18"],
            "values": {"Visit": values, "None": {}},
        },
        "legend_size": 2,
    }


@pytest.mark.parametrize(
    ("parameters", "series", "values"),
    [
        ({"unit": "week"}, ["2026-03-16"], {"2026-03-16": 5}),
        ({"unit": "month"}, ["2026-03-01"], {"2026-03-01": 5}),
        (
            {"unit": "week", "interval": 2},
            ["2026-03-09", "2026-03-16"],
            {"2026-03-16": 5},
        ),
        ({"unit": "day", "interval": 1}, ["2026-03-18"], {"2026-03-18": 2}),
    ],
    ids=str,
)
def test_events_counts_by_unit_or_by_the_last_units(
    visits: httpx.Client,
    parameters: dict[str, object],
    series: list[str],
    values: dict[str, int],
) -> None:
    data = query_api(
        visits, "/events", event='["Visit"]', type="general", **parameters
    )["data"]
    assert (data["series"], data["values"]["Visit"]) == (series, values)


def test_events_and_segmentation_can_return_csv(visits: httpx.Client) -> None:
    for path, event in (("/events", '["Visit"]'), ("/segmentation", "Visit")):
        response = visits.get(
            f"/api/query{path}",
            params={**DAYS, **COUNTED, "event": event, "format": "csv"},
        )
        assert response.headers["content-type"].startswith("text/csv")
        assert list(csv.reader(io.StringIO(response.text))) == [
            ["date", "Visit"],
            ["2026-03-16", "3"],
            ["2026-03-17", "0"],
            ["2026-03-18", "2"],
        ]


def test_event_names_of_a_month_are_ordered_by_frequency(
    visits: httpx.Client,
) -> None:
    assert query_api(visits, "/events/names", type="general") == ["Visit", "Buy"]
    assert query_api(visits, "/events/names", type="general", limit=1) == ["Visit"]


def test_top_events_compare_today_with_yesterday_at_the_same_time(
    visits: httpx.Client,
) -> None:
    response = query_api(visits, "/events/top", type="general")
    assert response["type"] == "general"
    assert response["events"] == [
        {"amount": 2, "event": "Visit", "percent_change": 1},
        {"amount": 2, "event": "Buy", "percent_change": 0.5},
    ]


def test_properties_are_counted_by_value(visits: httpx.Client) -> None:
    response = query_api(
        visits, "/events/properties", event="Visit", name="plan", **COUNTED
    )
    assert response["data"]["values"] == {
        "free": {"2026-03-16": 1, "2026-03-18": 1},
        "pro": {"2026-03-16": 2},
    }
    filtered = query_api(
        visits,
        "/events/properties",
        event="Visit",
        name="plan",
        values='["pro"]',
        **COUNTED,
    )
    assert list(filtered["data"]["values"]) == ["pro"]


def test_top_properties_and_values(visits: httpx.Client) -> None:
    assert query_api(visits, "/events/properties/top", event="Visit", limit=2) == {
        "n": {"count": 5},
        "plan": {"count": 4},
    }
    values = query_api(visits, "/events/properties/values", event="Visit", name="paid")
    assert values == ["true"]


def test_activity_lists_the_events_of_users(visits: httpx.Client) -> None:
    response = query_api(visits, "/stream/query", distinct_ids='["bob"]')
    assert response["status"] == "ok"
    events = response["results"]["events"]
    assert [event["event"] for event in events] == ["Visit", "Visit", "Buy"]
    assert events[0]["properties"] == {
        "plan": "free",
        "n": 3,
        "time": 1_773_658_800,
        "distinct_id": "bob",
        "$insert_id": "row-3",
    }
