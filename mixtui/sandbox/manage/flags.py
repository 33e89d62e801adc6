"""Feature flags: their management, and their evaluation for one user.

Deleting archives: the flag is removed from the list, and a PUT restores it.
https://developer.mixpanel.com/reference/feature-flags-management-api
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from uuid import uuid4

from starlette.responses import Response

from mixtui.mixpanel.apis import CredentialKind
from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.expressions import as_number
from mixtui.sandbox.data.identity import SHOP, WORKSPACE_ID, Project
from mixtui.sandbox.data.json_text import Json, JsonObject, parse
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.manage.resource import Filter, Resource, StoredObjects, always
from mixtui.sandbox.requests.authentication import app_workspace, ingestion_project
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest, json_response
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
_DEFINITION_FIELDS = ("id", "name", "key", "status", "context", "ruleset")

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
        raise Refusal(400, f"'experiment_id' names no experiment: {experiment}")


def _find_experiment(
    request: ApiRequest, project: Project, identifier: str
) -> JsonObject | None:
    return documents.read(request.store, project.id, Kind.EXPERIMENT, identifier)


def _now(request: ApiRequest) -> str:
    return request.state.clock().isoformat(timespec="seconds")


def evaluate(request: ApiRequest) -> Response:
    """GET /flags: the variants for one user."""
    project = ingestion_project(request, *_ACCEPTED_CREDENTIALS)
    identifier = _distinct_id(request.query.get("context", ""))
    flags: JsonObject = {}
    for flag in _enabled(request, project):
        variant = _variant_of(flag, identifier)
        if variant is not None:
            flags[str(flag["key"])] = {
                "variant_key": variant["key"],
                "variant_value": variant["value"],
                **_experiment_fields(request, flag),
            }
    return json_response({"flags": flags})


def definitions(request: ApiRequest) -> Response:
    """GET /flags/definitions."""
    project = ingestion_project(request, *_ACCEPTED_CREDENTIALS)
    rows: list[Json] = [
        {
            **{name: flag[name] for name in _DEFINITION_FIELDS},
            "project_id": int(SHOP.id),
            "workspace_id": int(WORKSPACE_ID),
            **_experiment_fields(request, flag),
        }
        for flag in _enabled(request, project)
    ]
    return json_response({"flags": rows})


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


def _distinct_id(text: str) -> str:
    try:
        context = parse(text)
    except ValueError:
        raise Refusal(400, "context must be a JSON object") from None
    identifier = context.get("distinct_id") if isinstance(context, dict) else None
    if not isinstance(identifier, str) or not identifier:
        raise Refusal(400, "context must hold a distinct_id")
    return identifier


def _variant_of(flag: JsonObject, distinct_id: str) -> JsonObject | None:
    """Return the user's variant; None = the flag is not rolled out to the user."""
    ruleset = flag["ruleset"]
    assert isinstance(ruleset, dict)
    variants = {
        str(variant["key"]): variant for variant in _objects(ruleset, "variants")
    }
    test_variant = _test_variant(ruleset, distinct_id)
    if test_variant in variants:
        return variants[test_variant]
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
            return variants.get(_variant_of_share(splits, _share(salt, distinct_id)))
    return None


def _test_variant(ruleset: JsonObject, distinct_id: str) -> str:
    """Return the variant assigned to a tester; empty = none."""
    test = ruleset.get("test")
    users = test.get("users") if isinstance(test, dict) else None
    return str(users.get(distinct_id, "")) if isinstance(users, dict) else ""


def _variant_of_share(splits: JsonObject, share: float) -> str:
    """Return the variant whose range contains the share; empty = none."""
    range_end = 0.0
    for key, part in splits.items():
        range_end += as_number(part) or 0.0
        if share < range_end:
            return key
    return ""


def _share(salt: str, distinct_id: str) -> float:
    """Return a user's fixed number from 0 to below 1."""
    digest = hashlib.sha256(f"{salt}/{distinct_id}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def _objects(value: JsonObject, name: str) -> Iterator[JsonObject]:
    items = value[name]
    assert isinstance(items, list)
    return (item for item in items if isinstance(item, dict))
