"""Tokenize segmentation expressions; their keywords and functions.

https://developer.mixpanel.com/reference/segmentation-expressions
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

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
"""Operators and brackets of the language; a token may hold one of another language."""

_TOKEN = r"""\s*(?:
    (?P<placeholder>PLACEHOLDER)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<unterminated>["'].*)
  | (?P<word>[A-Za-z_$][\w$.]*)
  | (?P<symbol>===|!==|==|!=|<=|>=|<>|&&|\|\||[-+*/%<>=!&|()\[\],])
  | (?P<other>\S)
)"""
_NEVER = "(?!)"


class TokenKind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    STRING = "string"
    UNTERMINATED = "unterminated"
    """A string without its closing quote."""
    WORD = "word"
    SYMBOL = "symbol"
    PLACEHOLDER = "placeholder"
    """Stands for a value that is filled in before the expression is sent."""
    OTHER = "other"
    """A character that no expression holds."""


@dataclass(frozen=True, slots=True)
class Token:
    """A part of an expression."""

    kind: TokenKind
    text: str
    start: int
    """In characters, from 0."""

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.start + len(self.text)


def tokenize(text: str, placeholder: str = _NEVER) -> list[Token]:
    """Split any text into tokens; only the white space between them is dropped.

    Args:
        text: The expression.
        placeholder: The pattern of what stands for a value; the language has none.
    """
    return [
        Token(TokenKind(kind), match[kind], match.start(kind))
        for match in _token_pattern(placeholder).finditer(text)
        if (kind := match.lastgroup) is not None
    ]


def unescape(text: str) -> str:
    """Return what the inside of a string stands for."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def property_expression(name: str, scope: str = "properties") -> str:
    """Return the expression of a property: ``properties["name"]``."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{scope}["{escaped}"]'


@cache
def _token_pattern(placeholder: str) -> re.Pattern[str]:
    pattern = _TOKEN.replace("PLACEHOLDER", placeholder)
    return re.compile(pattern, re.VERBOSE | re.DOTALL)
