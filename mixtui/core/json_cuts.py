"""Where a JSON document can be cut into pieces: at commas that are in no text."""

from __future__ import annotations

import re
from typing import NamedTuple

from mixtui.core.json_fragment import DEEPEST, Malformed, Stack, TooDeep

TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_FIRST_COMMA = re.compile(rb'[^",]*+(?:%b[^",]*+)*+,' % TEXT, re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NET = re.compile(rb"([\]}]*)([\[{]*)")
_MANY = 3


class SplitPoint(NamedTuple):
    """How a piece changes the stack."""

    end: int
    """The byte of the comma that ends the piece."""
    closed: int
    """How many of the containers open at its start it closes."""
    opened: bytes
    """The opening brackets of those that it leaves open."""


def cut(data: bytes, stack: Stack) -> SplitPoint | None:
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
            return SplitPoint(end + comma, *_net(brackets, stack))
        end -= 1
    return None


def first_cut(data: bytes, stack: Stack) -> SplitPoint | None:
    """The first comma that a piece can be cut at; None = there is none.

    Raises:
        Malformed: The brackets do not fit.
    """
    found = _FIRST_COMMA.match(data)
    return None if found is None else cut(data[: found.end()], stack)


def likely_cuts(data: bytes, stack: Stack) -> list[SplitPoint]:
    """Places where a list of records is probably between two of them.

    Whether they are is only known when the piece is laid out: a comma inside a text, or
    at another depth, makes a piece that is not JSON. That is quicker than to look.
    """
    found: list[SplitPoint] = []
    end = len(data)
    while stack and len(found) < _MANY and (end := data.rfind(b"},", 0, end)) > 0:
        found.append(SplitPoint(end + 1, 0, b""))
    return found


def _net(brackets: bytes, stack: Stack) -> tuple[int, bytes]:
    """How many open containers brackets close, and which they leave open."""
    for _ in range(DEEPEST * 2):
        fewer = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    else:
        raise TooDeep
    found = _NET.fullmatch(brackets)
    if found is None:
        raise Malformed("a bracket does not fit", 0)
    closers, openers = found.groups()
    if len(stack) - len(closers) + len(openers) > DEEPEST:
        raise TooDeep
    return min(len(closers), len(stack)), openers
