"""Tokens of a segmentation expression: every text has them, and none is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.mixpanel.expressions import (
    TokenKind,
    property_expression,
    tokenize,
    unescape,
)

KINDS = {
    "12.5e-3": TokenKind.NUMBER,
    '"a\\"b"': TokenKind.STRING,
    "'a'": TokenKind.STRING,
    '"a': TokenKind.UNTERMINATED,
    "user.plan": TokenKind.WORD,
    "$email": TokenKind.WORD,
    "<=": TokenKind.SYMBOL,
    "===": TokenKind.SYMBOL,
    "#": TokenKind.OTHER,
}


@pytest.mark.parametrize(("text", "kind"), KINDS.items())
def test_a_token_has_a_kind(text: str, kind: TokenKind) -> None:
    (token,) = tokenize(f" {text} " if kind is not TokenKind.UNTERMINATED else text)
    assert (token.kind, token.text) == (kind, text)


def test_a_placeholder_is_a_token_where_there_are_some() -> None:
    (token,) = tokenize("{{ a }}", placeholder=r"\{\{[^}]*\}\}")
    assert (token.kind, token.text) == (TokenKind.PLACEHOLDER, "{{ a }}")
    assert {token.kind for token in tokenize("{{")} == {TokenKind.OTHER}


@given(st.text(alphabet="ab1\"'\\()[]=!<>&| ,.-+{}$#"))
def test_only_white_space_stands_between_tokens(text: str) -> None:
    offset = 0
    for token in tokenize(text):
        assert not text[offset : token.start].strip()
        assert text[token.start : token.end] == token.text
        offset = token.end
    assert not text[offset:].strip()


@given(st.text())
def test_the_name_of_a_property_is_escaped_and_comes_back(name: str) -> None:
    scope, opening, string, closing = tokenize(property_expression(name, "user"))
    assert (scope.text, opening.text, closing.text) == ("user", "[", "]")
    assert unescape(string.text[1:-1]) == name
