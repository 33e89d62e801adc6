"""``/flags``: evaluation of the enabled feature flags for one user.

The same user gets the same variants. Cohorts and rules that are worked out at request
time are not looked at: such a rollout takes everybody.
https://developer.mixpanel.com/reference/feature-flags-api
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from starlette.responses import Response

from mixtui.mixpanel.credentials import CredentialKind
from mixtui.sandbox import documents
from mixtui.sandbox.authentication import ingestion_project
from mixtui.sandbox.call import ApiCall, answer
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.evaluation import as_number
from mixtui.sandbox.identity import SHOP, WORKSPACE_ID, Project
from mixtui.sandbox.json_text import Json, JsonObject, parse

_ACCEPTED = (CredentialKind.PROJECT_SECRET, CredentialKind.PROJECT_TOKEN)
_DEFINITION = ("id", "name", "key", "status", "context", "ruleset")


def evaluate(call: ApiCall) -> Response:
    """GET /flags: the variants for one user."""
    project = ingestion_project(call, *_ACCEPTED)
    identifier = _distinct_id(call.query.get("context", ""))
    flags: JsonObject = {}
    for flag in _enabled(call, project):
        variant = _variant(flag, identifier)
        if variant is not None:
            flags[str(flag["key"])] = {
                "variant_key": variant["key"],
                "variant_value": variant["value"],
                **_experiment(call, flag),
            }
    return answer({"flags": flags})


def definitions(call: ApiCall) -> Response:
    """GET /flags/definitions."""
    project = ingestion_project(call, *_ACCEPTED)
    rows: list[Json] = [
        {
            **{name: flag[name] for name in _DEFINITION},
            "project_id": int(SHOP.id),
            "workspace_id": int(WORKSPACE_ID),
            **_experiment(call, flag),
        }
        for flag in _enabled(call, project)
    ]
    return answer({"flags": rows})


def _enabled(call: ApiCall, project: Project | None) -> list[JsonObject]:
    if project is None:
        return []
    flags = documents.read_all(call.store, project.id, Kind.FLAG)
    return [flag for flag in flags if flag["status"] == "enabled"]


def _experiment(call: ApiCall, flag: JsonObject) -> JsonObject:
    """The experiment that a flag belongs to, if any."""
    identifier = flag["experiment_id"]
    if identifier is None:
        return {}
    found = documents.read(call.store, SHOP.id, Kind.EXPERIMENT, str(identifier))
    active = found is not None and found["status"] == "active"
    return {"experiment_id": identifier, "is_experiment_active": active}


def _distinct_id(text: str) -> str:
    try:
        context = parse(text)
    except ValueError:
        raise Refusal(400, "context must be a JSON object") from None
    identifier = context.get("distinct_id") if isinstance(context, dict) else None
    if not isinstance(identifier, str) or not identifier:
        raise Refusal(400, "context must hold a distinct_id")
    return identifier


def _variant(flag: JsonObject, distinct_id: str) -> JsonObject | None:
    """The user's variant; None = the flag is not rolled out to the user."""
    ruleset = flag["ruleset"]
    assert isinstance(ruleset, dict)
    variants = {
        str(variant["key"]): variant for variant in _objects(ruleset, "variants")
    }
    tested = _tested(ruleset, distinct_id)
    if tested in variants:
        return variants[tested]
    for number, rollout in enumerate(_objects(ruleset, "rollout")):
        salt = f"{flag['hash_salt']}/{number}"
        rolled_out = as_number(rollout["rollout_percentage"]) or 0.0
        if _share(f"{salt}/in", distinct_id) < rolled_out:
            override = rollout.get("variant_override")
            if isinstance(override, dict):
                return variants.get(str(override["key"]))
            splits = rollout["variant_splits"] or {
                key: variant["split"] for key, variant in variants.items()
            }
            assert isinstance(splits, dict)
            return variants.get(_split(splits, _share(salt, distinct_id)))
    return None


def _tested(ruleset: JsonObject, distinct_id: str) -> str:
    """The variant that a tester is to see; empty = none."""
    test = ruleset.get("test")
    users = test.get("users") if isinstance(test, dict) else None
    return str(users.get(distinct_id, "")) if isinstance(users, dict) else ""


def _split(splits: JsonObject, share: float) -> str:
    """The variant in whose part of the whole the share falls; empty = none."""
    passed = 0.0
    for key, part in splits.items():
        passed += as_number(part) or 0.0
        if share < passed:
            return key
    return ""


def _share(salt: str, distinct_id: str) -> float:
    """A user's fixed number from 0 to below 1."""
    digest = hashlib.sha256(f"{salt}/{distinct_id}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def _objects(value: JsonObject, name: str) -> Iterator[JsonObject]:
    items = value[name]
    assert isinstance(items, list)
    return (item for item in items if isinstance(item, dict))
