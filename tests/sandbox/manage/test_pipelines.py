from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.manage.pipelines import NEW_PIPELINE
from mixtui.sandbox.requests.shapes import Boolean, OneOf, Text
from tests.fixtures_sandbox import NewSandbox
from tests.sandbox.conftest import NOW, Connect
from tests.sandbox.helpers import PIPELINE, error_of, ok

S3 = {"s3_bucket": "exports", "s3_region": "eu-west-1", "s3_role": "arn:aws:iam::1:x"}
FORM: dict[str, Any] = {
    "project_id": identity.PROJECT_ID,
    "type": "s3-raw",
    "from_date": "2026-03-16",
    "events": ["A", "B"],
    **S3,
}
NAME = "events-daily-s3-raw"


def test_a_pipeline_is_created_paused_and_cancelled(empty_client: httpx.Client) -> None:
    assert ok(empty_client.post(f"{PIPELINE}/create", data=FORM)) == {
        "pipeline_names": [NAME]
    }
    (job,) = ok(empty_client.get(f"{PIPELINE}/jobs"))[identity.PROJECT_ID]
    assert job == {
        "name": NAME,
        "Dispatcher": "backfill",
        "last_dispatched": "2026-03-18 00:00:00 UTC",
        "frequency": "daily",
        "sync_enabled": "false",
    }
    form = {"project_id": identity.PROJECT_ID, "name": NAME}
    for action in ("pause", "resume", "edit"):
        ok(empty_client.post(f"{PIPELINE}/{action}", data=form))
    ok(empty_client.post(f"{PIPELINE}/cancel", data=form))
    assert ok(empty_client.get(f"{PIPELINE}/jobs")) == {identity.PROJECT_ID: []}
    assert NAME in error_of(empty_client.post(f"{PIPELINE}/cancel", data=form), 404)


def test_status_and_timeline_have_every_completed_day(
    empty_client: httpx.Client,
) -> None:
    ok(empty_client.post(f"{PIPELINE}/create", data=FORM))
    status = ok(empty_client.get(f"{PIPELINE}/status", params={"name": NAME}))
    assert (status["canceled"], status["retried"]) == ([], [])
    days = ["2026-03-16", "2026-03-17"]
    assert [task["from_date"] for task in status["succeeded"]] == days
    counts = {"name": NAME, "summary": "true"}
    assert ok(empty_client.get(f"{PIPELINE}/status", params=counts))["succeeded"] == 2
    failed = {"name": NAME, "status": "failed"}
    assert ok(empty_client.get(f"{PIPELINE}/status", params=failed))["succeeded"] == []
    for parameters in ({}, {"name": NAME}):
        syncs = ok(empty_client.get(f"{PIPELINE}/timeline", params=parameters))[
            "day_syncs"
        ]
        assert [sync["date"] for sync in syncs] == days
        assert {sync["status"] for sync in syncs} == {"synced"}
    error_of(empty_client.get(f"{PIPELINE}/timeline", params={"name": "none"}), 404)


def test_a_trial_exports_events_and_people(
    empty_client: httpx.Client,
) -> None:
    form = {
        "project_id": identity.PROJECT_ID,
        "type": "bigquery",
        "trial": "true",
        "sync": "true",
        "schema_type": "monoschema",
        "bq_region": "EU",
        "gcp_project": "shop",
        "bq_dataset_name": "exports",
    }
    response = ok(empty_client.post(f"{PIPELINE}/create", data=form))
    assert response["pipeline_names"] == [
        "trial-events-daily-bigquery-monoschema",
        "trial-people-daily-bigquery-monoschema",
    ]
    assert response["bigquery_dataset_name"].endswith("shop:exports")


def required_form(kind: str) -> dict[str, str]:
    """Fill the required fields of a type with valid values."""
    values = {}
    for name, shape in NEW_PIPELINE[kind].required.items():
        match shape:
            case OneOf(among):
                values[name] = among[0]
            case Boolean():
                values[name] = "true"
            case Text():
                values[name] = "x"
    return {"project_id": identity.PROJECT_ID, "from_date": "2026-03-17", **values}


@pytest.mark.parametrize("kind", NEW_PIPELINE)
def test_every_type_is_created_from_its_required_fields(
    empty_client: httpx.Client, kind: str
) -> None:
    form = {**required_form(kind), "type": kind}
    ok(empty_client.post(f"{PIPELINE}/create", data=form))
    for name in NEW_PIPELINE[kind].required:
        incomplete = {key: value for key, value in form.items() if key != name}
        response = empty_client.post(f"{PIPELINE}/create", data=incomplete)
        assert f"'{name}' is required" in error_of(response, 400)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "fax"}, "'type' must be one of"),
        ({"type": ""}, "'type' is required"),
        ({"from_date": ""}, "'from_date' is required"),
        ({"from_date": "2025-01-01"}, "six months"),
        ({"from_date": "soon"}, "YYYY-MM-DD"),
        ({"from_date": "2026-02-30"}, "YYYY-MM-DD"),
        ({"to_date": "2026-03-01"}, "later than to_date"),
        ({"frequency": "weekly"}, "'frequency' must be one of daily, hourly"),
        ({"data_source": "people"}, "'data_source' must be one of events"),
        ({"s3_region": "moon"}, "'s3_region' must be one of us-east-1"),
        ({"trial": "perhaps"}, "'trial' must be true or false"),
        (
            {**required_form("aws"), "type": "aws", "sync": "false"},
            "'sync' must be true",
        ),
        ({**required_form("aws"), "type": "aws", "use_glue": "true"}, "glue_database"),
    ],
    ids=lambda item: str(item)[:30],
)
def test_an_invalid_pipeline_is_refused(
    empty_client: httpx.Client, changes: dict[str, str], message: str
) -> None:
    response = empty_client.post(f"{PIPELINE}/create", data={**FORM, **changes})
    assert message in error_of(response, 400)


def test_a_project_may_have_two_recurring_and_one_one_off_pipeline(
    empty_client: httpx.Client,
) -> None:
    for name in (NAME, f"{NAME}-2"):
        created = ok(empty_client.post(f"{PIPELINE}/create", data=FORM))
        assert created["pipeline_names"] == [name]
    third = empty_client.post(f"{PIPELINE}/create", data=FORM)
    assert "2 recurring" in error_of(third, 400)
    once = {**FORM, "to_date": "2026-03-17"}
    ok(empty_client.post(f"{PIPELINE}/create", data=once))
    assert "1 one-off" in error_of(
        empty_client.post(f"{PIPELINE}/create", data=once), 400
    )


def test_a_paused_pipeline_does_not_sync_until_it_is_resumed(
    new_sandbox: NewSandbox, connect: Connect
) -> None:
    now = [NOW]
    client = connect(new_sandbox(clock=lambda: now[0], with_sample=False))
    ok(client.post(f"{PIPELINE}/create", data=FORM))
    form = {"project_id": identity.PROJECT_ID, "name": NAME}

    def count_synced_days() -> int:
        return len(ok(client.get(f"{PIPELINE}/timeline", params=form))["day_syncs"])

    ok(client.post(f"{PIPELINE}/pause", data=form))
    now[0] += timedelta(days=3)
    assert count_synced_days() == 2
    ok(client.post(f"{PIPELINE}/resume", data=form))
    assert count_synced_days() == 5


def test_a_status_requires_a_name_and_a_valid_filter(client: httpx.Client) -> None:
    assert "'name' is required" in error_of(client.get(f"{PIPELINE}/status"), 400)
    invalid = {"name": NAME, "status": "done"}
    response = client.get(f"{PIPELINE}/status", params=invalid)
    assert "status must be one of pending" in error_of(response, 400)


def test_the_project_id_of_a_post_must_be_in_its_form(
    empty_client: httpx.Client,
) -> None:
    form = {k: v for k, v in FORM.items() if k != "project_id"}
    error_of(empty_client.post(f"{PIPELINE}/create", data=form), 401)
