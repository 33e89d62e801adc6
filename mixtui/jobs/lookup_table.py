"""Check a lookup table before it is sent: CSV (RFC 4180) with a header and a unique key.

https://developer.mixpanel.com/reference/replace-lookup-table. The file is compressed first,
and what was compressed is what is checked and sent, whatever happens to the file meanwhile.
"""

from __future__ import annotations

import csv
import gzip
from array import array
from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from mixtui.jobs.model import JobError
from mixtui.patterns import compile_late
from mixtui.storage.files import stamp
from mixtui.text import pluralise, sanitize_excerpt

MAX_BYTES = 100 * 1024 * 1024
"""Uncompressed."""
MAX_PROBLEMS = 20
"""Those beyond are only counted."""
_BLOCK = 1 << 20
_LEVEL = 6
_PARTS = 64
"""Of the hashes of keys, which are sorted one part at a time."""
_SHOWN = 40
"""Characters of a key in an error."""
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CELL = r'(?:"(?:[^"]|"")*+"|[^",\r\n]*+)'
_RECORD = compile_late(rf"{_CELL}(?:,{_CELL})*+\r?\n?")
_REASONS = {
    "unexpected end of data": "a quote is opened and never closed",
    "',' expected after '\"'": "something follows a closing quote",
}
"""What Python's csv says, and what it means."""


class TableProblem(Struct, frozen=True, order=True):
    """Why a row cannot be stored."""

    line: int
    """From 1."""
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class CheckedTable(Struct, frozen=True):
    """What is in a table."""

    columns: tuple[str, ...]
    rows: int
    """Without the header."""
    problems: tuple[TableProblem, ...]
    """The first ones, by line."""
    problem_count: int


def compress_table(source: Path, target: Path) -> int:
    """Compress a table, without a byte order mark; return its size before.

    Raises:
        JobError: It cannot be read, is too large, or is in another encoding.
        OSError: The target cannot be written.
    """
    total = 0
    with _open(source) as file, gzip.GzipFile(target, "wb", _LEVEL, mtime=0) as packed:
        block = _read(file, source)
        if block.startswith(_UTF16):
            raise JobError(f"{source.name} is UTF-16: save it as UTF-8.")
        block = block.removeprefix(_BOM)
        while block:
            total += len(block)
            if total > MAX_BYTES:
                raise JobError(
                    f"{source.name} is too large: a lookup table has at most "
                    f"{MAX_BYTES >> 20} MiB, uncompressed."
                )
            packed.write(block)
            block = _read(file, source)
    return total


def check_table(packed: Path) -> CheckedTable:
    """Check a compressed table, in bounded memory: 8 bytes a row.

    Args:
        packed: As of `compress_table`.
    """
    checker = _Checker()
    with gzip.open(packed) as file:
        for row in _rows(file):
            checker.add(row)
    if repeated := checker.repeated_hashes():
        with gzip.open(packed) as file:
            checker.add_repeated(_rows(file), repeated)
    return checker.result()


def row_lines(packed: Path, indexes: Collection[int]) -> dict[int, int]:
    """Return the lines of rows, by their index; the header is 0."""
    lines: dict[int, int] = {}
    last = max(indexes, default=-1)
    with gzip.open(packed) as file:
        for index, row in enumerate(_rows(file)):
            if index > last:
                break
            if index in indexes:
                lines[index] = row.line
    return lines


def _open(path: Path) -> BinaryIO:
    if stamp(path) is not None and not path.is_file():
        raise JobError(f"{path} is not a file.")
    try:
        return path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from None


def _read(file: BinaryIO, path: Path) -> bytes:
    try:
        return file.read(_BLOCK)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> JobError:
    return JobError(f"{path} cannot be read: {error.strerror}.")


class _Row(Struct, frozen=True):
    line: int
    """Where it begins."""
    cells: list[str]
    problem: str = ""
    """Why it is not a row of CSV."""


class _Lines:
    """The lines of a file for `csv`, which are remembered until they are taken."""

    def __init__(self, file: Iterator[bytes]) -> None:
        self._file = file
        self.number = 0
        self.problem = ""
        self.text = ""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = next(self._file)
        self.number += 1
        try:
            line = raw.decode()
        except UnicodeDecodeError as error:
            self.problem = f"is not UTF-8 (byte {error.start + 1} of the line)"
            line = raw.decode("utf-8", "replace")
        self.text += line
        return line

    def take(self) -> tuple[str, str]:
        """Return text and problem since last time."""
        taken = self.text, self.problem
        self.text = self.problem = ""
        return taken


def _rows(file: Iterator[bytes]) -> Iterator[_Row]:
    lines = _Lines(file)
    reader = csv.reader(lines, strict=True)
    while True:
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.take()
            yield _Row(line, [], _REASONS.get(str(error), str(error)))
            continue
        text, problem = lines.take()
        if not problem and not cells:
            problem = "the line is empty"
        # A quote in a cell is written twice, and the cell is in quotes.
        elif not problem and '"' in "".join(cells) and not _RECORD.fullmatch(text):
            problem = "a quote is in a cell that is not in quotes"
        yield _Row(line, cells, problem)


class _Checker:
    def __init__(self) -> None:
        self._columns: tuple[str, ...] | None = None
        self._rows = 0
        self._problems: list[TableProblem] = []
        self._count = 0
        self._hashes = [array("q") for _ in range(_PARTS)]

    def add(self, row: _Row) -> None:
        if self._columns is None:
            self._add_header(row)
            return
        self._rows += 1
        if row.problem:
            self._add(row.line, row.problem)
        elif len(row.cells) != len(self._columns):
            count, wanted = len(row.cells), len(self._columns)
            cells = pluralise(count, "cell")
            self._add(row.line, f"{cells}, but the header has {wanted}")
        elif not row.cells[0].strip():
            self._add(row.line, "the key, which is the first cell, is empty")
        else:
            value = hash(row.cells[0])
            self._hashes[value % _PARTS].append(value)

    def repeated_hashes(self) -> set[int]:
        """Return the hashes that more than one key has, whether or not they are the same."""
        repeated = set()
        for part in self._hashes:
            ordered = sorted(part)
            repeated |= {a for a, b in pairwise(ordered) if a == b}
        return repeated

    def add_repeated(self, rows: Iterator[_Row], hashes: set[int]) -> None:
        """Note keys that were there before."""
        first: dict[str, int] = {}
        next(rows)
        for row in rows:
            if row.problem or not row.cells or hash(row.cells[0]) not in hashes:
                continue
            line = first.setdefault(row.cells[0], row.line)
            if line != row.line:
                key = sanitize_excerpt(row.cells[0], _SHOWN)
                self._add(row.line, f"the key {key} is in line {line}, too")

    def result(self) -> CheckedTable:
        if self._columns is None:
            self._add(1, "the header is missing")
        problems = sorted(self._problems)[:MAX_PROBLEMS]
        columns = self._columns or ()
        return CheckedTable(columns, self._rows, tuple(problems), self._count)

    def _add_header(self, row: _Row) -> None:
        self._columns = tuple(row.cells)
        names = [name.strip() for name in row.cells]
        if row.problem:
            self._add(row.line, row.problem)
        elif "" in names:
            self._add(row.line, f"column {names.index('') + 1} has no name")
        elif twice := next((n for n in names if names.count(n) > 1), ""):
            name = sanitize_excerpt(twice, _SHOWN)
            self._add(row.line, f"two columns are named {name}")

    def _add(self, line: int, reason: str) -> None:
        self._count += 1
        self._problems.append(TableProblem(line, reason))
        # Those of repeated keys come last, and may belong before the others.
        if len(self._problems) > 2 * MAX_PROBLEMS:
            self._problems = sorted(self._problems)[:MAX_PROBLEMS]
