"""Format a fragment of a JSON document.

A document is cut at commas. To be formatted, each fragment is made a document of its
own: brackets for the containers around it are added, it is indented in one call, and
the lines of those brackets are removed. A body of any size is thus formatted piece by
piece at the speed of `msgspec.json.format`, and numbers, keys and their order are
preserved.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import NamedTuple

from mixtui.patterns import compile_late

_ESCAPE = compile_late(rb"\\(?:(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
_NEVER_IN_UTF8 = (*range(0xF8, 0x100), 0xC0, 0xC1, *range(0xF5, 0xF8))


def replace_lone_surrogates(data: bytes) -> tuple[bytes, bytes] | None:
    """Return JSON with lone escaped surrogates masked, and the byte that masks them.

    None = there are none. The length does not change; replacing the byte by a backslash
    restores the text.
    """
    if b"\\ud" not in data and b"\\uD" not in data:
        return None
    unused = (bytes([byte]) for byte in _NEVER_IN_UTF8 if bytes([byte]) not in data)
    mask = next(unused, b"")
    text = _ESCAPE.sub(lambda match: _masked(match, mask), data) if mask else data
    return None if text == data else (text, mask)


def _masked(match: re.Match[bytes], mask: bytes) -> bytes:
    return match[0] if match[1] is None else mask + match[1]


INDENT = 2
DEEPEST = 250
"""Levels; deeper nesting is displayed unformatted."""
_DEEPER = b"\n" + b" " * (INDENT * (DEEPEST + 1))
_AT = compile_late(r" \(byte (\d+)\)$")
_HALF = compile_late("truncated|escape|surrogate")
"""How msgspec describes a lone surrogate."""
_MOST_DOCUMENTS = 4096
"""Documents in one fragment."""


class ContainerFrame(NamedTuple):
    """A list or object that is open at a position of a document."""

    is_object: bool
    key: bytes
    """The JSON text of its key in the parent object; empty if it has none."""
    children: int
    """How many of its values start before that position."""


Stack = tuple[ContainerFrame, ...]
"""The containers open at a position, outermost first."""


class Malformed(ValueError):
    """A fragment is not JSON; the message says why."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.position = position
        """The byte of the piece up to which it is JSON."""


class Trailing(Malformed):
    """The document ends within the fragment, and more follows."""


class TooDeep(Malformed):
    """The nesting is too deep to be formatted."""

    def __init__(self, position: int = 0) -> None:
        super().__init__("it is nested too deeply", position)


class Fragment(NamedTuple):
    """A fragment of a document, with everything needed to format it."""

    start: int
    """The offset of its first byte."""
    end: int
    """The offset after its last byte; of a comma, unless the document ends there."""
    stack: Stack
    """The containers open at its start."""
    closed: int
    """How many of these it closes."""
    opened: bytes
    """The opening brackets of the containers that it leaves open."""
    comma: bool
    """Whether a comma follows."""
    first_line: int
    """Its first line in the layout."""
    several: bool = False
    """Whether it consists of several complete documents."""

    @property
    def lowest(self) -> int:
        """Return the number of containers that stay open throughout."""
        return len(self.stack) - self.closed

    @property
    def around(self) -> int:
        """Return the number of containers around it that need no brackets."""
        return max(0, self.lowest - 1)


def render(fragment: Fragment, data: bytes) -> bytes:
    """Return the lines of a fragment.

    Raises:
        Malformed: It is not JSON.
    """
    if fragment.several:
        # The comma that follows belongs to none of them: here it ends the last one.
        return b"\n".join(documents(data + b" !")[0])
    if fragment.opened and data.rstrip()[-1:] in (b"[", b"{"):
        raise Malformed("invalid character", len(data))
    around = fragment.around
    within = fragment.stack[around:]
    openers = b"".join(
        [
            (b'"":' if i and within[i - 1].is_object else b"")
            + (b"{" if frame.is_object else b"[")
            for i, frame in enumerate(within)
        ]
    )
    if within:
        # The fragment follows a comma, so a value is needed before it.
        openers += b'"":0,' if within[-1].is_object else b"0,"
    open_at_end = b"".join(
        b"{" if f.is_object else b"[" for f in fragment.stack[around : fragment.lowest]
    )
    open_at_end += fragment.opened
    closers = open_at_end.translate(bytes.maketrans(b"[{", b"]}"))[::-1]
    try:
        text = _indented(b"%b%b%b" % (openers, data, closers))
    except Malformed as problem:
        index = problem.position - len(openers)
        problem.position = min(max(0, index), len(data))
        raise
    text = _without_brackets(text, len(within) + bool(within), len(closers))
    if around:
        pad = b" " * (INDENT * around)
        text = pad + text.replace(b"\n", b"\n" + pad)
    return text + b"," if fragment.comma else text


def documents(data: bytes) -> tuple[list[bytes], int]:
    """Return the lines of the complete documents at the start, and the offset of the
    rest.
    """
    texts: list[bytes] = []
    view, start, line_end = memoryview(data), 0, 0
    while len(texts) < _MOST_DOCUMENTS:
        if 0 <= line_end <= start:
            line_end = data.find(b"\n", start + 1)
        try:
            text, length = _document(view[start:], line_end - start)
        except Malformed:
            break
        texts.append(text)
        start += length
    return texts, start


def _document(data: memoryview, line_end: int) -> tuple[bytes, int]:
    """Return the lines and the length of the first document."""
    length = line_end
    text = b""
    if length > 0:
        with suppress(Malformed):
            text = _indented(data[:length])  # Try one document per line first.
    if not text:
        length = _length(data)
        text = _indented(data[:length])
    if len(text) > len(_DEEPER) and is_deep(text):
        raise TooDeep
    return text, length


def _length(data: memoryview) -> int:
    """Return the length of the first document in bytes.

    Raises:
        Malformed: Nothing follows it, or it is not JSON.
    """
    try:
        _indented(data)
    except Trailing as trailing:
        return trailing.position
    raise Malformed("nothing follows", len(data))


def is_deep(text: bytes) -> bool:
    """Return whether any line is indented too deeply to be displayed."""
    return _DEEPER in text


def _indented(data: bytes | memoryview) -> bytes:
    import msgspec

    try:
        return msgspec.json.format(data, indent=INDENT)
    except RecursionError:
        raise TooDeep from None
    except msgspec.DecodeError as error:
        # Its text alone: the error holds this frame, and the frame would hold the error.
        message = str(error)
    replaced = replace_lone_surrogates(bytes(data)) if _HALF.search(message) else None
    if replaced is None:
        raise _malformed(message, len(data)) from None
    text, mask = replaced
    try:
        return msgspec.json.format(text, indent=INDENT).replace(mask, b"\\")
    except RecursionError:
        raise TooDeep from None
    except msgspec.DecodeError as error:
        raise _malformed(str(error), len(data)) from None


def _without_brackets(text: bytes, before: int, after: int) -> bytes:
    start, end = 0, len(text)
    for _ in range(before):
        start = text.index(b"\n", start) + 1
    for _ in range(after):
        end = text.rindex(b"\n", 0, end)
    return text[start:end]


def _malformed(message: str, length: int) -> Malformed:
    # msgspec reports "JSON is malformed: invalid character (byte 12)" and the like.
    reason = message.removeprefix("JSON is malformed: ")
    match = _AT.search(reason)
    if match is None:
        return Malformed("it ends in the middle of a value", length)
    position = int(match[1])
    reason = _AT.sub("", reason)
    if reason == "trailing characters":
        return Trailing(reason, position - 1)  # It reports the byte after the first.
    return Malformed(reason, position)


def stack_after(fragment: Fragment, text: bytes) -> Stack:
    """Return the containers open after a fragment, derived from its lines."""
    level = fragment.lowest - 1
    stack = list(fragment.stack[: fragment.lowest])
    if level >= 0:
        opened = children(text, level + 1)
        stack[level] = stack[level]._replace(children=stack[level].children + opened)
    start = 0
    for bracket in fragment.opened:
        level += 1
        start = _opener(text, level, start)
        line = text[start : text.index(b"\n", start)]
        within = text[start:]
        key = line.lstrip()[:-1].rpartition(b": ")[0]
        stack.append(ContainerFrame(bracket == 0x7B, key, children(within, level + 1)))
    return tuple(stack)


def _opener(text: bytes, level: int, after: int) -> int:
    """Return the offset of the last line at a level that begins a value."""
    indent = b"\n" + b" " * (INDENT * level)
    position = max(text.rfind(indent + sign, after) for sign in (b'"', b"{", b"["))
    return position + 1 if position >= 0 else after


def children(text: bytes, level: int) -> int:
    """Count the values that start at a level."""
    indent = b"\n" + b" " * (INDENT * level)
    text = b"\n" + text
    closers = text.count(indent + b"}") + text.count(indent + b"]")
    return text.count(indent) - text.count(indent + b" ") - closers
