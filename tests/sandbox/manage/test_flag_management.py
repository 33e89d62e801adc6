from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from mixtui.sandbox.data import identity
from tests.sandbox.asking import PROJECT, ok, refused

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


def refused_inside(answer: httpx.Response, kind: str) -> str:
    """The error of a refusal that comes with the status of a success."""
    body = ok(answer)
    assert set(body) == {"status", "type", "error"}
    assert (body["status"], body["type"]) == ("error", kind)
    return str(body["error"])


def evaluated(client: httpx.Client, user: str = "ada") -> dict[str, Any]:
    context = json.dumps({"distinct_id": user})
    flags: dict[str, Any] = ok(client.get("/flags", params={"context": context}))
    return dict(flags["flags"])


def test_a_flag_is_made_read_replaced_and_archived(empty: httpx.Client) -> None:
    made = ok(empty.post(FLAGS, json=BODY))["results"]
    assert made.items() >= BODY.items()
    assert (made["status"], made["content_type"]) == ("disabled", "feature-flags")
    one = f"{FLAGS}/{made['id']}"
    assert ok(empty.get(one))["results"] == made
    assert ok(empty.get(FLAGS))["results"] == [made]
    body = {**BODY, "name": "Search", "status": "enabled"}
    changed = ok(empty.put(one, json=body))["results"]
    assert (changed["name"], changed["created"]) == ("Search", made["created"])
    assert changed["enabled_at"]
    assert changed["hash_salt"] == made["hash_salt"]
    reset = ok(empty.put(one, json={**body, "reset_hash_salt": True}))["results"]
    assert reset["hash_salt"] != made["hash_salt"]
    assert ok(empty.delete(one)) == {"status": "ok", "results": {}}
    assert ok(empty.get(FLAGS))["results"] == []
    everything = {"include_archived": "true"}
    (archived,) = ok(empty.get(FLAGS, params=everything))["results"]
    assert archived["status"] == "archived"
    assert archived["deleted"]
    assert ok(empty.put(one, json=body))["results"]["deleted"] is None


def test_an_enabled_flag_is_evaluated_and_a_disabled_one_is_not(
    empty: httpx.Client,
) -> None:
    made = ok(empty.post(FLAGS, json=BODY))["results"]
    assert evaluated(empty) == {}
    one = f"{FLAGS}/{made['id']}"
    ok(empty.put(one, json={**BODY, "status": "enabled"}))
    assert evaluated(empty)["one-page-search"]["variant_key"] in ("on", "off")
    (flag,) = ok(empty.get("/flags/definitions"))["flags"]
    assert flag["workspace_id"] == int(identity.WORKSPACE_ID)


@pytest.mark.parametrize(
    ("ruleset", "variant"),
    [
        ({"test": {"users": {"ada": "on"}}, "rollout": []}, "on"),
        ({"rollout": []}, None),
        ({"rollout": [{"rollout_percentage": 0, "variant_splits": {}}]}, None),
        ({"rollout": [{"rollout_percentage": 1, "variant_splits": {"on": 1}}]}, "on"),
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
    empty: httpx.Client, ruleset: dict[str, Any], variant: str | None
) -> None:
    body = {**BODY, "status": "enabled", "ruleset": {**BODY["ruleset"], **ruleset}}
    ok(empty.post(FLAGS, json=body))
    found = evaluated(empty).get("one-page-search")
    assert (found and found["variant_key"]) == variant


def test_what_is_wrong_with_a_flag_comes_inside_a_200(empty: httpx.Client) -> None:
    ok(empty.post(FLAGS, json=BODY))
    again = empty.post(FLAGS, json=BODY)
    assert "is taken" in refused_inside(again, "validation_error")
    unknown = empty.get(f"{FLAGS}/none")
    assert "not found" in refused_inside(unknown, "not_found")
    asked = empty.get(FLAGS, params={"include_archived": "yes"})
    assert "true or false" in refused_inside(asked, "validation_error")
    experiment = {**BODY, "key": "x", "experiment_id": identity.ACTIVE_ID}
    answer = empty.post(FLAGS, json=experiment)
    assert "names no experiment" in refused_inside(answer, "validation_error")


VARIANT = BODY["ruleset"]["variants"][0]


def ruleset(**changes: object) -> dict[str, Any]:
    return {"ruleset": {**BODY["ruleset"], **changes}}


@pytest.mark.parametrize(
    ("changes", "words"),
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
def test_a_wrong_one_is_refused(
    client: httpx.Client, changes: dict[str, Any], words: str
) -> None:
    answer = client.post(FLAGS, json={**BODY, **changes})
    assert words in refused_inside(answer, "validation_error")


def test_who_may_not_ask_is_told_with_a_status_of_its_own(
    client: httpx.Client,
) -> None:
    refused(client.get(FLAGS, auth=("x", "y")), 401)
    refused(client.get(FLAGS.replace(identity.WORKSPACE_ID, "1")), 403)
