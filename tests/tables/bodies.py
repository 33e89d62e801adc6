"""Fake bodies for tests, formatted and divided into parts at awkward offsets."""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec

from mixtui.document.document import Language
from mixtui.document.layout import LayoutPart
from mixtui.document.source import BytesSource
from mixtui.system import CancelToken
from mixtui.tables.finder import Body, TableFinder
from mixtui.tables.table import Table


class FakeLayout:
    """A layout in parts of `size` bytes; a part may end within a line."""

    width = 100

    def __init__(self, text: bytes, size: int = 1 << 16) -> None:
        self.text = text
        self.size = size
        self.requested_parts: list[int] = []

    def grow(self, text: bytes) -> None:
        self.text += text

    @property
    def line_count(self) -> int:
        return self.text.count(b"\n") + 1

    @property
    def part_count(self) -> int:
        return max(1, len(self._parts()))

    def _parts(self) -> list[LayoutPart]:
        parts: list[LayoutPart] = []
        lines = self.text.split(b"\n")
        line = 0
        while line < len(lines):
            text = lines[line]
            if len(text) > self.size:  # Too long for one part.
                for start in range(0, len(text), self.size):
                    parts.append(
                        LayoutPart(line, text[start : start + self.size], start)
                    )
                line += 1
                continue
            last = line + 1
            while last < len(lines) and len(text) + len(lines[last]) < self.size:
                text += b"\n" + lines[last]
                last += 1
            parts.append(LayoutPart(line, text))
            line = last
        return parts

    def part(self, index: int) -> LayoutPart:
        self.requested_parts.append(index)
        return self._parts()[index]

    def part_of(self, line: int) -> int:
        if not 0 <= line < self.line_count:
            raise IndexError(line)
        starts = [p.first_line + (p.start > 0) for p in self._parts()]
        return max(i for i, start in enumerate(starts) if start <= line)

    def raw(self, line: int) -> bytes:
        return self.text.split(b"\n")[line]

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        return self.raw(index).decode("utf-8", "replace")


@dataclass(eq=False)
class FakeBody:
    """The attributes of a document that a table reads."""

    source: BytesSource
    language: Language
    layout: FakeLayout
    complete: bool = True


def json_body(value: object, size: int = 1 << 16) -> FakeBody:
    """Make a JSON body of a value; bytes are already JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    formatted = msgspec.json.format(data, indent=2)
    return FakeBody(BytesSource(data), Language.JSON, FakeLayout(formatted, size))


def text_body(data: bytes, language: Language = Language.JSON_LINES) -> FakeBody:
    """Make a body that is shown raw."""
    return FakeBody(BytesSource(data), language, FakeLayout(data))


def find_tables(body: Body, token: CancelToken | None = None) -> tuple[Table, ...]:
    """Find the tables of a complete body, the most useful first."""
    return TableFinder(body).advance(token or CancelToken())
