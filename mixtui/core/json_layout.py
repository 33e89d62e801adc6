"""JSON laid out for reading, one value a line, however large it is.

What is kept of the lines is where each piece of the document starts and which containers
are open there; a piece is laid out when it is looked at (see `json_fragment`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from mixtui.core.byte_source import ByteSource
from mixtui.core.json_fragment import (
    Cut,
    Frag,
    Malformed,
    Stack,
    TooDeep,
    Trailing,
    cut,
    likely_cuts,
    render,
    stack_after,
)
from mixtui.core.layout import Part
from mixtui.core.lines import LONG, TextLines
from mixtui.core.visible import visible

PIECE = 1 << 17
"""Bytes of the source that are laid out at once."""
FIRST_PIECE = 1 << 13
"""The first piece is small: something to see at once."""
_LONGEST_PIECE = 1 << 26
"""A piece without a comma grows up to this: one very long text."""
_SPACE = b" \t\r\n"
_TEXTS_KEPT = 4
_LINES_KEPT = 8


class IndentedJson:
    """The lines of one or more JSON documents, indented.

    `advance` reads on. Where the body stops being JSON, the rest is shown as it came.
    """

    def __init__(self, source: ByteSource, start: int = 0) -> None:
        """Nothing is read yet; `start` is where in the source the text begins."""
        self._source = source
        self._next = start
        """Where the next piece starts."""
        self._stack: Stack = ()
        """What is open there."""
        self._fragments: list[Frag] = []
        self._first_lines: list[int] = []
        self._lines = 0
        self._longest = 0
        self._block = FIRST_PIECE
        self._rest: TextLines | None = None
        self.documents = 0
        """How many documents have begun."""
        self.problem = ""
        """Why the rest is shown as it came: ends the sentence «this is …»."""
        self.text_of = lru_cache(_TEXTS_KEPT)(self._text_of)
        self.lines_of = lru_cache(_LINES_KEPT)(self._lines_of)

    # Reading on

    def advance(self, until: int, *, final: bool) -> Iterator[None]:
        """Read on to a position of the source; yields after each piece.

        Args:
            until: How many bytes there are by now.
            final: Nothing will follow.
        """
        while self._rest is None and self._next < until:
            before = self._next, self._block
            self._step(until, final)
            if (self._next, self._block) == before:
                break
            yield
        if self._rest is not None:
            self._rest.advance(until)
            yield

    def _step(self, until: int, final: bool) -> None:
        """Lay out one more piece, if there is enough for one."""
        end = min(until, self._next + self._block)
        data = self._source.read(self._next, end)
        skip = len(data) - len(data.lstrip(_SPACE))
        if skip == len(data):
            # White space between documents, or before what has not come yet.
            self._next += skip if final or not self._stack else 0
            return
        last = final and end == until
        try:
            self._piece(data, last)
        except TooDeep:
            self._give_up("nested too deeply to be indented")
        except Trailing as trailing:
            self._take(data[: trailing.position], Cut(trailing.position, 0, b""), True)
        except Malformed as problem:
            self._keep_what_is_good(data, problem)

    def _piece(self, data: bytes, last: bool) -> None:
        if last:
            # All of it: the end of the document.
            self._take(data, Cut(len(data), 0, b""), True)
            return
        for guess in likely_cuts(data, self._stack):
            try:
                self._take(data[: guess.end], guess, False)
            except Malformed:
                continue
            return
        found = cut(data, self._stack)
        if found is not None:
            self._take(data[: found.end], found, False)
        elif self._block >= _LONGEST_PIECE:
            self._give_up("one value of more than 64 MB")
        elif len(data) == self._block:
            self._block *= 2

    def _take(self, data: bytes, found: Cut, ends: bool) -> None:
        """Add a piece; `ends` = the document ends with it."""
        stack = self._stack
        fragment = Frag(
            self._next,
            self._next + found.end,
            stack,
            len(stack) if ends else found.closed,
            b"" if ends else found.opened,
            not ends,
            self._lines,
        )
        text = render(fragment, data)
        if not stack:
            self.documents += 1
        self._stack = () if ends else stack_after(fragment, text)
        self._next = fragment.end + (not ends)
        self._block = PIECE
        self._fragments.append(fragment)
        self._first_lines.append(self._lines)
        # Others look while this goes on: the count of the lines comes last.
        self._longest = max(self._longest, *map(len, text.split(b"\n")))
        self._lines += text.count(b"\n") + 1

    def _keep_what_is_good(self, data: bytes, problem: Malformed) -> None:
        """Lay out what is JSON before a mistake; the rest is shown as it came."""
        good = data[: problem.position]
        try:
            found = cut(good, self._stack)
            if found is not None:
                self._take(data[: found.end], found, False)
        except Malformed:
            pass  # Then nothing of this piece is laid out.
        self._give_up(f"not valid JSON ({problem})")

    def _give_up(self, problem: str) -> None:
        self.problem = problem
        self._rest = TextLines(self._source, self._next)

    # What there is

    @property
    def line_count(self) -> int:
        """How many lines there are by now."""
        return self._lines + (self._rest.line_count if self._rest else 0)

    @property
    def laid_out(self) -> int:
        """How many lines are indented JSON; what follows is as it came."""
        return self._lines

    @property
    def width(self) -> int:
        """Cells that no line seen so far is wider than."""
        return max(self._longest, self._rest.width if self._rest else 0)

    @property
    def part_count(self) -> int:
        """How many parts there are by now."""
        return len(self._fragments) + (self._rest.part_count if self._rest else 0)

    @property
    def fragments(self) -> list[Frag]:
        """The pieces that are laid out; the first parts are these."""
        return self._fragments

    def part(self, index: int) -> Part:
        """A part: the lines of a piece."""
        if 0 <= index < len(self._fragments):
            return Part(self._first_lines[index], self.text_of(index))
        if self._rest is None:
            raise IndexError(f"There is no part {index}.")
        part = self._rest.part(index - len(self._fragments))
        return Part(part.first_line + self._lines, part.text, part.start)

    def column(self, line: int, byte: int) -> int:
        """How many characters of a line start before a byte of it."""
        if line >= self._lines and self._rest is not None:
            return self._rest.column(line - self._lines, byte)
        return len(self.raw(line)[:byte].decode("utf-8", "replace"))

    def part_of(self, line: int, byte: int = 0) -> int:
        """The index of the part in which a line starts, or that a byte of it is in."""
        if line >= self._lines and self._rest is not None:
            return len(self._fragments) + self._rest.part_of(line - self._lines, byte)
        if not 0 <= line < self._lines:
            raise IndexError(f"There is no line {line}.")
        return bisect_right(self._first_lines, line) - 1

    def raw(self, line: int) -> bytes:
        """A line's bytes, without its line end."""
        if line >= self._lines and self._rest is not None:
            return self._rest.raw(line - self._lines)
        part = self.part_of(line)
        return self.lines_of(part)[line - self._first_lines[part]]

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """A line, or a part of it, fit for the terminal."""
        if index >= self._lines and self._rest is not None:
            return self._rest.line(index - self._lines, start, width)
        data = self.raw(index)
        stop = None if width is None else start + width
        if len(data) > LONG and stop is not None and data.isascii():
            return visible(data[start:stop].decode("ascii"))
        return visible(data.decode("utf-8", "replace")[:stop])[start:stop]

    def _text_of(self, index: int) -> bytes:
        fragment = self._fragments[index]
        return render(fragment, self._source.read(fragment.start, fragment.end))

    def _lines_of(self, index: int) -> list[bytes]:
        return self.text_of(index).split(b"\n")
