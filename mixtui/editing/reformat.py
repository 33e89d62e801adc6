"""Format, minify and sort JSON that a person types, without changing any value.

Only white space moves, and whole members when keys are sorted: numbers, escapes, duplicate
keys and ``{{templates}}`` stay as written. What is not JSON, comments included, is refused
with its first error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from enum import Enum

from msgspec import Struct, field

from mixtui import jsontext
from mixtui.document.json_fragment import replace_lone_surrogates
from mixtui.document.json_layout import too_deep
from mixtui.jsontext import Mistake
from mixtui.model.draft import BodyType
from mixtui.patterns import compile_late
from mixtui.request.templates import Literal, mask_templates, parse_template

_INDENTED = 2
_COMPACT = -1
_TOKEN = compile_late(r'"(?:[^"\\]|\\.)*"|[][{}]|[^][{},:"\s]+')


class Reformat(Enum):
    """What can be done with a JSON body; the value says it of one."""

    FORMAT = "formatted"
    MINIFY = "minified"
    SORT_KEYS = "sorted"


class Reformatted(Struct, frozen=True):
    """A text, and where its cursor is then."""

    text: str
    row: int
    """From 0."""
    column: int
    """From 0."""


def reason_against(how: Reformat, kind: BodyType) -> str:
    """Return why a body of a type cannot be reformatted, as a sentence; empty = it can."""
    if kind is BodyType.NDJSON and how is Reformat.FORMAT:
        return "JSON lines keep one record per line: minify them instead."
    if kind not in (BodyType.JSON, BodyType.NDJSON):
        return f"Only JSON bodies can be {how.value}."
    return ""


def reformat(
    how: Reformat, kind: BodyType, text: str, row: int, column: int
) -> Reformatted | Mistake:
    """Reformat a body of JSON or JSON lines, or return its first error.

    Args:
        how: What to do.
        kind: The type of the body; it must suit.
        text: The body.
        row: That of the cursor, from 0. It stays at its character, or in its line.
        column: That of the cursor, from 0.
    """
    change = _CHANGES[how]
    is_lines = kind is BodyType.NDJSON
    changed = each_line(change, text) if is_lines else change(text)
    if isinstance(changed, Mistake):
        return changed
    lines = text.split("\n")
    if how is Reformat.SORT_KEYS:
        return Reformatted(changed, _nearest_line(lines[row], row, changed), column)
    offset = sum(len(line) + 1 for line in lines[:row]) + column
    line, place = jsontext.line_and_column(
        changed, _moved_offset(text, offset, changed)
    )
    return Reformatted(changed, line - 1, place - 1)


def _nearest_line(line: str, row: int, changed: str) -> int:
    """Return the row nearest to a row whose line is the same but for its end."""
    wanted = line.strip(" \t\r,")
    rows = [i for i, each in enumerate(changed.split("\n")) if wanted in each]
    return min(rows, key=lambda each: abs(each - row), default=row)


def format_json(text: str) -> str | Mistake:
    """Return a document indented, or its first error."""
    return _laid_out(text, _INDENTED)


def minify(text: str) -> str | Mistake:
    """Return a document without white space between its tokens, or its first error."""
    return _laid_out(text, _COMPACT)


def sort_keys(text: str) -> str | Mistake:
    """Return a document with the keys of every object in order, or its first error.

    It is indented if it has several lines, else minified. Equal keys keep their order.
    """
    indent = _INDENTED if "\n" in text.strip() else _COMPACT
    return _laid_out(text, indent, _with_sorted_keys)


def each_line(change: Callable[[str], str | Mistake], text: str) -> str | Mistake:
    """Change each record of JSON lines; the error names its line of the whole text."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        changed = change(line)
        if isinstance(changed, Mistake):
            return Mistake(changed.message, index + 1, changed.column)
        lines[index] = changed
    return "\n".join(lines)


def _moved_offset(text: str, offset: int, changed: str) -> int:
    """Return the offset of a character of the text after only white space has moved."""
    wanted = len("".join(text[:offset].split()))
    seen = 0
    for match in re.finditer(r"\S+", changed):
        if seen + len(match[0]) >= wanted:
            return match.start() + wanted - seen
        seen += len(match[0])
    return len(changed)


_CHANGES = {
    Reformat.FORMAT: format_json,
    Reformat.MINIFY: minify,
    Reformat.SORT_KEYS: sort_keys,
}


def _laid_out(
    text: str, indent: int, change: Callable[[str], str] | None = None
) -> str | Mistake:
    hidden = _HiddenTemplates.of(text)
    data = _encoded(hidden.text)
    # Deeper than a response may be to be shown. Python 3.14 stops at no depth, and the
    # indentation alone grows with the square of it.
    if too_deep(data, ()) is not None:
        return Mistake("nested too deeply", 1, 1)
    data, mask = replace_lone_surrogates(data) or (data, b"\\")
    try:
        if change is not None:
            data = _encoded(change(_decoded(_format(data, _COMPACT), mask)))
            data, mask = replace_lone_surrogates(data) or (data, b"\\")
        data = _format(data, indent)
    except ValueError as error:
        return jsontext.check(mask_templates(text)) or Mistake(str(error), 1, 1)
    return hidden.restored(_decoded(data, mask))


def _format(data: bytes, indent: int) -> bytes:
    import msgspec

    return msgspec.json.format(data, indent=indent)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(data: bytes, mask: bytes) -> str:
    return data.replace(mask, b"\\").decode("utf-8", "surrogatepass")


class _HiddenTemplates(Struct, frozen=True):
    """A text in which digits that it has nowhere else stand for its templates.

    So JSON with templates becomes JSON, in strings, in names and as values.
    """

    text: str
    mark: str
    """The digits before the index of a template."""
    templates: list[str]

    @classmethod
    def of(cls, text: str) -> _HiddenTemplates:
        """Hide the references and the escapes of a text."""
        if "{{" not in text:
            return cls(text, "", [])
        number = 0
        # One 8 at its start: no digits before it can be read as a part of it.
        while (mark := f"8{number:o}0") in text:
            number += 1
        templates: list[str] = []
        pieces: list[str] = []
        for part in parse_template(text):
            if isinstance(part, Literal):
                pieces.append(part.text)
            else:
                pieces.append(f"{mark}{len(templates):07}")
                templates.append(part.text)
        return cls("".join(pieces), mark, templates)

    def restored(self, text: str) -> str:
        """Write the templates back into a text."""
        if not self.templates:
            return text
        marks = re.compile(rf"{self.mark}(\d{{7}})")
        return marks.sub(lambda match: self.templates[int(match[1])], text)


class _Container(Struct):
    """An object or a list whose end has not come."""

    is_object: bool
    key: str = ""
    """The name that a value is awaited for; empty = a name is awaited."""
    members: list[tuple[str, str]] = field(default_factory=list)
    """What they are sorted by, and their texts."""

    def add(self, text: str) -> None:
        """Take the next name or value."""
        if not self.is_object:
            self.members.append(("", text))
        elif not self.key:
            self.key = text
        else:
            order = str(json.loads(self.key)) if "\\" in self.key else self.key[1:-1]
            self.members.append((order, f"{self.key}:{text}"))
            self.key = ""

    def sorted_text(self) -> str:
        """Return it with its names in order."""
        if self.is_object:
            self.members.sort(key=lambda member: member[0])
        inside = ",".join(text for _, text in self.members)
        return f"{{{inside}}}" if self.is_object else f"[{inside}]"


def _with_sorted_keys(compact: str) -> str:
    """Sort the names in every object of a valid document."""
    open_containers = [_Container(is_object=False)]
    for match in _TOKEN.finditer(compact):
        token = match[0]
        if token in ("{", "["):
            open_containers.append(_Container(is_object=token == "{"))
        elif token in ("}", "]"):
            closed = open_containers.pop()
            open_containers[-1].add(closed.sorted_text())
        else:
            open_containers[-1].add(token)
    return open_containers[0].members[0][1]
