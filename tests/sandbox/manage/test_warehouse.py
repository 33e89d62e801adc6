from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.asking import IMPORTS, ok, refused

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


def test_an_import_is_made_changed_run_and_deleted(empty: httpx.Client) -> None:
    made = ok(empty.post(f"{IMPORTS}/event-stream", json=BODY))["results"]
    one = f"{IMPORTS}/{made['id']}"
    assert ok(empty.get(one))["results"] == made
    (listed,) = ok(empty.get(IMPORTS))["results"]
    assert listed.items() <= made.items()
    assert made["creator_name"] == listed["creator_name"]
    assert (made["group_key"], "group_key" in listed) == (None, False)
    changes = {"paused": True, "run_every": 3_600_000_000_000}
    assert ok(empty.patch(one, json=changes))["results"] == {**made, **changes}
    started = [ok(empty.put(f"{one}/manual-sync", json={})) for _ in range(2)]
    assert len({answer["results"]["run_id"] for answer in started}) == 2
    for status in ("RUNNING", "SUCCEEDED"):
        runs = ok(empty.get(f"{one}/history"))["results"]["runs"]
        assert [run["status"] for run in runs] == [status] * 2
    body = empty.request("DELETE", one, json={"delete_data": True})
    assert ok(body) == {"status": "ok"}
    refused(empty.get(one), 404)


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
def test_a_wrong_one_is_refused(
    client: httpx.Client, kind: str, changes: dict[str, Any], status: int
) -> None:
    answer = client.post(f"{IMPORTS}/{kind}", json={**BODY, **changes})
    refused(answer, status)


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
def test_the_other_kinds_are_made(
    empty: httpx.Client, kind: str, changes: dict[str, Any]
) -> None:
    made = ok(empty.post(f"{IMPORTS}/{kind}", json={**BODY, **changes}))["results"]
    assert made["import_type"] == changes["import_type"]


def test_an_event_import_names_its_event_or_the_column(empty: httpx.Client) -> None:
    body = {name: value for name, value in BODY.items() if name != "event_name"}
    answer = empty.post(f"{IMPORTS}/event-stream", json=body)
    assert "'event_name' or 'event_column_name'" in refused(answer, 400)
    ok(empty.post(f"{IMPORTS}/event-stream", json={**body, "event_column_name": "e"}))


def test_a_change_needs_both_of_its_fields(client: httpx.Client) -> None:
    answer = client.patch(f"{IMPORTS}/1", json={"paused": True})
    assert "'run_every' is required" in refused(answer, 400)
