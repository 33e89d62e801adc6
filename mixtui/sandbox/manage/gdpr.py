"""GDPR retrievals and deletions: jobs that advance whenever their status is read.

Nothing is exported or deleted. https://developer.mixpanel.com/reference/gdpr-api
"""

from __future__ import annotations

from uuid import uuid4

from starlette.responses import Response

from mixtui.sandbox.calls import bodies
from mixtui.sandbox.calls.authentication import oauth_project
from mixtui.sandbox.calls.call import ApiCall, answer, checked_body
from mixtui.sandbox.calls.errors import Refusal
from mixtui.sandbox.calls.shapes import Fields
from mixtui.sandbox.data.identity import Project, moment
from mixtui.sandbox.data.json_text import JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.manage.resource import Objects

STATES = ("PENDING", "STAGING", "STARTED", "SUCCESS")
"""Each read of the status shows the next one; the last one stays."""
CANCELLABLE = ("PENDING", "STAGING")
_RETRIEVALS = Objects(Kind.RETRIEVAL, "Task {} was not found", id_field="tracking_id")
_DELETIONS = Objects(Kind.DELETION, "Task {} was not found", id_field="tracking_id")


def create_retrieval(call: ApiCall) -> Response:
    """POST /data-retrievals/v3.0."""
    return _create(call, _RETRIEVALS, bodies.NEW_RETRIEVAL)


def create_deletion(call: ApiCall) -> Response:
    """POST /data-deletions/v3.0."""
    return _create(call, _DELETIONS, bodies.NEW_DELETION)


def read_retrieval(call: ApiCall) -> Response:
    """GET a retrieval: its state and, once done, a link."""
    job = _advance(call, oauth_project(call), _RETRIEVALS)
    state = _state(job)
    link = f"https://sandbox.invalid/{job['tracking_id']}" if state == "SUCCESS" else ""
    results: JsonObject = {
        "status": state,
        "results": link,
        "distinct_ids": job["distinct_ids"],
    }
    return answer({"status": "ok", "results": results})


def read_deletion(call: ApiCall) -> Response:
    """GET a deletion."""
    project = oauth_project(call)
    job = _advance(call, project, _DELETIONS)
    results: JsonObject = {
        "tracking_id": job["tracking_id"],
        "status": _state(job),
        "requesting_user": "owner@sandbox.invalid",
        "compliance_type": job["compliance_type"],
        "project_id": int(project.id),
        "date_requested": job["date_requested"],
        "distinct_ids": job["distinct_ids"],
    }
    return answer({"status": "ok", "results": results})


def cancel_deletion(call: ApiCall) -> Response:
    """DELETE a deletion that has not begun: 204 without a body."""
    project = oauth_project(call)
    with call.store.transaction():
        job = _DELETIONS.find(call, project.id, call.parts["job"])
        if _state(job) not in CANCELLABLE:
            raise Refusal(405, "The deletion can no longer be cancelled")
        _DELETIONS.write(call, project.id, {**job, "cancelled": True})
    return Response(status_code=204)


def _create(call: ApiCall, jobs: Objects, shape: Fields) -> Response:
    project = oauth_project(call)
    body = checked_body(call, shape)
    identifier = str(uuid4())
    job: JsonObject = {
        "tracking_id": identifier,
        "compliance_type": body.get("compliance_type", "GDPR"),
        "date_requested": moment(call.now_ms).strftime("%Y-%m-%dT%H:%M:%S"),
        "distinct_ids": body["distinct_ids"],
        "looks": 0,
        "cancelled": False,
    }
    jobs.write(call, project.id, job)
    return answer({"status": "ok", "results": {"task_id": identifier}}, 201)


def _advance(call: ApiCall, project: Project, jobs: Objects) -> JsonObject:
    with call.store.transaction():
        job = jobs.find(call, project.id, call.parts["job"])
        if not job["cancelled"]:
            job["looks"] = int(str(job["looks"])) + 1
            jobs.write(call, project.id, job)
    return job


def _state(job: JsonObject) -> str:
    """Return the state that the last read showed."""
    if job["cancelled"]:
        return "REVOKED"
    looks = int(str(job["looks"]))
    return STATES[min(max(looks, 1), len(STATES)) - 1]
