from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from mixtui.sandbox import identity

Rows = list[tuple[str, str, str, dict[str, Any]]]

# Name, user, time, properties. NOW is 2026-03-18 15:30.
VISITS: Rows = [
    ("Visit", "ada", "2026-03-16 09:00", {"plan": "pro", "n": 1, "paid": True}),
    ("Visit", "ada", "2026-03-16 10:00", {"plan": "pro", "n": 2}),
    ("Visit", "bob", "2026-03-16 11:00", {"plan": "free", "n": 3}),
    ("Visit", "bob", "2026-03-18 09:00", {"plan": "free", "n": 14}),
    ("Visit", "cyd", "2026-03-18 09:30", {"n": "many"}),
    ("Buy", "ada", "2026-03-17 09:00", {"n": 7}),
    ("Buy", "ada", "2026-03-18 14:00", {"n": 8}),
    ("Buy", "bob", "2026-03-18 15:00", {"n": 9}),
    ("Old", "ada", "2026-01-05 09:00", {}),
]
DAYS = {"from_date": "2026-03-16", "to_date": "2026-03-18"}


def send(client: httpx.Client, rows: Rows) -> None:
    batch = [
        {
            "event": name,
            "properties": {
                "time": int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()),
                "distinct_id": user,
                "$insert_id": f"row-{number}",
                **properties,
            },
        }
        for number, (name, user, at, properties) in enumerate(rows, start=1)
    ]
    assert client.post("/import", json=batch).status_code == 200


@pytest.fixture
def visits(empty: httpx.Client) -> httpx.Client:
    send(empty, VISITS)
    return empty


def ask(client: httpx.Client, path: str, **parameters: object) -> Any:
    answer = client.get(f"/api/query{path}", params={**DAYS, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_older_prefix_answers_the_same(visits: httpx.Client) -> None:
    answers = [
        visits.get(f"{prefix}/events/names").json()
        for prefix in ("/api/query", "/api/2.0")
    ]
    assert answers == [["Visit", "Buy"]] * 2


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
    answer = ask(visits, "/events", event='["Visit", "None"]', type=count_type)
    assert answer == {
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
    data = ask(visits, "/events", event='["Visit"]', **parameters)["data"]
    assert (data["series"], data["values"]["Visit"]) == (series, values)


def test_events_and_segmentation_can_answer_csv(visits: httpx.Client) -> None:
    for path, event in (("/events", '["Visit"]'), ("/segmentation", "Visit")):
        answer = visits.get(
            f"/api/query{path}", params={**DAYS, "event": event, "format": "csv"}
        )
        assert answer.headers["content-type"].startswith("text/csv")
        assert list(csv.reader(io.StringIO(answer.text))) == [
            ["date", "Visit"],
            ["2026-03-16", "3"],
            ["2026-03-17", "0"],
            ["2026-03-18", "2"],
        ]


def test_event_names_are_those_of_a_month_the_most_common_first(
    visits: httpx.Client,
) -> None:
    assert ask(visits, "/events/names", type="general") == ["Visit", "Buy"]
    assert ask(visits, "/events/names", limit=1) == ["Visit"]


def test_top_events_compare_today_with_yesterday_at_the_same_time(
    visits: httpx.Client,
) -> None:
    answer = ask(visits, "/events/top", type="general")
    assert answer["type"] == "general"
    assert answer["events"] == [
        {"amount": 2, "event": "Visit", "percent_change": 1},
        {"amount": 2, "event": "Buy", "percent_change": 0.5},
    ]


def test_properties_are_counted_by_value(visits: httpx.Client) -> None:
    answer = ask(visits, "/events/properties", event="Visit", name="plan")
    assert answer["data"]["values"] == {
        "free": {"2026-03-16": 1, "2026-03-18": 1},
        "pro": {"2026-03-16": 2},
    }
    only = ask(
        visits, "/events/properties", event="Visit", name="plan", values='["pro"]'
    )
    assert list(only["data"]["values"]) == ["pro"]


def test_top_properties_and_values(visits: httpx.Client) -> None:
    assert ask(visits, "/events/properties/top", event="Visit", limit=2) == {
        "n": {"count": 5},
        "plan": {"count": 4},
    }
    values = ask(visits, "/events/properties/values", event="Visit", name="paid")
    assert values == ["true"]


def test_segmentation_splits_and_filters(visits: httpx.Client) -> None:
    answer = ask(visits, "/segmentation", event="Visit", on='properties["plan"]')
    assert answer["legend_size"] == 3
    assert answer["data"]["values"] == {
        "free": {"2026-03-16": 1, "2026-03-18": 1},
        "pro": {"2026-03-16": 2},
        "undefined": {"2026-03-18": 1},
    }
    filtered = ask(visits, "/segmentation", event="Visit", where='properties["n"] > 2')
    assert filtered["data"]["values"] == {"Visit": {"2026-03-16": 1, "2026-03-18": 1}}


def test_the_dates_of_a_segmentation_are_complete_and_not_in_order(
    visits: httpx.Client,
) -> None:
    series = ask(visits, "/segmentation", event="Visit")["data"]["series"]
    assert sorted(series) == ["2026-03-16", "2026-03-17", "2026-03-18"]
    assert series != sorted(series)


def test_segmentation_by_days_and_with_a_limit(visits: httpx.Client) -> None:
    answer = ask(visits, "/segmentation", event="Visit", interval=2)
    assert answer["data"]["values"]["Visit"] == {"2026-03-16": 3, "2026-03-18": 2}
    top = ask(visits, "/segmentation", event="Visit", on='properties["plan"]', limit=1)
    assert list(top["data"]["values"]) == ["free"]


def test_an_expression_may_look_at_the_user(visits: httpx.Client) -> None:
    record = {
        "$token": identity.PROJECT_TOKEN,
        "$distinct_id": "ada",
        "$set": {"vip": True},
    }
    visits.post("/engage", json=[record])
    answer = ask(visits, "/segmentation", event="Visit", where='user["vip"]')
    assert answer["data"]["values"]["Visit"] == {"2026-03-16": 2}


def test_numbers_are_counted_by_ranges(visits: httpx.Client) -> None:
    answer = ask(visits, "/segmentation/numeric", event="Visit", on='properties["n"]')
    assert answer["data"]["values"] == {
        "0 - 2": {"2026-03-16": 1},
        "2 - 4": {"2026-03-16": 2},
        "14 - 16": {"2026-03-18": 1},
    }
    assert answer["legend_size"] == 3


def test_sums_and_averages_take_what_is_no_number_for_0(visits: httpx.Client) -> None:
    parameters = {"event": "Visit", "on": 'properties["n"]'}
    total = ask(visits, "/segmentation/sum", **parameters)
    assert total["status"] == "ok"
    assert total["results"] == {"2026-03-18": 14, "2026-03-17": 0, "2026-03-16": 6}
    average = ask(visits, "/segmentation/average", **parameters)
    assert average["results"] == {"2026-03-18": 7, "2026-03-17": 0, "2026-03-16": 2}


def test_activity_lists_the_events_of_users(visits: httpx.Client) -> None:
    answer = ask(visits, "/stream/query", distinct_ids='["bob"]')
    assert answer["status"] == "ok"
    events = answer["results"]["events"]
    assert [event["event"] for event in events] == ["Visit", "Visit", "Buy"]
    assert events[0]["properties"] == {
        "plan": "free",
        "n": 3,
        "time": 1_773_658_800,
        "distinct_id": "bob",
        "$insert_id": "row-3",
    }


@pytest.mark.parametrize(
    ("path", "parameters", "error"),
    [
        ("/events", {"event": "Visit"}, "Invalid JSON Format: event"),
        ("/events", {"event": "[1]"}, "Invalid JSON Format: event"),
        ("/events", {}, "Missing required parameter: event"),
        (
            "/events",
            {"event": '["x"]', "unit": "year"},
            "unit must be one of minute, hour, day, week, month, not 'year'",
        ),
        (
            "/events",
            {"event": '["x"]', "from_date": "18.3.2026"},
            "from_date must be a date in yyyy-mm-dd format, not '18.3.2026'",
        ),
        (
            "/events",
            {"event": '["x"]', "from_date": "2026-02-30"},
            "from_date must be a date in yyyy-mm-dd format, not '2026-02-30'",
        ),
        (
            "/events",
            {"event": '["x"]', "from_date": "2026-03-19"},
            "from_date cannot be later than to_date",
        ),
        ("/events/names", {"limit": "x"}, "limit must be an integer, not 'x'"),
        ("/events/names", {"limit": 0}, "limit must be between 1 and 5000"),
        (
            "/segmentation",
            {"event": "x", "on": "plan"},
            "Unable to parse expression for on: unknown name 'plan' at 0",
        ),
        ("/segmentation/sum", {"event": "x"}, "Missing required parameter: on"),
        (
            "/segmentation",
            {"event": "x", "unit": "day", "interval": 2},
            "unit and interval are mutually exclusive",
        ),
        ("/funnels", {"funnel_id": 1}, "Invalid funnel_id: 1"),
        ("/insights", {"bookmark_id": 1}, "Invalid bookmark_id: 1"),
        ("/retention", {}, "Missing required parameter: born_event"),
        (
            "/retention",
            {"born_event": "x", "on": 'properties["x"]'},
            "The sandbox does not split retention by a property (on)",
        ),
    ],
)
def test_a_wrong_parameter_is_named(
    client: httpx.Client, path: str, parameters: dict[str, object], error: str
) -> None:
    answer = client.get(f"/api/query{path}", params={**DAYS, **parameters})
    assert answer.status_code == 400
    assert answer.json() == {
        "request": answer.request.url.raw_path.decode(),
        "error": error,
    }


def test_jql_is_refused_and_says_what_to_use(client: httpx.Client) -> None:
    answer = client.post("/api/2.0/jql", data={"script": "function main() {}"})
    assert answer.status_code == 412
    error = answer.json()["error"]
    assert error.startswith("UserVisiblePreconditionFailedError: ")
    assert "/insights" in error
