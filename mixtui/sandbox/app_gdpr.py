"""GDPR retrievals and deletions: jobs that finish when they are looked at again.

https://developer.mixpanel.com/reference/gdpr-api
"""

from __future__ import annotations

from uuid import uuid4

from starlette.responses import Response

from mixtui.sandbox import documents
from mixtui.sandbox.app_body import json_object, list_of
from mixtui.sandbox.authentication import oauth_project
from mixtui.sandbox.call import Call, answer
from mixtui.sandbox.clock import moment
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.identity import Project
from mixtui.sandbox.json_text import JsonObject

MOST_IDS = 2000
WAIT_MS = 60_000
"""A job is PENDING for a minute, then SUCCESS. Nothing is exported or deleted."""


def create_retrieval(call: Call) -> Response:
    """POST /data-retrievals/v3.0."""
    return _create(call, Kind.RETRIEVAL)


def create_deletion(call: Call) -> Response:
    """POST /data-deletions/v3.0."""
    return _create(call, Kind.DELETION)


def read_retrieval(call: Call) -> Response:
    """GET a retrieval: its state and, once done, a link."""
    job = _find(call, oauth_project(call), Kind.RETRIEVAL)
    state = _state(call, job)
    link = f"https://sandbox.invalid/{job['tracking_id']}" if state == "SUCCESS" else ""
    results: JsonObject = {
        "status": state,
        "results": link,
        "distinct_ids": job["distinct_ids"],
    }
    return answer({"status": "ok", "results": results})


def read_deletion(call: Call) -> Response:
    """GET a deletion."""
    job = _find(call, oauth_project(call), Kind.DELETION)
    shown = {name: value for name, value in job.items() if name != "created_ms"}
    return answer({"status": "ok", "results": {**shown, "status": _state(call, job)}})


def cancel_deletion(call: Call) -> Response:
    """DELETE a deletion that has not begun: 204 without a body."""
    project = oauth_project(call)
    job = _find(call, project, Kind.DELETION)
    if _state(call, job) != "PENDING":
        raise Refusal(405, "The deletion can no longer be cancelled")
    identifier = str(job["tracking_id"])
    documents.write(
        call.store, project.id, Kind.DELETION, identifier, {**job, "status": "REVOKED"}
    )
    return Response(status_code=204)


def _create(call: Call, kind: Kind) -> Response:
    project = oauth_project(call)
    body = json_object(call)
    ids = list_of(body, "distinct_ids")
    if not ids or len(ids) > MOST_IDS:
        raise Refusal(400, f"'distinct_ids' must hold between 1 and {MOST_IDS} ids")
    identifier = str(uuid4())
    job: JsonObject = {
        "tracking_id": identifier,
        "status": "PENDING",
        "requesting_user": "owner@sandbox.invalid",
        "compliance_type": body.get("compliance_type", "GDPR"),
        "project_id": int(project.id),
        "date_requested": moment(call.now_ms).strftime("%Y-%m-%dT%H:%M:%S"),
        "distinct_ids": ids,
        "created_ms": call.now_ms,
    }
    documents.write(call.store, project.id, kind, identifier, job)
    return answer({"status": "ok", "results": {"task_id": identifier}}, 201)


def _find(call: Call, project: Project, kind: Kind) -> JsonObject:
    identifier = call.parts["job"]
    job = documents.read(call.store, project.id, kind, identifier)
    if job is None:
        raise Refusal(404, f"Task {identifier} was not found")
    return job


def _state(call: Call, job: JsonObject) -> str:
    if job["status"] != "PENDING":
        return str(job["status"])
    age = call.now_ms - int(str(job["created_ms"]))
    return "SUCCESS" if age > WAIT_MS else "PENDING"
