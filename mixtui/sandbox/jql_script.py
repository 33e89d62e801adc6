"""The few JQL scripts that the sandbox understands; it runs no JavaScript.

A script is one ``return`` of a source and what is done with it, one after the other::

    function main() {
      return Events({from_date: "2026-03-01", to_date: params.to_date})
        .groupBy(["name", "properties.plan"], mixpanel.reducer.count());
    }

https://developer.mixpanel.com/reference/jql-api
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mixtui.sandbox.json_text import Json, JsonObject, parse

_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<sign>[{}()\[\],.:;])""",
    re.VERBOSE | re.DOTALL,
)
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}


class NotUnderstood(ValueError):
    """The script does more than the sandbox knows; says where."""


@dataclass(frozen=True, slots=True)
class Reducer:
    """``mixpanel.reducer.sum("properties.amount")``."""

    name: str
    accessor: str
    """Empty for ``count``."""


@dataclass(frozen=True, slots=True)
class Script:
    """What a script asks for."""

    source: str
    """``Events`` or ``People``."""
    options: JsonObject
    keys: tuple[str, ...] | None
    """What it groups by; None = it does not."""
    reducer: Reducer | None
    """None = the rows themselves."""


def understood(text: str, params: JsonObject) -> Script:
    """The script.

    Args:
        text: JavaScript.
        params: What it sees as ``params``.

    Raises:
        NotUnderstood: It is more than the sandbox knows.
    """
    try:
        return _Reader(text, params).script()
    except RecursionError:
        raise NotUnderstood("it is nested too deeply") from None


class _Reader:
    def __init__(self, text: str, params: JsonObject) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._params = params

    def script(self) -> Script:
        for expected in ("function", "main", "(", ")", "{", "return"):
            self._take(expected)
        source = self._next()
        if source not in ("Events", "People"):
            raise NotUnderstood(f"{source} is not Events or People")
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
                    raise NotUnderstood(f".{step}() is not groupBy or reduce")
            reducer = self._reducer()
            self._take(")")
        if self._peek() == ";":
            self._take(";")
        self._take("}")
        if self._peek():
            raise NotUnderstood(f"there is more after main(): {self._peek()}")
        return Script(source, options, keys, reducer)

    def _reducer(self) -> Reducer:
        for expected in ("mixpanel", ".", "reducer", "."):
            self._take(expected)
        name = self._next()
        self._take("(")
        accessor = "" if self._peek() == ")" else str(self._value())
        self._take(")")
        if name not in ("count", "sum", "avg", "min", "max"):
            raise NotUnderstood(
                f"the reducer {name} is none of count, sum, avg, min, max"
            )
        return Reducer(name, accessor)

    def _keys(self) -> tuple[str, ...]:
        keys = self._value()
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise NotUnderstood("groupBy() groups by a list of texts")
        return tuple(map(str, keys))

    def _object(self) -> JsonObject:
        value = self._value()
        if not isinstance(value, dict):
            raise NotUnderstood("the argument of a source is an object")
        return value

    def _value(self) -> Json:
        token = self._next()
        if token in _WORDS:
            return _WORDS[token]
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
        raise NotUnderstood(f"{token or 'the end'} is no value")

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
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _take(self, expected: str) -> None:
        token = self._next()
        if token != expected:
            raise NotUnderstood(f"{token or 'the end'} stands where {expected} is due")


def _tokens(text: str) -> list[str]:
    found = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotUnderstood(f"{text[at]} is not known")
        if match.lastgroup is not None:
            found.append(match[0])
        at = match.end()
    return found


def _text(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])
