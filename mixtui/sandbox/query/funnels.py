"""``/funnels`` and ``/funnels/list``: saved funnels, computed from stored events.

https://developer.mixpanel.com/reference/funnels-query
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace
from starlette.responses import Response

from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.events import Event
from mixtui.sandbox.data.expressions import Expression, evaluate
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.query import query as stretches
from mixtui.sandbox.query.events import value_label
from mixtui.sandbox.query.query import Buckets, Query, Unit
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import json_response


class FunnelProgress(Struct):
    """The progress of the users of one bucket."""

    reached: list[int]
    """The number of users at each step."""
    waited: list[list[float]] = field(default_factory=list)
    """Seconds since the previous step, by step; empty for the first."""
    since_start: list[list[float]] = field(default_factory=list)
    """Seconds since the first step, by step."""

    @classmethod
    def none(cls, steps: int) -> FunnelProgress:
        """Return the progress without users."""
        return cls([0] * steps, [[] for _ in range(steps)], [[] for _ in range(steps)])

    def add(self, times: Sequence[int]) -> None:
        """Add one user, by the times (ms) of the reached steps."""
        for step, time in enumerate(times):
            self.reached[step] += 1
            if step > 0:
                self.waited[step].append((time - times[step - 1]) / 1000)
                self.since_start[step].append((time - times[0]) / 1000)


def by_user(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Group events by user, in order."""
    users: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        users[event.distinct_id].append(event)
    return users


def step_times(
    events: Sequence[Event], steps: Sequence[str], length_ms: int
) -> list[int]:
    """Return the times (ms) of the steps that one user reaches.

    Args:
        events: One user's events in order, beginning with the first step.
        steps: Event names.
        length_ms: The maximum time from the first step to the last.
    """
    times: list[int] = []
    for event in events:
        if times and event.time_ms > times[0] + length_ms:
            break
        if event.name == steps[len(times)]:
            times.append(event.time_ms)
            if len(times) == len(steps):
                break
    return times


def step_rows(progress: FunnelProgress, steps: Sequence[str]) -> list[Json]:
    """Return the ``steps`` of a response; ratios are fractions, times are seconds."""
    rows: list[Json] = []
    first = progress.reached[0]
    previous = first
    for number, (name, reached) in enumerate(zip(steps, progress.reached, strict=True)):
        rows.append(
            {
                "count": reached,
                "avg_time": _mean(progress.waited[number]) if number else None,
                "avg_time_from_start": (
                    _mean(progress.since_start[number]) if number else None
                ),
                "step_conv_ratio": _ratio(reached, previous) if number else 1,
                "goal": name,
                "overall_conv_ratio": _ratio(reached, first) if number else 1,
                "event": name,
                "step_label": name,
            }
        )
        previous = reached
    return rows


def analysis(progress: FunnelProgress) -> JsonObject:
    """Return the ``analysis`` of a response; ``worst`` is the step with the highest drop-off."""
    reached = progress.reached
    losses = [1 - _ratio(reached[n], reached[n - 1]) for n in range(1, len(reached))]
    return {
        "completion": reached[-1],
        "starting_amount": reached[0],
        "steps": len(reached),
        "worst": losses.index(max(losses)) + 1 if losses else 0,
    }


def _mean(seconds: list[float]) -> int:
    return round(sum(seconds) / len(seconds)) if seconds else 0


def _ratio(part: int, total: int) -> float:
    return part / total if total else 0


MAX_LENGTH_MS = 90 * 86_400_000
MAX_VALUES = 10_000
OVERALL = "$overall"


class LengthUnit(StrEnum):
    """The unit of ``length``."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def milliseconds(self) -> int:
        """The length of one unit."""
        return {"second": 1, "minute": 60, "hour": 3600, "day": 86400}[self] * 1000


def list_funnels(query: Query) -> Response:
    """GET /funnels/list."""
    saved = documents.read_all(query.request.store, query.project.id, Kind.FUNNEL)
    rows: list[Json] = []
    rows += [{"funnel_id": row["funnel_id"], "name": row["name"]} for row in saved]
    return json_response(rows)


def funnel(query: Query) -> Response:
    """GET /funnels."""
    saved = saved_funnel(query, query.parameters.text("funnel_id"))
    steps = [str(step) for step in _list(saved["steps"])]
    on = query.parameters.expression("on")
    limit = query.parameters.integer("limit", 255, maximum=MAX_VALUES)
    buckets = _buckets(query)
    progress = compute(query, steps, _length(query, saved), buckets, on)
    dates: list[Json] = []
    dates += buckets.labels
    data: JsonObject = {}
    for label in buckets.labels:
        data[label] = (
            _overall_body(progress, label, steps)
            if on is None
            else _segmented_body(progress, label, steps, limit)
        )
    return json_response({"meta": {"dates": dates}, "data": data})


AllProgress = dict[tuple[str, str], FunnelProgress]
"""The progress by (bucket label, property value or `OVERALL`)."""


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
        length_ms: The time limit, from the first step.
        buckets: The time range of the first step; completions may come later.
        on: Splits by the property's value at the first step.
    """
    later = replace(buckets, until_ms=buckets.until_ms + length_ms)
    result: AllProgress = {}
    scope = None if on is None else query.scopes(on)
    users = by_user(query.events(later, *steps))
    for bucket, following in _entries(users, steps, buckets):
        times = step_times(following, steps, length_ms)
        names = [OVERALL]
        if on is not None and scope is not None:
            names.append(value_label(evaluate(on, scope(following[0]))))
        for name in names:
            key = (bucket, name)
            result.setdefault(key, FunnelProgress.none(len(steps))).add(times)
    return result


def saved_funnel(query: Query, id: str) -> JsonObject:
    """Return the funnel with an id; raises a Refusal."""
    funnel = documents.read(query.request.store, query.project.id, Kind.FUNNEL, id)
    if funnel is None:
        raise Refusal(400, f"Invalid funnel_id: {id}")
    return funnel


def saved_length_ms(saved: JsonObject) -> int:
    """Return the time limit saved with the funnel."""
    return _number(saved["length"]) * LengthUnit(str(saved["length_unit"])).milliseconds


def _entries(
    users: dict[str, list[Event]], steps: list[str], buckets: Buckets
) -> Iterator[tuple[str, list[Event]]]:
    """Yield each user's events per bucket, starting with the first entry."""
    for events in users.values():
        entered: set[int] = set()
        for position, event in enumerate(events):
            if event.name != steps[0] or event.time_ms >= buckets.until_ms:
                continue
            bucket = buckets.index(event.time_ms)
            if bucket not in entered:
                entered.add(bucket)
                yield buckets.labels[bucket], events[position:]


def _overall_body(progress: AllProgress, label: str, steps: list[str]) -> JsonObject:
    progress_of_all = progress.get((label, OVERALL), FunnelProgress.none(len(steps)))
    return {
        "steps": step_rows(progress_of_all, steps),
        "analysis": analysis(progress_of_all),
    }


def _segmented_body(
    progress: AllProgress, label: str, steps: list[str], limit: int
) -> JsonObject:
    by_segment = {
        name: segment_progress
        for (bucket, name), segment_progress in progress.items()
        if bucket == label
    }
    overall = by_segment.pop(OVERALL, FunnelProgress.none(len(steps)))
    size = Counter({name: found.reached[0] for name, found in by_segment.items()})
    rows: JsonObject = {OVERALL: step_rows(overall, steps)}
    for name, _ in size.most_common(limit):
        rows[name] = step_rows(by_segment[name], steps)
    return rows


def _buckets(query: Query) -> Buckets:
    parameters = query.parameters
    first, last = parameters.dates()
    units = (Unit.DAY, Unit.WEEK, Unit.MONTH)
    unit = parameters.choice("unit", Unit.DAY, units)
    if parameters.optional("unit"):
        return stretches.buckets_between(first, last, unit)
    days = parameters.integer("interval", 1, maximum=366)
    return stretches.by_days(first, last, days)


def _length(query: Query, saved: JsonObject) -> int:
    parameters = query.parameters
    if not parameters.optional("length"):
        return saved_length_ms(saved)
    unit = parameters.choice("length_unit", LengthUnit(str(saved["length_unit"])))
    length = parameters.integer("length", 1, maximum=90 * 86_400) * unit.milliseconds
    if length > MAX_LENGTH_MS:
        raise Refusal(400, "length may not be greater than 90 days")
    return length


def full_range(first: date, last: date) -> Buckets:
    """Return a single bucket."""
    return stretches.by_days(first, last, (last - first).days + 1)


def _list(item: Json) -> list[Json]:
    assert isinstance(item, list)
    return item


def _number(item: Json) -> int:
    assert isinstance(item, int)
    return item
