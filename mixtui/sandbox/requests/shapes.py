"""The shape of a value as data, and the function that checks it.

The shapes of bodies and forms, in ``manage/``, are composed of these; a mismatch becomes
a Refusal (400) that names the path: ``'variants[0].split' is required``.

Own code, as no library words errors like this. jsonschema prints patterns and Python
lists, takes 1.0 for an integer and needs 0.3 s to import; fastjsonschema compiles for
0.1 s a shape; msgspec leaves out the allowed values. With each of them all messages would
have to be rewritten, and forms be converted by their shapes: about 70 lines fewer for one
more dependency.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct, field

from mixtui.sandbox.data.json_text import Json, JsonObject, parse
from mixtui.sandbox.requests.errors import Refusal


class Text(Struct, frozen=True):
    """A text, optionally limited in length or to a pattern."""

    min_length: int = 0
    max_length: int | None = None
    pattern: str = ""
    example: str = ""
    """Shown if the pattern does not match."""


class OneOf(Struct, frozen=True):
    """One of a set of texts."""

    choices: tuple[str, ...]


class Integer(Struct, frozen=True):
    """An integer, optionally one of a set."""

    choices: tuple[int, ...] = ()


class Number(Struct, frozen=True):
    """A number within its bounds."""

    minimum: float = float("-inf")
    maximum: float = float("inf")


class Boolean(Struct, frozen=True):
    """True or false, optionally only one of them."""

    only: bool | None = None


class ListOf(Struct, frozen=True):
    """A list."""

    item: Shape
    min_items: int = 0
    max_items: int | None = None


class MapOf(Struct, frozen=True):
    """An object with arbitrary names."""

    value: Shape


class Record(Struct, frozen=True):
    """An object with fixed names."""

    required: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)
    closed: bool = False
    """Whether other names are rejected."""

    @property
    def fields(self) -> Mapping[str, Shape]:
        """All fields that have a shape."""
        return {**self.required, **self.optional}

    def select(self, value: JsonObject) -> JsonObject:
        """Return the fields of a value that have a shape."""
        return {name: item for name, item in value.items() if name in self.fields}


class OrNull(Struct, frozen=True):
    """The shape, or null."""

    shape: Shape


class Anything(Struct, frozen=True):
    """Any value."""


Shape: TypeAlias = "Text | OneOf | Integer | Number | Boolean | ListOf | MapOf | Record | OrNull | Anything"

NAME = Text(min_length=1)
TEXTS = ListOf(Text())
TEXT_OR_NULL = OrNull(Text())
OBJECT = MapOf(Anything())


def check(shape: Shape, value: Json, location: str = "") -> None:
    """Check a value; raises a Refusal (400) if it does not match.

    Args:
        shape: The expected shape.
        value: The value.
        location: The path of the value, such as ``ruleset.variants[0]``; empty = the
            entire body.
    """
    for problem in _problems(shape, value, location):
        raise Refusal(400, problem)


def checked_form(shape: Record, form: Mapping[str, Sequence[str]]) -> JsonObject:
    """Convert the fields of a form to values of their shapes; raises a Refusal (400).

    An empty field counts as absent; a field without a shape is dropped.
    """
    fields = shape.fields
    values: JsonObject = {}
    for name, texts in form.items():
        provided = [text for text in texts if text]
        if name in fields and provided:
            values[name] = _from_texts(fields[name], provided)
    check(shape, values)
    return values


def _from_texts(shape: Shape, texts: Sequence[str]) -> Json:
    match shape:
        case ListOf(of):
            return [_from_text(of, text) for text in texts]
        case _:
            return _from_text(shape, texts[0])


def _from_text(shape: Shape, text: str) -> Json:
    """Convert a text to its shape; one that cannot be converted stays, and will not match."""
    match shape:
        case Boolean():
            return {"true": True, "false": False}.get(text.lower(), text)
        case Integer() | Number() | Record() | MapOf():
            try:
                return parse(text)
            except ValueError:
                return text
        case _:
            return text


def _problems(shape: Shape, value: Json, location: str) -> Iterator[str]:
    """Yield the mismatches in order."""
    name = f"'{location}'" if location else "the body"
    match shape:
        case OrNull(of):
            if value is not None:
                yield from _problems(of, value, location)
        case Text():
            yield from _text_problems(shape, value, name)
        case OneOf(among):
            if value not in among:
                yield f"{name} must be one of {', '.join(among)}"
        case Integer(among):
            if not _is_number(value) or isinstance(value, float):
                yield f"{name} must be an integer"
            elif among and value not in among:
                yield f"{name} must be one of {', '.join(map(str, among))}"
        case Number(least, most):
            if not isinstance(value, int | float) or isinstance(value, bool):
                yield f"{name} must be a number"
            elif not least <= value <= most:
                yield f"{name} must be between {least:g} and {most:g}"
        case Boolean(only):
            if not isinstance(value, bool):
                yield f"{name} must be true or false"
            elif only is not None and value is not only:
                yield f"{name} must be {str(only).lower()}"
        case ListOf():
            yield from _list_problems(shape, value, location, name)
        case MapOf(of):
            if not isinstance(value, dict):
                yield f"{name} must be an object"
                return
            for key, item in value.items():
                yield from _problems(of, item, _below(location, key))
        case Record():
            yield from _field_problems(shape, value, location, name)
        case Anything():
            return


def _text_problems(shape: Text, value: Json, name: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{name} must be a string"
    elif len(value) < shape.min_length:
        yield f"{name} must have at least {shape.min_length} characters"
    elif shape.max_length is not None and len(value) > shape.max_length:
        yield f"{name} must have at most {shape.max_length} characters"
    elif shape.pattern and not re.fullmatch(shape.pattern, value):
        yield f"{name} must look like {shape.example}, not {value!r}"


def _list_problems(
    shape: ListOf, value: Json, location: str, name: str
) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{name} must be a list"
        return
    if shape.min_items and len(value) < shape.min_items:
        yield f"{name} must hold at least {shape.min_items}"
    if shape.max_items is not None and len(value) > shape.max_items:
        yield f"{name} must hold at most {shape.max_items}"
    for index, item in enumerate(value):
        yield from _problems(shape.item, item, f"{location}[{index}]")


def _field_problems(
    shape: Record, value: Json, location: str, name: str
) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{name} must be an object"
        return
    for key in shape.required:
        if key not in value:
            yield f"'{_below(location, key)}' is required"
    fields = shape.fields
    for key, item in value.items():
        if key in fields:
            yield from _problems(fields[key], item, _below(location, key))
        elif shape.closed:
            yield f"'{_below(location, key)}' is not a known field"


def _below(location: str, key: str) -> str:
    return f"{location}.{key}" if location else key


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
