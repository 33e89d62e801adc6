"""Shards: machines that know only their number import each record exactly once."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtui.cli.jobs.record_import import parse_shard
from mixtui.cli.parsing import UsageError
from mixtui.jobs.batches import ALL, BatchCutter, Cutting, Shard
from mixtui.jobs.event_check import EventChecker
from mixtui.jobs.model import SourceRange
from mixtui.jobs.recipe import EventRecipe
from mixtui.jobs.sources import find_sources
from tests.jobs.mixpanel import event_line


def write(folder: Path, form: str, sizes: Sequence[int]) -> Path:
    """Write events of several sizes, with their number as a property."""
    lines = [event_line(n, row=n, text="x" * size) for n, size in enumerate(sizes)]
    if form == "csv":
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(["event", "time", "distinct_id", "row", "text"])
        for n, size in enumerate(sizes):
            table.writerow(["Imported", 1_750_000_000 + n, "u", n, 'a "\n' * size])
        content = text.getvalue().encode()
    elif form == "json":
        content = b"[" + b", \n".join(lines) + b"]"
    else:
        content = b"\n".join(lines)
    path = folder / (f"events.{form}.gz" if form == "ndjson" else f"events.{form}")
    path.write_bytes(gzip.compress(content) if form == "ndjson" else content)
    return path


def rows(
    path: Path, shard: Shard, done: Sequence[SourceRange] = ()
) -> tuple[list[int], list[SourceRange]]:
    """Return the numbers of the records of a shard, and the ranges they were read in."""
    recipe = EventRecipe()
    cutting = Cutting(recipe, max_records=3, shard=shard)
    (source,) = find_sources([str(path)], path.parent)
    cutter = BatchCutter(0, source, cutting, checker=EventChecker(), done=done)
    batches = list(cutter.batches())
    cutter.close()
    assert not any(batch.invalid for batch in batches)
    found = [json.loads(r)["properties"]["row"] for b in batches for r in b.records]
    return list(map(int, found)), [batch.range for batch in batches]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["ndjson", "json", "csv"]),
    st.lists(st.integers(0, 120), max_size=30),
    st.integers(1, 5),
    st.integers(1, 700),
)
def test_every_record_is_in_one_shard_also_of_a_resumed_import(
    tmp_path_factory: pytest.TempPathFactory,
    form: str,
    sizes: list[int],
    count: int,
    block: int,
) -> None:
    path = write(tmp_path_factory.mktemp("shards"), form, sizes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mixtui.jobs.batches.SHARD_BLOCK", block)
        together: list[int] = []
        for number in range(1, count + 1):
            shard = Shard(number, count)
            found, ranges = rows(path, shard)
            together += found
            half = ranges[::2]
            rest, again = rows(path, shard, half)
            assert sorted(again + half) == sorted({*again, *half})
            assert set(rest) <= set(found)
            done, _ = rows(path, shard, sorted(half + again))
            assert done == []
    assert sorted(together) == list(range(len(sizes)))


def test_a_shard_of_one_is_everything() -> None:
    assert list(ALL.others()) == []
    assert parse_shard("") == ALL == parse_shard("1/1")
    assert parse_shard("2/3") == Shard(2, 3)


@pytest.mark.parametrize(
    "text",
    ["0/3", "4/3", "x", "1", "1/", "/2", "-1/2", "1/2/3", f"1/{'9' * 5000}"],
)
def test_what_is_not_a_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected I/N"):
        parse_shard(text)
