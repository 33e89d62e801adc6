"""JSON of any size as indented lines, one value per line.

Only the start of each fragment and the containers open there are stored; a fragment is
formatted when it is displayed (see `json_fragment`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import NamedTuple

from mixtui.document.json_fragment import (
    DEEPEST,
    INDENT,
    Fragment,
    Malformed,
    Stack,
    TooDeep,
    Trailing,
    documents,
    is_deep,
    render,
    stack_after,
)
from mixtui.document.layout import LONG, LayoutPart, TextLines
from mixtui.document.source import ByteSource
from mixtui.patterns import compile_late
from mixtui.text import sanitize

TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_FIRST_COMMA = compile_late(rb'[^",]*+(?:%b[^",]*+)*+,' % TEXT, re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NET = compile_late(rb"([\]}]*)([\[{]*)")
_MANY = 3


class SplitPoint(NamedTuple):
    """A position to split at, and how the fragment before it changes the stack."""

    end: int
    """The offset of the comma that ends the fragment."""
    closed: int
    """How many of the containers open at its start it closes."""
    opened: bytes
    """The opening brackets of the containers that it leaves open."""


def cut(data: bytes, stack: Stack) -> SplitPoint | None:
    """Return the last comma to split at; None = there is none.

    Args:
        data: Bytes from the start of a value or member; may end anywhere.
        stack: The containers open at its start.

    Raises:
        Malformed: The brackets do not match.
    """
    # Same length, but the only quotation marks are those that delimit strings.
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
    """Return the first comma to split at; None = there is none.

    Raises:
        Malformed: The brackets do not match.
    """
    match = _FIRST_COMMA.match(data)
    return None if match is None else cut(data[: match.end()], stack)


def likely_cuts(data: bytes, stack: Stack) -> list[SplitPoint]:
    """Return offsets that probably separate the records of a list.

    Only formatting the fragment shows whether they do: a comma inside a string, or at
    another depth, makes a fragment that is not JSON. That is faster than scanning.
    """
    split_points: list[SplitPoint] = []
    end = len(data)
    while (
        stack and len(split_points) < _MANY and (end := data.rfind(b"},", 0, end)) > 0
    ):
        split_points.append(SplitPoint(end + 1, 0, b""))
    return split_points


def _net(brackets: bytes, stack: Stack) -> tuple[int, bytes]:
    """Return how many open containers brackets close, and which they leave open."""
    for _ in range(DEEPEST * 2):
        fewer = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    else:
        raise TooDeep
    match = _NET.fullmatch(brackets)
    if match is None:
        raise Malformed("brackets do not match", 0)
    closers, openers = match.groups()
    if len(stack) - len(closers) + len(openers) > DEEPEST:
        raise TooDeep
    return min(len(closers), len(stack)), openers


_STRUCTURE = compile_late(rb"%b?|[\[{][ \t\r\n]*+[\]}]|[\[\]{}]" % TEXT, re.DOTALL)
"""Strings, empty lists and objects, and the brackets of others."""
_ROOM = b" " * 8


def find_error(data: bytes, stack: Stack) -> Malformed | None:
    """Return the error in a fragment that may end anywhere, or `Trailing` if it ends
    early.

    None = it is the end of a document. The result does not depend on where fragments
    begin and end.
    """
    deep = too_deep(data, stack)
    sound = data[:deep]
    problem = _error_at_end(sound, stack)
    if problem is not None and problem.position >= len(sound):
        if deep is not None:
            return TooDeep(deep)
        if not sound[-1:].isalpha():
            # msgspec does not check "tru," unless "true," would fit.
            closer = _error_at_end(sound + _ROOM, stack)
            if closer is not None and closer.position < len(sound):
                return closer
    return problem


def _error_at_end(data: bytes, stack: Stack) -> Malformed | None:
    try:
        render(Fragment(0, len(data), stack, len(stack), b"", False, 0), data)
    except Malformed as problem:
        # Its frames would hold it in turn, and all that has been tried to format.
        return problem.with_traceback(None)
    return None


def too_deep(data: bytes, stack: Stack) -> int | None:
    """Return the offset of the first bracket that is nested too deeply."""
    depth = len(stack)
    if depth + data.count(b"[") + data.count(b"{") <= DEEPEST:
        return None
    for match in _STRUCTURE.finditer(data):
        token = match[0]
        if token in (b"[", b"{"):
            depth += 1
            if depth > DEEPEST:
                return match.start()
        elif token in (b"]", b"}"):
            depth -= 1
    return None


PIECE = 1 << 16
"""Bytes of the source that are formatted at once."""
FIRST_PIECE = 1 << 13
"""The first fragment is small, so that something is displayed at once."""
_LONGEST_PIECE = 1 << 26
"""Limit for a fragment without a comma: one very long string."""
_SPACE = b" \t\r\n"
_INDENTATION = 1 << 12
"""How many bytes before the rest of a body may be its indentation."""
_STEP = 1 << 20
_MAX_EMOJI = 64
"""Bytes; no emoji takes more."""
_TEXTS_KEPT = 4
_LINES_KEPT = 8


class IndentedJson:
    """The lines of one or more JSON documents, indented.

    `advance` reads on. Where the body stops being JSON, the rest is displayed
    unformatted.
    """

    def __init__(self, source: ByteSource, start: int = 0) -> None:
        """Prepare to read from `start`; nothing is read yet."""
        self._source, self._start = source, start
        self._next = start
        """Where the next piece starts."""
        self._stack: Stack = ()
        """What is open there."""
        self._fragments: list[Fragment] = []
        self._first_lines: list[int] = []
        self._lines = 0
        self._longest = 0
        self._block = FIRST_PIECE
        self._barren = 0
        """Bytes from the start of the next piece that hold no place to cut at."""
        self._rest: TextLines | None = None
        self.documents = 0
        """How many documents have begun."""
        self.problem = ""
        """Why the rest is shown raw: ends the sentence “the body is …”."""
        # Without a reference to this object, so that it is freed as soon as nobody uses
        # it.
        self.text_of = lru_cache(_TEXTS_KEPT)(
            partial(_text_of, self._source, self._fragments)
        )
        self.lines_of = lru_cache(_LINES_KEPT)(partial(_lines_of, self.text_of))

    # Reading

    def advance(self, until: int, *, final: bool) -> Iterator[None]:
        """Read up to a position of the source; yields after each fragment.

        Args:
            until: The number of bytes available.
            final: Whether the body is complete.
        """
        while self._rest is None and self._next < until:
            before = self._next, self._block
            self._step(until, final)
            if (self._next, self._block) == before:
                break
            yield
        if self._rest is None and final and self._stack:
            self._give_up(find_error(b"", self._stack))
        while self._rest is not None and (end := self._rest.end) < until:
            self._rest.advance(min(until, end + _STEP))
            yield
            if self._rest.end == end:
                break  # The source has been truncated.

    def _step(self, until: int, final: bool) -> None:
        """Format one more fragment, if there is enough data."""
        end = min(until, self._next + self._block)
        data = self._source.read(self._next, end)
        if not data.strip(_SPACE):
            self._next += len(data)
            return
        try:
            self._split_off(data, final and end == until)
        except Malformed as problem:
            self._handle_end(data, problem.with_traceback(None))

    def _handle_end(self, data: bytes, problem: Malformed) -> None:
        """Handle the end of a document within a fragment, or an error."""
        if not isinstance(problem, Trailing):
            problem = self._located(data, problem)
        if isinstance(problem, Trailing):
            try:
                self._end(data, problem.position)
            except TooDeep as deep:
                problem = self._located(data, deep.with_traceback(None))
            else:
                return
        self._keep_valid_start(data, problem)

    def _located(self, data: bytes, problem: Malformed) -> Malformed:
        malformed = find_error(data, self._stack) or problem
        if malformed.position >= len(data) > problem.position > 0:
            return problem
        return malformed

    def _split_off(self, data: bytes, last: bool) -> None:
        """Add a fragment.

        Raises:
            Malformed: It is not JSON, or contains more than the end of a document.
        """
        if last:
            # This is the end of the document.
            if (deep := too_deep(data, self._stack)) is not None:
                raise TooDeep(deep)
            self._add_fragment(data, SplitPoint(len(data), 0, b""), True)
            return
        full = len(data) == self._block
        if not full and len(data) < 2 * self._barren:
            return
        long = self._block > PIECE
        for guess in () if long else likely_cuts(data, self._stack):
            try:
                self._add_fragment(data[: guess.end], guess, False)
            except Malformed:
                continue
            return
        split_point = first_cut(data, self._stack) if long else cut(data, self._stack)
        if split_point is not None:
            # A comma after the end of the document is not part of it.
            ends = len(self._stack) - split_point.closed + len(split_point.opened) == 0
            try:
                self._add_fragment(data[: split_point.end], split_point, ends)
            except Trailing:
                raise
            except Malformed as problem:
                # The error may be clear only with the comma.
                raise (
                    find_error(data[: split_point.end + 1], self._stack) or problem
                ) from None
        elif not full:
            self._barren = len(data)
        else:
            self._await_comma(data)

    def _await_comma(self, data: bytes) -> None:
        """Handle data without a comma to split at: wait for more, unless it is
        malformed.

        Raises:
            Malformed: It is not JSON, or the document ends within it.
        """
        problem = find_error(data, self._stack)
        if problem is not None and problem.position < len(data):
            raise problem
        if self._block >= _LONGEST_PIECE:
            self._give_up(None, "one value of more than 64 MB")
        self._block *= 2

    def _add_fragment(self, data: bytes, split_point: SplitPoint, ends: bool) -> None:
        """Add a fragment; `ends` = the document ends with it."""
        stack = self._stack
        fragment = Fragment(
            self._next,
            self._next + split_point.end,
            stack,
            len(stack) if ends else split_point.closed,
            b"" if ends else split_point.opened,
            not ends,
            self._lines,
        )
        text = render(fragment, data)
        longest = max(map(len, text.split(b"\n")))
        if longest > DEEPEST * INDENT and is_deep(text):
            raise TooDeep
        self._stack = () if ends else stack_after(fragment, text)
        self._add(fragment, text, longest)
        self.documents += not stack

    def _end(self, data: bytes, position: int) -> None:
        """Add the end of a document, or several complete documents.

        Raises:
            TooDeep: The first one is nested too deeply.
        """
        if self._stack:
            self._add_fragment(data[:position], SplitPoint(position, 0, b""), True)
            return
        texts, end = documents(data)
        if not texts:
            raise TooDeep
        start = self._next
        fragment = Fragment(start, start + end, (), 0, b"", False, self._lines, True)
        text = b"\n".join(texts)
        self._add(fragment, text, max(map(len, text.split(b"\n"))))
        self.documents += len(texts)
        # Look at no more than fits into a fragment.
        self._block = min(PIECE, max(FIRST_PIECE, 2 * end))

    def _add(self, fragment: Fragment, text: bytes, longest: int) -> None:
        self._next = fragment.end + fragment.comma
        self._block, self._barren = PIECE, 0
        # Other threads read meanwhile: the line count is updated last.
        self._first_lines.append(self._lines)
        self._fragments.append(fragment)
        self._longest = max(self._longest, longest)
        self._lines += text.count(b"\n") + 1

    def _keep_valid_start(self, data: bytes, problem: Malformed) -> None:
        """Format the JSON before an error; the rest is displayed unformatted."""
        valid = data[: problem.position]
        try:
            split_point = cut(valid, self._stack)
            if split_point is not None:
                self._add_fragment(data[: split_point.end], split_point, False)
        except Malformed:
            pass  # Nothing of this fragment is formatted then.
        self._give_up(problem)

    def _give_up(self, problem: Malformed | None, sentence: str = "") -> None:
        match problem:
            case None:
                self.problem = sentence
            case TooDeep():
                self.problem = "nested too deeply to be formatted"
            case _:
                self.problem = f"not valid JSON ({problem})"
        self._rest = TextLines(self._source, self._start_of_rest())

    def _start_of_rest(self) -> int:
        """Return the offset of the first byte that is not white space, or of its
        indentation.
        """
        start = self._next
        while data := self._source.read(start, start + _STEP):
            if text := data.lstrip(_SPACE):
                start += len(data) - len(text)
                break
            start += len(data)
        else:
            return start
        before = self._source.read(max(self._start, start - _INDENTATION), start)
        return start - len(before) + len(before.rstrip(b" \t"))

    # Lines and parts

    @property
    def line_count(self) -> int:
        """Return the current number of lines."""
        return self._lines + (self._rest.line_count if self._rest else 0)

    @property
    def formatted_lines(self) -> int:
        """Return the number of formatted lines; those that follow are unformatted."""
        return self._lines

    @property
    def width(self) -> int:
        """Return an upper bound of the width of all lines so far, in cells."""
        return max(self._longest, self._rest.width if self._rest else 0)

    @property
    def part_count(self) -> int:
        """Return the current number of parts."""
        return len(self._fragments) + (self._rest.part_count if self._rest else 0)

    @property
    def fragments(self) -> list[Fragment]:
        """Return the formatted fragments; they are the first parts."""
        return self._fragments

    def part(self, index: int) -> LayoutPart:
        """Return a part: the lines of a fragment."""
        if 0 <= index < len(self._fragments):
            return LayoutPart(self._first_lines[index], self.text_of(index))
        if self._rest is None:
            raise IndexError(f"No part {index}.")
        part = self._rest.part(index - len(self._fragments))
        return LayoutPart(part.first_line + self._lines, part.text, part.start)

    def column(self, line: int, byte: int) -> int:
        """Return how many characters of a line start before a byte offset in it."""
        if line >= self._lines and self._rest is not None:
            return self._rest.column(line - self._lines, byte)
        return len(self.raw(line)[:byte].decode("utf-8", "replace"))

    def part_of(self, line: int, byte: int = 0) -> int:
        """Return the index of the part in which a line starts, or that contains a byte
        of it.
        """
        if line >= self._lines and self._rest is not None:
            return len(self._fragments) + self._rest.part_of(line - self._lines, byte)
        if not 0 <= line < self._lines:
            raise IndexError(f"No line {line}.")
        return bisect_right(self._first_lines, line) - 1

    def raw(self, line: int) -> bytes:
        """Return a line's bytes, without its line end."""
        if line >= self._lines and self._rest is not None:
            return self._rest.raw(line - self._lines)
        part = self.part_of(line)
        return self.lines_of(part)[line - self._first_lines[part]]

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """Return a line, or a part of it, safe for the terminal."""
        if index >= self._lines and self._rest is not None:
            return self._rest.line(index - self._lines, start, width)
        data = self.raw(index)
        stop = None if width is None else start + width
        if len(data) > LONG and stop is not None:
            if data.isascii():
                return sanitize(data[start:stop].decode("ascii"))
            # A character takes at most four bytes; the last may belong to a longer emoji.
            data = data[: stop * 4 + _MAX_EMOJI]
        return sanitize(data.decode("utf-8", "replace"))[start:stop]


def _text_of(source: ByteSource, fragments: list[Fragment], index: int) -> bytes:
    fragment = fragments[index]
    return render(fragment, source.read(fragment.start, fragment.end))


def _lines_of(text_of: Callable[[int], bytes], part: int) -> list[bytes]:
    return text_of(part).split(b"\n")
