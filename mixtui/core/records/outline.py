"""What lists and objects a laid-out JSON document holds, found in one pass.

A line's depth is its spaces. Objects are walked by the line; the items of a list are
found by their depth alone, and nothing inside them is looked at.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field

from mixtui.core.layout import Layout
from mixtui.core.records.cells import Path, text_of
from mixtui.core.records.readers import divided
from mixtui.core.records.watch import Watch

INDENT = 2
_DEEPEST = 6
"""Objects nested deeper are not walked."""
ITEMS_LOOKED_AT = 1000
"""So many items say what a list is of."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)


@dataclass(slots=True)
class Container:
    """A list or an object, which may not have ended yet."""

    path: Path
    depth: int
    is_list: bool
    starts: array[int] = field(default_factory=lambda: array("Q"))
    """The line that each item or member starts in."""
    end: int | None = None
    """The line of its closing bracket."""
    walked: bool = True
    """Whether what is inside it was looked at."""
    objects: int = 0
    lists: int = 0
    numbers: int = 0
    dated: int = 0
    """Members that are objects with a number a date."""
    by_date: bool = False
    """Whether its first key is a date."""

    def counts(self, value: bytes) -> None:
        """Take note of what an item is by its first byte."""
        if value == b"{":
            self.objects += 1
        elif value == b"[":
            self.lists += 1
        elif value in b"-0123456789":
            self.numbers += 1


class Outline:
    """Walks through a layout as it grows.

    Args:
        layout: JSON, indented by two spaces a level, one value a line.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._line = 0
        """All before this line is looked at."""
        self.open: list[Container] = []
        """From the root on, those that have not ended."""
        self.ended: list[Container] = []
        """Those that have since this was emptied last."""

    def advance(self, complete: bool, watch: Watch) -> bool:
        """Look at the next part; whether there is more.

        Raises:
            Stopped: As wanted; nothing is lost.
            OSError: The body cannot be read.
        """
        count = self._layout.line_count
        lines = count if complete else count - 1  # The last one may be half a line.
        watch.step(self._line, max(lines, 1))
        if self._line >= lines:
            return False
        text, after = lines_from(self._layout, self._line, lines)
        self._walk(b"\n" + text, self._line)
        self._line = after
        return after < lines

    def _walk(self, text: bytes, line: int) -> None:
        """Look at some lines.

        Args:
            text: The lines, each behind a line break.
            line: The number of the first one.
        """
        at = 0
        while at < len(text):
            top = self.open[-1] if self.open else None
            if top is not None and (top.is_list or not top.walked):
                close = text.find(_closing(top), at)
                if top.is_list:
                    at, line = _items(
                        top, text, at, len(text) if close < 0 else close, line
                    )
                if close < 0:
                    return
                line += text.count(b"\n", at, close)
                at = close
                self._end(line)
            else:
                self._member(top, text[at + 1 : _line_end(text, at)], line)
            at = _line_end(text, at)
            line += 1

    def _member(self, top: Container | None, text: bytes, line: int) -> None:
        """Look at a line directly inside an object, or at the root."""
        text = text.strip()
        if top is None:
            self._enter(Container((), 0, text == b"["), text)
            return
        if text[:1] == b"}":
            self._end(line)
            return
        name, value = divided(text)
        if not top.starts:
            top.by_date = is_date(text_of(name))
        top.starts.append(line)
        top.counts(value[:1])
        child = (*top.path, text_of(name))
        self._enter(Container(child, top.depth + 1, value == b"["), value)

    def _enter(self, container: Container, value: bytes) -> None:
        if value in (b"{", b"["):
            container.walked = container.depth <= _DEEPEST
            self.open.append(container)

    def _end(self, line: int) -> None:
        ended = self.open.pop()
        ended.end = line
        if self.open and ended.by_date and ended.numbers == len(ended.starts):
            self.open[-1].dated += 1
        self.ended.append(ended)


def is_date(text: str) -> bool:
    """Whether a text starts as a date does."""
    return _DATE.match(text) is not None


def lines_from(layout: Layout, line: int, limit: int) -> tuple[bytes, int]:
    """The lines from one on that start in the same part, and the line after them.

    The last one may go on in the next part, which is of no use to who wants its depth.
    """
    part = layout.part(layout.part_of(line))
    text, first = part.text, part.first_line
    start = 0
    for _ in range(line - first):
        start = text.index(b"\n", start) + 1
    text = text[start:]
    after = line + text.count(b"\n") + 1
    if after > limit:
        kept = text.split(b"\n", limit - line)[: limit - line]
        return b"\n".join(kept), limit
    return text, after


def _items(
    top: Container, text: bytes, at: int, stop: int, line: int
) -> tuple[int, int]:
    """Note the items of a list up to a position; the last one's position and line."""
    for match in _item(top.depth + 1).finditer(text, at, stop):
        line += text.count(b"\n", at, match.start())
        at = match.start()
        if len(top.starts) < ITEMS_LOOKED_AT:
            top.counts(match[1])
        top.starts.append(line)
    return at, line


_ITEMS: dict[int, re.Pattern[bytes]] = {}


def _item(depth: int) -> re.Pattern[bytes]:
    """The start of an item at a depth: its line break, its spaces, its first byte."""
    if depth not in _ITEMS:
        spaces = " " * (INDENT * depth)
        _ITEMS[depth] = re.compile(rf"\n{spaces}([^ \]}}])".encode())
    return _ITEMS[depth]


def _closing(container: Container) -> bytes:
    bracket = b"]" if container.is_list else b"}"
    return b"\n" + b" " * (INDENT * container.depth) + bracket


def _line_end(text: bytes, at: int) -> int:
    """Where the line break after the line at a position is, or the end."""
    end = text.find(b"\n", at + 1)
    return len(text) if end < 0 else end
