"""Fill a new sandbox with a sample shop, and an older one with the days since then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from mixtui.sandbox.data import events, profiles
from mixtui.sandbox.data import sample_people as sample_events
from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.events import Event
from mixtui.sandbox.data.identity import (
    ACTIVE_ID,
    ANNOTATION_ID,
    ANNOTATION_TAG_ID,
    ARCHIVED_ID,
    BREAKDOWN_ID,
    COHORT_ID,
    CONCLUDED_ID,
    DELETION_ID,
    DRAFT_ID,
    FLAG_ID,
    FUNNEL_ID,
    FUNNEL_REPORT_ID,
    IMPORT_ID,
    INSIGHTS_ID,
    LOOKUP_TABLE_ID,
    ORGANIZATION_ID,
    OTHER_ACCOUNT_ID,
    PIPELINE_NAME,
    RETENTION_REPORT_ID,
    RETRIEVAL_ID,
    SHOP,
    milliseconds,
    moment,
)
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.profiles import Profile
from mixtui.sandbox.data.sample_people import (
    ADA,
    COMPANIES,
    PRODUCTS,
    Person,
    people_of,
)
from mixtui.sandbox.data.store import Kind, Store

_STEPS = ["View product", "Add to cart", "Checkout", "Purchase"]
_TEXT: JsonObject = {"type": "string"}
_NUMBER: JsonObject = {"type": "number"}

SavedDocuments = Iterator[tuple[Kind, str, JsonObject]]


def add_documents(store: Store, today: date) -> None:
    """Store the reports, bookmarks, cohorts and schemas of the sample."""
    for part in (
        _funnels(),
        _bookmarks(),
        _cohorts(today),
        _schemas(),
        _annotations_and_tables(today),
    ):
        for kind, key, body in part:
            documents.write(store, SHOP.id, kind, key, body)
    # The sample's own annotations and tags use these ids.
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


def _annotations_and_tables(today: date) -> SavedDocuments:
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


SavedManagement = Iterator[tuple[Kind, str, JsonObject]]

_MANAGEMENT_KINDS = (
    Kind.FLAG,
    Kind.EXPERIMENT,
    Kind.PIPELINE,
    Kind.WAREHOUSE_IMPORT,
    Kind.RETRIEVAL,
    Kind.DELETION,
)
DAY_NS = 86_400_000_000_000


def add_management(store: Store, today: date) -> None:
    """Store flags, experiments and jobs; jobs in an older folder's format are
    deleted.
    """
    for kind in _MANAGEMENT_KINDS:
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
    account_key = (ORGANIZATION_ID, Kind.SERVICE_ACCOUNT, str(OTHER_ACCOUNT_ID))
    if documents.read(store, *account_key) is None:
        documents.write(store, *account_key, account)
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
        created = _morning(today, 45)
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
                "start_date": None if start is None else _morning(today, start),
                "end_date": None if end is None else _morning(today, end),
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
            "created": _morning(today, 30),
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


def _morning(today: date, days_ago: int) -> str:
    return f"{today - timedelta(days=days_ago)}T10:00:00+00:00"


_SAMPLE_END = "sample_until_ms"
_MANAGEMENT = "sample_management"
"""Missing in folders created before there were experiments."""


def fill(store: Store, now: datetime) -> None:
    """Add the sample up to now; existing data is never changed."""
    until_ms = milliseconds(now)
    with store.transaction():
        rows = store.rows("select value from facts where name = ?", (_SAMPLE_END,))
        if not rows:
            add_documents(store, now.date())
        if not store.rows("select value from facts where name = ?", (_MANAGEMENT,)):
            add_management(store, now.date())
            store.write("insert into facts values (?, ?)", (_MANAGEMENT, "1"))
        start = now.date() - timedelta(days=sample_events.DAYS - 1)
        since_ms = int(rows[0][0]) if rows else 0
        if since_ms:
            start = max(start, moment(since_ms).date())
        new_events = sample_events.events_between(since_ms, until_ms, start, now.date())
        events.add_unique(store, SHOP.id, new_events)
        _add_profiles(store, new_events, start)
        store.write(
            "insert or replace into facts values (?, ?)", (_SAMPLE_END, until_ms)
        )


def _add_profiles(store: Store, new_events: Iterable[Event], start: date) -> None:
    by_user: defaultdict[str, list[Event]] = defaultdict(list)
    for event in new_events:
        by_user[event.distinct_id].append(event)
    people = _people(start, by_user)
    profiles.add_new(
        store,
        SHOP.id,
        profiles.USERS,
        (Profile(p.id, _user(p, by_user[p.id])) for p in people),
    )
    members = {company: 0 for company in COMPANIES}
    for person in people:
        if person.company:
            members[person.company] += 1
    profiles.add_new(
        store,
        SHOP.id,
        "company",
        (
            Profile(name, {"$name": name, "members": count, "contract": "annual"})
            for name, count in members.items()
        ),
    )


def _people(start: date, by_user: dict[str, list[Event]]) -> list[Person]:
    """Return the people in the events."""
    people = [ADA] if ADA.id in by_user else []
    span = sample_events.DAYS + 60
    for age in range(span):
        day = start + timedelta(days=sample_events.DAYS - age)
        people += [person for person in people_of(day) if person.id in by_user]
    return people


def _user(person: Person, visits: list[Event]) -> JsonObject:
    amounts = [
        amount
        for event in visits
        if event.name == "Purchase"
        and isinstance(amount := event.properties["amount"], float)
    ]
    name = f"{person.first_name} {person.last_name}"
    properties: JsonObject = {
        "$name": name,
        "$email": f"{name.replace(' ', '.').lower()}.{person.id[-9:]}@example.com",
        "$created": f"{person.signed_up}T00:00:00",
        "$last_seen": f"{moment(visits[-1].time_ms):%Y-%m-%dT%H:%M:%S}",
        "$city": person.city,
        "country": person.country,
        "plan": person.plan,
        "campaign": person.campaign,
    }
    if person.company:
        properties["company"] = person.company
    if amounts:
        properties["orders"] = len(amounts)
        properties["spent"] = round(sum(amounts), 2)
    return properties
