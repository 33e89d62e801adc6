"""Layouts: how a body is divided into lines, for every viewer, search and table.

A layout never holds the lines. It knows where a part of the text starts and makes the
part when it is asked for, so that a body of any size takes the memory of an index.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate
from typing import NamedTuple, Protocol

from mixtui.document.source import ByteSource
from mixtui.text import TAB, sanitize


@dataclass(frozen=True, slots=True)
class LayoutPart:
    """Some neighbouring lines, as they are shown but for what the terminal needs."""

    first_line: int
    """The number of its first line, from 0."""
    text: bytes
    """UTF-8 (bytes that are not stay as they are); lines divided by ``\\n``, none after
    the last."""
    start: int = 0
    """Bytes of the first line that came in earlier parts: only a line too long for one
    part is divided. 0 = the part starts with its line."""


class Layout(Protocol):
    """The lines of a body; may grow while the body comes. Read from any thread."""

    @property
    def line_count(self) -> int:
        """How many lines there are by now."""
        ...

    @property
    def width(self) -> int:
        """Cells that no line seen so far is wider than."""
        ...

    @property
    def part_count(self) -> int:
        """How many parts there are by now."""
        ...

    def part(self, index: int) -> LayoutPart:
        """Return a part. The last ones made are kept.

        Raises:
            IndexError: There is no such part.
        """
        ...

    def part_of(self, line: int, byte: int = 0) -> int:
        """The index of the part in which a line starts, or that a byte of it is in.

        Raises:
            IndexError: There is no such line.
        """
        ...

    def column(self, line: int, byte: int) -> int:
        """Return how many characters of a line start before a byte of it.

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
        """A line, or ``width`` characters of it from ``start``, fit for the terminal.

        Raises:
            IndexError: There is no such line.
        """
        ...


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


class _Tail(NamedTuple):
    """What was read so far, as others see it: always replaced as a whole."""

    end: int
    """How far the text was read."""
    line_ends: int
    last: int
    """Where the line starts that has not ended yet."""
    parts: int


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
        self._line_ends = array("Q", [0])
        """How many line ends there are before each block."""
        self._characters = array("Q", [0])
        """How many characters start before each block."""
        self._begins_line = True
        """Whether a line starts at the beginning of the last block."""
        self._longest = self._unended_width = 0
        self._tail = _Tail(start, 0, start, 0)
        # Without a way back to this object: it goes as soon as nobody has it any more.
        self._block = lru_cache(_BLOCKS_KEPT)(partial(_read_block, source, start))

    # Reading on

    def advance(self, until: int) -> None:
        """Read on to a position of the source, block by block."""
        while (position := self._tail.end) < until:
            number = (position - self._start) // BLOCK
            begin = self._start + number * BLOCK
            # From where we were: the beginning of this block may be known already.
            data = self._source.read(position, min(until, begin + BLOCK))
            if not data:
                break  # The source has become shorter.
            self._learn(number, data)

    def _learn(self, number: int, data: bytes) -> None:
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
        self._characters[-1] += _characters(data)
        self._line_ends[-1] = line_ends
        unended = lengths[-1] + (len(pieces) == 1) * unended
        if self._is_part(number, end, unended):
            parts = number + 1
        # Others look while this goes on: they see it when all of it is known.
        self._tail = _Tail(end, line_ends, end - unended, parts)

    def _is_part(self, number: int, end: int, unended: int) -> bool:
        """Return whether a block is a part of its own by now, which it then stays.

        As long as no line starts in it, and it may still grow, its bytes are the end of
        the part before.
        """
        starts = self._line_ends[-1] - self._line_ends[-2]
        starts += self._begins_line - (not unended)
        return starts > 0 or end == self._start + (number + 1) * BLOCK

    # What there is

    @property
    def end(self) -> int:
        """How far the source was read."""
        return self._tail.end

    @property
    def line_count(self) -> int:
        """How many lines there are by now."""
        tail = self._tail
        return tail.line_ends + (tail.end > tail.last)

    @property
    def width(self) -> int:
        """In cells: no line is wider, though one that is not ASCII may be narrower."""
        return self._longest

    @property
    def part_count(self) -> int:
        """How many parts there are by now: one a block. The last one may still grow."""
        return self._tail.parts

    def part(self, index: int) -> LayoutPart:
        """The lines that start in a block, or a piece of a line that fills it."""
        tail = self._tail
        if not 0 <= index < tail.parts:
            raise IndexError(f"There is no part {index}.")
        begin, end = self._first_start(index), tail.end
        if index + 1 < tail.parts:
            end = self._first_start(index + 1)
        line = self._line_ends[index]
        if index and begin > self._start + index * BLOCK:
            line += 1  # The block begins with the rest of another line.
        offset = begin - self._line_start(line)
        text = self._source.read(begin, end).removesuffix(b"\n")
        return LayoutPart(line, text, offset)

    def part_of(self, line: int, byte: int = 0) -> int:
        """Return the part in which a line starts, or that a byte of it is in."""
        position = self._checked(line) + byte
        number = min((position - self._start) // BLOCK, self.part_count - 1)
        return number - (position < self._first_start(number))

    def column(self, line: int, byte: int) -> int:
        """Return how many characters of a line start before a byte of it."""
        start = self._checked(line)
        return self._characters_before(start + byte) - self._characters_before(start)

    def raw(self, line: int) -> bytes:
        """Return a line's bytes, without its line end."""
        start, end = self._span(line)
        return self._source.read(start, end)

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """Return a line, or a part of it, fit for the terminal.

        Args:
            index: From 0.
            start: The first character wanted.
            width: How many characters at most; None = to the end.
        """
        begin, end = self._span(index)
        if width is None or end - begin <= LONG:
            text = sanitize(self._source.read(begin, end).decode("utf-8", "replace"))
            return text[start : None if width is None else start + width]
        return sanitize(self._window(begin, end, start, width))[:width]

    def line_at(self, position: int) -> tuple[int, int]:
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
        """Return the position where a line starts, also of the one after the last."""
        if line == 0:
            return self._start
        number = bisect_left(self._line_ends, line) - 1
        if number >= len(self._line_ends) - 1:
            return self._tail.end
        within = self._block_at(number).starts[line - self._line_ends[number] - 1]
        return self._start + number * BLOCK + within

    def _span(self, line: int) -> tuple[int, int]:
        tail, start = self._tail, self._checked(line)
        end = tail.end if line == tail.line_ends else self._line_start(line + 1) - 1
        if end > start and self._source.read(end - 1, end) == b"\r":
            end -= 1
        return start, end

    def _first_start(self, number: int) -> int:
        """Return where the first line of a block starts; its beginning if none does."""
        begin = self._start + number * BLOCK
        if number == 0:
            return begin
        before = self._block_at(number - 1)
        if before.starts and before.starts[-1] == BLOCK:
            return begin
        starts = self._block_at(number).starts
        return begin + (starts[0] if starts and starts[0] < BLOCK else 0)

    def _block_at(self, number: int) -> _Block:
        begin = self._start + number * BLOCK
        return self._block(number, min(begin + BLOCK, self._tail.end))

    # A part of a very long line

    def _characters_before(self, position: int) -> int:
        number, within = divmod(position - self._start, BLOCK)
        if number >= len(self._line_ends) - 1:
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


def _read_block(source: ByteSource, start: int, number: int, end: int) -> _Block:
    data = source.read(start + number * BLOCK, end)
    pieces = data.split(b"\n")[:-1]
    starts = list(accumulate(len(piece) + 1 for piece in pieces))
    return _Block(data, starts)


def _characters(data: bytes) -> int:
    """Return how many characters start in the bytes."""
    if data.isascii():
        return len(data)
    return len(data.translate(None, _CONTINUATION))


def _stray(data: bytes) -> int:
    """Bytes at the beginning that continue a character which started before."""
    head = data[:4]
    return next((i for i, byte in enumerate(head) if byte & 0xC0 != 0x80), len(head))


_PER_LINE = 16
_LINES_PER_PART = 1024
_ASCII = bytes(byte if 0x20 <= byte < 0x7F else 0x2E for byte in range(256))
OFFSET_WIDTH = 8
BYTES_WIDTH = 3 * _PER_LINE
WIDTH = OFFSET_WIDTH + 2 + BYTES_WIDTH + 2 + _PER_LINE + 2


class HexLines:
    """Offset, bytes and their ASCII characters: ``00000010  1f 8b …  |..|``."""

    width = WIDTH

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._size = 0

    def advance(self, until: int) -> None:
        """There are so many bytes by now."""
        self._size = until

    @property
    def line_count(self) -> int:
        """How many lines there are by now."""
        return -(-self._size // _PER_LINE)

    @property
    def part_count(self) -> int:
        """How many parts there are by now."""
        return -(-self.line_count // _LINES_PER_PART)

    def part(self, index: int) -> LayoutPart:
        """Return a thousand lines."""
        if not 0 <= index < self.part_count:
            raise IndexError(f"There is no part {index}.")
        first = index * _LINES_PER_PART
        last = min(first + _LINES_PER_PART, self.line_count)
        return LayoutPart(first, b"\n".join(map(self.raw, range(first, last))))

    def column(self, line: int, byte: int) -> int:
        """Return the column itself: a byte is a character."""
        return byte

    def part_of(self, line: int, byte: int = 0) -> int:
        """Return the part that a line is in."""
        if not 0 <= line < self.line_count:
            raise IndexError(f"There is no line {line}.")
        return line // _LINES_PER_PART

    def raw(self, line: int) -> bytes:
        """Return a line as bytes."""
        return self.line(line).encode("ascii")

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """Return a line, or a part of it."""
        if not 0 <= index < self.line_count:
            raise IndexError(f"There is no line {index}.")
        offset = index * _PER_LINE
        row = self._source.read(offset, offset + _PER_LINE)
        half = _PER_LINE // 2
        numbers = f"{row[:half].hex(' ')}  {row[half:].hex(' ')}"
        characters = row.translate(_ASCII).decode("ascii")
        line = f"{offset:0{OFFSET_WIDTH}x}  {numbers:<{BYTES_WIDTH}}  |{characters}|"
        return line[start:] if width is None else line[start : start + width]
