from __future__ import annotations

import gc
import json
import weakref

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document import json_layout
from mixtui.document.json_layout import IndentedJson
from mixtui.document.source import BytesSource
from mixtui.text import sanitize
from tests.document.bodies_to_show import (
    DOCUMENTS,
    SPACES,
    VALUES,
    GrowingSource,
    chunk_ends,
    encode,
    grow_until,
    piece_size,
)

LETTERS_FOR_SURROGATES = {
    "\\ud83d": "\N{LATIN SMALL LETTER EZH}",
    "\\ude42": "\N{GREEK SMALL LETTER XI}",
}
"""Escapes of lone surrogates, and letters that occur in no generated text."""
SIZES = st.integers(1, 100)


def layout_of(data: bytes) -> IndentedJson:
    return grow_until(IndentedJson(BytesSource(data)), len(data))


def raw_text(layout: IndentedJson) -> bytes:
    return b"\n".join(layout.raw(line) for line in range(layout.line_count))


def formatted(text: str) -> bytes:
    # msgspec refuses a lone surrogate.
    for surrogate, letter in LETTERS_FOR_SURROGATES.items():
        text = text.replace(surrogate, letter)
    lines = msgspec.json.format(encode(text), indent=2)
    for surrogate, letter in LETTERS_FOR_SURROGATES.items():
        lines = lines.replace(letter.encode(), surrogate.encode())
    return lines


@given(DOCUMENTS, SIZES, SIZES)
def test_pieces_are_formatted_like_the_complete_document(
    text: str, size: int, first: int
) -> None:
    data = encode(text)
    with piece_size(size, first):
        layout = layout_of(data)
        assert raw_text(layout) == formatted(text)
        parts = [layout.part(index) for index in range(layout.part_count)]
        assert b"\n".join(part.text for part in parts) == formatted(text)
        for index, part in enumerate(parts):
            lines = part.text.count(b"\n") + 1
            numbers = range(part.first_line, part.first_line + lines)
            assert {layout.part_of(line) for line in numbers} == {index}
    assert (layout.problem, layout.documents) == ("", 1)
    assert layout.formatted_lines == layout.line_count


@given(DOCUMENTS, SIZES, st.lists(st.integers(0, 1000), max_size=20))
def test_a_growing_document_is_formatted_like_the_complete_one(
    text: str, size: int, offsets: list[int]
) -> None:
    data = encode(text)
    source = GrowingSource(data)
    previous: list[bytes] = []
    with piece_size(size):
        layout = IndentedJson(source)
        for end in chunk_ends(data, offsets):
            source.size = end
            for _ in layout.advance(end, final=False):
                pass
            current = [layout.raw(line) for line in range(layout.line_count)]
            assert current[: len(previous)] == previous
            assert not layout.problem
            previous = current
        assert raw_text(grow_until(layout, len(data))) == formatted(text)


@given(st.lists(DOCUMENTS, min_size=1, max_size=6), SPACES, SIZES)
def test_consecutive_documents_are_each_formatted(
    texts: list[str], between: str, size: int
) -> None:
    data = encode(between.join(texts))
    with piece_size(size):
        layout = layout_of(data)
        assert raw_text(layout) == b"\n".join(map(formatted, texts))
    assert (layout.problem, layout.documents) == ("", len(texts))


@given(
    st.lists(DOCUMENTS, min_size=1, max_size=4).map("".join).map(encode),
    st.integers(0),
    st.sampled_from([b"", b"]", b"}", b",", b"x", b'"', b"\\", b"\0", b"\xff", b"[,"]),
    st.booleans(),
    SIZES,
    st.lists(st.integers(0, 1000), max_size=9),
)
def test_an_error_is_the_same_in_pieces_of_any_size(
    data: bytes,
    offset: int,
    inserted: bytes,
    truncated: bool,
    size: int,
    offsets: list[int],
) -> None:
    offset %= len(data) + 1
    data = data[:offset] + inserted + (b"" if truncated else data[offset:])
    expected = layout_of(data)
    lines = raw_text(expected)
    with piece_size(size):
        source = GrowingSource(data)
        layout = IndentedJson(source)
        for end in chunk_ends(data, offsets):
            source.size = end
            for _ in layout.advance(end, final=False):
                pass
        grow_until(layout, len(data))
        assert raw_text(layout) == lines
    assert layout.problem == expected.problem
    assert layout.formatted_lines == expected.formatted_lines
    assert layout.documents == expected.documents


@given(VALUES)
def test_indenting_changes_nothing_but_space(text: str) -> None:
    data = encode(f"[{text}]")
    pairs = {"object_pairs_hook": tuple, "parse_float": str, "parse_int": str}
    assert json.loads(raw_text(layout_of(data)), **pairs) == json.loads(data, **pairs)


@pytest.mark.parametrize(
    ("data", "lines", "problem"),
    [
        pytest.param(
            b'{"a":1,"b":[1,2',
            ["{", '  "a": 1,', '  "b": [', "    1,", "2"],
            "it ends in the middle of a value",
            id="cut",
        ),
        pytest.param(
            b'{\n  "a": 1,\n  "b": tr',
            ["{", '  "a": 1,', '  "b": tr'],
            "it ends in the middle of a value",
            id="cut, its indentation stays",
        ),
        pytest.param(
            b"[1, ",
            ["[", "  1,"],
            "it ends in the middle of a value",
            id="cut behind a comma",
        ),
        pytest.param(b"[1,]", ["[", "  1,", "]"], "trailing comma in array", id="[1,]"),
        pytest.param(
            b'{"a":[1],}',
            ["{", '  "a": [', "    1", "  ],", "}"],
            "trailing comma in object",
            id="trailing comma in an object",
        ),
        pytest.param(b"[1,,2]", ["[", "  1,", ",2]"], "invalid character", id=",,"),
        pytest.param(
            b'{"a":1}]', ["{", '  "a": 1', "}", "]"], "invalid character", id="}]"
        ),
        pytest.param(
            b'{"a":1},{"b":2}',
            ["{", '  "a": 1', "}", ',{"b":2}'],
            "invalid character",
            id="a comma between documents",
        ),
        pytest.param(
            b'[1,2},{"a":[3}]', ["[", "  1,", '2},{"a":[3}]'], "expected ',' or ']'",
            id="a bracket that does not fit",
        ),
        pytest.param(b"[1,01,2]", ["[", "  1,", "01,2]"], "invalid number", id="01"),
        pytest.param(
            b'[1,"a\0b",2]', ["[", "  1,", '"a␀b",2]'], "invalid character", id="NUL"
        ),
    ],
)  # fmt: skip
def test_json_is_indented_and_the_rest_is_unchanged(
    data: bytes, lines: list[str], problem: str
) -> None:
    for size in (*range(1, 20), 1 << 17):
        with piece_size(size):
            layout = layout_of(data)
            texts = [layout.line(line) for line in range(layout.line_count)]
        assert texts == lines
        assert layout.problem == f"not valid JSON ({problem})"


@pytest.mark.parametrize("depth", [251, 400, 900, 100_000])
@pytest.mark.parametrize("size", [50, 300, 1 << 17])
def test_too_deeply_nested_json_is_not_formatted(depth: int, size: int) -> None:
    data = b'{"a":1,"b":' + b"[" * depth + b"1,2" + b"]" * depth + b"}"
    with piece_size(size):
        layout = layout_of(data)
        assert raw_text(layout) == b'{\n  "a": 1,\n' + data[7:]
    assert layout.problem == "nested too deeply to be formatted"


@pytest.mark.parametrize("size", [50, 1 << 17])
def test_json_of_the_maximum_depth_is_formatted(size: int) -> None:
    data = b"[" * 250 + b"[],1,2" + b"]" * 250
    with piece_size(size):
        assert raw_text(layout_of(data)) == msgspec.json.format(data, indent=2)


def test_deep_indentation_of_many_values_is_refused() -> None:
    data = b"[" * 900 + b"1," * 50_000 + b"1" + b"]" * 900
    assert layout_of(data).line_count == 1


def test_a_value_too_long_to_be_formatted_is_unchanged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_layout, "_LONGEST_PIECE", 1 << 10)
    data = b'["a","' + b"x" * 2000 + b'","b"]'
    with piece_size(128):
        layout = layout_of(data)
        assert raw_text(layout) == b'[\n  "a",\n' + data[5:]
    assert layout.problem == "one value of more than 64 MB"


def test_documents_without_a_comma_are_shown_before_the_end() -> None:
    data = b"[1]\n" * 100
    with piece_size(50):
        layout = IndentedJson(BytesSource(data))
        for _ in layout.advance(len(data), final=False):
            pass
        assert layout.line_count > 250
    assert raw_text(grow_until(layout, len(data))) == b"\n".join([b"[\n  1\n]"] * 100)


def test_a_long_value_is_not_scanned_again_for_every_byte_that_arrives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    cut = json_layout.cut
    monkeypatch.setattr(
        json_layout,
        "cut",
        lambda data, stack: sizes.append(len(data)) or cut(data, stack),
    )
    source = GrowingSource(b'["' + b"x" * 5000)
    layout = IndentedJson(source)
    for end in range(1, 5000):
        source.size = end
        for _ in layout.advance(end, final=False):
            pass
    assert len(sizes) < 20


def test_only_the_requested_part_of_a_long_line_is_decoded() -> None:
    layout = layout_of('["{}","{}"]'.format("日本🙂" * 9000, "abc" * 9000).encode())
    assert layout.line(1, 5, 4) == "🙂日本🙂"
    assert layout.line(2, 4, 3) == "bca"
    assert layout.line(1, 3 * 9000, 100) == sanitize('日本🙂",')[:5]


def test_json_may_start_at_an_offset() -> None:
    data = b"\xef\xbb\xbf[1,  x"
    layout = grow_until(IndentedJson(BytesSource(data), 3), len(data))
    assert raw_text(layout) == b"[\n  1,\n  x"


@pytest.mark.parametrize("line", [-1, 3])
def test_a_missing_line_is_an_index_error(line: int) -> None:
    layout = layout_of(b"[1]")
    for read_line in (layout.raw, layout.line, layout.part_of, layout.part):
        with pytest.raises(IndexError):
            read_line(line)


def test_a_layout_is_freed_with_its_last_reference() -> None:
    source = BytesSource(b"[1]")
    source_reference = weakref.ref(source)
    gc.disable()
    try:
        layout = grow_until(IndentedJson(source), 3)
        assert layout.line(1) == "  1"
        del layout, source
        assert source_reference() is None
    finally:
        gc.enable()
