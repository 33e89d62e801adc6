"""Annotations and their tags.

https://developer.mixpanel.com/reference/annotations
"""

from __future__ import annotations

import re
from datetime import date, datetime

from starlette.responses import Response

from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import Project
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.manage.resource import Filter, Resource, StoredObjects, always
from mixtui.sandbox.requests.authentication import app_project
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest, checked_body, json_response
from mixtui.sandbox.requests.shapes import NAME, Integer, ListOf, Record, Text

_AUTHOR: JsonObject = {"id": 1, "first_name": "Sandbox", "last_name": "Service"}
_TAGS = StoredObjects(Kind.ANNOTATION_TAG, "Tag {} was not found")

# The shapes of its bodies; the OpenAPI descriptions name no required field, the reference
# pages do.
_DAY_AND_TIME = Text(
    pattern=r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", example="YYYY-MM-DD HH:mm:ss"
)
NEW_ANNOTATION = Record(
    required={"date": _DAY_AND_TIME, "description": NAME},
    optional={"tags": ListOf(Integer())},
)
ANNOTATION_CHANGE = Record(optional={"description": NAME, "tags": ListOf(Integer())})
NEW_TAG = Record(required={"name": NAME})


def list_tags(request: ApiRequest) -> Response:
    """GET tags: a bare list."""
    project = app_project(request)
    used = {
        identifier
        for annotation in ANNOTATIONS.objects.read_all(request, project.id)
        for identifier in _tag_ids(annotation)
    }
    rows: list[Json] = [
        {**tag, "has_annotations": tag["id"] in used}
        for tag in _TAGS.read_all(request, project.id)
    ]
    return json_response(rows)


def create_tag(request: ApiRequest) -> Response:
    """POST a tag: a bare object comes back."""
    project = app_project(request)
    name = checked_body(request, NEW_TAG)["name"]
    with request.store.transaction():
        tag: JsonObject = {
            "id": documents.next_id(request.store, Kind.ANNOTATION_TAG),
            "name": name,
            "project_id": int(project.id),
            "has_annotations": False,
        }
        _TAGS.write(request, project.id, tag)
    return json_response(tag)


def _between_dates(request: ApiRequest) -> Filter:
    """Return a filter by ``fromDate`` and ``toDate``, each optional."""
    first = _day(request, "fromDate") or "0000-00-00"
    last = _day(request, "toDate") or "9999-12-31"
    return lambda annotation: first <= str(annotation["date"])[:10] <= last


def _build(request: ApiRequest, project: Project, body: JsonObject) -> JsonObject:
    try:
        datetime.strptime(str(body["date"]), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise Refusal(400, f"'date' is not a valid date: {body['date']}") from None
    return {
        "date": body["date"],
        "description": body["description"],
        "tags": _existing_tag_ids(request, project, body),
        "id": documents.next_id(request.store, Kind.ANNOTATION),
    }


def _update(
    request: ApiRequest, project: Project, annotation: JsonObject, body: JsonObject
) -> JsonObject:
    """Change description and tags; the date stays."""
    changed = {**annotation}
    if "description" in body:
        changed["description"] = body["description"]
    if "tags" in body:
        changed["tags"] = _existing_tag_ids(request, project, body)
    return changed


def _view(request: ApiRequest, project: Project, annotation: JsonObject) -> JsonObject:
    ids = _tag_ids(annotation)
    tags: list[Json] = [
        {"id": tag["id"], "name": tag["name"]}
        for tag in _TAGS.read_all(request, project.id)
        if tag["id"] in ids
    ]
    return {**annotation, "user": _AUTHOR, "tags": tags}


ANNOTATIONS = Resource(
    objects=StoredObjects(Kind.ANNOTATION, "Annotation {} was not found"),
    path_variable="annotation",
    authorize=app_project,
    creation_shape=always(NEW_ANNOTATION),
    build=_build,
    update_shape=ANNOTATION_CHANGE,
    apply=_update,
    view=_view,
    list_filter=_between_dates,
    deleted=lambda annotation: {"results": {"id": annotation["id"]}},
)


def _existing_tag_ids(
    request: ApiRequest, project: Project, body: JsonObject
) -> list[Json]:
    ids = _tag_ids(body)
    known = {tag["id"] for tag in _TAGS.read_all(request, project.id)}
    for identifier in ids:
        if identifier not in known:
            raise Refusal(
                400, f"'tags' must be ids of tags; {identifier} was not found"
            )
    return ids


def _tag_ids(annotation: JsonObject) -> list[Json]:
    ids = annotation.get("tags", [])
    assert isinstance(ids, list)
    return ids


def _day(request: ApiRequest, name: str) -> str:
    text = request.query.get(name, "")
    try:
        if text and not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError
        return str(date.fromisoformat(text)) if text else ""
    except ValueError:
        raise Refusal(400, f"{name} must be yyyy-mm-dd, not {text!r}") from None
