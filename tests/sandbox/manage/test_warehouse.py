from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.helpers import IMPORTS, error_of, ok

BODY = {
    "import_type": "event_stream",
    "warehouse_source_id": 1,
    "table_params": {},
    "event_name": "Refund",
    "time_column_name": "t",
    "sync_mode": "full_sync",
}


LOOKUP = {
    "import_type": "lookup_table",
    "mixpanel_property": {"value": "product_id", "resourceType": "event"},
    "property_key_column_name": "id",
}


def test_an_import_is_created_changed_run_and_deleted(
    empty_client: httpx.Client,
) -> None:
    created = ok(empty_client.post(f"{IMPORTS}/event-stream", json=BODY))["results"]
    url = f"{IMPORTS}/{created['id']}"
    assert ok(empty_client.get(url))["results"] == created
    (listed,) = ok(empty_client.get(IMPORTS))["results"]
    assert listed.items() <= created.items()
    assert created["creator_name"] == listed["creator_name"]
    assert (created["group_key"], "group_key" in listed) == (None, False)
    changes = {"paused": True, "run_every": 3_600_000_000_000}
    assert ok(empty_client.patch(url, json=changes))["results"] == {
        **created,
        **changes,
    }
    started = [ok(empty_client.put(f"{url}/manual-sync", json={})) for _ in range(2)]
    assert len({response["results"]["run_id"] for response in started}) == 2
    for status in ("RUNNING", "SUCCEEDED"):
        runs = ok(empty_client.get(f"{url}/history"))["results"]["runs"]
        assert [run["status"] for run in runs] == [status] * 2
    body = empty_client.request("DELETE", url, json={"delete_data": True})
    assert ok(body) == {"status": "ok"}
    error_of(empty_client.get(url), 404)


@pytest.mark.parametrize(
    ("kind", "changes", "status"),
    [
        ("unknown", {}, 404),
        ("people", {}, 400),
        ("event-stream", {"run_every": 5}, 400),
        ("event-stream", {"sync_mode": None}, 400),
        ("event-stream", {"sync_mode": "sometimes"}, 400),
        ("event-stream", {"warehouse_source_id": "1"}, 400),
        ("event-stream", {"event_name": ""}, 400),
        ("lookup-table", {"import_type": "lookup_table"}, 400),
        ("lookup-table", {**LOOKUP, "sync_mode": "time_based"}, 400),
        ("groups", {"import_type": "groups", "group_key": "company"}, 400),
    ],
)
def test_an_invalid_import_is_refused(
    client: httpx.Client, kind: str, changes: dict[str, Any], status: int
) -> None:
    response = client.post(f"{IMPORTS}/{kind}", json={**BODY, **changes})
    error_of(response, status)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("people", {"import_type": "people", "user_column_name": "id"}),
        (
            "groups",
            {
                "import_type": "groups",
                "group_key": "company",
                "group_id_column": "id",
            },
        ),
        ("lookup-table", LOOKUP),
    ],
)
def test_the_other_kinds_of_import_are_created(
    empty_client: httpx.Client, kind: str, changes: dict[str, Any]
) -> None:
    created = ok(empty_client.post(f"{IMPORTS}/{kind}", json={**BODY, **changes}))[
        "results"
    ]
    assert created["import_type"] == changes["import_type"]


def test_an_event_import_names_its_event_or_the_column(
    empty_client: httpx.Client,
) -> None:
    body = {name: value for name, value in BODY.items() if name != "event_name"}
    response = empty_client.post(f"{IMPORTS}/event-stream", json=body)
    assert "'event_name' or 'event_column_name'" in error_of(response, 400)
    ok(
        empty_client.post(
            f"{IMPORTS}/event-stream", json={**body, "event_column_name": "e"}
        )
    )


def test_a_change_requires_both_of_its_fields(client: httpx.Client) -> None:
    response = client.patch(f"{IMPORTS}/1", json={"paused": True})
    assert "'run_every' is required" in error_of(response, 400)
