"""JSON as a server sends it: read leniently, and refused with one error."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.jsonbytes import (
    NotJson,
    decode,
    read_leniently,
    split_member,
    string_text,
)


@given(st.text(), st.booleans())
def test_a_string_stands_for_its_text(text: str, ascii_only: bool) -> None:
    raw = json.dumps(text, ensure_ascii=ascii_only).encode()
    assert string_text(raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'"\\ud800"', "\ud800"),
        (b'"a\nb"', "a\nb"),
        (b'"\xff"', "\ufffd"),
        (b'"a', None),
        (b'"a"b"', None),
        (b"1", None),
        (b"", None),
    ],
)
def test_a_string_is_read_as_leniently_as_it_is_shown(
    raw: bytes, text: str | None
) -> None:
    assert string_text(raw) == text


@pytest.mark.parametrize(
    ("member", "name", "value"),
    [
        (b'"a": {"b": 1}', b'"a"', b'{"b": 1}'),
        (b'"a\\": " :[]', b'"a\\": "', b"[]"),
        (b'"a"', b"", b'"a"'),
        (b"[1]", b"", b"[1]"),
    ],
)
def test_a_member_is_divided_into_name_and_value(
    member: bytes, name: bytes, value: bytes
) -> None:
    assert split_member(member) == (name, value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"\xff": 1}',
        b'["\xff\\n"]',
        b'["\xed\xa0\x80"]',
        b'["\\ud800"]',
        b'["a\x00"]',
        b"[" * 200_000 + b"]" * 200_000,
        b"[1] 2",
    ],
)
def test_whatever_cannot_be_decoded_is_one_error(text: bytes) -> None:
    with pytest.raises(NotJson):
        decode(text)


def test_a_document_of_another_type_is_not_decoded() -> None:
    assert decode(b"[1]", list[int]) == [1]
    with pytest.raises(NotJson, match="expected `int`"):
        decode(b'["1"]', list[int])


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000, "1e400"])
def test_a_number_of_any_length_is_read_leniently(number: str) -> None:
    value = read_leniently(f'{{"error": "x", "n": {number}}}')
    assert value == {"error": "x", "n": float(number)}
