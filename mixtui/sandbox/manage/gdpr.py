"""GDPR retrievals and deletions: jobs that go on whenever they are looked at.

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
from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import Project, moment
from mixtui.sandbox.data.json_text import JsonObject
from mixtui.sandbox.data.store import Kind

STATES = ("PENDING", "STAGING", "STARTED", "SUCCESS")
"""Each look shows the next one; the last one stays."""
CANCELLABLE = ("PENDING", "STAGING")


def create_retrieval(call: ApiCall) -> Response:
    """POST /data-retrievals/v3.0."""
    return _create(call, Kind.RETRIEVAL, bodies.NEW_RETRIEVAL)


def create_deletion(call: ApiCall) -> Response:
    """POST /data-deletions/v3.0."""
    return _create(call, Kind.DELETION, bodies.NEW_DELETION)


def read_retrieval(call: ApiCall) -> Response:
    """GET a retrieval: its state and, once done, a link."""
    job = _advanced(call, oauth_project(call), Kind.RETRIEVAL)
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
    job = _advanced(call, project, Kind.DELETION)
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
        job = _find(call, project, Kind.DELETION)
        if _state(job) not in CANCELLABLE:
            raise Refusal(405, "The deletion can no longer be cancelled")
        _write(call, project, Kind.DELETION, {**job, "cancelled": True})
    return Response(status_code=204)


def _create(call: ApiCall, kind: Kind, shape: Fields) -> Response:
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
    _write(call, project, kind, job)
    return answer({"status": "ok", "results": {"task_id": identifier}}, 201)


def _advanced(call: ApiCall, project: Project, kind: Kind) -> JsonObject:
    with call.store.transaction():
        job = _find(call, project, kind)
        if not job["cancelled"]:
            job["looks"] = int(str(job["looks"])) + 1
            _write(call, project, kind, job)
    return job


def _find(call: ApiCall, project: Project, kind: Kind) -> JsonObject:
    identifier = call.parts["job"]
    job = documents.read(call.store, project.id, kind, identifier)
    if job is None:
        raise Refusal(404, f"Task {identifier} was not found")
    return job


def _write(call: ApiCall, project: Project, kind: Kind, job: JsonObject) -> None:
    documents.write(call.store, project.id, kind, str(job["tracking_id"]), job)


def _state(job: JsonObject) -> str:
    """The one that the last look showed."""
    if job["cancelled"]:
        return "REVOKED"
    looks = int(str(job["looks"]))
    return STATES[min(max(looks, 1), len(STATES)) - 1]
