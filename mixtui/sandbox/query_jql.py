"""``/jql``: events or users, grouped and reduced; other scripts fail as scripts do.

https://developer.mixpanel.com/reference/query-jql
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.responses import Response

from mixtui.sandbox import buckets as stretches
from mixtui.sandbox import profiles
from mixtui.sandbox.buckets import Unit
from mixtui.sandbox.call import ApiCall, answer
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.evaluation import as_number
from mixtui.sandbox.jql_script import NotUnderstood, Reducer, Script, understood
from mixtui.sandbox.json_text import Json, JsonObject, dump
from mixtui.sandbox.parameters import Parameters
from mixtui.sandbox.query import Query, event_properties, run

MOST_BYTES = 1024 * 1024


def jql(call: ApiCall) -> Response:
    """POST /jql."""
    content = call.body(MOST_BYTES).decode("utf-8", "replace")
    form = dict(parse_qsl(content))
    return run(call, Parameters({**dict(call.query), **form}), _jql)


def _jql(query: Query) -> Response:
    text = query.parameters.text("script")
    params = query.parameters.json("params")
    if params is not None and not isinstance(params, dict):
        raise Refusal(400, "Invalid JSON Format: params")
    try:
        script = understood(text, params or {})
    except NotUnderstood as problem:
        raise Refusal(
            412,
            "UserVisiblePreconditionFailedError: Uncaught exception: The sandbox runs "
            f"no JavaScript and understands simple scripts alone: {problem}.",
        ) from None
    return answer(_results(script, _rows(query, script)))


def _rows(query: Query, script: Script) -> list[JsonObject]:
    if script.source == "People":
        found = profiles.read(query.call.store, query.project.id)
        return [{"distinct_id": p.id, "properties": p.properties} for p in found]
    texts = {
        name: text for name, text in script.options.items() if isinstance(text, str)
    }
    dates = Parameters({name: str(text) for name, text in texts.items()}).dates()
    names = _selected(script.options.get("event_selectors"))
    return [
        {
            "name": event.name,
            "distinct_id": event.distinct_id,
            "time": event.time_ms,
            "sampling_factor": 1,
            "properties": event_properties(event),
        }
        for event in query.events(stretches.buckets_between(*dates, Unit.DAY), *names)
    ]


def _selected(selectors: Json) -> list[str]:
    """The event names of ``event_selectors``; none = all."""
    items = selectors if isinstance(selectors, list) else []
    names = [item.get("event") for item in items if isinstance(item, dict)]
    return [name for name in names if isinstance(name, str)]


def _results(script: Script, rows: list[JsonObject]) -> Json:
    if script.reducer is None:
        return [*rows]
    if script.keys is None:
        return [_reduced(script.reducer, rows)]
    groups: defaultdict[str, list[JsonObject]] = defaultdict(list)
    keys: dict[str, list[Json]] = {}
    for row in rows:
        key = [_found(row, name) for name in script.keys]
        keys[dump(key)] = key
        groups[dump(key)].append(row)
    return [
        {"key": keys[text], "value": _reduced(script.reducer, groups[text])}
        for text in sorted(groups)
    ]


def _reduced(reducer: Reducer, rows: list[JsonObject]) -> Json:
    if reducer.name == "count":
        return len(rows)
    numbers = [*_numbers(rows, reducer.accessor)]
    match reducer.name:
        case "sum":
            return sum(numbers)
        case "avg":
            return sum(numbers) / len(numbers) if numbers else None
        case "min":
            return min(numbers, default=None)
        case _:
            return max(numbers, default=None)


def _numbers(rows: Iterable[JsonObject], accessor: str) -> Iterable[float]:
    for row in rows:
        number = as_number(_found(row, accessor))
        if number is not None:
            yield number


def _found(row: Json, accessor: str) -> Json:
    """What ``properties.plan`` finds in a row; None where there is none."""
    first, _, rest = accessor.partition(".")
    if not isinstance(row, dict) or first not in row:
        return None
    value = row[first]
    # A name of a property may hold dots: the whole rest is tried first.
    if rest and isinstance(value, dict) and rest in value:
        return value[rest]
    return _found(value, rest) if rest else value
