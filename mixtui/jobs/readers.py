"""Cut a source into records: JSON lines, a JSON list, CSV, TSV.

Readers say for each record on which line it begins and where it ends, in bytes of the
decompressed text, so that a batch can be read again, and a reader can begin behind what was
done already.
"""

from __future__ import annotations

import csv
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

import msgspec
from msgspec import Struct

from mixtui.delimiters import find_delimiter
from mixtui.jobs.model import JobError
from mixtui.jobs.sources import BLOCK, Format, SourceStream
from mixtui.patterns import compile_late
from mixtui.text import pluralise

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
NOT_UTF8 = "is not UTF-8"
MAX_RECORD = 64 << 20
"""Bytes; what is longer is not a record, and would fill the memory."""


Row = dict[str, Any]
"""A row of a table: its cells by column, empty ones left out."""


class Chunk(Struct, frozen=True):
    """Consecutive records, one at least."""

    start: int
    """Where the first begins, or white space before it."""
    records: Sequence[bytes | Row]
    """JSON values; of JSON lines, blank ones too. Of a table, rows."""
    lines: Sequence[int]
    """On which each begins, from 1."""
    ends: Sequence[int]
    """Where each ends, and the next begins."""
    end_lines: Sequence[int]
    """The line of that."""
    invalid: Mapping[int, str] = {}
    """Why records, by their index, are none."""

    def halves(self) -> tuple[Chunk, Chunk]:
        """Return two chunks, in order, of one with several records."""
        middle = len(self.records) // 2
        return self._part(0, middle), self._part(middle, len(self.records))

    def _part(self, first: int, last: int) -> Chunk:
        return Chunk(
            self.ends[first - 1] if first else self.start,
            self.records[first:last],
            self.lines[first:last],
            self.ends[first:last],
            self.end_lines[first:last],
            {i - first: why for i, why in self.invalid.items() if first <= i < last},
        )


class Reader(ABC):
    """Reads the records of one source, forward."""

    def __init__(self, stream: SourceStream, head: bytes, name: str) -> None:
        """Begin.

        Args:
            stream: Stands behind `head`.
            head: What was read of it already.
            name: Of the source, for errors.

        Raises:
            JobError: It is in no encoding that is read.
        """
        if head.startswith(_UTF16):
            raise JobError(f"{name} is UTF-16: convert it to UTF-8 (iconv -t utf-8).")
        self._stream = stream
        self._name = name
        self._buffer = head
        self._position = 0
        self._line = 1
        if head.startswith(_BOM):
            self._buffer, self._position = head[3:], 3

    @property
    def position(self) -> int:
        """Where the next record begins: bytes of the decompressed text."""
        return self._position

    @property
    def line(self) -> int:
        """The line of that, from 1."""
        return self._line

    def skip_to(self, position: int, line: int) -> None:
        """Go forward to where a record begins."""
        ahead = position - self._position
        if ahead <= len(self._buffer):
            self._buffer = self._buffer[ahead:]
        else:
            self._buffer = b""
            self._stream.skip_to(position)
        self._position, self._line = position, line

    @abstractmethod
    def read(self) -> Chunk | None:
        """Read the next records; None = there are no more.

        Raises:
            JobError: The source cannot be read on.
        """

    def _read_more(self) -> bool:
        """Read a block behind what is in the buffer; False = there is none."""
        if len(self._buffer) > MAX_RECORD:
            raise JobError(
                f"{self._name}, line {self._line}: a record is longer than "
                f"{MAX_RECORD >> 20} MB, or has no end."
            )
        block = self._stream.read(max(BLOCK, len(self._buffer)))
        self._buffer += block
        return bool(block)


class LineReader(Reader):
    """Reads JSON lines: what stands between two line feeds is a record, or blank."""

    def read(self) -> Chunk | None:
        end = self._buffer.rfind(b"\n")
        while end < 0:
            if not self._read_more():
                end = len(self._buffer)
                if not end:
                    return None
                break
            end = self._buffer.rfind(b"\n")
        text, rest = self._buffer[:end], self._buffer[end + 1 :]
        records = text.split(b"\n")
        lengths = accumulate(map(len, records), initial=self._position)
        ends = [end + number for number, end in enumerate(lengths)][1:]
        start, lines = self._position, range(self._line, self._line + len(records))
        if end == len(self._buffer):  # The last line ends without a line feed.
            ends[-1] -= 1
        self._buffer = rest
        self._position, self._line = ends[-1], self._line + len(records)
        end_lines = range(lines.start + 1, lines.stop + 1)
        invalid = _not_utf8(text, records)
        return Chunk(start, records, lines, ends, end_lines, invalid)


def _not_utf8(text: bytes, records: Sequence[bytes]) -> dict[int, str]:
    """Return which of the records of a text are not UTF-8; most texts are."""
    if _is_utf8(text):
        return {}
    return {i: NOT_UTF8 for i, each in enumerate(records) if not _is_utf8(each)}


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


_TOKEN = compile_late(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}\n"]', re.DOTALL)
_BETWEEN = b" \t\r\n,"
"""Stands between the elements of a list."""


class ListReader(Reader):
    """Reads the elements of one JSON list, of any length, or objects without a list."""

    def __init__(self, stream: SourceStream, head: bytes, name: str) -> None:
        super().__init__(stream, head, name)
        self._is_list = not self._buffer.lstrip().startswith(b"{")
        self._has_begun = not self._is_list
        self._has_ended = False

    def skip_to(self, position: int, line: int) -> None:
        super().skip_to(position, line)
        self._has_begun = True

    def read(self) -> Chunk | None:
        while not self._has_ended:
            elements, consumed, lines = self._scan()
            chunk = self._chunk(elements) if elements else None
            self._buffer = self._buffer[consumed:]
            self._position += consumed
            self._line += lines
            if self._has_ended:
                self._check_end()
            if chunk is not None:
                return chunk
            if not self._has_ended and not self._read_more():
                if not self._is_list and not self._buffer.strip(_BETWEEN):
                    return None
                what = "list" if self._is_list else "object"
                where = f"{self._name}, line {self._line}"
                raise JobError(f"{where}: the JSON {what} is cut off.")
        return None

    def _check_end(self) -> None:
        """Refuse text behind the list: it would be lost without a word."""
        while not (rest := self._buffer.strip()):
            self._line += self._buffer.count(b"\n")
            self._buffer = b""
            if not self._read_more():
                return
        line = self._line + self._buffer.count(b"\n", 0, self._buffer.index(rest))
        where = f"{self._name}, line {line}"
        raise JobError(f"{where}: there is text behind the JSON list.")

    def _scan(self) -> tuple[list[tuple[int, int, int, int]], int, int]:
        """Find the complete elements in the buffer.

        Text between elements that is none, such as a number, is taken as one: it is
        rejected, and counted.

        Returns:
            Start, end, and the lines of both, of each; how many bytes and lines of the
            buffer that is.
        """
        buffer = self._buffer
        elements: list[tuple[int, int, int, int]] = []
        depth, line, start, start_line = 0, 0, -1, 0
        consumed, consumed_lines = 0, 0

        def take_text_before(end: int) -> None:
            text = buffer[consumed:end]
            if self._has_begun and (word := text.strip(_BETWEEN)):
                first = consumed + text.index(word)
                word_line = consumed_lines + text.count(b"\n", 0, first - consumed)
                last_line = word_line + word.count(b"\n")
                elements.append((first, first + len(word), word_line, last_line))

        for match in _TOKEN.finditer(buffer):
            token = match[0]
            if token == b"\n":
                line += 1
            elif token == b'"':
                break  # A string that ends in the next block.
            elif token in b"{[":
                if token == b"[" and not self._has_begun:
                    self._has_begun = True
                    consumed, consumed_lines = match.end(), line
                    continue
                if depth == 0:
                    take_text_before(match.start())
                    start, start_line = match.start(), line
                depth += 1
            elif token in b"}]":
                if depth == 0:
                    take_text_before(match.start())
                    self._has_ended = True
                    consumed, consumed_lines = match.end(), line
                    break
                depth -= 1
                if depth == 0:
                    elements.append((start, match.end(), start_line, line))
                    consumed, consumed_lines = match.end(), line
            else:
                line += token.count(b"\n")
        return elements, consumed, consumed_lines

    def _chunk(self, elements: list[tuple[int, int, int, int]]) -> Chunk:
        records = [self._buffer[start:end] for start, end, _, _ in elements]
        return Chunk(
            self._position,
            records,
            [self._line + line for _, _, line, _ in elements],
            [self._position + end for _, end, _, _ in elements],
            [self._line + line for _, _, _, line in elements],
            _not_utf8(b"".join(records), records),
        )


_ROWS = 1000
"""That are read at once."""
# Cells that csv takes are as long as records; its own limit is 128 KB.
csv.field_size_limit(MAX_RECORD)


class TableReader(Reader):
    """Reads CSV or TSV (RFC 4180), whose first row has the names of the columns."""

    def __init__(
        self, stream: SourceStream, head: bytes, name: str, delimiter: str = ""
    ) -> None:
        """Begin, and read the names of the columns.

        Args:
            stream: Stands behind `head`.
            head: What was read of it already.
            name: Of the source, for errors.
            delimiter: Of cells; empty = as in the first row.

        Raises:
            JobError: Two columns have the same name, or one is not UTF-8.
        """
        super().__init__(stream, head, name)
        self._next = 0
        """Where the next line begins, in the buffer."""
        if not delimiter:
            while b"\n" not in self._buffer and self._read_more():
                pass
        self._delimiter = delimiter or find_delimiter(self._buffer) or ","
        header = self._rows(1)
        self.names = tuple(self._named(header[0][0])) if header else ()
        """Of the columns."""

    def skip_to(self, position: int, line: int) -> None:
        self._buffer, self._next = self._buffer[self._next :], 0
        super().skip_to(position, line)

    def read(self) -> Chunk | None:
        start, rows = self._position, self._rows(_ROWS)
        if not rows:
            return None
        invalid: dict[int, str] = {}
        for index, (cells, *_) in enumerate(rows):
            if len(cells) > len(self.names):
                columns = pluralise(len(self.names), "column")
                invalid[index] = f"has {len(cells)} cells for {columns}"
            elif any(map(_is_escaped, cells)):
                invalid[index] = NOT_UTF8
        return Chunk(
            start,
            [self._object(cells) for cells, *_ in rows],
            [line for _, line, _, _ in rows],
            [end for _, _, end, _ in rows],
            [end_line for *_, end_line in rows],
            invalid,
        )

    def _named(self, cells: list[str]) -> list[str]:
        if any(map(_is_escaped, cells)):
            raise JobError(
                f"{self._name}: the names of its columns are not UTF-8: convert it "
                "(iconv -t utf-8)."
            )
        names = [cell.strip() for cell in cells]
        twice = next((n for i, n in enumerate(names) if n in names[:i]), None)
        if twice is not None:
            raise JobError(f"{self._name} has two columns named “{twice}”: rename one.")
        return names

    def _object(self, cells: list[str]) -> Row:
        names = self.names
        row = {n: cell for n, cell in zip(names, cells, strict=False) if cell and n}
        if len(cells) > len(names):
            row[""] = self._delimiter.join(cells[len(names) :])
        return row

    def _rows(self, most: int) -> list[tuple[list[str], int, int, int]]:
        """Read rows: cells, line, where the next begins, and its line. Not blank ones."""
        rows: list[tuple[list[str], int, int, int]] = []
        reader = csv.reader(self._texts(), delimiter=self._delimiter)
        line = self._line
        try:
            for cells in reader:
                if cells:
                    rows.append((cells, line, self._position, self._line))
                line = self._line
                if len(rows) == most:
                    break
        except csv.Error as error:
            raise JobError(f"{self._name}, line {line}: {error}.") from None
        return rows

    def _texts(self) -> Iterator[str]:
        """Yield line after line; a quoted cell may have several."""
        while line := self._take_line():
            yield line.decode("utf-8", "surrogateescape")

    def _take_line(self) -> bytes:
        """Take one line with its end; empty = there is none."""
        end = self._buffer.find(b"\n", self._next)
        if end < 0:
            self._buffer, self._next = self._buffer[self._next :], 0
            while (end := self._buffer.find(b"\n")) < 0 and self._read_more():
                pass
            if end < 0:
                end = len(self._buffer) - 1
        line = self._buffer[self._next : end + 1]
        self._next = end + 1
        self._position += len(line)
        self._line += bool(line)
        return line


def _is_escaped(cell: str) -> bool:
    """Return whether bytes of a cell were not UTF-8."""
    if cell.isascii():
        return False
    try:
        cell.encode()
    except UnicodeEncodeError:
        return True
    return False


def open_reader(stream: SourceStream, head: bytes, name: str, format: Format) -> Reader:
    """Return the reader of a format.

    Args:
        stream: Stands behind `head`.
        head: What was read of it already.
        name: Of the source, for errors.
        format: How its records are written.

    Raises:
        JobError: The source is not in that format.
    """
    match format:
        case Format.LINES:
            return LineReader(stream, head, name)
        case Format.JSON:
            return ListReader(stream, head, name)
        case Format.CSV:
            return TableReader(stream, head, name)
        case Format.TSV:
            return TableReader(stream, head, name, "\t")
        case Format.PARQUET:
            # It is converted before (see `sql`).
            raise JobError(
                f"{name} is Parquet, which is only read from a file that is not "
                "compressed as a whole: save or decompress it, and name that file."
            )


def describe_malformed(text: bytes) -> str:
    """Say why a text is not a JSON object; empty = it is one."""
    try:
        value = msgspec.json.decode(text)
    except RecursionError:
        return "nested too deeply"
    except ValueError as mistake:
        reason = str(mistake).removeprefix("JSON is malformed: ")
        return f"not valid JSON ({reason[:1].lower()}{reason[1:]})"
    return "" if isinstance(value, dict) else "not a JSON object"
