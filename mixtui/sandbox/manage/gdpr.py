"""GDPR retrievals and deletions: jobs that advance whenever their status is read.

Nothing is exported or deleted. https://developer.mixpanel.com/reference/gdpr-api
"""

from __future__ import annotations

from uuid import uuid4

from starlette.responses import Response

from mixtui.sandbox.data.identity import Project, moment
from mixtui.sandbox.data.json_text import JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.manage.resource import StoredObjects
from mixtui.sandbox.requests.authentication import oauth_project
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest, checked_body, json_response
from mixtui.sandbox.requests.shapes import ListOf, OneOf, Record, Text

STATES = ("PENDING", "STAGING", "STARTED", "SUCCESS")
"""Each read of the status advances to the next one; the last one stays."""
CANCELLABLE = ("PENDING", "STAGING")
_RETRIEVALS = StoredObjects(
    Kind.RETRIEVAL, "Task {} was not found", id_field="tracking_id"
)
_DELETIONS = StoredObjects(
    Kind.DELETION, "Task {} was not found", id_field="tracking_id"
)

# The shapes of its bodies; the OpenAPI descriptions name no required field, the reference
# pages do.
MAX_IDS = 2000
_IDS = ListOf(Text(min_length=1), min_items=1, max_items=MAX_IDS)
_LAW = OneOf(("GDPR", "CCPA"))
NEW_DELETION = Record(
    required={"distinct_ids": _IDS}, optional={"compliance_type": _LAW}
)
NEW_RETRIEVAL = Record(
    required={"distinct_ids": _IDS},
    optional={
        "compliance_type": _LAW,
        "disclosure_type": OneOf(("Data", "Categories", "Sources")),
    },
)


def create_retrieval(request: ApiRequest) -> Response:
    """POST /data-retrievals/v3.0."""
    return _create(request, _RETRIEVALS, NEW_RETRIEVAL)


def create_deletion(request: ApiRequest) -> Response:
    """POST /data-deletions/v3.0."""
    return _create(request, _DELETIONS, NEW_DELETION)


def read_retrieval(request: ApiRequest) -> Response:
    """GET a retrieval: its state and, once done, a link."""
    job = _advance(request, oauth_project(request), _RETRIEVALS)
    state = _state(job)
    link = f"https://sandbox.invalid/{job['tracking_id']}" if state == "SUCCESS" else ""
    results: JsonObject = {
        "status": state,
        "results": link,
        "distinct_ids": job["distinct_ids"],
    }
    return json_response({"status": "ok", "results": results})


def read_deletion(request: ApiRequest) -> Response:
    """GET a deletion."""
    project = oauth_project(request)
    job = _advance(request, project, _DELETIONS)
    results: JsonObject = {
        "tracking_id": job["tracking_id"],
        "status": _state(job),
        "requesting_user": "owner@sandbox.invalid",
        "compliance_type": job["compliance_type"],
        "project_id": int(project.id),
        "date_requested": job["date_requested"],
        "distinct_ids": job["distinct_ids"],
    }
    return json_response({"status": "ok", "results": results})


def cancel_deletion(request: ApiRequest) -> Response:
    """DELETE a deletion that has not started: 204 without a body."""
    project = oauth_project(request)
    with request.store.transaction():
        job = _DELETIONS.find(request, project.id, request.parts["job"])
        if _state(job) not in CANCELLABLE:
            raise Refusal(405, "The deletion can no longer be cancelled")
        _DELETIONS.write(request, project.id, {**job, "cancelled": True})
    return Response(status_code=204)


def _create(request: ApiRequest, jobs: StoredObjects, shape: Record) -> Response:
    project = oauth_project(request)
    body = checked_body(request, shape)
    identifier = str(uuid4())
    job: JsonObject = {
        "tracking_id": identifier,
        "compliance_type": body.get("compliance_type", "GDPR"),
        "date_requested": moment(request.now_ms).strftime("%Y-%m-%dT%H:%M:%S"),
        "distinct_ids": body["distinct_ids"],
        "looks": 0,
        "cancelled": False,
    }
    jobs.write(request, project.id, job)
    return json_response({"status": "ok", "results": {"task_id": identifier}}, 201)


def _advance(request: ApiRequest, project: Project, jobs: StoredObjects) -> JsonObject:
    with request.store.transaction():
        job = jobs.find(request, project.id, request.parts["job"])
        if not job["cancelled"]:
            job["looks"] = int(str(job["looks"])) + 1
            jobs.write(request, project.id, job)
    return job


def _state(job: JsonObject) -> str:
    """Return the state shown by the last read."""
    if job["cancelled"]:
        return "REVOKED"
    looks = int(str(job["looks"]))
    return STATES[min(max(looks, 1), len(STATES)) - 1]
