"""What the sample has besides reports: flags, experiments, pipelines, jobs, accounts.

Their ids are fixed (`mixtui.sandbox.identity`), so that requests can name them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from mixtui.sandbox import documents
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.identity import (
    ACTIVE_ID,
    ARCHIVED_ID,
    CONCLUDED_ID,
    DELETION_ID,
    DRAFT_ID,
    FLAG_ID,
    IMPORT_ID,
    ORGANIZATION_ID,
    OTHER_ACCOUNT_ID,
    PIPELINE_NAME,
    RETRIEVAL_ID,
    SHOP,
)
from mixtui.sandbox.json_text import Json, JsonObject
from mixtui.sandbox.store import Store

SavedManagement = Iterator[tuple[Kind, str, JsonObject]]

_KINDS = (
    Kind.FLAG,
    Kind.EXPERIMENT,
    Kind.PIPELINE,
    Kind.WAREHOUSE_IMPORT,
    Kind.RETRIEVAL,
    Kind.DELETION,
)
DAY_NS = 86_400_000_000_000


def add_management(store: Store, today: date) -> None:
    """Save everything below; an older folder's jobs, kept in another form, go."""
    for kind in _KINDS:
        documents.delete_all(store, SHOP.id, kind)
    for part in (_flags(today), _experiments(today), _jobs(today)):
        for kind, key, body in part:
            documents.write(store, SHOP.id, kind, key, body)
    account: JsonObject = {
        "id": OTHER_ACCOUNT_ID,
        "username": "reports.5a0db0.mp-service-account",
        "last_used": None,
        "expires": None,
        "creator": 1,
        "created": f"{today - timedelta(days=30)}T00:00:00+00:00",
        "user": OTHER_ACCOUNT_ID,
    }
    kept = (ORGANIZATION_ID, Kind.SERVICE_ACCOUNT, str(OTHER_ACCOUNT_ID))
    if documents.read(store, *kept) is None:
        documents.write(store, *kept, account)
    documents.next_id(store, Kind.SERVICE_ACCOUNT, first=OTHER_ACCOUNT_ID)
    documents.next_id(store, Kind.WAREHOUSE_IMPORT)


def _flags(today: date) -> SavedManagement:
    variants: list[Json] = [
        {"key": "control", "value": False, "is_control": True, "split": 0.5},
        {"key": "treatment", "value": True, "is_control": False, "split": 0.5},
    ]
    created = f"{today - timedelta(days=20)}T10:00:00+00:00"
    yield (
        Kind.FLAG,
        FLAG_ID,
        {
            "id": FLAG_ID,
            "name": "New checkout",
            "key": "new-checkout",
            "description": "The checkout on one page",
            "tags": ["shop"],
            "experiment_id": ACTIVE_ID,
            "status": "enabled",
            "context": "distinct_id",
            "data_group_id": None,
            "serving_method": "client",
            "ruleset": {
                "variants": variants,
                "rollout": [{"rollout_percentage": 1.0, "variant_splits": {}}],
                "test": None,
            },
            "hash_salt": "5a0db0c5" * 4,
            "created": created,
            "modified": created,
            "enabled_at": created,
            "deleted": None,
        },
    )


def _experiments(today: date) -> SavedManagement:
    rows = (
        (DRAFT_ID, "Free shipping from 30 EUR", "draft", None, None),
        (ACTIVE_ID, "New checkout", "active", 20, None),
        (CONCLUDED_ID, "Search suggestions", "concluded", 40, 10),
        (ARCHIVED_ID, "Dark product pages", "draft", None, None),
    )
    for identifier, name, status, start, end in rows:
        created = _at(today, 45)
        yield (
            Kind.EXPERIMENT,
            identifier,
            {
                "id": identifier,
                "name": name,
                "description": None,
                "hypothesis": None,
                "status": status,
                "settings": {},
                "variants": [{"key": "control"}, {"key": "treatment"}],
                "metrics": [],
                "tags": [],
                "exposures_cache": {},
                "results_cache": {},
                "created": created,
                "modified": created,
                "deleted": created if identifier == ARCHIVED_ID else None,
                "start_date": None if start is None else _at(today, start),
                "end_date": None if end is None else _at(today, end),
            },
        )


def _jobs(today: date) -> SavedManagement:
    yield (
        Kind.PIPELINE,
        PIPELINE_NAME,
        {
            "name": PIPELINE_NAME,
            "type": "s3-raw",
            "trial": False,
            "data_source": "events",
            "frequency": "daily",
            "sync": False,
            "from_date": str(today - timedelta(days=7)),
            "to_date": None,
            "paused_on": None,
            "settings": {"events": ["Purchase"], "s3_bucket": "sandbox-exports"},
        },
    )
    yield (
        Kind.WAREHOUSE_IMPORT,
        str(IMPORT_ID),
        {
            "id": IMPORT_ID,
            "import_type": "event_stream",
            "sync_mode": "time_based",
            "warehouse_source_id": 1,
            "table_params": {"dataset": "shop", "table": "refunds"},
            "event_name": "Refund",
            "time_column_name": "refunded_at",
            "user_column_name": "customer_id",
            "insert_time_column_name": "inserted_at",
            "created": _at(today, 30),
            "paused": False,
            "run_every": DAY_NS,
            "last_dispatch": None,
            "runs": [],
        },
    )
    for kind, identifier in (
        (Kind.RETRIEVAL, RETRIEVAL_ID),
        (Kind.DELETION, DELETION_ID),
    ):
        yield (
            kind,
            identifier,
            {
                "tracking_id": identifier,
                "compliance_type": "GDPR",
                "date_requested": f"{today}T00:00:00",
                "distinct_ids": ["forget-me"],
                "looks": 0,
                "cancelled": False,
            },
        )


def _at(today: date, days_ago: int) -> str:
    return f"{today - timedelta(days=days_ago)}T10:00:00+00:00"
