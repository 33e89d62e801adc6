"""Write exported records: JSON lines as they came, or a table as CSV, Parquet or DuckDB file.

Each file is written as ``NAME.part`` and gets its name when it is complete. Nothing is held
in memory: DuckDB reads what was received and writes the table. JSON lines that were received
into one file are that file, and not written again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from mixtui.client.decoding import zstd_library
from mixtui.jobs.duckdb_session import (
    open_duckdb,
    quote,
    require_duckdb,
    run_statement,
)
from mixtui.jobs.event_windows import DateWindow
from mixtui.jobs.journal import Journal
from mixtui.jobs.model import JobError
from mixtui.jobs.property_types import PropertyTypes, RecordForm
from mixtui.jobs.record_table import RecordFiles, as_table, select_records
from mixtui.model.errors import NameTaken, StorageError
from mixtui.storage.files import PartFile, unlink_part
from mixtui.system import CancelToken

DATE = "{date}"
"""In the name of the output: a file for each day."""
_CHUNK = 1 << 18
"""Bytes that are copied at once: they stay in the cache of the processor."""
_GZIP_LEVEL = 6
_GROUP_ROWS, _GROUP_CELLS = 61_440, 5_000_000
"""What a row group of a Parquet file has at most: it is held in memory, by each thread. Half of
DuckDB's 122,880 rows takes a fifth less processor time, too."""
_JSON_WIDTH = 250
"""Columns as which one of all properties counts."""
_VECTOR = 2048
"""Rows that DuckDB handles at once, of which a row group has a multiple."""
_LEAST_MEMORY, _MOST_MEMORY = 150, 300
"""Megabytes for tables of few and of many columns."""
_PURPOSE = "{format} files need"


Contents = Sequence[tuple[Path, Sequence[Path]]]
"""The files that are written, and those that each is made of."""


class OutputFormat(StrEnum):
    """How the records are written."""

    LINES = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"
    DUCKDB = "duckdb"


class Compression(StrEnum):
    """How the file is compressed."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


_FORMATS = {
    ".ndjson": OutputFormat.LINES,
    ".jsonl": OutputFormat.LINES,
    ".json": OutputFormat.LINES,
    ".csv": OutputFormat.CSV,
    ".parquet": OutputFormat.PARQUET,
    ".duckdb": OutputFormat.DUCKDB,
}
_COMPRESSIONS = {
    ".gz": Compression.GZIP,
    ".zst": Compression.ZSTD,
    ".zstd": Compression.ZSTD,
}


class Output(Struct, frozen=True):
    """Where the records go, and how they are written there."""

    path: Path
    """May contain `DATE`."""
    format: OutputFormat
    compression: Compression = Compression.NONE
    as_columns: bool = True
    """A table has a column for each property."""
    overwrite: bool = False

    @property
    def is_by_day(self) -> bool:
        """Whether there is a file for each day."""
        return DATE in self.path.name

    def files(self, windows: Sequence[DateWindow]) -> tuple[Path, ...]:
        """Return the files that are written: one, or one for each window."""
        if not self.is_by_day:
            return (self.path,)
        return tuple(map(self._file_of, windows))

    def contents(self, received: Sequence[tuple[DateWindow, Path]]) -> Contents:
        """Return what is written of windows that were received, in order."""
        if not self.is_by_day:
            return ((self.path, [path for _, path in received]),)
        return [(self._file_of(window), [path]) for window, path in received]

    def _file_of(self, window: DateWindow) -> Path:
        date = window.first.isoformat()
        return self.path.with_name(self.path.name.replace(DATE, date))


def choose_output(path: Path, format: OutputFormat | None) -> Output:
    """Return the output that a path names.

    Args:
        path: Of the file.
        format: None = as its name says.

    Raises:
        JobError: Its name says nothing, the format cannot be compressed, or a package is
            missing.
    """
    stem, suffix = os.path.splitext(path.name)
    compression = _COMPRESSIONS.get(suffix.lower(), Compression.NONE)
    if compression is not Compression.NONE:
        suffix = os.path.splitext(stem)[1]
    chosen = format or _FORMATS.get(suffix.lower())
    if chosen is None:
        raise JobError(
            f"{path.name} does not say its format: end it with .ndjson, .csv, .parquet or "
            ".duckdb, or add --format."
        )
    is_text = chosen in (OutputFormat.LINES, OutputFormat.CSV)
    if compression is not Compression.NONE and not is_text:
        raise JobError(
            f"{path.name}: a {chosen} file is compressed inside; remove {path.suffix}."
        )
    if chosen is not OutputFormat.LINES:
        require_duckdb(_PURPOSE.format(format=chosen))
    if compression is Compression.ZSTD and zstd_library() is None:
        raise JobError(f"{path.name}: install mixtui[encodings] to write zstd.")
    return Output(path, chosen, compression)


async def run_in_thread(work: Callable[[], None], token: CancelToken) -> None:
    """Run what looks at a token, and cancel that when the caller is cancelled.

    Raises:
        Cancelled: As `work`.
    """
    try:
        await asyncio.to_thread(work)
    except asyncio.CancelledError:
        # The thread must not go on for as long as that takes.
        token.cancel()
        raise


class Writer(Struct, frozen=True):
    """Makes the outputs of files of records, one a line."""

    output: Output
    form: RecordForm
    folder: Path
    """For what does not fit into memory."""
    journal: Journal
    """Knows which are written, so that a job that was killed need not write them again."""

    @property
    def needs_types(self) -> bool:
        """Whether it needs the types of the properties."""
        return self.output.format is not OutputFormat.LINES and self.output.as_columns

    def __call__(
        self, contents: Contents, found: PropertyTypes, token: CancelToken
    ) -> None:
        """Write everything. Blocking.

        Args:
            contents: What each file is made of.
            found: The types of the properties, if they are needed.
            token: Ends it.

        Raises:
            JobError: DuckDB is missing, or fails.
            StorageError: A file cannot be written; those before it are complete.
            Cancelled: By the token.
        """
        output = self.output
        table = None
        if output.format is not OutputFormat.LINES:
            table = as_table((), found, self.form, as_columns=output.as_columns)
        for path, sources in contents:
            if self.journal.has_written(path):
                unlink_part(path)
                continue
            try:
                self._write(path, sources, table, token)
            except NameTaken:
                raise JobError(
                    f"{path} was created by another program in the meantime: add "
                    "--force to replace it, or choose another name."
                ) from None

    def _write(
        self,
        path: Path,
        sources: Sequence[Path],
        table: RecordFiles | None,
        token: CancelToken,
    ) -> None:
        """Write one file."""
        part = PartFile(path, overwrite=self.output.overwrite)
        try:
            if table is not None:
                self._write_table(part, replace(table, paths=tuple(sources)), token)
            elif not self._is_adopted(part, sources):
                _write_lines(part, sources, self.output.compression, token)
            self.journal.add_output(path, part.identity())
            part.finish()
        finally:
            name = part.close_partial()
            for each in (name, f"{name}.wal"):
                with contextlib.suppress(OSError):
                    os.unlink(each)

    def _is_adopted(self, part: PartFile, sources: Sequence[Path]) -> bool:
        """Make a single file that is written as it is the output; return whether it is."""
        is_plain = self.output.compression is Compression.NONE
        return is_plain and len(sources) == 1 and part.adopt(sources[0])

    def _write_table(
        self, part: PartFile, table: RecordFiles, token: CancelToken
    ) -> None:
        target, select = quote(str(part.part_path)), select_records(table)
        # One column of all properties is as large as many.
        width = _JSON_WIDTH if table.columns is None else len(table.columns) + 1
        rows = min(_GROUP_ROWS, max(_GROUP_CELLS // width, _VECTOR))
        full = min(rows * width / _GROUP_CELLS, 1.0)
        connection = open_duckdb(
            self.folder,
            _PURPOSE.format(format=self.output.format),
            megabytes=int(_LEAST_MEMORY + full * (_MOST_MEMORY - _LEAST_MEMORY)),
        )
        with contextlib.closing(connection):
            match self.output.format:
                case OutputFormat.PARQUET:
                    groups = rows // _VECTOR * _VECTOR
                    options = (
                        f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {groups}"
                    )
                case _:
                    options = f"FORMAT csv, COMPRESSION {self.output.compression}"
            if self.output.format is not OutputFormat.DUCKDB:
                copy = f"COPY ({select}) TO {target} ({options}, USE_TMP_FILE false)"
                run_statement(connection, copy, token)
                return
            # DuckDB makes a database only where nothing is.
            part.part_path.unlink()
            for statement in (
                f"ATTACH {target} AS export",
                f"CREATE TABLE export.{self.form.table} AS {select}",
                "DETACH export",
            ):
                run_statement(connection, statement, token)


class _Compressor(Protocol):
    def compress(self, data: bytes | memoryview, /) -> bytes: ...

    def flush(self) -> bytes: ...


def _write_lines(
    part: PartFile,
    paths: Sequence[Path],
    compression: Compression,
    token: CancelToken,
) -> None:
    """Write the files one behind the other."""
    compressor = _make_compressor(compression)
    for chunk in _chunks(paths):
        token.raise_if_cancelled()
        part.write(compressor.compress(chunk) if compressor else chunk)
    if compressor:
        part.write(compressor.flush())


def _make_compressor(compression: Compression) -> _Compressor | None:
    if compression is Compression.NONE:
        return None
    if compression is Compression.GZIP:
        return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    name = zstd_library()
    assert name is not None  # `choose_output` has checked.
    compressor: _Compressor = import_module(name).ZstdCompressor()
    return compressor


def _chunks(paths: Sequence[Path]) -> Iterator[memoryview]:
    """Yield what is in files; each piece is valid until the next one."""
    buffer = memoryview(bytearray(_CHUNK))
    for path in paths:
        try:
            with path.open("rb", buffering=0) as file:
                while count := file.readinto(buffer):
                    yield buffer[:count]
        except OSError as error:
            raise StorageError(
                path, f"{path} cannot be read: {error.strerror}."
            ) from None
