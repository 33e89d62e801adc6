"""Targets: what jobs read: sources, recipes, events, tables, pulled files, answers."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import msgspec
from hypothesis import strategies as st

from mixtui.cli.jobs.record_import import parse_shard
from mixtui.cli.parsing import UsageError
from mixtui.client.decoding import zstd_library
from mixtui.dispatch.dispatch import Completed
from mixtui.jobs.batches import BatchCutter, Cutting
from mixtui.jobs.event_check import EventChecker
from mixtui.jobs.event_sending import EventSender, import_request
from mixtui.jobs.event_windows import read_dates
from mixtui.jobs.lookup_table import check_table, compress_table, row_lines
from mixtui.jobs.model import Batch, InvalidRecord, RejectedRecord, SourceRange
from mixtui.jobs.profile_check import ProfileChecker
from mixtui.jobs.profile_recipe import GroupRecipe, UserRecipe
from mixtui.jobs.property_types import PropertyTypes
from mixtui.jobs.readers import Row, TableReader, open_reader
from mixtui.jobs.recipe import EventRecipe, load_recipe, read_number
from mixtui.jobs.record_table import read_record_files
from mixtui.jobs.rejected_file import write_rejected
from mixtui.jobs.sending import Resender
from mixtui.jobs.sources import Format, Source, SourceStream, sniff_file
from mixtui.jobs.sync.annotations import AnnotationFile
from mixtui.jobs.sync.plan import State
from mixtui.jobs.sync.schemas import SchemaFiles
from mixtui.jobs.window_sink import (
    LineChecker,
    QuickChecker,
    TypeChecker,
    check_file,
)
from mixtui.mixpanel.profiles import GROUPS, USERS
from mixtui.outcome.outcome import judge_response
from mixtui.system import CancelToken
from tests.exchanges import ENVIRONMENT, exchange
from tests.fuzz.bodies import JSON_TEXTS
from tests.fuzz.target import SECRET, Target, refused
from tests.fuzz.texts import AWKWARD, encoded, mutated, near

_NOW = 1.8e9
"""Unix seconds."""
_EVENT = (
    '{"event":"Sign up","properties":{"time":1700000000,"distinct_id":"a","x":[1,"é"]}}'
)
_ID = '"$insert_id":"0123456789abcdef"'
_WITH_ID = _EVENT.replace('"x"', f'{_ID},"x"')
_EVENTS = (
    _EVENT,
    _WITH_ID,
    f"{_EVENT}\n{_WITH_ID}\n\n{_EVENT}\n",
    f"[{_EVENT},\n {_WITH_ID} , {_EVENT}]\n",
    "event,time,distinct_id,x\nSign up,1700000000,a,1\nSign up,2026-01-02,b,\n",
    'event\ttime\tdistinct_id\nA\t1700000000\t"b\nc"\nB\t1700000001\tc\n',
    '{"event":"a","properties":{"time":1e9,"distinct_id":1},"mixtui_rejected":{"line":1}}',
)
_TOKENS = (
    *('{"event":"a",', '"properties":{', '"time":', "1700000000", '"distinct_id":"a"'),
    *("},", "}]", "[", "\n", "\r\n", ",", '"', '""', "\t", "null", _ID, '"x":{}', "\\"),
)
_SOURCES = encoded(mutated(_EVENTS, (*_TOKENS, *AWKWARD)) | near(_EVENTS, _TOKENS))
_FORMATS = st.sampled_from([f for f in Format if f is not Format.PARQUET])


def _in_file(data: bytes, run: Callable[[Path], object], name: str = "x") -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        run(path)


# Sources

_Read = list[tuple[bytes | Row, int, int, int]]


def _read(path: Path, kind: Format, block: int, start: tuple[int, int]) -> _Read:
    """Return what a reader reads from a place on; its columns are those of the file."""
    stream = SourceStream(Source(str(path)))
    with closing(stream):
        reader = open_reader(stream, stream.read(block), path.name, kind)
        if start != (0, 1):
            reader.skip_to(*start)
        found: _Read = []
        while (chunk := reader.read()) is not None:
            found += zip(
                chunk.records, chunk.lines, chunk.ends, chunk.end_lines, strict=True
            )
            assert all(reason for reason in chunk.invalid.values())
        if isinstance(reader, TableReader):
            assert len(set(reader.names)) == len(reader.names)
        return found


def _check_records(example: tuple[bytes, Format, int]) -> None:
    """Records are those of strict parsers, and can be read from behind each of them."""
    data, kind, block = example

    def run(path: Path) -> None:
        found = refused(lambda: _read(path, kind, block, (0, 1)))
        if found is None:
            return
        assert all(a[2] <= b[2] and a[1] <= b[1] for a, b in pairwise(found)), found
        for index, (_, _, end, line) in enumerate(found[:5], 1):
            assert _read(path, kind, block, (end, line)) == found[index:]
        _compare(data, kind, [record for record, *_ in found])

    if not data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        _in_file(data, run)


def _compare(data: bytes, kind: Format, records: list[bytes | Row]) -> None:
    text = data.removeprefix(b"\xef\xbb\xbf")
    if kind is Format.LINES:
        expected = text.split(b"\n")
        assert records == (expected[:-1] if expected[-1] == b"" else expected)
    elif kind is Format.JSON:
        try:
            values = msgspec.json.decode(text, type=list[msgspec.Raw])
        except (ValueError, RecursionError):
            return
        assert [cast(bytes, r).strip() for r in records] == [bytes(v) for v in values]
    else:
        delimiter = "," if kind is Format.CSV else "\t"
        lines = io.StringIO(text.decode("utf-8", "surrogateescape"), newline="\n")
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        assert len(records) == max(len(rows) - 1, 0)


def _check_batches(example: tuple[bytes, Format | None, list[int], int]) -> None:
    """Whatever parts are done, the rest is read once; no range fails in another way."""
    data, kind, numbers, most = example

    def cut(path: Path, done: Sequence[SourceRange]) -> list[Batch]:
        cutting = Cutting(format=kind, max_records=most, max_bytes=400)
        checker = EventChecker(lambda: _NOW)
        cutter = BatchCutter(0, Source(str(path)), cutting, checker=checker, done=done)
        with closing(cutter):
            return list(cutter.batches())

    def run(path: Path) -> None:
        refused(lambda: sniff_file(Source(str(path))))
        batches = refused(lambda: cut(path, ()))
        if batches is None:
            return
        ranges = [batch.range for batch in batches]
        assert all(a.end <= b.start for a, b in pairwise(ranges)), ranges
        done = {number % (len(batches) or 1) for number in numbers}
        left = [batch for index, batch in enumerate(batches) if index not in done]
        again = cut(path, [ranges[index] for index in sorted(done) if ranges])
        assert _content(again) == _content(left)
        places = sorted({number % (len(data) + 2) for number in numbers})
        damaged = [SourceRange(a, b, 1) for a, b in pairwise(places)][::2]
        refused(lambda: cut(path, damaged))
        rejected = [(0, each) for batch in batches for each in batch.invalid]
        _check_rejected(path.with_name("rejected"), rejected)

    _in_file(data, run)


def _content(batches: list[Batch]) -> list[tuple[int, bytes]]:
    return [
        pair
        for batch in batches
        for pair in (
            *zip(batch.lines, batch.records, strict=True),
            *((each.line, each.record) for each in batch.invalid),
        )
    ]


def _check_rejected(path: Path, records: list[tuple[int, RejectedRecord]]) -> None:
    """Each rejected record is a line of JSON, which an import reads as it was."""
    write_rejected(path, records, [Source("/x")])
    lines = path.read_bytes().splitlines()
    assert len(lines) == len(records)
    for line, (_, record) in zip(lines, records, strict=True):
        assert record.label.strip()
        note = msgspec.json.decode(line)["mixtui_rejected"]
        assert note["line"] == record.line


def _compressed(data: bytes, coding: str) -> bytes:
    if coding == "zstd" and (name := zstd_library()):
        module = __import__(name, fromlist=["compress"])
        return bytes(module.compress(data))
    return gzip.compress(data, mtime=0)


def _check_compressed(example: tuple[bytes, str, int, bytes, bool]) -> None:
    """A whole stream is read whole; a damaged one is, or an error says how far it is."""
    data, coding, place, piece, is_cut = example
    packed = _compressed(data, coding)
    at = place % (len(packed) + 1)
    damaged = packed[:at] + piece + (b"" if is_cut else packed[at + len(piece) :])

    def read(path: Path) -> bytes:
        stream = SourceStream(Source(str(path)))
        with closing(stream):
            return b"".join(iter(lambda: stream.read(7), b""))

    def check_whole(path: Path) -> None:
        assert read(path) == data

    _in_file(packed, check_whole)
    _in_file(damaged, lambda path: refused(lambda: read(path)))


# Recipes and events

_RECIPES = (
    'event = "Sign up"\ntime = "at"\ntime_zone = "Europe/Berlin"\nkeep = ["a"]\n'
    '[rename]\na = "b"\n[types]\na = "number"\n',
    'event_column = "name"\ndistinct_id = "id"\ntime_format = "%d.%m.%Y"\ndrop = ["x"]\n',
    'insert_id = "id"\n[types]\na = "json"\nb = "time"\nc = "boolean"\n',
)
_RECIPE_TOKENS = (
    *("event = ", '"a"', "keep = [1]\n", "[types]\n", '= "number"\n', "[rename]\n"),
    *('time_format = "%Q"\n', 'time_zone = "../etc"\n', "eventt = 1\n", "#", "=", "\n"),
)
_CELLS = st.sampled_from(
    [
        *(each for each in AWKWARD if each != "\ud800"),
        "1",
        "2026-01-02",
        "1700000000",
        "true",
        '{"a":1}',
        "31.12.2026",
        "",
    ]
)
_ROWS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "at", "time", "id", "name", "event", "x"]), _CELLS
)


def _check_recipe(example: tuple[bytes, Row, str]) -> None:
    data, row, text = example

    def run(path: Path) -> None:
        recipe = refused(lambda: load_recipe(path, EventRecipe), secret=SECRET)
        mapper = refused(lambda: recipe.mapper(omit_null=False)) if recipe else None
        for cell in row.values():
            refused(partial(read_number, cell), ValueError)
        for record in (row, text.encode("utf-8", "replace")):
            made = mapper and refused(partial(mapper.map, record), InvalidRecord)
            if made:
                assert msgspec.json.decode(made).keys() == {"event", "properties"}

    _in_file(data, run, "recipe.toml")


def _check_event(text: str) -> None:
    """What is sent is what was read with an id, and is not changed when read again."""
    data = text.encode("utf-8", "surrogatepass")
    checker = EventChecker(lambda: _NOW)
    sent = refused(lambda: checker.complete(data), InvalidRecord)
    if sent is None:
        return
    assert checker.complete(sent) == sent
    before, after = json.loads(data), json.loads(sent)
    before.pop("mixtui_rejected", None)
    made = after["properties"].pop("$insert_id")
    assert before["properties"].pop("$insert_id", None) in (None, made)
    assert after["properties"] == before["properties"]
    assert after["event"] == before["event"]


_DATES = near(
    ("2026-01-31", "2026-02-30", "20260131", "2026-W05-1"), ("-", "01", "٣", "T", "0")
)
_UPDATES = (
    '{"$distinct_id":"u","$set":{"a":1.50,"b":[1]}}',
    '{"$token":"tok","$group_key":"company","$group_id":"g","$union":{"a":["x"]}}',
    '{"$distinct_id":"u","$properties":{"a":"é"}}',
)
_UPDATE_TOKENS = (
    *('"$add":{"n":1}', '"$unset":["a"]', '"$delete":""', '"$token":null', '"$set":'),
    *("{", "}", "[", "]", ",", ":", "1", "null", '"a"', '"$group_id":"g"'),
)


def _check_update(example: tuple[str, Row]) -> None:
    """An update is sent with what was read, and can be read again."""
    text, row = example
    data = text.encode("utf-8", "surrogatepass")
    for kind, recipe in ((USERS, UserRecipe()), (GROUPS, GroupRecipe())):
        checker = ProfileChecker(kind, "tok", group_key="company", is_destructive=True)
        for record in (data, row):
            mapper = recipe.mapper(omit_null=False)
            made = refused(partial(mapper.map, record), InvalidRecord)
            assert made is None or isinstance(msgspec.json.decode(made), dict)
        sent = refused(partial(checker.complete, data), InvalidRecord)
        if sent is not None:
            assert checker.complete(sent) == sent
            assert msgspec.json.decode(sent)["$token"] == "tok"


def _check_shard(text: str) -> None:
    shard = refused(partial(parse_shard, text), UsageError)
    assert shard is None or 1 <= shard.number <= shard.count


def _check_dates(example: tuple[str, str]) -> None:
    window = refused(partial(read_dates, *example))
    assert window is None or window.days >= 1


# Tables and pulled files


def _check_exported(data: bytes) -> None:
    def run(path: Path) -> None:
        for how in (True, False):
            read = partial(read_record_files, [path], CancelToken(), as_columns=how)
            refused(read)
        # What the strictest finds whole, the others do, too.
        checkers = QuickChecker(), LineChecker(), TypeChecker(PropertyTypes())
        whole = [check_file(path, each, CancelToken()) for each in checkers]
        assert whole[0] == whole[1] >= whole[2]

    _in_file(data, run)


def _check_table(data: bytes) -> None:
    def run(path: Path) -> None:
        packed = path.with_name("packed")
        if refused(lambda: compress_table(path, packed)) is None:
            return
        checked = check_table(packed)
        assert checked.problem_count >= len(checked.problems)
        assert all(str(each).strip() for each in checked.problems)
        lines = row_lines(packed, range(checked.rows + 1))
        assert sorted(lines.values()) == list(lines.values())

    _in_file(data, run)


_PULLED = (
    '[{"date":"2026-01-31 12:00:00","description":"a","id":1,"tags":["x"]}]',
    '{"entityType":"event","name":"A","schemaJson":{"properties":{"x":{"type":"a"}}}}',
)


def _check_pulled(data: bytes) -> None:
    def read(files: AnnotationFile | SchemaFiles) -> State:
        files.load()
        return files.state({})

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "event" / "a.json"
        path.parent.mkdir()
        path.write_bytes(data)
        for files in (AnnotationFile(path), SchemaFiles(Path(name))):
            state = refused(partial(read, files), secret=SECRET)
            for item in (state or {}).values():
                assert item.label.strip() and json.loads(item.text) is not None


# Answers

_ANSWERS = (
    '{"code":200,"num_records_imported":2,"status":"OK"}',
    '{"code":400,"num_records_imported":1,"status":"Bad Request","error":"some failed",'
    '"failed_records":[{"index":0,"insert_id":"a","field":"time","message":"is old"}]}',
    '{"error":"request exceeds max limit of 2097152 bytes","status":"error"}',
    "1",
)
_ANSWER_TOKENS = (
    *('"num_records_imported":', '"failed_records":[', '{"index":', "-1", "9", "1e3"),
    *('"message":', '"code":', "null", "[", "]", "{", "}", ",", '"error":"x"', "0.5"),
)


class _Answering(Resender):
    """Gives the same response to everything."""

    def __init__(self, status: int, body: bytes) -> None:
        response = exchange(status, body, request=_REQUEST)
        self._completed = Completed(response, judge_response(response))

    async def send(self, request: Any, sink: Any = None) -> Completed:
        return self._completed


_REQUEST = import_request(ENVIRONMENT)


def _check_answer(example: tuple[int, bytes, int]) -> None:
    """Whatever the server says, each record is stored or rejected, or the job stops."""
    status, body, count = example
    records = (_WITH_ID.encode(),) * count
    where = SourceRange(0, count, 1)
    batch = Batch(0, where, records, tuple(range(count)), sum(map(len, records)))
    sender = EventSender(_REQUEST, _Answering(status, body))
    result = refused(lambda: asyncio.run(sender.send(batch)))
    if result is not None:
        assert result.stored + len(result.rejected) == count, result
        assert all(each.label.strip() for each in result.rejected)


TARGETS = (
    Target(
        "records of a source",
        st.tuples(_SOURCES, _FORMATS, st.integers(4, 30)),
        _check_records,
        60,
    ),
    Target(
        "batches",
        st.tuples(
            _SOURCES,
            _FORMATS | st.none(),
            st.lists(st.integers(0, 400), max_size=6),
            st.integers(1, 3),
        ),
        _check_batches,
        60,
    ),
    Target(
        "compressed source",
        st.tuples(
            st.binary(max_size=80),
            st.sampled_from(["gzip", "zstd"]),
            st.integers(0, 200),
            st.binary(max_size=3),
            st.booleans(),
        ),
        _check_compressed,
        40,
    ),
    Target(
        "recipe",
        st.tuples(
            encoded(mutated(_RECIPES, (*_RECIPE_TOKENS, *AWKWARD))),
            _ROWS,
            mutated(_EVENTS, (*_TOKENS, *AWKWARD)) | JSON_TEXTS,
        ),
        _check_recipe,
        60,
    ),
    Target(
        "event", mutated(_EVENTS, (*_TOKENS, *AWKWARD)) | JSON_TEXTS, _check_event, 60
    ),
    Target(
        "update of a profile",
        st.tuples(
            mutated(_UPDATES, (*_UPDATE_TOKENS, *AWKWARD)) | JSON_TEXTS,
            st.dictionaries(st.sampled_from(["a", "$distinct_id", "group_id"]), _CELLS),
        ),
        _check_update,
        60,
    ),
    Target(
        "shard", near(("1/4", "2/3", "", "0/1"), ("/", "1", "9", "٣")), _check_shard
    ),
    Target("dates of an export", st.tuples(_DATES, _DATES), _check_dates, 40),
    Target("exported events", _SOURCES, _check_exported, 40),
    Target("file of a lookup table", _SOURCES, _check_table, 40),
    Target("pulled files", encoded(mutated(_PULLED)), _check_pulled, 40),
    Target(
        "answer to an import",
        st.tuples(
            st.sampled_from([200, 200, 400, 400, 401, 413, 429, 500]),
            encoded(mutated(_ANSWERS, (*_ANSWER_TOKENS, *AWKWARD)) | JSON_TEXTS),
            st.integers(1, 5),
        ),
        _check_answer,
        40,
    ),
)
