"""Find the lists and objects of an indented JSON document in one pass.

A line's depth is its indentation. Objects are scanned line by line. The items of a list
are found by their depth alone, without a look at their contents.
"""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from msgspec import Struct, field

from mixtui.document.layout import Layout
from mixtui.jsonbytes import split_member
from mixtui.patterns import compile_late
from mixtui.system import CancelToken
from mixtui.tables.cells import KEY, Path, string_text

INDENT = 2
_MAX_DEPTH = 6
"""Objects nested more deeply are not inspected."""
MAX_EXAMINED_ITEMS = 1000
"""Items that determine what a list contains."""
_DATE = compile_late(r"\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)


class Container(Struct):
    """A list or an object, which may not have ended yet."""

    path: Path
    depth: int
    is_list: bool
    starts: array[int] = field(default_factory=lambda: array("Q"))
    """The line where each item or member starts."""
    end: int | None = None
    """The line of its closing bracket."""
    is_inspected: bool = True
    """Whether its contents were inspected."""
    object_count: int = 0
    list_count: int = 0
    number_count: int = 0
    series_count: int = 0
    """How many members are objects with numbers by date."""
    by_date: bool = False
    """Whether its first key is a date."""

    def count_item(self, value: bytes) -> None:
        """Record the kind of an item by its first byte."""
        if value == b"{":
            self.object_count += 1
        elif value == b"[":
            self.list_count += 1
        elif value in b"-0123456789":
            self.number_count += 1


class Outline:
    """Walks a layout as it grows.

    Args:
        layout: JSON, indented by two spaces per level, one value per line.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._line = 0
        """The next line to scan."""
        self.open: list[Container] = []
        """Containers that have not ended, from the root on."""
        self.ended: list[Container] = []
        """Containers that have ended; the caller empties it."""

    def advance(self, complete: bool, token: CancelToken) -> bool:
        """Scan the next part; return whether there is more.

        Raises:
            Cancelled: The token was cancelled; the next call resumes.
            OSError: The body cannot be read.
        """
        count = self._layout.line_count
        lines = count if complete else count - 1  # The last line may be incomplete.
        token.checkpoint(self._line, max(lines, 1))
        if self._line >= lines:
            return False
        text, next_line = lines_from(self._layout, self._line, lines)
        self._walk(b"\n" + text, self._line)
        self._line = next_line
        return next_line < lines

    def _walk(self, text: bytes, line: int) -> None:
        """Scan some lines.

        Args:
            text: The lines, each preceded by a line break.
            line: The number of the first line.
        """
        index = 0
        while index < len(text):
            top = self.open[-1] if self.open else None
            if top is not None and (top.is_list or not top.is_inspected):
                close = text.find(_closing_line(top), index)
                if top.is_list:
                    index, line = _scan_items(
                        top, text, index, len(text) if close < 0 else close, line
                    )
                if close < 0:
                    return
                line += text.count(b"\n", index, close)
                index = close
                self._close(line)
            else:
                self._process_line(top, text[index + 1 : _line_end(text, index)], line)
            index = _line_end(text, index)
            line += 1

    def _process_line(self, top: Container | None, text: bytes, line: int) -> None:
        """Process a line directly inside an object, or at the root."""
        text = text.strip()
        if top is None:
            self._open(Container((), 0, text == b"["), text)
            return
        if text[:1] == b"}":
            self._close(line)
            return
        name, value = split_member(text)
        if not top.starts:
            top.by_date = is_date(string_text(name))
        top.starts.append(line)
        top.count_item(value[:1])
        child = (*top.path, string_text(name))
        self._open(Container(child, top.depth + 1, value == b"["), value)

    def _open(self, container: Container, value: bytes) -> None:
        if value in (b"{", b"["):
            container.is_inspected = container.depth <= _MAX_DEPTH
            self.open.append(container)

    def _close(self, line: int) -> None:
        ended = self.open.pop()
        ended.end = line
        if self.open and ended.by_date and ended.number_count == len(ended.starts):
            self.open[-1].series_count += 1
        self.ended.append(ended)


def is_date(text: str) -> bool:
    """Return whether a text starts with a date."""
    return _DATE.match(text) is not None


def lines_from(layout: Layout, line: int, limit: int) -> tuple[bytes, int]:
    """Return the lines from `line` that start in the same part, and the next line's number.

    The last one may continue in the next part, which does not matter for its depth.
    """
    part = layout.part(layout.part_of(line))
    text, first = part.text, part.first_line
    start = 0
    for _ in range(line - first):
        start = text.index(b"\n", start) + 1
    text = text[start:]
    next_line = line + text.count(b"\n") + 1
    if next_line > limit:
        lines = text.split(b"\n", limit - line)[: limit - line]
        return b"\n".join(lines), limit
    return text, next_line


def _scan_items(
    top: Container, text: bytes, index: int, stop: int, line: int
) -> tuple[int, int]:
    """Record the items of a list up to an offset; return the last one's offset and line."""
    for match in _item_pattern(top.depth + 1).finditer(text, index, stop):
        line += text.count(b"\n", index, match.start())
        index = match.start()
        if len(top.starts) < MAX_EXAMINED_ITEMS:
            top.count_item(match[1])
        top.starts.append(line)
    return index, line


_ITEM_PATTERNS: dict[int, re.Pattern[bytes]] = {}


def _item_pattern(depth: int) -> re.Pattern[bytes]:
    """Return the pattern of an item's start: line break, spaces and first byte."""
    if depth not in _ITEM_PATTERNS:
        spaces = " " * (INDENT * depth)
        _ITEM_PATTERNS[depth] = re.compile(rf"\n{spaces}([^ \]}}])".encode())
    return _ITEM_PATTERNS[depth]


def _closing_line(container: Container) -> bytes:
    bracket = b"]" if container.is_list else b"}"
    return b"\n" + b" " * (INDENT * container.depth) + bracket


def _line_end(text: bytes, index: int) -> int:
    """Return the offset of the line break that ends a line, or the end of the text."""
    end = text.find(b"\n", index + 1)
    return len(text) if end < 0 else end


MAX_RECORD_BYTES = 16_000_000
"""Bytes; a larger record is not parsed."""
_CACHED_PAGES = 6
"""Parts of the layout with the offsets of their lines."""


class _Page(NamedTuple):
    """A part and the offsets of its lines."""

    text: bytes
    first: int
    """The number of the first line that starts in it."""
    starts: array[int]
    continues: bool
    """Whether it starts within a line."""


class FormattedRecords:
    """The items of a list, or the members of an object with their keys.

    Args:
        layout: The layout that contains it.
        container: The list or object, which may still grow.
    """

    def __init__(self, layout: Layout, container: Container) -> None:
        self._layout = layout
        self._container = container
        self._pages: OrderedDict[int, _Page] = OrderedDict()

    @property
    def count(self) -> int:
        """How many records are complete."""
        started = len(self._container.starts)
        return started if self._container.end is not None else max(started - 1, 0)

    def text(self, number: int) -> bytes:
        """Return a record, formatted.

        Raises:
            IndexError: No such record.
        """
        if not 0 <= number < self.count:
            raise IndexError(f"No record {number}.")
        start, end = self._span(number)
        return self._lines(self._layout.part_of(start), start, end)

    def texts(self, start: int = 0) -> Iterator[bytes]:
        """Yield the records from `start` on, as far as they are complete."""
        index, page = -1, None
        for number in range(start, self.count):
            first, last = self._span(number)
            if page is not None and last - page.first < len(page.starts):
                edges = page.starts
                begin, end = edges[first - page.first], edges[last - page.first]
                yield _strip_record(page.text[begin:end])
                continue
            index = self._layout.part_of(first)
            page = self._page(index)
            yield self._lines(index, first, last)

    def path(self, number: int, column: Path) -> Path:
        """Return the path of a record's value in the document."""
        step: str | int = number
        if not self._container.is_list:
            step = string_text(split_member(self.text(number))[0])
        return (*self._container.path, step, *(() if column == KEY else column))

    def _span(self, number: int) -> tuple[int, int]:
        starts, end = self._container.starts, self._container.end
        if number + 1 < len(starts):
            return starts[number], starts[number + 1]
        return starts[number], starts[number] + 1 if end is None else end

    def _lines(self, index: int, first: int, last: int) -> bytes:
        """Return the lines from `first` to `last` as one text.

        Args:
            index: The part in which `first` starts.
        """
        page = self._page(index)
        begin = page.starts[first - page.first]
        pieces, size = [], 0
        while size < MAX_RECORD_BYTES:
            if 0 <= last - page.first < len(page.starts):
                pieces.append(page.text[begin : page.starts[last - page.first]])
                break
            pieces.append(page.text[begin:])
            size += len(pieces[-1])
            index += 1
            if index >= self._layout.part_count:
                break
            page, begin = self._page(index), 0
            if not page.continues:
                pieces.append(b"\n")
        return _strip_record(b"".join(pieces))

    def _page(self, index: int) -> _Page:
        page = self._pages.get(index)
        if page is None:
            page = _read_page(self._layout, index)
            if index + 1 < self._layout.part_count:  # The last part may still grow.
                self._pages[index] = page
                while len(self._pages) > _CACHED_PAGES:
                    self._pages.popitem(last=False)
        return page


def _read_page(layout: Layout, index: int) -> _Page:
    part = layout.part(index)
    lengths = [len(line) + 1 for line in part.text.split(b"\n")]
    starts = array("Q", accumulate(lengths[:-1], initial=0))
    if not part.start:
        return _Page(part.text, part.first_line, starts, False)
    return _Page(part.text, part.first_line + 1, starts[1:], True)


def _strip_record(text: bytes) -> bytes:
    return text.strip(b" \n").removesuffix(b",")
