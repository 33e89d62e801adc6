"""Data Pipelines (deprecated): stored, with an invented history; they export nothing.

The responses of edit, cancel, pause and resume are not documented; here they are
``{"status": "ok"}``. https://developer.mixpanel.com/reference/overview-2
"""

from __future__ import annotations

from datetime import date, timedelta

from starlette.responses import Response

from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import Project, days
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.manage.resource import StoredObjects
from mixtui.sandbox.requests.authentication import query_project
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest, json_response
from mixtui.sandbox.requests.shapes import (
    NAME,
    Boolean,
    ListOf,
    Number,
    OneOf,
    Record,
    Shape,
    Text,
    checked_form,
)

MAX_RECURRING, MAX_ONE_OFF = 2, 1
MAX_AGE_DAYS = 183
MAX_SYNCS = 30
STATUSES = ("pending", "running", "retried", "failed", "canceled", "timed_out")

Form = dict[str, list[str]]
_PIPELINES = StoredObjects(
    Kind.PIPELINE, "Pipeline {!r} was not found", id_field="name"
)

# The shapes of its forms
_DAY = Text(pattern=r"\d{4}-\d\d-\d\d", example="YYYY-MM-DD")
_AWS_REGIONS = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-south-1",
    "ca-central-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
]
_GCS_REGIONS = [
    "northamerica-northeast1",
    "us-central1",
    "us-east1",
    "us-east4",
    "us-west1",
    "us-west2",
    "southamerica-east1",
    "europe-north1",
    "europe-west1",
    "europe-west2",
    "europe-west3",
    "europe-west4",
    "europe-west6",
    "asia-east1",
    "asia-east2",
    "asia-northeast1",
    "asia-northeast2",
    "asia-northeast3",
    "asia-south1",
    "asia-southeast1",
    "australia-southeast1",
]
_BIGQUERY_REGIONS = [
    "US",
    "US_CENTRAL_1",
    "US_EAST_1",
    "US_WEST_1",
    "US_WEST_2",
    "US_EAST_4",
    "NORTH_AMERICA_NORTHEAST_1",
    "SOUTH_AMERICA_EAST_1",
    "EU",
    "EUROPE_NORTH_1",
    "EUROPE_WEST_2",
    "EUROPE_WEST_3",
    "EUROPE_WEST_4",
    "EUROPE_WEST_6",
    "ASIA_SOUTH_1",
    "ASIA_EAST_1",
    "ASIA_EAST_2",
    "ASIA_NORTHEAST_1",
    "ASIA_NORTHEAST_2",
    "ASIA_NORTHEAST_3",
    "ASIA_SOUTHEAST_1",
    "ASIA_SOUTHEAST_2",
    "AUSTRALIA_SOUTHEAST_1",
]
_ALWAYS: dict[str, Shape] = {
    "trial": Boolean(),
    "to_date": _DAY,
    "frequency": OneOf(("daily", "hourly")),
    "events": ListOf(Text()),
    "where": Text(),
}
_RAW: dict[str, Shape] = {
    **_ALWAYS,
    "data_source": OneOf(("events",)),
    "data_format": OneOf(("json",)),
}
_SCHEMATIZED: dict[str, Shape] = {**_ALWAYS, "data_source": OneOf(("events", "people"))}
_FILES: dict[str, Shape] = {**_SCHEMATIZED, "data_format": OneOf(("json", "parquet"))}
_TABLES: dict[str, Shape] = {
    "sync": Boolean(only=True),
    "schema_type": OneOf(("monoschema", "multischema")),
}
_GCS: dict[str, Shape] = {
    "gcs_bucket": NAME,
    "gcs_region": OneOf(tuple(_GCS_REGIONS)),
}
_S3_MORE: dict[str, Shape] = {
    "s3_prefix": Text(),
    "s3_encryption": OneOf(("none", "aes", "kms")),
    "s3_kms_key_id": Text(),
}
_AZURE: dict[str, Shape] = {
    "storage_account": NAME,
    "container_name": NAME,
    "client_id": NAME,
    "client_secret": NAME,
    "tenant_id": NAME,
}
_SNOWFLAKE: dict[str, Shape] = {
    f"snowflake_{name}": NAME
    for name in (
        "account_name",
        "warehouse",
        "storage_integration",
        "user",
        "password",
        "role",
        "database",
        "schema",
    )
}
_SECRETS = ("client_secret", "snowflake_password", "azure_client_secret")


def _s3(*more: str) -> dict[str, Shape]:
    regions = OneOf((*_AWS_REGIONS, *more))
    return {
        "s3_bucket": NAME,
        "s3_region": regions,
        "s3_role": NAME,
    }


NEW_PIPELINE = {
    "gcs-raw": Record(_GCS, {**_RAW, "gcs_prefix": Text()}),
    # Only one of the two descriptions lists the region of Bahrain.
    "s3-raw": Record(_s3("me-south-1"), {**_RAW, **_S3_MORE}),
    "azure-raw": Record(_AZURE, {**_RAW, "prefix": Text()}),
    "bigquery": Record(
        {
            **_TABLES,
            "bq_region": OneOf(tuple(_BIGQUERY_REGIONS)),
            "gcp_project": NAME,
            "bq_dataset_name": NAME,
        },
        {
            **_SCHEMATIZED,
            "bq_prefix": Text(pattern=r"\w*", example="letters, digits and _"),
        },
    ),
    "snowflake": Record(
        {**_TABLES, **_SNOWFLAKE}, {**_SCHEMATIZED, "snowflake_prefix": Text()}
    ),
    "aws": Record(
        {**_TABLES, **_s3()},
        {
            **_FILES,
            **_S3_MORE,
            "use_glue": Boolean(),
            "glue_database": Text(),
            "glue_role": Text(),
            "glue_table_prefix": Text(),
        },
    ),
    "azure-blob": Record({**_TABLES, **_AZURE}, {**_FILES, "prefix": Text()}),
    "gcs-schema": Record({**_TABLES, **_GCS}, {**_FILES, "gcs_prefix": Text()}),
}
"""Additional fields by type; also ``from_date``, unless it is a trial."""
PIPELINE_TYPE = Record(
    {"type": OneOf(tuple(NEW_PIPELINE))}, {"trial": Boolean(), "project_id": Number()}
)
PIPELINE_START = Record({"from_date": _DAY})
ONE_PIPELINE = Record({"name": NAME})
"""Cancel, pause, resume."""
PIPELINE_EDIT = Record(
    {"name": NAME},
    {
        "events": ListOf(Text()),
        "where": Text(),
        "azure_client_id": Text(),
        "azure_client_secret": Text(),
        "azure_tenant_id": Text(),
        "glue_database": Text(),
        "glue_role": Text(),
        "glue_table_prefix": Text(),
        "bq_share_with_group": ListOf(Text()),
    },
)


def list_jobs(request: ApiRequest) -> Response:
    """Jobs: a list under the project id."""
    project = _project(request, request.parameters.get("project_id"))
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
    project = _project(request, request.form.get("project_id"))
    first = checked_form(PIPELINE_TYPE, form)
    kind, trial = str(first["type"]), first.get("trial") is True
    values = checked_form(NEW_PIPELINE[kind], form)
    start = request.today - timedelta(days=1)
    if not trial or request.form.get("from_date"):
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
    project = _project(request, request.form.get("project_id"))
    values = checked_form(PIPELINE_EDIT, form)
    job = _find(request, project, values.pop("name"))
    settings = job["settings"]
    assert isinstance(settings, dict)
    changed = {**settings, **_without_secrets(values)}
    return _save(request, project, {**job, "settings": changed})


def pause(request: ApiRequest) -> Response:
    """POST pause: stop syncs from today on."""
    project, job = _pipeline_in_form(request)
    return _save(request, project, {**job, "paused_on": str(request.today)})


def resume(request: ApiRequest) -> Response:
    """POST resume: catch up on missed syncs."""
    project, job = _pipeline_in_form(request)
    return _save(request, project, {**job, "paused_on": None})


def cancel(request: ApiRequest) -> Response:
    """POST cancel: delete the pipeline."""
    project, job = _pipeline_in_form(request)
    _PIPELINES.delete(request, project.id, job)
    return json_response({"status": "ok"})


def status(request: ApiRequest) -> Response:
    """Status: every day's task has succeeded; ``summary`` returns only counts."""
    project = _project(request, request.parameters.get("project_id"))
    name = request.parameters.get("name")
    if not name:
        raise Refusal(400, "'name' is required")
    statuses = request.parameters.getlist("status")
    for status_ in statuses:
        if status_ not in STATUSES:
            raise Refusal(400, f"status must be one of {', '.join(STATUSES)}")
    job = _find(request, project, name)
    tasks: list[Json] = (
        []
        if statuses
        else [_task(project, job, day) for day in _synced_days(request, job)]
    )
    if request.parameters.get("summary", "").lower() == "true":
        return json_response({"canceled": 0, "retried": 0, "succeeded": len(tasks)})
    return json_response({"canceled": [], "retried": [], "succeeded": tasks})


def timeline(request: ApiRequest) -> Response:
    """Timeline: the syncs by day, of one pipeline or of all."""
    project = _project(request, request.parameters.get("project_id"))
    name = request.parameters.get("name")
    jobs = [_find(request, project, name)] if name else _all(request, project)
    synced = sorted({day for job in jobs for day in _synced_days(request, job)})
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
        "settings": _without_secrets(settings),
    }


def _add(request: ApiRequest, project: Project, job: JsonObject) -> str:
    """Store the pipeline under an unused name, and return the name."""
    recurring = job["to_date"] is None
    similar = [
        other
        for other in _all(request, project)
        if other["data_source"] == job["data_source"] == "events"
        and (other["to_date"] is None) is recurring
    ]
    if job["data_source"] == "events" and recurring and len(similar) >= MAX_RECURRING:
        raise Refusal(400, f"a project may have {MAX_RECURRING} recurring pipelines")
    if job["data_source"] == "events" and not recurring and len(similar) >= MAX_ONE_OFF:
        raise Refusal(400, f"a project may have {MAX_ONE_OFF} one-off pipeline")
    settings = job["settings"]
    assert isinstance(settings, dict)
    parts = [job["data_source"], job["frequency"], job["type"]]
    parts += [settings["schema_type"]] if "schema_type" in settings else []
    name = ("trial-" if job["trial"] else "") + "-".join(map(str, parts))
    unused_name = name
    while (
        documents.read(request.store, project.id, Kind.PIPELINE, unused_name)
        is not None
    ):
        unused_name = (
            f"{name}-{documents.next_id(request.store, Kind.PIPELINE, first=2)}"
        )
    _PIPELINES.write(request, project.id, {**job, "name": unused_name})
    return unused_name


def _synced_days(request: ApiRequest, job: JsonObject) -> list[date]:
    """Return the days that have been exported, at most a month of them."""
    last = request.today - timedelta(days=1)
    if job["to_date"] is not None:
        last = min(last, date.fromisoformat(str(job["to_date"])))
    if job["paused_on"] is not None:
        last = min(last, date.fromisoformat(str(job["paused_on"])) - timedelta(days=1))
    return days(date.fromisoformat(str(job["from_date"])), last)[-MAX_SYNCS:]


def _last_dispatched(request: ApiRequest, job: JsonObject) -> str:
    synced = _synced_days(request, job)
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


def _pipeline_in_form(request: ApiRequest) -> tuple[Project, JsonObject]:
    """Return the pipeline named in the form, and its project."""
    form = _form(request)
    project = _project(request, request.form.get("project_id"))
    return project, _find(request, project, checked_form(ONE_PIPELINE, form)["name"])


def _save(request: ApiRequest, project: Project, job: JsonObject) -> Response:
    _PIPELINES.write(request, project.id, job)
    return json_response({"status": "ok"})


def _project(request: ApiRequest, id: str | None) -> Project:
    return query_project(request, id, unauthorized=401)


def _all(request: ApiRequest, project: Project) -> list[JsonObject]:
    return _PIPELINES.read_all(request, project.id)


def _find(request: ApiRequest, project: Project, name: Json) -> JsonObject:
    return _PIPELINES.find(request, project.id, str(name))


def _start(request: ApiRequest, form: Form) -> date:
    text = str(checked_form(PIPELINE_START, form)["from_date"])
    start = _date("from_date", text)
    if start < request.today - timedelta(days=MAX_AGE_DAYS):
        raise Refusal(400, "from_date cannot be more than six months in the past")
    end = request.form.get("to_date")
    if end and _date("to_date", end) < start:
        raise Refusal(400, "from_date cannot be later than to_date")
    return start


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(400, f"{name} must be YYYY-MM-DD, not {text!r}") from None


def _form(request: ApiRequest) -> Form:
    return {name: request.form.getlist(name) for name in request.form}


def _without_secrets(values: JsonObject) -> JsonObject:
    """Return the fields of a form that may be stored."""
    return {name: value for name, value in values.items() if name not in _SECRETS}
