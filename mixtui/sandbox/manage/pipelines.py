"""Data Pipelines (deprecated): stored, with an invented history; they export nothing.

The responses of edit, cancel, pause and resume are not documented; here they are
``{"status": "ok"}``. https://developer.mixpanel.com/reference/overview-2
"""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import parse_qs

from starlette.responses import Response

from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import Project, days
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.manage.resource import Objects
from mixtui.sandbox.requests import bodies
from mixtui.sandbox.requests.authentication import query_project
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest, json_response
from mixtui.sandbox.requests.shapes import checked_form

MOST_RECURRING, MOST_ONE_OFF = 2, 1
OLDEST_DAYS = 183
MOST_BYTES = 1024 * 1024
MOST_SYNCS = 30
STATUSES = ("pending", "running", "retried", "failed", "canceled", "timed_out")

Form = dict[str, list[str]]
_PIPELINES = Objects(Kind.PIPELINE, "Pipeline {!r} was not found", id_field="name")


def list_jobs(request: ApiRequest) -> Response:
    """GET jobs: a list under the project id."""
    project = _project(request, request.query.get("project_id"))
    rows: list[Json] = [
        {
            "name": job["name"],
            "Dispatcher": "backfill",
            "last_dispatched": _last_dispatched(request, job),
            "frequency": job["frequency"],
            "sync_enabled": "true" if job["sync"] else "false",
        }
        for job in _all(request, project)
    ]
    return json_response({project.id: rows})


def create(request: ApiRequest) -> Response:
    """POST create."""
    form = _form(request)
    project = _project(request, _one(form, "project_id"))
    first = checked_form(bodies.TYPE, form)
    kind, trial = str(first["type"]), first.get("trial") is True
    values = checked_form(bodies.NEW_PIPELINE[kind], form)
    start = request.today - timedelta(days=1)
    if not trial or _one(form, "from_date"):
        start = _start(request, form)
    if values.get("use_glue") and not (
        values.get("glue_database") and values.get("glue_role")
    ):
        raise Refusal(400, "use_glue needs glue_database and glue_role")
    sources = [str(values.get("data_source", "events"))]
    if trial and "schema_type" in values:
        sources = ["events", "people"]
    with request.store.transaction():
        names = [
            _add(request, project, _job(kind, source, trial, start, values))
            for source in sources
        ]
    body: JsonObject = {"pipeline_names": [*names]}
    if kind == "bigquery":
        dataset = f"{values['gcp_project']}:{values['bq_dataset_name']}"
        body["bigquery_dataset_name"] = (
            f"https://bigquery.cloud.google.com/dataset/{dataset}"
        )
    return json_response(body)


def edit(request: ApiRequest) -> Response:
    """POST edit: change the fields in the form."""
    form = _form(request)
    project = _project(request, _one(form, "project_id"))
    values = checked_form(bodies.EDIT, form)
    job = _find(request, project, values.pop("name"))
    settings = job["settings"]
    assert isinstance(settings, dict)
    changed = {**settings, **bodies.without_secrets(values)}
    return _changed(request, project, {**job, "settings": changed})


def pause(request: ApiRequest) -> Response:
    """POST pause: stop syncs from today on."""
    project, job = _named(request)
    return _changed(request, project, {**job, "paused_on": str(request.today)})


def resume(request: ApiRequest) -> Response:
    """POST resume: catch up on missed syncs."""
    project, job = _named(request)
    return _changed(request, project, {**job, "paused_on": None})


def cancel(request: ApiRequest) -> Response:
    """POST cancel: delete the pipeline."""
    project, job = _named(request)
    _PIPELINES.delete(request, project.id, job)
    return json_response({"status": "ok"})


def status(request: ApiRequest) -> Response:
    """GET status: every day's task has succeeded; ``summary`` returns only counts."""
    project = _project(request, request.query.get("project_id"))
    name = request.query.get("name")
    if not name:
        raise Refusal(400, "'name' is required")
    wanted = request.query.getlist("status")
    for word in wanted:
        if word not in STATUSES:
            raise Refusal(400, f"status must be one of {', '.join(STATUSES)}")
    job = _find(request, project, name)
    tasks: list[Json] = (
        [] if wanted else [_task(project, job, day) for day in _days(request, job)]
    )
    if request.query.get("summary", "").lower() == "true":
        return json_response({"canceled": 0, "retried": 0, "succeeded": len(tasks)})
    return json_response({"canceled": [], "retried": [], "succeeded": tasks})


def timeline(request: ApiRequest) -> Response:
    """GET timeline: the syncs by day, of one pipeline or of all."""
    project = _project(request, request.query.get("project_id"))
    name = request.query.get("name")
    jobs = [_find(request, project, name)] if name else _all(request, project)
    synced = sorted({day for job in jobs for day in _days(request, job)})
    rows: list[Json] = [
        {
            "date": str(day),
            "sync_times": [f"{day + timedelta(days=1)} 00:05:00.000000 +0000 UTC"],
            "status": "synced",
        }
        for day in synced
    ]
    return json_response({"day_syncs": rows})


def _job(
    kind: str, source: str, trial: bool, start: date, values: JsonObject
) -> JsonObject:
    """Return a pipeline without its name."""
    settings = {**values}
    return {
        "type": kind,
        "trial": trial,
        "data_source": source,
        "frequency": settings.pop("frequency", "daily"),
        "sync": settings.pop("sync", False),
        "from_date": str(start),
        "to_date": None if trial else settings.pop("to_date", None),
        "paused_on": None,
        "settings": bodies.without_secrets(settings),
    }


def _add(request: ApiRequest, project: Project, job: JsonObject) -> str:
    """Store the pipeline under an unused name, and return the name."""
    recurring = job["to_date"] is None
    alike = [
        other
        for other in _all(request, project)
        if other["data_source"] == job["data_source"] == "events"
        and (other["to_date"] is None) is recurring
    ]
    if job["data_source"] == "events" and recurring and len(alike) >= MOST_RECURRING:
        raise Refusal(400, f"a project may have {MOST_RECURRING} recurring pipelines")
    if job["data_source"] == "events" and not recurring and len(alike) >= MOST_ONE_OFF:
        raise Refusal(400, f"a project may have {MOST_ONE_OFF} one-off pipeline")
    settings = job["settings"]
    assert isinstance(settings, dict)
    parts = [job["data_source"], job["frequency"], job["type"]]
    parts += [settings["schema_type"]] if "schema_type" in settings else []
    name = ("trial-" if job["trial"] else "") + "-".join(map(str, parts))
    free = name
    while documents.read(request.store, project.id, Kind.PIPELINE, free) is not None:
        free = f"{name}-{documents.next_id(request.store, Kind.PIPELINE, first=2)}"
    _PIPELINES.write(request, project.id, {**job, "name": free})
    return free


def _days(request: ApiRequest, job: JsonObject) -> list[date]:
    """Return the days that have been exported, at most a month of them."""
    last = request.today - timedelta(days=1)
    if job["to_date"] is not None:
        last = min(last, date.fromisoformat(str(job["to_date"])))
    if job["paused_on"] is not None:
        last = min(last, date.fromisoformat(str(job["paused_on"])) - timedelta(days=1))
    return days(date.fromisoformat(str(job["from_date"])), last)[-MOST_SYNCS:]


def _last_dispatched(request: ApiRequest, job: JsonObject) -> str:
    synced = _days(request, job)
    return f"{synced[-1] + timedelta(days=1)} 00:00:00 UTC" if synced else ""


def _task(project: Project, job: JsonObject, day: date) -> JsonObject:
    after = day + timedelta(days=1)
    return {
        "project_id": int(project.id),
        "name": job["name"],
        "state": "succeeded",
        "last_finish": f"{after}T00:05:00",
        "run_at": f"{after}T00:00:00",
        "from_date": str(day),
        "to_date": str(day),
    }


def _named(request: ApiRequest) -> tuple[Project, JsonObject]:
    """Return the pipeline named in the form, and its project."""
    form = _form(request)
    project = _project(request, _one(form, "project_id"))
    return project, _find(request, project, checked_form(bodies.ONE, form)["name"])


def _changed(request: ApiRequest, project: Project, job: JsonObject) -> Response:
    _PIPELINES.write(request, project.id, job)
    return json_response({"status": "ok"})


def _project(request: ApiRequest, id: str | None) -> Project:
    return query_project(request, id, unauthorized=401)


def _all(request: ApiRequest, project: Project) -> list[JsonObject]:
    return _PIPELINES.read_all(request, project.id)


def _find(request: ApiRequest, project: Project, name: Json) -> JsonObject:
    return _PIPELINES.find(request, project.id, str(name))


def _start(request: ApiRequest, form: Form) -> date:
    text = str(checked_form(bodies.START, form)["from_date"])
    start = _date("from_date", text)
    if start < request.today - timedelta(days=OLDEST_DAYS):
        raise Refusal(400, "from_date cannot be more than six months in the past")
    end = _one(form, "to_date")
    if end and _date("to_date", end) < start:
        raise Refusal(400, "from_date cannot be later than to_date")
    return start


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(400, f"{name} must be YYYY-MM-DD, not {text!r}") from None


def _form(request: ApiRequest) -> Form:
    return parse_qs(request.body(MOST_BYTES).decode("utf-8", "replace"))


def _one(form: Form, name: str) -> str | None:
    return form.get(name, [None])[0]
