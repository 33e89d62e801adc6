from __future__ import annotations

import httpx
import pytest

from mixtui.sandbox.data import identity
from tests.fixtures_sandbox import NewSandbox
from tests.sandbox.conftest import NOW, Connect
from tests.sandbox.helpers import error_of, ok


@pytest.fixture
def owner(new_sandbox: NewSandbox, connect: Connect) -> httpx.Client:
    """A client that may request retrievals and deletions."""
    client = connect(new_sandbox(clock=lambda: NOW, with_sample=False), auth=None)
    client.headers["Authorization"] = f"Bearer {identity.OAUTH_TOKEN}"
    return client


def url(kind: str, job: str = "") -> str:
    return f"/api/app/data-{kind}/v3.0{job}?token={identity.PROJECT_TOKEN}"


def create_job(client: httpx.Client, kind: str) -> str:
    """Create a job and return its URL."""
    response = ok(client.post(url(kind), json={"distinct_ids": ["a"]}), 201)
    return url(kind, f"/{response['results']['task_id']}")


def job_status(client: httpx.Client, job: str) -> str:
    return str(ok(client.get(job))["results"]["status"])


def test_a_retrieval_advances_with_each_request_and_ends_with_a_link(
    owner: httpx.Client,
) -> None:
    job = create_job(owner, "retrievals")
    pending = {"status": "PENDING", "results": "", "distinct_ids": ["a"]}
    assert ok(owner.get(job)) == {"status": "ok", "results": pending}
    assert [job_status(owner, job) for _ in range(2)] == ["STAGING", "STARTED"]
    results = ok(owner.get(job))["results"]
    assert results["status"] == "SUCCESS"
    assert results["results"].startswith("https://")
    assert job_status(owner, job) == "SUCCESS"


def test_a_deletion_has_its_user_and_ids(owner: httpx.Client) -> None:
    results = ok(owner.get(create_job(owner, "deletions")))["results"]
    assert set(results) == {
        "tracking_id",
        "status",
        "requesting_user",
        "compliance_type",
        "project_id",
        "date_requested",
        "distinct_ids",
    }


def test_a_deletion_can_be_cancelled_until_it_starts(owner: httpx.Client) -> None:
    job = create_job(owner, "deletions")
    assert job_status(owner, job) == "PENDING"
    cancelled = owner.delete(job)
    assert (cancelled.status_code, cancelled.content) == (204, b"")
    assert [job_status(owner, job) for _ in range(2)] == ["REVOKED"] * 2
    assert "no longer" in error_of(owner.delete(job), 405)
    started = create_job(owner, "deletions")
    assert [job_status(owner, started) for _ in range(3)][-1] == "STARTED"
    assert "no longer" in error_of(owner.delete(started), 405)


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("deletions", {}, "'distinct_ids' is required"),
        ("deletions", {"distinct_ids": []}, "must hold at least 1"),
        ("deletions", {"distinct_ids": ["a"] * 2001}, "must hold at most 2000"),
        ("deletions", {"distinct_ids": [1]}, "'distinct_ids[0]' must be a string"),
        (
            "retrievals",
            {"distinct_ids": ["a"], "compliance_type": "none"},
            "must be one of GDPR, CCPA",
        ),
        (
            "retrievals",
            {"distinct_ids": ["a"], "disclosure_type": "none"},
            "must be one of Data, Categories, Sources",
        ),
    ],
    ids=lambda item: str(item)[:30],
)
def test_an_invalid_job_is_refused(
    owner: httpx.Client, kind: str, body: object, message: str
) -> None:
    assert message in error_of(owner.post(url(kind), json=body), 400)


def test_an_unknown_job_is_refused(owner: httpx.Client) -> None:
    error_of(owner.get(url("deletions", "/none")), 404)
