"""Layouts: how a body is divided into lines, for viewers, search and tables.

A layout never stores the lines. It knows where each part of the text starts and builds
the part on demand, so that a body of any size takes only the memory of an index.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from functools import lru_cache, partial
from itertools import accumulate
from typing import NamedTuple, Protocol

from msgspec import Struct

from mixtui.document.source import ByteSource
from mixtui.text import TAB, sanitize


class LayoutPart(Struct, frozen=True):
    """Consecutive lines as displayed, before sanitizing for the terminal."""

    first_line: int
    """The number of its first line, from 0."""
    text: bytes
    """UTF-8 (invalid bytes are preserved); lines separated by ``\n``, none after the
    last.
    """
    start: int = 0
    """Bytes of the first line in earlier parts: only a line too long for one part is
    divided. 0 = the part starts with its line.
    """


class Layout(Protocol):
    """The lines of a body; may grow while the body arrives. Read from any thread."""

    @property
    def line_count(self) -> int:
        """Return the current number of lines."""
        ...

    @property
    def width(self) -> int:
        """Return an upper bound of the width of all lines so far, in cells."""
        ...

    @property
    def part_count(self) -> int:
        """Return the current number of parts."""
        ...

    def part(self, index: int) -> LayoutPart:
        """Return a part. The most recent ones are cached.

        Raises:
            IndexError: There is no such part.
        """
        ...

    def part_of(self, line: int, byte: int = 0) -> int:
        """Return the index of the part in which a line starts, or that contains a byte
        of it.

        Raises:
            IndexError: There is no such line.
        """
        ...

    def column(self, line: int, byte: int) -> int:
        """Return how many characters of a line start before a byte offset in it.

        Raises:
            IndexError: There is no such line.
        """
        ...

    def raw(self, line: int) -> bytes:
        """Return a line's bytes, without its line end.

        Raises:
            IndexError: There is no such line.
        """
        ...

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """Return a line, or ``width`` characters of it from ``start``, safe for the
        terminal.

        Raises:
            IndexError: There is no such line.
        """
        ...


LONG = 8192
"""Bytes; of a longer line only the requested part is decoded."""
BLOCK = 1 << 16
_CONTINUATION = bytes(range(0x80, 0xC0))
_BLOCKS_KEPT = 32


class _Block(NamedTuple):
    """64 KiB of the text."""

    data: bytes
    starts: list[int]
    """Offsets of line starts in it, except at its first byte."""


class _Tail(NamedTuple):
    """The reading state as other threads see it: always replaced in one assignment."""

    end: int
    """The offset up to which the text was read."""
    line_ends: int
    last: int
    """The offset of the last, still unfinished line."""
    parts: int


class TextLines:
    """Lines of UTF-8 text; invalid bytes are displayed as U+FFFD.

    `advance` reads more; all other methods describe what has been read so far. The last
    line may still grow until the end is reached.
    """

    def __init__(self, source: ByteSource, start: int = 0) -> None:
        """Prepare to read; nothing is read yet.

        Args:
            source: The text; may still grow.
            start: The offset of the first line.
        """
        self._source, self._start = source, start
        self._line_ends = array("Q", [0])
        """How many line ends there are before each block."""
        self._characters = array("Q", [0])
        """How many characters start before each block."""
        self._begins_line = True
        """Whether a line starts at the beginning of the last block."""
        self._longest = self._unended_width = 0
        self._tail = _Tail(start, 0, start, 0)
        # Without a reference to this object, so that it is freed as soon as nobody uses
        # it.
        self._block = lru_cache(_BLOCKS_KEPT)(partial(_read_block, source, start))

    # Reading

    def advance(self, until: int) -> None:
        """Read up to a position of the source, block by block."""
        while (position := self._tail.end) < until:
            number = (position - self._start) // BLOCK
            begin = self._start + number * BLOCK
            # Continue at the previous end: the beginning of this block may already be
            # indexed.
            data = self._source.read(position, min(until, begin + BLOCK))
            if not data:
                break  # The source has been truncated.
            self._index_block(number, data)

    def _index_block(self, number: int, data: bytes) -> None:
        position, line_ends, last, parts = self._tail
        unended, end = position - last, position + len(data)
        pieces = data.split(b"\n")
        lengths = widths = list(map(len, pieces))
        if b"\t" in data:
            tabbed = zip(pieces, lengths, strict=True)
            widths = [n + p.count(b"\t") * (TAB - 1) for p, n in tabbed]
        widest = max(widths[0] + self._unended_width, *widths)
        self._longest = max(self._longest, widest)
        self._unended_width = widths[-1] + (len(pieces) == 1) * self._unended_width
        if len(self._line_ends) == number + 1:
            self._characters.append(self._characters[-1])
            self._line_ends.append(line_ends)
            self._begins_line = not unended
        line_ends += len(pieces) - 1
        self._characters[-1] += _count_characters(data)
        self._line_ends[-1] = line_ends
        unended = lengths[-1] + (len(pieces) == 1) * unended
        if self._is_part(number, end, unended):
            parts = number + 1
        # Other threads read meanwhile: the new state is published when it is complete.
        self._tail = _Tail(end, line_ends, end - unended, parts)

    def _is_part(self, number: int, end: int, unended: int) -> bool:
        """Return whether a block is a part of its own; once it is, it stays one.

        As long as no line starts in it and it may still grow, its bytes are the end of
        the previous part.
        """
        starts = self._line_ends[-1] - self._line_ends[-2]
        starts += self._begins_line - (not unended)
        return starts > 0 or end == self._start + (number + 1) * BLOCK

    # Lines and parts

    @property
    def end(self) -> int:
        """Return the offset up to which the source was read."""
        return self._tail.end

    @property
    def line_count(self) -> int:
        """Return the current number of lines."""
        tail = self._tail
        return tail.line_ends + (tail.end > tail.last)

    @property
    def width(self) -> int:
        """Return an upper bound of the line width in cells; a line that is not ASCII
        may be narrower.
        """
        return self._longest

    @property
    def part_count(self) -> int:
        """Return the current number of parts, one per block. The last one may still
        grow.
        """
        return self._tail.parts

    def part(self, index: int) -> LayoutPart:
        """Return the lines that start in a block, or a piece of a line that fills
        it.
        """
        tail = self._tail
        if not 0 <= index < tail.parts:
            raise IndexError(f"No part {index}.")
        begin, end = self._first_start(index), tail.end
        if index + 1 < tail.parts:
            end = self._first_start(index + 1)
        line = self._line_ends[index]
        if index and begin > self._start + index * BLOCK:
            line += 1  # The block begins with the rest of the previous line.
        offset = begin - self._line_start(line)
        text = self._source.read(begin, end).removesuffix(b"\n")
        return LayoutPart(line, text, offset)

    def part_of(self, line: int, byte: int = 0) -> int:
        """Return the part in which a line starts, or that contains a byte of it."""
        position = self._checked(line) + byte
        number = min((position - self._start) // BLOCK, self.part_count - 1)
        return number - (position < self._first_start(number))

    def column(self, line: int, byte: int) -> int:
        """Return how many characters of a line start before a byte offset in it."""
        start = self._checked(line)
        return self._characters_before(start + byte) - self._characters_before(start)

    def raw(self, line: int) -> bytes:
        """Return a line's bytes, without its line end."""
        start, end = self._span(line)
        return self._source.read(start, end)

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """Return a line, or a part of it, safe for the terminal.

        Args:
            index: From 0.
            start: The first character.
            width: The maximum number of characters; None = to the end.
        """
        begin, end = self._span(index)
        if width is None or end - begin <= LONG:
            text = sanitize(self._source.read(begin, end).decode("utf-8", "replace"))
            return text[start : None if width is None else start + width]
        return sanitize(self._window(begin, end, start, width))[:width]

    def line_at(self, position: int) -> tuple[int, int]:
        """Return the line that contains a position of the source, and the byte offset
        in it.
        """
        line = self._line_ends[(position - self._start) // BLOCK]
        block = self._block_at((position - self._start) // BLOCK)
        offset = (position - self._start) % BLOCK
        line += bisect_right(block.starts, offset)
        return line, position - self._line_start(line)

    # Byte offsets

    def _checked(self, line: int) -> int:
        if not 0 <= line < self.line_count:
            raise IndexError(f"No line {line}.")
        return self._line_start(line)

    def _line_start(self, line: int) -> int:
        """Return the offset at which a line starts; also valid for the one after the
        last.
        """
        if line == 0:
            return self._start
        number = bisect_left(self._line_ends, line) - 1
        if number >= len(self._line_ends) - 1:
            return self._tail.end
        offset = self._block_at(number).starts[line - self._line_ends[number] - 1]
        return self._start + number * BLOCK + offset

    def _span(self, line: int) -> tuple[int, int]:
        tail, start = self._tail, self._checked(line)
        end = tail.end if line == tail.line_ends else self._line_start(line + 1) - 1
        if end > start and self._source.read(end - 1, end) == b"\r":
            end -= 1
        return start, end

    def _first_start(self, number: int) -> int:
        """Return the offset of the first line that starts in a block; its beginning if
        none does.
        """
        begin = self._start + number * BLOCK
        if number == 0:
            return begin
        previous = self._block_at(number - 1)
        if previous.starts and previous.starts[-1] == BLOCK:
            return begin
        starts = self._block_at(number).starts
        return begin + (starts[0] if starts and starts[0] < BLOCK else 0)

    def _block_at(self, number: int) -> _Block:
        begin = self._start + number * BLOCK
        return self._block(number, min(begin + BLOCK, self._tail.end))

    # Parts of a very long line

    def _characters_before(self, position: int) -> int:
        number, offset = divmod(position - self._start, BLOCK)
        if number >= len(self._line_ends) - 1:
            return self._characters[-1]
        before = self._block_at(number).data[:offset]
        return self._characters[number] + _count_characters(before)

    def _window(self, begin: int, end: int, start: int, width: int) -> str:
        """Return characters of a line without decoding what precedes them."""
        number = (begin - self._start) // BLOCK
        end_character = self._characters_before(begin) + start
        block = max(number, bisect_right(self._characters, end_character) - 1)
        position = self._start + block * BLOCK
        skip = end_character - self._characters[block]
        # At most four bytes per character; bytes that belong to the previous character
        # are
        # neither counted nor decoded.
        data = self._source.read(position, min(end, position + (skip + width + 1) * 4))
        data = data[_count_continuation_bytes(data) :]
        return data.decode("utf-8", "replace")[skip : skip + width]


def _read_block(source: ByteSource, start: int, number: int, end: int) -> _Block:
    data = source.read(start + number * BLOCK, end)
    pieces = data.split(b"\n")[:-1]
    starts = list(accumulate(len(piece) + 1 for piece in pieces))
    return _Block(data, starts)


def _count_characters(data: bytes) -> int:
    """Count the characters that start in the bytes."""
    if data.isascii():
        return len(data)
    return len(data.translate(None, _CONTINUATION))


def _count_continuation_bytes(data: bytes) -> int:
    """Count the leading bytes that continue a character started before."""
    head = data[:4]
    return next((i for i, byte in enumerate(head) if byte & 0xC0 != 0x80), len(head))


_PER_LINE = 16
_LINES_PER_PART = 1024
_ASCII = bytes(byte if 0x20 <= byte < 0x7F else 0x2E for byte in range(256))
OFFSET_WIDTH = 8
BYTES_WIDTH = 3 * _PER_LINE
WIDTH = OFFSET_WIDTH + 2 + BYTES_WIDTH + 2 + _PER_LINE + 2


class HexLines:
    """A hex dump: offset, bytes and ASCII: ``00000010  1f 8b …  |..|``."""

    width = WIDTH

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._size = 0

    def advance(self, until: int) -> None:
        """Set the number of available bytes."""
        self._size = until

    @property
    def line_count(self) -> int:
        """Return the current number of lines."""
        return -(-self._size // _PER_LINE)

    @property
    def part_count(self) -> int:
        """Return the current number of parts."""
        return -(-self.line_count // _LINES_PER_PART)

    def part(self, index: int) -> LayoutPart:
        """Return a part of a thousand lines."""
        if not 0 <= index < self.part_count:
            raise IndexError(f"No part {index}.")
        first = index * _LINES_PER_PART
        last = min(first + _LINES_PER_PART, self.line_count)
        return LayoutPart(first, b"\n".join(map(self.raw, range(first, last))))

    def column(self, line: int, byte: int) -> int:
        """Return the offset itself: a byte is a character."""
        return byte

    def part_of(self, line: int, byte: int = 0) -> int:
        """Return the part that contains a line."""
        if not 0 <= line < self.line_count:
            raise IndexError(f"No line {line}.")
        return line // _LINES_PER_PART

    def raw(self, line: int) -> bytes:
        """Return a line as bytes."""
        return self.line(line).encode("ascii")

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """Return a line, or a part of it."""
        if not 0 <= index < self.line_count:
            raise IndexError(f"No line {index}.")
        offset = index * _PER_LINE
        row = self._source.read(offset, offset + _PER_LINE)
        half = _PER_LINE // 2
        numbers = f"{row[:half].hex(' ')}  {row[half:].hex(' ')}"
        characters = row.translate(_ASCII).decode("ascii")
        line = f"{offset:0{OFFSET_WIDTH}x}  {numbers:<{BYTES_WIDTH}}  |{characters}|"
        return line[start:] if width is None else line[start : start + width]
