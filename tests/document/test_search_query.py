"""Search patterns agree with Python's, but stay within a line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document.search import SearchQuery
from mixtui.model.errors import SearchError

LETTERS = "aAbBéÉßσΣςжЖ日😀"


def matched_texts(query: SearchQuery, text: str) -> list[str]:
    data = text.encode()
    return [data[start:end].decode() for start, end in query.pattern().spans(data)]


@pytest.mark.parametrize(
    ("query", "text", "matches"),
    [
        (SearchQuery("sign up"), "Sign up, SIGN UP", ["Sign up", "SIGN UP"]),
        (SearchQuery("Sign up"), "Sign up, SIGN UP", ["Sign up"]),
        (SearchQuery("sign up", case=True), "Sign up, sign up", ["sign up"]),
        (SearchQuery("köln"), "KÖLN Köln koln", ["KÖLN", "Köln"]),
        (SearchQuery("Köln"), "KÖLN Köln", ["Köln"]),
        (SearchQuery("σας"), "ΣΑΣ", ["ΣΑΣ"]),
        (SearchQuery("a.b*"), "A.B* axb", ["A.B*"]),
        (SearchQuery("é"), r"\u00e9 é", ["é"]),
        (SearchQuery(r"\u00e9"), r"\u00E9 é", [r"\u00E9"]),
        (SearchQuery(r"\u00e9", regex=True), r"\u00e9 é", ["é"]),
        (SearchQuery(r"\\u00E9", regex=True), r"\u00E9 é", [r"\u00E9"]),
        (SearchQuery("a.c", regex=True), "a€c A😀C a\nc", ["a€c", "A😀C"]),
        (SearchQuery(r"\Sbc", regex=True), "€bC", ["€bC"]),
        (SearchQuery(r"\Sbc", case=True, regex=True), "€bC €bc", ["€bc"]),
        (SearchQuery("[^x]z", regex=True), "€z xz", ["€z"]),
        (SearchQuery("[а-я]+", regex=True), "Жук beetle", ["Жук"]),
        (SearchQuery("é{2}", regex=True), "éÉ é", ["éÉ"]),
        (SearchQuery(r"\bcaf\b", regex=True), "café caf", ["caf"]),
        (SearchQuery("^b$", regex=True), "a\nb\nc", ["b"]),
        (SearchQuery(r"(é)\1", regex=True), "éé", ["éé"]),
        (SearchQuery(r"(?P<x>a)(?P=x)(?#two)", regex=True), "aa", ["aa"]),
        (SearchQuery(r"(?<=é)x(?!y)", regex=True), "éx éxy", ["x"]),
        (SearchQuery(r"[\d\-\]\x41\t]+", regex=True), "1-]A\t", ["1-]A\t"]),
        (SearchQuery(r"\xe9\351\U0001F600\101", regex=True), "éé😀A", ["éé😀A"]),
        (SearchQuery("[]a]+", regex=True), "]a", ["]a"]),
        (SearchQuery("[a-]+", regex=True), "-a", ["-a"]),
        (SearchQuery("[[a]", regex=True), "[", ["["]),
        (SearchQuery("[^]a]+", regex=True), "b]\nc", ["b", "c"]),
        (SearchQuery("[^a-]+", regex=True), "b-\nc", ["b", "c"]),
        (SearchQuery(r"[^,]+", regex=True), "a,b\nc", ["a", "b", "c"]),
        (SearchQuery(r"\s+", regex=True), "a \t\n b", [" \t", " "]),
        (SearchQuery(r"\D\W", regex=True), "a.\n. \n", ["a.", ". "]),
        (SearchQuery(r"[\s\W]+", regex=True), "a .\n. b", [" .", ". "]),
        (SearchQuery(r"[\D]+", regex=True), "a\nb", ["a", "b"]),
        (SearchQuery(r"[^\S]+", regex=True), "a \n b", [" ", " "]),
        (SearchQuery(r"a\nb|\n\n", regex=True), "a\nb\n\n", ["a\nb", "\n\n"]),
        (SearchQuery(r"[\s\n]+", regex=True), "a \n b", [" \n "]),
        (SearchQuery(r"b(?#[^)x", regex=True), "bx", ["bx"]),
        (SearchQuery(r"\[^a]", regex=True), "[^a]", []),
        (SearchQuery(r"\w+", regex=True), "a€é 日本", ["a", "é", "日本"]),
        (SearchQuery(r"\d\s", regex=True), "٣\u00a0x", ["٣\u00a0"]),
        (SearchQuery("(?i)KÖLN", regex=True), "köln", ["köln"]),
        (SearchQuery(r"\N{BULLET}", regex=True), "•", ["•"]),
        (SearchQuery("[\x80-\U0010ffff]+", regex=True), "a日😀b", ["日😀"]),
        (SearchQuery("(?P<é>a)(?P=é)", regex=True), "aa", ["aa"]),
    ],
)
def test_a_query_finds_its_matches(
    query: SearchQuery, text: str, matches: list[str]
) -> None:
    assert matched_texts(query, text) == matches


@pytest.mark.parametrize(
    ("text", "sentence", "position"),
    [
        ("", "Enter a search term.", None),
        (
            "é[a",
            "Not a valid regular expression: unterminated character set (column 2).",
            1,
        ),
        (
            "a\\",
            "Not a valid regular expression: bad escape (end of pattern) (column 2).",
            1,
        ),
        (
            "a{99999999999}",
            "This regular expression is too large: simplify it.",
            None,
        ),
    ],
)
def test_an_error_is_reported_with_its_position(
    text: str, sentence: str, position: int | None
) -> None:
    with pytest.raises(SearchError) as caught:
        SearchQuery(text, regex=True).pattern()
    assert (str(caught.value), caught.value.position) == (sentence, position)


@given(query=st.text(LETTERS, min_size=1, max_size=3), text=st.text(LETTERS))
def test_a_text_matches_as_in_python(query: str, text: str) -> None:
    search_query = SearchQuery(query)
    flags = re.NOFLAG if search_query.matches_case else re.IGNORECASE
    assert matched_texts(search_query, text) == re.findall(
        re.escape(query), text, flags
    )


atoms = st.sampled_from(
    [*LETTERS, ".", r"\w", r"\d", r"\b", "[aé]", "[^aé]", "[б-й]", "[^б-й日]", "^", "$"]
)
repeated = st.builds(
    lambda atom, count: atom if atom in (r"\b", "^", "$") else atom + count,
    atoms,
    st.sampled_from(["", "", "+", "*", "?", "{2}", "+?"]),
)
expressions = st.recursive(
    st.lists(repeated, min_size=1, max_size=3).map("".join),
    lambda inner: st.builds("(?:{}|{})".format, inner, inner),
    max_leaves=3,
)


@given(pattern=expressions, text=st.text(f"{LETTERS}1"))
def test_a_regular_expression_matches_as_in_python(pattern: str, text: str) -> None:
    query = SearchQuery(pattern, regex=True)
    flags = re.MULTILINE if query.matches_case else re.MULTILINE | re.IGNORECASE
    assert matched_texts(query, text) == [
        match for match in re.findall(pattern, text, flags) if match
    ]


@given(text=st.text(), regex=st.booleans(), data=st.binary())
def test_any_text_is_a_pattern_or_an_error(text: str, regex: bool, data: bytes) -> None:
    try:
        pattern = SearchQuery(text, regex=regex).pattern()
    except SearchError as error:
        assert str(error)
    else:
        assert all(start < end <= len(data) for start, end in pattern.spans(data))


def test_a_regular_expression_that_never_ends_times_out() -> None:
    pattern = SearchQuery("(a|aa)+$", regex=True).pattern()
    with pytest.raises(SearchError, match="takes too long"):
        list(pattern.spans(b"a" * 60 + b"b", timeout=0.01))
