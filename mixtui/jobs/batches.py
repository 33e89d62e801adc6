"""Read sources and cut them into batches, leaving out what was done already."""

from __future__ import annotations

import heapq
import itertools
import sys
from collections.abc import Iterator, Sequence
from typing import BinaryIO, cast

import msgspec
from msgspec import Struct

from mixtui.jobs.model import (
    Batch,
    InvalidRecord,
    JobError,
    RecordChecker,
    RejectedBy,
    RejectedRecord,
    SourceRange,
)
from mixtui.jobs.readers import (
    Chunk,
    Reader,
    Row,
    TableReader,
    open_reader,
)
from mixtui.jobs.recipe import EventRecipe, Mapper, Recipe
from mixtui.jobs.sources import BLOCK, Format, Source, SourceStream, sniff_format
from mixtui.mixpanel.events import MAX_BATCH_BYTES, MAX_BATCH_RECORDS
from mixtui.spelling import did_you_mean

_MAX_INVALID = MAX_BATCH_RECORDS
"""Invalid records after which a batch is cut, so that it does not fill the memory."""

_FEW = 64
"""Records that are seen one by one rather than divided further to find those to see."""

SHARD_BLOCK = 4_000_000
"""Bytes of decompressed text that go to one shard before the next has its turn. Part of the
format: machines that share an import must agree on it."""
_SHOWN_COLUMNS = 20


class Shard(Struct, frozen=True):
    """One of several parts of all sources, for as many machines.

    A source is dealt out in blocks; a record belongs to the block that it ends in. So
    each machine finds its records by itself, in any format that is read in order.
    """

    number: int
    """From 1."""
    count: int

    def others(self) -> Iterator[SourceRange]:
        """Yield the ranges of the other shards, without end."""
        if self.count == 1:
            return
        own, rest = self.number - 1, self.count - 1
        if own:
            yield SourceRange(0, own * SHARD_BLOCK, 0)
        for start in itertools.count((own + 1) * SHARD_BLOCK, self.count * SHARD_BLOCK):
            yield SourceRange(start, start + rest * SHARD_BLOCK, 0)

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


ALL = Shard(1, 1)


class Cutting(Struct, frozen=True):
    """How sources are read and cut."""

    recipe: Recipe = EventRecipe()
    format: Format | None = None
    """None = as each source looks."""
    columns: tuple[str, ...] | None = None
    """Of the rows of a query, whose empty cells are null; None = records are as they are."""
    max_records: int = MAX_BATCH_RECORDS
    max_bytes: int = MAX_BATCH_BYTES
    shard: Shard = ALL
    """The part that is read; the others are left out."""


class BatchCutter:
    """Cuts one source into batches. Blocks: run it in a thread."""

    def __init__(
        self,
        index: int,
        source: Source,
        cutting: Cutting,
        *,
        checker: RecordChecker,
        done: Sequence[SourceRange] = (),
        stdin: BinaryIO | None = None,
    ) -> None:
        """Open the source.

        Args:
            index: Of the source.
            source: What to read.
            cutting: How.
            checker: Checks and completes each record.
            done: What to leave out; ranges that do not overlap.
            stdin: Where ``-`` reads from.

        Raises:
            JobError: It cannot be opened, or has not the columns of the recipe.
        """
        self._index, self._cutting, self._checker = index, cutting, checker
        self._done = sorted(done)
        skipped = heapq.merge(self._done, cutting.shard.others())
        self._skipped = itertools.chain(skipped, itertools.repeat(_NOTHING))
        self._skip = next(self._skipped)
        self._stream = SourceStream(source, stdin)
        try:
            head = self._stream.read(BLOCK)
            kind = cutting.format or sniff_format(source, head)
            self._reader = open_reader(self._stream, head, source.name, kind)
            self._mapper = _mapper(cutting, self._reader, source.name)
        except BaseException:
            self._stream.close()
            raise

    @property
    def raw_position(self) -> int:
        """Bytes read of the file, compressed or not."""
        return self._stream.raw_position

    def close(self) -> None:
        """Close the source."""
        self._stream.close()

    def batches(self) -> Iterator[Batch]:
        """Yield the batches in order, without what is done.

        Raises:
            JobError: The source cannot be read on.
        """
        reader = self._reader
        for each in self._done:
            if each.start > reader.position:
                break
            reader.skip_to(each.end, each.end_line)
        draft = _BatchDraft(self._index, reader.position, self._cutting)
        while (chunk := reader.read()) is not None:
            yield from self._cut(chunk, draft)
        if draft.has_any:
            yield draft.cut()

    def _cut(self, chunk: Chunk, draft: _BatchDraft) -> Iterator[Batch]:
        """Yield the batches that become full with the records of a chunk."""
        parts = [chunk]
        while parts:
            part = parts.pop()
            if self._mapper is None and self._accepts(part):
                yield from draft.add(part)
            elif self._mapper is None and len(part.records) > _FEW:
                parts.extend(reversed(part.halves()))
            else:
                yield from self._cut_each(part, draft)

    def _accepts(self, chunk: Chunk) -> bool:
        """Return whether all records of a chunk are read, and sent as they are."""
        while self._skip.end <= chunk.start:
            self._skip = next(self._skipped)
        if chunk.invalid or chunk.ends[-1] > self._skip.start:
            return False
        return self._checker.accepts(cast("Sequence[bytes]", chunk.records))

    def _cut_each(self, chunk: Chunk, draft: _BatchDraft) -> Iterator[Batch]:
        """As `_cut`, of records that have to be seen one by one."""
        complete, make, invalid = self._checker.complete, self._mapper, chunk.invalid
        skip = self._skip
        for index, (read, line, end, end_line) in enumerate(
            zip(chunk.records, chunk.lines, chunk.ends, chunk.end_lines, strict=True)
        ):
            while end > skip.end:
                skip = self._skip = next(self._skipped)
            if end > skip.start:
                if draft.has_any:
                    yield draft.cut()
                draft.move(end)
                continue
            if type(read) is bytes and not read.strip():
                draft.extend(end, end_line)
                continue
            try:
                if invalid and index in invalid:
                    raise InvalidRecord(invalid[index])
                if make is not None:
                    record = complete(make.map(read))
                else:
                    assert isinstance(read, bytes)  # Rows have a mapper.
                    record = complete(read)
            except InvalidRecord as problem:
                draft.reject(read, line, problem)
            else:
                size = len(record) + 1
                if not draft.has_room(1, size):
                    yield draft.cut()
                draft.append((record,), (line,), size)
            draft.extend(end, end_line)
            if len(draft.invalid) >= _MAX_INVALID:
                yield draft.cut()


_NOTHING = SourceRange(sys.maxsize, sys.maxsize, sys.maxsize)
"""Lies behind every record."""


class _BatchDraft:
    """A batch that is being filled."""

    def __init__(self, source: int, start: int, cutting: Cutting) -> None:
        self._source, self._cutting = source, cutting
        self._start = self._end = start
        self._end_line = 1
        self._reset()

    def _reset(self) -> None:
        self.records: list[bytes] = []
        self.lines: list[int] = []
        self.invalid: list[RejectedRecord] = []
        self.size = 1

    @property
    def has_any(self) -> bool:
        return self._end > self._start

    def add(self, chunk: Chunk) -> Iterator[Batch]:
        """Add records as they are read; yield the batches that become full."""
        parts = [chunk]
        while parts:
            part = parts.pop()
            records = cast("Sequence[bytes]", part.records)
            size = sum(map(len, records)) + len(records)
            if not self.has_room(len(records), size):
                if len(records) > 1:
                    parts.extend(reversed(part.halves()))
                    continue
                yield self.cut()
            self.append(records, part.lines, size)
            self.extend(part.ends[-1], part.end_lines[-1])

    def has_room(self, count: int, size: int) -> bool:
        """Return whether records belong into this batch: one always does, if alone.

        Args:
            count: Of the records.
            size: Their bytes in a list, with what is between them.
        """
        together = len(self.records) + count
        cutting = self._cutting
        fits = self.size + size <= cutting.max_bytes
        return together == 1 or (fits and together <= cutting.max_records)

    def append(self, records: Sequence[bytes], lines: Sequence[int], size: int) -> None:
        """Add records for which there is room."""
        self.records += records
        self.lines += lines
        self.size += size

    def extend(self, end: int, line: int) -> None:
        """Make it reach to where another record begins."""
        self._end, self._end_line = end, line

    def move(self, start: int) -> None:
        """Let it begin elsewhere; it must be empty."""
        self._start = self._end = start

    def reject(self, text: bytes | Row, line: int, problem: InvalidRecord) -> None:
        record = text if isinstance(text, bytes) else _row_text(text)
        self.invalid.append(
            RejectedRecord(
                RejectedBy.CHECK, line, record, problem.reason, problem.field
            )
        )

    def cut(self) -> Batch:
        """Return the batch, and begin the next."""
        batch = Batch(
            self._source,
            SourceRange(self._start, self._end, self._end_line),
            tuple(self.records),
            tuple(self.lines),
            self.size,
            tuple(self.invalid),
        )
        self._start = self._end
        self._reset()
        return batch


def _row_text(row: Row) -> bytes:
    mended = {
        key: value.encode("utf-8", "replace").decode() for key, value in row.items()
    }
    return msgspec.json.encode(mended)


def _mapper(cutting: Cutting, reader: Reader, name: str) -> Mapper | None:
    """Return what makes records of rows and objects; None = they are records.

    Raises:
        JobError: The recipe names a column which is not there: it would map nothing.
    """
    recipe, names = cutting.recipe, cutting.columns
    if isinstance(reader, TableReader):
        names = reader.names
    if recipe.is_empty and names is None:
        return None
    mapper = recipe.mapper(omit_null=names is not None)
    for column in sorted(recipe.columns - set(names or recipe.columns)):
        assert names is not None
        hint = did_you_mean(column, names)
        shown = ", ".join(names[:_SHOWN_COLUMNS])
        problem = f"{name} has no column “{column}”."
        raise JobError(" ".join(filter(None, (problem, hint, f"It has {shown}."))))
    return mapper
