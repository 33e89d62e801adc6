"""Bytes that are no text, sixteen a line, as ``hexdump -C`` prints them."""

from __future__ import annotations

from mixtui.core.byte_source import ByteSource
from mixtui.core.layout import LayoutPart

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
        """A thousand lines."""
        if not 0 <= index < self.part_count:
            raise IndexError(f"There is no part {index}.")
        first = index * _LINES_PER_PART
        last = min(first + _LINES_PER_PART, self.line_count)
        return LayoutPart(first, b"\n".join(map(self.raw, range(first, last))))

    def column(self, line: int, byte: int) -> int:
        """A byte is a character."""
        return byte

    def part_of(self, line: int, byte: int = 0) -> int:
        """The part that a line is in."""
        if not 0 <= line < self.line_count:
            raise IndexError(f"There is no line {line}.")
        return line // _LINES_PER_PART

    def raw(self, line: int) -> bytes:
        """A line as bytes."""
        return self.line(line).encode("ascii")

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """A line, or a part of it."""
        if not 0 <= index < self.line_count:
            raise IndexError(f"There is no line {index}.")
        offset = index * _PER_LINE
        row = self._source.read(offset, offset + _PER_LINE)
        half = _PER_LINE // 2
        numbers = f"{row[:half].hex(' ')}  {row[half:].hex(' ')}"
        characters = row.translate(_ASCII).decode("ascii")
        line = f"{offset:0{OFFSET_WIDTH}x}  {numbers:<{BYTES_WIDTH}}  |{characters}|"
        return line[start:] if width is None else line[start : start + width]
