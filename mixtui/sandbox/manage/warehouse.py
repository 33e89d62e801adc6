"""Warehouse Connectors: imports are stored and load no rows.

https://developer.mixpanel.com/reference/warehouse-connectors-api
"""

from __future__ import annotations

from uuid import uuid4

from starlette.responses import Response

from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import Project
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.manage.resource import Resource, StoredObjects
from mixtui.sandbox.requests.authentication import app_project
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest, json_response, optional_body
from mixtui.sandbox.requests.shapes import (
    NAME,
    OBJECT,
    TEXT_OR_NULL,
    Boolean,
    Integer,
    MapOf,
    Number,
    OneOf,
    OrNull,
    Record,
    Shape,
    Text,
)

MAX_RUNS = 30
_LIST_FIELDS = (
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
"""Fields of each import in the list, besides the creator and ``is_deleted``."""
_DETAIL_FIELDS = (
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
"""Fields of one import; null if it does not have them."""
_CREATOR: JsonObject = {
    "creator_id": 1,
    "creator_name": "Sandbox Service",
    "creator_email": "owner@sandbox.invalid",
    "is_deleted": False,
}

# The shapes of its bodies
HOUR, DAY, WEEK = 3_600_000_000_000, 86_400_000_000_000, 604_800_000_000_000
_EVERY = Integer((0, HOUR, DAY, WEEK))
"""Nanoseconds; 0 = only when asked."""
_CLUSTERS = OrNull(
    Record(
        optional={
            "export_cluster_config": OrNull(
                Record(
                    optional={
                        "spark_version": Text(),
                        "node_type_id": Text(),
                        "num_workers": Number(minimum=0),
                        "autoscale": OrNull(
                            Record(
                                optional={
                                    "min_workers": Number(minimum=0),
                                    "max_workers": Number(minimum=1),
                                },
                                closed=True,
                            )
                        ),
                        "runtime_engine": OrNull(OneOf(("STANDARD", "PHOTON"))),
                    }
                )
            )
        }
    )
)
_COMMON: dict[str, Shape] = {
    "warehouse_source_id": Integer(),
    "table_params": OBJECT,
}
_ANY_SYNC = OneOf(("time_based", "mirror_mode", "full_sync", "one_time"))
_COMMON_OPTIONS: dict[str, Shape] = {
    "run_every": _EVERY,
    "insert_time_column_name": TEXT_OR_NULL,
    "json_properties_column_name": TEXT_OR_NULL,
    "property_mappings": OrNull(MapOf(Text())),
    "databricks_params": _CLUSTERS,
}
NEW_IMPORT = {
    "event-stream": Record(
        required={
            "import_type": OneOf(("event_stream",)),
            **_COMMON,
            "time_column_name": NAME,
            "sync_mode": _ANY_SYNC,
        },
        optional={
            **_COMMON_OPTIONS,
            "event_name": NAME,
            "event_column_name": NAME,
            "user_column_name": Text(),
            "company_column_name": Text(),
            "device_column_name": TEXT_OR_NULL,
        },
    ),
    "people": Record(
        required={
            "import_type": OneOf(("people",)),
            **_COMMON,
            "user_column_name": NAME,
            "sync_mode": _ANY_SYNC,
        },
        optional=_COMMON_OPTIONS,
    ),
    "groups": Record(
        required={
            "import_type": OneOf(("groups",)),
            **_COMMON,
            "group_key": NAME,
            "group_id_column": NAME,
            "sync_mode": _ANY_SYNC,
        },
        optional=_COMMON_OPTIONS,
    ),
    "lookup-table": Record(
        required={
            "import_type": OneOf(("lookup_table",)),
            **_COMMON,
            "mixpanel_property": Record(
                required={
                    "value": NAME,
                    "resourceType": OneOf(("event", "user")),
                },
                optional={"customPropertyId": OrNull(Integer())},
            ),
            "property_key_column_name": NAME,
            "sync_mode": OneOf(("full_sync", "one_time")),
        },
        optional={"run_every": _EVERY, "databricks_params": _CLUSTERS},
    ),
}
IMPORT_CHANGE = Record(
    required={"paused": Boolean(), "run_every": _EVERY},
    optional={"databricks_params": _CLUSTERS},
)
IMPORT_DELETION = Record(optional={"delete_data": Boolean()})


def run_import(request: ApiRequest) -> Response:
    """PUT manual-sync: start another run each time."""
    project = app_project(request)
    optional_body(request, Record())
    with request.store.transaction():
        row = IMPORTS.find(request, project)
        run: JsonObject = {
            "status": "RUNNING",
            "start_time": request.now_ms,
            "end_time": None,
            "num_events_imported": None,
        }
        runs: list[Json] = [run, *_runs(row)[: MAX_RUNS - 1]]
        IMPORTS.objects.write(
            request, project.id, {**row, "runs": runs, "last_dispatch": request.now_ms}
        )
    return json_response({"status": "ok", "results": {"run_id": str(uuid4())}})


def history(request: ApiRequest) -> Response:
    """GET the last 30 runs; a running one has ended by the next read."""
    project = app_project(request)
    with request.store.transaction():
        row = IMPORTS.find(request, project)
        shown: list[Json] = [*_runs(row)]
        ended: list[Json] = [_end_run(run, request.now_ms) for run in _runs(row)]
        IMPORTS.objects.write(request, project.id, {**row, "runs": ended})
    return json_response({"status": "ok", "results": {"runs": shown}})


def _creation_shape(request: ApiRequest) -> Record:
    """Return the shape for the import type in the path."""
    kind = request.parts["kind"]
    shape = NEW_IMPORT.get(kind)
    if shape is None:
        raise Refusal(404, f"Unknown import type {kind!r}")
    return shape


def _build(request: ApiRequest, _: Project, body: JsonObject) -> JsonObject:
    events = request.parts["kind"] == "event-stream"
    if events and not body.keys() & {"event_name", "event_column_name"}:
        raise Refusal(400, "'event_name' or 'event_column_name' is required")
    return {
        **body,
        "id": documents.next_id(request.store, Kind.WAREHOUSE_IMPORT),
        "created": request.state.clock().isoformat(timespec="seconds"),
        "paused": False,
        "run_every": body.get("run_every", 0),
        "last_dispatch": None,
        "runs": [],
    }


def _update(
    _: ApiRequest, _project: Project, row: JsonObject, body: JsonObject
) -> JsonObject:
    """Pause, resume or reschedule."""
    return {**row, **IMPORT_CHANGE.select(body)}


def _view(_: ApiRequest, _project: Project, row: JsonObject) -> JsonObject:
    shown: JsonObject = {**dict.fromkeys(_DETAIL_FIELDS), **row, **_CREATOR}
    del shown["runs"]
    return shown


def _list_view(_: ApiRequest, _project: Project, row: JsonObject) -> JsonObject:
    return {**{name: row[name] for name in _LIST_FIELDS}, **_CREATOR}


IMPORTS = Resource(
    objects=StoredObjects(Kind.WAREHOUSE_IMPORT, "Warehouse import {} was not found"),
    path_variable="import",
    authorize=app_project,
    creation_shape=_creation_shape,
    build=_build,
    created_status=200,
    update_shape=IMPORT_CHANGE,
    apply=_update,
    view=_view,
    list_view=_list_view,
    # `delete_data` is accepted, although there is no such data.
    deletion_shape=IMPORT_DELETION,
    deleted=lambda _: {},
)


def _end_run(run: JsonObject, now_ms: int) -> JsonObject:
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
