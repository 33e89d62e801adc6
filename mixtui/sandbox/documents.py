"""Everything small that a project keeps: schemas, annotations, funnels, pipelines...

Each is a JSON object under a kind and a key.
"""

from __future__ import annotations

from enum import StrEnum

from mixtui.sandbox.json_text import JsonObject, dump, parse_object
from mixtui.sandbox.store import Store


class Kind(StrEnum):
    """What an object is."""

    ANNOTATION = "annotation"
    ANNOTATION_TAG = "annotation_tag"
    BOOKMARK = "bookmark"
    COHORT = "cohort"
    DELETION = "deletion"
    EXPERIMENT = "experiment"
    FLAG = "flag"
    FUNNEL = "funnel"
    LOOKUP_TABLE = "lookup_table"
    MEMBERSHIP = "membership"
    PIPELINE = "pipeline"
    RETRIEVAL = "retrieval"
    SCHEMA = "schema"
    SERVICE_ACCOUNT = "service_account"
    WAREHOUSE_IMPORT = "warehouse_import"


def read_all(store: Store, project_id: str, kind: Kind) -> list[JsonObject]:
    """All objects of a kind, oldest first."""
    rows = store.rows(
        "select body from documents where project_id = ? and kind = ? "
        "order by position",
        (project_id, kind),
    )
    return [parse_object(body) for (body,) in rows]


def read(store: Store, project_id: str, kind: Kind, key: str) -> JsonObject | None:
    """One object, or None."""
    rows = store.rows(
        "select body from documents where project_id = ? and kind = ? and key = ?",
        (project_id, kind, key),
    )
    return parse_object(rows[0][0]) if rows else None


def write(
    store: Store, project_id: str, kind: Kind, key: str, body: JsonObject
) -> None:
    """Make or replace one object; it keeps its place."""
    store.write(
        "insert into documents (project_id, kind, key, body) values (?, ?, ?, ?) "
        "on conflict (project_id, kind, key) do update set body = excluded.body",
        (project_id, kind, key, dump(body)),
    )


def delete(store: Store, project_id: str, kind: Kind, key: str) -> bool:
    """Delete one object.

    Returns:
        False when there was none.
    """
    return (
        store.write(
            "delete from documents where project_id = ? and kind = ? and key = ?",
            (project_id, kind, key),
        )
        > 0
    )


def delete_all(store: Store, project_id: str, kind: Kind) -> None:
    """Delete all objects of a kind."""
    store.write(
        "delete from documents where project_id = ? and kind = ?", (project_id, kind)
    )


def next_id(store: Store, kind: Kind, first: int = 1) -> int:
    """A number that no object of this kind has had."""
    with store.transaction():
        store.write(
            "insert into counters values (?, ?) "
            "on conflict (kind) do update set value = value + 1",
            (kind, first),
        )
        ((value,),) = store.rows("select value from counters where kind = ?", (kind,))
    return int(value)
