"""Feature flags: their management, their definitions, and their evaluation.

Deleting archives: the flag is removed from the list, and a PUT restores it.
https://developer.mixpanel.com/reference/feature-flags-management-api
"""

from __future__ import annotations

from uuid import uuid4

from starlette.responses import Response

from mixtui.mixpanel.apis import CredentialKind
from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import SHOP, WORKSPACE_ID, Project
from mixtui.sandbox.data.json_text import Json, JsonObject, parse
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.manage.flag_evaluation import assign, sorted_variants
from mixtui.sandbox.manage.resource import Filter, Resource, StoredObjects, always
from mixtui.sandbox.requests.authentication import app_workspace, ingestion_project
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import MAX_BYTES, ApiRequest, json_response
from mixtui.sandbox.requests.shapes import (
    OBJECT,
    TEXT_OR_NULL,
    TEXTS,
    Anything,
    Boolean,
    Integer,
    ListOf,
    MapOf,
    Number,
    OneOf,
    OrNull,
    Record,
    Text,
)

_DEFAULTS: JsonObject = {
    "description": None,
    "experiment_id": None,
    "status": "disabled",
    "data_group_id": None,
}
"""Of the optional fields of a body."""
_NOT_STORED = ("reset_hash_salt", "is_experiment_active", "workspace_id")
"""Fields of a body that are not stored."""
_CONSTANT_FIELDS: JsonObject = {
    "project_id": int(SHOP.id),
    "workspace_id": int(WORKSPACE_ID),
    "content_type": "feature-flags",
    "creator_id": 1,
    "creator_name": "Sandbox Service",
    "creator_email": "owner@sandbox.invalid",
    "last_modified_by_id": 1,
    "last_modified_by_name": "Sandbox Service",
    "last_modified_by_email": "owner@sandbox.invalid",
    "is_favorited": False,
    "pinned_date": None,
    "project_name": SHOP.name,
    "can_view": True,
    "can_update_basic": True,
    "can_share": True,
    "can_pin": True,
    "is_superadmin": False,
    "allow_staff_override": False,
    "is_shared_with_project": True,
}
"""Present in every flag of a response."""
_ACCEPTED_CREDENTIALS = (CredentialKind.PROJECT_SECRET, CredentialKind.PROJECT_TOKEN)
_DEFINITION_FIELDS = ("id", "name", "key", "status", "context", "hash_salt")

# The shapes of its bodies
_UUID = Text(
    pattern=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", example="a UUID"
)
_SHARE = Number(minimum=0, maximum=1)
_VARIANT = Record(
    required={
        "key": Text(),
        "value": Anything(),
        "is_control": Boolean(),
        "split": _SHARE,
    },
    optional={"description": TEXT_OR_NULL, "is_sticky": Boolean()},
    closed=True,
)
_FIRST_TIME_EVENT = Record(
    required={"event_name": Text(), "time_window": OneOf(("while_flag_enabled",))},
    optional={
        "duration": OrNull(OneOf(("end_of_session", "indefinitely"))),
        "property_filters": OrNull(OBJECT),
    },
    closed=True,
)
_ROLLOUT = Record(
    required={"rollout_percentage": _SHARE, "variant_splits": MapOf(Number())},
    optional={
        "name": TEXT_OR_NULL,
        "cohort_definition": OrNull(OBJECT),
        "runtime_evaluation_definition": OrNull(OBJECT),
        "runtime_evaluation_rule": OrNull(OBJECT),
        "runtime_event_rule": OrNull(_FIRST_TIME_EVENT),
        "cohort_hash": TEXT_OR_NULL,
        "variant_override": OrNull(Record(required={"key": Text()}, closed=True)),
    },
    closed=True,
)
FLAG = Record(
    required={
        "name": Text(min_length=1, max_length=255),
        "key": Text(min_length=1, max_length=255),
        "tags": TEXTS,
        "context": Text(min_length=1, max_length=255),
        "serving_method": OneOf(("client", "server", "remote_or_local", "remote_only")),
        "ruleset": Record(
            required={
                "variants": ListOf(_VARIANT, max_items=11),
                "rollout": ListOf(_ROLLOUT),
            },
            optional={"test": OrNull(MapOf(MapOf(Text())))},
            closed=True,
        ),
    },
    optional={
        "description": TEXT_OR_NULL,
        "experiment_id": OrNull(_UUID),
        "status": OneOf(("enabled", "disabled", "archived")),
        "data_group_id": Anything(),
        "workspace_id": OrNull(Integer()),
        "is_experiment_active": OrNull(Boolean()),
        "hash_salt": OrNull(Text(min_length=32, max_length=32)),
        "reset_hash_salt": OrNull(Boolean()),
    },
    closed=True,
)


def delete_flag(request: ApiRequest) -> Response:
    """DELETE one: archive it."""
    project = app_workspace(request)
    with request.store.transaction():
        now = _now(request)
        flag = FLAGS.find(request, project)
        changes: JsonObject = {"status": "archived", "deleted": now, "modified": now}
        FLAGS.objects.write(request, project.id, {**flag, **changes})
    return json_response({"status": "ok", "results": {}})


def _archive_filter(request: ApiRequest) -> Filter:
    """Exclude archived flags unless ``include_archived`` is true."""
    text = request.query.get("include_archived", "false")
    if text not in ("true", "false"):
        raise Refusal(400, f"include_archived must be true or false, not {text!r}")
    return lambda flag: text == "true" or flag["status"] != "archived"


def _build(request: ApiRequest, project: Project, body: JsonObject) -> JsonObject:
    flag = _from_body(request, body, uuid4().hex)
    flag |= {"id": str(uuid4()), "created": _now(request)}
    _check_references(request, project, flag)
    return flag


def _replace(
    request: ApiRequest, project: Project, old: JsonObject, body: JsonObject
) -> JsonObject:
    """Return the new flag: fields missing in the body get their defaults."""
    salt = uuid4().hex if body.get("reset_hash_salt") else str(old["hash_salt"])
    flag = _from_body(request, body, salt)
    flag |= {"id": old["id"], "created": old["created"]}
    if flag["status"] == "enabled" == old["status"]:
        flag["enabled_at"] = old["enabled_at"]
    _check_references(request, project, flag)
    return flag


def _view(request: ApiRequest, project: Project, flag: JsonObject) -> JsonObject:
    active: Json = None
    if flag["experiment_id"] is not None:
        experiment = _find_experiment(request, project, str(flag["experiment_id"]))
        active = experiment is not None and experiment["status"] == "active"
    return {**_CONSTANT_FIELDS, **flag, "is_experiment_active": active}


FLAGS = Resource(
    objects=StoredObjects(Kind.FLAG, "Feature flag {} was not found"),
    path_variable="flag",
    authorize=app_workspace,
    creation_shape=always(FLAG),
    build=_build,
    created_status=200,
    update_shape=FLAG,
    apply=_replace,
    view=_view,
    list_filter=_archive_filter,
)


def _from_body(request: ApiRequest, body: JsonObject, salt: str) -> JsonObject:
    """Return the stored fields of a body, without id and time of creation."""
    now = _now(request)
    provided = {name: value for name, value in body.items() if name not in _NOT_STORED}
    flag = {**_DEFAULTS, **provided, "modified": now}
    flag["hash_salt"] = body.get("hash_salt") or salt
    flag["enabled_at"] = now if flag["status"] == "enabled" else None
    flag["deleted"] = now if flag["status"] == "archived" else None
    return flag


def _check_references(request: ApiRequest, project: Project, flag: JsonObject) -> None:
    for other in FLAGS.objects.read_all(request, project.id):
        is_duplicate = other["key"] == flag["key"] and other["status"] != "archived"
        if is_duplicate and other["id"] != flag["id"]:
            raise Refusal(400, f"'key' must be unique: {flag['key']} is taken")
    experiment = flag["experiment_id"]
    if (
        experiment is not None
        and _find_experiment(request, project, str(experiment)) is None
    ):
        raise Refusal(400, f"'experiment_id' was not found: {experiment}")


def _find_experiment(
    request: ApiRequest, project: Project, identifier: str
) -> JsonObject | None:
    return documents.read(request.store, project.id, Kind.EXPERIMENT, identifier)


def _now(request: ApiRequest) -> str:
    return request.state.clock().isoformat(timespec="seconds")


def evaluate(request: ApiRequest) -> Response:
    """/flags: the variants for one user, of one flag or of all."""
    project = ingestion_project(request, *_ACCEPTED_CREDENTIALS)
    context = _context(request)
    key = request.query.get("flag_key")
    flags: JsonObject = {}
    for flag in _enabled(request, project):
        assignment = assign(flag, context)
        if assignment is not None and key in (None, flag["key"]):
            flags[str(flag["key"])] = {
                "variant_key": assignment.variant["key"],
                "variant_value": assignment.variant["value"],
                "is_qa_tester": assignment.is_tester,
                **_experiment_fields(request, flag),
            }
    return json_response({"code": 200, "flags": flags})


def definitions(request: ApiRequest) -> Response:
    """GET /flags/definitions."""
    project = ingestion_project(request, *_ACCEPTED_CREDENTIALS)
    rows: list[Json] = [
        {
            **{name: flag[name] for name in _DEFINITION_FIELDS},
            "ruleset": _ruleset(flag),
            "project_id": int(SHOP.id),
            "workspace_id": int(WORKSPACE_ID),
            **_experiment_fields(request, flag),
        }
        for flag in _enabled(request, project)
    ]
    return json_response({"flags": rows})


def _ruleset(flag: JsonObject) -> JsonObject:
    """Return the rules with their variants in the order in which they are assigned."""
    ruleset = flag["ruleset"]
    assert isinstance(ruleset, dict)
    return {**ruleset, "variants": [*sorted_variants(ruleset)]}


def _enabled(request: ApiRequest, project: Project | None) -> list[JsonObject]:
    if project is None:
        return []
    flags = documents.read_all(request.store, project.id, Kind.FLAG)
    return [flag for flag in flags if flag["status"] == "enabled"]


def _experiment_fields(request: ApiRequest, flag: JsonObject) -> JsonObject:
    """Return the experiment that a flag belongs to, if any."""
    identifier = flag["experiment_id"]
    if identifier is None:
        return {}
    experiment = documents.read(
        request.store, SHOP.id, Kind.EXPERIMENT, str(identifier)
    )
    active = experiment is not None and experiment["status"] == "active"
    return {"experiment_id": identifier, "is_experiment_active": active}


def _context(request: ApiRequest) -> JsonObject:
    """Return the user: the context in the query, or in a JSON body as older clients do."""
    try:
        if request.method == "POST":
            body = parse(request.body(MAX_BYTES))
            context = body.get("context") if isinstance(body, dict) else None
        else:
            context = parse(request.query.get("context", ""))
    except ValueError:
        context = None
    if not isinstance(context, dict):
        raise Refusal(400, "context must be a JSON object")
    identifier = context.get("distinct_id")
    if not isinstance(identifier, str) or not identifier:
        # The wording is Mixpanel's (mixpanel-python 5.4, remote_feature_flags.py).
        raise Refusal(400, "distinct_id must be provided in evalContext as a string")
    return context
