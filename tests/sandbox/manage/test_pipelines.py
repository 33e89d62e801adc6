from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.manage.pipelines import NEW_PIPELINE
from mixtui.sandbox.requests.shapes import Boolean, OneOf, Text
from tests.fixtures_sandbox import NewSandbox
from tests.sandbox.asking import PIPELINE, ok, refused
from tests.sandbox.conftest import NOW, Connect

S3 = {"s3_bucket": "exports", "s3_region": "eu-west-1", "s3_role": "arn:aws:iam::1:x"}
FORM: dict[str, Any] = {
    "project_id": identity.PROJECT_ID,
    "type": "s3-raw",
    "from_date": "2026-03-16",
    "events": ["A", "B"],
    **S3,
}
NAME = "events-daily-s3-raw"


def test_one_is_created_paused_and_cancelled(empty: httpx.Client) -> None:
    assert ok(empty.post(f"{PIPELINE}/create", data=FORM)) == {"pipeline_names": [NAME]}
    (job,) = ok(empty.get(f"{PIPELINE}/jobs"))[identity.PROJECT_ID]
    assert job == {
        "name": NAME,
        "Dispatcher": "backfill",
        "last_dispatched": "2026-03-18 00:00:00 UTC",
        "frequency": "daily",
        "sync_enabled": "false",
    }
    form = {"project_id": identity.PROJECT_ID, "name": NAME}
    for action in ("pause", "resume", "edit"):
        ok(empty.post(f"{PIPELINE}/{action}", data=form))
    ok(empty.post(f"{PIPELINE}/cancel", data=form))
    assert ok(empty.get(f"{PIPELINE}/jobs")) == {identity.PROJECT_ID: []}
    assert NAME in refused(empty.post(f"{PIPELINE}/cancel", data=form), 404)


def test_status_and_timeline_know_every_day_that_is_over(empty: httpx.Client) -> None:
    ok(empty.post(f"{PIPELINE}/create", data=FORM))
    status = ok(empty.get(f"{PIPELINE}/status", params={"name": NAME}))
    assert (status["canceled"], status["retried"]) == ([], [])
    days = ["2026-03-16", "2026-03-17"]
    assert [task["from_date"] for task in status["succeeded"]] == days
    counts = {"name": NAME, "summary": "true"}
    assert ok(empty.get(f"{PIPELINE}/status", params=counts))["succeeded"] == 2
    failed = {"name": NAME, "status": "failed"}
    assert ok(empty.get(f"{PIPELINE}/status", params=failed))["succeeded"] == []
    for parameters in ({}, {"name": NAME}):
        syncs = ok(empty.get(f"{PIPELINE}/timeline", params=parameters))["day_syncs"]
        assert [sync["date"] for sync in syncs] == days
        assert {sync["status"] for sync in syncs} == {"synced"}
    refused(empty.get(f"{PIPELINE}/timeline", params={"name": "none"}), 404)


def test_a_trial_of_tables_exports_events_and_people_from_yesterday(
    empty: httpx.Client,
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
    answer = ok(empty.post(f"{PIPELINE}/create", data=form))
    assert answer["pipeline_names"] == [
        "trial-events-daily-bigquery-monoschema",
        "trial-people-daily-bigquery-monoschema",
    ]
    assert answer["bigquery_dataset_name"].endswith("shop:exports")


def filled(kind: str) -> dict[str, str]:
    """The required fields of a type, with a value that fits."""
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
    empty: httpx.Client, kind: str
) -> None:
    form = {**filled(kind), "type": kind}
    ok(empty.post(f"{PIPELINE}/create", data=form))
    for name in NEW_PIPELINE[kind].required:
        lacking = {key: value for key, value in form.items() if key != name}
        answer = empty.post(f"{PIPELINE}/create", data=lacking)
        assert f"'{name}' is required" in refused(answer, 400)


@pytest.mark.parametrize(
    ("changes", "words"),
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
        ({**filled("aws"), "type": "aws", "sync": "false"}, "'sync' must be true"),
        ({**filled("aws"), "type": "aws", "use_glue": "true"}, "glue_database"),
    ],
    ids=lambda item: str(item)[:30],
)
def test_a_wrong_one_is_refused(
    empty: httpx.Client, changes: dict[str, str], words: str
) -> None:
    answer = empty.post(f"{PIPELINE}/create", data={**FORM, **changes})
    assert words in refused(answer, 400)


def test_a_project_may_have_two_that_go_on_and_one_that_ends(
    empty: httpx.Client,
) -> None:
    for name in (NAME, f"{NAME}-2"):
        made = ok(empty.post(f"{PIPELINE}/create", data=FORM))
        assert made["pipeline_names"] == [name]
    third = empty.post(f"{PIPELINE}/create", data=FORM)
    assert "2 recurring" in refused(third, 400)
    once = {**FORM, "to_date": "2026-03-17"}
    ok(empty.post(f"{PIPELINE}/create", data=once))
    assert "1 one-off" in refused(empty.post(f"{PIPELINE}/create", data=once), 400)


def test_one_that_pauses_syncs_no_more_until_it_resumes(
    new_sandbox: NewSandbox, connect: Connect
) -> None:
    now = [NOW]
    client = connect(new_sandbox(clock=lambda: now[0], with_sample=False))
    ok(client.post(f"{PIPELINE}/create", data=FORM))
    form = {"project_id": identity.PROJECT_ID, "name": NAME}

    def synced() -> int:
        return len(ok(client.get(f"{PIPELINE}/timeline", params=form))["day_syncs"])

    ok(client.post(f"{PIPELINE}/pause", data=form))
    now[0] += timedelta(days=3)
    assert synced() == 2
    ok(client.post(f"{PIPELINE}/resume", data=form))
    assert synced() == 5


def test_a_status_needs_a_name_and_knows_its_words(client: httpx.Client) -> None:
    assert "'name' is required" in refused(client.get(f"{PIPELINE}/status"), 400)
    wrong = {"name": NAME, "status": "done"}
    answer = client.get(f"{PIPELINE}/status", params=wrong)
    assert "status must be one of pending" in refused(answer, 400)


def test_the_project_id_of_a_post_stands_in_its_form(empty: httpx.Client) -> None:
    form = {k: v for k, v in FORM.items() if k != "project_id"}
    refused(empty.post(f"{PIPELINE}/create", data=form), 401)
