from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.asking import (
    IMPORTS,
    ok,
    refused,
)

BODY = {
    "import_type": "event_stream",
    "warehouse_source_id": 1,
    "table_params": {},
    "time_column_name": "t",
    "sync_mode": "full_sync",
}


def test_an_import_is_made_changed_run_and_deleted(empty: httpx.Client) -> None:
    made = ok(empty.post(f"{IMPORTS}/event-stream", json=BODY))["results"]
    one = f"{IMPORTS}/{made['id']}"
    assert ok(empty.get(one))["results"] == made
    assert ok(empty.get(IMPORTS))["results"] == [made]
    changes = {"paused": True, "run_every": 3_600_000_000_000}
    assert ok(empty.patch(one, json=changes))["results"] == {**made, **changes}
    for _ in range(2):
        ok(empty.put(f"{one}/manual-sync", json={}))
    runs = ok(empty.get(f"{one}/history"))["results"]["runs"]
    assert [run["status"] for run in runs] == ["succeeded"] * 2
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
    ],
)
def test_a_wrong_one_is_refused(
    client: httpx.Client, kind: str, changes: dict[str, Any], status: int
) -> None:
    answer = client.post(f"{IMPORTS}/{kind}", json={**BODY, **changes})
    refused(answer, status)
