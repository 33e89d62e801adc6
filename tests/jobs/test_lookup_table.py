"""The check of a lookup table: what passes is CSV that can be stored."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.jobs import lookup_table
from mixtui.jobs.lookup_table import (
    MAX_PROBLEMS,
    CheckedTable,
    check_table,
    compress_table,
    row_lines,
)
from mixtui.jobs.model import JobError


def pack(folder: Path, content: bytes) -> Path:
    (folder / "t.csv").write_bytes(content)
    assert compress_table(folder / "t.csv", folder / "t.gz") <= len(content)
    return folder / "t.gz"


def checked(folder: Path, content: bytes) -> CheckedTable:
    return check_table(pack(folder, content))


@pytest.mark.parametrize(
    ("content", "columns", "rows"),
    [
        (b"id,name\n1,a\n2,b\n", ("id", "name"), 2),
        (b"id,name\r\n1,a\r\n2,b", ("id", "name"), 2),
        (b"id\n", ("id",), 0),
        (b'id,name\n1,"a ""quoted"", b"\n2,"two\nlines"\n', ("id", "name"), 2),
        ("\ufeffid,name\n1,é\n".encode(), ("id", "name"), 1),
        (b'"id","na,me"\n1,\n', ("id", "na,me"), 1),
        # Not the same key: Mixpanel compares text.
        (b"id,name\n1,a\n01,b\n1 ,c\n", ("id", "name"), 3),
    ],
)
def test_a_table_is_valid(
    tmp_path: Path, content: bytes, columns: tuple[str, ...], rows: int
) -> None:
    assert checked(tmp_path, content) == CheckedTable(columns, rows, (), 0)


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (b"", ["line 1: the header is missing"]),
        (b"\n1,a\n", ["line 1: the line is empty", "line 2: 2 cells, but the header has 0"]),
        (b"id,\n", ["line 1: column 2 has no name"]),
        (b"id,a,a\n", ["line 1: two columns are named a"]),
        (b"id,a\n1\n2,b,c\n", [
            "line 2: 1 cell, but the header has 2",
            "line 3: 3 cells, but the header has 2",
        ]),
        (b"id,a\n,b\n  ,b\n", [
            "line 2: the key, which is the first cell, is empty",
            "line 3: the key, which is the first cell, is empty",
        ]),
        (b"id,a\n1,b\n2,c\n1,d\n1,e\n", [
            "line 4: the key 1 is in line 2, too",
            "line 5: the key 1 is in line 2, too",
        ]),
        # Lines are those of the file, also after a cell of two lines.
        (b'id,a\n1,"b\nc"\n1,d\n', ["line 4: the key 1 is in line 2, too"]),
        (b"id,a\n1,b\n\n2,c\n", ["line 3: the line is empty"]),
        (b'id,a\n1,b"c\n', ["line 2: a quote is in a cell that is not in quotes"]),
        (b'id,a\n1,"b"c\n2,d\n', ["line 2: something follows a closing quote"]),
        (b'id,a\n1,"b\n2,d\n', ["line 2: a quote is opened and never closed"]),
        (b"id,a\n1,\xe9\n2,b\n", ["line 2: is not UTF-8 (byte 3 of the line)"]),
    ],
)  # fmt: skip
def test_what_cannot_be_stored_is_named_with_its_line(
    tmp_path: Path, content: bytes, problems: list[str]
) -> None:
    result = checked(tmp_path, content)
    assert [str(each) for each in result.problems] == problems
    assert result.problem_count == len(problems)


def test_of_many_problems_the_first_are_named(tmp_path: Path) -> None:
    content = b"id,a\n1,b\n1,b\n" + b"x\n" * 100
    result = checked(tmp_path, content)
    assert result.problem_count == 101
    assert len(result.problems) == MAX_PROBLEMS
    assert str(result.problems[0]) == "line 3: the key 1 is in line 2, too"


@given(st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=2), max_size=12))
def test_what_a_writer_of_csv_has_written_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["id", "a"], *rows])
    content = text.getvalue().encode("utf-8", "replace")
    result = checked(tmp_path_factory.mktemp("t"), content)
    assert result.rows == len(rows)
    keys = [row[0].encode("utf-8", "replace") for row in rows if row[0].strip()]
    expected = len(rows) - len(set(keys))
    assert result.problem_count == expected


@given(st.binary(max_size=80) | st.text('id,"\r\n1a', max_size=40).map(str.encode))
def test_any_bytes_are_checked_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("t")
    try:
        packed = pack(folder, content)
    except JobError:
        assert content[:2] in (b"\xff\xfe", b"\xfe\xff")
        return
    result = check_table(packed)
    assert (result.problem_count > 0) == bool(result.problems)
    if not result.problem_count:
        text = gzip.decompress(packed.read_bytes()).decode()
        rows = [*csv.reader(io.StringIO(text, newline=""), strict=True)]
        assert len({len(row) for row in rows}) == 1
        assert len({row[0] for row in rows[1:]}) == result.rows


def test_keys_of_the_same_hash_are_not_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup_table, "hash", lambda key: len(key), raising=False)
    result = checked(tmp_path, b"id,a\n1,b\n2,b\n33,b\n2,c\n")
    assert [str(each) for each in result.problems] == [
        "line 5: the key 2 is in line 3, too"
    ]


def test_rows_are_found_by_their_index(tmp_path: Path) -> None:
    packed = pack(tmp_path, b'id,a\n1,"b\nc"\n2,d\n3,e\n')
    assert row_lines(packed, (0, 1, 2, 9)) == {0: 1, 1: 2, 2: 4}
    assert row_lines(packed, ()) == {}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("gone.csv", None, "cannot be read: No such file"),
        (".", None, "is not a file"),
        ("a.csv", b"\xff\xfei\x00d\x00", "is UTF-16: save it as UTF-8"),
        ("a.csv", b"id\n" + b"1" * 100, "is too large: a lookup table has at most"),
    ],
)
def test_what_cannot_be_sent_is_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes | None,
    problem: str,
) -> None:
    monkeypatch.setattr(lookup_table, "MAX_BYTES", 100)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(JobError) as error:
        compress_table(tmp_path / name, tmp_path / "t.gz")
    assert problem in str(error.value)
