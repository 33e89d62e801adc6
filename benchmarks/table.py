"""Time to open, sort, filter and page through a table of a million records.

    python -m benchmarks.table [ROWS]

Prints seconds, and the memory that the process has taken at most.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mixtui.document.document import read_source
from mixtui.document.source import FileSource
from mixtui.system import CancelToken
from mixtui.tables.export import export_tsv
from mixtui.tables.finder import TableFinder
from mixtui.tables.view import Sort, View

T = TypeVar("T")


def write(path: Path, rows: int) -> None:
    """Write events with eight properties each."""
    choose = random.Random(1).choice
    with path.open("w", encoding="utf-8") as file:
        for i in range(rows):
            properties = {
                "time": 1795392000 + i * 7919 % 86400,
                "distinct_id": f"user-{i * 7919 % 100_003}",
                "$insert_id": f"{i:016x}",
                "$city": choose(["Berlin", "São Paulo", "New York", None]),
                "plan": choose(["free", "pro"]),
                "price": i * 31 % 10_000 / 100,
                "gift": i % 3 == 0,
                "items": [1, 2, 3],
            }
            event = choose(["Sign up", "Purchase", "Page viewed"])
            record = {"event": event, "properties": properties}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def timed(what: str, work: Callable[[], T]) -> T:
    """Return the result of the work, and print its duration."""
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<38} {seconds:8.3f} s   peak {peak:6.0f} MB", flush=True)
    return result


def page(view: View, start: int) -> int:
    """Read fifty rows with their cells, as a page does."""
    rows = [view.table.row(number) for number in view.numbers[start : start + 50]]
    return sum(row.cell(c) is not None for row in rows for c in view.columns)


def main() -> None:
    """Create a body, and measure."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.ndjson")
        write(path, rows)
        print(f"{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB")
        body = timed("lay out", lambda: read_source(FileSource(path)))
        (table,) = timed("open", lambda: TableFinder(body).advance(CancelToken()))
        timed("columns of all rows", lambda: table.find_columns(CancelToken()))
        view = View(table)

        def arranged(column: str, text: str) -> View:
            sort_column = table.column(column)
            sort = Sort(sort_column.path) if sort_column else None
            return view.arrange(sort, text, CancelToken())

        timed("sort by a number (time)", lambda: arranged("time", ""))
        timed("sort by a text (all different)", lambda: arranged("$insert_id", ""))
        timed("sort by a text (repeating)", lambda: arranged("event", ""))
        timed("filter: a rare word", lambda: arranged("", "user-77777"))
        timed("filter: a common word", lambda: arranged("", "purchase"))
        timed("filter: column:word", lambda: arranged("", "plan:pro"))
        by_price = timed("sort and filter", lambda: arranged("price", "plan:pro"))
        timed("a page at the start", lambda: page(view, 0))
        timed("a page in the middle", lambda: page(view, rows // 2))
        timed("a page of the sorted view", lambda: page(by_price, rows // 4))
        pieces = export_tsv(table, view.columns, view.numbers)
        timed("copy all as TSV", lambda: sum(map(len, pieces)))


if __name__ == "__main__":
    main()
