"""What is wrong with a piece of JSON, and where exactly."""

from __future__ import annotations

import re

from mixtui.core.json_cuts import TEXT
from mixtui.core.json_fragment import (
    DEEPEST,
    Fragment,
    Malformed,
    Stack,
    TooDeep,
    render,
)

_STRUCTURE = re.compile(rb"%b?|[\[{][ \t\r\n]*+[\]}]|[\[\]{}]" % TEXT, re.DOTALL)
"""Texts, empty lists and objects, and the brackets of others."""
_ROOM = b" " * 8


def mistake(data: bytes, stack: Stack) -> Malformed | None:
    """What is wrong with a piece that may end anywhere, or that it ends too early.

    None = it is the end of a document. What is found does not depend on where pieces
    begin and end.
    """
    deep = too_deep(data, stack)
    good = data[:deep]
    problem = _at_the_end(good, stack)
    if problem is not None and problem.position >= len(good):
        if deep is not None:
            return TooDeep(deep)
        if not good[-1:].isalpha():
            # msgspec does not look at «tru,» unless as much as «true,» could be there.
            closer = _at_the_end(good + _ROOM, stack)
            if closer is not None and closer.position < len(good):
                return closer
    return problem


def _at_the_end(data: bytes, stack: Stack) -> Malformed | None:
    try:
        render(Fragment(0, len(data), stack, len(stack), b"", False, 0), data)
    except Malformed as problem:
        return problem
    return None


def too_deep(data: bytes, stack: Stack) -> int | None:
    """The position of the first bracket within too many others."""
    depth = len(stack)
    if depth + data.count(b"[") + data.count(b"{") <= DEEPEST:
        return None
    for found in _STRUCTURE.finditer(data):
        token = found[0]
        if token in (b"[", b"{"):
            depth += 1
            if depth > DEEPEST:
                return found.start()
        elif token in (b"]", b"}"):
            depth -= 1
    return None
