"""The lines of a body, found fast and decoded one at a time.

No list of texts is held: an array of offsets (8 bytes a line) beside the bytes. Lines
end at ``\\n`` alone; U+2028 and U+0085, which ``str.splitlines`` splits at, are part of
a line.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import accumulate, pairwise

from mixtui.core.visible import TAB, visible

LONG = 8192
"""Bytes; of a longer line only the part that is asked for is decoded."""
_BLOCK = 1 << 16
_MARK_EVERY = 1 << 14


class TextLines:
    """Lines of text in UTF-8; bytes that are not show as U+FFFD."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._long: dict[int, _LongLine] = {}
        self._starts, self.width = _line_starts(data)
        """In cells: no line is wider, though one that is not ASCII may be narrower."""
        if b"\t" in data:
            self.width = self._widest_with_tabs()

    def __len__(self) -> int:
        return len(self._starts) - 1

    def raw(self, index: int) -> bytes:
        """A line's bytes, without its line end."""
        start, end = self._span(index)
        return self._data[start:end]

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """A line, or a part of it, fit for the terminal.

        Args:
            index: From 0.
            start: The first character wanted.
            width: How many characters at most; None = to the end.
        """
        begin, end = self._span(index)
        if width is None:
            return visible(self._data[begin:end].decode("utf-8", "replace"))[start:]
        if end - begin <= LONG:
            return self.line(index)[start : start + width]
        if index not in self._long:
            self._long[index] = _LongLine(self._data, begin, end)
        return visible(self._long[index].part(start, width))[:width]

    def _span(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            raise IndexError(f"There is no line {index}.")
        start, end = self._starts[index], self._starts[index + 1] - 1
        if end > start and self._data[end - 1] == 0x0D:
            end -= 1
        return start, end

    def _widest_with_tabs(self) -> int:
        spans = map(self._span, range(len(self)))
        tab = TAB - 1
        return max(e - s + tab * self._data.count(b"\t", s, e) for s, e in spans)


def _line_starts(data: bytes) -> tuple[array[int], int]:
    """Where each line starts, and where one more would; the bytes of the longest."""
    starts, longest = array("q", [0]), 0
    for offset in range(0, len(data), _BLOCK):
        # In blocks: the short-lived pieces stay few, however big the body is.
        pieces = data[offset : offset + _BLOCK].split(b"\n")
        pieces.pop()  # Not ended yet.
        if not pieces:
            continue
        lengths = [len(piece) + 1 for piece in pieces]
        ends = list(accumulate(lengths, initial=offset))
        lengths[0] = ends[1] - starts[-1]  # It began in an earlier block.
        longest = max(longest, max(lengths))
        del ends[0]
        starts.fromlist(ends)
    if starts[-1] < len(data):
        starts.append(len(data) + 1)  # As if the last line were ended, too.
        longest = max(longest, starts[-1] - starts[-2])
    return starts, max(longest - 1, 0)


class _LongLine:
    """Finds characters in one very long line by marks, so that nothing before the part
    wanted has to be decoded again.
    """

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data, self._end = data, end
        self._offsets = [start]
        while (following := self._offsets[-1] + _MARK_EVERY) < end:
            self._offsets.append(_character_start(data, following))
        spans = pairwise((*self._offsets, end))
        counts = [len(data[s:e].decode("utf-8", "replace")) for s, e in spans]
        self._characters = list(accumulate(counts[:-1], initial=0))

    def part(self, start: int, width: int) -> str:
        mark = bisect_right(self._characters, start) - 1
        offset, skip = self._offsets[mark], start - self._characters[mark]
        until = min(offset + (skip + width) * 4, self._end)  # At most 4 bytes each.
        if until < self._end:
            until = _character_start(self._data, until)
        text = self._data[offset:until].decode("utf-8", "replace")
        return text[skip : skip + width]


def _character_start(data: bytes, position: int) -> int:
    """The position, or that of the UTF-8 character which it is in the middle of."""
    for start in range(position, position - 4, -1):
        if data[start] & 0xC0 != 0x80:
            return start
    return position  # Stray continuation bytes: each is a mark of its own.
