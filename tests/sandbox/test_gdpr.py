from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from mixtui.sandbox import identity
from tests.fixtures_sandbox import NewSandbox
from tests.sandbox.asking import (
    ok,
    refused,
)
from tests.sandbox.conftest import NOW, Connect

OAUTH = {"Authorization": f"Bearer {identity.OAUTH_TOKEN}"}


@pytest.fixture
def later(new_sandbox: NewSandbox, connect: Connect) -> Any:
    """A client, and a function that moves the clock."""
    moved = [timedelta()]

    def clock() -> datetime:
        return NOW + moved[0]

    client = connect(new_sandbox(clock=clock, with_sample=False), auth=None)
    client.headers.update(OAUTH)

    def move() -> None:
        moved[0] += timedelta(minutes=2)

    return client, move


def url(kind: str, job: str = "") -> str:
    return f"/api/app/data-{kind}/v3.0{job}?token={identity.PROJECT_TOKEN}"


def test_a_retrieval_ends_with_a_link(later: Any) -> None:
    client, move = later
    made = ok(client.post(url("retrievals"), json={"distinct_ids": ["a"]}), 201)
    job = url("retrievals", f"/{made['results']['task_id']}")
    pending = {"status": "PENDING", "results": "", "distinct_ids": ["a"]}
    assert ok(client.get(job)) == {"status": "ok", "results": pending}
    move()
    done = ok(client.get(job))["results"]
    assert done["status"] == "SUCCESS"
    assert done["results"].startswith("https://")


def test_a_deletion_can_be_cancelled_while_it_waits(later: Any) -> None:
    client, move = later
    made = ok(client.post(url("deletions"), json={"distinct_ids": ["a"]}), 201)
    job = url("deletions", f"/{made['results']['task_id']}")
    cancelled = client.delete(job)
    assert (cancelled.status_code, cancelled.content) == (204, b"")
    assert ok(client.get(job))["results"]["status"] == "REVOKED"
    made = ok(client.post(url("deletions"), json={"distinct_ids": ["a"]}), 201)
    job = url("deletions", f"/{made['results']['task_id']}")
    move()
    assert "no longer" in refused(client.delete(job), 405)


def test_an_unknown_job_and_no_ids_are_refused(later: Any) -> None:
    client, _ = later
    refused(client.get(url("deletions", "/none")), 404)
    empty = client.post(url("deletions"), json={"distinct_ids": []})
    assert "between 1 and 2000" in refused(empty, 400)
