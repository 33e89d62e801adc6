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
    Growing,
    cut_at,
    encoded,
    grow_until,
    pieces,
)

HALVES = {
    "\\ud83d": "\N{LATIN SMALL LETTER EZH}",
    "\\ude42": "\N{GREEK SMALL LETTER XI}",
}
"""Escapes, and letters that are in no text."""
SIZES = st.integers(1, 100)


def layout_of(data: bytes) -> IndentedJson:
    return grow_until(IndentedJson(BytesSource(data)), len(data))


def raw(layout: IndentedJson) -> bytes:
    return b"\n".join(layout.raw(line) for line in range(layout.line_count))


def formatted(text: str) -> bytes:
    # Half a surrogate pair is more than msgspec takes.
    for half, stand_in in HALVES.items():
        text = text.replace(half, stand_in)
    lines = msgspec.json.format(encoded(text), indent=2)
    for half, stand_in in HALVES.items():
        lines = lines.replace(stand_in.encode(), half.encode())
    return lines


@given(DOCUMENTS, SIZES, SIZES)
def test_pieces_are_formatted_like_the_complete_document(
    text: str, size: int, first: int
) -> None:
    data = encoded(text)
    with pieces(size, first):
        layout = layout_of(data)
        assert raw(layout) == formatted(text)
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
    text: str, size: int, places: list[int]
) -> None:
    data = encoded(text)
    source = Growing(data)
    seen: list[bytes] = []
    with pieces(size):
        layout = IndentedJson(source)
        for end in cut_at(data, places):
            source.size = end
            for _ in layout.advance(end, final=False):
                pass
            now = [layout.raw(line) for line in range(layout.line_count)]
            assert now[: len(seen)] == seen
            assert not layout.problem
            seen = now
        assert raw(grow_until(layout, len(data))) == formatted(text)


@given(st.lists(DOCUMENTS, min_size=1, max_size=6), SPACES, SIZES)
def test_consecutive_documents_are_each_formatted(
    texts: list[str], between: str, size: int
) -> None:
    data = encoded(between.join(texts))
    with pieces(size):
        layout = layout_of(data)
        assert raw(layout) == b"\n".join(map(formatted, texts))
    assert (layout.problem, layout.documents) == ("", len(texts))


@given(
    st.lists(DOCUMENTS, min_size=1, max_size=4).map("".join).map(encoded),
    st.integers(0),
    st.sampled_from([b"", b"]", b"}", b",", b"x", b'"', b"\\", b"\0", b"\xff", b"[,"]),
    st.booleans(),
    SIZES,
    st.lists(st.integers(0, 1000), max_size=9),
)
def test_an_error_is_the_same_in_pieces_of_any_size(
    data: bytes, place: int, wrong: bytes, cut: bool, size: int, places: list[int]
) -> None:
    place %= len(data) + 1
    data = data[:place] + wrong + (b"" if cut else data[place:])
    expected = layout_of(data)
    lines = raw(expected)
    with pieces(size):
        source = Growing(data)
        layout = IndentedJson(source)
        for end in cut_at(data, places):
            source.size = end
            for _ in layout.advance(end, final=False):
                pass
        grow_until(layout, len(data))
        assert raw(layout) == lines
    assert layout.problem == expected.problem
    assert layout.formatted_lines == expected.formatted_lines
    assert layout.documents == expected.documents


@given(VALUES)
def test_indenting_changes_nothing_but_space(text: str) -> None:
    data = encoded(f"[{text}]")
    pairs = {"object_pairs_hook": tuple, "parse_float": str, "parse_int": str}
    assert json.loads(raw(layout_of(data)), **pairs) == json.loads(data, **pairs)


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
        with pieces(size):
            layout = layout_of(data)
            shown = [layout.line(line) for line in range(layout.line_count)]
        assert shown == lines
        assert layout.problem == f"not valid JSON ({problem})"


@pytest.mark.parametrize("depth", [251, 400, 900, 100_000])
@pytest.mark.parametrize("size", [50, 300, 1 << 17])
def test_what_is_too_deep_is_as_it_came(depth: int, size: int) -> None:
    data = b'{"a":1,"b":' + b"[" * depth + b"1,2" + b"]" * depth + b"}"
    with pieces(size):
        layout = layout_of(data)
        assert raw(layout) == b'{\n  "a": 1,\n' + data[7:]
    assert layout.problem == "nested too deeply to be indented"


@pytest.mark.parametrize("size", [50, 1 << 17])
def test_what_is_as_deep_as_can_be_shown_is_indented(size: int) -> None:
    data = b"[" * 250 + b"[],1,2" + b"]" * 250
    with pieces(size):
        assert raw(layout_of(data)) == msgspec.json.format(data, indent=2)


def test_indentation_takes_no_more_memory_than_is_sensible() -> None:
    data = b"[" * 900 + b"1," * 50_000 + b"1" + b"]" * 900
    assert layout_of(data).line_count == 1


def test_a_value_too_long_to_be_formatted_is_unchanged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_layout, "_LONGEST_PIECE", 1 << 10)
    data = b'["a","' + b"x" * 2000 + b'","b"]'
    with pieces(128):
        layout = layout_of(data)
        assert raw(layout) == b'[\n  "a",\n' + data[5:]
    assert layout.problem == "one value of more than 64 MB"


def test_documents_without_a_comma_are_shown_before_the_end() -> None:
    data = b"[1]\n" * 100
    with pieces(50):
        layout = IndentedJson(BytesSource(data))
        for _ in layout.advance(len(data), final=False):
            pass
        assert layout.line_count > 250
    assert raw(grow_until(layout, len(data))) == b"\n".join([b"[\n  1\n]"] * 100)


def test_a_long_value_is_not_scanned_again_for_every_byte_that_arrives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    real = json_layout.cut
    monkeypatch.setattr(
        json_layout,
        "cut",
        lambda data, stack: sizes.append(len(data)) or real(data, stack),
    )
    source = Growing(b'["' + b"x" * 5000)
    layout = IndentedJson(source)
    for end in range(1, 5000):
        source.size = end
        for _ in layout.advance(end, final=False):
            pass
    assert len(sizes) < 20


def test_a_part_of_a_very_long_line_is_decoded_alone() -> None:
    layout = layout_of('["{}","{}"]'.format("日本🙂" * 9000, "abc" * 9000).encode())
    assert layout.line(1, 5, 4) == "🙂日本🙂"
    assert layout.line(2, 4, 3) == "bca"
    assert layout.line(1, 3 * 9000, 100) == sanitize('日本🙂",')[:5]


def test_the_text_may_start_further_on() -> None:
    data = b"\xef\xbb\xbf[1,  x"
    layout = grow_until(IndentedJson(BytesSource(data), 3), len(data))
    assert raw(layout) == b"[\n  1,\n  x"


@pytest.mark.parametrize("line", [-1, 3])
def test_a_line_that_is_not_there_is_an_index_error(line: int) -> None:
    layout = layout_of(b"[1]")
    for look in (layout.raw, layout.line, layout.part_of, layout.part):
        with pytest.raises(IndexError):
            look(line)


def test_a_layout_goes_with_the_last_who_has_it() -> None:
    source = BytesSource(b"[1]")
    gone = weakref.ref(source)
    gc.disable()
    try:
        layout = grow_until(IndentedJson(source), 3)
        assert layout.line(1) == "  1"
        del layout, source
        assert gone() is None
    finally:
        gc.enable()
