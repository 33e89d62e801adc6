"""Records that are byte ranges of the raw body: JSON lines and CSV.

Only their offsets are stored, 8 bytes per record.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from typing import Protocol

from mixtui.document.source import ByteSource
from mixtui.system import CancelToken
from mixtui.tables.cells import Path

BLOCK = 1 << 20
"""Bytes that are scanned at once."""
_BATCH = 2048
"""Records that are read at once in a full pass."""

_LINE = re.compile(rb"[ \t\r\n]*+([^ \t\r\n][^\n]*+)\n")

Scan = Callable[[bytes, bool], tuple[list[int], int]]
"""Returns where records start in a block, and how many bytes are done; the last block
may end within a record.
"""


class Records(Protocol):
    """The records of a table, by number; read from any thread."""

    @property
    def count(self) -> int:
        """Return the current number of records."""
        ...

    def text(self, number: int) -> bytes:
        """Return a record as the server wrote it.

        Raises:
            IndexError: There is no such record.
        """
        ...

    def texts(self, start: int = 0) -> Iterator[bytes]:
        """Yield the records from `start` on; faster than reading them one by one."""
        ...

    def path(self, number: int, column: Path) -> Path:
        """Return the path of a record's value in the body."""
        ...


class Spans:
    """Records between offsets of a body.

    Args:
        source: The body; may still grow.
        scan: Finds the records.
        skipped: The number of records at the start that are headers.
    """

    def __init__(self, source: ByteSource, scan: Scan, skipped: int = 0) -> None:
        self._source = source
        self._scan = scan
        self._skipped = skipped
        # Spaces at the ends belong to CSV fields, and a tab may be the separator.
        self._blank = b"\r\n" if skipped else b" \t\r\n"
        self._starts = array("Q")
        self._end = 0
        """Up to here all is looked at."""
        self._block = BLOCK
        self.count = 0
        """How many there are by now; the last to change, so that each can be read."""

    @property
    def header(self) -> bytes | None:
        """Return the first record of the body; None = it is not complete yet."""
        if not self._starts:
            return None
        end = self._starts[1] if len(self._starts) > 1 else self._end
        return self._source.read(self._starts[0], end).rstrip(b"\r\n")

    def advance(self, complete: bool, token: CancelToken) -> bool:
        """Scan the next block; returns whether there is more complete data.

        Raises:
            Cancelled: The token was cancelled; the next call resumes.
            OSError: The body cannot be read.
        """
        size, block = self._source.size, self._block
        token.checkpoint(self._end, size)
        base = self._end
        data = self._source.read(base, base + block)
        last = complete and base + len(data) >= size
        starts, done = self._scan(data, last)
        self._starts.extend([base + start for start in starts])
        self._end += done
        self.count = max(0, len(self._starts) - self._skipped)
        # A record longer than a block needs a larger one.
        self._block = BLOCK if done else block * 2
        return bool(data) and not last and (done > 0 or base + len(data) < size)

    def text(self, number: int) -> bytes:
        """Return a record without its separator."""
        start, end = self._span(number)
        return self._source.read(start, end).strip(self._blank)

    def texts(self, start: int = 0) -> Iterator[bytes]:
        """Yield the records from `start` on, as far as they have arrived."""
        count = self.count
        for first in range(start, count, _BATCH):
            last = min(first + _BATCH, count) - 1
            base, end = self._span(first)[0], self._span(last)[1]
            data = self._source.read(base, end)
            skipped = self._skipped
            edges = [*self._starts[first + skipped : last + skipped + 1], end]
            for index in range(last - first + 1):
                record = data[edges[index] - base : edges[index + 1] - base]
                yield record.strip(self._blank)

    def path(self, number: int, column: Path) -> Path:
        """Return the path within the record: jq reads each record as a separate
        input.
        """
        return column

    def _span(self, number: int) -> tuple[int, int]:
        if not 0 <= number < self.count:
            raise IndexError(f"There is no record {number}.")
        number += self._skipped
        end = self._end
        if number + 1 < len(self._starts):
            end = self._starts[number + 1]
        return self._starts[number], end


def scan_lines(data: bytes, last: bool) -> tuple[list[int], int]:
    """Find the lines that are not empty."""
    if last and not data.endswith(b"\n"):
        data += b"\n"
    starts = [match.start(1) for match in _LINE.finditer(data)]
    return starts, data.rfind(b"\n") + 1


def csv_scan(delimiter: str) -> Scan:
    """Return a scanner for CSV records; line breaks in quotes do not end them."""
    unquoted = f"[^{re.escape(delimiter)}\r\n]*+"

    def record(close: str, end: str) -> re.Pattern[bytes]:
        quoted = f'"[^"]*+(?:""[^"]*+)*+{close}{unquoted}'
        field = f'(?:{quoted}|(?!"){unquoted})'
        fields = f"{field}(?:{re.escape(delimiter)}{field})*+"
        return re.compile(f"{fields}(?:{end})".encode())

    inside = record('"', r"\r\n|\n|\r(?!\Z)")
    final = record(r'(?:"|\Z)', r"\r\n|\n|\r|\Z")

    def scan(data: bytes, last: bool) -> tuple[list[int], int]:
        pattern, index, starts = final if last else inside, 0, []
        while index < len(data) and (match := pattern.match(data, index)):
            if match[0].strip(b"\r\n"):
                starts.append(index)
            index = match.end()
        return starts, index

    return scan
