"""Lexicon schemas: the operations under ``/projects/{project}/schemas``.

https://developer.mixpanel.com/reference/lexicon-schemas-api
"""

from __future__ import annotations

from starlette.responses import Response

from mixtui.sandbox.calls import bodies
from mixtui.sandbox.calls.authentication import app_project
from mixtui.sandbox.calls.call import ApiCall, answer, checked_body
from mixtui.sandbox.calls.errors import Refusal
from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import Project
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind


def list_schemas(call: ApiCall) -> Response:
    """GET schemas, all or of an entity type; ``entity_name`` narrows to one."""
    project = app_project(call)
    entries: list[Json] = []
    entries += _entries(call, project)
    return answer({"results": entries, "status": "ok"})


def read_schema(call: ApiCall) -> Response:
    """GET one schema, as a bare object (so the OpenAPI description)."""
    project = app_project(call)
    entries = _entries(call, project)
    if not entries:
        raise Refusal(404, f"Schema {call.parts['name']!r} was not found")
    return answer(entries[0]["schemaJson"])


def upload_schemas(call: ApiCall) -> Response:
    """POST several; ``truncate`` deletes all others first."""
    project = app_project(call)
    body = checked_body(call, bodies.SCHEMAS)
    entries = body["entries"]
    assert isinstance(entries, list)
    with call.store.transaction():
        deleted = 0
        if body.get("truncate") is True:
            deleted = _delete(call, project, _all(call, project))
        for entry in entries:
            assert isinstance(entry, dict)
            _write(call, project, entry)
    return answer(
        {"results": {"added": len(entries), "deleted": deleted}, "status": "ok"}
    )


def upload_schema(call: ApiCall) -> Response:
    """POST one: the body is the schema itself."""
    project = app_project(call)
    entry: JsonObject = {
        "entityType": _entity_type(call),
        "name": call.parts["name"],
        "schemaJson": checked_body(call, bodies.SCHEMA),
    }
    _write(call, project, entry)
    return answer({"status": "ok"})


def delete_schemas(call: ApiCall) -> Response:
    """DELETE all, those of an entity type, or one."""
    project = app_project(call)
    with call.store.transaction():
        count = _delete(call, project, _entries(call, project))
    return answer({"results": {"delete_count": count}, "status": "ok"})


def _entries(call: ApiCall, project: Project) -> list[JsonObject]:
    """Return what the path and ``entity_name`` select."""
    entity_type = _entity_type(call)
    name = call.parts.get("name") or call.query.get("entity_name")
    return [
        entry
        for entry in _all(call, project)
        if (entity_type is None or entry["entityType"] == entity_type)
        and (name is None or entry["name"] == name)
    ]


def _all(call: ApiCall, project: Project) -> list[JsonObject]:
    return documents.read_all(call.store, project.id, Kind.SCHEMA)


def _write(call: ApiCall, project: Project, entry: JsonObject) -> None:
    documents.write(call.store, project.id, Kind.SCHEMA, _key(entry), entry)


def _delete(call: ApiCall, project: Project, entries: list[JsonObject]) -> int:
    return sum(
        documents.delete(call.store, project.id, Kind.SCHEMA, _key(entry))
        for entry in entries
    )


def _key(entry: JsonObject) -> str:
    return f"{entry['entityType']}/{entry['name']}"


def _entity_type(call: ApiCall) -> str | None:
    """Return the entity type in the path, or None."""
    entity_type = call.parts.get("entity_type")
    if entity_type is not None and entity_type not in bodies.ENTITY_TYPES:
        raise Refusal(400, f"entityType must be event or profile, not {entity_type!r}")
    return entity_type
