"""Data Pipelines (deprecated): a list that remembers, and exports nothing.

https://developer.mixpanel.com/reference/overview-2. What edit, cancel, pause and resume
answer is not documented; here they answer ``{"status": "ok"}``.
"""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import parse_qs

from starlette.responses import Response

from mixtui.sandbox import documents
from mixtui.sandbox.authentication import query_project
from mixtui.sandbox.call import Call, answer
from mixtui.sandbox.clock import moment
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.identity import Project
from mixtui.sandbox.json_text import Json, JsonObject

TYPES = (
    "gcs-raw",
    "s3-raw",
    "azure-raw",
    "bigquery",
    "snowflake",
    "aws",
    "azure-blob",
    "gcs-schema",
)
MOST_RECURRING = 2
OLDEST_DAYS = 183
MOST_BYTES = 1024 * 1024


def list_jobs(call: Call) -> Response:
    """GET jobs: a list under the project id."""
    project = _project(call, call.query.get("project_id"))
    rows: list[Json] = []
    rows += [
        {
            "name": job["name"],
            "Dispatcher": job["type"],
            "last_dispatched": job["last_dispatched"],
            "frequency": job["frequency"],
            "sync_enabled": job["sync_enabled"],
        }
        for job in _all(call, project)
    ]
    return answer({project.id: rows})


def create(call: Call) -> Response:
    """POST create."""
    form = _form(call)
    project = _project(call, _one(form, "project_id"))
    kind = _required(form, "type")
    if kind not in TYPES:
        raise Refusal(400, f"type must be one of {', '.join(TYPES)}")
    _check_start(call, form)
    if len(_all(call, project)) >= MOST_RECURRING:
        raise Refusal(400, f"a project may have {MOST_RECURRING} recurring pipelines")
    with call.store.transaction():
        number = documents.next_id(call.store, Kind.PIPELINE)
        source = _one(form, "data_source") or "events"
        name = f"{kind}-{source}-{number}"
        job: JsonObject = {
            "name": name,
            "type": kind,
            "last_dispatched": moment(call.now_ms).strftime("%Y-%m-%dT%H:%M:%S"),
            "frequency": _one(form, "frequency") or "daily",
            "sync_enabled": (_one(form, "sync") or "false").lower() == "true",
            "paused": False,
            "events": [*form.get("events", [])],
        }
        documents.write(call.store, project.id, Kind.PIPELINE, name, job)
    return answer({"pipeline_names": [name]})


def edit(call: Call) -> Response:
    """POST edit: the list of events."""
    form = _form(call)
    return _change(call, form, {"events": [*form.get("events", [])]})


def pause(call: Call) -> Response:
    """POST pause."""
    return _change(call, _form(call), {"paused": True})


def resume(call: Call) -> Response:
    """POST resume."""
    return _change(call, _form(call), {"paused": False})


def cancel(call: Call) -> Response:
    """POST cancel: the pipeline is gone."""
    form = _form(call)
    project = _project(call, _one(form, "project_id"))
    job = _find(call, project, _required(form, "name"))
    documents.delete(call.store, project.id, Kind.PIPELINE, str(job["name"]))
    return answer({"status": "ok"})


def status(call: Call) -> Response:
    """GET status: no job of a pipeline has ever run here."""
    project = _project(call, call.query.get("project_id"))
    _find(call, project, call.query.get("name", ""))
    return answer({"canceled": [], "retried": [], "succeeded": []})


def _change(call: Call, form: dict[str, list[str]], changes: JsonObject) -> Response:
    project = _project(call, _one(form, "project_id"))
    job = _find(call, project, _required(form, "name"))
    name = str(job["name"])
    documents.write(call.store, project.id, Kind.PIPELINE, name, {**job, **changes})
    return answer({"status": "ok"})


def _project(call: Call, id: str | None) -> Project:
    return query_project(call, id, unauthorized=401)


def _all(call: Call, project: Project) -> list[JsonObject]:
    return documents.read_all(call.store, project.id, Kind.PIPELINE)


def _find(call: Call, project: Project, name: str) -> JsonObject:
    job = documents.read(call.store, project.id, Kind.PIPELINE, name)
    if job is None:
        raise Refusal(404, f"Pipeline {name!r} was not found")
    return job


def _check_start(call: Call, form: dict[str, list[str]]) -> None:
    text = _required(form, "from_date")
    try:
        start = date.fromisoformat(text)
    except ValueError:
        raise Refusal(400, f"from_date must be YYYY-MM-DD, not {text!r}") from None
    if start < call.today - timedelta(days=OLDEST_DAYS):
        raise Refusal(400, "from_date cannot be more than six months in the past")


def _form(call: Call) -> dict[str, list[str]]:
    return parse_qs(call.body(MOST_BYTES).decode("utf-8", "replace"))


def _one(form: dict[str, list[str]], name: str) -> str | None:
    return form.get(name, [None])[0]


def _required(form: dict[str, list[str]], name: str) -> str:
    value = _one(form, name)
    if not value:
        raise Refusal(400, f"{name} is required")
    return value
