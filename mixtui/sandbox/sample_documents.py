"""What the sample project has saved: reports, cohorts, schemas, annotations and more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from mixtui.sandbox import documents
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.identity import (
    ANNOTATION_ID,
    ANNOTATION_TAG_ID,
    BREAKDOWN_ID,
    COHORT_ID,
    FUNNEL_ID,
    FUNNEL_REPORT_ID,
    INSIGHTS_ID,
    LOOKUP_TABLE_ID,
    RETENTION_REPORT_ID,
    SHOP,
)
from mixtui.sandbox.json_text import JsonObject
from mixtui.sandbox.sample_events import PRODUCTS
from mixtui.sandbox.store import Store

_STEPS = ["View product", "Add to cart", "Checkout", "Purchase"]
_TEXT: JsonObject = {"type": "string"}
_NUMBER: JsonObject = {"type": "number"}

SavedDocuments = Iterator[tuple[Kind, str, JsonObject]]


def add_documents(store: Store, today: date) -> None:
    """Save everything below."""
    for part in (_funnels(), _bookmarks(), _cohorts(today), _schemas(), _others(today)):
        for kind, key, body in part:
            documents.write(store, SHOP.id, kind, key, body)
    # The sample's own annotations and tags have these numbers.
    for kind, used in ((Kind.ANNOTATION, 2), (Kind.ANNOTATION_TAG, 1)):
        for _ in range(used):
            documents.next_id(store, kind)


def _funnels() -> SavedDocuments:
    funnels: list[tuple[int, str, list[str]]] = [
        (FUNNEL_ID, "Shop: from product to purchase", _STEPS),
        (FUNNEL_ID + 1, "First purchase after signing up", ["Sign up", "Purchase"]),
    ]
    for identifier, name, steps in funnels:
        yield (
            Kind.FUNNEL,
            str(identifier),
            {
                "funnel_id": identifier,
                "name": name,
                "steps": [*steps],
                "length": 7,
                "length_unit": "day",
            },
        )


def _bookmarks() -> SavedDocuments:
    reports: list[JsonObject] = [
        {
            "id": INSIGHTS_ID,
            "name": "Sign-ups and purchases",
            "type": "trend",
            "days": 14,
            "events": ["Sign up", "Purchase"],
        },
        {
            "id": BREAKDOWN_ID,
            "name": "Purchases by plan",
            "type": "breakdown",
            "days": 30,
            "events": ["Purchase"],
            "property": "plan",
        },
        {
            "id": FUNNEL_REPORT_ID,
            "name": "Shop: from product to purchase",
            "type": "funnel",
            "days": 30,
            "funnel_id": FUNNEL_ID,
        },
        {
            "id": RETENTION_REPORT_ID,
            "name": "Weekly retention",
            "type": "retention",
            "days": 28,
            "born_event": "Sign up",
            "event": "View product",
            "intervals": 3,
        },
    ]
    for report in reports:
        yield Kind.BOOKMARK, str(report["id"]), report


def _cohorts(today: date) -> SavedDocuments:
    cohorts = (
        (COHORT_ID, "Pro customers", 'properties["plan"] == "pro"', "On the pro plan"),
        (COHORT_ID + 1, "Big spenders", 'properties["spent"] > 200', "Over 200 EUR"),
        (COHORT_ID + 2, "Never bought", 'not defined(properties["orders"])', ""),
    )
    created = f"{today - timedelta(days=30)} 09:30:00"
    for identifier, name, where, description in cohorts:
        yield (
            Kind.COHORT,
            str(identifier),
            {
                "is_visible": 1,
                "description": description,
                "created": created,
                "project_id": int(SHOP.id),
                "id": identifier,
                "name": name,
                "where": where,
            },
        )


def _schemas() -> SavedDocuments:
    schemas: list[tuple[str, str, str, JsonObject]] = [
        ("event", "Sign up", "A new customer", {"campaign": _TEXT, "plan": _TEXT}),
        (
            "event",
            "Purchase",
            "An order was paid",
            {"amount": _NUMBER, "items": {"type": "integer"}, "payment": _TEXT},
        ),
        ("profile", "$user", "A customer", {"plan": _TEXT, "spent": _NUMBER}),
    ]
    for entity_type, name, description, properties in schemas:
        yield (
            Kind.SCHEMA,
            f"{entity_type}/{name}",
            {
                "entityType": entity_type,
                "name": name,
                "schemaJson": {"description": description, "properties": properties},
            },
        )


def _others(today: date) -> SavedDocuments:
    tag: JsonObject = {
        "id": ANNOTATION_TAG_ID,
        "name": "release",
        "project_id": int(SHOP.id),
        "has_annotations": True,
    }
    yield Kind.ANNOTATION_TAG, str(ANNOTATION_TAG_ID), tag
    annotations: tuple[tuple[int, int, str, list[int]], ...] = (
        (ANNOTATION_ID, 20, "New checkout page", [ANNOTATION_TAG_ID]),
        (ANNOTATION_ID + 1, 6, "Spring sale begins", []),
    )
    for identifier, age, description, tags in annotations:
        date = f"{today - timedelta(days=age)} 10:00:00"
        yield (
            Kind.ANNOTATION,
            str(identifier),
            {
                "id": identifier,
                "date": date,
                "description": description,
                "tags": [*tags],
            },
        )
    lines = [",".join(map(str, product)) for product in PRODUCTS]
    csv = "\n".join(["product_id,name,category,price", *lines, ""])
    table: JsonObject = {
        "id": LOOKUP_TABLE_ID,
        "name": "Products",
        "csv": csv,
        "rows": len(PRODUCTS),
    }
    yield Kind.LOOKUP_TABLE, LOOKUP_TABLE_ID, table
