"""Tokenize one line for highlighting.

Each line is lexed alone, when it is displayed: a JSON string contains no raw line
break, so in indented JSON and in JSON lines no token spans lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from mixtui.document.document import Language
from mixtui.document.layout import BYTES_WIDTH, OFFSET_WIDTH

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType


class TokenKind(StrEnum):
    """The kind of a token."""

    KEY = "key"
    STRING = "string"
    NUMBER = "number"
    KEYWORD = "keyword"
    """true, false, null."""
    PUNCTUATION = "punctuation"
    TEXT = "text"
    """White space, and whatever is nothing else."""
    OFFSET = "offset"
    """The offset at the start of a hexadecimal line."""
    FOLDED = "folded"
    """The placeholder for folded lines."""
    TEMPLATE = "template"
    """A reference to a variable, in a text that is typed."""
    UNRESOLVED = "unresolved"
    """A reference to a variable that has no value."""
    SECRET = "secret"
    INPUT = "input"
    """A reference to a value that is masked."""
    ERROR = "error"
    """Not JSON."""


Token = tuple[TokenKind, str]


def tokens(line: str, language: Language, *, cropped: bool = False) -> list[Token]:
    """Split a line into tokens; their texts joined are the line.

    Args:
        line: One line, or a part of one.
        language: The language of the document.
        cropped: Whether the line's beginning is missing, so that it may start inside a
            string.
    """
    if not line:
        return []
    match language:
        case Language.JSON | Language.JSON_LINES:
            return _json_part(line) if cropped else _json(line)
        case Language.HEX:
            return _hex(line) if not cropped else [(TokenKind.TEXT, line)]
        case Language.CSV | Language.TEXT:
            return [(TokenKind.TEXT, line)]


def _json(line: str) -> list[Token]:
    kinds = _kinds()
    results = [
        (kinds.get(kind, TokenKind.TEXT), text)
        for _, kind, text in _lexer().get_tokens_unprocessed(line)
    ]
    kind, text = results[-1]
    if kind is TokenKind.ERROR and text[0] == '"':
        # The line was cut in the middle of this string.
        results[-1] = (TokenKind.STRING, text)
    return results


def _json_part(line: str) -> list[Token]:
    """Lex a partial line as if it started outside and inside a string; return the
    likelier.
    """
    outside = _json(line)
    inside = list(_without_first(_json('"' + line)))
    return inside if _count_errors(inside) < _count_errors(outside) else outside


def _without_first(tokens: list[Token]) -> Iterator[Token]:
    kind, text = tokens[0]
    if text[1:]:
        yield kind, text[1:]
    yield from tokens[1:]


def _count_errors(tokens: list[Token]) -> int:
    """Count signs of a wrong reading: errors, and strings such as ``", `` that begin
    where others end.
    """
    return sum(
        len(text) if kind is TokenKind.ERROR else text[1:2] in (",", ":", "]", "}")
        for kind, text in tokens
        if kind is TokenKind.ERROR or text[0] == '"'
    )


def _hex(line: str) -> list[Token]:
    end = OFFSET_WIDTH + 2 + BYTES_WIDTH
    parts = (
        (TokenKind.OFFSET, line[:OFFSET_WIDTH]),
        (TokenKind.NUMBER, line[OFFSET_WIDTH:end]),
        (TokenKind.STRING, line[end:]),
    )
    return [part for part in parts if part[1]]


@cache
def _lexer() -> Lexer:
    from pygments.lexers.data import JsonLexer

    return JsonLexer()


@cache
def _kinds() -> dict[_TokenType, TokenKind]:
    from pygments import token

    return {
        token.Name.Tag: TokenKind.KEY,
        token.String.Double: TokenKind.STRING,
        token.Number.Integer: TokenKind.NUMBER,
        token.Number.Float: TokenKind.NUMBER,
        token.Keyword.Constant: TokenKind.KEYWORD,
        token.Punctuation: TokenKind.PUNCTUATION,
        token.Error: TokenKind.ERROR,
    }
