from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document.document import Document, read
from mixtui.document.layout import BLOCK
from mixtui.document.source import BytesSource, FileSource, Spool
from mixtui.document.text import file_of, file_suffix, is_reformatted, text_chunks


def text(document: Document) -> bytes:
    return b"".join(text_chunks(document))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", b""),
        (b"\n", b"\n"),
        (b"a", b"a\n"),
        (b"a\n", b"a\n"),
        (b"a\n\n", b"a\n\n"),
        (b"\xef\xbb\xbfa\r\nb", b"a\r\nb\n"),
        (b"\xff\x1b[31m", b"\xff\x1b[31m\n"),
        (b'{"b":1e400,"b":[ ]}', b'{\n  "b": 1e400,\n  "b": []\n}\n'),
        (b"{}{}", b"{}\n{}\n"),
        (b'[1,2,oops]\n"x"', b'[\n  1,\n  2,\noops]\n"x"\n'),
        (b"\x00", b"00000000  00" + b" " * 48 + b"|.|\n"),
        (b"x" * BLOCK + b"\n", b"x" * BLOCK + b"\n"),
        (b"x" * (BLOCK - 1) + b"\ny", b"x" * (BLOCK - 1) + b"\ny\n"),
        (b"x" * 3 * BLOCK + b"\n\ny\n", b"x" * 3 * BLOCK + b"\n\ny\n"),
    ],
)
def test_the_text_is_what_is_shown(body: bytes, expected: bytes) -> None:
    assert text(read(body)) == expected


@given(st.lists(st.integers(0, BLOCK + 2), max_size=8))
def test_lines_of_any_length_are_complete(lengths: list[int]) -> None:
    body = b"".join(b"y" * length + b"\n" for length in lengths)
    assert text(read(body, "text/csv")) == body


def test_many_pieces_of_json_are_one_document() -> None:
    rows = [{"name": "é" * 20, "n": n, "in": [n]} for n in range(9000)]
    body = json.dumps(rows, ensure_ascii=False).encode()
    document = read(body)
    assert document.part_count > 3
    assert text(document) == json.dumps(rows, indent=2, ensure_ascii=False).encode() + (
        b"\n"
    )


@pytest.mark.parametrize(
    ("body", "media_type", "raw_suffix", "shown_suffix", "reformatted"),
    [
        (b"{}", "", ".json", ".json", True),
        (b"{}\n{}", "", ".jsonl", ".jsonl", False),
        (b"a,b", "text/csv", ".csv", ".csv", False),
        (b"hello", "", ".txt", ".txt", False),
        (b"\0\0\0", "", ".bin", ".txt", True),
    ],
)
def test_a_file_is_named_after_the_language(
    body: bytes, media_type: str, raw_suffix: str, shown_suffix: str, reformatted: bool
) -> None:
    document = read(body, media_type)
    assert file_suffix(document, as_shown=False) == raw_suffix
    assert file_suffix(document, as_shown=True) == shown_suffix
    assert is_reformatted(document) is reformatted


def test_raw_json_is_not_reformatted() -> None:
    assert not is_reformatted(read(b"{}", raw=True))


def test_a_body_in_a_file_has_its_path(tmp_path: Path) -> None:
    spool = Spool(tmp_path, in_memory=2)
    assert file_of(spool) is None
    spool.write(b"long")
    assert file_of(spool) == spool.path is not None
    assert file_of(BytesSource(b"")) is None
    source = FileSource(spool.path)
    assert file_of(source) == spool.path
    source.close()
