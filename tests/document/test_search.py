"""Searching part by part finds what a search of the complete text would."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document import json_layout
from mixtui.document import layout as lines
from mixtui.document.document import Document, read
from mixtui.document.search import Match, Pattern, Search
from tests.document.growing import GrowingBody


def naive_matches(document: Document, pattern: Pattern) -> list[Match]:
    """Find every match in the joined text."""
    lines = [document.raw(line) for line in range(document.line_count)]
    text = b"\n".join(lines)
    matches = []
    for start, end in pattern.spans(text):
        line = text.count(b"\n", 0, start)
        begin = text.rfind(b"\n", 0, start) + 1
        line_end = max(len(lines[line]), start - begin + 1)
        matches.append(Match(line, start - begin, min(end - begin, line_end)))
    return matches


def pattern_of(expression: str) -> Pattern:
    return Pattern(re.compile(expression, re.MULTILINE))


def last_item(matches: Iterator[Match | None]) -> Match | None:
    *earlier, match = matches
    assert not any(earlier)
    return match


def check_against_naive(document: Document, pattern: Pattern) -> None:
    expected = naive_matches(document, pattern)
    search = Search(document.layout, pattern)
    if expected:
        assert search.number(expected[0]) is None
    for counted in (False, True):
        if counted:
            assert [0, *search.count()][-1] == len(expected)
            assert search.counted == len(expected)
        for line in range(document.line_count):
            for byte in range(len(document.raw(line)) + 1):
                position = bisect_left(expected, Match(line, byte, 0))
                after = expected[position % len(expected)] if expected else None
                before = expected[position - 1] if expected else None
                assert last_item(search.after(line, byte)) == after
                assert last_item(search.before(line, byte)) == before
    numbers = [search.number(match) for match in expected]
    assert numbers == list(range(1, len(expected) + 1))


# No match of these begins within another one, so the matches do not depend on
# where a search starts.
PATTERNS = [
    r"a",
    r"ab",
    r"aab",
    r"b$",
    r"^a",
    r"^ab$",
    r"\bab",
    r"(?<=b)a",
    r"é",
    r"[🙂é]b",
]


@given(
    st.text("ab\n", max_size=40) | st.text("abé🙂\n", max_size=30),
    st.sampled_from(PATTERNS),
    st.integers(3, 12),
)
def test_text_is_searched_across_the_parts_of_a_line(
    text: str, pattern: str, block: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        document = read(b"x" + text.encode(), "text/plain")
        check_against_naive(document, pattern_of(pattern))


BODIES = st.recursive(
    st.integers(0, 99) | st.text("abé", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.lists(BODIES, max_size=4),
    st.sampled_from(
        [r"a", r"aa", r'"', r"a*", r'^\s+"', r",$", r"[^,\n]+", r"q", r"é"]
    ),
    st.integers(1, 30),
)
def test_json_of_many_parts_is_searched(body: object, pattern: str, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_layout, "PIECE", piece)
        patch.setattr(json_layout, "FIRST_PIECE", piece)
        document = read(json.dumps(body, ensure_ascii=False).encode())
        check_against_naive(document, pattern_of(pattern))


def test_unformatted_text_after_formatted_json_is_searched_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_layout, "PIECE", 8)
    monkeypatch.setattr(json_layout, "FIRST_PIECE", 8)
    monkeypatch.setattr(lines, "BLOCK", 5)
    document = read(b'[{"a": 1}, {"a": 2}, {"a": 3}, {a: 4}, {"a": 5}]')
    assert "not valid JSON" in document.notice
    check_against_naive(document, pattern_of("a"))


def test_a_hexadecimal_dump_is_searched() -> None:
    check_against_naive(read(b"\0" * 40 + b"abcabc"), pattern_of("abc"))


@pytest.mark.parametrize("body", [b"", b"[]"])
def test_an_empty_body_has_no_matches(body: bytes) -> None:
    document = read(body)
    search = Search(document.layout, pattern_of("x"))
    assert list(search.count()) in ([], [0])
    assert last_item(search.after(0, 0)) is None
    assert last_item(search.before(0, 0)) is None


def test_a_match_of_several_lines_ends_with_its_first_line() -> None:
    document = read(b"one\ntwo\n", "text/plain")
    search = Search(document.layout, pattern_of("ne\ntw|\n"))
    assert last_item(search.after(0, 0)) == Match(0, 1, 3)


def test_counting_can_be_paused_after_each_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "BLOCK", 10)
    document = read(b"123456789\n" * 6, "text/plain")
    search = Search(document.layout, pattern_of("12|x"))
    counting = search.count()
    assert [next(counting), next(counting)] == [1, 2]
    assert search.number(Match(1, 0, 2)) == 2
    assert search.number(Match(2, 0, 2)) is None
    assert list(search.count()) == [3, 4, 5, 6]


def test_the_matches_in_a_line_are_located() -> None:
    search = Search(read(b"[]").layout, pattern_of("a*"))
    assert search.in_line("baab a") == [(1, 3), (5, 6)]


@given(
    st.lists(st.text("ab\n", max_size=9).map(str.encode), max_size=8),
    st.sampled_from(PATTERNS),
    st.integers(3, 9),
)
def test_no_match_is_missed_or_counted_twice_while_the_body_arrives(
    pieces: list[bytes], pattern: str, block: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        body = GrowingBody(b"x\n", "text/csv")
        search = Search(body.document.layout, pattern_of(pattern))
        for piece in pieces:
            body.append(piece)
            for _ in search.count(complete=False):
                pass
        body.append(b"", final=True)
        for _ in search.count():
            pass
        expected = naive_matches(body.document, search.pattern)
        assert search.counted == len(expected)
        assert [search.number(match) for match in expected] == list(
            range(1, len(expected) + 1)
        )


def test_pieces_of_json_are_counted_as_soon_as_they_are_formatted() -> None:
    body = GrowingBody(b'{"results":\n[' + b'{"a": 1}, ' * 5000)
    search = Search(body.document.layout, pattern_of('"a"'))
    counted = [0, *search.count(complete=False)][-1]
    assert counted > 100
    body.append(b"1]}", final=True)
    assert [0, *search.count()][-1] == 5000
