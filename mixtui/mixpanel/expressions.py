"""Tokenize segmentation expressions; their keywords and functions.

https://developer.mixpanel.com/reference/segmentation-expressions
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache

from msgspec import Struct

FUNCTIONS = (
    "defined",
    "number",
    "string",
    "boolean",
    "datetime",
    "floor",
    "round",
    "ceil",
)
SCOPES = ("properties", "user", "event")
CONSTANTS = ("true", "false", "undefined")
WORD_OPERATORS = ("in", "and", "or", "not")
SYMBOLS = frozenset(
    ("==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",")
)
"""Operators and brackets of the language; a token may also be foreign to it."""

_TOKEN = r"""\s*(?:
    (?P<placeholder>PLACEHOLDER)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<unterminated>["'].*)
  | (?P<word>[A-Za-z_$][\w$.]*)
  | (?P<symbol>===|!==|==|!=|<=|>=|<>|&&|\|\||[-+*/%<>=!&|()\[\],])
  | (?P<other>\S)
)"""
NO_PLACEHOLDER = "(?!)"
"""The pattern of placeholders in the language itself: it has none."""


class TokenKind(StrEnum):
    """The kind of a token."""

    NUMBER = "number"
    STRING = "string"
    UNTERMINATED = "unterminated"
    """A string without its closing quote."""
    WORD = "word"
    SYMBOL = "symbol"
    PLACEHOLDER = "placeholder"
    """Replaced by a value before the expression is sent."""
    OTHER = "other"
    """A character that is never part of an expression."""


class Token(Struct, frozen=True):
    """A part of an expression."""

    kind: TokenKind
    text: str
    start: int
    """In characters, from 0."""

    @property
    def end(self) -> int:
        """Return the offset after it."""
        return self.start + len(self.text)


def tokenize(text: str, placeholder: str = NO_PLACEHOLDER) -> list[Token]:
    """Split any text into tokens; only white space between them is dropped.

    Args:
        text: The expression.
        placeholder: The pattern of placeholders for values.
    """
    return [
        Token(TokenKind(kind), match[kind], match.start(kind))
        for match in _token_pattern(placeholder).finditer(text)
        if (kind := match.lastgroup) is not None
    ]


def property_names(text: str) -> Iterator[str]:
    """Yield the property names in an expression."""
    parts = tokenize(text)
    for scope, bracket, name in zip(parts, parts[1:], parts[2:], strict=False):
        if (
            scope.text in SCOPES
            and bracket.text == "["
            and name.kind is TokenKind.STRING
        ):
            yield unescape(name.text[1:-1])


def unescape(text: str) -> str:
    """Return the text of a string literal without its quotes."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def property_expression(name: str, scope: str = "properties") -> str:
    """Return the expression of a property: ``properties["name"]``."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{scope}["{escaped}"]'


@cache
def _token_pattern(placeholder: str) -> re.Pattern[str]:
    pattern = _TOKEN.replace("PLACEHOLDER", placeholder)
    return re.compile(pattern, re.VERBOSE | re.DOTALL)
