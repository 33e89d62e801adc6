"""Queries to start from, made for the columns of a file."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from mixtui.jobs.duckdb_session import identifier
from mixtui.jobs.event_query import QueryColumn
from mixtui.jobs.property_types import EVENTS

_EVENT = {"event", "time", "distinct_id"}
_SECONDS = ("BIGINT", "INTEGER", "DOUBLE")
"""The types of Unix seconds."""
_TEXT = "VARCHAR"
_PROPERTIES = "$properties"
"""Of an exported profile."""
_IDS = ("distinct_id", "$distinct_id", "$insert_id")
"""They differ in each row."""
_DAY = "CAST(make_timestamp(CAST(time * 1000000 AS BIGINT)) AS DATE) AS day"


class QueryExample(Struct, frozen=True):
    """A query that can be run as it is."""

    title: str
    query: str


def query_examples(columns: Sequence[QueryColumn]) -> tuple[QueryExample, ...]:
    """Return queries that fit a table, those that say most first."""
    types = {column.name: column.type for column in columns}
    is_events = types.keys() >= _EVENT and types["time"] in _SECONDS
    found = list(_of_events() if is_events else _of_any(columns))
    rows = f"SELECT *\nFROM {EVENTS.table}\nLIMIT 100"
    return (*found, QueryExample("First 100 rows", rows))


def _of_events() -> tuple[QueryExample, ...]:
    return (
        QueryExample(
            "Events by day",
            f"SELECT {_DAY},\n  count(*) AS events\n"
            f"FROM {EVENTS.table}\nGROUP BY day\nORDER BY day",
        ),
        QueryExample(
            "Events by day and name",
            f"SELECT {_DAY},\n  event, count(*) AS events\n"
            f"FROM {EVENTS.table}\nGROUP BY day, event\nORDER BY day, event",
        ),
        QueryExample(
            "Top events",
            f"SELECT event, count(*) AS events\nFROM {EVENTS.table}\n"
            "GROUP BY event\nORDER BY events DESC\nLIMIT 20",
        ),
        QueryExample(
            "Unique users by day",
            f"SELECT {_DAY},\n  count(DISTINCT distinct_id) AS users\n"
            f"FROM {EVENTS.table}\nGROUP BY day\nORDER BY day",
        ),
    )


def _of_any(columns: Sequence[QueryColumn]) -> list[QueryExample]:
    examples = [
        QueryExample("Number of rows", f"SELECT count(*) AS rows\nFROM {EVENTS.table}")
    ]
    if any(c.name == _PROPERTIES and c.type.startswith("STRUCT") for c in columns):
        query = (
            f'SELECT "$distinct_id", "{_PROPERTIES}".*\nFROM {EVENTS.table}\nLIMIT 100'
        )
        examples.append(QueryExample("Profiles", query))
    texts = [c.name for c in columns if c.type == _TEXT and c.name not in _IDS]
    if texts:
        name = identifier(texts[0])
        query = (
            f"SELECT {name}, count(*) AS rows\nFROM {EVENTS.table}\n"
            f"GROUP BY {name}\nORDER BY rows DESC\nLIMIT 20"
        )
        examples.append(QueryExample(f"Rows by {texts[0]}", query))
    return examples
