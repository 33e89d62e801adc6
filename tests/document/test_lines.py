from __future__ import annotations

import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document import layout as lines
from mixtui.document.layout import LONG, HexLines, TextLines
from mixtui.document.source import BytesSource
from mixtui.text import sanitize
from tests.document.bodies_to_show import GrowingSource, chunk_ends, piece_size

DATA = (
    st.binary(max_size=80)
    | st.text(alphabet="aé日🙂\n\r\t\u2028").map(str.encode)
    | st.lists(st.sampled_from([b"\n", b"\r\n", b"a", b"abc", b"\t", b"x" * 20])).map(
        b"".join
    )
)
SIZES = st.integers(1, 12)


def text_lines(data: bytes, start: int = 0) -> TextLines:
    text = TextLines(BytesSource(data), start)
    text.advance(len(data))
    return text


def all_lines(text: TextLines) -> list[str]:
    return [text.line(index) for index in range(text.line_count)]


def split_lines(data: bytes) -> list[bytes]:
    parts = data.split(b"\n")
    return parts if parts[-1] else parts[:-1]


def lines_of_parts(text: TextLines) -> list[bytes]:
    """Join the lines from the parts."""
    lines_so_far: list[bytes] = []
    for index in range(text.part_count):
        part = text.part(index)
        first, *following = part.text.split(b"\n")
        if part.start:
            assert (part.first_line, part.start) == (
                len(lines_so_far) - 1,
                len(lines_so_far[-1]),
            )
            lines_so_far[-1] += first
        else:
            assert part.first_line == len(lines_so_far)
            lines_so_far.append(first)
        lines_so_far += following
    return lines_so_far


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"a", ["a"], id="one line"),
        pytest.param(b"a\n", ["a"], id="ended line"),
        pytest.param(b"\n", [""], id="empty line"),
        pytest.param(b"a\n\nb", ["a", "", "b"], id="empty line between"),
        pytest.param(b"a\r\nb\r\n", ["a", "b"], id="CR LF"),
        pytest.param(b"a\rb", ["a␍b"], id="CR inside"),
        pytest.param("a\u2028b\u0085c\x0bd".encode(), ["a␦b␦c␋d"], id="no other ends"),
        pytest.param(b"a\xff\xe6\x97b", ["a\ufffd\ufffdb"], id="not UTF-8"),
        pytest.param(b"\x1b]0;title\x07", ["␛]0;title␇"], id="escape sequence"),
    ],
)
def test_lines_end_only_at_line_feeds(data: bytes, expected: list[str]) -> None:
    assert all_lines(text_lines(data)) == expected


@given(DATA, SIZES, st.integers(0, 3))
def test_lines_agree_with_split(data: bytes, size: int, start: int) -> None:
    start = min(start, len(data))
    expected = split_lines(data[start:])
    raw = [line.removesuffix(b"\r") for line in expected]
    decoded = [line.decode("utf-8", "replace") for line in raw]
    with piece_size(size):
        text = text_lines(data, start)
        assert all_lines(text) == [sanitize(line) for line in decoded]
        assert [text.raw(index) for index in range(text.line_count)] == raw
        assert lines_of_parts(text) == expected
        assert all(len(line) <= text.width for line in all_lines(text))


@given(DATA, SIZES, st.lists(st.integers(0, 100), max_size=12))
def test_while_it_grows_only_the_last_line_and_part_change(
    data: bytes, size: int, offsets: list[int]
) -> None:
    source = GrowingSource(data)
    previous: list[bytes] = []
    parts: list[object] = []
    with piece_size(size):
        text = TextLines(source)
        for end in chunk_ends(data, offsets):
            source.size = end
            text.advance(end)
            current = lines_of_parts(text)
            assert current == split_lines(data[:end])
            assert current[: len(previous[:-1])] == previous[:-1]
            current_parts = [text.part(index) for index in range(text.part_count)]
            assert current_parts[: len(parts[:-1])] == parts[:-1]
            previous, parts = current, list(current_parts)


@given(DATA, SIZES)
def test_every_byte_is_located(data: bytes, size: int) -> None:
    with piece_size(size):
        text = text_lines(data)
        position = 0
        for number, line in enumerate(split_lines(data)):
            for byte in range(len(line)):
                part = text.part(text.part_of(number, byte))
                content = part.text.split(b"\n")[number - part.first_line]
                within = byte - (part.start if number == part.first_line else 0)
                assert 0 <= within < len(content)
                assert content[within] == line[byte]
                assert text.line_at(position + byte) == (number, byte)
            position += len(line) + 1


@given(st.text(alphabet="aé日🙂\n", min_size=1).map(str.encode), SIZES)
def test_columns_are_characters(data: bytes, size: int) -> None:
    with piece_size(size):
        text = text_lines(data)
        for number, line in enumerate(split_lines(data)):
            for column in range(len(line.decode()) + 1):
                byte = len(line.decode()[:column].encode())
                assert text.column(number, byte) == column


@given(
    st.text(alphabet="aé日🙂").map(str.encode),
    st.integers(0, 70),
    st.integers(0, 9),
    SIZES,
)
def test_a_part_of_a_long_line_is_that_part(
    data: bytes, start: int, width: int, size: int
) -> None:
    with piece_size(size), pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "LONG", 0)
        text = text_lines(b"before\n" + data + b"\nnext")
        assert text.line(1, start, width) == data.decode()[start : start + width]


@given(st.binary(max_size=60), st.integers(0, 70), st.integers(0, 9), SIZES)
def test_a_part_of_a_long_line_of_other_bytes_is_not_too_long(
    data: bytes, start: int, width: int, size: int
) -> None:
    data = data.replace(b"\n", b"")
    with piece_size(size), pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "LONG", 0)
        line = text_lines(data + b"\nnext").line(0, start, width)
    assert len(line) <= width
    assert sanitize(line) == line


def test_only_the_requested_part_of_a_long_line_is_decoded() -> None:
    unit = "é日本🙂abcdefgh\x1b"
    text = text_lines((unit * (LONG // 10)).encode())
    assert text.line(0, len(unit) * 700, len(unit)) == sanitize(unit)


def test_the_width_counts_tabs() -> None:
    assert text_lines(b"\t\tab\nabcdef\n").width == 10


@pytest.mark.parametrize("index", [-1, 2])
def test_a_missing_line_is_an_index_error(index: int) -> None:
    text = text_lines(b"a\nb")
    for read_line in (text.line, text.raw, text.part_of, text.part):
        with pytest.raises(IndexError):
            read_line(index)
    with pytest.raises(IndexError):
        text.column(index, 0)


def test_a_source_that_became_shorter_is_read_as_far_as_it_goes() -> None:
    text = TextLines(BytesSource(b"a\nb"))
    text.advance(100)
    assert (text.end, all_lines(text)) == (3, ["a", "b"])


def test_lines_are_freed_with_their_last_reference() -> None:
    source = BytesSource(b"a\nb")
    source_reference = weakref.ref(source)
    gc.disable()
    try:
        text = TextLines(source)
        text.advance(3)
        assert text.line(1) == "b"
        del text, source
        assert source_reference() is None
    finally:
        gc.enable()


def hex_lines(data: bytes) -> HexLines:
    text = HexLines(BytesSource(data))
    text.advance(len(data))
    return text


def test_hex_lines_look_like_hexdump() -> None:
    text = hex_lines(b"\x1f\x8b|" + bytes(range(60, 76)))
    assert [text.line(i) for i in range(text.line_count)] == [
        "00000000  1f 8b 7c 3c 3d 3e 3f 40  41 42 43 44 45 46 47 48  |..|<=>?@ABCDEFGH|",
        "00000010  49 4a 4b                                          |IJK|",
    ]
    assert text.line(0, 10, 5) == "1f 8b"
    assert len(text.line(0)) == text.width
    assert text.raw(1) == text.line(1).encode()
    assert text.column(1, 5) == 5


def test_hex_lines_are_divided_into_parts() -> None:
    text = hex_lines(bytes(16 * 1024 + 1))
    assert (text.line_count, text.part_count) == (1025, 2)
    assert (text.part_of(1023), text.part_of(1024)) == (0, 1)
    part = text.part(1)
    assert (part.first_line, part.text) == (1024, text.raw(1024))
    assert text.part(0).text.count(b"\n") == 1023
    for read_line in (text.part, text.part_of, text.line):
        with pytest.raises(IndexError):
            read_line(1025)
