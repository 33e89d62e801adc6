"""A small request for each of the operations that Mixpanel documents.

They refer to the sample. The order matters where one deletes what another
needs; none needs what another creates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mixtui.sandbox.data import identity

PROJECT_ID, TOKEN = int(identity.PROJECT_ID), identity.PROJECT_TOKEN
APP = f"/api/app/projects/{PROJECT_ID}"
ANNOTATIONS = f"{APP}/annotations"
SCHEMAS = f"{APP}/schemas"
IMPORTS = f"{APP}/warehouse-sources/imports"
FLAGS = f"{APP}/workspaces/{identity.WORKSPACE_ID}/feature-flags"
FLAG = f"{FLAGS}/{identity.FLAG_ID}"
EXPERIMENTS = f"/api/app/workspaces/{identity.WORKSPACE_ID}/experiments"
ACCOUNTS = f"/api/app/organizations/{identity.ORGANIZATION_ID}/service-accounts"
PIPELINE = "/api/2.0/nessie/pipeline"
QUERY = "/api/query"

DAYS = {"from_date": "2026-03-16", "to_date": "2026-03-18"}
COUNTED = {"type": "general", "unit": "day"}
OAUTH = {"Authorization": f"Bearer {identity.OAUTH_TOKEN}"}


@dataclass(frozen=True)
class OperationRequest:
    """The request of one operation."""

    id: str
    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, Any] | None = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


def _event(insert_id: str, **properties: Any) -> dict[str, Any]:
    return {
        "event": "Refund",
        "properties": {
            "time": 1_773_000_000,
            "distinct_id": "ada",
            "$insert_id": insert_id,
            **properties,
        },
    }


def _user(operation: str, id: str, value: Any) -> OperationRequest:
    record = {"$token": TOKEN, "$distinct_id": "ada", operation: value}
    return OperationRequest(
        f"ingestion.{id}", "POST", "/engage", {"verbose": 1}, [record]
    )


def _group(operation: str, id: str, value: Any) -> OperationRequest:
    record = {
        "$token": TOKEN,
        "$group_key": "company",
        "$group_id": "Acme",
        operation: value,
    }
    return OperationRequest(
        f"ingestion.{id}", "POST", "/groups", {"verbose": 1}, [record]
    )


def _linked(event: str, **properties: str) -> dict[str, str]:
    record = {"event": event, "properties": {"token": TOKEN, **properties}}
    return {"data": json.dumps(record)}


def _query(id: str, path: str, method: str = "GET", **query: Any) -> OperationRequest:
    return OperationRequest(f"query.{id}", method, f"{QUERY}{path}", query)


def _pipeline(id: str, path: str, **form: Any) -> OperationRequest:
    form = {"project_id": PROJECT_ID, **form}
    return OperationRequest(f"pipelines.{id}", "POST", f"{PIPELINE}{path}", form=form)


def _import(id: str, kind: str, **fields: Any) -> OperationRequest:
    body = {
        "import_type": kind.replace("-", "_"),
        "warehouse_source_id": 1,
        "table_params": {"table": "t"},
        "sync_mode": "full_sync",
        **fields,
    }
    return OperationRequest(f"warehouse.{id}", "POST", f"{IMPORTS}/{kind}", json=body)


def _gdpr(
    id: str, method: str, path: str, json: Any = None, status: int = 200
) -> OperationRequest:
    return OperationRequest(
        f"gdpr.{id}",
        method,
        f"/api/app/data-{path}",
        {"token": TOKEN},
        json,
        headers=OAUTH,
        status=status,
    )


INGESTION = (
    OperationRequest(
        "ingestion.import-events", "POST", "/import", {"strict": 1}, [_event("op-1")]
    ),
    OperationRequest(
        "ingestion.track-event",
        "POST",
        "/track",
        {"verbose": 1},
        [_event("op-2", token=TOKEN)],
    ),
    _user("$set", "profile-set", {"plan": "pro"}),
    _user("$set_once", "profile-set-property-once", {"first": "2026"}),
    _user("$add", "profile-numerical-add", {"visits": 1}),
    _user("$union", "user-profile-union", {"seen": ["P-100"]}),
    _user("$append", "profile-append-to-list-property", {"seen": "P-101"}),
    _user("$remove", "profile-remove-from-list-property", {"seen": "P-100"}),
    _user("$unset", "profile-delete-property", ["first"]),
    OperationRequest(
        "ingestion.profile-batch-update",
        "POST",
        "/engage",
        {"verbose": 1},
        [
            {"$token": TOKEN, "$distinct_id": "ada", "$set": {"a": 1}},
            {"$token": TOKEN, "$distinct_id": "ada", "$add": {"a": 1}},
        ],
    ),
    _user("$delete", "delete-profile", "null"),
    _group("$set", "group-set-property", {"size": 5}),
    _group("$set_once", "group-set-property-once", {"since": "2026"}),
    _group("$union", "group-union", {"tags": ["a"]}),
    _group("$remove", "group-remove-from-list-property", {"tags": "a"}),
    _group("$unset", "group-delete-property", ["since"]),
    OperationRequest(
        "ingestion.group-batch-update",
        "POST",
        "/groups",
        {"verbose": 1},
        [
            {
                "$token": TOKEN,
                "$group_key": "company",
                "$group_id": "Acme",
                "$set": {"size": 6},
            }
        ],
    ),
    _group("$delete", "delete-group", "null"),
    OperationRequest("ingestion.list-lookup-tables", "GET", "/lookup-tables"),
    OperationRequest(
        "ingestion.replace-lookup-table",
        "PUT",
        f"/lookup-tables/{identity.LOOKUP_TABLE_ID}",
        text="product_id,name\r\nP-1,Pencil\r\n",
        headers={"Content-Type": "text/csv"},
    ),
    OperationRequest(
        "identity.create-identity",
        "POST",
        "/track",
        {"verbose": 1},
        form=_linked(
            "$identify",
            **{
                "$identified_id": "ada",
                "$anon_id": "f4d2c1b0-9a3e-4c5d-8b7a-6e5f4d3c2b1a",
            },
        ),
    ),
    OperationRequest(
        "identity.identity-create-alias",
        "POST",
        "/track",
        {"verbose": 1},
        form=_linked("$create_alias", distinct_id="ada", alias="ada-2"),
    ),
    OperationRequest(
        "identity.identity-merge",
        "POST",
        "/import",
        {"strict": 1},
        [
            {
                "event": "$merge",
                "properties": {"token": TOKEN, "$distinct_ids": ["ada", "anon-2"]},
            }
        ],
    ),
)

QUERIES = (
    _query("insights-query", "/insights", bookmark_id=identity.INSIGHTS_ID),
    _query("funnels-query", "/funnels", funnel_id=identity.FUNNEL_ID, **DAYS),
    _query("funnels-list-saved", "/funnels/list"),
    _query("retention-query", "/retention", born_event="Sign up", unit="day", **DAYS),
    _query(
        "retention-frequency-query",
        "/retention/addiction",
        unit="day",
        addiction_unit="hour",
        **DAYS,
    ),
    _query("segmentation-query", "/segmentation", event="Purchase", **DAYS),
    _query(
        "segmentation-numeric-query",
        "/segmentation/numeric",
        event="Purchase",
        on='properties["amount"]',
        **DAYS,
    ),
    _query(
        "segmentation-sum-query",
        "/segmentation/sum",
        event="Purchase",
        on='properties["amount"]',
        **DAYS,
    ),
    _query(
        "segmentation-query-average",
        "/segmentation/average",
        event="Purchase",
        on='properties["amount"]',
        **DAYS,
    ),
    _query("activity-stream-query", "/stream/query", distinct_ids='["ada"]', **DAYS),
    _query("cohorts-list", "/cohorts/list", "POST"),
    OperationRequest(
        "query.engage-query",
        "POST",
        f"{QUERY}/engage",
        form={"where": 'properties["plan"] == "pro"'},
    ),
    _query("list-recent-events", "/events", event='["Purchase"]', **COUNTED, **DAYS),
    _query("query-top-events", "/events/top", type="general"),
    _query("query-months-top-event-names", "/events/names", type="unique"),
    _query(
        "query-event-properties",
        "/events/properties",
        event="Purchase",
        name="plan",
        **COUNTED,
        **DAYS,
    ),
    _query("query-events-top-properties", "/events/properties/top", event="Purchase"),
    _query(
        "query-events-top-property-values",
        "/events/properties/values",
        event="Purchase",
        name="plan",
    ),
    OperationRequest(
        "query.query-jql",
        "POST",
        f"{QUERY}/jql",
        form={
            "script": "function main() { return Events(params)"
            '.groupBy(["name"], mixpanel.reducer.count()) }',
            "params": json.dumps(DAYS),
        },
    ),
    OperationRequest("export.raw-event-export", "GET", "/api/2.0/export", DAYS),
)

PIPELINES = (
    OperationRequest(
        "pipelines.list-warehouse-pipeline-jobs", "GET", f"{PIPELINE}/jobs"
    ),
    _pipeline(
        "create-warehouse-pipeline",
        "/create",
        type="gcs-raw",
        from_date="2026-03-01",
        gcs_bucket="exports",
        gcs_region="europe-west1",
        events=["Purchase", "Refund"],
    ),
    OperationRequest(
        "pipelines.get-warehouse-pipeline-status",
        "GET",
        f"{PIPELINE}/status",
        {"name": identity.PIPELINE_NAME},
    ),
    OperationRequest(
        "pipelines.list-warehouse-pipeline-sync-dates",
        "GET",
        f"{PIPELINE}/timeline",
        {"name": identity.PIPELINE_NAME},
    ),
    _pipeline(
        "edit-warehouse-pipeline",
        "/edit",
        name=identity.PIPELINE_NAME,
        events=["Purchase"],
    ),
    _pipeline("pause-warehouse-pipeline", "/pause", name=identity.PIPELINE_NAME),
    _pipeline("resume-warehouse-pipeline", "/resume", name=identity.PIPELINE_NAME),
    _pipeline("cancel-warehouse-pipeline", "/cancel", name=identity.PIPELINE_NAME),
)

_ENTRY = {"entityType": "event", "name": "Refund", "schemaJson": {"description": "x"}}
LEXICON = (
    OperationRequest("lexicon.list-all-schemas-for-project", "GET", SCHEMAS),
    OperationRequest(
        "lexicon.upload-schemas-for-project",
        "POST",
        SCHEMAS,
        json={"entries": [_ENTRY]},
    ),
    OperationRequest("lexicon.list-schemas-for-entity", "GET", f"{SCHEMAS}/event"),
    OperationRequest(
        "lexicon.list-schemas-by-entity-and-name", "GET", f"{SCHEMAS}/event/Purchase"
    ),
    OperationRequest(
        "lexicon.upload-schema-by-entity-and-name",
        "POST",
        f"{SCHEMAS}/event/Refund",
        json={"properties": {"amount": {"type": "number"}}},
    ),
    OperationRequest(
        "lexicon.delete-schema-by-entity-and-name",
        "DELETE",
        f"{SCHEMAS}/event/Sign%20up",
    ),
    OperationRequest("lexicon.delete-schemas-for-entity", "DELETE", f"{SCHEMAS}/event"),
    OperationRequest("lexicon.delete-all-schemas-in-project", "DELETE", SCHEMAS),
)

_ANNOTATION = f"{ANNOTATIONS}/{identity.ANNOTATION_ID}"
NOTES = (
    OperationRequest(
        "annotations.list-all-annotations-for-project", "GET", ANNOTATIONS
    ),
    OperationRequest(
        "annotations.create-annotation",
        "POST",
        ANNOTATIONS,
        json={"date": "2026-03-18 10:00:00", "description": "Release", "tags": [1]},
        status=201,
    ),
    OperationRequest("annotations.get-annotation-tags", "GET", f"{ANNOTATIONS}/tags"),
    OperationRequest(
        "annotations.create-annotation-tag",
        "POST",
        f"{ANNOTATIONS}/tags",
        json={"name": "outage"},
    ),
    OperationRequest("annotations.get-annotation", "GET", _ANNOTATION),
    OperationRequest(
        "annotations.patch-annotation", "PATCH", _ANNOTATION, json={"tags": []}
    ),
    OperationRequest("annotations.delete-annotation", "DELETE", _ANNOTATION),
)

GDPR = (
    _gdpr("create-retrieval", "POST", "retrievals/v3.0", {"distinct_ids": ["x"]}, 201),
    _gdpr("get-retrieval", "GET", f"retrievals/v3.0/{identity.RETRIEVAL_ID}"),
    _gdpr("create-deletion", "POST", "deletions/v3.0", {"distinct_ids": ["x"]}, 201),
    _gdpr("get-deletion", "GET", f"deletions/v3.0/{identity.DELETION_ID}"),
    _gdpr(
        "delete-deletion",
        "DELETE",
        f"deletions/v3.0/{identity.DELETION_ID}",
        status=204,
    ),
)

_MEMBERS = [identity.OTHER_ACCOUNT_ID]
SERVICE_ACCOUNTS = (
    OperationRequest("service-accounts.list-service-accounts", "GET", ACCOUNTS),
    OperationRequest(
        "service-accounts.create-service-account",
        "POST",
        ACCOUNTS,
        json={"username": "ci"},
        status=201,
    ),
    OperationRequest(
        "service-accounts.get-service-account",
        "GET",
        f"{ACCOUNTS}/{identity.OTHER_ACCOUNT_ID}",
    ),
    OperationRequest(
        "service-accounts.add-service-accounts-to-projects",
        "POST",
        f"{ACCOUNTS}/add-to-project",
        json={
            "projects": [{"id": PROJECT_ID, "role": "analyst"}],
            "service_account_ids": _MEMBERS,
        },
    ),
    OperationRequest(
        "service-accounts.list-project-service-accounts",
        "GET",
        f"{APP}/service-accounts",
    ),
    OperationRequest(
        "service-accounts.remove-service-accounts-from-projects",
        "POST",
        f"{ACCOUNTS}/remove-from-project",
        json={"projects": [{"id": PROJECT_ID, "service_account_ids": _MEMBERS}]},
    ),
    OperationRequest(
        "service-accounts.delete-service-account",
        "DELETE",
        f"{ACCOUNTS}/{identity.OTHER_ACCOUNT_ID}",
    ),
)

_IMPORT = f"{IMPORTS}/{identity.IMPORT_ID}"
WAREHOUSE = (
    OperationRequest("warehouse.list-warehouse-imports", "GET", IMPORTS),
    _import(
        "create-event-stream-import",
        "event-stream",
        event_name="Refund",
        time_column_name="at",
    ),
    _import("create-people-import", "people", user_column_name="id"),
    _import(
        "create-groups-import", "groups", group_key="company", group_id_column="id"
    ),
    _import(
        "create-lookup-table-import",
        "lookup-table",
        mixpanel_property={"value": "product_id", "resourceType": "event"},
        property_key_column_name="id",
    ),
    OperationRequest("warehouse.get-warehouse-import", "GET", _IMPORT),
    OperationRequest(
        "warehouse.run-an-import", "PUT", f"{_IMPORT}/manual-sync", json={}
    ),
    OperationRequest("warehouse.get-import-history", "GET", f"{_IMPORT}/history"),
    OperationRequest(
        "warehouse.update-warehouse-import",
        "PATCH",
        _IMPORT,
        json={"paused": True, "run_every": 0},
    ),
    OperationRequest("warehouse.delete-warehouse-import", "DELETE", _IMPORT),
)

_CONTEXT = {"context": '{"distinct_id": "ada"}'}
_FLAG = {
    "name": "Gift wrapping",
    "key": "gift-wrapping",
    "tags": [],
    "context": "distinct_id",
    "serving_method": "server",
    "ruleset": {
        "variants": [{"key": "on", "value": True, "is_control": False, "split": 1}],
        "rollout": [{"rollout_percentage": 0.1, "variant_splits": {"on": 1}}],
    },
}
FEATURE_FLAGS = (
    OperationRequest("flags.get-variant-assignments", "GET", "/flags", _CONTEXT),
    OperationRequest("flags.get-flag-definitions", "GET", "/flags/definitions"),
    OperationRequest("flags-management.list-feature-flags", "GET", FLAGS),
    OperationRequest("flags-management.create-feature-flag", "POST", FLAGS, json=_FLAG),
    OperationRequest("flags-management.get-feature-flag", "GET", FLAG),
    OperationRequest(
        "flags-management.update-feature-flag",
        "PUT",
        FLAG,
        json={**_FLAG, "key": "new-checkout", "status": "enabled"},
    ),
    OperationRequest("flags-management.delete-feature-flag", "DELETE", FLAG),
)


def _experiment(
    id: str, method: str, identifier: str, action: str = "", json: Any = None
) -> OperationRequest:
    return OperationRequest(
        f"experiments.{id}", method, f"{EXPERIMENTS}/{identifier}{action}", json=json
    )


_DRAFT, _ACTIVE = identity.DRAFT_ID, identity.ACTIVE_ID
_CONCLUDED, _ARCHIVED = identity.CONCLUDED_ID, identity.ARCHIVED_ID
EXPERIMENT = (
    OperationRequest("experiments.list-experiments", "GET", EXPERIMENTS),
    OperationRequest(
        "experiments.create-experiment",
        "POST",
        EXPERIMENTS,
        json={"name": "Bigger pictures"},
        status=201,
    ),
    _experiment("get-experiment", "GET", _ACTIVE),
    _experiment("update-experiment", "PATCH", _ACTIVE, json={"description": "x"}),
    _experiment("launch-experiment", "PUT", _DRAFT, "/launch"),
    _experiment("force-conclude-experiment", "PUT", _ACTIVE, "/force_conclude", {}),
    _experiment("decide-experiment", "PATCH", _CONCLUDED, "/decide", {"success": True}),
    _experiment("unarchive-experiment", "DELETE", _ARCHIVED, "/archive"),
    _experiment("archive-experiment", "POST", _ACTIVE, "/archive"),
    _experiment("delete-experiment", "DELETE", _ACTIVE),
)

ALL_OPERATIONS = (
    *INGESTION,
    *QUERIES,
    *PIPELINES,
    *LEXICON,
    *NOTES,
    *GDPR,
    *SERVICE_ACCOUNTS,
    *WAREHOUSE,
    *FEATURE_FLAGS,
    *EXPERIMENT,
)
