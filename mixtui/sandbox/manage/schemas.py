"""Lexicon schemas: the operations under ``/projects/{project}/schemas``.

https://developer.mixpanel.com/reference/lexicon-schemas-api
"""

from __future__ import annotations

from starlette.responses import Response

from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import Project
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.requests.authentication import app_project
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest, checked_body, json_response
from mixtui.sandbox.requests.shapes import (
    NAME,
    TEXTS,
    Boolean,
    ListOf,
    MapOf,
    OneOf,
    Record,
    Text,
)

# The shapes of its bodies
ENTITY_TYPES = ("event", "profile")
_MIXPANEL_OF_PROPERTY = Record(
    optional={"displayName": Text(), "hidden": Boolean(), "dropped": Boolean()},
    closed=True,
)
_PROPERTY = Record(
    required={
        "type": OneOf(
            ("array", "boolean", "integer", "null", "number", "object", "string")
        )
    },
    optional={
        "description": Text(),
        "metadata": Record(optional={"com.mixpanel": _MIXPANEL_OF_PROPERTY}),
    },
    closed=True,
)
_MIXPANEL_OF_ENTITY = Record(
    optional={
        "$source": Text(),
        "displayName": Text(),
        "tags": TEXTS,
        "hidden": Boolean(),
        "dropped": Boolean(),
        "contacts": TEXTS,
        "teamContacts": TEXTS,
    },
    closed=True,
)
SCHEMA = Record(
    optional={
        "description": Text(),
        "properties": MapOf(_PROPERTY),
        "metadata": Record(optional={"com.mixpanel": _MIXPANEL_OF_ENTITY}),
    }
)
SCHEMAS = Record(
    required={
        "entries": ListOf(
            Record(
                required={
                    "entityType": OneOf(ENTITY_TYPES),
                    "name": NAME,
                    "schemaJson": SCHEMA,
                },
                closed=True,
            )
        )
    },
    optional={"truncate": Boolean()},
)


def list_schemas(request: ApiRequest) -> Response:
    """GET schemas, all or of an entity type; ``entity_name`` narrows to one."""
    project = app_project(request)
    entries: list[Json] = []
    entries += _entries(request, project)
    return json_response({"results": entries, "status": "ok"})


def read_schema(request: ApiRequest) -> Response:
    """GET one schema, as a bare object (so the OpenAPI description)."""
    project = app_project(request)
    entries = _entries(request, project)
    if not entries:
        raise Refusal(404, f"Schema {request.parts['name']!r} was not found")
    return json_response(entries[0]["schemaJson"])


def upload_schemas(request: ApiRequest) -> Response:
    """POST several; ``truncate`` deletes all others first."""
    project = app_project(request)
    body = checked_body(request, SCHEMAS)
    entries = body["entries"]
    assert isinstance(entries, list)
    with request.store.transaction():
        deleted = 0
        if body.get("truncate") is True:
            deleted = _delete(request, project, _all(request, project))
        for entry in entries:
            assert isinstance(entry, dict)
            _write(request, project, entry)
    return json_response(
        {"results": {"added": len(entries), "deleted": deleted}, "status": "ok"}
    )


def upload_schema(request: ApiRequest) -> Response:
    """POST one: the body is the schema itself."""
    project = app_project(request)
    entry: JsonObject = {
        "entityType": _entity_type(request),
        "name": request.parts["name"],
        "schemaJson": checked_body(request, SCHEMA),
    }
    _write(request, project, entry)
    return json_response({"status": "ok"})


def delete_schemas(request: ApiRequest) -> Response:
    """DELETE all, those of an entity type, or one."""
    project = app_project(request)
    with request.store.transaction():
        count = _delete(request, project, _entries(request, project))
    return json_response({"results": {"delete_count": count}, "status": "ok"})


def _entries(request: ApiRequest, project: Project) -> list[JsonObject]:
    """Return the schemas selected by the path and ``entity_name``."""
    entity_type = _entity_type(request)
    name = request.parts.get("name") or request.query.get("entity_name")
    return [
        entry
        for entry in _all(request, project)
        if (entity_type is None or entry["entityType"] == entity_type)
        and (name is None or entry["name"] == name)
    ]


def _all(request: ApiRequest, project: Project) -> list[JsonObject]:
    return documents.read_all(request.store, project.id, Kind.SCHEMA)


def _write(request: ApiRequest, project: Project, entry: JsonObject) -> None:
    documents.write(request.store, project.id, Kind.SCHEMA, _key(entry), entry)


def _delete(request: ApiRequest, project: Project, entries: list[JsonObject]) -> int:
    return sum(
        documents.delete(request.store, project.id, Kind.SCHEMA, _key(entry))
        for entry in entries
    )


def _key(entry: JsonObject) -> str:
    return f"{entry['entityType']}/{entry['name']}"


def _entity_type(request: ApiRequest) -> str | None:
    """Return the entity type in the path, or None."""
    entity_type = request.parts.get("entity_type")
    if entity_type is not None and entity_type not in ENTITY_TYPES:
        raise Refusal(400, f"entityType must be event or profile, not {entity_type!r}")
    return entity_type
