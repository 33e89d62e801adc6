"""Warehouse Connectors: imports that are remembered and bring no rows.

https://developer.mixpanel.com/reference/warehouse-connectors-api
"""

from __future__ import annotations

import csv
import io
from uuid import uuid4

from starlette.responses import Response

from mixtui.mixpanel.apis import CredentialKind
from mixtui.sandbox.calls import bodies
from mixtui.sandbox.calls import bodies as warehouse_bodies
from mixtui.sandbox.calls.authentication import app_project, ingestion_project
from mixtui.sandbox.calls.call import ApiCall, answer, checked_body, optional_body
from mixtui.sandbox.calls.errors import Refusal
from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import Project
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind

MOST_RUNS = 30
_LISTED = (
    "id",
    "import_type",
    "sync_mode",
    "created",
    "warehouse_source_id",
    "table_params",
    "paused",
    "run_every",
    "last_dispatch",
)
"""Of each import, in the list; the creator and ``is_deleted`` as well."""
_DETAILS = (
    "event_name",
    "event_column_name",
    "time_column_name",
    "user_column_name",
    "insert_time_column_name",
    "property_mappings",
    "group_key",
    "group_id_column",
    "databricks_params",
)
"""Of one import; null where it has none."""
_CREATOR: JsonObject = {
    "creator_id": 1,
    "creator_name": "Sandbox Service",
    "creator_email": "owner@sandbox.invalid",
    "is_deleted": False,
}


def list_imports(call: ApiCall) -> Response:
    """GET all."""
    project = app_project(call)
    rows: list[Json] = [
        {**{name: row[name] for name in _LISTED}, **_CREATOR}
        for row in documents.read_all(call.store, project.id, Kind.WAREHOUSE_IMPORT)
    ]
    return answer({"status": "ok", "results": rows})


def read_import(call: ApiCall) -> Response:
    """GET one."""
    return _shown(_find(call, app_project(call)))


def create_import(call: ApiCall) -> Response:
    """POST one of the four kinds."""
    project = app_project(call)
    kind = call.parts["kind"]
    shape = warehouse_bodies.NEW_IMPORT.get(kind)
    if shape is None:
        raise Refusal(404, f"There is no import of type {kind!r}")
    body = checked_body(call, shape)
    if kind == "event-stream" and not body.keys() & {"event_name", "event_column_name"}:
        raise Refusal(400, "'event_name' or 'event_column_name' is required")
    with call.store.transaction():
        row: JsonObject = {
            **body,
            "id": documents.next_id(call.store, Kind.WAREHOUSE_IMPORT),
            "created": call.state.clock().isoformat(timespec="seconds"),
            "paused": False,
            "run_every": body.get("run_every", 0),
            "last_dispatch": None,
            "runs": [],
        }
        _write(call, project, row)
    return _shown(row)


def change_import(call: ApiCall) -> Response:
    """PATCH: pause, resume, reschedule."""
    project = app_project(call)
    body = checked_body(call, warehouse_bodies.CHANGE)
    changes = warehouse_bodies.CHANGE.only(body)
    with call.store.transaction():
        row = {**_find(call, project), **changes}
        _write(call, project, row)
    return _shown(row)


def delete_import(call: ApiCall) -> Response:
    """DELETE one; ``delete_data`` in a body is accepted: there is no such data."""
    project = app_project(call)
    optional_body(call, warehouse_bodies.DELETION)
    identifier = str(_find(call, project)["id"])
    documents.delete(call.store, project.id, Kind.WAREHOUSE_IMPORT, identifier)
    return answer({"status": "ok"})


def run_import(call: ApiCall) -> Response:
    """PUT manual-sync: another run, every time it is asked."""
    project = app_project(call)
    optional_body(call, bodies.NOTHING)
    with call.store.transaction():
        row = _find(call, project)
        run: JsonObject = {
            "status": "RUNNING",
            "start_time": call.now_ms,
            "end_time": None,
            "num_events_imported": None,
        }
        runs: list[Json] = [run, *_runs(row)[: MOST_RUNS - 1]]
        _write(call, project, {**row, "runs": runs, "last_dispatch": call.now_ms})
    return answer({"status": "ok", "results": {"run_id": str(uuid4())}})


def history(call: ApiCall) -> Response:
    """GET the last 30 runs; one that is shown running has ended at the next look."""
    project = app_project(call)
    with call.store.transaction():
        row = _find(call, project)
        shown: list[Json] = [*_runs(row)]
        ended: list[Json] = [_ended(run, call.now_ms) for run in _runs(row)]
        _write(call, project, {**row, "runs": ended})
    return answer({"status": "ok", "results": {"runs": shown}})


def _ended(run: JsonObject, now_ms: int) -> JsonObject:
    if run["status"] != "RUNNING":
        return run
    return {
        **run,
        "status": "SUCCEEDED",
        "end_time": now_ms,
        "num_events_imported": 0,
    }


def _runs(row: JsonObject) -> list[JsonObject]:
    runs = row["runs"]
    assert isinstance(runs, list)
    return [run for run in runs if isinstance(run, dict)]


def _find(call: ApiCall, project: Project) -> JsonObject:
    identifier = call.parts["import"]
    row = documents.read(call.store, project.id, Kind.WAREHOUSE_IMPORT, identifier)
    if row is None:
        raise Refusal(404, f"Warehouse import {identifier} was not found")
    return row


def _write(call: ApiCall, project: Project, row: JsonObject) -> None:
    key = str(row["id"])
    documents.write(call.store, project.id, Kind.WAREHOUSE_IMPORT, key, row)


def _shown(row: JsonObject) -> Response:
    shown: JsonObject = {**dict.fromkeys(_DETAILS), **row, **_CREATOR}
    del shown["runs"]
    return answer({"status": "ok", "results": shown})


MOST_BYTES = 100 * 1024 * 1024
MOST_REPORTED = 10
CALLS_A_DAY = 100


def list_tables(call: ApiCall) -> Response:
    """GET /lookup-tables."""
    project = ingestion_project(call)
    tables: list[Json] = []
    if project is not None:
        tables += [
            {"id": table["id"], "name": table["name"]}
            for table in documents.read_all(call.store, project.id, Kind.LOOKUP_TABLE)
        ]
    return answer({"code": 200, "status": "OK", "results": tables})


def replace_table(call: ApiCall) -> Response:
    """PUT /lookup-tables/{id}: all of the file, or nothing of it."""
    project = ingestion_project(call, CredentialKind.PROJECT_SECRET)
    identifier = call.parts["id"]
    table = None
    if project is not None:
        table = documents.read(call.store, project.id, Kind.LOOKUP_TABLE, identifier)
    if project is None or table is None:
        # The sample in Mixpanel's description says 200 inside a 404 as well.
        raise Refusal(
            404,
            f"Lookup table with id '{identifier}' was not found.",
            more={"code": 200},
        )
    with call.state.replacements.use(project.id):
        text = _text(call.body(MOST_BYTES))
        rows, failed = _check(text)
        if failed:
            raise Refusal(
                400,
                "Some data points in the request failed validation.",
                more={"failed_records": failed[:MOST_REPORTED]},
            )
        documents.write(
            call.store,
            project.id,
            Kind.LOOKUP_TABLE,
            identifier,
            {**table, "csv": text, "rows": rows},
        )
    return answer({"code": 200, "status": "OK"})


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(400, "the body must be CSV in UTF-8") from None


def _check(text: str) -> tuple[int, list[Json]]:
    """The number of rows below the header, and what is wrong with them."""
    failed: list[Json] = []
    seen: set[str] = set()
    width = index = 0
    try:
        for index, row in enumerate(csv.reader(io.StringIO(text), strict=True)):
            width = width or len(row)
            if message := _problem(row, width, seen):
                failed.append({"index": index, "message": message})
    except csv.Error as error:
        failed.append({"index": index + 1, "message": f"invalid row: {error}"})
    if width == 0:
        failed.append({"index": 0, "message": "a header row is required"})
    return index, failed


def _problem(row: list[str], width: int, seen: set[str]) -> str:
    if len(row) != width:
        return "invalid row: wrong number of fields"
    if not row or not row[0].strip():
        return "primary key is required and cannot be blank"
    if row[0] in seen:
        return f"primary key must be unique: {row[0]}"
    seen.add(row[0])
    return ""
