"""Feature flag management: list, create, read, replace, archive.

What is deleted is archived: it is out of the list and can be had back with PUT.
https://developer.mixpanel.com/reference/feature-flags-management-api
"""

from __future__ import annotations

from uuid import uuid4

from starlette.responses import Response

from mixtui.sandbox import bodies, documents
from mixtui.sandbox.app_body import checked_body
from mixtui.sandbox.authentication import app_workspace
from mixtui.sandbox.call import ApiCall, answer
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.identity import SHOP, WORKSPACE_ID
from mixtui.sandbox.json_text import Json, JsonObject

_DEFAULTS: JsonObject = {
    "description": None,
    "experiment_id": None,
    "status": "disabled",
    "data_group_id": None,
}
"""Of a body's optional fields."""
_COMMANDS = ("reset_hash_salt", "is_experiment_active", "workspace_id")
"""Of a body, and not kept."""
_ALWAYS: JsonObject = {
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
"""In every flag that is shown."""


def list_flags(call: ApiCall) -> Response:
    """GET all; the archived ones only when asked for."""
    app_workspace(call)
    text = call.query.get("include_archived", "false")
    if text not in ("true", "false"):
        raise Refusal(400, f"include_archived must be true or false, not {text!r}")
    rows: list[Json] = [
        _shown(call, flag)
        for flag in _flags(call)
        if text == "true" or flag["status"] != "archived"
    ]
    return answer({"status": "ok", "results": rows})


def create_flag(call: ApiCall) -> Response:
    """POST one."""
    app_workspace(call)
    body = checked_body(call, bodies.FLAG)
    now = _now(call)
    with call.store.transaction():
        flag = _from_body(call, body, uuid4().hex)
        flag |= {"id": str(uuid4()), "created": now}
        _check(call, flag)
        _write(call, flag)
    return _one(call, flag)


def read_flag(call: ApiCall) -> Response:
    """GET one."""
    app_workspace(call)
    return _one(call, _find(call))


def replace_flag(call: ApiCall) -> Response:
    """PUT one: what the body leaves out gets its default."""
    app_workspace(call)
    body = checked_body(call, bodies.FLAG)
    with call.store.transaction():
        old = _find(call)
        salt = uuid4().hex if body.get("reset_hash_salt") else str(old["hash_salt"])
        flag = _from_body(call, body, salt)
        flag |= {"id": old["id"], "created": old["created"]}
        if flag["status"] == "enabled" == old["status"]:
            flag["enabled_at"] = old["enabled_at"]
        _check(call, flag)
        _write(call, flag)
    return _one(call, flag)


def delete_flag(call: ApiCall) -> Response:
    """DELETE one."""
    app_workspace(call)
    with call.store.transaction():
        now = _now(call)
        changes: JsonObject = {"status": "archived", "deleted": now, "modified": now}
        _write(call, {**_find(call), **changes})
    return answer({"status": "ok", "results": {}})


def _from_body(call: ApiCall, body: JsonObject, salt: str) -> JsonObject:
    """What is kept of a body; without id and the time of its making."""
    now = _now(call)
    given = {name: value for name, value in body.items() if name not in _COMMANDS}
    flag = {**_DEFAULTS, **given, "modified": now}
    flag["hash_salt"] = body.get("hash_salt") or salt
    flag["enabled_at"] = now if flag["status"] == "enabled" else None
    flag["deleted"] = now if flag["status"] == "archived" else None
    return flag


def _check(call: ApiCall, flag: JsonObject) -> None:
    for other in _flags(call):
        same = other["key"] == flag["key"] and other["status"] != "archived"
        if same and other["id"] != flag["id"]:
            raise Refusal(400, f"'key' must be unique: {flag['key']} is taken")
    experiment = flag["experiment_id"]
    if experiment is not None and _experiment(call, str(experiment)) is None:
        raise Refusal(400, f"'experiment_id' names no experiment: {experiment}")


def _flags(call: ApiCall) -> list[JsonObject]:
    return documents.read_all(call.store, SHOP.id, Kind.FLAG)


def _find(call: ApiCall) -> JsonObject:
    identifier = call.parts["flag"]
    flag = documents.read(call.store, SHOP.id, Kind.FLAG, identifier)
    if flag is None:
        raise Refusal(404, f"Feature flag {identifier} was not found")
    return flag


def _write(call: ApiCall, flag: JsonObject) -> None:
    documents.write(call.store, SHOP.id, Kind.FLAG, str(flag["id"]), flag)


def _one(call: ApiCall, flag: JsonObject) -> Response:
    return answer({"status": "ok", "results": _shown(call, flag)})


def _shown(call: ApiCall, flag: JsonObject) -> JsonObject:
    active: Json = None
    if flag["experiment_id"] is not None:
        experiment = _experiment(call, str(flag["experiment_id"]))
        active = experiment is not None and experiment["status"] == "active"
    return {**_ALWAYS, **flag, "is_experiment_active": active}


def _experiment(call: ApiCall, identifier: str) -> JsonObject | None:
    return documents.read(call.store, SHOP.id, Kind.EXPERIMENT, identifier)


def _now(call: ApiCall) -> str:
    return call.state.clock().isoformat(timespec="seconds")
