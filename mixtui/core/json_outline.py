"""Where a line of laid-out JSON stands: its path, where it ends, what it holds.

Nothing is searched further than it must be: each piece of the layout knows what is open
at its start and how many values came before.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from mixtui.core.json_fragment import INDENT, Stack, children
from mixtui.core.json_layout import IndentedJson

_KEY = re.compile(rb'\s*("[^"\\]*(?:\\.[^"\\]*)*"): ')
_CLOSERS = (b"}", b"]")
_OPENERS = (b"{", b"[")

OutlineStep = str | int
"""A member's name or an item's index."""


@dataclass(frozen=True, slots=True)
class ValueSpan:
    """An object or list that takes more than one line."""

    start: int
    """The line of its opening bracket."""
    end: int
    """The line of its closing bracket."""
    children: int
    """How many members or items it has."""
    is_object: bool


def path(layout: IndentedJson, line: int) -> tuple[OutlineStep, ...] | None:
    """The steps from the root to the value on a line; None = the line is no JSON.

    On a closing bracket: those to what it closes.
    """
    if not 0 <= line < layout.laid_out:
        return None
    own = layout.raw(line)
    if _closes(own):
        start = _opening(layout, line, depth_of(own))
        return None if start is None else path(layout, start)
    part = layout.part_of(line)
    first, level = layout.part(part).first_line, depth_of(own)
    steps: list[OutlineStep] = []
    # Counted in one text: a list may have more items here than a loop should see.
    text = b"\n".join(layout.lines_of(part)[: line - first])
    while level and (start := _last_at(text, level - 1)) is not None:
        end = text.find(b"\n", start)
        before = children(text[end + 1 :], level) if end >= 0 else 0
        steps.append(_step(own, before))
        own = text[start : None if end < 0 else end]
        text, level = text[: max(0, start - 1)], level - 1
    stack = layout.fragments[part].stack
    if level:
        before = children(text, level) if text else 0
        steps.append(_step(own, stack[level - 1].children + before))
        steps += [_label(stack, at) for at in range(level - 1, 0, -1)]
    return tuple(reversed(steps))


def _last_at(text: bytes, level: int) -> int | None:
    """Where the last line at a level starts that begins a value."""
    indent = b" " * (INDENT * level)
    found = max(text.rfind(b"\n" + indent + sign) for sign in (b'"', b"{", b"["))
    if found >= 0:
        return found + 1
    starts = tuple(indent + sign for sign in (b'"', b"{", b"["))
    return 0 if text.startswith(starts) else None


def span_of(layout: IndentedJson, line: int) -> ValueSpan | None:
    """The object or list that starts or ends on a line; None = neither does.

    None also where its end has not come yet, or was never sent.
    """
    if not 0 <= line < layout.laid_out:
        return None
    text = layout.raw(line)
    level = depth_of(text)
    if _closes(text):
        start = _opening(layout, line, level)
        return None if start is None else span_of(layout, start)
    if not text.endswith(_OPENERS):
        return None
    found = _closing(layout, line, level)
    if found is None:
        return None
    end, part = found
    first = layout.part(part).first_line
    # The last piece knows how many there were before it.
    count = 0 if line >= first else layout.fragments[part].stack[level].children
    inside = layout.lines_of(part)[max(0, line - first + 1) : end - first]
    count += children(b"\n".join(inside), level + 1) if inside else 0
    return ValueSpan(line, end, count, text.endswith(b"{"))


def enclosing_span(layout: IndentedJson, line: int) -> ValueSpan | None:
    """The innermost object or list that starts or ends on a line, or that it is in."""
    own = span_of(layout, line)
    if own is not None or not 0 <= line < layout.laid_out:
        return own
    level = depth_of(layout.raw(line))
    start = _opening(layout, line, level - 1) if level else None
    return None if start is None else span_of(layout, start)


def depth_of(line: bytes) -> int:
    """How deeply the value on a line is nested."""
    return (len(line) - len(line.lstrip(b" "))) // INDENT


def _label(stack: Stack, level: int) -> OutlineStep:
    """The step that leads to a container that is open."""
    key = stack[level].key
    return _text(key) if key else stack[level - 1].children - 1


def _step(line: bytes, before: int) -> OutlineStep:
    found = _KEY.match(line)
    return before if found is None else _text(found.group(1))


def _text(key: bytes) -> str:
    text = key.decode("utf-8", "replace")
    try:
        return str(json.loads(text))
    except ValueError:
        return text


def _opening(layout: IndentedJson, line: int, level: int) -> int | None:
    """The last line before another at a level that opens something."""
    part = layout.part_of(line)
    until = line - layout.part(part).first_line
    while part >= 0:
        lines = layout.lines_of(part)
        for at in range(min(until, len(lines)) - 1, -1, -1):
            if depth_of(lines[at]) == level:
                return layout.part(part).first_line + at
        part, until = part - 1, len(lines) + layout.line_count
        while part > 0 and layout.fragments[part].lowest > level:
            part -= 1
    return None


def _closing(layout: IndentedJson, line: int, level: int) -> tuple[int, int] | None:
    """The next line behind another at a level that closes, and its part."""
    part, fragments = layout.part_of(line), layout.fragments
    closers = tuple(b" " * (INDENT * level) + bracket for bracket in _CLOSERS)
    begin = line + 1 - layout.part(part).first_line
    while part < len(fragments):
        lines = layout.lines_of(part)
        for at in range(begin, len(lines)):
            if lines[at].startswith(closers):
                return layout.part(part).first_line + at, part
        part, begin = part + 1, 0
        while part < len(fragments) and fragments[part].lowest > level:
            part += 1
    return None


def _closes(line: bytes) -> bool:
    return line.lstrip(b" ").startswith(_CLOSERS)
