"""Requests to the sandbox that many tests send."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx

from mixtui.sandbox.data import identity
from mixtui.sandbox.data.json_text import Json
from tests.sandbox.conftest import NOW

Rows = list[tuple[str, str, str, dict[str, Any]]]
"""Name, user, time, properties."""
SECONDS = int(NOW.timestamp())
TODAY = "2026-03-18"
TOKEN = identity.PROJECT_TOKEN


def event(
    name: str = "Visit", insert_id: str = "a-1", **properties: Json
) -> dict[str, Any]:
    return {
        "event": name,
        "properties": {
            "time": SECONDS - 60,
            "distinct_id": "eve",
            "$insert_id": insert_id,
            **properties,
        },
    }


def count_events(client: httpx.Client, name: str = "Visit") -> int:
    """Count today's events of that name with a query."""
    response = client.get(
        "/api/query/events",
        params={
            "event": json.dumps([name]),
            "type": "general",
            "unit": "day",
            "from_date": TODAY,
            "to_date": TODAY,
        },
    )
    return sum(response.json()["data"]["values"][name].values())


def export_events(client: httpx.Client, name: str = "Visit") -> list[dict[str, Json]]:
    response = client.get(
        "/api/2.0/export",
        params={
            "event": json.dumps([name]),
            "from_date": "2020-01-01",
            "to_date": TODAY,
        },
    )
    assert response.status_code == 200
    return [json.loads(line) for line in response.text.split("\n") if line]


def get_profile(client: httpx.Client, user: str) -> dict[str, Json] | None:
    response = client.post("/api/query/engage", data={"distinct_id": user})
    results = response.json()["results"]
    return results[0]["$properties"] if results else None


def track_record(name: str, **properties: Json) -> Json:
    return {
        "event": name,
        "properties": {"token": TOKEN, "distinct_id": "eve", **properties},
    }


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


DAYS = {"from_date": "2026-03-16", "to_date": "2026-03-18"}


def import_rows(client: httpx.Client, rows: Rows) -> None:
    batch = [
        {
            "event": name,
            "properties": {
                "time": int(
                    datetime.fromisoformat(time_text).replace(tzinfo=UTC).timestamp()
                ),
                "distinct_id": user,
                "$insert_id": f"row-{number}",
                **properties,
            },
        }
        for number, (name, user, time_text, properties) in enumerate(rows, start=1)
    ]
    assert client.post("/import", json=batch).status_code == 200


def query_api(client: httpx.Client, path: str, **parameters: object) -> Any:
    response = client.get(f"/api/query{path}", params={**DAYS, **parameters})
    assert response.status_code == 200, response.text
    return response.json()


# NOW is 2026-03-18 15:30.
COUNTED = {"type": "general", "unit": "day"}
"""Parameters that `/events` requires, too."""
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


PROJECT = f"/api/app/projects/{identity.PROJECT_ID}"
SCHEMAS = f"{PROJECT}/schemas"
ANNOTATIONS = f"{PROJECT}/annotations"
IMPORTS = f"{PROJECT}/warehouse-sources/imports"
ACCOUNTS = f"/api/app/organizations/{identity.ORGANIZATION_ID}/service-accounts"
PIPELINE = "/api/2.0/nessie/pipeline"


def ok(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def error_of(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"status", "error"}
    assert body["status"] == "error"
    return str(body["error"])
