"""The order of a table's rows by a column, as numbers of rows: 4 bytes each."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from mixtui.core.records.cells import Kind, Path
from mixtui.core.records.readers import Reader
from mixtui.core.records.table import Table
from mixtui.core.records.watch import Watch

_STEP = 2048
_BUCKET = 16_384
"""Rows that are sorted at once: nothing else of the program runs meanwhile."""
_LONGEST_INTEGER = 4000
"""Digits; Python reads no more without being asked to."""
_SHARED = 50_000
"""Different values that are kept once each: names and dates repeat."""


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column, and in which direction."""

    path: Path
    descending: bool = False


Key = Any
"""A number, or what else compares with its like."""


def sorted_rows(table: Table, sort: Sort, watch: Watch) -> array[int]:
    """The rows in order: numbers, then texts, words, nested values by their length.

    Rows that are equal stay in the order of the body. Those with null or nothing come
    last, in both directions.

    Raises:
        Stopped: As wanted.
        OSError: The body cannot be read.
    """
    groups, nothing = _groups(table, sort.path, watch)
    order = array("I")
    for group in reversed(groups) if sort.descending else groups:
        for part in _in_order(*group, sort.descending):
            order.extend(part)
            watch.step(table.row_count + len(order), 2 * table.row_count)
    order.extend(nothing)
    return order


def sort_key(reader: Reader, raw: bytes) -> tuple[int, Key] | None:
    """The group that a value is sorted in, and its place there; None = the end."""
    cell = reader.cell(raw)
    if cell.kind is Kind.NUMBER:
        return 0, number(cell.text)
    if cell.kind is Kind.TEXT:
        return 1, cell.text
    if cell.kind is Kind.NESTED:
        return 3, len(cell.whole)
    return None if cell.is_null else (2, cell.text)


def number(text: str) -> int | float | Decimal:
    """A number of JSON, exact enough to be compared with any other."""
    if text.lstrip("-").isdigit() and len(text) < _LONGEST_INTEGER:
        return int(text)
    if len(text) < 17 and abs(value := float(text)) < 1e300:
        return value
    try:
        return Decimal(text)
    except InvalidOperation:
        return float(text)  # Beyond all bounds: infinite, or nothing.


_Group = tuple["array[int]", list[Key]]


def _groups(table: Table, path: Path, watch: Watch) -> tuple[list[_Group], array[int]]:
    """The rows of each group with their keys; those that come last."""
    groups: list[_Group] = [(array("I"), []) for _ in range(4)]
    nothing = array("I")
    reader, pick, count = table.reader, table.reader.pick(path), table.row_count
    known: dict[bytes, tuple[int, Key] | None] = {}
    for row, record in enumerate(_first(table.records.texts(), count)):
        if row % _STEP == 0:
            watch.step(row, 2 * count)
        raw = pick(record)
        if raw is None:
            nothing.append(row)
            continue
        if raw in known:
            found = known[raw]
        else:
            found = sort_key(reader, raw)
            if len(known) < _SHARED:
                known[raw] = found
        if found is None:
            nothing.append(row)
        else:
            rows, keys = groups[found[0]]
            rows.append(row)
            keys.append(found[1])
    return groups, nothing


def _first(records: Iterator[bytes], count: int) -> Iterator[bytes]:
    return (record for record, _ in zip(records, range(count), strict=False))


def _in_order(
    rows: Sequence[int], keys: list[Key], descending: bool
) -> Iterator[list[int]]:
    """The rows by their keys, stable, a few thousand at a time.

    Python lets nothing else run while it sorts a list, so a long one is dealt into
    buckets first: a sample of the keys says where one ends.
    """
    count = len(keys) // _BUCKET
    sample = sorted(keys[:: max(1, len(keys) // (count * 16))]) if count else []
    edges = sample[16::16]
    buckets = [array("I") for _ in range(len(edges) + 1)]
    for place, key in enumerate(keys):
        buckets[bisect_right(edges, key)].append(place)
    for bucket in reversed(buckets) if descending else buckets:
        ordered = sorted(bucket, key=keys.__getitem__, reverse=descending)
        yield [rows[place] for place in ordered]
