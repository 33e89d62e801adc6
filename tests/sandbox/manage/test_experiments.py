from __future__ import annotations

from typing import Any

import httpx
import pytest

from mixtui.sandbox.data import identity
from tests.sandbox.helpers import error_of, ok
from tests.sandbox.manage.test_flag_management import error_inside, evaluate_flags

EXPERIMENTS = f"/api/app/workspaces/{identity.WORKSPACE_ID}/experiments"
DRAFT = f"{EXPERIMENTS}/{identity.DRAFT_ID}"
ACTIVE = f"{EXPERIMENTS}/{identity.ACTIVE_ID}"
CONCLUDED = f"{EXPERIMENTS}/{identity.CONCLUDED_ID}"
ARCHIVED = f"{EXPERIMENTS}/{identity.ARCHIVED_ID}"


def results_of(response: httpx.Response) -> Any:
    return ok(response)["results"]


def list_ids(client: httpx.Client) -> list[str]:
    return [row["id"] for row in results_of(client.get(EXPERIMENTS))]


def test_an_experiment_goes_from_draft_to_a_decision(
    empty_client: httpx.Client,
) -> None:
    body = {"name": "Longer trial", "description": "14 days", "hypothesis": "More pay"}
    created = ok(empty_client.post(EXPERIMENTS, json=body), 201)["results"]
    assert created.items() >= body.items()
    assert (created["status"], created["start_date"]) == ("draft", None)
    url = f"{EXPERIMENTS}/{created['id']}"
    assert results_of(empty_client.patch(url, json={"tags": ["x"]}))["tags"] == ["x"]
    launched = results_of(empty_client.put(f"{url}/launch"))
    assert (launched["status"], bool(launched["start_date"])) == ("active", True)
    end = {"end_date": "2026-04-01T00:00:00+00:00"}
    concluded = results_of(empty_client.put(f"{url}/force_conclude", json=end))
    assert concluded.items() >= {"status": "concluded", **end}.items()
    decision = {"success": True, "variant": "treatment"}
    decided = results_of(empty_client.patch(f"{url}/decide", json=decision))
    assert decided["status"] == "success"
    assert decided["results_cache"] == {"decision": decision}
    assert results_of(empty_client.get(url)) == decided
    assert ok(empty_client.delete(url)) == {"status": "ok", "results": {}}
    assert list_ids(empty_client) == []
    error_inside(empty_client.get(url), "not_found")


def test_an_archived_experiment_is_not_listed_and_cannot_be_changed(
    frozen_client: httpx.Client,
) -> None:
    assert results_of(frozen_client.get(DRAFT))["deleted"] is None
    assert ok(frozen_client.post(f"{DRAFT}/archive", json={})) == {
        "status": "ok",
        "results": {},
    }
    assert list_ids(frozen_client) == [identity.ACTIVE_ID, identity.CONCLUDED_ID]
    assert results_of(frozen_client.get(DRAFT))["deleted"]
    for response in (
        frozen_client.put(f"{DRAFT}/launch"),
        frozen_client.patch(DRAFT, json={}),
    ):
        assert "unarchive" in error_inside(response, "invalid_state")
    assert results_of(frozen_client.delete(f"{DRAFT}/archive"))["deleted"] is None
    assert results_of(frozen_client.delete(f"{ARCHIVED}/archive"))["deleted"] is None
    assert identity.ARCHIVED_ID in list_ids(frozen_client)


@pytest.mark.parametrize(
    ("method", "url", "body", "message"),
    [
        ("PUT", f"{ACTIVE}/launch", None, "active cannot become active"),
        ("PUT", f"{DRAFT}/force_conclude", {}, "draft cannot become concluded"),
        ("PUT", f"{CONCLUDED}/force_conclude", {}, "concluded cannot become"),
        ("PATCH", f"{ACTIVE}/decide", {"success": False}, "active cannot become fail"),
        ("PATCH", DRAFT, {"status": "success"}, "draft cannot become success"),
    ],
)
def test_an_invalid_transition_is_refused(
    client: httpx.Client, method: str, url: str, body: object, message: str
) -> None:
    response = client.request(method, url, json=body)
    assert message in error_inside(response, "invalid_state")


@pytest.mark.parametrize(
    ("method", "url", "body", "message"),
    [
        ("POST", EXPERIMENTS, {}, "'name' is required"),
        ("POST", EXPERIMENTS, {"name": ""}, "at least 1"),
        ("POST", EXPERIMENTS, {"name": "n" * 256}, "at most 255"),
        (
            "POST",
            EXPERIMENTS,
            {"name": "n", "description": "d" * 401},
            "'description' must have at most 400",
        ),
        ("POST", EXPERIMENTS, {"name": "n", "variants": {}}, "must be a list"),
        ("PATCH", DRAFT, {"status": "paused"}, "'status' must be one of draft"),
        ("PATCH", f"{CONCLUDED}/decide", {}, "'success' is required"),
        ("PATCH", f"{CONCLUDED}/decide", {"success": "yes"}, "must be true or false"),
        ("PUT", f"{ACTIVE}/force_conclude", {"end_date": 1}, "must be a string"),
    ],
    ids=lambda item: str(item)[:30],
)
def test_an_invalid_experiment_is_refused(
    client: httpx.Client, method: str, url: str, body: object, message: str
) -> None:
    response = client.request(method, url, json=body)
    assert message in error_inside(response, "validation_error")


def test_a_flag_shows_whether_its_experiment_is_active(
    frozen_client: httpx.Client,
) -> None:
    flag = results_of(frozen_client.get(ACTIVE))["feature_flag"]
    assert (flag["id"], flag["key"]) == (identity.FLAG_ID, "new-checkout")
    assert (
        evaluate_flags(frozen_client)["new-checkout"].items()
        >= {
            "experiment_id": identity.ACTIVE_ID,
            "is_experiment_active": True,
        }.items()
    )
    ok(frozen_client.put(f"{ACTIVE}/force_conclude", json={}))
    assert (
        evaluate_flags(frozen_client)["new-checkout"]["is_experiment_active"] is False
    )


def test_an_unauthorised_request_has_an_error_status(
    client: httpx.Client,
) -> None:
    error_of(client.get(EXPERIMENTS, auth=("x", "y")), 401)
    error_of(client.get("/api/app/workspaces/1/experiments"), 403)
