"""The lines of a text as it came, whatever its size.

No list of lines is held: two numbers for each 64 KiB of the text. Lines end at ``\\n``
alone; U+2028 and U+0085, which ``str.splitlines`` splits at, are part of a line.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from mixtui.core.byte_source import ByteSource
from mixtui.core.layout import Part
from mixtui.core.visible import TAB, visible

LONG = 8192
"""Bytes; of a longer line only the part that is asked for is decoded."""
BLOCK = 1 << 16
_CONTINUATION = bytes(range(0x80, 0xC0))
_BLOCKS_KEPT = 32


class _Block(NamedTuple):
    """64 KiB of the text."""

    data: bytes
    starts: list[int]
    """Where in it lines start that are not started by the block itself."""


class TextLines:
    """Lines of text in UTF-8; bytes that are not show as U+FFFD.

    `advance` reads on; everything else answers for what was read by then. The last line
    may still become longer until the end was reached.
    """

    def __init__(self, source: ByteSource, start: int = 0) -> None:
        """Nothing is read yet.

        Args:
            source: The text; may still grow.
            start: Where in it the first line starts.
        """
        self._source, self._start = source, start
        self._end = start
        """How far the text was read."""
        self._line_ends = array("Q", [0])
        """How many line ends there are before each block."""
        self._characters = array("Q", [0])
        """How many characters start before each block."""
        self._unended = 0
        """Bytes of the last line so far."""
        self._longest = 0
        self._block = lru_cache(_BLOCKS_KEPT)(self._read_block)

    # Reading on

    def advance(self, until: int) -> None:
        """Read on to a position of the source, block by block."""
        while self._end < until:
            number = (self._end - self._start) // BLOCK
            begin = self._start + number * BLOCK
            end = min(until, begin + BLOCK)
            # From where we were: the beginning of this block may be known already.
            self._learn(number, self._source.read(self._end, end))

    def _learn(self, number: int, data: bytes) -> None:
        pieces = data.split(b"\n")
        lengths = list(map(len, pieces))
        lengths[0] += self._unended
        longest = max(lengths)
        if b"\t" in data:
            tabbed = zip(pieces, lengths, strict=True)
            longest = max(n + p.count(b"\t") * (TAB - 1) for p, n in tabbed)
        self._longest = max(self._longest, longest)
        # Others look while this goes on: first there are bytes, then the lines in them.
        self._end += len(data)
        if len(self._line_ends) == number + 1:
            self._characters.append(self._characters[-1])
            self._line_ends.append(self._line_ends[-1])
        self._characters[-1] += _characters(data)
        self._line_ends[-1] += len(pieces) - 1
        self._unended = lengths[-1]

    # What there is

    @property
    def line_count(self) -> int:
        """How many lines there are by now."""
        return self._line_ends[-1] + (self._unended > 0)

    @property
    def width(self) -> int:
        """In cells: no line is wider, though one that is not ASCII may be narrower."""
        return self._longest

    @property
    def part_count(self) -> int:
        """How many parts there are by now: one a block."""
        return len(self._line_ends) - 1

    def part(self, index: int) -> Part:
        """The lines that start in a block, or a piece of a line that fills it."""
        if not 0 <= index < self.part_count:
            raise IndexError(f"There is no part {index}.")
        begin, end = self._first_start(index), self._first_start(index + 1)
        line = self._line_ends[index]
        if index and begin > self._start + index * BLOCK:
            line += 1  # The block begins with the rest of another line.
        offset = begin - self._line_start(line)
        text = self._source.read(begin, end).removesuffix(b"\n")
        return Part(line, text, offset)

    def part_of(self, line: int, byte: int = 0) -> int:
        """The part in which a line starts, or that a byte of it is in."""
        position = self._checked(line) + byte
        number = min((position - self._start) // BLOCK, self.part_count - 1)
        return number - (position < self._first_start(number))

    def column(self, line: int, byte: int) -> int:
        """How many characters of a line start before a byte of it."""
        start = self._checked(line)
        return self._characters_before(start + byte) - self._characters_before(start)

    def raw(self, line: int) -> bytes:
        """A line's bytes, without its line end."""
        start, end = self._span(line)
        return self._source.read(start, end)

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """A line, or a part of it, fit for the terminal.

        Args:
            index: From 0.
            start: The first character wanted.
            width: How many characters at most; None = to the end.
        """
        begin, end = self._span(index)
        if width is None or end - begin <= LONG:
            text = visible(self._source.read(begin, end).decode("utf-8", "replace"))
            return text[start : None if width is None else start + width]
        return visible(self._window(begin, end, start, width))[:width]

    def at(self, position: int) -> tuple[int, int]:
        """The line that a position of the source is in, and the byte within it."""
        line = self._line_ends[(position - self._start) // BLOCK]
        block = self._block_at((position - self._start) // BLOCK)
        within = (position - self._start) % BLOCK
        line += bisect_right(block.starts, within)
        return line, position - self._line_start(line)

    # Finding bytes

    def _checked(self, line: int) -> int:
        if not 0 <= line < self.line_count:
            raise IndexError(f"There is no line {line}.")
        return self._line_start(line)

    def _line_start(self, line: int) -> int:
        """The position where a line starts, also of the one after the last."""
        if line == 0:
            return self._start
        number = bisect_left(self._line_ends, line) - 1
        if number >= self.part_count:
            return self._end
        within = self._block_at(number).starts[line - self._line_ends[number] - 1]
        return self._start + number * BLOCK + within

    def _span(self, line: int) -> tuple[int, int]:
        start = self._checked(line)
        if line < self._line_ends[-1]:
            end = self._line_start(line + 1) - 1
        else:
            end = self._end
        if end > start and self._source.read(end - 1, end) == b"\r":
            end -= 1
        return start, end

    def _first_start(self, number: int) -> int:
        """Where the first line of a block starts; its beginning if none does."""
        begin = self._start + number * BLOCK
        if number == 0 or number >= self.part_count:
            return min(begin, self._end)
        before = self._block_at(number - 1)
        if before.starts and before.starts[-1] == BLOCK:
            return begin
        starts = self._block_at(number).starts
        return begin + (starts[0] if starts and starts[0] < BLOCK else 0)

    def _block_at(self, number: int) -> _Block:
        begin = self._start + number * BLOCK
        return self._block(number, min(begin + BLOCK, self._end))

    def _read_block(self, number: int, end: int) -> _Block:
        data = self._source.read(self._start + number * BLOCK, end)
        pieces = data.split(b"\n")[:-1]
        starts = list(accumulate(len(piece) + 1 for piece in pieces))
        return _Block(data, starts)

    # A part of a very long line

    def _characters_before(self, position: int) -> int:
        number, within = divmod(position - self._start, BLOCK)
        if number >= self.part_count:
            return self._characters[-1]
        before = self._block_at(number).data[:within]
        return self._characters[number] + _characters(before)

    def _window(self, begin: int, end: int, start: int, width: int) -> str:
        """Characters of a line, found without decoding what stands before them."""
        number = (begin - self._start) // BLOCK
        wanted = self._characters_before(begin) + start
        block = max(number, bisect_right(self._characters, wanted) - 1)
        position = self._start + block * BLOCK
        skip = wanted - self._characters[block]
        # At most four bytes a character; what belongs to the character before is not
        # counted and not decoded.
        data = self._source.read(position, min(end, position + (skip + width + 1) * 4))
        data = data[_stray(data) :]
        return data.decode("utf-8", "replace")[skip : skip + width]


def _characters(data: bytes) -> int:
    """How many characters start in the bytes."""
    if data.isascii():
        return len(data)
    return len(data.translate(None, _CONTINUATION))


def _stray(data: bytes) -> int:
    """Bytes at the beginning that continue a character which started before."""
    head = data[:4]
    return next((i for i, byte in enumerate(head) if byte & 0xC0 != 0x80), len(head))
