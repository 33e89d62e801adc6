from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document import text as pager_text
from mixtui.document.source import BytesSource
from mixtui.document.text import is_harmless, sanitize_for_pager
from mixtui.text import MARK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a\tb\r\nc\n", "a\tb\r\nc\n"),
        (b"\x1b[31m", "␛[31m"),
        (b"\x00\x07\x7f\r", "␀␇␡␍"),
        ("caf\u00e9 « » \u009b2J".encode(), f"café « » {MARK}2J"),
    ],
)
def test_control_characters_become_pictures(text: bytes, expected: str) -> None:
    assert b"".join(sanitize_for_pager([text])).decode() == expected


@given(st.text(alphabet="a\r\n\t\x1b\x9b\xe9\x7f«"), st.integers(1, 4))
def test_the_result_does_not_depend_on_the_pieces(text: str, step: int) -> None:
    data = text.encode()
    pieces = [data[offset : offset + step] for offset in range(0, len(data), step)]
    assert b"".join(sanitize_for_pager(pieces)) == b"".join(sanitize_for_pager([data]))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"plain", True),
        ("« café »\r\n\t".encode(), True),
        (b"a\x1b[2J", False),
        ("ab\u009b2J".encode(), False),
        ("abc\u009b2J".encode(), False),
        (b"\xff\xc2", True),
    ],
)
def test_an_escape_is_found_in_any_piece(
    body: bytes, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pager_text, "_STEP", 4)
    assert is_harmless(BytesSource(body)) is expected
