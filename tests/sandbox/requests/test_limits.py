from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier, Thread

import httpx
import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.limits import Quota
from tests.fixtures_sandbox import NewSandbox
from tests.sandbox.conftest import NOW, SA, Connect

LIST = "/api/query/funnels/list"


class MovingClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


def test_the_61st_query_of_an_hour_is_refused_with_the_counters(
    new_sandbox: NewSandbox, connect: Connect, clock: MovingClock
) -> None:
    client = connect(new_sandbox(with_sample=False, clock=clock, queries_per_hour=60))
    for _ in range(60):
        assert client.get(LIST).status_code == 200
        clock.now += timedelta(seconds=10)
    refused = client.get(LIST)
    assert refused.status_code == 429
    assert refused.json() == {
        "request": f"{LIST}?project_id={identity.PROJECT_ID}",
        "error": f"Query rate limit exceeded for project_id: {identity.PROJECT_ID}. "
        "1/5 queries running concurrently and 61/60 queries running in the last hour.",
    }
    assert refused.headers["retry-after"] == "3000"


def test_a_slot_is_free_after_the_time_of_retry_after(
    new_sandbox: NewSandbox, connect: Connect, clock: MovingClock
) -> None:
    client = connect(new_sandbox(with_sample=False, clock=clock, queries_per_hour=2))
    for _ in range(2):
        assert client.get(LIST).status_code == 200
    wait = int(client.get(LIST).headers["retry-after"])
    clock.now += timedelta(seconds=wait - 1)
    assert client.get(LIST).status_code == 429
    clock.now += timedelta(seconds=1)
    assert client.get(LIST).status_code == 200


def test_exports_have_a_separate_quota(
    new_sandbox: NewSandbox, connect: Connect
) -> None:
    client = connect(
        new_sandbox(with_sample=False, clock=lambda: NOW, queries_per_hour=1)
    )
    days = {"from_date": "2026-03-18", "to_date": "2026-03-18"}
    statuses = [client.get(LIST).status_code]
    statuses += [client.get("/api/2.0/export", params=days).status_code for _ in "12"]
    assert statuses == [200, 200, 429]


@pytest.mark.parametrize(
    ("auth", "project_id", "status"),
    [(("no", "body"), identity.PROJECT_ID, 400), (SA, identity.FREE_PROJECT_ID, 402)],
    ids=["wrong credentials", "free plan"],
)
def test_refused_requests_do_not_count_against_the_quota(
    new_sandbox: NewSandbox,
    connect: Connect,
    auth: tuple[str, str],
    project_id: str,
    status: int,
) -> None:
    client = connect(new_sandbox(with_sample=False, queries_per_hour=1))
    for _ in range(3):
        response = client.get(LIST, auth=auth, params={"project_id": project_id})
        assert response.status_code == status
    assert client.get(LIST).status_code == 200


def test_following_pages_of_a_profile_query_are_free(
    new_sandbox: NewSandbox, connect: Connect
) -> None:
    client = connect(new_sandbox(with_sample=False, queries_per_hour=1))
    first = client.post("/api/query/engage", data={"page_size": 100}).json()
    for page in (1, 2):
        form = {"page_size": 100, "page": page, "session_id": first["session_id"]}
        assert client.post("/api/query/engage", data=form).status_code == 200
    assert client.post("/api/query/engage").status_code == 429


def test_ingestion_and_the_app_server_have_no_hourly_limit(
    new_sandbox: NewSandbox, connect: Connect
) -> None:
    client: httpx.Client = connect(new_sandbox(with_sample=False, queries_per_hour=1))
    for _ in range(4):
        assert client.post("/import", json=[]).status_code == 200
        assert client.get("/api/app/me").status_code == 200


def test_too_many_concurrent_queries_are_refused() -> None:
    quota = Quota(lambda: NOW, limit=100, seconds=3600, concurrent=2)
    with quota.use("1"), quota.use("1"):
        with pytest.raises(Refusal, match="3/2 queries running concurrently") as caught:
            quota.use("1").__enter__()
        assert caught.value.retry_after == 1
        with quota.use("2"):
            pass
    with quota.use("1"):
        pass


def test_threads_never_share_a_slot() -> None:
    quota = Quota(lambda: NOW, limit=10, seconds=3600, concurrent=100)
    barrier = Barrier(20)
    results: list[bool] = []

    def call() -> None:
        barrier.wait()
        try:
            with quota.use("1"):
                results.append(True)
        except Refusal:
            results.append(False)

    threads = [Thread(target=call) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 10 + [True] * 10
