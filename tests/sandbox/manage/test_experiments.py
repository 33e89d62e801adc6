from __future__ import annotations

from typing import Any

import httpx
import pytest

from mixtui.sandbox.data import identity
from tests.sandbox.asking import ok, refused
from tests.sandbox.manage.test_flag_management import evaluated, refused_inside

EXPERIMENTS = f"/api/app/workspaces/{identity.WORKSPACE_ID}/experiments"
DRAFT = f"{EXPERIMENTS}/{identity.DRAFT_ID}"
ACTIVE = f"{EXPERIMENTS}/{identity.ACTIVE_ID}"
CONCLUDED = f"{EXPERIMENTS}/{identity.CONCLUDED_ID}"
ARCHIVED = f"{EXPERIMENTS}/{identity.ARCHIVED_ID}"


def result(answer: httpx.Response) -> Any:
    return ok(answer)["results"]


def listed(client: httpx.Client) -> list[str]:
    return [row["id"] for row in result(client.get(EXPERIMENTS))]


def test_one_goes_from_draft_to_a_decision(empty: httpx.Client) -> None:
    body = {"name": "Longer trial", "description": "14 days", "hypothesis": "More pay"}
    made = ok(empty.post(EXPERIMENTS, json=body), 201)["results"]
    assert made.items() >= body.items()
    assert (made["status"], made["start_date"]) == ("draft", None)
    one = f"{EXPERIMENTS}/{made['id']}"
    assert result(empty.patch(one, json={"tags": ["x"]}))["tags"] == ["x"]
    launched = result(empty.put(f"{one}/launch"))
    assert (launched["status"], bool(launched["start_date"])) == ("active", True)
    end = {"end_date": "2026-04-01T00:00:00+00:00"}
    concluded = result(empty.put(f"{one}/force_conclude", json=end))
    assert concluded.items() >= {"status": "concluded", **end}.items()
    decision = {"success": True, "variant": "treatment"}
    decided = result(empty.patch(f"{one}/decide", json=decision))
    assert decided["status"] == "success"
    assert decided["results_cache"] == {"decision": decision}
    assert result(empty.get(one)) == decided
    assert ok(empty.delete(one)) == {"status": "ok", "results": {}}
    assert listed(empty) == []
    refused_inside(empty.get(one), "not_found")


def test_an_archived_one_is_out_of_the_list_and_cannot_be_changed(
    still: httpx.Client,
) -> None:
    assert result(still.get(DRAFT))["deleted"] is None
    assert ok(still.post(f"{DRAFT}/archive", json={})) == {
        "status": "ok",
        "results": {},
    }
    assert listed(still) == [identity.ACTIVE_ID, identity.CONCLUDED_ID]
    assert result(still.get(DRAFT))["deleted"]
    for answer in (still.put(f"{DRAFT}/launch"), still.patch(DRAFT, json={})):
        assert "unarchive" in refused_inside(answer, "invalid_state")
    assert result(still.delete(f"{DRAFT}/archive"))["deleted"] is None
    assert result(still.delete(f"{ARCHIVED}/archive"))["deleted"] is None
    assert identity.ARCHIVED_ID in listed(still)


@pytest.mark.parametrize(
    ("method", "url", "body", "words"),
    [
        ("PUT", f"{ACTIVE}/launch", None, "active cannot become active"),
        ("PUT", f"{DRAFT}/force_conclude", {}, "draft cannot become concluded"),
        ("PUT", f"{CONCLUDED}/force_conclude", {}, "concluded cannot become"),
        ("PATCH", f"{ACTIVE}/decide", {"success": False}, "active cannot become fail"),
        ("PATCH", DRAFT, {"status": "success"}, "draft cannot become success"),
    ],
)
def test_steps_come_in_their_order(
    client: httpx.Client, method: str, url: str, body: object, words: str
) -> None:
    answer = client.request(method, url, json=body)
    assert words in refused_inside(answer, "invalid_state")


@pytest.mark.parametrize(
    ("method", "url", "body", "words"),
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
def test_a_wrong_one_is_refused(
    client: httpx.Client, method: str, url: str, body: object, words: str
) -> None:
    answer = client.request(method, url, json=body)
    assert words in refused_inside(answer, "validation_error")


def test_a_flag_says_whether_its_experiment_is_on(still: httpx.Client) -> None:
    flag = result(still.get(ACTIVE))["feature_flag"]
    assert (flag["id"], flag["key"]) == (identity.FLAG_ID, "new-checkout")
    assert (
        evaluated(still)["new-checkout"].items()
        >= {
            "experiment_id": identity.ACTIVE_ID,
            "is_experiment_active": True,
        }.items()
    )
    ok(still.put(f"{ACTIVE}/force_conclude", json={}))
    assert evaluated(still)["new-checkout"]["is_experiment_active"] is False


def test_who_may_not_ask_is_told_with_a_status_of_its_own(
    client: httpx.Client,
) -> None:
    refused(client.get(EXPERIMENTS, auth=("x", "y")), 401)
    refused(client.get("/api/app/workspaces/1/experiments"), 403)
