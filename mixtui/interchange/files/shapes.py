"""Check a parsed file against the JSON types that its format documents.

A table of shapes names the kind of each member. A kind is ``text``, ``number``,
``boolean``, ``list`` or ``object``, another shape, ``[kind]`` for a list of it, ``{kind}``
for an object with any names, alternatives with ``|``, and ends with ``!`` where an empty
value says nothing. Members that a shape does not name may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice

from mixtui.interchange.json_values import Value
from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late
from mixtui.text import sanitize_excerpt

Shapes = Mapping[str, Mapping[str, str]]
"""The kinds of members, by the name of a shape and the name of a member."""

_MAX_NAMED = 20
"""Places named one by one."""
_PATH_LENGTH = 120
_NOUNS = {
    "text": "text",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
    "object": "an object",
}
_ALTERNATIVE = compile_late(r"(?:\[[^\]]*\]|\{[^}]*\}|[^|\[{])+")
_PLAIN_NAME = compile_late(r"[\w$-]+")


def shape_notes(value: Value, shape: str, shapes: Shapes) -> Iterator[str]:
    """Yield a sentence for each place of another type than documented."""
    problems = _problems(value, shape, "", shapes)
    yield from islice(problems, _MAX_NAMED)
    if more := sum(1 for _ in problems):
        yield f"{more} more values have an undocumented type."


def read_object(value: Value, name: str, kind: str) -> dict[str, Value]:
    """Return the object that a file holds.

    Args:
        value: What it holds.
        name: The file's name in messages.
        kind: What the file should be, such as "a Postman collection".

    Raises:
        InterchangeError: It holds something else.
    """
    if isinstance(value, dict):
        return value
    raise InterchangeError(
        f"{name} is not {kind}: expected an object, found {type_noun(value)}."
    )


def type_noun(value: Value) -> str:
    """Return the JSON type of a value as a noun: ``a list``."""
    return "null" if value is None else _NOUNS[_type_of(value)]


def _problems(value: Value, kind: str, path: str, shapes: Shapes) -> Iterator[str]:
    required = kind.endswith("!")
    alternatives = _ALTERNATIVE.findall(kind.removesuffix("!"))
    if value is None or value == "":
        if required:
            yield f"{_excerpt(path)} is empty."
        return
    fitting = [each for each in alternatives if _fits(value, each)]
    if not fitting:
        expected = " or ".join(dict.fromkeys(map(_noun, alternatives)))
        yield (
            f"{_excerpt(path)} was ignored: expected {expected}, found "
            f"{type_noun(value)}."
        )
        return
    yield from _inner_problems(value, fitting[0], path, shapes)


def _inner_problems(
    value: Value, kind: str, path: str, shapes: Shapes
) -> Iterator[str]:
    if isinstance(value, list) and kind.startswith("["):
        for number, item in enumerate(value):
            yield from _problems(item, kind[1:-1], f"{path}[{number}]", shapes)
    elif isinstance(value, dict) and kind != "object":
        members = shapes.get(kind, {})
        for name, inner in value.items():
            member = kind[1:-1] if kind.startswith("{") else members.get(name)
            if member is not None and not name.startswith("x-"):
                yield from _problems(inner, member, _join(path, name), shapes)


def _fits(value: Value, kind: str) -> bool:
    return _noun(kind) == _NOUNS[_type_of(value)]


def _noun(kind: str) -> str:
    return _NOUNS.get("list" if kind.startswith("[") else kind, _NOUNS["object"])


def _type_of(value: Value) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | Decimal():
            return "number"
        case list():
            return "list"
        case dict():
            return "object"
        case _:
            return "text"


def _join(path: str, name: str) -> str:
    if not _PLAIN_NAME.fullmatch(name):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else name


def _excerpt(path: str) -> str:
    return sanitize_excerpt(path, _PATH_LENGTH)
