from __future__ import annotations

import httpx
import pytest

from tests.sandbox.helpers import COUNTED, DAYS


@pytest.mark.parametrize(
    ("path", "parameters", "error"),
    [
        ("/events", {"event": "Visit"}, "Invalid JSON Format: event"),
        ("/events", {"event": "[1]"}, "Invalid JSON Format: event"),
        ("/events", {}, "Missing required parameter: event"),
        (
            "/events",
            {"event": '["x"]', "type": "general", "unit": "year"},
            "unit must be one of minute, hour, day, week, month, not 'year'",
        ),
        (
            "/events",
            {"event": '["x"]', **COUNTED, "from_date": "18.3.2026"},
            "from_date must be a date in yyyy-mm-dd format, not '18.3.2026'",
        ),
        (
            "/events",
            {"event": '["x"]', **COUNTED, "from_date": "2026-02-30"},
            "from_date must be a date in yyyy-mm-dd format, not '2026-02-30'",
        ),
        (
            "/events",
            {"event": '["x"]', **COUNTED, "from_date": "2026-03-19"},
            "from_date cannot be later than to_date",
        ),
        ("/events/names", {}, "Missing required parameter: type"),
        (
            "/events/top",
            {"type": "all"},
            "type must be one of general, unique, average, not 'all'",
        ),
        (
            "/events/names",
            {"type": "general", "limit": "x"},
            "limit must be an integer, not 'x'",
        ),
        (
            "/events/names",
            {"type": "general", "limit": 0},
            "limit must be between 1 and 5000",
        ),
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
        (
            "/retention/addiction",
            {"unit": "day"},
            "Missing required parameter: addiction_unit",
        ),
        (
            "/retention",
            {"born_event": "x", "unbounded_retention": "x"},
            "unbounded_retention must be true or false, not 'x'",
        ),
        (
            "/insights",
            {"workspace_id": "x"},
            "workspace_id must be an integer, not 'x'",
        ),
        ("/retention", {}, "Missing required parameter: born_event"),
        (
            "/retention",
            {"born_event": "x", "on": 'properties["x"]'},
            "The sandbox does not split retention by a property (on)",
        ),
    ],
)
def test_an_invalid_parameter_is_named(
    client: httpx.Client, path: str, parameters: dict[str, object], error: str
) -> None:
    response = client.get(f"/api/query{path}", params={**DAYS, **parameters})
    assert response.status_code == 400
    assert response.json() == {
        "request": response.request.url.raw_path.decode(),
        "error": error,
    }
