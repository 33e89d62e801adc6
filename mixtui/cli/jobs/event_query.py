"""``mixtui events query``: SQL over files of events, as a table, CSV or JSON lines."""

from __future__ import annotations

import contextlib
import csv
from argparse import Namespace
from collections.abc import Iterator
from itertools import islice

from mixtui.cli.console import Console
from mixtui.cli.parsing import UsageError
from mixtui.jobs.event_query import EventQuery, Row
from mixtui.jobs.remote import is_remote
from mixtui.jobs.sources import find_sources
from mixtui.model.errors import ExitStatus
from mixtui.temporary import TemporaryFolder
from mixtui.text import pluralise

_SHOWN = 100
"""Rows of a table, unless --limit says otherwise."""
_WIDEST = 60
"""Cells of a column of a table."""


def query_events(arguments: Namespace, console: Console) -> int:
    """Answer a query; return the exit status.

    Raises:
        MixtuiError: It cannot be answered.
    """
    if arguments.csv and arguments.json:
        raise UsageError("--csv and --json cannot be combined.")
    if any(map(is_remote, arguments.sources)):
        raise UsageError("A query reads only files of this machine: copy them first.")
    sources = find_sources(arguments.sources, console.folder)
    folder = TemporaryFolder()
    try:
        with contextlib.closing(EventQuery(sources, folder.path)) as query:
            _print(query, arguments, console)
    finally:
        folder.remove()
    return ExitStatus.ACCEPTED


def _print(query: EventQuery, arguments: Namespace, console: Console) -> None:
    sql, limit = arguments.query, arguments.limit
    if arguments.json:

        def write_json(lines: Iterator[str]) -> None:
            for line in lines:
                console.print_untrusted(line)

        query.write_json(sql, write_json, limit)
    elif arguments.csv:

        def write_csv(names: tuple[str, ...], rows: Iterator[Row]) -> None:
            writer = csv.writer(_Lines(console), lineterminator="")
            writer.writerow(names)
            writer.writerows(rows)

        query.write_rows(sql, write_csv, limit)
    else:
        most = limit or _SHOWN

        def write_table(names: tuple[str, ...], rows: Iterator[Row]) -> None:
            found = list(islice(rows, most + 1))
            console.print_columns([_cells(row) for row in (names, *found[:most])])
            if len(found) > most:
                console.report(
                    f"Only the first {pluralise(most, 'row')}; --limit N shows more, "
                    "--csv and --json print all."
                )

        query.write_rows(sql, write_table, most + 1)


def _cells(row: Row) -> tuple[str, ...]:
    """Return the cells of a row, each on one line and not too wide."""
    cells = (" ".join((cell or "").split()) for cell in row)
    return tuple(c if len(c) <= _WIDEST else f"{c[: _WIDEST - 1]}…" for c in cells)


class _Lines:
    """A file of which each write is a line."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, line: str) -> None:
        self._console.print_untrusted(line)
