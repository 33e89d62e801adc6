"""Index records that are byte ranges of the raw body: JSON lines and CSV.

Only their offsets are stored, 8 bytes per record.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from typing import Protocol

from mixtui.document.source import ByteSource
from mixtui.patterns import compile_late
from mixtui.system import CancelToken
from mixtui.tables.cells import Path

BLOCK_BYTES = 1 << 20
"""Scanned at once."""
_BATCH_RECORDS = 2048
"""Read at once in a pass over all records."""

_LINE = compile_late(rb"[ \t\r\n]*+([^ \t\r\n][^\n]*+)\n")

Scan = Callable[[bytes, bool], tuple[list[int], int]]
"""Finds the starts of records in a block; returns them, and how many bytes are complete.

The last block may end within a record.
"""


class Records(Protocol):
    """The records of a table, by number; read from any thread."""

    @property
    def count(self) -> int:
        """The number of records so far."""
        ...

    def text(self, number: int) -> bytes:
        """Return a record as the server wrote it.

        Raises:
            IndexError: No such record.
        """
        ...

    def texts(self, start: int = 0) -> Iterator[bytes]:
        """Yield the records from `start` on; faster than reading them one by one."""
        ...

    def path(self, number: int, column: Path) -> Path:
        """Return the path of a record's value in the body."""
        ...


class ByteRangeRecords:
    """Records between offsets of a body.

    Args:
        source: The body; may still grow.
        scan: Finds the records.
        header_count: Records at the start that are headers.
    """

    def __init__(self, source: ByteSource, scan: Scan, header_count: int = 0) -> None:
        self._source = source
        self._scan = scan
        self._header_count = header_count
        # In CSV, spaces belong to the fields, and a tab may be the delimiter.
        self._blank = b"\r\n" if header_count else b" \t\r\n"
        self._starts = array("Q")
        self._scanned = 0
        """Offset of the first byte that is not scanned."""
        self._block = BLOCK_BYTES
        self.count = 0
        """Records so far; changed last, so that each counted record can be read."""

    @property
    def header(self) -> bytes | None:
        """The first record of the body; None = not complete yet."""
        if not self._starts:
            return None
        end = self._starts[1] if len(self._starts) > 1 else self._scanned
        return self._source.read(self._starts[0], end).rstrip(b"\r\n")

    def advance(self, complete: bool, token: CancelToken) -> bool:
        """Scan the next block; return whether there is more complete data.

        Raises:
            Cancelled: The token was cancelled; the next call resumes.
            OSError: The body cannot be read.
        """
        size, block = self._source.size, self._block
        token.checkpoint(self._scanned, size)
        base = self._scanned
        data = self._source.read(base, base + block)
        is_last = complete and base + len(data) >= size
        starts, consumed = self._scan(data, is_last)
        self._starts.extend([base + start for start in starts])
        self._scanned += consumed
        self.count = max(0, len(self._starts) - self._header_count)
        # A record longer than a block needs a larger one.
        self._block = BLOCK_BYTES if consumed else block * 2
        return bool(data) and not is_last and (consumed > 0 or base + len(data) < size)

    def text(self, number: int) -> bytes:
        """Return a record without its separator."""
        start, end = self._span(number)
        return self._source.read(start, end).strip(self._blank)

    def texts(self, start: int = 0) -> Iterator[bytes]:
        """Yield the records from `start` on, as far as they have arrived."""
        count = self.count
        for first in range(start, count, _BATCH_RECORDS):
            last = min(first + _BATCH_RECORDS, count) - 1
            base, end = self._span(first)[0], self._span(last)[1]
            data = self._source.read(base, end)
            header_count = self._header_count
            edges = [*self._starts[first + header_count : last + header_count + 1], end]
            for index in range(last - first + 1):
                record = data[edges[index] - base : edges[index + 1] - base]
                yield record.strip(self._blank)

    def path(self, number: int, column: Path) -> Path:
        """Return the path within the record: jq reads each record as an input of its own."""
        return column

    def _span(self, number: int) -> tuple[int, int]:
        if not 0 <= number < self.count:
            raise IndexError(f"No record {number}.")
        number += self._header_count
        end = self._scanned
        if number + 1 < len(self._starts):
            end = self._starts[number + 1]
        return self._starts[number], end


def scan_lines(data: bytes, is_last: bool) -> tuple[list[int], int]:
    """Find the lines that are not blank."""
    if is_last and not data.endswith(b"\n"):
        data += b"\n"
    starts = [match.start(1) for match in _LINE.finditer(data)]
    return starts, data.rfind(b"\n") + 1


def csv_scanner(delimiter: str) -> Scan:
    """Return a scanner for CSV records; line breaks in quotes do not end them."""
    unquoted = f"[^{re.escape(delimiter)}\r\n]*+"

    def record_pattern(close: str, end: str) -> re.Pattern[bytes]:
        quoted = f'"[^"]*+(?:""[^"]*+)*+{close}{unquoted}'
        field = f'(?:{quoted}|(?!"){unquoted})'
        fields = f"{field}(?:{re.escape(delimiter)}{field})*+"
        return re.compile(f"{fields}(?:{end})".encode())

    inner_pattern = record_pattern('"', r"\r\n|\n|\r(?!\Z)")
    last_pattern = record_pattern(r'(?:"|\Z)', r"\r\n|\n|\r|\Z")

    def scan(data: bytes, is_last: bool) -> tuple[list[int], int]:
        pattern, index, starts = last_pattern if is_last else inner_pattern, 0, []
        while index < len(data) and (match := pattern.match(data, index)):
            if match[0].strip(b"\r\n"):
                starts.append(index)
            index = match.end()
        return starts, index

    return scan
