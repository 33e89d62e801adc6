"""Parse and write form bodies as users type them: one ``name=value`` per line, in plain text.

A value of several lines stands between triple double quotes::

    script=\"\"\"
    function main() { return Events({from_date: "2026-01-01"}) }
    \"\"\"
    params={"limit": 10}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mixtui.jsontext import Mistake
from mixtui.model.draft import Body, BodyType
from mixtui.request.urls import encode_pair

_QUOTES = '"""'


class FormMistake(Exception):
    """A line is not a form field."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(str(mistake))
        self.mistake = mistake


class FormField(NamedTuple):
    """A field, and where it stands."""

    name: str
    value: str
    line: int
    """The line that it starts on, from 1."""


def parse_form(text: str) -> tuple[tuple[str, str], ...]:
    """Parse names and values in order; empty lines are skipped, names may repeat.

    Raises:
        FormMistake: A line has no ``=``, or a quoted value does not end.
    """
    return tuple((name, value) for name, value, _ in parse_fields(text))


def parse_fields(text: str) -> tuple[FormField, ...]:
    """Parse as `parse_form` does, with the line of each field.

    Raises:
        FormMistake: A line has no ``=``, or a quoted value does not end.
    """
    fields: list[FormField] = []
    lines = iter(enumerate(text.split("\n"), 1))
    for number, line in lines:
        line = line.removesuffix("\r")
        if not line.strip():
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise FormMistake(Mistake("a form field must be name=value", number, 1))
        if value.startswith(_QUOTES):
            value = _read_quoted(value.removeprefix(_QUOTES), lines, number)
        fields.append(FormField(name.strip(), value, number))
    return tuple(fields)


def form_text(fields: Iterable[tuple[str, str]]) -> str:
    """Write a ``name=value`` line for each field; multi-line values are quoted."""
    return "\n".join(form_line(name, value) for name, value in fields)


def form_line(name: str, value: str) -> str:
    """Write one field; the reverse of `parse_form` where lines can hold it."""
    if "\n" in value or "\r" in value or value.startswith(_QUOTES):
        return f"{name}={_QUOTES}\n{value}\n{_QUOTES}"
    return f"{name}={value}"


def exact_form_text(fields: Iterable[tuple[str, str]]) -> str | None:
    """Do the same as `form_text`; None = the lines would not parse to the same fields."""
    fields = tuple(fields)
    text = form_text(fields)
    try:
        return text if parse_form(text) == fields else None
    except FormMistake:
        return None


def encode_form(fields: tuple[tuple[str, str], ...]) -> str:
    """Encode as ``application/x-www-form-urlencoded`` (URL standard, section 5.2)."""
    return "&".join(encode_pair(name, value) for name, value in fields)


def _read_quoted(first: str, lines: Iterator[tuple[int, str]], start: int) -> str:
    if first.endswith(_QUOTES):
        return first.removesuffix(_QUOTES)
    value = [first] if first else []
    for _, line in lines:
        if line.rstrip().endswith(_QUOTES):
            last = line.rstrip().removesuffix(_QUOTES)
            return "\n".join([*value, last] if last else value)
        value.append(line.removesuffix("\r"))
    raise FormMistake(
        Mistake('the value that starts here has no closing """', start, 1)
    )


def is_blank(body: Body) -> bool:
    """Return whether a body is empty or only white space."""
    return body.type is not BodyType.FILE and not body.text.strip()


def form_fields(body: Body) -> tuple[tuple[str, str], ...]:
    """Return the fields of a form; none for another type or an incomplete form."""
    if body.type is not BodyType.FORM:
        return ()
    try:
        return parse_form(body.text)
    except FormMistake:
        return ()  # The encoder reports the mistake.
