"""Lexicon schemas: the eight operations under ``/projects/{project}/schemas``.

https://developer.mixpanel.com/reference/lexicon-schemas-api
"""

from __future__ import annotations

import re
from datetime import date, datetime

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
    """What the path and ``entity_name`` select."""
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
    """The one in the path."""
    entity_type = call.parts.get("entity_type")
    if entity_type is not None and entity_type not in bodies.ENTITY_TYPES:
        raise Refusal(400, f"entityType must be event or profile, not {entity_type!r}")
    return entity_type


_AUTHOR: JsonObject = {"id": 1, "first_name": "Sandbox", "last_name": "Service"}


def list_annotations(call: ApiCall) -> Response:
    """GET all, between ``fromDate`` and ``toDate`` when given."""
    project = app_project(call)
    first = _day(call, "fromDate") or "0000-00-00"
    last = _day(call, "toDate") or "9999-12-31"
    rows: list[Json] = []
    for annotation in documents.read_all(call.store, project.id, Kind.ANNOTATION):
        if first <= str(annotation["date"])[:10] <= last:
            rows.append(_shown(call, project, annotation))
    return answer({"status": "ok", "results": rows})


def create_annotation(call: ApiCall) -> Response:
    """POST one."""
    project = app_project(call)
    body = checked_body(call, bodies.NEW_ANNOTATION)
    try:
        datetime.strptime(str(body["date"]), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise Refusal(400, f"'date' is no date: {body['date']}") from None
    annotation: JsonObject = {
        "date": body["date"],
        "description": body["description"],
        "tags": _tag_ids(call, project, body),
    }
    with call.store.transaction():
        annotation["id"] = documents.next_id(call.store, Kind.ANNOTATION)
        _write_app_annotations(call, project, annotation)
    return answer({"status": "ok", "results": _shown(call, project, annotation)}, 201)


def read_annotation(call: ApiCall) -> Response:
    """GET one."""
    project = app_project(call)
    json_object = _find(call, project)
    return answer({"status": "ok", "results": _shown(call, project, json_object)})


def change_annotation(call: ApiCall) -> Response:
    """PATCH description and tags; the date stays."""
    project = app_project(call)
    body = checked_body(call, bodies.ANNOTATION_CHANGE)
    with call.store.transaction():
        annotation = _find(call, project)
        if "description" in body:
            annotation["description"] = body["description"]
        if "tags" in body:
            annotation["tags"] = _tag_ids(call, project, body)
        _write_app_annotations(call, project, annotation)
    return answer({"status": "ok", "results": _shown(call, project, annotation)})


def delete_annotation(call: ApiCall) -> Response:
    """DELETE one."""
    project = app_project(call)
    json_object = _find(call, project)
    documents.delete(call.store, project.id, Kind.ANNOTATION, str(json_object["id"]))
    return answer({"status": "ok", "results": {"id": json_object["id"]}})


def list_tags(call: ApiCall) -> Response:
    """GET tags: a bare list."""
    project = app_project(call)
    used = {
        identifier
        for annotation in documents.read_all(call.store, project.id, Kind.ANNOTATION)
        for identifier in _ids(annotation)
    }
    rows: list[Json] = [
        {**tag, "has_annotations": tag["id"] in used} for tag in _tags(call, project)
    ]
    return answer(rows)


def create_tag(call: ApiCall) -> Response:
    """POST a tag: a bare object comes back."""
    project = app_project(call)
    name = checked_body(call, bodies.NEW_TAG)["name"]
    with call.store.transaction():
        identifier = documents.next_id(call.store, Kind.ANNOTATION_TAG)
        tag: JsonObject = {
            "id": identifier,
            "name": name,
            "project_id": int(project.id),
            "has_annotations": False,
        }
        documents.write(
            call.store, project.id, Kind.ANNOTATION_TAG, str(identifier), tag
        )
    return answer(tag)


def _tags(call: ApiCall, project: Project) -> list[JsonObject]:
    return documents.read_all(call.store, project.id, Kind.ANNOTATION_TAG)


def _tag_ids(call: ApiCall, project: Project, body: JsonObject) -> list[Json]:
    ids = _ids(body)
    known = {tag["id"] for tag in _tags(call, project)}
    for identifier in ids:
        if identifier not in known:
            raise Refusal(400, f"'tags' must be ids of tags; there is no {identifier}")
    return ids


def _ids(annotation: JsonObject) -> list[Json]:
    ids = annotation.get("tags", [])
    assert isinstance(ids, list)
    return ids


def _day(call: ApiCall, name: str) -> str:
    text = call.query.get(name, "")
    try:
        if text and not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError
        return str(date.fromisoformat(text)) if text else ""
    except ValueError:
        raise Refusal(400, f"{name} must be yyyy-mm-dd, not {text!r}") from None


def _find(call: ApiCall, project: Project) -> JsonObject:
    identifier = call.parts["annotation"]
    json_object = documents.read(call.store, project.id, Kind.ANNOTATION, identifier)
    if json_object is None:
        raise Refusal(404, f"Annotation {identifier} was not found")
    return json_object


def _write_app_annotations(
    call: ApiCall, project: Project, annotation: JsonObject
) -> None:
    key = str(annotation["id"])
    documents.write(call.store, project.id, Kind.ANNOTATION, key, annotation)


def _shown(call: ApiCall, project: Project, annotation: JsonObject) -> JsonObject:
    ids = _ids(annotation)
    tags: list[Json] = [
        {"id": tag["id"], "name": tag["name"]}
        for tag in _tags(call, project)
        if tag["id"] in ids
    ]
    return {**annotation, "user": _AUTHOR, "tags": tags}
