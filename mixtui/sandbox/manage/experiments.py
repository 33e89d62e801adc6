"""Experiments, which advance from draft through active and concluded to a decision.

https://developer.mixpanel.com/reference/experiments-api
"""

from __future__ import annotations

from uuid import uuid4

from starlette.responses import Response

from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import Project
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.manage.resource import Resource, StoredObjects, always
from mixtui.sandbox.requests.authentication import app_workspace
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import (
    ApiRequest,
    checked_body,
    json_response,
    optional_body,
)
from mixtui.sandbox.requests.shapes import (
    OBJECT,
    TEXTS,
    Anything,
    Boolean,
    ListOf,
    OneOf,
    Record,
    Shape,
    Text,
)

TRANSITIONS = {
    "draft": ("active",),
    "active": ("concluded",),
    "concluded": ("success", "fail"),
    "success": (),
    "fail": (),
}
"""The allowed next statuses of each status."""
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
_CONSTANT_FIELDS: JsonObject = {
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
"""Present in every experiment of a response."""

# The shapes of its bodies
_EXPERIMENT: dict[str, Shape] = {
    "description": Text(max_length=400),
    "hypothesis": Text(),
    "settings": OBJECT,
    "variants": ListOf(Anything()),
    "metrics": ListOf(Anything()),
    "global_access_type": Text(),
}
_EXPERIMENT_NAME = Text(min_length=1, max_length=255)
NEW_EXPERIMENT = Record(required={"name": _EXPERIMENT_NAME}, optional=_EXPERIMENT)
EXPERIMENT_CHANGE = Record(
    optional={
        **_EXPERIMENT,
        "name": _EXPERIMENT_NAME,
        "status": OneOf(("draft", "active", "concluded", "success", "fail")),
        "start_date": Text(),
        "end_date": Text(),
        "exposures_cache": OBJECT,
        "results_cache": OBJECT,
        "tags": TEXTS,
    }
)
DECISION = Record(
    required={"success": Boolean()}, optional={"variant": Text(), "message": Text()}
)
CONCLUSION = Record(optional={"end_date": Text()})


def archive(request: ApiRequest) -> Response:
    """POST archive: remove it from the list."""
    project = app_workspace(request)
    optional_body(request, Record())
    with request.store.transaction():
        experiment = EXPERIMENTS.find(request, project)
        if experiment["deleted"] is None:
            _save(request, project, experiment, {"deleted": _now(request)})
    return json_response({"status": "ok", "results": {}})


def unarchive(request: ApiRequest) -> Response:
    """DELETE archive: restore it to the list."""
    project = app_workspace(request)
    with request.store.transaction():
        experiment = EXPERIMENTS.find(request, project)
        return _save(request, project, experiment, {"deleted": None})


def launch(request: ApiRequest) -> Response:
    """PUT launch: a draft becomes active."""
    project = app_workspace(request)
    optional_body(request, Record())
    return _advance(request, project, "active", {"start_date": _now(request)})


def force_conclude(request: ApiRequest) -> Response:
    """PUT force_conclude: conclude an active one."""
    project = app_workspace(request)
    body = checked_body(request, CONCLUSION)
    end = body.get("end_date") or _now(request)
    return _advance(request, project, "concluded", {"end_date": end})


def decide(request: ApiRequest) -> Response:
    """PATCH decide: mark a concluded one as a success or a failure."""
    project = app_workspace(request)
    body = checked_body(request, DECISION)
    decision = DECISION.select(body)
    with request.store.transaction():
        results = EXPERIMENTS.find(request, project)["results_cache"]
        assert isinstance(results, dict)
        status = "success" if body["success"] else "fail"
        changes: JsonObject = {"results_cache": {**results, "decision": decision}}
        return _advance(request, project, status, changes)


def _build(request: ApiRequest, _: Project, body: JsonObject) -> JsonObject:
    """Return a draft."""
    now = _now(request)
    return {
        **_DEFAULTS,
        **NEW_EXPERIMENT.select(body),
        "id": str(uuid4()),
        "status": "draft",
        "created": now,
        "modified": now,
        "deleted": None,
        "start_date": None,
        "end_date": None,
    }


def _update(
    request: ApiRequest, _: Project, experiment: JsonObject, body: JsonObject
) -> JsonObject:
    """Change fields; a status obeys the same rules as the actions."""
    changes = EXPERIMENT_CHANGE.select(body)
    _check_not_archived(experiment)
    if changes.get("status", experiment["status"]) != experiment["status"]:
        _check_transition(experiment, str(changes["status"]))
    return {**experiment, **changes, "modified": _now(request)}


def _view(request: ApiRequest, project: Project, experiment: JsonObject) -> JsonObject:
    linked: Json = None
    for flag in documents.read_all(request.store, project.id, Kind.FLAG):
        if flag["experiment_id"] == experiment["id"]:
            linked = {name: flag[name] for name in ("id", "key", "name", "status")}
    return {**_CONSTANT_FIELDS, **experiment, "feature_flag": linked}


EXPERIMENTS = Resource(
    objects=StoredObjects(Kind.EXPERIMENT, "Experiment {} was not found"),
    path_variable="experiment",
    authorize=app_workspace,
    creation_shape=always(NEW_EXPERIMENT),
    build=_build,
    update_shape=EXPERIMENT_CHANGE,
    apply=_update,
    view=_view,
    list_filter=lambda _: lambda experiment: experiment["deleted"] is None,
)


def _advance(
    request: ApiRequest, project: Project, status: str, changes: JsonObject
) -> Response:
    with request.store.transaction():
        experiment = EXPERIMENTS.find(request, project)
        _check_not_archived(experiment)
        _check_transition(experiment, status)
        return _save(request, project, experiment, {**changes, "status": status})


def _save(
    request: ApiRequest, project: Project, experiment: JsonObject, changes: JsonObject
) -> Response:
    changed = {**experiment, **changes, "modified": _now(request)}
    EXPERIMENTS.objects.write(request, project.id, changed)
    return EXPERIMENTS.respond(request, project, changed)


def _check_transition(experiment: JsonObject, status: str) -> None:
    current = str(experiment["status"])
    if status not in TRANSITIONS[current]:
        raise Refusal(409, f"An experiment that is {current} cannot become {status}")


def _check_not_archived(experiment: JsonObject) -> None:
    if experiment["deleted"] is not None:
        raise Refusal(409, "An archived experiment cannot be changed: unarchive it")


def _now(request: ApiRequest) -> str:
    return request.state.clock().isoformat(timespec="seconds")
