"""Annotations: the seven operations under ``/projects/{project}/annotations``.

https://developer.mixpanel.com/reference/list-all-annotations-for-project
"""

from __future__ import annotations

import re
from datetime import date, datetime

from starlette.responses import Response

from mixtui.sandbox import bodies, documents
from mixtui.sandbox.app_body import checked_body
from mixtui.sandbox.authentication import app_project
from mixtui.sandbox.call import ApiCall, answer
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.identity import Project
from mixtui.sandbox.json_text import Json, JsonObject

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
        _write(call, project, annotation)
    return answer({"status": "ok", "results": _shown(call, project, annotation)}, 201)


def read_annotation(call: ApiCall) -> Response:
    """GET one."""
    project = app_project(call)
    found = _find(call, project)
    return answer({"status": "ok", "results": _shown(call, project, found)})


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
        _write(call, project, annotation)
    return answer({"status": "ok", "results": _shown(call, project, annotation)})


def delete_annotation(call: ApiCall) -> Response:
    """DELETE one."""
    project = app_project(call)
    found = _find(call, project)
    documents.delete(call.store, project.id, Kind.ANNOTATION, str(found["id"]))
    return answer({"status": "ok", "results": {"id": found["id"]}})


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
    found = documents.read(call.store, project.id, Kind.ANNOTATION, identifier)
    if found is None:
        raise Refusal(404, f"Annotation {identifier} was not found")
    return found


def _write(call: ApiCall, project: Project, annotation: JsonObject) -> None:
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
