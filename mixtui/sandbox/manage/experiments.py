"""Experiments: kept, and led from draft through active and concluded to a decision.

https://developer.mixpanel.com/reference/experiments-api
"""

from __future__ import annotations

from uuid import uuid4

from starlette.responses import Response

from mixtui.sandbox.calls import bodies
from mixtui.sandbox.calls.authentication import app_workspace
from mixtui.sandbox.calls.call import ApiCall, answer, checked_body, optional_body
from mixtui.sandbox.calls.errors import Refusal
from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import SHOP
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind

FOLLOWING = {
    "draft": ("active",),
    "active": ("concluded",),
    "concluded": ("success", "fail"),
    "success": (),
    "fail": (),
}
"""Status to those that may come next."""
_DEFAULTS: JsonObject = {
    "description": None,
    "hypothesis": None,
    "settings": {},
    "variants": [],
    "metrics": [],
    "tags": [],
    "exposures_cache": {},
    "results_cache": {},
}
_ALWAYS: JsonObject = {
    "content_type": "experiments",
    "creator_id": 1,
    "creator_name": "Sandbox Service",
    "creator_email": "owner@sandbox.invalid",
    "last_modified_by_id": 1,
    "last_modified_by_name": "Sandbox Service",
    "last_modified_by_email": "owner@sandbox.invalid",
    "is_favorited": False,
    "pinned_date": None,
    "can_view": True,
    "can_update_basic": True,
    "can_update_restricted": True,
    "can_update_visibility": True,
    "can_share": True,
    "is_superadmin": False,
    "allow_staff_override": False,
    "is_shared_with_project": True,
}
"""In every experiment that is shown."""


def list_experiments(call: ApiCall) -> Response:
    """GET all that are not archived."""
    app_workspace(call)
    json_objects = documents.read_all(call.store, SHOP.id, Kind.EXPERIMENT)
    rows: list[Json] = [
        _shown(call, row) for row in json_objects if row["deleted"] is None
    ]
    return answer({"status": "ok", "results": rows})


def create_experiment(call: ApiCall) -> Response:
    """POST one: a draft."""
    app_workspace(call)
    body = checked_body(call, bodies.NEW_EXPERIMENT)
    now = _now(call)
    experiment: JsonObject = {
        **_DEFAULTS,
        **bodies.NEW_EXPERIMENT.only(body),
        "id": str(uuid4()),
        "status": "draft",
        "created": now,
        "modified": now,
        "deleted": None,
        "start_date": None,
        "end_date": None,
    }
    _write(call, experiment)
    return _one(call, experiment, 201)


def read_experiment(call: ApiCall) -> Response:
    """GET one, archived or not."""
    app_workspace(call)
    return _one(call, _find(call))


def change_experiment(call: ApiCall) -> Response:
    """PATCH one; its status follows the same rules as the actions below."""
    app_workspace(call)
    body = checked_body(call, bodies.EXPERIMENT_CHANGE)
    changes = bodies.EXPERIMENT_CHANGE.only(body)
    with call.store.transaction():
        experiment = _find_open(call)
        if changes.get("status", experiment["status"]) != experiment["status"]:
            _check_step(experiment, str(changes["status"]))
        return _changed(call, experiment, changes)


def delete_experiment(call: ApiCall) -> Response:
    """DELETE one for good."""
    app_workspace(call)
    identifier = str(_find(call)["id"])
    documents.delete(call.store, SHOP.id, Kind.EXPERIMENT, identifier)
    return answer({"status": "ok", "results": {}})


def archive(call: ApiCall) -> Response:
    """POST archive: out of the list."""
    app_workspace(call)
    optional_body(call, bodies.NOTHING)
    with call.store.transaction():
        experiment = _find(call)
        if experiment["deleted"] is None:
            _changed(call, experiment, {"deleted": _now(call)})
    return answer({"status": "ok", "results": {}})


def unarchive(call: ApiCall) -> Response:
    """DELETE archive: into the list again."""
    app_workspace(call)
    with call.store.transaction():
        return _changed(call, _find(call), {"deleted": None})


def launch(call: ApiCall) -> Response:
    """PUT launch: a draft becomes active."""
    app_workspace(call)
    optional_body(call, bodies.NOTHING)
    return _step(call, "active", {"start_date": _now(call)})


def force_conclude(call: ApiCall) -> Response:
    """PUT force_conclude: an active one is over."""
    app_workspace(call)
    body = checked_body(call, bodies.CONCLUSION)
    return _step(call, "concluded", {"end_date": body.get("end_date") or _now(call)})


def decide(call: ApiCall) -> Response:
    """PATCH decide: a concluded one was a success or a failure."""
    app_workspace(call)
    body = checked_body(call, bodies.DECISION)
    decision = bodies.DECISION.only(body)
    with call.store.transaction():
        results = _find(call)["results_cache"]
        assert isinstance(results, dict)
        status = "success" if body["success"] else "fail"
        changes: JsonObject = {"results_cache": {**results, "decision": decision}}
        return _step(call, status, changes)


def _step(call: ApiCall, status: str, changes: JsonObject) -> Response:
    with call.store.transaction():
        experiment = _find_open(call)
        _check_step(experiment, status)
        return _changed(call, experiment, {**changes, "status": status})


def _check_step(experiment: JsonObject, status: str) -> None:
    now = str(experiment["status"])
    if status not in FOLLOWING[now]:
        raise Refusal(409, f"An experiment that is {now} cannot become {status}")


def _changed(call: ApiCall, experiment: JsonObject, changes: JsonObject) -> Response:
    changed = {**experiment, **changes, "modified": _now(call)}
    _write(call, changed)
    return _one(call, changed)


def _find(call: ApiCall) -> JsonObject:
    identifier = call.parts["experiment"]
    json_object = documents.read(call.store, SHOP.id, Kind.EXPERIMENT, identifier)
    if json_object is None:
        raise Refusal(404, f"Experiment {identifier} was not found")
    return json_object


def _find_open(call: ApiCall) -> JsonObject:
    experiment = _find(call)
    if experiment["deleted"] is not None:
        raise Refusal(409, "An archived experiment cannot be changed: unarchive it")
    return experiment


def _write(call: ApiCall, experiment: JsonObject) -> None:
    key = str(experiment["id"])
    documents.write(call.store, SHOP.id, Kind.EXPERIMENT, key, experiment)


def _one(call: ApiCall, experiment: JsonObject, status: int = 200) -> Response:
    return answer({"status": "ok", "results": _shown(call, experiment)}, status)


def _shown(call: ApiCall, experiment: JsonObject) -> JsonObject:
    linked: Json = None
    for flag in documents.read_all(call.store, SHOP.id, Kind.FLAG):
        if flag["experiment_id"] == experiment["id"]:
            linked = {name: flag[name] for name in ("id", "key", "name", "status")}
    return {**_ALWAYS, **experiment, "feature_flag": linked}


def _now(call: ApiCall) -> str:
    return call.state.clock().isoformat(timespec="seconds")
