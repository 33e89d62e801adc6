"""Bytes that are no text, sixteen a line, as ``hexdump -C`` prints them."""

from __future__ import annotations

_PER_LINE = 16
_ASCII = bytes(byte if 0x20 <= byte < 0x7F else 0x2E for byte in range(256))
OFFSET_WIDTH = 8
BYTES_WIDTH = 3 * _PER_LINE
WIDTH = OFFSET_WIDTH + 2 + BYTES_WIDTH + 2 + _PER_LINE + 2


class HexLines:
    """Offset, bytes and their ASCII characters: ``00000010  1f 8b …  |..|``."""

    width = WIDTH

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return -(-len(self._data) // _PER_LINE)

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """A line, or a part of it."""
        if not 0 <= index < len(self):
            raise IndexError(f"There is no line {index}.")
        offset = index * _PER_LINE
        row = self._data[offset : offset + _PER_LINE]
        half = _PER_LINE // 2
        numbers = f"{row[:half].hex(' ')}  {row[half:].hex(' ')}"
        characters = row.translate(_ASCII).decode("ascii")
        line = f"{offset:0{OFFSET_WIDTH}x}  {numbers:<{BYTES_WIDTH}}  |{characters}|"
        return line[start:] if width is None else line[start : start + width]
