"""Counting events in buckets: totals, unique users, averages, top values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum

from starlette.responses import Response

from mixtui.sandbox.buckets import Buckets
from mixtui.sandbox.events import Event
from mixtui.sandbox.json_text import Json, JsonObject

Counts = dict[str, dict[str, float]]
"""Name to label of a bucket to number; buckets without any are left out."""


class CountType(StrEnum):
    """What is counted."""

    GENERAL = "general"
    """Events."""
    UNIQUE = "unique"
    """Users."""
    AVERAGE = "average"
    """Events per user."""


def count(
    named: Iterable[tuple[str, Event]], buckets: Buckets, type: CountType
) -> Counts:
    """Counts by name and bucket.

    Args:
        named: Events, each with the name that it counts for.
        buckets: Where their times fall.
        type: What is counted.
    """
    users: defaultdict[str, defaultdict[str, list[str]]]
    users = defaultdict(lambda: defaultdict(list))
    for name, event in named:
        users[name][buckets.label(event.time_ms)].append(event.distinct_id)
    return {
        name: {label: amount(ids, type) for label, ids in by_label.items()}
        for name, by_label in users.items()
    }


def amount(distinct_ids: list[str], type: CountType) -> float:
    """The number for events of these users."""
    match type:
        case CountType.GENERAL:
            return len(distinct_ids)
        case CountType.UNIQUE:
            return len(set(distinct_ids))
        case CountType.AVERAGE:
            return round(len(distinct_ids) / len(set(distinct_ids)), 4)


def top(counts: Counts, limit: int) -> Counts:
    """The names with the greatest sums."""
    names = sorted(counts, key=lambda name: (-sum(counts[name].values()), name))
    return {name: counts[name] for name in names[:limit]}


def series(counts: Counts, labels: list[str]) -> JsonObject:
    """The answer of ``/events``, ``/events/properties`` and ``/segmentation``."""
    values: JsonObject = {}
    for name, by_label in counts.items():
        numbers: JsonObject = {}
        numbers.update(by_label)
        values[name] = numbers
    dates: list[Json] = []
    dates += labels
    return {"data": {"series": dates, "values": values}, "legend_size": len(counts)}


def csv_response(counts: Counts, labels: tuple[str, ...]) -> Response:
    """The same as CSV: a row per bucket. Mixpanel does not document its layout."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["date", *counts])
    for label in labels:
        writer.writerow([label, *(by.get(label, 0) for by in counts.values())])
    return Response(text.getvalue(), media_type="text/csv")


def in_words(value: Json) -> str:
    """A property value as the name of a series."""
    match value:
        case None:
            return "undefined"
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
