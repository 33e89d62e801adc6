"""Warehouse Connectors: imports that are remembered and never run.

https://developer.mixpanel.com/reference/warehouse-connectors-api
"""

from __future__ import annotations

from starlette.responses import Response

from mixtui.sandbox import documents
from mixtui.sandbox.app_body import json_object, text
from mixtui.sandbox.authentication import app_project
from mixtui.sandbox.call import Call, answer
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.identity import Project
from mixtui.sandbox.json_text import Json, JsonObject

HOUR, DAY, WEEK = 3_600_000_000_000, 86_400_000_000_000, 604_800_000_000_000
FREQUENCIES = (0, HOUR, DAY, WEEK)
"""Nanoseconds; 0 = only when asked."""
IMPORT_TYPES = {
    "event-stream": "event_stream",
    "people": "people",
    "groups": "groups",
    "lookup-table": "lookup_table",
}


def list_imports(call: Call) -> Response:
    """GET all."""
    project = app_project(call)
    rows: list[Json] = []
    for row in documents.read_all(call.store, project.id, Kind.WAREHOUSE_IMPORT):
        rows.append({name: value for name, value in row.items() if name != "runs"})
    return answer({"status": "ok", "results": rows})


def read_import(call: Call) -> Response:
    """GET one."""
    return _shown(_find(call, app_project(call)))


def create_import(call: Call) -> Response:
    """POST one of the four kinds."""
    project = app_project(call)
    body = json_object(call)
    kind = IMPORT_TYPES.get(call.parts["kind"])
    if kind is None:
        raise Refusal(404, f"There is no import of type {call.parts['kind']!r}")
    if text(body, "import_type") != kind:
        raise Refusal(400, f"'import_type' must be {kind}")
    text(body, "sync_mode")
    for name in ("warehouse_source_id", "table_params"):
        if name not in body:
            raise Refusal(400, f"'{name}' is required")
    with call.store.transaction():
        identifier = documents.next_id(call.store, Kind.WAREHOUSE_IMPORT)
        row: JsonObject = {
            **body,
            "id": identifier,
            "created": call.state.clock().isoformat(timespec="seconds"),
            "creator_id": 1,
            "creator_name": "Sandbox Service",
            "creator_email": "owner@sandbox.invalid",
            "paused": False,
            "run_every": _frequency(body.get("run_every", 0)),
            "last_dispatch": None,
            "is_deleted": False,
            "runs": [],
        }
        _write(call, project, row)
    return _shown(row)


def change_import(call: Call) -> Response:
    """PATCH: pause, resume, reschedule."""
    project = app_project(call)
    body = json_object(call)
    if not isinstance(body.get("paused"), bool):
        raise Refusal(400, "'paused' is required and must be true or false")
    changes: JsonObject = {
        "paused": body["paused"],
        "run_every": _frequency(body.get("run_every")),
    }
    with call.store.transaction():
        row = {**_find(call, project), **changes}
        _write(call, project, row)
    return _shown(row)


def delete_import(call: Call) -> Response:
    """DELETE one; ``delete_data`` in a body is accepted: there is no such data."""
    project = app_project(call)
    identifier = str(_find(call, project)["id"])
    documents.delete(call.store, project.id, Kind.WAREHOUSE_IMPORT, identifier)
    return answer({"status": "ok"})


def run_import(call: Call) -> Response:
    """PUT manual-sync: a run that finds no new rows, every time it is asked."""
    project = app_project(call)
    with call.store.transaction():
        row = _find(call, project)
        runs = row["runs"]
        assert isinstance(runs, list)
        run: JsonObject = {
            "status": "succeeded",
            "start_time": call.now_ms,
            "end_time": call.now_ms,
            "num_events_imported": 0,
        }
        changes: JsonObject = {"runs": [run, *runs][:30], "last_dispatch": call.now_ms}
        _write(call, project, {**row, **changes})
    return answer({"status": "ok"})


def history(call: Call) -> Response:
    """GET the last 30 runs."""
    row = _find(call, app_project(call))
    return answer({"status": "ok", "results": {"runs": row["runs"]}})


def _frequency(value: Json) -> Json:
    if value not in FREQUENCIES or isinstance(value, bool):
        raise Refusal(400, f"'run_every' must be one of {FREQUENCIES}")
    return value


def _find(call: Call, project: Project) -> JsonObject:
    identifier = call.parts["import"]
    row = documents.read(call.store, project.id, Kind.WAREHOUSE_IMPORT, identifier)
    if row is None:
        raise Refusal(404, f"Warehouse import {identifier} was not found")
    return row


def _write(call: Call, project: Project, row: JsonObject) -> None:
    key = str(row["id"])
    documents.write(call.store, project.id, Kind.WAREHOUSE_IMPORT, key, row)


def _shown(row: JsonObject) -> Response:
    shown = {name: value for name, value in row.items() if name != "runs"}
    return answer({"status": "ok", "results": shown})
