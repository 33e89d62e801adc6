"""A piece of a JSON document laid out by itself.

A document is cut at commas. Each piece becomes a document of its own for a moment, by
brackets set around it for the containers that it stands in, is indented in one go, and
loses the lines of those brackets again. So a body of any size is laid out piece by
piece, at the speed of `msgspec.json.format`, and every number, key and their order stay
as they came.
"""

from __future__ import annotations

import re
from typing import NamedTuple

INDENT = 2
DEEPEST = 250
"""Levels; what is nested more deeply is shown as it came."""
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NET = re.compile(rb"([\]}]*)([\[{]*)")
_AT = re.compile(r" \(byte (\d+)\)$")
_MANY = 3


class Frame(NamedTuple):
    """A list or object that is open at some point of a document."""

    is_object: bool
    key: bytes
    """The JSON text of its name in the object around it; empty if it has none."""
    children: int
    """How many of its values started before that point."""


Stack = tuple[Frame, ...]
"""The containers open at some point, the outermost first."""


class Malformed(ValueError):
    """A piece is not JSON; the text says why."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.position = position
        """The byte of the piece up to which it is JSON."""


class Trailing(Malformed):
    """The document ends within the piece, and something follows."""


class TooDeep(Malformed):
    """Nested more deeply than can be shown."""


class Cut(NamedTuple):
    """How a piece changes the stack."""

    end: int
    """The byte of the comma that ends the piece."""
    closed: int
    """How many of the containers open at its start it closes."""
    opened: bytes
    """The opening brackets of those that it leaves open."""


class Frag(NamedTuple):
    """A piece of a document, and all that is needed to lay it out."""

    start: int
    """Its first byte."""
    end: int
    """The byte after its last; a comma, unless the document ends there."""
    stack: Stack
    """At its start."""
    closed: int
    """How many of these it closes."""
    opened: bytes
    """The opening brackets of what it leaves open."""
    comma: bool
    """Whether a comma follows."""
    first_line: int
    """Of the layout."""

    @property
    def lowest(self) -> int:
        """The number of containers that stay open throughout."""
        return len(self.stack) - self.closed

    @property
    def around(self) -> int:
        """The number of containers around it that need no brackets."""
        return max(0, self.lowest - 1)


def render(fragment: Frag, data: bytes) -> bytes:
    """The lines of a piece.

    Raises:
        Malformed: It is not JSON.
    """
    import msgspec

    around = fragment.around
    within = fragment.stack[around:]
    openers = b"".join(
        [
            (b'"":' if i and within[i - 1].is_object else b"")
            + (b"{" if frame.is_object else b"[")
            for i, frame in enumerate(within)
        ]
    )
    open_at_end = b"".join(
        b"{" if f.is_object else b"[" for f in fragment.stack[around : fragment.lowest]
    )
    open_at_end += fragment.opened
    closers = open_at_end.translate(bytes.maketrans(b"[{", b"]}"))[::-1]
    try:
        text = msgspec.json.format(b"%b%b%b" % (openers, data, closers), indent=INDENT)
    except RecursionError:
        raise TooDeep("it is nested too deeply", 0) from None
    except msgspec.DecodeError as error:
        raise _malformed(str(error), len(openers), len(data)) from None
    text = _without_brackets(text, len(within), len(closers))
    if around:
        pad = b" " * (INDENT * around)
        text = pad + text.replace(b"\n", b"\n" + pad)
    return text + b"," if fragment.comma else text


def _without_brackets(text: bytes, before: int, behind: int) -> bytes:
    start, end = 0, len(text)
    for _ in range(before):
        start = text.index(b"\n", start) + 1
    for _ in range(behind):
        end = text.rindex(b"\n", 0, end)
    return text[start:end]


def _malformed(message: str, before: int, length: int) -> Malformed:
    # msgspec says "JSON is malformed: invalid character (byte 12)" and the like.
    reason = message.removeprefix("JSON is malformed: ")
    found = _AT.search(reason)
    position = int(found.group(1)) - before if found else length
    reason = _AT.sub("", reason)
    reason = reason[:1].lower() + reason[1:]
    if reason == "trailing characters":
        return Trailing(reason, position - 1)  # It names the byte behind the first.
    if position >= length or not found:
        return Malformed("it ends in the middle of a value", length)
    return Malformed(reason, max(0, position))


def cut(data: bytes, stack: Stack) -> Cut | None:
    """The last comma that a piece can be cut at; None = there is none.

    Args:
        data: From the start of a value or member on; it may end anywhere.
        stack: What is open at its start.

    Raises:
        Malformed: The brackets do not fit.
    """
    # Same length, but no quotation mark that does not begin or end a text.
    plain = data.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    pieces = plain.split(b'"')
    end = len(data)
    for number in range(len(pieces) - 1, -1, -1):
        end -= len(pieces[number])
        if number % 2 == 0 and (comma := pieces[number].rfind(b",")) >= 0:
            pieces[number] = pieces[number][:comma]
            brackets = b"".join(pieces[: number + 1 : 2]).translate(None, _NO_BRACKETS)
            return Cut(end + comma, *_net(brackets, stack))
        end -= 1
    return None


def likely_cuts(data: bytes, stack: Stack) -> list[Cut]:
    """Places where a list of records is probably between two of them.

    Whether they are is only known when the piece is laid out: a comma inside a text, or
    at another depth, makes a piece that is not JSON. That is quicker than to look.
    """
    found: list[Cut] = []
    end = len(data)
    while stack and len(found) < _MANY and (end := data.rfind(b"},", 0, end)) > 0:
        found.append(Cut(end + 1, 0, b""))
    return found


def _net(brackets: bytes, stack: Stack) -> tuple[int, bytes]:
    """How many open containers brackets close, and which they leave open."""
    for _ in range(DEEPEST * 2):
        fewer = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    else:
        raise TooDeep("it is nested too deeply", 0)
    found = _NET.fullmatch(brackets)
    if found is None:
        raise Malformed("a bracket does not fit", 0)
    closers, openers = found.groups()
    if len(stack) - len(closers) + len(openers) > DEEPEST:
        raise TooDeep("it is nested too deeply", 0)
    return min(len(closers), len(stack)), openers


def stack_after(fragment: Frag, text: bytes) -> Stack:
    """What is open behind a piece, by its lines."""
    level = fragment.lowest - 1
    stack = list(fragment.stack[: fragment.lowest])
    if level >= 0:
        more = children(text, level + 1)
        stack[level] = stack[level]._replace(children=stack[level].children + more)
    start = 0
    for bracket in fragment.opened:
        level += 1
        start = _opener(text, level, start)
        line = text[start : text.index(b"\n", start)]
        within = text[start:]
        key = line.lstrip()[:-1].rpartition(b": ")[0]
        stack.append(Frame(bracket == 0x7B, key, children(within, level + 1)))
    return tuple(stack)


def _opener(text: bytes, level: int, after: int) -> int:
    """Where the last line at a level starts that begins a value."""
    indent = b"\n" + b" " * (INDENT * level)
    found = max(text.rfind(indent + sign, after) for sign in (b'"', b"{", b"["))
    return found + 1 if found >= 0 else after


def children(text: bytes, level: int) -> int:
    """How many values start at a level."""
    indent = b"\n" + b" " * (INDENT * level)
    text = b"\n" + text
    closers = text.count(indent + b"}") + text.count(indent + b"]")
    return text.count(indent) - text.count(indent + b" ") - closers
