"""The tokens of SQL that is typed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mixtui.document.highlight import Token, TokenKind

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType


def sql_tokens(line: str) -> list[Token]:
    """Split a line into tokens; their texts joined are the line.

    Each line is lexed alone: a comment or a text that began in another one is not known.
    """
    found = sql_lexer().get_tokens_unprocessed(line)
    return [(_kind(token), text) for _, token, text in found]


@cache
def _kind(token: _TokenType) -> TokenKind:
    parents = token.split()
    found = (kind for parent, kind in _kinds() if parent in parents)
    return next(found, TokenKind.TEXT)


@cache
def sql_lexer() -> Lexer:
    """Return the lexer; the first call imports its words, which takes 30 ms."""
    from pygments.lexers.sql import SqlLexer

    return SqlLexer()


@cache
def _kinds() -> tuple[tuple[_TokenType, TokenKind], ...]:
    from pygments import token

    return (
        (token.Comment, TokenKind.FOLDED),
        (token.Keyword, TokenKind.KEYWORD),
        (token.Name.Builtin, TokenKind.KEYWORD),
        (token.String.Symbol, TokenKind.KEY),
        (token.String, TokenKind.STRING),
        (token.Number, TokenKind.NUMBER),
        (token.Punctuation, TokenKind.PUNCTUATION),
    )
