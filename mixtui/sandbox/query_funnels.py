"""``/funnels`` and ``/funnels/list``: saved funnels, computed from stored events.

https://developer.mixpanel.com/reference/funnels-query
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum

from starlette.responses import Response

from mixtui.sandbox import buckets as stretches
from mixtui.sandbox import documents
from mixtui.sandbox.buckets import Buckets, Unit
from mixtui.sandbox.call import answer
from mixtui.sandbox.counting import in_words
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.evaluation import evaluate
from mixtui.sandbox.events import Event
from mixtui.sandbox.expressions import Expression
from mixtui.sandbox.funnels import Progress, analysis, by_user, passage, step_rows
from mixtui.sandbox.json_text import Json, JsonObject
from mixtui.sandbox.query import Query

LONGEST_MS = 90 * 86_400_000
MOST_VALUES = 10_000
OVERALL = "$overall"


class LengthUnit(StrEnum):
    """The unit of ``length``."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def milliseconds(self) -> int:
        """One of it."""
        return {"second": 1, "minute": 60, "hour": 3600, "day": 86400}[self] * 1000


def list_funnels(query: Query) -> Response:
    """GET /funnels/list."""
    saved = documents.read_all(query.call.store, query.project.id, Kind.FUNNEL)
    rows: list[Json] = []
    rows += [{"funnel_id": row["funnel_id"], "name": row["name"]} for row in saved]
    return answer(rows)


def funnel(query: Query) -> Response:
    """GET /funnels."""
    saved = saved_funnel(query, query.parameters.text("funnel_id"))
    steps = [str(step) for step in _list(saved["steps"])]
    on = query.parameters.expression("on")
    limit = query.parameters.integer("limit", 255, most=MOST_VALUES)
    buckets = _buckets(query)
    progress = compute(query, steps, _length(query, saved), buckets, on)
    dates: list[Json] = []
    dates += buckets.labels
    data: JsonObject = {}
    for label in buckets.labels:
        data[label] = (
            _plain(progress, label, steps)
            if on is None
            else _segmented(progress, label, steps, limit)
        )
    return answer({"meta": {"dates": dates}, "data": data})


AllProgress = dict[tuple[str, str], Progress]
"""(Label of the bucket, property value or `OVERALL`) to what was reached."""


def compute(
    query: Query,
    steps: list[str],
    length_ms: int,
    buckets: Buckets,
    on: Expression | None,
) -> AllProgress:
    """Walk every user through the funnel, from each bucket's first entry.

    Args:
        query: The query, for its project and ``where``.
        steps: Event names.
        length_ms: How long a user has, from the first step.
        buckets: When the first step happens; completions may come later.
        on: Splits by its value at the first step.
    """
    later = replace(buckets, until_ms=buckets.until_ms + length_ms)
    result: AllProgress = {}
    scope = None if on is None else query.scopes(on)
    users = by_user(query.events(later, *steps))
    for bucket, passed in _entries(users, steps, buckets):
        times = passage(passed, steps, length_ms)
        names = [OVERALL]
        if on is not None and scope is not None:
            names.append(in_words(evaluate(on, scope(passed[0]))))
        for name in names:
            key = (bucket, name)
            result.setdefault(key, Progress.none(len(steps))).add(times)
    return result


def saved_funnel(query: Query, id: str) -> JsonObject:
    """The funnel of that id, or a Refusal."""
    found = documents.read(query.call.store, query.project.id, Kind.FUNNEL, id)
    if found is None:
        raise Refusal(400, f"Invalid funnel_id: {id}")
    return found


def saved_length_ms(saved: JsonObject) -> int:
    """How long users have, as saved with the funnel."""
    return _number(saved["length"]) * LengthUnit(str(saved["length_unit"])).milliseconds


def _entries(
    users: dict[str, list[Event]], steps: list[str], buckets: Buckets
) -> Iterator[tuple[str, list[Event]]]:
    """For each user and bucket: the events from the first one that enters on."""
    for events in users.values():
        entered: set[int] = set()
        for position, event in enumerate(events):
            if event.name != steps[0] or event.time_ms >= buckets.until_ms:
                continue
            bucket = buckets.index(event.time_ms)
            if bucket not in entered:
                entered.add(bucket)
                yield buckets.labels[bucket], events[position:]


def _plain(progress: AllProgress, label: str, steps: list[str]) -> JsonObject:
    found = progress.get((label, OVERALL), Progress.none(len(steps)))
    return {
        "steps": step_rows(found, steps),
        "analysis": analysis(found),
    }


def _segmented(
    progress: AllProgress, label: str, steps: list[str], limit: int
) -> JsonObject:
    here = {name: found for (at, name), found in progress.items() if at == label}
    overall = here.pop(OVERALL, Progress.none(len(steps)))
    size = Counter({name: found.reached[0] for name, found in here.items()})
    rows: JsonObject = {OVERALL: step_rows(overall, steps)}
    for name, _ in size.most_common(limit):
        rows[name] = step_rows(here[name], steps)
    return rows


def _buckets(query: Query) -> Buckets:
    parameters = query.parameters
    first, last = parameters.dates()
    units = (Unit.DAY, Unit.WEEK, Unit.MONTH)
    unit = parameters.choice("unit", Unit.DAY, units)
    if parameters.optional("unit"):
        return stretches.buckets_between(first, last, unit)
    days = parameters.integer("interval", 1, most=366)
    return stretches.by_days(first, last, days)


def _length(query: Query, saved: JsonObject) -> int:
    parameters = query.parameters
    if not parameters.optional("length"):
        return saved_length_ms(saved)
    unit = parameters.choice("length_unit", LengthUnit(str(saved["length_unit"])))
    length = parameters.integer("length", 1, most=90 * 86_400) * unit.milliseconds
    if length > LONGEST_MS:
        raise Refusal(400, "length may not be greater than 90 days")
    return length


def whole_range(first: date, last: date) -> Buckets:
    """A single bucket."""
    return stretches.by_days(first, last, (last - first).days + 1)


def _list(item: Json) -> list[Json]:
    assert isinstance(item, list)
    return item


def _number(item: Json) -> int:
    assert isinstance(item, int)
    return item
