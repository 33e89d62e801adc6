from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.core import lines
from mixtui.core.hex_lines import HexLines
from mixtui.core.lines import LONG, TextLines
from mixtui.core.visible import visible


def all_lines(data: bytes) -> list[str]:
    text = TextLines(data)
    return [text.line(index) for index in range(len(text))]


@pytest.mark.parametrize(
    ("data", "shown"),
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
def test_lines_end_at_line_feeds_alone(data: bytes, shown: list[str]) -> None:
    assert all_lines(data) == shown


@given(st.binary() | st.text(alphabet="aé日🙂\n\r\t\u2028").map(str.encode))
def test_lines_are_those_of_split(data: bytes) -> None:
    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()
    text = TextLines(data)
    decoded = [line.removesuffix(b"\r").decode("utf-8", "replace") for line in expected]
    assert all_lines(data) == [visible(line) for line in decoded]
    assert all(len(line) <= text.width for line in all_lines(data))


def test_lines_are_found_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"one\ntwo\n\nthree three three\nfour"
    expected, width = all_lines(data), TextLines(data).width
    for block in range(1, 9):
        monkeypatch.setattr(lines, "_BLOCK", block)
        assert all_lines(data) == expected
        assert TextLines(data).width == width == 17


@given(
    st.binary(max_size=60) | st.text(alphabet="aé日🙂").map(str.encode),
    st.integers(0, 70),
    st.integers(0, 9),
)
def test_a_part_of_a_long_line_is_that_part(
    data: bytes, start: int, width: int
) -> None:
    data = data.replace(b"\n", b"").replace(b"\r", b"").replace(b"\t", b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "LONG", 0)
        patch.setattr(lines, "_MARK_EVERY", 5)
        text = TextLines(data + b"\nnext")
        whole = text.line(0)
        assert text.line(0, start, width) == whole[start : start + width]


def test_of_a_very_long_line_only_a_part_is_decoded() -> None:
    unit = "é日本🙂abcdefgh\x1b"
    text = TextLines((unit * (LONG // 10)).encode())
    assert text.line(0, len(unit) * 700, len(unit)) == visible(unit)


def test_the_width_knows_tabs() -> None:
    assert TextLines(b"\t\tab\nabcdef\n").width == 10


@pytest.mark.parametrize("index", [-1, 2])
def test_a_line_that_is_not_there_is_an_index_error(index: int) -> None:
    with pytest.raises(IndexError):
        TextLines(b"a\nb").line(index)


def test_hex_lines_look_like_hexdump() -> None:
    text = HexLines(b"\x1f\x8b|" + bytes(range(60, 76)))
    assert [text.line(i) for i in range(len(text))] == [
        "00000000  1f 8b 7c 3c 3d 3e 3f 40  41 42 43 44 45 46 47 48  |..|<=>?@ABCDEFGH|",
        "00000010  49 4a 4b                                          |IJK|",
    ]
    assert text.line(0, 10, 5) == "1f 8b"
    assert len(text.line(0)) == text.width
