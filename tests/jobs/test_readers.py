"""Sources are cut into records, and each says where it is."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtui.jobs import readers
from mixtui.jobs.batches import BatchCutter, Cutting
from mixtui.jobs.event_check import EventChecker
from mixtui.jobs.model import JobError
from mixtui.jobs.readers import Reader, Row, open_reader
from mixtui.jobs.sources import Format, Source, SourceStream, find_sources, sniff_format
from tests.wire import zstd

Found = list[tuple[bytes | Row, int, int, int]]


@contextmanager
def open_file(path: Path, format: Format, block: int = 1 << 18) -> Iterator[Reader]:
    stream = SourceStream(Source(str(path)))
    try:
        yield open_reader(stream, stream.read(block), path.name, format)
    finally:
        stream.close()


def read_all(reader: Reader) -> Found:
    found: Found = []
    while (chunk := reader.read()) is not None:
        found += zip(
            chunk.records, chunk.lines, chunk.ends, chunk.end_lines, strict=True
        )
    return found


def read_file(path: Path, format: Format, block: int = 1 << 18) -> Found:
    """Read everything, and check that it can be read from behind each record."""
    with open_file(path, format, block) as reader:
        found = read_all(reader)
    for number, (_, _, end, end_line) in enumerate(found, 1):
        with open_file(path, format, block) as again:
            again.skip_to(end, end_line)
            assert read_all(again) == found[number:]
    return found


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "BLOCK", 5)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=6,
)
objects = st.dictionaries(texts, values, max_size=4)
spaces = st.text(" \t\r\n", max_size=3)


@settings(max_examples=25)
@given(
    st.lists(objects, max_size=8),
    spaces,
    st.booleans(),
    st.booleans(),
    st.integers(1, 40),
)
@pytest.mark.usefixtures("small_blocks")
def test_a_json_list_or_objects_alone_are_cut_into_elements_at_any_block_size(
    tmp_path_factory: pytest.TempPathFactory,
    elements: list[dict[str, object]],
    space: str,
    indented: bool,
    is_list: bool,
    block: int,
) -> None:
    path = tmp_path_factory.mktemp("list") / "a.json"
    write = partial(json.dumps, indent=2 if indented else None, ensure_ascii=False)
    if is_list or not elements:
        text = f"{space}{write(elements)}{space}".encode()
    else:
        text = (space.join(map(write, elements)) + space).encode()
    path.write_bytes(text)
    found = read_file(path, Format.JSON, block)
    assert [json.loads(record) for record, *_ in found] == elements  # type: ignore[arg-type]
    for record, line, end, end_line in found:
        assert isinstance(record, bytes)
        assert text[end - len(record) : end] == record
        assert text.count(b"\n", 0, end - len(record)) + 1 == line
        assert text.count(b"\n", 0, end) + 1 == end_line


def test_a_number_or_text_in_a_list_is_a_record_as_well(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'[1, "a,b",\n{"a": 1}, null,\n [2], 3\n]\n')
    found = [(record, line) for record, line, _, _ in read_file(path, Format.JSON)]
    assert found == [
        (b'1, "a,b"', 1),
        (b'{"a": 1}', 2),
        (b"null", 2),
        (b"[2]", 3),
        (b"3", 3),
    ]


@settings(max_examples=25)
@given(
    st.lists(st.binary(max_size=9).filter(lambda line: b"\n" not in line), max_size=8),
    st.booleans(),
    st.integers(1, 40),
)
@pytest.mark.usefixtures("small_blocks")
def test_json_lines_end_at_line_feeds_alone(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[bytes],
    ends: bool,
    block: int,
) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.ndjson"
    text = b"\n".join(lines) + (b"\n" if ends and lines else b"")
    if text.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x1f\x8b")):
        return
    path.write_bytes(text)
    found = read_file(path, Format.LINES, block)
    expected = text.split(b"\n")
    expected = expected if expected[-1] else expected[:-1]
    assert [record for record, *_ in found] == expected
    for number, (record, line, end, end_line) in enumerate(found, 1):
        assert (line, end_line) == (number, number + 1)
        start = end - len(record) - text[:end].endswith(b"\n")
        assert text[start:end].rstrip(b"\n") == record.rstrip(b"\n")  # type: ignore[union-attr]


@settings(max_examples=25)
@given(
    st.lists(st.lists(texts, min_size=2, max_size=2), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 40),
)
@pytest.mark.usefixtures("small_blocks")
def test_rows_may_have_line_breaks_in_quotes(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    line_end: str,
    block: int,
) -> None:
    rows = [[c.replace("\r", "").replace("\0", "") for c in row] for row in rows]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b"], *rows])
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    text = written.getvalue().encode()
    path.write_bytes(text)
    found = read_file(path, Format.CSV, block)
    expected = [{n: c for n, c in zip("ab", row, strict=True) if c} for row in rows]
    assert [record for record, *_ in found] == expected
    for _, line, end, end_line in found:
        assert text.count(b"\n", 0, end) + 1 == end_line
        assert line <= end_line


def test_what_is_not_utf8_is_one_bad_record_among_good_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b'{"a": 1}\n{"a": "caf\xe9"}\n{"a": 2}\n')
    with open_file(path, Format.LINES) as reader:
        chunk = reader.read()
    assert chunk is not None
    assert chunk.invalid == {1: readers.NOT_UTF8}
    table = tmp_path / "a.csv"
    table.write_bytes(b"a,b\n1,caf\xe9\n2,3\n1,2,3\n")
    with open_file(table, Format.CSV) as reader:
        chunk = reader.read()
    assert chunk is not None
    assert chunk.invalid == {0: readers.NOT_UTF8, 2: "has 3 cells for 2 columns"}


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (b"a,b\n1;2,3\n", {"a": "1;2", "b": "3"}),
        (b"a;b\n1;2,3\n", {"a": "1", "b": "2,3"}),
        (b"\xef\xbb\xbfa;b\r\n1;2,3\r\n", {"a": "1", "b": "2,3"}),
        (b'"a, b";c\n1;2,3\n', {"a, b": "1", "c": "2,3"}),
        (b"a|b\n1|2,3\n", {"a": "1", "b": "2,3"}),
        (b"a\tb\n1\t2,3\n", {"a": "1", "b": "2,3"}),
        (b"a\n1;2\n", {"a": "1;2"}),
    ],
)
@pytest.mark.parametrize("block", [4, 1000])
@pytest.mark.usefixtures("small_blocks")
def test_the_row_of_names_says_what_delimits_the_cells(
    tmp_path: Path, content: bytes, row: dict[str, str], block: int
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert [record for record, *_ in read_file(path, Format.CSV, block)] == [row]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.json", b'[{"a": 1}, {"a', "a.json, line 1: the JSON list is cut off."),
        ("a.json", b'[{"a": 1}]\n[]', "a.json, line 2: there is text behind"),
        ("a.json", b'{\n"a": 1\n}\n{\n"a"', "a.json, line 3: the JSON object is cut"),
        ("a.gz", gzip.compress(b"PAR1..PAR1"), "that is not compressed as a whole"),
        ("a.csv", b"a,b,a\n1,2,3\n", "two columns named “a”"),
        ("a.csv", b"a,\x80b\n1,2\n", "the names of its columns are not UTF-8"),
        ("a.ndjson", '{"a": 1}'.encode("utf-16"), "is UTF-16"),
        ("a.gz", gzip.compress(b'{"a": 1}\n')[:-9], "compressed and damaged"),
        ("a.bin", b"\x00\x01", "looks neither like JSON nor like CSV"),
    ],
)
def test_a_source_that_cannot_be_read_is_a_sentence(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    source = Source(str(path))
    cutter = partial(BatchCutter, 0, source, Cutting(), checker=EventChecker())
    with pytest.raises(JobError, match=problem), closing(cutter()) as opened:
        list(opened.batches())


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.json", b'[{"a": 1}]', Format.JSON),
        ("a.json", b'{"a": 1}\n{"a": 2}', Format.LINES),
        ("a.json", b'{\r\n  "a": 1\n}\n{\n  "a": 2\n}\n', Format.JSON),
        ("a.ndjson", b'\xef\xbb\xbf{"a": 1}', Format.LINES),
        ("a.ndjson", b"", Format.LINES),
        ("a.csv.gz", b"a,b\n1,2", Format.CSV),
        ("a.tsv", b"a\tb\n1\t2", Format.TSV),
        ("a", b"a,b\n1,2", Format.CSV),
        ("a", b"a\tb\n1\t2", Format.TSV),
        ("a", b"a;b\n1;2,5", Format.CSV),
        ("a", b"a;b;Amount, EUR\n1;2;3", Format.CSV),
        ("a", b'"a\tb",c\n1,2', Format.CSV),
        ("events.txt", b'  [{"a": 1}]', Format.JSON),
    ],
)
def test_the_format_is_recognised(name: str, content: bytes, format: Format) -> None:
    assert sniff_format(Source(f"/x/{name}"), content) is format


def test_files_globs_and_folders_are_found_once_and_in_order(tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    for name in ("b.ndjson", "a.json.gz", "day/c.csv", "notes.txt", ".hidden.json"):
        (tmp_path / name).touch()
    names = [s.name for s in find_sources(["b.ndjson", "*.json.gz", "."], tmp_path)]
    assert names == ["b.ndjson", "a.json.gz", "c.csv"]
    for pattern, problem in (
        ("gone.json", "does not exist"),
        ("*.parquet", "No file matches"),
    ):
        with pytest.raises(JobError, match=problem):
            find_sources([pattern], tmp_path)


def test_compressed_sources_are_read_as_if_they_were_not(tmp_path: Path) -> None:
    text = b'{"a": 1}\n{"a": 2}\n'
    contents = {
        "a.gz": gzip.compress(text[:9]) + gzip.compress(text[9:]),
        "b.zst": zstd.compress(text),
    }
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        found = read_file(path, Format.LINES)
        assert [record for record, *_ in found] == [b'{"a": 1}', b'{"a": 2}']


def test_a_damaged_zstd_stream_is_a_sentence(tmp_path: Path) -> None:
    zstd = pytest.importorskip("backports.zstd")
    path = tmp_path / "a.zst"
    path.write_bytes(zstd.compress(b"x" * 100)[:4] + b"\x01" * 8)
    stream = SourceStream(Source(str(path)))
    with closing(stream), pytest.raises(JobError, match="compressed and damaged"):
        stream.read()
