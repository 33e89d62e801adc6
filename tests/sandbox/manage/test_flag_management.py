from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from mixtui.sandbox.data import identity
from tests.sandbox.helpers import PROJECT, error_of, ok

FLAGS = f"{PROJECT}/workspaces/{identity.WORKSPACE_ID}/feature-flags"
BODY: dict[str, Any] = {
    "name": "One-page search",
    "key": "one-page-search",
    "tags": ["search"],
    "context": "distinct_id",
    "serving_method": "client",
    "ruleset": {
        "variants": [
            {"key": "off", "value": False, "is_control": True, "split": 0.5},
            {"key": "on", "value": {"rows": 3}, "is_control": False, "split": 0.5},
        ],
        "rollout": [{"rollout_percentage": 1, "variant_splits": {}}],
    },
}


def error_inside(response: httpx.Response, kind: str) -> str:
    """Return the error in a response whose status is a success."""
    body = ok(response)
    assert set(body) == {"status", "type", "error"}
    assert (body["status"], body["type"]) == ("error", kind)
    return str(body["error"])


def evaluate_flags(client: httpx.Client, user: str = "ada") -> dict[str, Any]:
    context = json.dumps({"distinct_id": user})
    flags: dict[str, Any] = ok(client.get("/flags", params={"context": context}))
    return dict(flags["flags"])


def test_a_flag_is_created_read_replaced_and_archived(
    empty_client: httpx.Client,
) -> None:
    created = ok(empty_client.post(FLAGS, json=BODY))["results"]
    assert created.items() >= BODY.items()
    assert (created["status"], created["content_type"]) == ("disabled", "feature-flags")
    url = f"{FLAGS}/{created['id']}"
    assert ok(empty_client.get(url))["results"] == created
    assert ok(empty_client.get(FLAGS))["results"] == [created]
    body = {**BODY, "name": "Search", "status": "enabled"}
    changed = ok(empty_client.put(url, json=body))["results"]
    assert (changed["name"], changed["created"]) == ("Search", created["created"])
    assert changed["enabled_at"]
    assert changed["hash_salt"] == created["hash_salt"]
    reset = ok(empty_client.put(url, json={**body, "reset_hash_salt": True}))["results"]
    assert reset["hash_salt"] != created["hash_salt"]
    assert ok(empty_client.delete(url)) == {"status": "ok", "results": {}}
    assert ok(empty_client.get(FLAGS))["results"] == []
    with_archived = {"include_archived": "true"}
    (archived,) = ok(empty_client.get(FLAGS, params=with_archived))["results"]
    assert archived["status"] == "archived"
    assert archived["deleted"]
    assert ok(empty_client.put(url, json=body))["results"]["deleted"] is None


def test_an_enabled_flag_is_evaluated_and_a_disabled_one_is_not(
    empty_client: httpx.Client,
) -> None:
    created = ok(empty_client.post(FLAGS, json=BODY))["results"]
    assert evaluate_flags(empty_client) == {}
    url = f"{FLAGS}/{created['id']}"
    ok(empty_client.put(url, json={**BODY, "status": "enabled"}))
    assert evaluate_flags(empty_client)["one-page-search"]["variant_key"] in (
        "on",
        "off",
    )
    (flag,) = ok(empty_client.get("/flags/definitions"))["flags"]
    assert flag["workspace_id"] == int(identity.WORKSPACE_ID)


@pytest.mark.parametrize(
    ("ruleset", "variant"),
    [
        ({"test": {"users": {"ada": "on"}}, "rollout": []}, "on"),
        ({"rollout": []}, None),
        ({"rollout": [{"rollout_percentage": 0, "variant_splits": {}}]}, None),
        (
            {
                "rollout": [
                    {"rollout_percentage": 1, "variant_splits": {"off": 0, "on": 1}}
                ]
            },
            "on",
        ),
        (
            {
                "rollout": [
                    {
                        "rollout_percentage": 1,
                        "variant_splits": {"on": 1},
                        "variant_override": {"key": "off"},
                    }
                ]
            },
            "off",
        ),
    ],
    ids=["tester", "no rollout", "nobody", "split", "override"],
)
def test_testers_shares_and_overrides_choose_the_variant(
    empty_client: httpx.Client, ruleset: dict[str, Any], variant: str | None
) -> None:
    body = {**BODY, "status": "enabled", "ruleset": {**BODY["ruleset"], **ruleset}}
    ok(empty_client.post(FLAGS, json=body))
    flag = evaluate_flags(empty_client).get("one-page-search")
    assert (flag and flag["variant_key"]) == variant


def test_an_error_of_a_flag_is_inside_a_200(empty_client: httpx.Client) -> None:
    ok(empty_client.post(FLAGS, json=BODY))
    duplicate = empty_client.post(FLAGS, json=BODY)
    assert "is taken" in error_inside(duplicate, "validation_error")
    unknown = empty_client.get(f"{FLAGS}/none")
    assert "not found" in error_inside(unknown, "not_found")
    invalid = empty_client.get(FLAGS, params={"include_archived": "yes"})
    assert "true or false" in error_inside(invalid, "validation_error")
    experiment = {**BODY, "key": "x", "experiment_id": identity.ACTIVE_ID}
    response = empty_client.post(FLAGS, json=experiment)
    assert "'experiment_id' was not found" in error_inside(response, "validation_error")


VARIANT = BODY["ruleset"]["variants"][0]


def ruleset(**changes: object) -> dict[str, Any]:
    return {"ruleset": {**BODY["ruleset"], **changes}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "'name' must have at least 1 characters"),
        ({"key": "k" * 256}, "'key' must have at most 255 characters"),
        ({"tags": "search"}, "'tags' must be a list"),
        ({"serving_method": "post"}, "'serving_method' must be one of client"),
        ({"status": "on"}, "'status' must be one of enabled"),
        ({"hash_salt": "short"}, "'hash_salt' must have at least 32"),
        ({"experiment_id": "1"}, "'experiment_id' must look like a UUID"),
        ({"colour": "red"}, "'colour' is not a known field"),
        ({"ruleset": {"variants": []}}, "'ruleset.rollout' is required"),
        (ruleset(variants=[VARIANT] * 12), "'ruleset.variants' must hold at most 11"),
        (
            ruleset(variants=[{**VARIANT, "split": 2}]),
            "'ruleset.variants[0].split' must be between 0 and 1",
        ),
        (
            ruleset(rollout=[{"rollout_percentage": 1}]),
            "'ruleset.rollout[0].variant_splits' is required",
        ),
    ],
    ids=lambda item: str(item)[:30],
)
def test_an_invalid_flag_is_refused(
    client: httpx.Client, changes: dict[str, Any], message: str
) -> None:
    response = client.post(FLAGS, json={**BODY, **changes})
    assert message in error_inside(response, "validation_error")


def test_an_unauthorised_request_has_an_error_status(
    client: httpx.Client,
) -> None:
    error_of(client.get(FLAGS, auth=("x", "y")), 401)
    error_of(client.get(FLAGS.replace(identity.WORKSPACE_ID, "1")), 403)
