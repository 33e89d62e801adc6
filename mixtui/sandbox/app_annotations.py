"""Annotations: the seven operations under ``/projects/{project}/annotations``.

https://developer.mixpanel.com/reference/list-all-annotations-for-project
"""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from mixtui.sandbox import documents
from mixtui.sandbox.app_body import json_object, text
from mixtui.sandbox.authentication import app_project
from mixtui.sandbox.call import Call, answer
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.identity import Project
from mixtui.sandbox.json_text import Json, JsonObject

_AUTHOR: JsonObject = {"id": 1, "first_name": "Sandbox", "last_name": "Service"}


def list_annotations(call: Call) -> Response:
    """GET all, between ``fromDate`` and ``toDate`` when given."""
    project = app_project(call)
    first = call.query.get("fromDate", "")
    last = call.query.get("toDate") or "9999-12-31"
    rows: list[Json] = []
    for annotation in documents.read_all(call.store, project.id, Kind.ANNOTATION):
        if first <= str(annotation["date"])[:10] <= last:
            rows.append(_shown(call, project, annotation))
    return answer({"status": "ok", "results": rows})


def create_annotation(call: Call) -> Response:
    """POST one."""
    project = app_project(call)
    body = json_object(call)
    date = text(body, "date")
    try:
        datetime.strptime(date, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise Refusal(
            400, f"'date' must be YYYY-MM-DD HH:mm:ss, not {date!r}"
        ) from None
    annotation: JsonObject = {
        "date": date,
        "description": text(body, "description"),
        "tags": _tag_ids(call, project, body),
    }
    with call.store.transaction():
        annotation["id"] = documents.next_id(call.store, Kind.ANNOTATION)
        _write(call, project, annotation)
    return answer({"status": "ok", "results": _shown(call, project, annotation)}, 201)


def read_annotation(call: Call) -> Response:
    """GET one."""
    project = app_project(call)
    found = _find(call, project)
    return answer({"status": "ok", "results": _shown(call, project, found)})


def change_annotation(call: Call) -> Response:
    """PATCH description and tags; the date stays."""
    project = app_project(call)
    body = json_object(call)
    with call.store.transaction():
        annotation = _find(call, project)
        if "description" in body:
            annotation["description"] = text(body, "description")
        if "tags" in body:
            annotation["tags"] = _tag_ids(call, project, body)
        _write(call, project, annotation)
    return answer({"status": "ok", "results": _shown(call, project, annotation)})


def delete_annotation(call: Call) -> Response:
    """DELETE one."""
    project = app_project(call)
    found = _find(call, project)
    documents.delete(call.store, project.id, Kind.ANNOTATION, str(found["id"]))
    return answer({"status": "ok", "results": {"id": found["id"]}})


def list_tags(call: Call) -> Response:
    """GET tags: a bare list."""
    project = app_project(call)
    rows: list[Json] = []
    rows += _tags(call, project)
    return answer(rows)


def create_tag(call: Call) -> Response:
    """POST a tag: a bare object comes back."""
    project = app_project(call)
    name = text(json_object(call), "name")
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


def _tags(call: Call, project: Project) -> list[JsonObject]:
    return documents.read_all(call.store, project.id, Kind.ANNOTATION_TAG)


def _tag_ids(call: Call, project: Project, body: JsonObject) -> list[Json]:
    ids = body.get("tags", [])
    known = {tag["id"] for tag in _tags(call, project)}
    if not isinstance(ids, list) or not all(
        _is_id(identifier) and identifier in known for identifier in ids
    ):
        raise Refusal(400, "'tags' must be a list of ids of existing tags")
    for tag in _tags(call, project):
        if tag["id"] in ids and not tag["has_annotations"]:
            documents.write(
                call.store,
                project.id,
                Kind.ANNOTATION_TAG,
                str(tag["id"]),
                {**tag, "has_annotations": True},
            )
    return ids


def _is_id(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _find(call: Call, project: Project) -> JsonObject:
    identifier = call.parts["annotation"]
    found = documents.read(call.store, project.id, Kind.ANNOTATION, identifier)
    if found is None:
        raise Refusal(404, f"Annotation {identifier} was not found")
    return found


def _write(call: Call, project: Project, annotation: JsonObject) -> None:
    key = str(annotation["id"])
    documents.write(call.store, project.id, Kind.ANNOTATION, key, annotation)


def _shown(call: Call, project: Project, annotation: JsonObject) -> JsonObject:
    ids = annotation["tags"]
    assert isinstance(ids, list)
    tags: list[Json] = []
    tags += [
        {"id": tag["id"], "name": tag["name"]}
        for tag in _tags(call, project)
        if tag["id"] in ids
    ]
    return {**annotation, "user": _AUTHOR, "tags": tags}
