"""``/jql``: events or users, grouped and reduced.

Unsupported scripts fail like invalid ones.

https://developer.mixpanel.com/reference/query-jql
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct
from starlette.responses import Response

from mixtui.patterns import compile_late
from mixtui.sandbox.data import profiles
from mixtui.sandbox.data.expressions import as_number
from mixtui.sandbox.data.json_text import Json, JsonObject, dump, parse
from mixtui.sandbox.query import query as stretches
from mixtui.sandbox.query.query import Parameters, Query, Unit, event_properties
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import json_response

_TOKEN = compile_late(
    r"""\s+|//[^\n]*|/\*.*?\*/
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<sign>[{}()\[\],.:;])""",
    re.VERBOSE | re.DOTALL,
)
_LITERALS: dict[str, Json] = {"true": True, "false": False, "null": None}


class UnsupportedScript(ValueError):
    """The script uses something unsupported; the message says where."""


class Reducer(Struct, frozen=True):
    """``mixpanel.reducer.sum("properties.amount")``."""

    name: str
    accessor: str
    """Empty for ``count``."""


class Script(Struct, frozen=True):
    """A parsed script."""

    source: str
    """``Events`` or ``People``."""
    options: JsonObject
    keys: tuple[str, ...] | None
    """The grouping keys; None = not grouped."""
    reducer: Reducer | None
    """None = return the rows themselves."""


def parse_script(text: str, params: JsonObject) -> Script:
    """Parse a script.

    Args:
        text: The JavaScript source.
        params: The value of ``params`` in the script.

    Raises:
        NotUnderstood: The script uses something unsupported.
    """
    try:
        return _ScriptParser(text, params).script()
    except RecursionError:
        raise UnsupportedScript("it is nested too deeply") from None


class _ScriptParser:
    def __init__(self, text: str, params: JsonObject) -> None:
        self._tokens = _tokens(text)
        self._index = 0
        self._params = params

    def script(self) -> Script:
        for expected in ("function", "main", "(", ")", "{", "return"):
            self._take(expected)
        source = self._next()
        if source not in ("Events", "People"):
            raise UnsupportedScript(f"{source} is not Events or People")
        self._take("(")
        options = {} if self._peek() == ")" else self._object()
        self._take(")")
        keys: tuple[str, ...] | None = None
        reducer = None
        if self._peek() == ".":
            self._take(".")
            match self._next():
                case "groupBy":
                    self._take("(")
                    keys = self._keys()
                    self._take(",")
                case "reduce":
                    self._take("(")
                case step:
                    raise UnsupportedScript(f".{step}() is not groupBy or reduce")
            reducer = self._reducer()
            self._take(")")
        if self._peek() == ";":
            self._take(";")
        self._take("}")
        if self._peek():
            raise UnsupportedScript(f"there is more after main(): {self._peek()}")
        return Script(source, options, keys, reducer)

    def _reducer(self) -> Reducer:
        for expected in ("mixpanel", ".", "reducer", "."):
            self._take(expected)
        name = self._next()
        self._take("(")
        accessor = "" if self._peek() == ")" else str(self._value())
        self._take(")")
        if name not in ("count", "sum", "avg", "min", "max"):
            raise UnsupportedScript(
                f"the reducer {name} is none of count, sum, avg, min, max"
            )
        return Reducer(name, accessor)

    def _keys(self) -> tuple[str, ...]:
        keys = self._value()
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise UnsupportedScript("groupBy() groups by a list of texts")
        return tuple(map(str, keys))

    def _object(self) -> JsonObject:
        value = self._value()
        if not isinstance(value, dict):
            raise UnsupportedScript("the argument of a source is an object")
        return value

    def _value(self) -> Json:
        token = self._next()
        if token in _LITERALS:
            return _LITERALS[token]
        match token[:1]:
            case "{":
                return self._members()
            case "[":
                return self._items()
            case '"' | "'":
                return _text(token)
            case "p" if token == "params":
                if self._peek() != ".":
                    return self._params
                self._take(".")
                return self._params.get(self._next())
            case first if first.isdigit() or first == "-":
                return parse(token)
        raise UnsupportedScript(f"{token or 'the end'} is not a value")

    def _members(self) -> JsonObject:
        members: JsonObject = {}
        while self._peek() != "}":
            name = self._next()
            self._take(":")
            members[_text(name) if name[:1] in "\"'" else name] = self._value()
            if self._peek() != "}":
                self._take(",")
        self._take("}")
        return members

    def _items(self) -> list[Json]:
        items: list[Json] = []
        while self._peek() != "]":
            items.append(self._value())
            if self._peek() != "]":
                self._take(",")
        self._take("]")
        return items

    def _peek(self) -> str:
        return self._tokens[self._index] if self._index < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._index += 1
        return token

    def _take(self, expected: str) -> None:
        token = self._next()
        if token != expected:
            raise UnsupportedScript(f"unexpected {token or 'end'}, expected {expected}")


def _tokens(text: str) -> list[str]:
    tokens = []
    index = 0
    while index < len(text):
        match = _TOKEN.match(text, index)
        if match is None:
            raise UnsupportedScript(f"{text[index]} is not known")
        if match.lastgroup is not None:
            tokens.append(match[0])
        index = match.end()
    return tokens


def _text(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def jql(query: Query) -> Response:
    """Run a script: /jql."""
    text = query.parameters.text("script")
    params = query.parameters.json("params")
    if params is not None and not isinstance(params, dict):
        raise Refusal(400, "Invalid JSON Format: params")
    try:
        script = parse_script(text, params or {})
    except UnsupportedScript as problem:
        raise Refusal(
            412,
            "UserVisiblePreconditionFailedError: Uncaught exception: The sandbox runs "
            f"no JavaScript and understands simple scripts alone: {problem}.",
        ) from None
    return json_response(_results(script, _rows(query, script)))


def _rows(query: Query, script: Script) -> list[JsonObject]:
    if script.source == "People":
        people = profiles.read(query.request.store, query.project.id)
        return [{"distinct_id": p.id, "properties": p.properties} for p in people]
    texts = {
        name: text for name, text in script.options.items() if isinstance(text, str)
    }
    dates = Parameters({name: str(text) for name, text in texts.items()}).dates()
    names = _selected_names(script.options.get("event_selectors"))
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


def _selected_names(selectors: Json) -> list[str]:
    """Return the event names of ``event_selectors``; empty = all."""
    items = selectors if isinstance(selectors, list) else []
    names = [item.get("event") for item in items if isinstance(item, dict)]
    return [name for name in names if isinstance(name, str)]


def _results(script: Script, rows: list[JsonObject]) -> Json:
    if script.reducer is None:
        return [*rows]
    if script.keys is None:
        return [_reduce(script.reducer, rows)]
    groups: defaultdict[str, list[JsonObject]] = defaultdict(list)
    keys: dict[str, list[Json]] = {}
    for row in rows:
        key = [_lookup(row, name) for name in script.keys]
        keys[dump(key)] = key
        groups[dump(key)].append(row)
    return [
        {"key": keys[text], "value": _reduce(script.reducer, groups[text])}
        for text in sorted(groups)
    ]


def _reduce(reducer: Reducer, rows: list[JsonObject]) -> Json:
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
        number = as_number(_lookup(row, accessor))
        if number is not None:
            yield number


def _lookup(row: Json, accessor: str) -> Json:
    """Return the value of ``properties.plan`` in a row; None if it is missing."""
    first, _, rest = accessor.partition(".")
    if not isinstance(row, dict) or first not in row:
        return None
    value = row[first]
    # A property name may contain dots: the complete rest is tried first.
    if rest and isinstance(value, dict) and rest in value:
        return value[rest]
    return _lookup(value, rest) if rest else value
